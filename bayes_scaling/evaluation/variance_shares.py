"""Which of several independent sources of uncertainty a variance comes from: Sobol indices by pick-freeze."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints

_BLOCKS = 20  # of samples, for the Monte Carlo error
_SMALLEST = 1e-30  # variance below which there is nothing to share


@dataclass(frozen=True)
class VarianceShares:
    """Shares of a variance, by source.

    Attributes
    ----------
    variance : array, shape (points,)
        The variance.
    first, total : array, shape (sources, points)
        First-order indices, what a source does alone; total indices, what it does alone and with others.
    first_error, total_error : array, shape (sources, points)
        Their Monte Carlo standard errors.
    """

    variance: Floats
    first: Floats
    total: Floats
    first_error: Floats
    total_error: Floats

    @property
    def interaction(self) -> Floats:
        """What sources do together, shape (points,): the first-order shares and this sum to one."""
        return 1 - self.first.sum(axis=0)


def variance_shares(
    model: Callable[[Sequence[Ints]], Floats], n_sources: int, size: int, rng: np.random.Generator
) -> VarianceShares:
    r"""Share a model's variance among independent sources, of each of which there are draws.

    Parameters
    ----------
    model : callable
        Takes one array of sample numbers for each source, all of one length n, and returns the output of each, shape
        (n, points).
    n_sources : int
        Number of sources.
    size : int
        Draws of each source, at least 40.
    rng : Generator
        Source of the permutations that make the draws of the sources independent.

    Returns
    -------
    VarianceShares
        NaN where the variance is 0.

    Raises
    ------
    ValueError
        For fewer than 40 draws.

    Notes
    -----
    The draws are cut into halves A and B. For a source, ab is A with its draws from B, and ba the reverse. The total
    index is :math:`\overline{(y_a - y_{ab})^2 + (y_b - y_{ba})^2} / 4V` (Jansen, 1999). The first-order index is
    :math:`\overline{(y_b - m)(y_{ab} - y_a) + (y_a - m)(y_{ba} - y_b)} / 2V` (Saltelli et al., 2010), accurate for
    small indices, and :math:`1 - \overline{(y_b - y_{ab})^2 + (y_a - y_{ba})^2} / 4V` where the total is above one
    half. Errors are those of a jackknife over 20 blocks.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(2, 20_000, 1)) * np.array([2.0, 1.0])[:, None, None]
    >>> shares = variance_shares(lambda take: x[take[0]] + y[take[1]], 2, 20_000, rng)
    >>> shares.first[:, 0].round(1).tolist(), shares.total[:, 0].round(1).tolist()
    ([0.8, 0.2], [0.8, 0.2])
    """
    if size < 2 * _BLOCKS:
        raise ValueError(f"size is {size}; expected at least {2 * _BLOCKS} draws to share a variance by")
    half = size // (2 * _BLOCKS) * _BLOCKS
    orders = [rng.permutation(size) for _ in range(n_sources)]
    a, b = [order[:half] for order in orders], [order[half : 2 * half] for order in orders]
    ya, yb = model(a), model(b)
    centre = (ya.mean(axis=0) + yb.mean(axis=0)) / 2
    variance = _blocks(((ya - centre) ** 2 + (yb - centre) ** 2) / 2)
    found = []
    for s in range(n_sources):
        yab = model([*a[:s], b[s], *a[s + 1 :]])
        yba = model([*b[:s], a[s], *b[s + 1 :]])
        moments = (
            _blocks(((ya - yab) ** 2 + (yb - yba) ** 2) / 4),
            _blocks(((yb - centre) * (yab - ya) + (ya - centre) * (yba - yb)) / 2),
            _blocks(((yb - yab) ** 2 + (ya - yba) ** 2) / 4),
        )
        found.append(_indices(variance, *moments))
    first, total, first_error, total_error = (np.stack(parts) for parts in zip(*found, strict=True))
    return VarianceShares(variance.mean(axis=0), first, total, first_error, total_error)


def _blocks(values: Floats) -> Floats:
    """Means over blocks of samples, shape (blocks, points)."""
    return values.reshape(_BLOCKS, -1, values.shape[-1]).mean(axis=1)


def _indices(variance: Floats, total: Floats, covariance: Floats, rest: Floats) -> tuple[Floats, ...]:
    """First-order and total index and their errors, from block means."""

    def indices(v: Floats, t: Floats, c: Floats, r: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            first = np.where(large, 1 - r / v, c / v)
            return np.where(v > _SMALLEST, np.stack([first, t / v]), np.nan)

    parts = (variance, total, covariance, rest)
    large = total.mean(axis=0) > variance.mean(axis=0) / 2
    without = [(part.sum(axis=0) - part) / (_BLOCKS - 1) for part in parts]
    left_out = np.stack([indices(*(part[i] for part in without)) for i in range(_BLOCKS)])
    error = np.sqrt((_BLOCKS - 1) * left_out.var(axis=0))
    first, of_all = indices(*(part.mean(axis=0) for part in parts))
    return first, of_all, error[0], error[1]
