"""Whether stated probabilities of reaching a target come true: reliability and Brier scores of past forecasts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from .coverage_interval import coverage_interval
from .scoring import clusters, grouped_rows

#: Targets that are asked of every held-out score.
TARGETS = tuple(np.round(np.arange(0.05, 1.0, 0.05), 2).tolist())


def reach_probabilities(quantiles: Floats, levels: Floats, targets: Sequence[float]) -> Floats:
    """Probability of a score of at least each target, from quantiles of forecasts.

    Parameters
    ----------
    quantiles : array, shape (rows, levels)
        Rising along the levels.
    levels : array, shape (levels,)
        Levels of the quantiles.
    targets : sequence of float
        Scores.

    Returns
    -------
    array, shape (rows, targets)
        Straight between quantiles; 1 below the first and 0 above the last.

    Examples
    --------
    >>> reach_probabilities(np.array([[0.4, 0.5, 0.6]]), np.array([0.1, 0.5, 0.9]), [0.3, 0.55, 0.7]).round(2).tolist()
    [[1.0, 0.3, 0.0]]
    """
    below = [np.interp(targets, row, levels, left=0.0, right=1.0) for row in quantiles]
    return 1 - np.stack(below)


def reliability_table(
    rows: pd.DataFrame, levels: Floats, by: Sequence[str], targets: Sequence[float], bins: int
) -> pd.DataFrame:
    """Stated probability against observed frequency, by group and bin of the stated probability.

    Parameters
    ----------
    rows : DataFrame
        Of a `Backtest`.
    levels : array
        Levels of their quantiles.
    by : sequence of str
        Columns to group by.
    targets : sequence of float
        Scores that are asked of every row.
    bins : int
        Equally wide bins of the stated probability.

    Returns
    -------
    DataFrame
        The columns of `by`, ``low`` and ``high`` of the bin, mean ``stated`` probability, ``observed`` frequency with
        its 90% interval (``observed_low``, ``observed_high``; rows of a training run belong together), and how many
        pairs of ``n`` scores and targets, and ``runs``, it rests on. Empty bins are left out.
    """
    edges = np.linspace(0, 1, bins + 1)
    found = []
    for key, part in grouped_rows(rows, list(by)):
        stated, reached = _pairs(part, levels, targets)
        place = np.clip(np.digitize(stated, edges) - 1, 0, bins - 1)
        run = np.repeat(clusters(part), len(targets)).reshape(stated.shape)
        for b in range(bins):
            if not (at := place == b).any():
                continue
            low, high = coverage_interval(reached[at], run[at])
            mean = float(stated[at].mean()), float(reached[at].mean())
            n = int(at.sum()), len(np.unique(run[at]))
            found.append((*key, edges[b], edges[b + 1], *mean, low, high, *n))
    names = ["low", "high", "stated", "observed", "observed_low", "observed_high", "n", "runs"]
    return pd.DataFrame(found, columns=[*by, *names])


def brier_table(rows: pd.DataFrame, levels: Floats, by: Sequence[str], targets: Sequence[float]) -> pd.DataFrame:
    """Brier scores of stated probabilities, beside those of the frequency with which each target was reached.

    Parameters as of `reliability_table`.

    Returns
    -------
    DataFrame
        The columns of `by`, ``brier``, ``climatology`` (of each target's frequency in the group, known beforehand),
        ``skill`` (1 less their ratio), and ``n`` pairs of scores and targets.
    """
    found = []
    for key, part in grouped_rows(rows, list(by)):
        stated, reached = _pairs(part, levels, targets)
        brier = float(((stated - reached) ** 2).mean())
        frequency = reached.mean(axis=0)
        climatology = float((frequency * (1 - frequency)).mean())
        skill = 1 - brier / climatology if climatology else np.nan
        found.append((*key, brier, climatology, skill, stated.size))
    return pd.DataFrame(found, columns=[*by, "brier", "climatology", "skill", "n"])


def _pairs(rows: pd.DataFrame, levels: Floats, targets: Sequence[float]) -> tuple[Floats, NDArray[np.bool_]]:
    """Stated probabilities, and whether the targets were reached, each of shape (rows, targets)."""
    stated = reach_probabilities(np.stack(rows["quantiles"].tolist()), levels, targets)
    return stated, rows["accuracy"].to_numpy(float)[:, None] >= np.asarray(targets, float)
