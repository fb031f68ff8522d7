import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.model.attempts.off_curve import bases_in_k, walk_given, walk_in_k
from bayes_scaling.model.deviation import walk_covariance

LOG_K = np.log([1.0, 2.0, 4.0, 8.0, 16.0])


def test_the_walk_starts_at_one_attempt():
    basis = walk_in_k(LOG_K)
    assert basis.size == 4
    assert basis.rows(np.zeros((1, 1))).tolist() == [[0.0] * 4]
    weights, root = walk_given(basis, np.zeros(1))
    assert np.abs(weights).max() == pytest.approx(0.0, abs=1e-12)
    assert np.abs(root).max() == pytest.approx(0.0, abs=1e-7)


def test_beyond_the_fitted_k_it_goes_on_as_it_went_and_widens():
    basis = walk_in_k(LOG_K)
    weights, root = walk_given(basis, np.log([16.0, 64.0, 256.0]))
    assert weights[2] - weights[1] == pytest.approx(weights[1] - weights[0])  # even steps of log k
    sd = np.sqrt((root**2).sum(axis=1))
    assert sd[0] < 0.01
    assert sd[2] > 2 * sd[1] > 0.5


@given(st.lists(st.floats(0.1, 9), min_size=1, max_size=9, unique=True))
def test_coefficients_and_what_they_leave_open_make_the_walk(log_k):
    at = np.array(log_k)
    weights, root = walk_given(walk_in_k(LOG_K), at)
    whole = weights @ weights.T + root @ root.T
    assert whole == pytest.approx(walk_covariance(at[:, None], at[:, None]), abs=1e-4)


def test_a_benchmark_that_was_not_fitted_or_tried_once_has_no_coefficients():
    assert walk_in_k(np.zeros(3)).size == 0
    for basis in (None, walk_in_k(np.zeros(3))):
        weights, root = walk_given(basis, LOG_K)
        assert weights.shape == (5, 0)
        assert (root**2).sum(axis=1) == pytest.approx(LOG_K**3 / 3)


def test_each_benchmark_has_a_basis_of_its_own_k():
    k = np.array([1.0, 2.0, 1.0, 8.0, 64.0])
    first, second = bases_in_k(np.array([0, 0, 1, 1, 1]), k, 2)
    assert (first.size, second.size) == (1, 2)
