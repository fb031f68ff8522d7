import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.model.attempts.noise import (
    attempt_covariance,
    hazard_slope,
    problem_covariance,
    rotate,
    working_response,
)
from bayes_scaling.runs.pass_rates import pass_at_k

A, B, PROBLEMS, ATTEMPTS = 0.6, 8.0, 100, 40
K = np.array([1.0, 4.0, 16.0, 40.0])


def failure(k):
    """Of success rates with a Beta(A, B) distribution over problems: B(A, B + k) / B(A, B)."""
    from scipy.special import betaln

    return np.exp(betaln(A, B + k) - betaln(A, B))


def simulated_rates(repetitions, same_problems):
    rng = np.random.default_rng(1)
    p = rng.beta(A, B, PROBLEMS if same_problems else (repetitions, PROBLEMS))
    correct = rng.binomial(ATTEMPTS, np.broadcast_to(p, (repetitions, PROBLEMS)))
    return np.stack([pass_at_k(ATTEMPTS, correct, k).mean(axis=1) for k in K], axis=1)


def test_both_parts_together_are_the_covariance_of_unbiased_rates_of_fresh_problems():
    n = np.full(len(K), float(ATTEMPTS))
    expected = (problem_covariance(failure, K, K) + attempt_covariance(failure, K, K, n, n)) / PROBLEMS
    assert np.cov(simulated_rates(20_000, same_problems=False).T) == pytest.approx(expected, rel=0.06)


def test_the_attempts_part_is_what_the_same_problems_leave():
    n = np.full(len(K), float(ATTEMPTS))
    expected = np.diag(attempt_covariance(failure, K, K, n, n)) / PROBLEMS
    measured = simulated_rates(4000, same_problems=True).var(axis=0)
    assert measured == pytest.approx(expected, rel=0.5)  # these hundred problems are one draw of the distribution
    assert (measured < np.diag(problem_covariance(failure, K, K)) / PROBLEMS).all()


def test_all_attempts_at_once_have_no_noise_of_attempts_beyond_their_own():
    n = np.array([16.0])
    assert attempt_covariance(failure, n, n, n, n) == pytest.approx(failure(16.0) - failure(32.0))


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_rotation_diagonalises_both(size, seed):
    rng = np.random.default_rng(seed)
    one, two = (0.1 * rng.normal(size=(size, size)) for _ in range(2))
    attempts, problems = one @ one.T + 1e-3 * np.eye(size), two @ two.T
    rotation = rotate(attempts, problems, least=-np.inf, most=np.inf)
    assert rotation.matrix @ attempts @ rotation.matrix.T == pytest.approx(np.eye(size), abs=1e-6)
    both = rotation.matrix @ problems @ rotation.matrix.T
    assert both == pytest.approx(np.diag(rotation.problems), abs=1e-6 * (1 + rotation.problems.max()))


def test_directions_without_information_are_left_out_but_never_all():
    assert rotate(np.diag([0.1, 1e-9, 50.0]), np.zeros((3, 3))).matrix.shape == (1, 3)
    assert rotate(np.diag([1e-9, 1e-7]), np.zeros((2, 2))).matrix[0] == pytest.approx([0, 10**3.5])
    assert rotate(np.diag([50.0, 9.0]), np.zeros((2, 2))).matrix[0] == pytest.approx([0, 1 / 3])


@given(st.floats(0, 1), st.floats(1e-6, 1 - 1e-6))
def test_working_response_is_finite_and_plain_inside(rate, smooth):
    found = working_response(np.array([rate]), np.array([smooth]))[0]
    assert np.isfinite(found)
    if 0 < rate < 1:
        assert found == pytest.approx(np.log(-np.log1p(-rate)))
    else:
        assert (found < np.log(-np.log1p(-smooth))) == (rate == 0)


def test_slope_is_the_derivative():
    p = np.array([1e-5, 0.1, 0.5, 0.99])
    step = 1e-7 * p
    up, down = (np.log(-np.log1p(-(p + sign * step))) for sign in (1, -1))
    assert hazard_slope(p) == pytest.approx((up - down) / (2 * step), rel=1e-5)
