"""Rows whose score is empty: left out, and said."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...wording import counted, listed
from .cells import read_numbers
from .columns import Source, find_columns
from .problems import Findings

_NAMED = 8


class EmptyScoresWarning(UserWarning):
    """Rows of a table were left out since their score is empty; the message lists them."""


@dataclass(frozen=True)
class EmptyScores:
    """Rows without a score, counted from 1, with what they are of."""

    rows: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def warn(self, source: str) -> None:
        """Say which rows were left out, if any were."""
        if not self.rows:
            return
        named = [f"{row} ({name})" if name else f"{row}" for row, name in zip(self.rows, self.names, strict=True)]
        start = f"{source}: " if source else ""
        several = "s" if len(self.rows) > 1 else ""
        warnings.warn(
            EmptyScoresWarning(
                f"{start}{counted(len(self.rows), 'score')} left out, the cell is empty: row{several} "
                f"{listed(named, _NAMED)}"
            ),
            stacklevel=4,
        )


def without_empty_scores(flat: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, EmptyScores]:
    """Leave out rows whose score is empty and which tell nothing else.

    Parameters
    ----------
    flat : DataFrame
        The table as it came, rows numbered from 0.

    Returns
    -------
    frame : DataFrame
        The other rows. A table without a single score is one of planned runs and stays whole, and a row stays that
        tells a loss which no scored row of its run has, or counts right attempts.
    places : array of int
        Where each of them stood.
    empty : EmptyScores
        Those that were left out.
    """
    everywhere = np.arange(len(flat))
    sources = find_columns(flat, Findings(len(flat)))
    values = _numbers(flat, sources, "accuracy")
    if values is None:
        return flat, everywhere, EmptyScores()
    score, wrong = values
    none = np.isnan(score) & ~wrong
    if not none.any() or none.all():
        return flat, everywhere, EmptyScores()
    tells = _tells(flat, sources, "n_correct") | (_tells(flat, sources, "loss") & ~_loss_elsewhere(flat, sources, none))
    left_out = none & ~tells
    rows = np.flatnonzero(left_out)
    named = [sources[name].header for name in ("benchmark", "run") if name in sources]
    names = tuple(" of ".join(str(flat[name].iloc[row]) for name in named) for row in rows)
    kept = np.flatnonzero(~left_out)
    frame = flat.iloc[kept].reset_index(drop=True)
    return frame, kept, EmptyScores(tuple(int(row) + 1 for row in rows), names)


def _numbers(flat: pd.DataFrame, sources: dict[str, Source], name: str) -> tuple[np.ndarray, np.ndarray] | None:
    return read_numbers(flat[sources[name].header], name) if name in sources else None


def _tells(flat: pd.DataFrame, sources: dict[str, Source], name: str) -> np.ndarray:
    values = _numbers(flat, sources, name)
    return np.zeros(len(flat), bool) if values is None else ~np.isnan(values[0]) | values[1]


def _loss_elsewhere(flat: pd.DataFrame, sources: dict[str, Source], none: np.ndarray) -> np.ndarray:
    """Whether a scored row of the same run tells the loss."""
    if "run" not in sources or "loss" not in sources:
        return np.zeros(len(flat), bool)
    runs = flat[sources["run"].header].astype(str)
    return runs.isin(set(runs[~none & _tells(flat, sources, "loss")])).to_numpy()
