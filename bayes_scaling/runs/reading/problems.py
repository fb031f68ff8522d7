"""What is wrong with a table: one `Problem` a kind and column, and the error that carries them all."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...wording import brief

LINE = 90  # characters of a line of values
SHOWN = 5
"""Values and rows that a message spells out for each problem; `Problem.rows` keeps every row."""


@dataclass(frozen=True)
class Problem:
    """One kind of fault in one column, with every row that has it.

    Parameters
    ----------
    column : str
        The header as it stands in the table, or several joined by " and ".
    message : str
        What is wrong.
    expected : str
        What would be right; "" where the message says it all.
    rows : tuple of int
        Rows of the table counted from 1, the header not counted. Empty when the fault is the table's.
    values : tuple
        The values at those rows, as they stood in the table.
    """

    column: str
    message: str
    expected: str
    rows: tuple[int, ...] = ()
    values: tuple[object, ...] = ()

    def __str__(self) -> str:
        where = f"{self.column}: " if self.column else ""
        text = f"{where}{self.message}" + (f"; expected {self.expected}" if self.expected else "")
        groups = self._groups()
        line = "; ".join(groups)
        return "\n    ".join([text, *([line] if 0 < len(line) <= LINE else groups)])

    def _groups(self) -> list[str]:
        """Write the values, each with the rows that have it: the first few of both, and how many more."""
        rows_of: dict[str, list[int]] = {}
        for row, value in zip(self.rows, self.values, strict=True):
            rows_of.setdefault(show(value), []).append(row)
        groups = [f"{_numbered(rows)}: {value}" for value, rows in list(rows_of.items())[:SHOWN]]
        hidden = sum(len(rows) for rows in list(rows_of.values())[SHOWN:])
        return [*groups, f"and {hidden:,} more row{'s' * (hidden > 1)}"] if hidden else groups


def _numbered(rows: list[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return f"row{'s' * (len(rows) > 1)} {shown}{more}"


class RunsError(ValueError):
    """A table cannot be read as training runs; the message lists every problem that was found.

    Attributes
    ----------
    problems : tuple of Problem
        Every problem with all its rows; the message shows the first few rows of each.
    source : str
        The file that was read, or "" for a table in memory.
    """

    def __init__(self, problems: Sequence[Problem], source: str = "", n_rows: int | None = None) -> None:
        self.problems = tuple(problems)
        self.source = source
        self.n_rows = n_rows
        super().__init__(self._text())

    def _text(self) -> str:
        if len(self.problems) == 1 and self.n_rows is None:
            return f"{self.source or 'runs'}: {self.problems[0]}"
        count = f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)}"
        n = self.n_rows
        table = "" if n is None else f" in a table of {n:,} row{'s' * (n != 1)}"
        counting = " (rows are counted from 1, the header not counted)" if self._has_rows() else ""
        head = f"{self.source or 'runs'}: {count}{table}{counting}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])

    def _has_rows(self) -> bool:
        return any(problem.rows for problem in self.problems)

    def __reduce__(self) -> tuple[type[RunsError], tuple[tuple[Problem, ...], str, int | None]]:
        return RunsError, (self.problems, self.source, self.n_rows)


def one_problem(source: object, column: str, message: str, expected: str) -> RunsError:
    """Make the error of a file with one problem, which is no single row's; of what each part is, see `Problem`."""
    return RunsError([Problem(column, message, expected)], str(source))


@dataclass
class Findings:
    """The problems found so far, and the cells that have one, so that no cell is reported twice.

    Attributes
    ----------
    n_rows : int
        Rows of the table that is read.
    problems : list of Problem
        What was found.
    places : array of int, optional
        Where each of its rows stood in the table as it was given, counted from 0; by default where it stands.
    """

    n_rows: int
    problems: list[Problem] = field(default_factory=list)
    places: np.ndarray | None = None
    _bad: dict[str, np.ndarray] = field(default_factory=dict)

    def bad(self, column: str) -> np.ndarray:
        """Whether each cell of a canonical column already has a problem, shape (rows,)."""
        return self._bad.setdefault(column, np.zeros(self.n_rows, dtype=bool))

    def table(self, column: str, message: str, expected: str) -> None:
        """Add a problem of the table as a whole."""
        self.problems.append(Problem(column, message, expected))

    def cells(
        self,
        rows: Iterable[int] | np.ndarray,
        values: Sequence[object],
        *,
        header: str,
        message: str,
        expected: str,
        column: str | None = None,
    ) -> None:
        """Add a problem of some rows (counted from 0), a value for each; mark their cells in `column`."""
        positions = [int(row) for row in rows]
        if not positions:
            return
        if column is not None:
            self.bad(column)[positions] = True
        places = range(self.n_rows) if self.places is None else self.places
        numbered = tuple(int(places[position]) + 1 for position in positions)
        self.problems.append(Problem(header, message, expected, numbered, tuple(values)))


def show(value: object) -> str:
    """Write a cell for a message: numbers short, text in quotes, nothing as 'empty'."""
    if isinstance(value, Note):
        return str(value)
    if isinstance(value, str):
        return repr(value) if value.strip() else "empty"
    if value is None or value is pd.NA or value is pd.NaT:
        return "empty"
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return "an integer beyond 1e308"
        return "empty" if np.isnan(number) else brief(number)
    return repr(value)[:LINE]


class Note(str):
    """Words about a row in place of a single cell's value; shown without quotes."""

    __slots__ = ()
