"""Rows by a threshold, a query, or values; each function returns which rows match, shape (rows,)."""

from __future__ import annotations

import difflib
import math
import numbers
import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from .reading.problems import SHOWN, show

_LISTED = 20


def at_or_below(frame: pd.DataFrame, column: str, threshold: float) -> np.ndarray:
    """Say which rows have at most that budget.

    Raises
    ------
    ValueError
        The threshold is not a positive number, or the budget of a row is unknown.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, numbers.Real):
        raise ValueError(f"{column}={threshold!r}: expected a number such as 1e21")
    if not (math.isfinite(threshold) and threshold > 0):
        raise ValueError(f"{column}={threshold!r}: expected a positive number such as 1e21")
    _demand_known(frame, [column], f"split({column}={threshold:g})")
    return (frame[column] <= float(threshold)).to_numpy(dtype=bool)


def matches_query(frame: pd.DataFrame, query: str) -> np.ndarray:
    """Say which rows match a pandas query such as "params <= 1e9 and family == 'C4'".

    Raises
    ------
    ValueError
        The query cannot be read, names columns that are not there, or is not true or false for every row.
    """
    if not isinstance(query, str) or not query.strip():
        raise ValueError(f"query {query!r}: expected text such as 'params <= 1e9'")
    try:
        result = frame.eval(query, engine="python")
    except Exception as error:
        columns = ", ".join(map(str, frame.columns))
        raise ValueError(f"query {query!r} cannot be evaluated: {error}; the columns are {columns}") from error
    if not isinstance(result, pd.Series) or not pd.api.types.is_bool_dtype(result.dtype):
        raise ValueError(f"query {query!r}: expected a condition that is true or false for every row")
    return result.fillna(False).to_numpy(dtype=bool)


def columns_of_query(frame: pd.DataFrame, query: str) -> list[str]:
    """List the columns of the table that a query reads."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", query)
    words = {quoted or word for quoted, word in re.findall(r"`([^`]+)`|([^\W\d]\w*)", bare)}
    return [name for name in frame.columns if name in words]


def sides_of_query(frame: pd.DataFrame, query: str) -> np.ndarray:
    """Say which rows match a query that must put every row on one side: no column that it reads is empty."""
    matched = matches_query(frame, query)
    _demand_known(frame, columns_of_query(frame, query), f"split({query!r})")
    return matched


def has_values(frame: pd.DataFrame, conditions: Mapping[str, object]) -> np.ndarray:
    """Say which rows have, in each named column, the value or one of the values; None selects empty cells.

    Raises
    ------
    ValueError
        A column or a value does not occur in the table.
    """
    matched = np.ones(len(frame), dtype=bool)
    for column, wanted in conditions.items():
        if column not in frame:
            columns = ", ".join(map(str, frame.columns))
            raise ValueError(f"select({column}=...): there is no column {column!r}; the columns are {columns}")
        hit = np.zeros(len(frame), dtype=bool)
        for value in _as_list(wanted):
            rows = _equals(frame[column], value)
            if not rows.any():
                raise ValueError(_unknown_value(frame[column], value))
            hit |= rows
        matched &= hit
    return matched


def _as_list(wanted: object) -> list[object]:
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        return [wanted]
    return list(wanted)


def _equals(column: pd.Series, value: object) -> np.ndarray:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return column.isna().to_numpy()
    return (column == value).fillna(False).to_numpy(dtype=bool)


def _unknown_value(column: pd.Series, value: object) -> str:
    known = column.dropna().unique().tolist()
    listed = ", ".join(show(label) for label in known[:_LISTED])
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    close = difflib.get_close_matches(value, [str(label) for label in known], n=1) if isinstance(value, str) else []
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{column.name} {show(value)} does not occur{hint}; known are {listed or 'none'}{more}"


def _demand_known(frame: pd.DataFrame, columns: list[str], call: str) -> None:
    for column in columns:
        empty = np.flatnonzero(frame[column].isna())
        if len(empty):
            rows = ", ".join(str(row + 1) for row in empty[:SHOWN])
            more = f" and {len(empty) - SHOWN:,} more" if len(empty) > SHOWN else ""
            raise ValueError(
                f"{call}: {column} is empty in rows {rows}{more}, so they belong to neither side; "
                "expected a column that is known in every row, or select(...) for one side"
            )
