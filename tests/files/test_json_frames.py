"""The table as text: without loss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.files.json_frames import frame_from_json, frame_to_json


def round_trip(frame: pd.DataFrame) -> pd.DataFrame:
    return frame_from_json(frame_to_json(frame))


COLUMNS = {
    "float64": pd.Series([0.1, np.nan, -0.0, np.inf, -np.inf, 5e-324]),
    "float32": pd.Series([0.1, np.nan, 1, 2, 3, 4], dtype="float32"),
    "int64": pd.Series([2**63 - 1, -(2**63), 0, 1, 2, 3]),
    "uint8": pd.Series([0, 255, 1, 2, 3, 4], dtype="uint8"),
    "bool": pd.Series([True, False] * 3),
    "str": pd.Series(["a", None, "", 'quo"te', "naïve\n", "NaN"], dtype="str"),
    "string": pd.Series(["a", pd.NA, "", "b", "c", "NaN"], dtype="string"),
    "Int64": pd.Series([1, None, 3, 4, 5, 2**60 + 1], dtype="Int64"),
    "boolean": pd.Series([True, None, False, True, True, True], dtype="boolean"),
    "object": pd.Series([1, "1", 1.5, None, True, np.nan], dtype="object"),
    "category": pd.Series(["b", "a", None, "b", "a", "a"], dtype="category"),
    "ordered": pd.Series(pd.Categorical([2, 1, 3, 1, 1, 1], categories=[3, 2, 1], ordered=True)),
    "datetime": pd.Series(pd.to_datetime(["2024-01-01", None] * 3)),
    "zoned": pd.Series(pd.to_datetime(["2024-01-01 12:00", None] * 3).tz_localize("Europe/Berlin")),
    "timedelta": pd.Series(pd.to_timedelta(["1h", None, "3s"] * 2)),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_kind_of_column_comes_back(kind: str) -> None:
    frame = pd.DataFrame({"x": COLUMNS[kind]})
    pd.testing.assert_frame_equal(round_trip(frame), frame, check_exact=True)
    assert frame_to_json(round_trip(frame)) == frame_to_json(frame)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20))
def test_floats_come_back_to_the_last_bit(numbers: list[float]) -> None:
    values = np.array(numbers, dtype=float)
    back = round_trip(pd.DataFrame({"x": values}))["x"].to_numpy()
    assert np.array_equal(back, values, equal_nan=True)
    assert np.array_equal(np.signbit(back[~np.isnan(values)]), np.signbit(values[~np.isnan(values)]))


@settings(deadline=None)
@given(st.lists(st.text(), max_size=10))
def test_text_comes_back(texts: list[str]) -> None:
    frame = pd.DataFrame({"x": pd.Series(texts, dtype="object")})
    assert round_trip(frame)["x"].tolist() == texts


def test_a_table_without_rows_keeps_its_columns_and_dtypes() -> None:
    frame = pd.DataFrame(COLUMNS).iloc[:0]
    pd.testing.assert_frame_equal(round_trip(frame), frame)


def test_headers_may_be_numbers_and_keep_their_order() -> None:
    assert list(round_trip(pd.DataFrame({"b": [1], 3: [2], "a": [3]})).columns) == ["b", 3, "a"]


def test_a_cell_that_json_cannot_hold_is_named() -> None:
    with pytest.raises(ValueError, match=r"column 'notes' holds \[1, 2\].*drop the column or make it text"):
        frame_to_json(pd.DataFrame({"notes": [[1, 2]]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 99, "rows": 0, "columns": []}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a saved table|this version reads"):
        frame_from_json(text)
