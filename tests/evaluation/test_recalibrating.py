"""Widened intervals hold as often as they say, by simulation, and no interval gets narrower."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.evaluation import backtest
from bayes_scaling.evaluation.recalibrating import PastMisses, factors, past_misses, widened

LEVELS = (0.5, 0.8, 0.9)


def simulated(runs, each, together, spread, rng):
    """Misses of runs whose scores miss together, with a true spread of so many standard deviations."""
    run = np.repeat(np.arange(runs), each)
    shared = rng.normal(size=runs)[run]
    z = spread * (np.sqrt(together) * shared + np.sqrt(1 - together) * rng.normal(size=len(run)))
    return PastMisses(z, np.full(len(run), 0.5), run)


@pytest.mark.parametrize(("runs", "each"), [(2, 5), (6, 7)])
@pytest.mark.parametrize("together", [0.0, 0.5, 0.9])
def test_coverage_is_right_after_it(runs, each, together):
    """Forecasts twice too narrow; a new score of a new run lies in the widened interval as often as it says."""
    rng, times = np.random.default_rng(1), 2500
    held = dict.fromkeys(LEVELS, 0)
    for _ in range(times):
        spread, freedom = simulated(runs, each, together, 2.0, rng).spread(0.5)
        new = abs(2.0 * rng.normal())
        for level in LEVELS:
            rank = np.array([(1 + level) / 2])
            held[level] += new <= float(factors(rank, spread, freedom)[0] * stats.norm.ppf(rank[0]))
    for level, count in held.items():
        assert count / times == pytest.approx(level, abs=0.025)


def test_past_forecasts_that_were_right_cost_little():
    rng = np.random.default_rng(2)
    spread, freedom = simulated(40, 7, 0.3, 1.0, rng).spread(0.5)
    assert 1 <= factors(np.array([0.95]), spread, freedom)[0] < 1.15


@given(st.floats(0.1, 5), st.floats(1, 200), st.floats(0.001, 0.999))
def test_no_draw_comes_nearer_to_the_median(scale, freedom, rank):
    assert factors(np.array([rank]), max(scale, 1.0), freedom)[0] >= 1


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=30), st.floats(0, 3), st.integers(1, 5))
@settings(max_examples=40)
def test_a_spread_is_never_below_one(z, decades, runs):
    misses = PastMisses(np.array(z), np.linspace(0.1, 2, len(z)), np.arange(len(z)) % runs)
    scale, freedom = misses.spread(decades)
    assert scale >= 1
    assert freedom >= 1


def test_misses_are_those_that_were_made(past_forecasts):
    rows = past_forecasts.rows
    misses = past_misses(rows, backtest.LEVELS)
    by_pit = stats.norm.ppf(rows["pit"].clip(1e-4, 1 - 1e-4))
    inside = np.abs(by_pit) < 2
    assert np.corrcoef(misses.z[inside], by_pit[inside])[0, 1] > 0.97
    assert 2 < np.sqrt(np.mean(misses.z**2)) < 4  # three times too narrow


def test_a_forecast_gets_wider_and_keeps_its_medians(cerebras_fit, past_forecasts):
    at = bs.budgets(flops=[1e20, 1e22, 1e23])
    before = bs.forecast(cerebras_fit, at, random_seed=1)
    after = bs.forecast(cerebras_fit, at, random_seed=1, audit=past_forecasts, recalibrate=True)
    one, other = before.table(LEVELS), after.table(LEVELS)
    assert other["median"].to_numpy() == pytest.approx(one["median"].to_numpy(), abs=2e-4)
    within = one["decades_beyond"] <= 0
    assert within.any()
    for level in ("50", "80", "90"):
        assert (other[f"low_{level}"] <= one[f"low_{level}"] + 1e-9).all()
        assert (other[f"high_{level}"] >= one[f"high_{level}"] - 1e-9).all()
        assert other.loc[within, f"low_{level}"].tolist() == one.loc[within, f"low_{level}"].tolist()
    width = (other["high_90"] - other["low_90"]) / (one["high_90"] - one["low_90"])
    assert (width[~within] > 2).all()
    ranks = [np.argsort(np.argsort(found.array("score")[:, -1])) for found in (before, after)]
    assert np.array_equal(*ranks)  # what runs have in common stays
    assert after.notes[0].startswith("past 90% intervals of this law on this table")
    assert "these intervals were widened for it" in after.notes[0]
    assert after.notes[1].startswith("90% intervals are widened to about ")


def test_what_lies_within_the_fitted_budgets_stays(cerebras_fit, past_forecasts):
    inside = bs.forecast(cerebras_fit, bs.budgets(flops=1e20), random_seed=1)
    same = widened(inside, past_misses(past_forecasts.rows, backtest.LEVELS))
    assert np.array_equal(same.array("score"), inside.array("score"))
    assert same.notes[0].startswith("no interval is widened")
