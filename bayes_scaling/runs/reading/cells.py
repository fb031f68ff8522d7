"""Cells: numbers and labels out of whatever a column holds. What is not a number is said, never guessed."""

from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal

import numpy as np
import pandas as pd

from ..budget_columns import BUDGETS
from .units import UNITS, unit_scale

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE)
_FLAGS = {**dict.fromkeys(("true", "yes"), 1.0), **dict.fromkeys(("false", "no"), 0.0)}
_WITH_UNIT = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>[^\d\s.,+-].*)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?=$|\s*[A-Za-z])")
_MISSING = frozenset({"", "nan", "na", "n/a", "<na>", "null", "none", "-", "–", "—"})
#: Quantities that count something, so that a comma in them parts thousands.
_COUNTS = frozenset({*BUDGETS, "n_items", "n_samples", "n_correct"})


def read_numbers(column: pd.Series, quantity: str = "", scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as float64 (NaN where empty), and say which cells hold something else than a number.

    Parameters
    ----------
    column : Series
        The cells.
    quantity : str
        What they are, as `Runs` names it: its units are read in cells too, such as 7B of params and 25.3% of scores.
    scale : float
        What a cell without a unit is multiplied by later; one with a unit comes out as if it had been written so.

    Returns
    -------
    values : ndarray of float64, shape (rows,)
    not_number : ndarray of bool, shape (rows,)
    """
    is_type = pd.api.types
    if is_type.is_numeric_dtype(column.dtype) and not is_type.is_complex_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        return values, np.zeros(len(column), dtype=bool)
    cells = [_number(cell, quantity, scale) for cell in column.to_numpy(dtype=object)]
    not_number = np.array([cell is None for cell in cells], dtype=bool)
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64), not_number


def read_flags(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of yes and no as 1 and 0 (NaN where empty), and say which cells hold something else.

    Returns
    -------
    values : ndarray of float64, shape (rows,)
    not_flag : ndarray of bool, shape (rows,)
    """
    cells = [_flag(cell) for cell in column.to_numpy(dtype=object)]
    not_flag = np.array([cell is None for cell in cells], dtype=bool)
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64), not_flag


def _flag(cell: object) -> float | None:
    """Read one cell: 1 or 0, NaN where it is empty, None where it says neither."""
    if isinstance(cell, str) and (word := cell.strip().lower()) in _FLAGS:
        return _FLAGS[word]
    value = _number(cell, "", 1.0)
    return value if value is not None and (np.isnan(value) or value in (0.0, 1.0)) else None


def _number(cell: object, quantity: str, scale: float) -> float | None:
    """Read one cell: a float, NaN where it is empty, None where it is not a number."""
    if isinstance(cell, str):
        return number_in(cell, quantity, scale)
    if _is_missing(cell):
        return np.nan
    if isinstance(cell, numbers.Real | Decimal | np.bool_):
        try:
            return float(cell)
        except OverflowError:  # an integer beyond 1e308
            return np.inf
    return None


def number_in(text: str, quantity: str = "", scale: float = 1.0) -> float | None:
    """Read a number as people write it: NaN where the text is empty, None where it is no number.

    Examples
    --------
    >>> number_in("1.4T", "tokens"), number_in("25.3%", "accuracy"), number_in("14,042", "n_items")
    (1400000000000.0, 0.253, 14042.0)
    >>> number_in("2 PF-days", "flops"), number_in("7B") is None
    (1.728e+20, True)
    """
    text = text.strip()
    if text.lower() in _MISSING:
        return np.nan
    if quantity in _COUNTS and _THOUSANDS.match(text):
        text = text.replace(",", "")
    if _NUMBER.fullmatch(text):
        return float(text)
    match = _WITH_UNIT.fullmatch(text) if quantity in UNITS else None
    unit = None if match is None else unit_scale(quantity, match["unit"])
    if match is None or unit is None:
        return None
    written = float(match["number"])
    return written / 100 / scale if unit == 0.01 else written * unit / scale


def read_labels(column: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Read a column as text without surrounding blanks (NaN where empty), and say which cells are no label.

    Whole numbers become their digits, so that a problem numbered 12 is "12" whether its column was read as
    integers or, for a gap somewhere, as floats.

    Returns
    -------
    labels : Series of str, shape (rows,)
    not_label : ndarray of bool, shape (rows,)
    """
    known: dict[object, str | float | None] = {}
    texts: list[str | float] = []
    not_label = np.zeros(len(column), dtype=bool)
    for row, cell in enumerate(column.to_numpy(dtype=object)):
        try:
            text = known[cell] if cell in known else known.setdefault(cell, _label(cell))
        except TypeError:  # a list or a dict
            text = None
        not_label[row] = text is None
        texts.append(np.nan if text is None else text)
    return pd.Series(texts, dtype="str"), not_label


def _label(cell: object) -> str | float | None:
    """Read one cell: its text, NaN where it is empty, None where it is no label."""
    if isinstance(cell, str):
        return cell.strip() or np.nan
    if _is_missing(cell):
        return np.nan
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell))
    if isinstance(cell, numbers.Real):
        whole = isinstance(cell, numbers.Integral) or float(cell).is_integer()
        return str(math.floor(cell)) if whole else repr(float(cell))
    return None


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float | np.floating) and cell != cell)
