import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bayes_scaling.evaluation.coverage_interval import coverage_interval


def shared_hits(rng, runs, benchmarks, correlation, nominal):
    """Whether errors with a common part per run lie in the central interval of the nominal probability."""
    common, own = rng.normal(size=(runs, 1)), rng.normal(size=(runs, benchmarks))
    z = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    return (np.abs(stats.norm.cdf(z) - 0.5) < nominal / 2).ravel(), np.repeat(np.arange(runs), benchmarks)


@pytest.mark.parametrize(("hits", "rows"), [(18, 20), (1, 30), (50, 100)])
def test_without_clusters_it_is_jeffreys_interval(hits, rows):
    low, high = coverage_interval(np.arange(rows) < hits, np.arange(rows))
    jeffreys = stats.beta(hits + 0.5, rows - hits + 0.5).ppf([0.05, 0.95])
    np.testing.assert_allclose([low, high], jeffreys, atol=0.002)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
def test_the_measured_share_lies_inside(rows):
    inside, cluster = np.array([hit for hit, _ in rows]), np.array([code for _, code in rows])
    low, high = coverage_interval(inside, cluster)
    assert 0 <= low <= inside.mean() <= high <= 1
    assert high - low > 0.05


def test_names_of_clusters_do_not_matter():
    inside = np.array([True, True, False, True, False, False])
    assert coverage_interval(inside, np.array([0, 0, 1, 1, 2, 2])) == coverage_interval(
        inside, np.array([9, 9, 4, 4, 7, 7])
    )


def test_shared_errors_make_it_wider_than_independent_rows():
    rng = np.random.default_rng(1)
    inside, cluster = shared_hits(rng, 20, 10, 0.8, 0.8)
    low, high = coverage_interval(inside, cluster)
    naive_low, naive_high = coverage_interval(inside, np.arange(len(inside)))
    assert high - low > 1.5 * (naive_high - naive_low)


def test_a_single_run_says_little():
    low, high = coverage_interval(np.ones(50, bool), np.zeros(50, int))
    naive_low, naive_high = coverage_interval(np.ones(50, bool), np.arange(50))
    assert high == naive_high == 1.0
    assert low < 0.75 < 0.95 < naive_low


@pytest.mark.parametrize(("runs", "correlation", "nominal"), [(2, 0.3, 0.9), (10, 0.4, 0.9), (10, 0.4, 0.5)])
def test_it_holds_the_nominal_coverage_in_about_nine_of_ten_tables(runs, correlation, nominal):
    rng = np.random.default_rng(2)
    tables = [shared_hits(rng, runs, 7, correlation, nominal) for _ in range(100)]
    held = sum(low <= nominal <= high for low, high in (coverage_interval(*table) for table in tables))
    assert held >= stats.binom(100, 0.9).ppf(0.005)


def test_the_binomial_interval_would_not_hold_it():
    rng = np.random.default_rng(3)
    tables = [shared_hits(rng, 10, 20, 0.6, 0.5)[0] for _ in range(100)]
    held = sum(low <= 0.5 <= high for low, high in (coverage_interval(t, np.arange(len(t))) for t in tables))
    assert held < stats.binom(100, 0.9).ppf(0.005)
