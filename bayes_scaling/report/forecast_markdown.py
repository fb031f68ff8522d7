"""A forecast as a report in Markdown, and the report back as tables."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..wording import RATIO
from .markdown_text import CONVERGED, NOT_CONVERGED, markdown_text, pipe_table

_TITLES = {"score": "Scores", "expected": "Expected scores"}
_WORDS = {
    "score": "What a new run will measure: the curve, the luck of the run, and the noise of finitely many questions.",
    "expected": "The curve alone: what runs at this budget score on average.",
}
_BOUNDS = "`low_90` and `high_90` hold a central interval of 90% probability, and so on. Scores are between 0 and 1."
_CELL = re.compile(r"(?<!\\)\|")


def markdown_report(tables: Mapping[str, pd.DataFrame], notes: Sequence[str], converged: bool) -> str:
    """Report of a forecast, with numbers rounded to what a reader can use.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Table of each quantity ("score", "expected").
    notes : sequence of str
        The notes.
    converged : bool
        Whether the fit converged.

    Returns
    -------
    str
        Markdown; `read_markdown_report` reads it.
    """
    lines = ["# Forecast", "", CONVERGED if converged else NOT_CONVERGED, ""]
    if notes:
        lines += ["## Notes", "", *(f"- {markdown_text(note)}" for note in notes), ""]
    for quantity, table in tables.items():
        lines += [f"## {_TITLES[quantity]}", "", _WORDS[quantity], _BOUNDS, "", pipe_table(table), ""]
    return "\n".join(lines)


def read_markdown_report(text: str) -> tuple[dict[str, pd.DataFrame], tuple[str, ...], bool]:
    """Read what `markdown_report` wrote: tables of text, notes, and whether the fit converged.

    Raises
    ------
    ValueError
        Where the text is no such report.
    """
    sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    head, named = sections[0], dict(zip(sections[1::2], sections[2::2], strict=True))
    if not head.startswith("# Forecast") or not set(_TITLES.values()) <= set(named):
        raise ValueError(f"it lacks the heading '# Forecast' or a section {' or '.join(_TITLES.values())}")
    notes = tuple(_unescape(line[2:]) for line in named.get("Notes", "").splitlines() if line.startswith("- "))
    tables = {quantity: _read_pipe_table(named[title]) for quantity, title in _TITLES.items()}
    return tables, notes, CONVERGED in head


def _read_pipe_table(section: str) -> pd.DataFrame:
    lines = [line.strip() for line in section.splitlines() if line.strip().startswith("|")]
    if len(lines) < 3:
        raise ValueError("a section holds no table with rows")
    header, _, *rows = [[_unescape(cell) for cell in _CELL.split(line)[1:-1]] for line in lines]
    if any(len(row) != len(header) for row in rows):
        raise ValueError("a row of a table has another number of cells than its header")
    table = pd.DataFrame([[cell or np.nan for cell in row] for row in rows], columns=header)
    return table.drop(columns=RATIO, errors="ignore")  # it follows from params and tokens


def _unescape(cell: str) -> str:
    return re.sub(r"\\(.)", r"\1", cell.strip())
