import dataclasses
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from ladder_tables import constant_tokens, crossed, one_ratio, partly_missing
from prior_fits import prior_fit

import bayes_scaling as bs

OUTCOMES = ("accuracy", "loss", "stderr", "n_correct")


#: Of tests of something else, on families whose tokens per parameter drift.
unseen_drift = pytest.mark.filterwarnings("ignore:tokens per parameter .* reads FLOPs alone:bayes_scaling.RatioWarning")


@pytest.fixture(scope="module")
def held_forecast(cerebras_fit, cerebras_held_out):
    return bs.forecast(cerebras_fit, cerebras_held_out, random_seed=2)


@pytest.fixture(scope="module")
def lucky_fit(families_runs):
    """Draws of the prior with strong effects of runs, and nothing else that scatters a score."""
    law = bs.DirectLaw(run_sd=bs.LogNormal(0.3, 0.05), law_noise=None, chance_jitter=None)
    return prior_fit(law, families_runs)


def luck(forecast):
    """Score less curve, shape (samples, points)."""
    return (forecast.draws["score"] - forecast.draws["expected"]).to_numpy()


# What a forecast reads ------------------------------------------------------------------------------------------------


def test_outcomes_are_never_read(cerebras_fit, cerebras_held_out, held_forecast):
    frame = cerebras_held_out.frame
    rng = np.random.default_rng(1)
    others = [
        frame.drop(columns=["accuracy", "loss"]),
        frame.assign(accuracy=rng.permutation(frame["accuracy"]), loss=rng.permutation(frame["loss"])),
        frame.assign(accuracy=0.5, stderr=0.01, loss=np.nan),
    ]
    for other in others:
        again = bs.forecast(cerebras_fit, bs.Runs(other), random_seed=2)
        for quantity in ("score", "expected"):
            np.testing.assert_array_equal(again.draws[quantity], held_forecast.draws[quantity])
        pd.testing.assert_frame_equal(again.points, held_forecast.points)
        assert again.notes == held_forecast.notes
    assert not set(OUTCOMES) & set(held_forecast.points)


def test_the_seed_decides_the_draws(cerebras_fit, cerebras_held_out, held_forecast):
    again = bs.forecast(cerebras_fit, cerebras_held_out, random_seed=2)
    other = bs.forecast(cerebras_fit, cerebras_held_out, random_seed=3)
    assert again.draws.equals(held_forecast.draws)
    assert not other.draws.equals(held_forecast.draws)


def test_points_stand_in_the_rows_order(cerebras_fit, cerebras_held_out, held_forecast):
    order = np.random.default_rng(4).permutation(len(cerebras_held_out))
    shuffled = bs.Runs(cerebras_held_out.frame.iloc[order])
    again = bs.forecast(cerebras_fit, shuffled, random_seed=2)
    keys = ["run", "benchmark", "flops"]
    assert again.points[keys].to_numpy().tolist() == shuffled.frame[keys].to_numpy().tolist()
    np.testing.assert_allclose(again.draws["expected"], held_forecast.draws["expected"].to_numpy()[:, order])


def test_a_data_frame_is_no_plan(cerebras_fit, cerebras_held_out):
    with pytest.raises(TypeError, match=r"got a DataFrame.*expected Runs or budgets"):
        bs.forecast(cerebras_fit, cerebras_held_out.frame)


def test_an_empty_plan_is_refused(cerebras_fit, cerebras_held_out):
    with pytest.raises(ValueError, match="no rows"):
        bs.forecast(cerebras_fit, cerebras_held_out.select("params > 1e15"))


# What a forecast is ---------------------------------------------------------------------------------------------------


def test_draws_have_dims_labels_and_range(held_forecast, cerebras_fit):
    draws = held_forecast.draws
    samples = cerebras_fit.posterior.sizes["chain"] * cerebras_fit.posterior.sizes["draw"]
    assert draws["score"].dims == draws["expected"].dims == ("sample", "point")
    assert dict(draws.sizes) == {"sample": samples, "point": len(held_forecast)}
    assert draws["benchmark"].to_numpy().tolist() == held_forecast.points["benchmark"].tolist()
    for values in draws.values():
        assert 0 <= float(values.min()) <= float(values.max()) <= 1


def test_a_score_is_less_certain_than_its_curve(held_forecast):
    assert (held_forecast.draws["score"].std("sample") > held_forecast.draws["expected"].std("sample")).all()


def test_a_forecast_cannot_be_changed_from_outside(held_forecast):
    before = held_forecast.table()
    points, draws = held_forecast.points, held_forecast.draws
    points.loc[0, "run"] = "other"
    draws["score"] = draws["score"] * 0
    with pytest.raises(ValueError, match="read-only"):
        held_forecast.draws["score"].to_numpy()[0, 0] = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        held_forecast.notes = ()
    pd.testing.assert_frame_equal(held_forecast.table(), before)


def test_an_array_is_the_draws_of_a_quantity(held_forecast):
    for of in ("score", "expected"):
        found = held_forecast.array(of)
        assert found.shape == (held_forecast.draws.sizes["sample"], len(held_forecast))
        np.testing.assert_array_equal(found, held_forecast.draws[of])
        assert not found.flags.writeable
    with pytest.raises(ValueError, match="of='loss'; expected one of 'expected', 'score'"):
        held_forecast.array("loss")


def test_table_is_quantiles_of_the_draws(held_forecast):
    table = held_forecast.table(probs=[0.5, 0.995], of="expected")
    values = held_forecast.draws["expected"].to_numpy()
    assert table.columns.tolist() == [
        *held_forecast.points.columns,
        *("of", "mean", "median", "low_50", "high_50", "low_99.5", "high_99.5", "converged"),
    ]
    np.testing.assert_allclose(table["mean"], values.mean(axis=0))
    np.testing.assert_allclose(table["low_99.5"], np.quantile(values, 0.0025, axis=0))
    np.testing.assert_allclose(table["high_50"], np.quantile(values, 0.75, axis=0))
    assert table["of"].eq("expected").all()
    assert table["converged"].all()


def test_intervals_nest_around_the_median(held_forecast):
    ordered = held_forecast.table()[["low_90", "low_80", "low_50", "median", "high_50", "high_80", "high_90"]]
    assert (np.diff(ordered.to_numpy(), axis=1) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probs": [0.5, 1.0]}, r"probs holds 1\.0"),
        ({"probs": [90]}, r"probs holds 90\.0"),
        ({"of": "loss"}, "of='loss'; expected 'score' or 'expected'"),
    ],
)
def test_bad_tables_say_what_is_wrong(held_forecast, arguments, message):
    with pytest.raises(ValueError, match=message):
        held_forecast.table(**arguments)


def test_reprs_show_points_and_notes(held_forecast):
    for text in (repr(held_forecast), held_forecast._repr_html_()):
        draws = held_forecast.draws.sizes["sample"]
        assert f"Forecast of 14 scores: 2 runs, 7 benchmarks; {draws} draws" in text
        assert "Cerebras-13B" in text
        assert "decades above the fitted budgets" in text
        assert "NOT CONVERGED" not in text


def test_html_escapes_labels(cerebras_fit, cerebras_held_out):
    frame = cerebras_held_out.frame.head(1).assign(run="<b>bold</b>")
    assert "<b>bold" not in bs.forecast(cerebras_fit, bs.Runs(frame))._repr_html_()


# Labels that were not fitted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "known"), [("benchmark", "hellaswag, piqa"), ("family", "Cerebras-GPT")])
def test_unknown_labels_are_errors_that_list_the_known(cerebras_fit, cerebras_held_out, column, known):
    frame = cerebras_held_out.frame.assign(run=lambda f: f["run"] + "'").head(1)
    with pytest.raises(ValueError, match=f"{column} 'unheard_of' was not fitted; the fit knows {known}"):
        bs.forecast(cerebras_fit, bs.Runs(frame.assign(**{column: "unheard_of"})))


def test_new_groups_takes_sample_or_nothing(cerebras_fit):
    with pytest.raises(ValueError, match="new_groups='zero'"):
        bs.forecast(cerebras_fit, bs.budgets(1e23), new_groups="zero")


@unseen_drift
@pytest.mark.parametrize("new", [{"family": "new"}, {"benchmark": "sciq"}, {"family": "new", "benchmark": "sciq"}])
@pytest.mark.parametrize("fitted", ["cerebras_fit", "families_fit"])
def test_new_groups_are_drawn_from_the_population(new, fitted, request):
    fit = request.getfixturevalue(fitted)
    at = bs.budgets(1e22, **({"family": fit.reference.families[0], "benchmark": "piqa"} | new))
    forecast = bs.forecast(fit, at, new_groups="sample", random_seed=1)
    fitted_one = bs.forecast(fit, bs.budgets(1e22, family=fit.reference.families[0], benchmark="piqa"), random_seed=1)
    assert np.isfinite(forecast.draws["score"]).all()
    assert forecast.draws["expected"].std() > fitted_one.draws["expected"].std()
    assert any("drawn from the population" in note for note in forecast.notes)
    assert not any("drawn from the population" in note for note in fitted_one.notes)


def test_a_new_benchmark_is_one_curve_over_all_its_points(cerebras_fit):
    at = bs.budgets([1e21, 1.01e21], benchmark="sciq")
    expected = bs.forecast(cerebras_fit, at, new_groups="sample", random_seed=1).draws["expected"].to_numpy()
    assert np.corrcoef(expected.T)[0, 1] > 0.99


# Runs -----------------------------------------------------------------------------------------------------------------


def test_a_fitted_run_keeps_its_effect(lucky_fit, families_runs):
    run = families_runs.frame["run"].iloc[0]
    rows = families_runs.select(run=run, benchmark="piqa")
    effect = lucky_fit.posterior["run_effect"].sel(run=run).to_numpy().ravel()
    kept = luck(bs.forecast(lucky_fit, rows, random_seed=1))[:, 0]
    renamed = luck(bs.forecast(lucky_fit, bs.Runs(rows.frame.assign(run="another")), random_seed=1))[:, 0]
    assert np.corrcoef(effect, kept)[0, 1] < -0.4  # not -1: the slope of the score varies between draws
    assert abs(np.corrcoef(effect, renamed)[0, 1]) < 0.15


@unseen_drift
def test_a_new_run_is_lucky_on_all_benchmarks_together(lucky_fit):
    at = bs.budgets([1e20, 3e20], family="Pythia")
    correlation = np.corrcoef(luck(bs.forecast(lucky_fit, at, random_seed=1)).T)
    same_run = correlation[:3, :3][np.triu_indices(3, 1)]
    assert (same_run > 0.6).all()
    assert (np.abs(correlation[:3, 3:]) < 0.15).all()


def test_average_is_the_mean_of_the_draws(held_forecast):
    average = held_forecast.average()
    assert average.points["run"].tolist() == ["Cerebras-6.7B", "Cerebras-13B"]
    assert average.points["benchmark"].tolist() == ["average"] * 2
    for quantity in ("score", "expected"):
        values = held_forecast.draws[quantity].to_numpy().reshape(-1, 2, 7)
        np.testing.assert_allclose(average.draws[quantity], values.mean(axis=2))


def test_average_takes_weights(held_forecast):
    benchmarks = held_forecast.points["benchmark"].unique()
    weights = dict.fromkeys(benchmarks, 0.0) | {"piqa": 3.0, "hellaswag": 1.0}
    scores = held_forecast.draws["score"].to_numpy()
    of = {name: scores[:, held_forecast.points["benchmark"] == name] for name in ("piqa", "hellaswag")}
    expected = 0.75 * of["piqa"] + 0.25 * of["hellaswag"]
    np.testing.assert_allclose(held_forecast.average(weights).draws["score"], expected)
    assert "piqa 0.75" in held_forecast.average(weights).notes[-1]


def test_average_does_not_depend_on_the_order_of_rows(cerebras_fit, cerebras_held_out):
    frame = cerebras_held_out.frame.sort_values("benchmark")
    average = bs.forecast(cerebras_fit, bs.Runs(frame), random_seed=2).average({b: i + 1 for i, b in enumerate(sorted(
        frame["benchmark"].unique()))})  # fmt: skip
    assert len(average) == 2
    assert average.table()["median"].between(0.3, 0.8).all()


@unseen_drift
def test_average_is_wider_than_independent_benchmarks_would_make_it(lucky_fit):
    forecast = bs.forecast(lucky_fit, bs.budgets(1e20, family="Pythia"), random_seed=1)
    rng = np.random.default_rng(1)
    apart = np.mean([rng.permutation(column) for column in forecast.draws["score"].to_numpy().T], axis=0)
    assert forecast.average().draws["score"].std() > 1.2 * apart.std()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"piqa": 1.0}, "weights name piqa; expected each of hellaswag, piqa"),
        ("negative", "expected non-negative numbers"),
        ("zero", "with a positive sum"),
    ],
)
def test_bad_weights_say_what_is_wrong(held_forecast, weights, message):
    benchmarks = held_forecast.points["benchmark"].unique()
    made = {"negative": dict.fromkeys(benchmarks, -1.0), "zero": dict.fromkeys(benchmarks, 0.0)}
    with pytest.raises(ValueError, match=message):
        held_forecast.average(weights if isinstance(weights, dict) else made[weights])


def test_runs_with_different_benchmarks_have_no_average(cerebras_fit, cerebras_held_out):
    rows = bs.Runs(cerebras_held_out.frame.drop(index=3))
    with pytest.raises(ValueError, match=r"run 'Cerebras-6.7B' does not have each of the benchmarks"):
        bs.forecast(cerebras_fit, rows).average()


@pytest.fixture(scope="module")
def attempts_fit(rates_runs_of_five):
    """Draws of the prior of pass@k."""
    return prior_fit(bs.PassAtKLaw(), rates_runs_of_five, draws=50)


def test_average_is_made_at_each_k(attempts_fit):
    forecast = bs.forecast(attempts_fit, bs.budgets([1e21, 1e22], k=[1, 10, 100]), random_seed=1)
    average = forecast.average({"code": 1.0, "maths": 3.0})
    assert average.points["k"].tolist() == [1.0, 10.0, 100.0] * 2
    assert average.points["flops"].tolist() == [1e21] * 3 + [1e22] * 3
    assert "n_samples" not in average.points
    scores = forecast.draws["score"].to_numpy().reshape(-1, 2, 2, 3)
    expected = 0.25 * scores[:, :, 0] + 0.75 * scores[:, :, 1]
    np.testing.assert_allclose(average.draws["score"], expected.reshape(-1, 6))


def test_an_average_needs_every_benchmark_at_each_k(attempts_fit, rates_runs_of_five):
    rows = bs.Runs(rates_runs_of_five.frame.drop(index=1))
    with pytest.raises(ValueError, match=r"run 'run0' at k = 4 does not have each of the benchmarks code, maths once"):
        bs.forecast(attempts_fit, rows).average()


def test_k_and_ratio_are_shown_where_they_tell_points_apart(attempts_fit):
    several = bs.forecast(attempts_fit, bs.budgets(1e22, ratio=[20, 35], k=[1, 1000]), random_seed=1)
    for text in (repr(several), several._repr_html_()):
        assert "1000" in text
        assert "tokens/param" in text
    header = repr(several).splitlines()[1].split()
    assert header == ["run", "benchmark", "k", "flops", "tokens/param", "decades_beyond", "median", "low_90", "high_90"]
    one = bs.forecast(attempts_fit, bs.budgets(1e22, ratio=20, k=10), random_seed=1)
    assert repr(one).splitlines()[1].split() == [
        "run",
        "benchmark",
        "flops",
        "decades_beyond",
        "median",
        "low_90",
        "high_90",
    ]


def test_rows_of_single_problems_are_no_plan(attempts_fit, counts_runs_of_five):
    with pytest.raises(ValueError, match=r"row 1 asks for a single problem, 'code-0'; .*one row for each run, benchm"):
        bs.forecast(attempts_fit, counts_runs_of_five)


# Attempts that are assumed, and ratios that were not fitted -----------------------------------------------------------


def test_attempts_that_were_not_given_are_assumed_and_said(attempts_fit):
    forecast = bs.forecast(attempts_fit, bs.budgets(1e21), random_seed=1)
    assert (forecast.points["k"] == 1).all()
    assert (forecast.points["n_samples"] == 32).all()
    assert "k was not given; such scores are forecast at k = 1" in forecast.notes
    usual = "n_samples was not given; scores assume 32 attempts at each problem, as is usual in the fitted runs"
    assert usual in forecast.notes
    far = bs.forecast(attempts_fit, bs.budgets(1e21, k=[1, 100]), random_seed=1)
    assert far.points["n_samples"].tolist() == [32, 100] * 2
    assert f"{usual}, or k where that is more" in far.notes
    assert not any(note.startswith("k was") for note in far.notes)


def test_a_table_of_planned_runs_may_give_some_of_them(attempts_fit, rates_runs_of_five):
    frame = rates_runs_of_five.frame.drop(columns="accuracy").assign(run="new").head(3)
    some = bs.Runs(frame.assign(k=[1, None, 16], n_samples=[32, 32, None]))
    forecast = bs.forecast(attempts_fit, some, random_seed=1)
    assert forecast.points["k"].tolist() == [1, 1, 16]
    assert "k was not given for 1 of 3 points; such scores are forecast at k = 1" in forecast.notes
    assert any(note.startswith("n_samples was not given for 1 of 3 points; ") for note in forecast.notes)
    full = bs.forecast(attempts_fit, bs.Runs(frame), random_seed=1)
    assert not any("was not given" in note for note in full.notes)


def test_a_law_of_flops_warns_of_ratios_that_were_not_fitted(cerebras_fit):
    words = (
        r"tokens per parameter are far from the fitted ones: Cerebras-GPT 200 \(fitted at 19.6 to 20.2\); DirectLaw "
        r"reads FLOPs alone.*\(over-trained models score lower\): GeneralLaw\(\) reads params and tokens"
    )
    with pytest.warns(bs.RatioWarning, match=words) as caught:
        forecast = bs.forecast(cerebras_fit, bs.budgets(1e22, ratio=[20, 200], benchmark="piqa"))
    assert caught[0].filename == __file__
    assert str(caught[0].message) in forecast.notes
    with pytest.warns(bs.RatioWarning, match=r"Cerebras-GPT 5 .*leave out what this does to a score: GeneralLaw"):
        bs.forecast(cerebras_fit, bs.budgets(3e21, ratio=5, benchmark="piqa"))


def test_ratios_near_the_fitted_ones_and_unknown_ones_do_not_warn(cerebras_fit, cerebras_held_out):
    """Warnings are errors here."""
    for at in (cerebras_held_out, bs.budgets(1e23), bs.budgets(1e23, ratio=[11, 39])):
        assert not any("tokens per parameter" in note for note in bs.forecast(cerebras_fit, at).notes)


def test_a_law_of_flops_warns_along_a_drift_inside_the_fitted_ratios_too():
    runs = constant_tokens()
    small, large = runs.split(params=3e9)
    fit = prior_fit(bs.DirectLaw(), small, draws=20)
    words = (
        "tokens per parameter fall from 3000 to 112 along suite: DirectLaw reads FLOPs alone and takes this for what "
        "FLOPs do, so that its forecasts of larger runs tend to be too high; GeneralLaw() reads params and tokens"
    )
    for at in (large, small, bs.budgets(1e22), bs.budgets(1e21, ratio=500)):
        with pytest.warns(bs.RatioWarning, match=re.escape(words)) as caught:
            forecast = bs.forecast(fit, at, 1)
        assert words in forecast.notes
        assert caught[0].filename == __file__
    with pytest.warns(bs.RatioWarning, match="fall from 3000 to 112") as caught:
        bs.forecast_table(fit, bs.budgets(1e22), random_seed=1)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("runs", [one_ratio(), crossed()], ids=["one ratio", "crossed"])
def test_a_law_of_flops_has_no_drift_to_warn_of_elsewhere(runs):
    forecast = bs.forecast(prior_fit(bs.DirectLaw(), runs, draws=20), bs.budgets(1e22))
    assert not any("tokens per parameter" in note for note in forecast.notes)


def test_a_law_of_flops_refuses_params_with_tokens_and_names_the_call_that_works(cerebras_fit):
    at = bs.budgets(params=7e9, tokens=1.4e11)
    words = (
        r"params and tokens are given, but the fit is of DirectLaw, which reads FLOPs alone.* "
        r"Fit a law that reads them: bs.fit\(bs.GeneralLaw\(\), runs\); or give flops=$"
    )
    for ask in (bs.forecast, bs.forecast_table):
        with pytest.raises(ValueError, match=words):
            ask(cerebras_fit, at)
    assert len(bs.forecast(prior_fit(bs.GeneralLaw(), cerebras_fit.runs, draws=20), at)) == 7
    lacking = prior_fit(bs.GeneralLaw(), partly_missing(), draws=20)
    with pytest.raises(ValueError, match=r"runs\), once every run has params and tokens \(2 of 8 lack them\); or give"):
        bs.forecast(lacking, at)


def test_a_law_of_both_only_notes_it(families_runs):
    fit = prior_fit(bs.RatioLaw(), families_runs, draws=20)
    far = bs.forecast(fit, bs.budgets(1e22, ratio=200, benchmark="piqa", family=["Cerebras-GPT", "Pythia"]))
    assert "extrapolates in tokens per parameter: Cerebras-GPT 200 (fitted at 19.6 to 20.2)" in far.notes
    near = bs.forecast(fit, bs.budgets(1e22, ratio=30, benchmark="piqa"))
    assert not any("tokens per parameter" in note for note in near.notes)


def test_a_law_of_attempts_names_its_own_way_out(attempts_fit):
    fit = prior_fit(bs.PassAtKLaw(inputs="compute"), attempts_fit.runs, draws=20)
    with pytest.warns(bs.RatioWarning, match=r"PassAtKLaw reads FLOPs alone.*PassAtKLaw\(\) reads params"):
        bs.forecast(fit, bs.budgets(1e21, ratio=500, k=1))


# Numbers of items and notes -------------------------------------------------------------------------------------------


def test_given_items_are_used_and_need_no_note(cerebras_fit, cerebras_held_out):
    few = bs.Runs(cerebras_held_out.frame.assign(n_items=20.0))
    forecast = bs.forecast(cerebras_fit, few, random_seed=2)
    assert forecast.points["n_items"].eq(20.0).all()
    assert not any("n_items" in note for note in forecast.notes)
    many = bs.forecast(cerebras_fit, cerebras_held_out, random_seed=2)
    assert (forecast.draws["score"].std("sample") > many.draws["score"].std("sample")).all()


def test_missing_items_are_the_fitted_runs_and_said(cerebras_fit, cerebras_held_out):
    frame = cerebras_held_out.frame
    frame.loc[frame["benchmark"] == "piqa", "n_items"] = np.nan
    forecast = bs.forecast(cerebras_fit, bs.Runs(frame), random_seed=2)
    assert forecast.points.set_index("benchmark").loc["piqa", "n_items"].eq(1838).all()
    assert "n_items was not given; scores assume that of the fitted runs: piqa 1838" in forecast.notes
    budgets = bs.forecast(cerebras_fit, bs.budgets(1e23, benchmark=["piqa", "arc_easy"]))
    assert budgets.notes[-1].endswith("piqa 1838, arc_easy 2376")


def test_a_fit_without_items_forecasts_and_says_so(cerebras_train, cerebras_held_out):
    fit = prior_fit(bs.DirectLaw(), bs.Runs(cerebras_train.frame.drop(columns="n_items")))
    forecast = bs.forecast(fit, bs.Runs(cerebras_held_out.frame.drop(columns="n_items")), random_seed=1)
    assert np.isfinite(forecast.draws["score"]).all()
    assert "n_items" not in forecast.table()
    assert any(note.startswith("n_items is not known") and "piqa" in note for note in forecast.notes)
    given = bs.forecast(fit, cerebras_held_out, random_seed=1)
    assert given.points["n_items"].tolist() == cerebras_held_out.frame["n_items"].tolist()


def test_a_far_forecast_says_how_far(cerebras_fit):
    top = cerebras_fit.runs.frame["flops"].max()
    far = bs.forecast(cerebras_fit, bs.budgets([top * 100, top / 1e6]))
    assert any("up to 2.0 decades above the fitted budgets (largest" in note for note in far.notes)
    assert any("decades below the fitted budgets (smallest" in note for note in far.notes)
    assert far.points["decades_beyond"].max() == pytest.approx(2.0)
    assert not any("decades" in note for note in bs.forecast(cerebras_fit, bs.budgets(top * 2)).notes)


def test_flops_from_params_and_tokens_say_their_rule(cerebras_train):
    cerebras_fit = prior_fit(bs.RatioLaw(), cerebras_train, draws=20)
    forecast = bs.forecast(cerebras_fit, bs.budgets(params=13e9, tokens=260e9))
    rule = cerebras_fit.reference.flops_per_nd
    assert f"FLOPs are {rule:.3g} * params * tokens, as in the fitted runs" in forecast.notes
    assert forecast.points["flops"].eq(rule * 13e9 * 260e9).all()


@unseen_drift
def test_many_names_are_cut_short(families_runs):
    piqa = families_runs.select(benchmark="piqa", family="OPT").frame
    many = bs.Runs(pd.concat([piqa.assign(benchmark=f"task{i}") for i in range(30)]))
    note = bs.forecast(prior_fit(bs.DirectLaw(), many, draws=20), bs.budgets(1e22)).notes[-1]
    assert note.endswith("task11 1838 and 18 more")


@unseen_drift
def test_a_fit_that_did_not_converge_marks_its_forecast(families_runs):
    forecast = bs.forecast(prior_fit(bs.DirectLaw(), families_runs, divergent=50), bs.budgets(1e22))
    assert not forecast.converged
    assert not forecast.table()["converged"].any()
    assert forecast.notes[0].startswith("the fit has not converged: ")
    for text in (repr(forecast), forecast._repr_html_(), repr(forecast.average())):
        assert "NOT CONVERGED" in text


def test_a_prior_forecast_is_said_to_be_one(cerebras_train):
    prior = bs.sample_prior(bs.DirectLaw(), cerebras_train, draws=50, random_seed=1)
    assert prior.notes[0] == "drawn from the prior"


# Without a sampler ----------------------------------------------------------------------------------------------------

_SAMPLER_FREE = """
import sys
import bayes_scaling as bs
fit = bs.load_fit(sys.argv[1])
forecast = bs.forecast(fit, bs.budgets(flops=[1e23, 1e24]), random_seed=1)
bs.write_table(forecast, f"{sys.argv[2]}/forecast.md")
for form, ending in (("csv", "csv"), ("parquet", "parquet"), ("json", "json"), ("netcdf", "nc")):
    repr(bs.read_forecast(getattr(forecast, "to_" + form)(f"{sys.argv[2]}/forecast.{ending}")))
print(",".join(sorted({"pymc", "pytensor", "arviz", "nutpie", "numba"} & set(sys.modules))))
"""


def test_a_saved_fit_forecasts_the_same_without_a_sampler(cerebras_fit, tmp_path):
    path = cerebras_fit.save(tmp_path / "fit.nc")
    command = [sys.executable, "-c", _SAMPLER_FREE, str(path), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stdout + ran.stderr
    here = bs.forecast(cerebras_fit, bs.budgets(flops=[1e23, 1e24]), random_seed=1)
    pd.testing.assert_frame_equal(
        bs.read_forecast(tmp_path / "forecast.csv").table(), here.table(), check_exact=False, rtol=1e-12
    )


def test_a_forecast_carries_the_record_of_its_law(cerebras_fit, past_forecasts, tmp_path):
    found = bs.forecast(cerebras_fit, bs.budgets(flops=1.1e22), random_seed=1, audit=past_forecasts)
    assert found.notes[0] == past_forecasts.record("direct", 1.0).sentence
    assert found.notes[0] in repr(found)
    assert "past 90% intervals" in bs.write_table(found, tmp_path / "forecast.md").read_text()
    assert bs.read_forecast(found.to_csv(tmp_path / "forecast.csv")).notes[0] == found.notes[0]
    with pytest.raises(ValueError, match="recalibrate needs audit"):
        bs.forecast(cerebras_fit, bs.budgets(flops=1.1e22), recalibrate=True)
