"""What is settled in a table after it was read: counts that no law takes, questions that a standard error denies."""

import numpy as np
import pandas as pd

from ...wording import brief, counted, listed
from ..columns import numbers
from ..counts import added_up, counts_attempts
from .skipping import Skips

_FEWER, _MORE = (
    0.5,
    30.0,
)  # implied over given questions; several attempts and scores between right and wrong imply more
_NAMED = 4


def settled(frame: pd.DataFrame, keep_counts: bool, skips: Skips) -> pd.DataFrame:
    """Settle a canonical table.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`.
    keep_counts : bool
        Whether counts stay where guessing scores too: they were asked for.
    skips : Skips
        Gets a note of what was settled.
    """
    return _by_stderr(frame if keep_counts else _guessed_as_means(frame, skips), skips)


def _guessed_as_means(frame: pd.DataFrame, skips: Skips) -> pd.DataFrame:
    """Give the mean over attempts in place of counts, where the answers can be guessed: pass@k describes none such."""
    if not counts_attempts(frame):
        return frame
    guessed = frame["problem"].notna() & (frame["chance"] > 0)
    if not guessed.any():
        return frame
    names = list(dict.fromkeys(frame.loc[guessed, "benchmark"]))
    skips.note(f"attempts at {listed(names, _NAMED)} are added up to scores, since guessing is right at times")
    places = frame.assign(_place=np.arange(len(frame)))
    settled_rows = pd.concat([places[~guessed], added_up(places[guessed])])
    return settled_rows.sort_values("_place").drop(columns="_place").reset_index(drop=True)


def _by_stderr(frame: pd.DataFrame, skips: Skips) -> pd.DataFrame:
    """Drop numbers of questions that the standard error contradicts: it was measured, they were written down."""
    items, stderr, accuracy = (numbers(frame, name) for name in ("n_items", "stderr", "accuracy"))
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = np.where(
            (stderr > 0) & (accuracy > 0) & (accuracy < 1), accuracy * (1 - accuracy) / stderr**2, np.nan
        )
        ratio = implied / items
    wrong = (ratio < _FEWER) | (ratio > _MORE)
    if not wrong.any():
        return frame
    for name, rows in frame[wrong].groupby("benchmark", sort=False):
        first = rows.index[0]
        skips.note(
            f"n_items of {name} is left open in {counted(len(rows), 'row')}: {frame['run'][first]} has stderr "
            f"{brief(float(f'{stderr[first]:.2g}'))}, that of {implied[first]:.0f} questions, not of {items[first]:.0f}"
        )
    result = frame.assign(n_items=np.where(wrong, np.nan, items))
    return result.drop(columns="n_items") if np.isnan(result["n_items"]).all() else result
