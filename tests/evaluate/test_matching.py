import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.evaluate.matching import match_rows


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
