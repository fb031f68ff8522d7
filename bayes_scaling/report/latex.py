"""Tables for LaTeX with the rules of the package booktabs; every cell is escaped."""

import re

import pandas as pd

from .cells import numeric

_SIZE = re.compile(r"(\d+(?:\.\d+)?)e(-?\d+)")


def booktabs(cells: pd.DataFrame, caption: str = "", label: str = "") -> str:
    r"""Write a table of text for LaTeX; ``\usepackage{booktabs}`` is needed.

    Parameters
    ----------
    cells : DataFrame
        Cells of text, as `report.cells` makes them.
    caption, label : str
        Of a floating table; without either it is a bare tabular.

    Returns
    -------
    str
        LaTeX. Numbers such as 1e23 become powers of ten.

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
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _row([escape(str(name)) for name in cells]), r"\midrule"]
    lines += [_row([_cell(str(cell)) for cell in row]) for row in cells.itertuples(index=False)]
    lines += [r"\bottomrule", r"\end{tabular}"]
    if not (caption or label):
        return "\n".join(lines)
    head = [r"\begin{table}", r"\centering", *([rf"\caption{{{escape(caption)}}}"] if caption else [])]
    return "\n".join([*head, *([rf"\label{{{label}}}"] if label else []), *lines, r"\end{table}"])


def escape(text: str) -> str:
    r"""Write a text so that LaTeX prints it as it is.

    Examples
    --------
    >>> print(escape(r"50% of a_b \ {x}~^"))
    50\% of a\_b \textbackslash{} \{x\}\textasciitilde{}\textasciicircum{}
    """
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


_SPECIAL = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
}


def _cell(text: str) -> str:
    if match := _SIZE.fullmatch(text):
        power = rf"10^{{{int(match[2])}}}"
        return f"${power}$" if match[1] == "1" else rf"${match[1]} \times {power}$"
    return escape(text)


def _row(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
