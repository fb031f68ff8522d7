"""Whether ranks are uniform: a simultaneous test, and bands of their empirical distribution."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SIMULATIONS = 20_000  # of uniform ranks


def uniform_p_value(ranks: Ints, most: int, *, simulations: int = _SIMULATIONS) -> float:
    """Probability of ranks as uneven as these, were they uniform from 0 to `most`.

    The statistic is the smallest pointwise probability of the empirical distribution over all ranks; its own
    distribution is simulated (Saeilynoja et al., arXiv 2103.10522).

    Parameters
    ----------
    ranks : int array, shape (n,)
        Ranks, 0 to `most`.
    most : int
        The highest.
    simulations : int
        Of uniform ranks.

    Returns
    -------
    float
        Between 1 / (simulations + 1) and 1.

    Examples
    --------
    >>> uniform_p_value(np.arange(101), 100, simulations=500) > 0.9, uniform_p_value(np.full(50, 30), 100) < 0.001
    (True, True)
    """
    return float(
        (1 + (_null(len(ranks), most, simulations) <= _evenness(ranks[None], most)[0]).sum()) / (simulations + 1)
    )


def bands(n: int, most: int, level: float, *, simulations: int = _SIMULATIONS) -> tuple[Floats, Floats]:
    """Lowest and highest share of n uniform ranks at or below each rank, together with a probability.

    Parameters
    ----------
    n : int
        Number of ranks.
    most : int
        The highest rank.
    level : float
        Probability.
    simulations : int
        Of uniform ranks.

    Returns
    -------
    low, high : array, shape (most + 1,)
        Of each rank from 0 on.
    """
    from scipy.stats import binom

    pointwise = np.quantile(_null(n, most, simulations), 1 - level)
    shares = np.arange(1, most + 2) / (most + 1)
    low, high = binom.ppf(pointwise / 2, n, shares) / n, binom.ppf(1 - pointwise / 2, n, shares) / n
    low[-1] = high[-1] = 1.0
    return low, high


@lru_cache(maxsize=32)
def _null(n: int, most: int, simulations: int) -> Floats:
    """Evenness of uniform ranks, sorted."""
    rng = np.random.default_rng(12345)
    return np.sort(_evenness(rng.integers(0, most + 1, (simulations, n)), most))


def _evenness(ranks: Ints, most: int) -> Floats:
    """Smallest two-sided pointwise probability of each row of ranks, shape (rows,)."""
    from scipy.stats import binom

    n = ranks.shape[1]
    shares = np.arange(1, most + 1) / (most + 1)
    table = 2 * np.minimum(
        binom.cdf(np.arange(n + 1)[:, None], n, shares), binom.sf(np.arange(n + 1)[:, None] - 1, n, shares)
    )
    found = np.empty(len(ranks))
    for number, row in enumerate(ranks):
        below = np.cumsum(np.bincount(row, minlength=most + 1))[:most]
        found[number] = table[below, np.arange(most)].min()
    return np.minimum(found, 1.0)
