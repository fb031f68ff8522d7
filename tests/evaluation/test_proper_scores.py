import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from bayes_scaling.evaluation.proper_scores import crps, log_score, pit

accuracies = st.floats(0, 1, allow_nan=False)
ensembles = st.integers(1, 30).flatmap(lambda size: arrays(float, (size, 3), elements=accuracies))
truths = arrays(float, 3, elements=accuracies)


def brute_force_crps(draws, accuracy):
    to_truth = np.abs(draws - accuracy).mean(axis=0)
    among = np.abs(draws[:, None, :] - draws[None, :, :]).mean(axis=(0, 1))
    return to_truth - among / 2


@given(ensembles, truths)
def test_crps_is_the_brute_force_formula(draws, accuracy):
    np.testing.assert_allclose(crps(draws, accuracy), brute_force_crps(draws, accuracy), atol=1e-12)


def test_crps_of_a_normal_is_its_closed_form():
    draws = stats.norm(0.5, 0.1).ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]
    z = (0.62 - 0.5) / 0.1
    closed = 0.1 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(crps(draws, np.array([0.62])), closed, rtol=1e-3)


@given(ensembles, truths)
def test_log_score_is_finite_and_a_miss_costs_at_most_log_of_draws(draws, accuracy):
    scores = log_score(draws, accuracy)
    assert np.isfinite(scores).all()
    assert (scores <= np.log(len(draws) + 1) + 1e-9).all()


@pytest.mark.parametrize("bound", [0.0, 1.0])
def test_log_score_of_draws_at_a_bound_rewards_that_bound(bound):
    draws = np.full((500, 1), bound)
    assert log_score(draws, np.array([bound]))[0] < -5
    assert log_score(draws, np.array([0.5]))[0] > 5


def test_log_score_is_minus_the_log_density():
    draws = np.random.default_rng(1).normal(0.5, 0.05, (4000, 1))
    truths = np.array([0.42, 0.5, 0.57])
    expected = -stats.norm(0.5, 0.05).logpdf(truths)
    np.testing.assert_allclose(log_score(np.repeat(draws, 3, axis=1), truths), expected, atol=0.08)


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 0.1), (0.97, 0.05), (0.02, 0.03)])
def test_the_density_behind_the_log_score_integrates_to_one(mean, sd):
    draws = np.clip(np.random.default_rng(2).normal(mean, sd, (400, 1)), 0, 1)
    grid = np.linspace(0, 1, 8001)
    density = np.exp(-log_score(np.repeat(draws, len(grid), axis=1), grid))
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=0.01)


def test_log_score_is_lowest_on_average_for_the_right_spread():
    rng = np.random.default_rng(3)
    truth = rng.normal(0.5, 0.05, 400)
    means = {sd: log_score(rng.normal(0.5, sd, (1000, 400)), truth).mean() for sd in (0.02, 0.05, 0.12)}
    assert min(means, key=means.get) == 0.05


@given(ensembles, truths)
def test_pit_is_inside_the_unit_interval_and_mirrors(draws, accuracy):
    values = pit(draws, accuracy)
    assert ((values > 0) & (values < 1)).all()
    np.testing.assert_allclose(pit(-draws, -accuracy), 1 - values, atol=1e-12)


def test_pit_of_tied_draws_is_a_half():
    assert pit(np.ones((99, 1)), np.array([1.0]))[0] == 0.5


def test_pit_of_calibrated_draws_is_uniform():
    rng = np.random.default_rng(4)
    centre = rng.normal(0.5, 0.1, 2000)
    values = pit(rng.normal(centre, 0.03, (500, 2000)), rng.normal(centre, 0.03))
    assert stats.kstest(values, "uniform").pvalue > 0.01
