import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs, rates_runs
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.evaluation.scoring import clusters


@pytest.fixture(scope="module")
def calibrated(make_forecast, make_runs):
    """Forecasts of 60 runs on 5 benchmarks whose truths are drawn from them, independently."""
    rng = np.random.default_rng(1)
    centre = rng.uniform(0.35, 0.8, (60, 5))
    forecast = make_forecast(rng.normal(centre, 0.03, (800, 60, 5)))
    return bs.score_forecast(forecast, make_runs(forecast, rng.normal(centre, 0.03)))


@pytest.fixture
def simple(make_forecast, make_runs):
    """Two runs on two benchmarks, draws 0.40 to 0.60 everywhere."""
    forecast = make_forecast(np.broadcast_to(np.linspace(0.4, 0.6, 201)[:, None, None], (201, 2, 2)).copy())
    return forecast, make_runs(forecast, [0.5, 0.55, 0.0, 0.7])


def test_coverage_of_calibrated_draws_is_nominal(calibrated):
    table = calibrated.coverage(np.arange(1, 20) / 20)
    low, high = stats.binom(300, table["nominal"]).ppf(0.0005), stats.binom(300, table["nominal"]).ppf(0.9995)
    assert (table["n"] == 300).all()
    assert ((table["measured"] * 300 >= low) & (table["measured"] * 300 <= high)).all()
    assert ((table["low"] <= table["measured"]) & (table["measured"] <= table["high"])).all()


def test_pit_of_calibrated_draws_is_uniform(calibrated):
    assert calibrated.pit.shape == (300,)
    assert stats.kstest(calibrated.pit, "uniform").pvalue > 0.01


def test_coverage_and_table_agree(calibrated):
    overall = calibrated.overall
    for prob in (0.5, 0.8, 0.9):
        row = calibrated.coverage([prob]).iloc[0]
        name = f"coverage_{100 * prob:g}"
        assert (row["measured"], row["low"], row["high"]) == tuple(
            overall[[name, f"{name}_low", f"{name}_high"]].to_list()
        )


def test_rows_hold_the_arithmetic(simple):
    scores = bs.score_forecast(*simple, probs=[0.5, 0.9])
    rows = scores.rows
    np.testing.assert_allclose(rows["median"], 0.5)
    np.testing.assert_allclose(rows["error"], [0.0, -0.05, 0.5, -0.2], atol=1e-12)
    assert rows["inside_50"].tolist() == [True, True, False, False]  # 0.55 stands on the bound
    assert rows["inside_90"].tolist() == [True, True, False, False]
    assert rows["pit"].round(2).tolist() == [0.5, 0.75, 0.0, 1.0]
    assert {"run", "benchmark", "flops", "decades_beyond", "trajectory", "crps", "log_score"} <= set(rows)


def test_overall_holds_the_arithmetic(simple):
    overall = bs.score_forecast(*simple).overall
    assert overall.name == "all"
    assert overall["n"] == 4
    assert overall["runs"] == 2
    assert overall["coverage_50"] == 0.5
    assert overall["mae"] == pytest.approx(0.1875)
    assert overall["bias"] == pytest.approx(0.0625)
    assert overall["mre"] == pytest.approx((0 + 0.05 / 0.55 + 0.2 / 0.7) / 3)
    assert overall["mre_n"] == 3


def test_scores_of_zero_are_left_out_of_the_relative_error_and_said(simple):
    scores = bs.score_forecast(*simple)
    assert any("leaves out 1 of 4 points with a score of 0" in note for note in scores.notes)
    assert "leaves out 1 of 4" in repr(scores)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("benchmark", [("task0",), ("task1",), ("all",)]),
        ("run", [("run0",), ("run1",), ("all",)]),
        (["family", "benchmark"], [("default", "task0"), ("default", "task1"), ("all", "all")]),
        (None, [("all",)]),
    ],
)
def test_table_groups_and_ends_with_all(simple, by, groups):
    table = bs.score_forecast(*simple).table(by)
    assert list(table.iloc[:, : len(groups[0])].itertuples(index=False, name=None)) == groups
    assert table["n"].tolist() == [4 // max(len(groups) - 1, 1)] * (len(groups) - 1) + [4]


def test_means_of_groups_make_the_whole(calibrated):
    table = calibrated.table("benchmark")
    for column in ("crps", "log_score", "mae", "bias", "coverage_80"):
        assert table[column].iloc[:-1].mean() == pytest.approx(table[column].iloc[-1])


def test_an_unknown_group_lists_the_columns(simple):
    with pytest.raises(ValueError, match=r"by='colour'.*benchmark"):
        bs.score_forecast(*simple).table("colour")


def test_probabilities_may_be_chosen(simple):
    scores = bs.score_forecast(*simple, probs=[0.25, 0.995])
    assert {"inside_25", "inside_99.5"} <= set(scores.rows)
    assert {"coverage_25", "coverage_25_low", "coverage_99.5_high"} <= set(scores.table())
    assert "coverage_90" not in scores.table()


def test_errors_shared_by_a_run_widen_the_interval(make_forecast, make_runs):
    rng = np.random.default_rng(5)
    forecast = make_forecast(rng.normal(0.5, 0.05, (400, 15, 8)))
    shared = np.broadcast_to(rng.normal(0.5, 0.05, (15, 1)), (15, 8))
    together = bs.score_forecast(forecast, make_runs(forecast, shared)).overall
    apart = bs.score_forecast(forecast, make_runs(forecast, rng.normal(0.5, 0.05, (15, 8)))).overall
    widths = [row["coverage_50_high"] - row["coverage_50_low"] for row in (together, apart)]
    assert widths[0] > 1.5 * widths[1]


def test_checkpoints_of_one_trajectory_are_one_cluster(make_forecast, make_runs):
    rng = np.random.default_rng(6)
    forecast = make_forecast(rng.normal(0.5, 0.05, (200, 6, 3)))
    runs = make_runs(forecast, np.full((6, 3), 0.5), trajectory="one")
    assert bs.score_forecast(forecast, runs).overall["runs"] == 1


def test_a_trajectory_of_the_same_name_in_another_family_is_another_cluster():
    rows = pd.DataFrame({"family": ["a", "b", "a"], "trajectory": "x"})
    assert clusters(rows).tolist() == [0, 1, 0]
    assert clusters(rows[["trajectory"]]).tolist() == [0, 0, 0]


def test_draws_at_a_bound_keep_every_score_finite(make_forecast, make_runs):
    forecast = make_forecast(np.ones((300, 1, 3)))
    scores = bs.score_forecast(forecast, make_runs(forecast, [1.0, 0.9, 0.0]))
    assert np.isfinite(scores.rows[["crps", "log_score", "pit", "error"]]).all(axis=None)
    assert scores.rows["inside_50"].tolist() == [True, False, False]


def test_rows_of_the_table_may_stand_in_any_order(simple):
    forecast, runs = simple
    shuffled = bs.Runs(runs.frame.iloc[[3, 1, 0, 2]])
    pd.testing.assert_frame_equal(
        bs.score_forecast(forecast, shuffled).rows, bs.score_forecast(forecast, runs).rows, check_exact=True
    )


def test_points_without_a_scored_row_are_refused(simple):
    forecast, runs = simple
    with pytest.raises(ValueError, match=r"2 of 4 points have no scored row: run 'run1' benchmark 'task0'"):
        bs.score_forecast(forecast, runs.select(run="run0"))


def test_planned_runs_cannot_score(simple):
    forecast, runs = simple
    with pytest.raises(ValueError, match="no column accuracy"):
        bs.score_forecast(forecast, bs.Runs(runs.frame.drop(columns="accuracy")))


def test_a_forecast_without_draws_is_refused(simple, tmp_path):
    forecast, runs = simple
    with pytest.raises(ValueError, match=r"read from a table; save it as \.nc"):
        bs.score_forecast(bs.read_forecast(forecast.to_csv(tmp_path / "forecast.csv")), runs)


def test_a_forecast_that_was_saved_scores_the_same(simple, tmp_path):
    forecast, runs = simple
    again = bs.read_forecast(forecast.to_netcdf(tmp_path / "forecast.nc"))
    pd.testing.assert_frame_equal(bs.score_forecast(again, runs).table(), bs.score_forecast(forecast, runs).table())


def test_a_fit_that_did_not_converge_is_marked(make_forecast, make_runs):
    forecast = make_forecast(np.random.default_rng(7).uniform(size=(50, 1, 2)), converged=False, notes=["beware <b>"])
    scores = bs.score_forecast(forecast, make_runs(forecast, [0.2, 0.4]))
    assert not scores.converged
    assert "NOT CONVERGED" in repr(scores)
    assert "NOT CONVERGED" in scores._repr_html_()
    assert "beware &lt;b&gt;" in scores._repr_html_()


def test_scores_cannot_be_changed_from_outside(simple):
    scores = bs.score_forecast(*simple)
    rows, pit = scores.rows, scores.pit
    rows["error"] = 0.0
    pit[:] = 0.0
    assert scores.rows["error"].abs().sum() > 0
    assert scores.pit.sum() > 0
    with pytest.raises(AttributeError):
        scores.probs = (0.1,)


def test_real_forecasts_are_scored(cerebras_fit, cerebras_held_out):
    forecast = bs.forecast(cerebras_fit, cerebras_held_out, random_seed=2)
    scores = bs.score_forecast(forecast, cerebras_held_out)
    assert scores.overall["n"] == len(cerebras_held_out)
    assert scores.overall["crps"] < 0.03
    assert scores.overall["coverage_90"] >= 0.7
    assert scores.table()["benchmark"].tolist() == [*cerebras_held_out.benchmarks, "all"]
    assert "intervals cover" in repr(scores)


# Rates at several k ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def at_several_k(rates_fit):
    """A forecast of two new runs at three k, from a fit of five."""
    held_out = rates_runs((2e21, 4e21), prefix="new", seed=2)
    return bs.forecast(rates_fit, bs.Runs(held_out.frame.drop(columns="accuracy")), random_seed=1), held_out


def test_rates_are_matched_by_k_and_runs_counted_once(at_several_k):
    forecast, held_out = at_several_k
    backwards = bs.Runs(held_out.frame.iloc[::-1])
    scores = bs.score_forecast(forecast, backwards)
    assert scores.rows["accuracy"].tolist() == held_out.frame["accuracy"].tolist()
    overall = scores.overall
    assert (overall["n"], overall["runs"]) == (12, 2)
    assert scores.table(by="k")["k"].tolist() == [1.0, 4.0, 16.0, "all"]
    # Twelve rows of two runs say little more than two would.
    assert overall["coverage_90_high"] - overall["coverage_90_low"] > 0.25


def test_counts_are_scored_as_the_rates_that_they_give(at_several_k):
    forecast, held_out = at_several_k
    counts = counts_runs((2e21, 4e21), prefix="new", seed=2)
    of_counts, of_rates = (bs.score_forecast(forecast, runs) for runs in (counts, held_out))
    np.testing.assert_allclose(of_counts.rows["accuracy"], of_rates.rows["accuracy"])
    assert of_counts.overall.equals(of_rates.overall)


def test_points_whose_score_was_left_out_are_named(cerebras_fit, cerebras_held_out):
    frame = cerebras_held_out.frame
    with pytest.warns(bs.EmptyScoresWarning, match="2 scores left out"):
        lossy = bs.Runs(frame.assign(accuracy=frame["accuracy"].where(frame["benchmark"] != "piqa")))
    forecast = bs.forecast(cerebras_fit, cerebras_held_out, random_seed=1)
    with pytest.raises(ValueError, match=r"2 of 14 points have no scored row: run 'Cerebras-6\.7B' benchmark 'piqa'"):
        bs.score_forecast(forecast, lossy)
    found = bs.score_forecast(bs.forecast(cerebras_fit, lossy, random_seed=1), lossy)
    assert len(found.rows) == 12
