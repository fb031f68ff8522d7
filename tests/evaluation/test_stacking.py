import numpy as np
import pandas as pd
import pytest
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.evaluation.backtest import LEVELS, Backtest
from bayes_scaling.evaluation.proper_scores import crps
from bayes_scaling.evaluation.stacking import _Parts

NONE = pd.DataFrame(columns=["law", "cutoff", "keep_from", "left_out", "error"])


def backtest_of(forecasts, n_runs, rows_per_run=4, seed=1):
    """Backtest of normal forecasts (shift, sd) of standard normal scores around 0.5, in units of 0.05."""
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(n_runs * rows_per_run)
    parts = []
    for law, (shift, sd) in forecasts.items():
        quantiles = 0.5 + 0.05 * (shift + sd * stats.norm.ppf(LEVELS))
        density = stats.norm.logpdf(truth, shift, sd) - np.log(0.05)
        parts.append(
            pd.DataFrame(
                {
                    "law": law,
                    "cutoff": 1e20,
                    "run": np.repeat([f"r{i}" for i in range(n_runs)], rows_per_run),
                    "benchmark": np.tile([f"b{i}" for i in range(rows_per_run)], n_runs),
                    "accuracy": 0.5 + 0.05 * truth,
                    "log_score": -density,
                }
            ).assign(trajectory=lambda f: f["run"], quantiles=[quantiles] * len(truth))
        )
    return Backtest(pd.concat(parts, ignore_index=True), NONE, pd.DataFrame())


@pytest.mark.parametrize("score", ["crps", "log"])
def test_the_better_law_gets_the_weight(score):
    found = bs.stack(backtest_of({"good": (0.0, 1.0), "off": (2.0, 1.0)}, n_runs=60), score)
    assert found.weights["good"] > 0.85
    assert sum(found.weights.values()) == pytest.approx(1.0, abs=1e-5)
    assert found.scores.loc["stacked", "crps"] < found.scores.loc["uniform", "crps"]
    assert (found.n, found.runs) == (240, 60)


def test_laws_that_err_on_both_sides_are_mixed():
    found = bs.stack(backtest_of({"high": (1.0, 0.6), "low": (-1.0, 0.6)}, n_runs=60))
    assert found.weights["high"] == pytest.approx(0.5, abs=0.1)
    assert found.scores.loc["stacked", "crps_left_out"] < found.scores.loc[["high", "low"], "crps"].min()


def test_thin_evidence_keeps_near_uniform():
    laws = {"good": (0.0, 1.0), "off": (1.5, 1.0)}
    few, many = (bs.stack(backtest_of(laws, n_runs=n)).weights["good"] for n in (2, 80))
    assert 0.5 < few < many
    same = bs.stack(backtest_of({"one": (0.0, 1.0), "two": (0.0, 1.0)}, n_runs=3)).weights
    assert same["one"] == pytest.approx(0.5, abs=1e-3)


def test_the_score_of_a_mixture_is_that_of_its_draws():
    backtest = backtest_of({"a": (0.5, 1.0), "b": (-1.0, 0.5)}, n_runs=10)
    common = {law: rows.reset_index(drop=True) for law, rows in backtest.rows.groupby("law")}
    parts = _Parts.of(common)
    weights = np.array([0.3, 0.7])
    rng = np.random.default_rng(1)
    pick = rng.random(40_000) < weights[0]
    shift, sd = np.where(pick, 0.5, -1.0), np.where(pick, 1.0, 0.5)
    draws = 0.5 + 0.05 * (shift + sd * rng.standard_normal(40_000))[:, None] + np.zeros(40)
    expected = crps(draws, common["a"]["accuracy"].to_numpy())
    assert parts.crps(weights, np.ones(40, bool)) == pytest.approx(expected, abs=4e-4)


def test_a_mixture_has_draws_of_each_in_its_share(make_forecast):
    rng = np.random.default_rng(1)
    low, high = (make_forecast(centre + 0.01 * rng.standard_normal((1000, 1, 2))) for centre in (0.2, 0.8))
    mixed = bs.mix({"low": low, "high": high}, {"low": 1, "high": 3})
    assert mixed.draws["score"].shape == (1000, 2)
    from_high = mixed.draws["score"].to_numpy() > 0.5
    assert from_high.mean() == pytest.approx(0.75)
    assert (from_high[:, 0] == from_high[:, 1]).all()  # points of a draw come from one forecast
    assert mixed.notes[0] == "a mixture of forecasts: 0.25 low, 0.75 high"
    assert len(mixed.average().draws["score"]) == 1000
    assert bs.mix({"low": low}).table()["median"].tolist() == pytest.approx(low.table()["median"].tolist())


def test_what_cannot_be_mixed_or_stacked_is_refused(make_forecast):
    one, two = make_forecast(np.full((10, 1, 2), 0.5)), make_forecast(np.full((10, 1, 3), 0.5))
    with pytest.raises(ValueError, match="forecast 'two' has other points than 'one'"):
        bs.mix({"one": one, "two": two})
    with pytest.raises(ValueError, match="weights name one; expected each of one, two"):
        bs.mix({"one": one, "two": one}, {"one": 1.0})
    with pytest.raises(ValueError, match="forecasts is empty"):
        bs.mix({})
    single = backtest_of({"a": (0.0, 1.0)}, n_runs=3)
    with pytest.raises(ValueError, match="has the law a alone; expected two or more to stack"):
        bs.stack(single)
    with pytest.raises(ValueError, match="score='mae'; expected 'crps' or 'log'"):
        bs.stack(single, "mae")
    parted = backtest_of({"a": (0.0, 1.0), "b": (0.0, 1.0)}, n_runs=3)
    rows = parted.rows.assign(cutoff=np.where(parted.rows["law"] == "a", 1e20, 1e21))
    with pytest.raises(ValueError, match="no common rows"):
        bs.stack(Backtest(rows, NONE, parted.timings))
