import numpy as np
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.forecasting.budget_rows import flops_rule
from bayes_scaling.forecasting.from_fit import quiet_forecast
from bayes_scaling.laws.surroundings import DEVIATES_BY
from bayes_scaling.planning.allocation import _curves, _two
from bayes_scaling.planning.best_sizes import SizeSearch

FAMILY = "Pythia"


@pytest.fixture(scope="module")
def answer(ratio_fit):
    return bs.allocate(ratio_fit, [1e22, 1e24], "piqa", family=FAMILY)


def test_one_benchmark_has_the_published_optimum(ratio_fit, answer):
    """N* = (alpha A / beta B)^(1 / (alpha + beta)) (C / kappa)^(beta / (alpha + beta)), Hoffmann et al., eq. 4."""
    curves = _curves(ratio_fit, FAMILY, {"piqa": 1.0})
    of = curves.law.derived(curves.at) | {"level": curves.at["level"]}
    alpha, beta, w, level = (of[name][:, 0] for name in ("params_exponent", "tokens_exponent", "params_share", "level"))
    scale_params = w * np.exp(level + alpha * curves.centre("params")[0])
    scale_tokens = (1 - w) * np.exp(level + beta * curves.centre("tokens")[0])
    for place, flops in enumerate((1e22, 1e24)):
        room = flops / flops_rule(ratio_fit.reference)
        best = (alpha * scale_params / (beta * scale_tokens)) ** (1 / (alpha + beta)) * room ** (beta / (alpha + beta))
        assert answer.params[:, place] == pytest.approx(best, rel=1e-9)
        assert answer.params[:, place] * answer.tokens[:, place] == pytest.approx(np.full(len(best), room), rel=1e-9)


@pytest.fixture(scope="module")
def turning_fit(families_runs):
    """Draws of the general law whose turns all matter, without a smooth deviation."""
    bare = {f"{group}_amplitude": None for group in DEVIATES_BY}
    law = bs.GeneralLaw(change=bs.LogNormal(0.7, 0.2), break_point=bs.Normal(2.0, 1.0), **bare)
    return prior_fit(law, families_runs, draws=100)


@pytest.fixture(scope="module", params=["ratio_fit", "turning_fit"])
def sized_fit(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("weights", [{"piqa": 1.0}, {"piqa": 0.7, "hellaswag": 0.3}])
@pytest.mark.parametrize("served", [0.0, 3e12])
def test_it_is_the_best_of_a_fine_grid(sized_fit, weights, served):
    found = SizeSearch(_curves(sized_fit, FAMILY, weights), 1e23, served)
    best = found.best()
    grid = np.linspace(np.log(1e8), np.log(1e12), 4001)
    utility = found.curves.utility(grid[None], found.tokens(grid)[None])
    brute = grid[np.nanargmax(utility, axis=1)]
    inside = (brute > grid[0]) & (brute < grid[-1])
    assert inside.mean() > 0.9
    flat = np.nanmax(utility, axis=1) - np.nanmin(utility, axis=1) < 0.01  # where any size will do
    assert np.abs(best - brute)[inside & ~flat].max() < 0.01
    assert (found.utility(best) >= np.nanmax(utility, axis=1) - 5e-5)[inside].all()


def test_a_cap_is_kept_and_sizes_beyond_the_fitted_are_said(ratio_fit):
    free = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY)
    assert any(note.startswith("extrapolates in parameters: ") for note in free.notes)
    assert any("decades above the fitted budgets" in note for note in free.notes)
    capped = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, most_params=1e9, cost=bs.Cost(1e15))
    assert capped.table()["params_decided"].item() == pytest.approx(1e9)
    assert "accelerator hours), train 1e9 parameters on " in capped.sentence
    assert "the most that is allowed; about " in capped.sentence
    loose = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, most_params=1e13)
    assert "none by the cap of 1e13 parameters" in loose.sentence
    with pytest.raises(ValueError, match=r"most_params is 1000, which leaves .* tokens to a run of 1e.24 FLOPs"):
        bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, most_params=1e3)


def test_scores_of_sizes_are_those_of_a_forecast(turning_fit):
    """Draw by draw, where the law has no smooth deviation."""
    found = SizeSearch(_curves(turning_fit, FAMILY, {"piqa": 1.0}), 1e23, 0.0)
    for log_params in (found.decided(), found.at_ratio(20.0), np.log(7e9)):
        sizes = {"params": np.exp(log_params), "tokens": np.exp(found.tokens(np.array(log_params)))}
        at = bs.budgets(**sizes, benchmark="piqa", family=FAMILY)
        expected = quiet_forecast(turning_fit, at, 0).array("expected")[:, 0]
        assert found.utility(np.array(log_params)) == pytest.approx(expected, abs=1e-12)


def test_the_general_law_divides_compute_where_it_reads_sizes(families_runs):
    answer = bs.allocate(prior_fit(bs.GeneralLaw(), families_runs, draws=20), 1e23, "piqa", family=FAMILY)
    assert answer.table()["score"].between(0.5, 1).all()
    fit = prior_fit(bs.GeneralLaw("compute"), families_runs, draws=20)
    with pytest.raises(TypeError, match=r"got a fit of GeneralLaw, which reads FLOPs alone.*bs.fit\(bs.GeneralLaw"):
        bs.allocate(fit, 1e23, "piqa", family=FAMILY)


def test_serving_makes_models_smaller(ratio_fit):
    sizes = [
        bs.allocate(ratio_fit, 1e23, "piqa", family=FAMILY, tokens_served=served).table()["params"].item()
        for served in (0.0, 1e12, 1e13)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_budgets_are_spent(ratio_fit):
    table = bs.allocate(ratio_fit, [1e22, 1e23], "piqa", family=FAMILY, tokens_served=1e12).table()
    n, d = table["params_decided"], table["tokens_decided"]
    spent = flops_rule(ratio_fit.reference) * n * d + 2 * n * 1e12
    assert spent.tolist() == pytest.approx([1e22, 1e23], rel=1e-6)


def test_nothing_is_lost_at_the_best_and_something_elsewhere(ratio_fit, answer):
    table = answer.table()
    assert (table[["lost_at_round_ratio_low_80", "lost_at_round_ratio"]] >= 0).all(axis=None)
    capped = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, most_params=1e9).table()
    assert capped["lost_under_cap"].item() > 0.005
    free = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, most_params=1e15).table()
    assert free["lost_under_cap"].item() == 0.0
    own = table["ratio"].iloc[1]
    rounded = bs.allocate(ratio_fit, 1e24, "piqa", family=FAMILY, round_ratio=own).table()
    assert rounded["lost_at_round_ratio"].item() < capped["lost_under_cap"].item()


def test_the_answer_is_said_in_words(answer):
    row = answer.table().iloc[-1]
    said = f"With 1e24 FLOPs, train {_two(row['params_decided'])} parameters on {_two(row['tokens_decided'])} tokens"
    assert answer.sentence.startswith(said)
    assert "lost at 20 tokens per parameter" in answer.sentence
    assert any("by the law without its smooth deviation" in note for note in answer.notes)
    assert 0 < row["score_low_80"] < row["score"] < row["score_high_80"] < 1


def test_by_default_the_mean_over_all_benchmarks_counts(ratio_fit):
    found = bs.allocate(ratio_fit, 1e23, family=FAMILY)
    assert "the mean score" in found.sentence
    assert any("mean over 3 benchmarks" in note for note in found.notes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flops": -1.0}, r"flops is -1\.0; expected a positive number"),
        ({"benchmark": "gsm8k"}, "benchmark 'gsm8k' was not fitted; the fit knows hellaswag, piqa, arc_easy"),
        ({"benchmark": {"piqa": -1.0}}, "weights are .* expected non-negative numbers"),
        ({"family": None}, "family is left out; the fit knows Cerebras-GPT, Pythia, OPT"),
        ({"most_params": 0}, "most_params is 0; expected a positive number"),
        ({"tokens_served": -1}, "tokens_served is -1; expected at least 0"),
    ],
)
def test_wrong_questions_are_named(ratio_fit, arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.allocate(ratio_fit, **{"flops": 1e23, "family": FAMILY, **arguments})


def test_other_laws_cannot_tell(cerebras_fit):
    with pytest.raises(
        TypeError, match=r"of DirectLaw, which reads FLOPs alone.* reads them: bs.fit\(bs.GeneralLaw\(\), runs\)$"
    ):
        bs.allocate(cerebras_fit, 1e23)
    with pytest.raises(TypeError, match=r"of TwoStageLaw; expected one of a law of single scores .*GeneralLaw\(\)$"):
        bs.allocate(prior_fit(bs.TwoStageLaw("ratio"), bs.load_dataset("cerebras_gpt"), draws=20), 1e23)


def test_the_figure_has_sizes_tokens_and_ratios(answer):
    titles = [axes.get_title(loc="left") for axes in answer.plot().axes]
    assert titles == ["parameters", "training tokens", "tokens per parameter"]
