import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.evaluation.matching import match_rows, rates_at
from bayes_scaling.runs.pass_rates import pass_at_k


def table(*rows, columns=("run", "benchmark", "metric", "shots")):
    return pd.DataFrame(list(rows), columns=list(columns))


SCORED = table(
    ("a", "arc", "acc", 0.0), ("a", "arc", "acc_norm", 0.0), ("a", "piqa", "acc", 0.0), ("b", "piqa", "acc", 5.0)
)


@given(st.permutations(range(4)))
def test_points_find_their_rows_in_any_order(order):
    np.testing.assert_array_equal(match_rows(SCORED.iloc[list(order)].reset_index(drop=True), SCORED), order)


def test_rows_that_no_point_asks_for_are_left_alone():
    assert match_rows(SCORED.iloc[[2]], SCORED).tolist() == [2]


def test_a_metric_that_one_side_does_not_state_agrees():
    points = table(("a", "piqa"), ("b", "piqa"), columns=("run", "benchmark"))
    assert match_rows(points, SCORED).tolist() == [2, 3]


def test_a_metric_that_was_not_scored_is_missing():
    points = table(("a", "piqa", "acc_norm", 0.0), ("b", "piqa", "acc", 5.0))
    with pytest.raises(ValueError, match=r"1 of 2 points have no scored row: run 'a' .* metric 'acc_norm'"):
        match_rows(points, SCORED)


def test_shots_must_agree():
    points = table(("a", "piqa", "acc", 5.0), ("b", "piqa", "acc", 5.0))
    with pytest.raises(ValueError, match="shots 5"):
        match_rows(points, SCORED)


def test_nothing_in_common_names_what_is_there():
    points = table(("1e+23 FLOPs", "piqa", "acc", 0.0))
    with pytest.raises(ValueError, match=r"no score in common.*1e\+23 FLOPs.*scored runs are a, b.*arc, piqa"):
        match_rows(points, SCORED)


def test_several_rows_for_a_point_are_refused():
    points = table(("a", "arc", np.nan, 0.0))
    with pytest.raises(ValueError, match="several scored rows; state metric and shots"):
        match_rows(points, SCORED)


AT_K = ("run", "benchmark", "k")
RATES = table(("a", "code", 1.0), ("a", "code", 10.0), ("b", "code", np.nan), ("b", "code", 10.0), columns=AT_K)


@given(st.permutations(range(4)))
def test_points_find_their_k(order):
    points = RATES.iloc[list(order)].reset_index(drop=True)
    np.testing.assert_array_equal(match_rows(points, RATES), order)


def test_a_k_that_is_not_stated_is_1():
    without = RATES[["run", "benchmark"]].iloc[[0, 2]]
    assert match_rows(without, RATES).tolist() == [0, 2]
    assert match_rows(RATES.iloc[[0]], without).tolist() == [0]
    assert match_rows(RATES.assign(k=[1.0, 10.0, 1.0, 10.0]), RATES).tolist() == [0, 1, 2, 3]


def test_a_rate_at_k_is_not_held_against_a_single_score():
    single = RATES[["run", "benchmark"]].iloc[[0, 2]]
    with pytest.raises(ValueError, match=r"1 of 2 points have no scored row: run 'a' benchmark 'code' k 10"):
        match_rows(RATES.iloc[[0, 1]], single)
    with pytest.raises(ValueError, match=r"no score in common: .*k 10; .*the scored k are 1$"):
        match_rows(RATES.iloc[[1]], single)


def test_counts_of_problems_become_unbiased_rates():
    counts = pd.DataFrame(
        {
            "run": ["a", "a", "b", "b"],
            "benchmark": "code",
            "problem": ["p", "q"] * 2,
            "n_samples": [10, 10, 10, 4],
            "n_correct": [3, 0, 10, 1],
        }
    )
    rates = rates_at(counts, np.array([8.0, 1.0, 1.0]))
    assert rates[["run", "k"]].to_numpy().tolist() == [["a", 1.0], ["a", 8.0], ["b", 1.0]]  # b: 4 attempts at q
    expected = [0.15, pass_at_k(10, 3, 8) / 2, (1 + 0.25) / 2]
    np.testing.assert_allclose(rates["accuracy"], expected)
    assert rates_at(RATES, np.array([1.0])) is RATES
