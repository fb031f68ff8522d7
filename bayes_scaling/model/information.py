"""What raw scores say before a model is fitted: floors, item counts, and information about the log error."""

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..runs.columns import numbers

#: Number of items taken for a benchmark that states none, where a rough number will do.
ASSUMED_ITEMS = 1000.0
_CLEARLY_BELOW = 3.0  # standard deviations
_CHANCE_JITTER = 0.01  # extra scatter of scores near chance (accuracy)


def item_counts(frame: pd.DataFrame, code: Ints) -> Floats:
    """Number of items of each row: given, or implied by its benchmark's standard errors, else NaN.

    Parameters
    ----------
    frame : DataFrame
        Rows of `Runs.frame`.
    code : int array, shape (rows,)
        Code of each row's benchmark.

    Returns
    -------
    array, shape (rows,)
        Items; where only stderr is given ``p (1 - p) / stderr^2``; else the median over the benchmark's other rows.
    """
    items = numbers(frame, "n_items").copy()
    stderr, accuracy = numbers(frame, "stderr"), numbers(frame, "accuracy")
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = np.where(stderr > 0, accuracy * (1 - accuracy) / stderr**2, np.nan)
    for i in np.unique(code[np.isnan(items)]):
        rows = code == i
        own = np.where(np.isnan(items), np.where(implied > 0, implied, np.nan), items)
        if not np.isnan(own[rows]).all():
            items[rows] = np.where(np.isnan(own[rows]), np.nanmedian(own[rows]), own[rows])
    return items


def information(accuracy: Floats, floor: Floats | float, n_items: Floats) -> Floats:
    """Information of scores about the log error, shape (rows,); clipped away from floor and ceiling."""
    q = np.clip((accuracy - floor) / (1 - floor), 0.02, 0.98)
    mean = floor + (1 - floor) * q
    slope = (1 - floor) * q * np.log(q)
    n = np.where(np.isnan(n_items), ASSUMED_ITEMS, n_items)
    return slope**2 / (mean * (1 - mean) / n + 0.01**2)


def data_floor(accuracy: Floats, chance: float, n_items: float) -> float:
    """Floor of a benchmark: nominal chance, or lower where its lowest scores clearly say so.

    Parameters
    ----------
    accuracy : array
        Every score of the benchmark.
    chance : float
        Nominal accuracy of guessing.
    n_items : float
        Number of questions.

    Returns
    -------
    float
        Nominal chance, unless the mean of the lowest eighth of the scores lies more than three standard deviations
        below it (item sampling and a jitter of .01); then that mean plus one binomial standard deviation. 0 where
        chance is 0.

    Notes
    -----
    The lowest scores of many lie below their mean by selection alone: without the margin of three standard deviations,
    a third of simulated benchmarks lose their true floor, and with it the coverage of their exponents.

    Examples
    --------
    >>> data_floor(np.array([0.3, 0.4, 0.5]), 0.25, 1000)
    0.25
    >>> data_floor(np.array([0.24, 0.26, 0.3]), 0.25, 1000)
    0.25
    >>> data_floor(np.array([0.17, 0.18, 0.3]), 0.25, 1000) < 0.19
    True
    """
    if chance == 0:
        return 0.0
    lowest = np.sort(accuracy)[: max(1, round(len(accuracy) / 8))].mean()
    if lowest + _CLEARLY_BELOW * np.sqrt(chance * (1 - chance) / n_items + _CHANCE_JITTER**2) > chance:
        return chance
    return float(min(chance, lowest + np.sqrt(lowest * (1 - lowest) / n_items)))
