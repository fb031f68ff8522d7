import re
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from ladder_tables import constant_tokens, crossed, mixed_rules, one_ratio, other_rule, partly_missing, with_losses

import bayes_scaling as bs
from bayes_scaling.model.pooling import prior_vectors
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.compiling import compile_model
from bayes_scaling.sampling.fitting import sample_specification
from bayes_scaling.sampling.sampler import Sampled


def test_default_fit_converges_and_says_so(cerebras_fit):
    assert cerebras_fit.converged
    assert cerebras_fit.verdict.startswith("converged: R-hat at most 1.0")
    assert cerebras_fit.posterior.sizes["chain"] == 4
    assert 300 <= cerebras_fit.posterior.sizes["draw"] < 1000  # as many as are enough


def test_exponents_agree_with_least_squares_where_scores_are_far_from_chance(cerebras_fit):
    """LAMBADA has no floor and 5,153 items: its exponent is what a line through log(-log score) says."""
    frame = cerebras_fit.runs.select(benchmark="lambada_openai").frame
    slope = np.polyfit(np.log(frame["flops"]), np.log(-np.log(frame["accuracy"])), 1)[0]
    draws = cerebras_fit.posterior["exponent"].sel(curve="lambada_openai")
    low, high = draws.quantile([0.05, 0.95])
    assert low < -slope < high


def test_same_seed_same_draws(families_runs, families_fit):
    with pytest.warns(bs.ConvergenceWarning, match="not converged"), pytest.warns(bs.RatioWarning, match="fall from"):
        again = bs.fit(bs.DirectLaw(), families_runs, draws=50, tune=200, chains=2, random_seed=1, progressbar=False)
    assert again.posterior.equals(families_fit.posterior)
    assert again.provenance["random_seed"] == 1


def test_prior_forecast_covers_the_scores_without_reading_them(cerebras_train):
    prior = bs.sample_prior(bs.DirectLaw(), cerebras_train, draws=400, random_seed=1)
    table = prior.table()
    assert len(prior) == len(cerebras_train)
    inside = (cerebras_train.frame["accuracy"] >= table["low_90"]) & (
        cerebras_train.frame["accuracy"] <= table["high_90"]
    )
    assert inside.mean() > 0.85
    assert (table["high_90"] - table["low_90"]).mean() > 0.2
    assert "drawn from the prior" in prior.notes
    same = bs.sample_prior(bs.DirectLaw(), cerebras_train, draws=400, random_seed=1)
    assert np.array_equal(prior.draws["score"], same.draws["score"])


def test_prior_forecast_follows_the_priors(cerebras_train):
    wide = bs.sample_prior(bs.DirectLaw(), cerebras_train, draws=400, random_seed=1)
    narrow_law = bs.DirectLaw(level=bs.Normal(0.3, 0.05), level_benchmark_sd=0.05, exponent_benchmark_sd=0.05)
    narrow = bs.sample_prior(narrow_law, cerebras_train, draws=400, random_seed=1)
    assert narrow.draws["expected"].std("sample").mean() < 0.5 * wide.draws["expected"].std("sample").mean()


def test_a_single_score_is_said_in_words(cerebras_train):
    frame = cerebras_train.frame
    kept = frame[(frame["benchmark"] != "piqa") | (frame["run"] == "Cerebras-1.3B")]
    kept = kept[kept["benchmark"].isin(["piqa", "hellaswag", "arc_easy"])]
    with (
        pytest.warns(bs.ThinDataWarning, match="a single budget for piqa: the exponent there is the population's"),
        pytest.warns(bs.ConvergenceWarning),
    ):
        bs.fit(bs.DirectLaw(), bs.Runs(kept), draws=10, tune=50, chains=2, random_seed=1, progressbar=False)


@pytest.mark.parametrize(
    ("law", "table", "words"),
    [
        (
            bs.DirectLaw(),
            constant_tokens,
            ["tokens per parameter fall from 3000 to 30 along suite: DirectLaw reads FLOPs alone .* GeneralLaw()"],
        ),
        (bs.TwoStageLaw(), with_losses, ["tokens per parameter fall .* TwoStageLaw(inputs='ratio') reads"]),
        (
            bs.GeneralLaw(),
            partly_missing,
            ["params or tokens are missing for 2 of 8 runs .* reads FLOPs alone of all", "tokens per parameter fall"],
        ),
        (bs.DirectLaw(), one_ratio, []),
        (bs.DirectLaw(), crossed, []),
        (bs.DirectLaw(), other_rule, []),
        (bs.RatioLaw(), constant_tokens, []),
        (bs.GeneralLaw(), constant_tokens, []),
    ],
)
def test_fit_warns_a_law_that_does_not_see_a_drift(law, table, words, monkeypatch):
    """Before anything is compiled."""
    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", lambda *_, **__: 1 / 0)
    runs = table()
    with warnings.catch_warnings(record=True, action="always") as caught, pytest.raises(ZeroDivisionError):
        bs.fit(law, runs, progressbar=False)
    said = [warning for warning in caught if issubclass(warning.category, bs.RatioWarning)]
    assert len(said) == len(words)
    for warning, pattern in zip(said, words, strict=True):
        assert re.match(pattern.replace("(", r"\(").replace(")", r"\)"), str(warning.message))
        assert warning.filename == __file__


def test_fit_warns_where_sizes_follow_by_another_rule(monkeypatch):
    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", lambda *_, **__: 1 / 0)
    runs = mixed_rules()
    with (
        pytest.warns(
            bs.ThinDataWarning, match=r"FLOPs of 1 run \('suite-3'\) are exactly 6 \* params \* tokens, beside"
        ),
        pytest.raises(ZeroDivisionError),
    ):
        bs.fit(bs.GeneralLaw(), runs, progressbar=False)


def test_fit_warns_of_each_thing_that_a_table_leaves_open(cerebras_train, monkeypatch):
    """Before anything is compiled."""
    frame = cerebras_train.frame
    kept = (frame["benchmark"] != "piqa") | (frame["run"] == "Cerebras-1.3B")
    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", lambda *_, **__: 1 / 0)
    with pytest.warns(bs.ThinDataWarning) as caught, pytest.raises(ZeroDivisionError):
        bs.fit(bs.RatioLaw(), bs.Runs(frame[kept]), progressbar=False)
    first, second = (str(warning.message) for warning in caught)
    assert first.startswith("a single budget for piqa")
    assert second.startswith("tokens per parameter hardly vary: ")
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize(
    ("law", "name"),
    [
        (bs.DirectLaw(), "cerebras_train"),
        (bs.RatioLaw(), "families_runs"),
        (bs.PassAtKLaw(), "rates_runs_of_five"),
        (bs.PassAtKLaw(form="log-linear"), "rates_runs_of_five"),
        (bs.PassAtKLaw(), "counts_runs_of_five"),
    ],
    ids=repr,
)
def test_prior_forecasts_of_every_law(law, name, request):
    runs = request.getfixturevalue(name)
    prior = bs.sample_prior(law, runs, draws=100, random_seed=1)
    assert len(prior) == len(runs)
    assert prior.notes[0] == "drawn from the prior"
    for values in prior.draws.values():
        assert ((values >= 0) & (values <= 1)).all()
    same = bs.sample_prior(law, runs, draws=100, random_seed=1)
    assert np.array_equal(prior.draws["score"], same.draws["score"])


def test_hopeless_draws_of_a_prior_are_drawn_too(counts_runs_of_five):
    """Shapes of their beta distributions went beyond what floats hold, which NumPy refused."""
    few = counts_runs_of_five.select(benchmark="code", run=["run0", "run4"])
    prior = bs.sample_prior(bs.PassAtKLaw(), few, draws=2000, random_seed=1)
    assert np.isfinite(prior.draws["score"]).all()


def test_populations_start_within_the_width_of_their_priors(rates_runs_of_five):
    """A start far out in a narrow prior left chains of the log-linear form where they never came back from."""
    spec = specify(bs.PassAtKLaw(form="log-linear"), rates_runs_of_five)
    compiled, _ = compile_model(spec)
    centre, sd = np.array([(hyper.mean, hyper.sd) for hyper in spec.layout.hypers]).T
    starts = np.array([compiled.initial_point_func(seed)[: len(sd)] for seed in range(20)])
    assert (np.abs(starts - centre) <= np.minimum(sd, 1.0) + 1e-9).all()
    assert (starts.std(axis=0) > 0.3 * np.minimum(sd, 1.0)).all()
    assert np.array_equal(starts[3], compiled.initial_point_func(3)[: len(sd)])


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("tune", 0), ("chains", 1)])
def test_impossible_settings_are_refused(cerebras_train, name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}; expected a whole number, at least"):
        bs.fit(bs.DirectLaw(), cerebras_train, **{name: value})


def test_planned_runs_cannot_be_fitted():
    planned = bs.Runs(pd.DataFrame({"run": ["a"], "flops": [1e20], "benchmark": ["hellaswag"]}))
    with pytest.raises(ValueError, match="no accuracy column"):
        bs.fit(bs.DirectLaw(), planned)


@pytest.mark.parametrize("of", ["scores", "losses"])
def test_where_draws_diverge_steps_get_shorter_whatever_the_law(of, cerebras_spec, monkeypatch):
    """The sampler is replaced by one whose first try diverges."""
    spec = cerebras_spec
    if of == "losses":
        spec = specify(bs.TwoStageLaw(), bs.load_dataset("cerebras_gpt")).stage_one
    accepted = []

    def first_diverges(compiled, *, seed, target_accept, **options):
        accepted.append(target_accept)
        vectors = prior_vectors(spec.law, spec.layout, spec.reference, np.random.default_rng(seed), 20)
        statistics = xr.Dataset({"diverging": (("chain", "draw"), np.full((2, 10), len(accepted) == 1))})
        by_chain = {name: values.reshape(2, 10, -1) for name, values in vectors.items()}
        return Sampled(by_chain, statistics.assign(e_bfmi=1.0))

    monkeypatch.setattr("bayes_scaling.sampling.fitting.run_sampler", first_diverges)
    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", lambda *_, **__: (None, False))
    options = {"draws": 10, "tune": 10, "chains": 2, "progressbar": False, "keep_interrupted": False}
    fit = sample_specification(spec, spec.runs, seed=1, reuse=False, **options)
    first, second = accepted
    assert 1 - second == pytest.approx((1 - first) / 3, abs=1e-3)
    assert fit.provenance["target_accept"] == second
