import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.model.information import data_floor, information, item_counts


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.01, 0.9))
def test_floor_is_never_above_chance_nor_below_zero(accuracy, chance):
    floor = data_floor(np.array(accuracy), chance, 1000)
    assert 0 <= floor <= chance


def test_floor_of_generative_benchmarks_is_zero():
    assert data_floor(np.array([0.2, 0.3]), 0.0, 100) == 0


def test_floor_follows_scores_below_chance():
    accuracy = np.array([0.166, 0.17, 0.2, 0.25, 0.3, 0.31, 0.33, 0.4])
    floor = data_floor(accuracy, 0.25, 1172)
    assert 0.166 < floor < 0.18


def test_scores_near_the_floor_say_little():
    near, far = information(np.array([0.26, 0.6]), 0.25, np.array([1000.0, 1000.0]))
    assert far > 10 * near


def test_item_counts_come_from_standard_errors():
    accuracy = np.array([0.3, 0.5, 0.6, 0.4])
    frame = pd.DataFrame({"accuracy": accuracy, "stderr": [*np.sqrt(accuracy[:3] * (1 - accuracy[:3]) / 500), np.nan]})
    assert item_counts(frame, np.zeros(4, int)) == pytest.approx(500)


def test_given_counts_win_and_benchmarks_do_not_mix():
    frame = pd.DataFrame({"accuracy": [0.3, 0.5, 0.6], "n_items": [100.0, np.nan, np.nan]})
    counts = item_counts(frame, np.array([0, 0, 1]))
    assert counts[:2].tolist() == [100, 100]
    assert np.isnan(counts[2])


def test_a_standard_error_of_zero_is_no_information():
    frame = pd.DataFrame({"accuracy": [0.0, 0.5], "stderr": [0.0, np.sqrt(0.25 / 200)]})
    assert item_counts(frame, np.zeros(2, int)) == pytest.approx(200)
