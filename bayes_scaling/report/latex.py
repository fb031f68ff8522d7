"""Tables for LaTeX with the rules of the package booktabs; every cell is escaped."""

import re

import pandas as pd

from .cells import numeric

_SIZE = re.compile(r"(\d+(?:\.\d+)?)e(-?\d+)")
#: What pandas leaves, and LaTeX prints as another letter in its oldest font encoding.
_LEFT = str.maketrans({"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "–": "--"})


def booktabs(cells: pd.DataFrame) -> str:
    r"""Write a table of text for LaTeX; ``\usepackage{booktabs}`` is needed.

    Parameters
    ----------
    cells : DataFrame
        Cells of text, as `report.cells` makes them.

    Returns
    -------
    str
        A tabular. Numbers such as 1e23 become powers of ten.

    Examples
    --------
    >>> print(booktabs(pd.DataFrame({"benchmark": ["arc_easy"], "FLOPs": ["3e23"]})))
    \begin{tabular}{lr}
    \toprule
    benchmark & FLOPs \\
    \midrule
    arc\_easy & $3 \times 10^{23}$ \\
    \bottomrule
    \end{tabular}
    """
    columns = "".join("r" if numeric(cells[name]) else "l" for name in cells)
    styled = cells.astype(str).style.hide(axis="index")
    styled = styled.format(_cell, escape="latex").format_index(_cell, axis="columns", escape="latex")
    return styled.to_latex(column_format=columns, hrules=True).rstrip()


def _cell(escaped: object) -> str:
    """Write on one line what pandas has escaped; sizes become powers of ten."""
    text = " ".join(str(escaped).split())
    if match := _SIZE.fullmatch(text):
        power = rf"10^{{{int(match[2])}}}"
        return f"${power}$" if match[1] == "1" else rf"${match[1]} \times {power}$"
    return text.translate(_LEFT)
