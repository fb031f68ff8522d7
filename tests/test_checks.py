import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.checks import (
    check_count,
    check_positive,
    check_probability,
    check_target,
    checked_probs,
    checked_widths,
)


@given(st.lists(st.floats(0.01, 0.99), min_size=1))
def test_probabilities_are_kept_once_and_in_their_order(probs):
    found = checked_probs(probs)
    assert set(found) == set(probs)
    assert [probs.index(prob) for prob in found] == sorted(probs.index(prob) for prob in found)
    assert checked_widths(probs) == sorted(found, reverse=True)
    assert checked_probs(np.array(probs)) == found
    assert checked_probs(probs[0]) == (probs[0],)


@pytest.mark.parametrize("prob", [0, 1, -0.1, 90, float("nan")])
def test_what_is_no_probability_is_refused(prob):
    with pytest.raises(ValueError, match=f"prob is {prob}; expected a probability between 0 and 1"):
        check_probability("prob", prob)
    with pytest.raises(ValueError, match=f"probs holds {float(prob)}; expected probabilities between 0 and 1"):
        checked_probs([0.5, prob])


def test_a_figure_has_a_band():
    assert checked_probs([]) == ()
    with pytest.raises(ValueError, match="probs is empty"):
        checked_widths([])


@pytest.mark.parametrize("number", [1, 0.5, np.float32(0.5), np.int64(1)])
def test_numbers_of_every_kind_are_numbers(number):
    assert check_positive("x", number) == check_target("x", number) == float(number)
    assert type(check_positive("x", number)) is float


@pytest.mark.parametrize("value", [True, "0.5", None, float("nan"), float("inf"), -1, np.bool_(True)])
def test_what_is_no_such_number_is_refused(value):
    with pytest.raises(ValueError, match=r"x is .*; expected a positive number"):
        check_positive("x", value)
    with pytest.raises(ValueError, match=r"x is .*; expected a score between 0 and 1, such as 0\.7"):
        check_target("x", value)


@pytest.mark.parametrize("value", [1.0, True, "2", None, 1, np.int64(1)])
def test_a_count_is_a_whole_number_and_large_enough(value):
    check_count("n", 2, 2)
    check_count("n", np.int64(3), 2)
    with pytest.raises(ValueError, match=r"n is .*; expected a whole number, at least 2"):
        check_count("n", value, 2)
