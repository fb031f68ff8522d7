"""What every planning answer is: a frozen value with a sentence, a table, notes, and files of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..drawable import Drawable
from ..files.html import as_html
from ..files.tables import with_notes, write_csv, write_json, write_parquet
from ..wording import RECORD, percent

if TYPE_CHECKING:
    from ..evaluation.record import Record

BAND = 0.8  # probability of the intervals of an answer
_FORMAT = "bayes_scaling answer 1"


@dataclass(frozen=True, eq=False, repr=False)
class Answer(Drawable):
    """An answer to a planning question.

    Attributes
    ----------
    sentence : str
        The answer in words.
    notes : tuple of str
        What it assumed, and what a reader must know.
    converged : bool
        Whether the fits behind it converged.
    """

    _table: pd.DataFrame
    sentence: str
    notes: tuple[str, ...]
    converged: bool

    def table(self) -> pd.DataFrame:
        """The answer in numbers, as a copy that may be changed."""
        return self._table.copy()

    def with_record(self, record: "Record") -> Self:
        """Return the answer with the record of past forecasts behind its sentence.

        Parameters
        ----------
        record : Record
            Of `Backtest.record`.

        Returns
        -------
        Answer
            Of the same kind.
        """
        said = record.said(can_widen=False)
        return replace(self, sentence=f"{self.sentence} {said[0].upper()}{said[1:]}.")

    def shown(self) -> pd.DataFrame:
        """What a reader sees at a glance: the columns of the table that decide, by default all."""
        return self.table()

    def to_csv(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the table as CSV, with columns ``converged``, ``sentence`` and ``notes`` (a JSON list)."""
        return write_csv(path, self._long(), "answer", overwrite=overwrite)

    def to_parquet(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the table as Parquet, in the columns of `to_csv`."""
        return write_parquet(path, self._long(), "answer", overwrite=overwrite)

    def to_json(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save sentence, notes and table as one JSON object; what is not a finite number is null or a text."""
        document = {
            "format": _FORMAT,
            "answer": type(self).__name__,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "converged": self.converged,
        }
        return write_json(path, document, self._table, "answer", overwrite=overwrite)

    def __repr__(self) -> str:
        shown = self.shown()
        for name in shown.select_dtypes("number"):
            shown[name] = shown[name].map(_short)
        table = shown.to_string(index=False, max_rows=24, na_rep="")
        mark = [] if self.converged else ["NOT CONVERGED: do not rely on this answer"]
        return "\n".join([self.sentence, table, *mark, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        shown = self._table.copy()
        for name in shown.select_dtypes("number"):
            shown[name] = shown[name].map(_short)
        alarm = "" if self.converged else "NOT CONVERGED: do not rely on this answer"
        return as_html(self.sentence, shown, self.notes, alarm=alarm)

    def _long(self) -> pd.DataFrame:
        return with_notes(self._table, self.notes, converged=self.converged, sentence=self.sentence)


def without_record(notes: Sequence[str]) -> tuple[str, ...]:
    """Notes of a forecast without the record of past ones, where the sentence says it."""
    return tuple(note for note in notes if not note.startswith(RECORD))


def _short(value: float) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.3g}" if value >= 1e4 or 0 < abs(value) < 1e-3 else f"{value:.4g}"


def interval_of(name: str, draws: Floats) -> dict[str, float]:
    """Median and central 80% interval of draws, by column.

    Examples
    --------
    >>> interval_of("params", np.linspace(0.0, 10.0, 11))
    {'params': 5.0, 'params_low_80': 1.0, 'params_high_80': 9.0}
    """
    columns = (name, *(f"{name}_{end}_{percent(BAND)}" for end in ("low", "high")))
    # No means between two draws, of which one may be infinite.
    found = np.quantile(draws, [0.5, (1 - BAND) / 2, (1 + BAND) / 2], method="inverted_cdf")
    return dict(zip(columns, found.tolist(), strict=True))


def intervals_of(name: str, draws: Floats) -> pd.DataFrame:
    """The same of each column of draws of shape (samples, rows), one row each."""
    return pd.DataFrame([interval_of(name, column) for column in draws.T])
