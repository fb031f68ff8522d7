import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.model.deviation import Basis, conditional, fit_basis, walk_covariance, walk_root

budgets = st.lists(st.floats(38, 56), min_size=3, max_size=9, unique_by=lambda x: round(x, 1)).map(
    lambda values: np.array(values)[:, None]
)


def column(*values):
    return np.array(values)[:, None]


@given(budgets, st.randoms(use_true_random=False))
def test_fitted_values_have_no_weighted_trend(log_flops, random):
    weights = np.array([random.uniform(0.1, 10) for _ in log_flops])
    basis = fit_basis(log_flops, weights)
    values = basis.rows(log_flops)
    assert np.allclose(weights @ values, 0, atol=1e-6 * weights.sum())
    assert np.allclose((weights * (log_flops - log_flops.mean())[:, 0]) @ values, 0, atol=1e-5 * weights.sum())


@given(budgets)
def test_forecast_at_fitted_budgets_gives_the_fitted_values(log_flops):
    basis = fit_basis(log_flops, np.ones(len(log_flops)))
    weights, _ = conditional(basis, log_flops)
    assert np.allclose(weights, basis.rows(log_flops), atol=1e-6)


def test_what_is_left_open_grows_outside_the_data():
    basis = fit_basis(column(42.0, 44.0, 46.0, 48.0), np.ones(4))
    _, root = conditional(basis, column(45.0, 49.0, 51.0, 54.0))
    spread = np.sqrt((root**2).sum(axis=1))
    assert np.all(np.diff(spread) > 0)
    assert spread[0] < 0.5 < spread[-1]


def test_walk_covariance_is_that_of_an_integrated_walk():
    rng = np.random.default_rng(1)
    step = 0.01
    slopes = np.cumsum(rng.normal(0, np.sqrt(step), (20_000, 300)), axis=1)
    walk = np.cumsum(slopes, axis=1) * step
    at = [99, 299]
    expected = walk_covariance(column(1.0, 3.0), column(1.0, 3.0))
    assert np.allclose(np.cov(walk[:, at].T), expected, rtol=0.06)


def test_two_budgets_or_fewer_leave_nothing_to_fit():
    assert fit_basis(column(42.0, 44.0, 44.0), np.ones(3)).size == 0
    assert fit_basis(column(42.0), np.ones(1)).size == 0
    _, root = conditional(fit_basis(column(42.0), np.ones(1)), column(42.0, 44.0))
    assert root[0] @ root[0] == pytest.approx(0)
    assert root[1] @ root[1] > 0


def test_repeated_budgets_share_one_value():
    basis = fit_basis(column(42.0, 42.0, 44.0, 46.0), np.ones(4))
    rows = basis.rows(column(42.0, 42.0))
    assert np.array_equal(rows[0], rows[1])


def test_root_of_a_new_curve_has_the_walks_covariance():
    x = column(-2.0, 1.0, 3.0)
    root = walk_root(x)
    assert np.allclose(root @ root.T, walk_covariance(x, x))


def test_plain_form_survives_to_the_last_bit():
    basis = fit_basis(column(42.1, 44.2, 46.3, 47.7), np.array([1.0, 2.0, 0.3, 1.0]))
    again = Basis.from_dict(basis.to_dict())
    for name in ("points", "trend", "vectors"):
        assert np.array_equal(getattr(basis, name), getattr(again, name))
    assert np.array_equal(basis.centre, again.centre)


def test_budgets_that_move_together_are_one_and_leave_their_line_alone():
    """Tokens per parameter of 19.6 to 20.2 tell nothing of other ratios, and must not be extrapolated."""
    params = np.log(np.geomspace(1e8, 1e10, 7))
    wobble = 0.01 * np.sin(np.arange(7.0))
    basis = fit_basis(np.c_[params, params + np.log(20) + wobble], np.ones(7))
    weights, root = conditional(basis, np.array([[params.mean(), params.mean() + np.log(500)]]))
    assert np.abs(weights).max() < 5
    assert 0.1 < np.sqrt((root**2).sum()) < 5


def test_a_deviation_in_two_budgets_grows_with_either():
    sizes, tokens = np.meshgrid(np.linspace(18, 21, 4), np.linspace(22, 26, 4))
    basis = fit_basis(np.c_[sizes.ravel(), tokens.ravel()], np.ones(16))
    # Larger models at compute that was fitted: nothing of that is known.
    _, root = conditional(basis, np.array([[19.5, 24.0], [22.5, 21.5], [24.0, 20.0]]))
    spread = np.sqrt((root**2).sum(axis=1))
    assert spread[0] < 0.3 < spread[1] < spread[2]
