"""The record of past forecasts: how often intervals of a law held, at such a distance, on such a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..wording import RECORD, counted, times_in_words
from .coverage_interval import coverage_interval
from .scoring import clusters

#: Decades by which a past forecast may have gone less or more far than one it speaks for.
LIKE = 0.35
_NOMINAL = 0.9
_TOO_FEW = 0.8  # share held from which 90% intervals are called too narrow, however few they were


@dataclass(frozen=True)
class Record:
    """How often past 90% intervals held; made by `Backtest.record`.

    Attributes
    ----------
    scores, runs : int
        Held-out scores, and the training runs that they are of.
    coverage, low, high : float
        Share of the 90% intervals that held, and its own 90% interval (`coverage_interval`).
    shortest, longest : float
        How far the forecasts went that are counted (decades beyond the fitted budgets).
    asked : float or None
        How far the forecast goes that it speaks for; None where all past forecasts are counted.
    """

    scores: int
    runs: int
    coverage: float
    low: float
    high: float
    shortest: float
    longest: float
    asked: float | None = None

    @property
    def farther(self) -> bool:
        """Whether no past forecast went about as far as the one it speaks for."""
        return self.asked is not None and self.asked > self.longest + LIKE

    @property
    def too_few(self) -> bool:
        """Whether fewer intervals held than should: 80% or less, or too few to be chance."""
        return self.coverage <= _TOO_FEW or self.high < _NOMINAL

    @property
    def sentence(self) -> str:
        """The record in one sentence, without a full stop, with a warning where too few held."""
        return self.said()

    def said(self, *, widened: bool = False, can_widen: bool = True) -> str:
        """Say the record of a forecast that was widened for it, or was not, or cannot be."""
        said = (
            f"{RECORD} {self._where} held {self.coverage:.0%} of {counted(self.scores, 'score')} of "
            f"{counted(self.runs, 'run')}"
        )
        if widened:
            said += "; these intervals were widened for it"
        elif self.too_few:
            said += ": too few, so read these intervals as too narrow"
            said += ", or have them widened (recalibrate)" if can_widen else ""
        if self.farther:
            assert self.asked is not None
            said += f"; this one goes farther, {times_in_words(self.asked)}, where nothing was ever checked"
        return said

    @property
    def _where(self) -> str:
        if self.longest <= 0:
            return "of this law on this table"
        ends = [times_in_words(max(end, 0.0)) for end in (self.shortest, self.longest)]
        between = ends[1] if ends[0] == ends[1] else f"{ends[0].removesuffix(' times')} to {ends[1]}"
        return f"of this law on this table, {between} beyond the fitted budgets,"


def record_of(rows: pd.DataFrame, decades: float | None = None) -> Record:
    """Count intervals that held among scored rows: all, or those of forecasts that went about as far.

    Parameters
    ----------
    rows : DataFrame
        Rows of a `Backtest` of one law.
    decades : float, optional
        Distance of the forecast in question; where no past one is like it, those nearest to it are counted.

    Returns
    -------
    Record
        The record.

    Examples
    --------
    >>> rows = pd.DataFrame({"trajectory": ["a", "a", "b"], "decades_beyond": [0.2, 0.2, 1.0]})
    >>> record_of(rows.assign(inside_90=[True, True, False]), 1.1).coverage
    0.0
    """
    chosen = rows
    if decades is not None:
        off = (rows["decades_beyond"] - max(decades, 0.0)).abs()
        chosen = rows[off <= max(LIKE, float(off.min()) + 1e-9)]
    inside = chosen["inside_90"].to_numpy(bool)
    low, high = coverage_interval(inside, clusters(chosen))
    distance = chosen["decades_beyond"].to_numpy(float)
    runs = len(np.unique(clusters(chosen)))
    shortest, longest = float(distance.min()), float(distance.max())
    return Record(len(chosen), runs, float(inside.mean()), low, high, shortest, longest, decades)


def of_same_table(single: pd.DataFrame, law: str, fitted: pd.DataFrame) -> bool:
    """Whether scored rows of a backtest are of a law, and each is a fitted row: its run, benchmark and single score."""
    if law not in set(single["law"]):
        return False
    keys = ["run", "benchmark"]
    known = set(map(tuple, fitted[keys].astype(str).to_numpy()))
    if not set(map(tuple, single[keys].astype(str).to_numpy())) <= known:
        return False
    if "n_correct" in fitted or "accuracy" not in fitted:
        return True
    scores = {*zip(fitted["run"].astype(str), fitted["accuracy"].round(9), strict=True)}
    return set(zip(single["run"].astype(str), single["accuracy"].round(9), strict=True)) <= scores


def nearest_first(
    groups: list[tuple[tuple[object, ...], pd.DataFrame]], names: Sequence[str]
) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    """Groups in their order of appearance, but ranges of distance from the nearest to the farthest."""
    if "decades" not in names:
        return groups
    at = names.index("decades")
    first = {key[:at]: number for number, (key, _) in reversed(list(enumerate(groups)))}
    return sorted(groups, key=lambda group: (first[group[0][:at]], float(group[1]["decades_beyond"].max())))
