"""The estimator of pass@k against exact arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.runs.pass_rates import pass_at_k


def exactly(n, c, k):
    return 1 - Fraction(math.comb(n - c, k), math.comb(n, k))


def exactly_of_many(n, c, k):
    """The same without fractions, whose reduction takes long; Python divides whole numbers to the last bit."""
    smaller, larger = sorted((c, k))
    wrong, every = math.perm(n - larger, smaller), math.perm(n, smaller)
    return (every - wrong) / every


@st.composite
def counts(draw, most=400):
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@pytest.mark.parametrize("n", [*range(1, 16), 33, 40])
def test_it_is_the_exact_value(n):
    c, k = np.arange(n + 1)[:, None], np.arange(1, n + 1)
    passed = pass_at_k(n, c, k)
    exact = [[float(exactly(n, right, counted)) for counted in range(1, n + 1)] for right in range(n + 1)]
    np.testing.assert_allclose(passed, exact, rtol=1e-14, atol=0)
    assert (passed[0] == 0).all()
    assert (passed[1:] > 0).all()
    assert (passed[c > n - k] == 1).all()


@given(counts())
def test_it_is_the_exact_value_anywhere(drawn):
    assert pass_at_k(*drawn) == pytest.approx(float(exactly(*drawn)), rel=1e-13, abs=0)


@given(st.integers(40, 400), st.integers(0, 30), st.floats(0, 1))
def test_it_is_the_exact_value_where_few_wrong_ones_are_left(n, left, share):
    c = 1 + int(share * (n - left - 2))
    drawn = n, c, n - left - c
    assert pass_at_k(*drawn) == pytest.approx(float(exactly(*drawn)), rel=1e-13, abs=0)


@pytest.mark.parametrize("n", [999_983, 1_000_000])
@pytest.mark.parametrize(
    ("c", "k"),
    [
        (1, 1),
        (1, 2),
        (3, 1),
        (2, 7),
        (16, 16),
        (17, 17),
        (40, 1000),
        (300, 300),
        (5000, 90),
        (1000, 6000),
        (5, 999_000),
    ],
)
def test_a_million_attempts_cost_no_digits(n, c, k):
    exact = exactly_of_many(n, c, k)
    assert pass_at_k(n, c, k) == pytest.approx(exact, rel=1e-13, abs=0)
    assert pass_at_k(n, k, c) == pytest.approx(exact, rel=1e-13, abs=0)


def test_one_right_among_a_million():
    assert pass_at_k(10**6, 1, 1) == pytest.approx(1e-6, rel=1e-15)
    assert pass_at_k(10**6, 1, 500_000) == pytest.approx(0.5, rel=1e-15)
    assert pass_at_k(10**6, 0, 10**6) == 0
    assert pass_at_k(10**6, 500_000, 500_001) == 1
    assert pass_at_k(10**6, 500_000, 500_000) == 1  # but for one part in 10**301026


@given(counts(10**6))
def test_one_attempt_passes_as_often_as_it_is_right(drawn):
    n, c, _ = drawn
    assert pass_at_k(n, c, 1) == pytest.approx(c / n, rel=1e-14)


@given(counts(10**6))
def test_right_ones_and_counted_ones_change_places(drawn):
    n, c, k = drawn
    assert pass_at_k(n, max(c, 1), k) == pass_at_k(n, k, max(c, 1))


@given(counts(10**6))
def test_it_rises_with_k_and_with_c_and_stays_in_range(drawn):
    n, c, k = drawn
    passed = pass_at_k(n, c, k)
    assert 0 <= passed <= 1
    assert pass_at_k(n, c, min(k + 1, n)) >= passed * (1 - 1e-14)
    assert pass_at_k(n, min(c + 1, n), k) >= passed * (1 - 1e-14)


def test_it_is_the_mean_over_all_choices():
    """Of the 3 pairs among 3 attempts, 2 hold the one that is right."""
    assert pass_at_k(3, 1, 2) == pytest.approx(2 / 3)


def test_single_numbers_give_a_float_and_arrays_broadcast():
    assert type(pass_at_k(5, 2, 1)) is float
    assert type(pass_at_k(np.int64(5), np.array(2), 1.0)) is float
    passed = pass_at_k(np.array([[10], [20]]), [0, 3, 10], 5)
    assert isinstance(passed, np.ndarray)
    assert passed.dtype == np.float64
    assert passed.shape == (2, 3)
    assert passed[1, 2] == pass_at_k(20, 10, 5)
    assert pass_at_k(10, [], 1).shape == (0,)


@pytest.mark.parametrize(
    ("given_counts", "message"),
    [
        ((10, 3, 11), "k is 11; expected at most n = 10"),
        (([10, 4], 3, 5), "k is 5; expected at most n = 4"),
        ((10, 3, 0), "k is 0; expected at least 1"),
        ((10, 3, -2), "k is -2; expected at least 1"),
        ((10, 11, 2), "c is 11; expected at most n = 10"),
        ((10, [2, -1], 2), "c is -1; expected at least 0"),
        ((0, 0, 1), "n is 0; expected at least 1"),
        ((10.5, 3, 2), "n is 10.5; expected a whole number"),
        ((10, 0.3, 2), "c is 0.3; expected a whole number"),
        ((10, 3, [1, 1.5]), "k is 1.5; expected a whole number"),
        ((np.nan, 3, 2), "n is nan; expected a whole number"),
        ((10, [1, np.nan], 2), "c is nan; expected a whole number"),
        ((10, 3, np.inf), "k is inf; expected a whole number"),
        (([10, 20], [1, 2, 3], 1), "shape mismatch"),
    ],
)
def test_impossible_counts_are_refused(given_counts, message):
    with pytest.raises(ValueError, match=message):
        pass_at_k(*given_counts)


def test_it_is_a_public_name():
    assert bs.pass_at_k is pass_at_k
