"""Cells: numbers and labels, and what is neither."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.runs.reading.cells import number_in, read_labels, read_numbers


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


@pytest.mark.parametrize(
    ("text", "quantity", "number"),
    [
        ("125M", "params", 1.25e8),
        ("6.7B", "params", 6.7e9),
        ("300 billion", "tokens", 3e11),
        ("1.4T", "tokens", 1.4e12),
        ("3e5 PF-days", "flops", 2.592e25),
        ("12 EFLOPs", "flops", 1.2e19),
        ("25.3%", "accuracy", 0.253),
        ("1.5 %", "stderr", 0.015),
        ("14,042", "n_items", 14042.0),
        ("1,300,000,000", "params", 1.3e9),
        ("-", "accuracy", np.nan),
        ("–", "accuracy", np.nan),
    ],
)
def test_numbers_as_people_write_them(text: str, quantity: str, number: float) -> None:
    assert number_in(text, quantity) == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("7B", "accuracy"), ("25%", "params"), ("1,5", "accuracy"), ("7 parsecs", "tokens"), ("B", "params")],
)
def test_units_of_other_quantities_are_no_numbers(text: str, quantity: str) -> None:
    assert number_in(text, quantity) is None


@given(st.floats(1e-3, 1e3), st.sampled_from(["", "(B)"]))
def test_a_unit_in_the_cell_is_that_of_the_header(value: float, unit: str) -> None:
    scale = 1e9 if unit else 1.0
    cells = pd.Series([f"{value!r}B", repr(value * 1e9 / scale)], dtype=object)
    values, wrong = read_numbers(cells, "params", scale)
    assert not wrong.any()
    np.testing.assert_allclose(values[0], values[1])
