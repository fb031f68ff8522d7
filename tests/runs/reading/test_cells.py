"""Cells: numbers and labels, and what is neither."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.runs.reading.cells import read_labels, read_numbers


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_numbers_as_text_are_the_same_numbers(numbers: list[float]) -> None:
    values, wrong = read_numbers(pd.Series([repr(number) for number in numbers], dtype=object))
    assert values.tolist() == numbers
    assert not wrong.any()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (" 0.53 ", 0.53),
        ("1e9", 1e9),
        ("+.5", 0.5),
        ("3.", 3),
        (True, 1),
        (np.bool_(False), 0),
        (10**25, 1e25),
        (Decimal("0.1"), 0.1),
        (np.float32(0.5), 0.5),
        ("inf", np.inf),
        (10**400, np.inf),
    ],
)
def test_numbers_in_many_forms(cell: object, number: float) -> None:
    values, wrong = read_numbers(pd.Series([cell], dtype=object))
    assert values.tolist() == [number]
    assert not wrong.any()


@pytest.mark.parametrize("cell", ["", "  ", "nan", "NA", "N/A", "null", "None", None, np.nan, pd.NA, pd.NaT])
def test_empty_cells(cell: object) -> None:
    values, wrong = read_numbers(pd.Series([cell], dtype=object))
    assert np.isnan(values).all()
    assert not wrong.any()


@pytest.mark.parametrize(
    "cell",
    [
        *("1.3B", "45%", "abc", "1,000", "1_000", "0x10", "--1", "1e", "1 2", "True"),
        [1],
        1j,
        pd.Timestamp(2024, 1, 1),
    ],
)
def test_what_is_no_number_is_said(cell: object) -> None:
    values, wrong = read_numbers(pd.Series([cell], dtype=object))
    assert wrong.tolist() == [True]
    assert np.isnan(values).all()


@pytest.mark.parametrize(
    "dtype", ["int8", "uint64", "float32", "Int64", "Float64", "boolean", "bool", "int64[pyarrow]"]
)
def test_numeric_dtypes(dtype: str) -> None:
    values, wrong = read_numbers(pd.Series([1, 0, 1], dtype=dtype))
    assert values.dtype == np.float64
    assert values.tolist() == [1, 0, 1]
    assert not wrong.any()


def test_large_integers_do_not_overflow() -> None:
    values, _ = read_numbers(pd.Series([2**63 - 1]))
    assert 6 * values[0] == 6.0 * (2**63 - 1)


@pytest.mark.parametrize(
    ("cell", "label"), [(" a ", "a"), (12, "12"), (12.0, "12"), (0.5, "0.5"), (True, "True"), ("007", "007")]
)
def test_labels_are_text(cell: object, label: str) -> None:
    labels, wrong = read_labels(pd.Series([cell], dtype=object))
    assert labels.tolist() == [label]
    assert not wrong.any()


@pytest.mark.parametrize("cell", ["", "  ", None, np.nan, pd.NA])
def test_empty_labels(cell: object) -> None:
    labels, wrong = read_labels(pd.Series(["a", cell], dtype=object))
    assert labels.isna().tolist() == [False, True]
    assert not wrong.any()


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, pd.Timestamp(2024, 1, 1)])
def test_what_is_no_label_is_said(cell: object) -> None:
    assert read_labels(pd.Series(["a", cell], dtype=object))[1].tolist() == [False, True]


def test_categories_are_read_as_their_labels() -> None:
    labels, _ = read_labels(pd.Series(["a", "b", None], dtype="category"))
    assert labels.tolist()[:2] == ["a", "b"]
