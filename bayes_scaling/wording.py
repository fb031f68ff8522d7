"""Lists of names and rows in messages, and names of intervals in tables."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_MOST_ROWS = 5


def listed(names: Iterable[str], most: int) -> str:
    """Return the first names, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def counted(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural where it is not 1.

    Examples
    --------
    >>> counted(1, "chain"), counted(0, "draw"), counted(1200, "draw")
    ('1 chain', '0 draws', '1200 draws')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def ranges_in_words(values: NDArray[np.float64], edges: Sequence[float]) -> NDArray[np.str_]:
    """Return the ranges between edges that values lie in; a value at or below the first edge is in the first range.

    Examples
    --------
    >>> ranges_in_words(np.array([0.1, 1.0, 7.0]), [0.0, 1.0, 2.0]).tolist()
    ['0 to 1', '0 to 1', 'above 2']
    """
    names = [f"{low:g} to {high:g}" for low, high in pairwise(edges)] + [f"above {edges[-1]:g}"]
    return np.array(names)[np.searchsorted(edges[1:], values)]


def rows_in_words(chosen: NDArray[np.bool_]) -> str:
    """Return the numbers of chosen rows, counted from 1.

    Examples
    --------
    >>> rows_in_words(np.array([True, False, True]))
    'row 1, 3'
    """
    return f"row {listed(map(str, np.flatnonzero(chosen) + 1), _MOST_ROWS)}"


def percent(prob: float) -> str:
    """Probability in percent, as the columns of tables have it.

    Examples
    --------
    >>> percent(0.9), percent(0.995)
    ('90', '99.5')
    """
    return f"{100 * prob:.10g}"


def bound_names(prob: float) -> tuple[str, str]:
    """Columns of an interval's bounds.

    Examples
    --------
    >>> bound_names(0.9), bound_names(0.995)
    (('low_90', 'high_90'), ('low_99.5', 'high_99.5'))
    """
    return f"low_{percent(prob)}", f"high_{percent(prob)}"
