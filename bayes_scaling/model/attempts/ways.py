"""Ways in which a run's attempts were sampled: rates that differ in it are not one sampling curve.

Published pass@1 is often that of greedy answers, or of the temperature that is best for it, and pass@100 that of
another temperature. Such rates come from other samples, and need not lie on one curve in k.
"""

import numpy as np
import pandas as pd

from ...arrays import Floats, Ints
from ...runs.columns import numbers

#: Value of the column temperature where the best was taken for each k.
BEST = "best"
Way = tuple[str, float]


def ways_of(frame: pd.DataFrame) -> list[Way]:
    """Temperature and number of attempts of each row; NaN and empty where a table does not say.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`, ``temperature`` and ``n_samples`` among them or not.

    Returns
    -------
    list of (str, float)
        Of rows whose temperature is the best for k also by k: each is a way of its own.

    Examples
    --------
    >>> ways_of(pd.DataFrame({"k": [1, 10, 100], "temperature": ["0", "0.8", "best"], "n_samples": [1, 200, 200]}))
    [('0', 1.0), ('0.8', 200.0), ('best for 100', 200.0)]
    """
    k = np.nan_to_num(numbers(frame, "k"), nan=1.0)
    # As a number no NaN: it would not be equal to itself.
    samples = np.nan_to_num(numbers(frame, "n_samples"), nan=0.0)
    return [(_told(text, at), float(n)) for text, at, n in zip(_temperatures(frame), k, samples, strict=True)]


def _temperatures(frame: pd.DataFrame) -> list[str]:
    if "temperature" not in frame:
        return [""] * len(frame)
    column = frame["temperature"]
    return ["" if pd.isna(v) else f"{v:g}" if isinstance(v, int | float) else str(v).strip() for v in column]


def _told(temperature: str, k: float) -> str:
    return f"{BEST} for {k:g}" if temperature.lower() == BEST else temperature


def ways_beside_the_first(ways: list[Way], of_row: Ints, k: Floats) -> tuple[Ints, list[tuple[int, Way]]]:
    """Which rows of sets were sampled in another way than the row with the set's smallest k.

    Parameters
    ----------
    ways : list of (str, float)
        Of each row (`ways_of`).
    of_row : int array, shape (rows,)
        Set of each row.
    k : array, shape (rows,)
        Attempts.

    Returns
    -------
    of_way : int array, shape (rows,)
        Position of each row's set and way among `found`; -1 of those sampled as the first.
    found : list of (int, way)
        Set and way of those that were sampled in another.

    Examples
    --------
    >>> ways = [("0", 1.0), ("0.8", 200.0), ("0.8", 200.0)]
    >>> ways_beside_the_first(ways, np.zeros(3, np.int64), np.array([1.0, 10.0, 100.0]))
    (array([-1,  0,  0]), [(0, ('0.8', 200.0))])
    """
    order = np.lexsort((k, of_row))
    first = {int(of_row[i]): ways[i] for i in reversed(order.tolist())}
    found: dict[tuple[int, Way], int] = {}
    of_way = np.full(len(of_row), -1, np.int64)
    for i in order.tolist():
        if ways[i] != first[int(of_row[i])]:
            of_way[i] = found.setdefault((int(of_row[i]), ways[i]), len(found))
    return of_way, list(found)
