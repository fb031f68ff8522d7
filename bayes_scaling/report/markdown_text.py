"""Words, cells and tables in Markdown."""

import re

import numpy as np
import pandas as pd

from ..runs.budget_columns import BUDGETS, SIZES
from ..runs.token_ratios import tell_apart, tokens_per_param
from ..wording import RATIO, ratio_in_words

CONVERGED = "The fit behind it converged."
NOT_CONVERGED = "**The fit behind it did not converge: do not rely on these intervals.**"
_COUNTS = ("shots", "k", "n_samples", "n_items")
#: What Markdown would read as its own; an underscore inside a word is none of it.
_SPECIAL = re.compile(r"([\\`*\[\]<>|&#$~]|(?<![^\W_])_|_(?![^\W_]))")


def pipe_table(table: pd.DataFrame) -> str:
    """Write a table with rounded numbers as a pipe table; tokens per parameter are added where they tell rows apart."""
    from tabulate import tabulate

    table = _with_ratio(table)
    columns = {name: [_cell(str(name), value) for value in table[name]] for name in table}
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    align = ["right" if number else "left" for number in numeric]
    return tabulate(columns, headers="keys", tablefmt="pipe", disable_numparse=True, colalign=align)


def _with_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Add tokens per parameter, as the rounded cells have it, where it tells points apart."""
    if not set(SIZES) <= set(table):
        return table
    ratio = tokens_per_param(table[[*SIZES]].map(lambda value: float(_cell("params", value) or np.nan)))
    if not tell_apart(ratio):
        return table
    shown = table.copy()
    shown.insert(list(table).index("tokens") + 1, RATIO, ratio)
    return shown


def _cell(column: str, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float):
        if column in BUDGETS:
            return f"{value:.4g}"
        if column == RATIO:
            return ratio_in_words(value)
        if column in _COUNTS:
            return f"{value:.10g}"
        return f"{value:.2f}" if column == "decades_beyond" else f"{value:.4f}"
    return markdown_text(str(value))


def markdown_text(text: str) -> str:
    r"""Write text so that Markdown shows it as it is, on one line.

    Examples
    --------
    >>> print(markdown_text("arc_easy | <b>  *x*"))
    arc_easy \| \<b\> \*x\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def pipe_cells(cells: pd.DataFrame) -> str:
    """Write a table of text as a pipe table."""
    from tabulate import tabulate

    columns = {markdown_text(str(name)): [markdown_text(str(cell)) for cell in cells[name]] for name in cells}
    return tabulate(columns, headers="keys", tablefmt="pipe", disable_numparse=True)
