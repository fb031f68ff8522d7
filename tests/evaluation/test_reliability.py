import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.evaluation.backtest import LEVELS, Backtest
from bayes_scaling.evaluation.reliability import reach_probabilities

TARGETS = (0.3, 0.5, 0.7)


def backtest_of(centre, accuracy, sd=0.1, law="direct"):
    """Normal forecasts of rows, each of a run of its own."""
    rng = np.random.default_rng(0)
    draws = np.sort(rng.normal(0, sd, 4001))
    rows = pd.DataFrame({"law": law, "benchmark": "piqa", "accuracy": accuracy})
    rows["trajectory"] = [f"run {i}" for i in range(len(rows))]
    rows["quantiles"] = [np.quantile(draws + c, LEVELS) for c in centre]
    return Backtest(rows, pd.DataFrame(), pd.DataFrame())


@pytest.fixture(scope="module")
def calibrated():
    rng = np.random.default_rng(1)
    centre = rng.uniform(0.2, 0.8, 3000)
    return backtest_of(centre, centre + rng.normal(0, 0.1, 3000))


@given(st.floats(0.2, 0.8), st.floats(0, 1), st.floats(0, 1))
def test_it_is_the_share_of_draws_and_falls_with_the_target(centre, target, other):
    draws = np.sort(np.random.default_rng(2).normal(centre, 0.1, 2000))
    low, high = sorted((target, other))
    found = reach_probabilities(np.quantile(draws, LEVELS)[None], LEVELS, [low, high])[0]
    assert found[0] >= found[1]
    assert found[0] == pytest.approx((draws >= low).mean(), abs=0.012)


def test_calibrated_forecasts_lie_on_the_diagonal(calibrated):
    table = calibrated.reliability(targets=TARGETS)
    assert table["n"].sum() == 9000
    assert (table["stated"] - table["observed"]).abs().max() < 0.06
    assert table["stated"].between(table["low"], table["high"]).all()
    assert ((table["observed_low"] <= table["observed"]) & (table["observed"] <= table["observed_high"])).all()


def test_too_sure_forecasts_leave_it():
    rng = np.random.default_rng(1)
    centre = rng.uniform(0.2, 0.8, 2000)
    result = backtest_of(centre, centre + rng.normal(0, 0.1, 2000), sd=0.02)
    table = result.reliability(targets=TARGETS)
    assert table.query("low == 0.0")["observed"].item() > 0.03
    inside = table.query("0.1 < stated < 0.4")
    assert (inside["observed"] > inside["stated"]).all()


def test_brier_is_that_of_the_stated_probabilities(calibrated):
    found = calibrated.brier(targets=TARGETS).iloc[0]
    rows = calibrated.rows
    stated = reach_probabilities(np.stack(rows["quantiles"]), LEVELS, TARGETS)
    reached = rows["accuracy"].to_numpy()[:, None] >= TARGETS
    assert found["brier"] == pytest.approx(np.mean((stated - reached) ** 2))
    p = reached.mean(axis=0)
    assert found["climatology"] == pytest.approx(np.mean(p * (1 - p)))
    assert found["skill"] == pytest.approx(1 - found["brier"] / found["climatology"])
    assert found["skill"] > 0.3
    assert found["n"] == 9000


def test_groups_are_columns_of_the_rows(calibrated):
    with pytest.raises(ValueError, match="by='colour'; expected columns of rows"):
        calibrated.reliability("colour")
