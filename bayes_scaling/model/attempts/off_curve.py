"""What curves in k miss that all runs share: an integrated random walk in log k that starts at k = 1.

No curve in k is exact, and the published one least: its slope changes where it should not. Beyond the fitted k the walk
goes on as it went, and widens. Pure functions of NumPy arrays.
"""

import numpy as np

from ...arrays import Floats, Ints
from ..deviation import MOST_COEFFICIENTS, Basis, covariance_root, walk_covariance

_SMALLEST_EIGENVALUE = 1e-4


def walk_in_k(log_k: Floats) -> Basis:
    """Basis of the walk of one benchmark.

    Parameters
    ----------
    log_k : array, shape (rows,)
        Log of the fitted k.

    Returns
    -------
    Basis
        Of one budget, log k, with at most 4 coefficients, and none where all k are 1.

    Examples
    --------
    >>> walk_in_k(np.log([1.0, 1.0, 4.0])).rows(np.log([[4.0], [1.0]])).round(3).tolist()
    [[0.942], [0.0]]
    """
    points = np.unique(np.round(log_k, 9))
    values, vectors = np.linalg.eigh(_covariance(points, points))
    keep = np.argsort(values)[::-1][:MOST_COEFFICIENTS]
    keep = keep[values[keep] > _SMALLEST_EIGENVALUE]
    vectors = vectors[:, keep] * np.sign(vectors[-1, keep] + 1e-300)
    trend = np.zeros((2, len(points)))
    return Basis(points[:, None], np.zeros(1), trend, np.ascontiguousarray(vectors * np.sqrt(values[keep])))


def walk_given(basis: Basis | None, log_k: Floats) -> tuple[Floats, Floats]:
    """The walk at new k given the coefficients of the fitted ones.

    Parameters
    ----------
    basis : Basis or None
        Of the benchmark; None of one that was not fitted.
    log_k : array, shape (m,)
        Log of new k.

    Returns
    -------
    weights : array, shape (m, q)
        Conditional mean per coefficient.
    root : array, shape (m, m)
        ``root @ normal`` has the covariance that the coefficients leave open.

    Examples
    --------
    >>> weights, root = walk_given(walk_in_k(np.log([1.0, 4.0])), np.log([4.0, 16.0]))
    >>> weights.round(3).tolist(), bool(abs(root[0]).max() < 1e-6)
    ([[0.942], [2.356]], True)
    """
    own = _covariance(log_k, log_k)
    if basis is None or not basis.size:
        return np.zeros((len(log_k), 0)), covariance_root(own)
    across = _covariance(log_k, basis.points[:, 0])
    weights = across @ (basis.vectors / (basis.vectors**2).sum(axis=0))
    return weights, covariance_root(own - weights @ weights.T)


def bases_in_k(benchmark: Ints, k: Floats, n_benchmarks: int) -> tuple[Basis, ...]:
    """Bases of the walks of benchmarks.

    Parameters
    ----------
    benchmark : int array, shape (rows,)
        Code of each row's benchmark.
    k : array, shape (rows,)
        Attempts.
    n_benchmarks : int
        How many there are.
    """
    return tuple(walk_in_k(np.log(k[benchmark == b])) for b in range(n_benchmarks))


def _covariance(log_k: Floats, other: Floats) -> Floats:
    return walk_covariance(log_k[:, None], other[:, None])
