"""Text cells of CSV files that a spreadsheet would take for formulas: written with a quote before, read without."""

import re
from collections.abc import Callable

import pandas as pd

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(table: pd.DataFrame) -> pd.DataFrame:
    """Put a quote before each text that begins as a formula does, or as a quoted one.

    Examples
    --------
    >>> guard(pd.DataFrame({"run": ["=1+1", "'=1", "a=b"], "score": [0.1, -0.2, 0.3]}))
         run  score
    0  '=1+1    0.1
    1   ''=1   -0.2
    2    a=b    0.3
    """
    return _each_text(table, lambda text: f"'{text}" if _FORMULA.match(text) else text)


def unguard(table: pd.DataFrame) -> pd.DataFrame:
    """Take away what `guard` put.

    Examples
    --------
    >>> table = pd.DataFrame({"run": ["=1+1", "'=1", "a=b", None]})
    >>> unguard(guard(table)).equals(table)
    True
    """
    return _each_text(table, lambda text: text[1:] if _GUARDED.match(text) else text)


def _each_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(
        **{str(name): [change(cell) if isinstance(cell, str) else cell for cell in table[name]] for name in texts}
    )
