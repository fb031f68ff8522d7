"""How rates of pass@k scatter over k: the joint covariance of rates that come from the same samples.

Pure functions of NumPy arrays. With failure probabilities of problems whose k-th moments are S(k) = 1 - pass@k, rates
from P problems with n attempts each have

    Cov[pass@k, pass@k'] = (S(k + k' - k k' / n) - S(k) S(k')) / P

which divides into the sampling of problems, (S(k + k') - S(k) S(k')) / P, and that of attempts, the rest. Where the
same problems serve every run, runs differ by less than fresh problems would make them: each part gets a factor of its
own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...arrays import Floats

Failure = Callable[[Floats], Floats]
#: Variance of log(-log(1 - pass@k)) that is always there (independent over k): rounding, and rates that are nearly the
#: same number, whose covariance is singular.
NUGGET = 3e-4
#: Nearest that a smooth rate comes to 0 or 1: nearer, differences of failures are rounding, and a rate of 0 would weigh
#: as if it were exact.
_SMALLEST = 1e-12


def problem_covariance(failure: Failure, k: Floats, other: Floats) -> Floats:
    """Covariance of pass rates over the sampling of problems, times the number of problems, shape (n, m).

    Parameters
    ----------
    failure : callable
        S(k), the share of problems that k attempts leave unsolved.
    k, other : array, shapes (n,) and (m,)
        Attempts.

    Examples
    --------
    >>> half_solvable = lambda k: np.full(np.shape(k), 0.5)
    >>> problem_covariance(half_solvable, np.array([1.0]), np.array([4.0])).tolist()
    [[0.25]]
    """
    a, b = k[:, None], other[None, :]
    return failure(a + b) - failure(a) * failure(b)


def attempt_covariance(failure: Failure, k: Floats, other: Floats, n: Floats, n_other: Floats) -> Floats:
    """Covariance of pass rates over the sampling of attempts, times the number of problems, shape (n, m).

    Parameters
    ----------
    failure : callable
        S(k), the share of problems that k attempts leave unsolved.
    k, other : array, shapes (n,) and (m,)
        Attempts that count as one.
    n, n_other : array, shapes (n,) and (m,)
        Attempts that were drawn at each problem; the fewer are taken to be among the more.

    Examples
    --------
    >>> coin = lambda k: 0.5**k
    >>> one = np.array([1.0])
    >>> attempt_covariance(coin, one, one, 10 * one, 10 * one).round(3).tolist()  # p (1 - p) / n
    [[0.018]]
    """
    a, b = k[:, None], other[None, :]
    drawn = np.maximum(n[:, None], n_other[None, :])
    return failure(a + b - a * b / np.maximum(drawn, np.maximum(a, b))) - failure(a + b)


def hazard_slope(rate: Floats) -> Floats:
    """Slope of ``log(-log(1 - rate))`` in the rate.

    Examples
    --------
    >>> float(round(hazard_slope(np.array([0.01]))[0], 1))
    100.5
    """
    rate = np.clip(rate, _SMALLEST, 1 - _SMALLEST)
    return -1 / ((1 - rate) * np.log1p(-rate))


def working_response(rate: Floats, smooth: Floats) -> Floats:
    """``log(-log(1 - rate))``, and where the rate is 0 or 1 its linear form around a smooth rate.

    Parameters
    ----------
    rate : array
        Measured rates in [0, 1].
    smooth : array
        Rates of a smooth curve through them, in (0, 1).

    Returns
    -------
    array
        Finite, of the same shape.

    Examples
    --------
    >>> working_response(np.array([0.5, 0.0]), np.array([0.4, 0.01])).round(2).tolist()
    [-0.37, -5.61]
    """
    smooth = np.clip(smooth, _SMALLEST, 1 - _SMALLEST)
    inside = (rate > 0) & (rate < 1)
    plain = np.log(-np.log1p(-np.where(inside, rate, smooth)))
    return plain + np.where(inside, 0.0, hazard_slope(smooth) * (rate - smooth))


@dataclass(frozen=True)
class Rotation:
    """Turns the points of one set of samples into a few independent values, whatever the two factors.

    Attributes
    ----------
    matrix : array, shape (values, points)
        ``matrix @ points`` is independent over its entries.
    problems : array, shape (values,)
        Their variance from the sampling of problems, where that from the sampling of attempts is 1.
    """

    matrix: Floats
    problems: Floats


def rotate(attempts: Floats, problems: Floats, least: float = 3 * NUGGET, most: float = 1.0) -> Rotation:
    """Diagonalise two covariances at once, in the directions in which points speak of a law.

    Rates at neighbouring k are nearly the same number. In directions in which sampling leaves them less noise than a
    law can be trusted to, they would only measure how exact the law is, and drown what they say of it. Where rates
    are within one attempt or one problem of 0 or 1, their noise is not normal, and they say next to nothing.

    Parameters
    ----------
    attempts : array, shape (points, points)
        Positive definite.
    problems : array, shape (points, points)
        Positive semi-definite.
    least, most : float
        Variances of the sum between which directions are kept, the second a point's: a direction that is shared by
        points has the sum of theirs. If there is none, the one nearest to them is.

    Returns
    -------
    Rotation
        With ``matrix @ attempts @ matrix.T`` the identity, and ``matrix @ problems @ matrix.T`` diagonal.

    Examples
    --------
    >>> rotation = rotate(np.diag([0.04, 0.01]), np.diag([0.08, 0.03]))
    >>> sorted(rotation.problems.round(6).tolist())
    [2.0, 3.0]
    >>> rotate(np.diag([0.4, 1e-5]), np.diag([0.1, 1e-5])).matrix.shape
    (1, 2)
    """
    total, directions = np.linalg.eigh((attempts + problems + (attempts + problems).T) / 2)
    kept = (total >= least) & (total <= most * len(total))
    if not kept.any():
        kept[np.argmin(np.abs(np.log(np.maximum(total, 1e-300) / np.clip(total, least, most))))] = True
    directions = directions[:, kept]
    root = np.linalg.cholesky(directions.T @ attempts @ directions)
    half = np.linalg.solve(root, np.linalg.solve(root, directions.T @ problems @ directions).T)
    values, vectors = np.linalg.eigh((half + half.T) / 2)
    return Rotation(np.linalg.solve(root.T, vectors).T @ directions.T, np.maximum(values, 0.0))
