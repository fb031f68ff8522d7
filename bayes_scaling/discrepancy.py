"""What a law misses: a smooth deviation in log compute that grows again outside the data.

The deviation of one curve is an integrated random walk that starts at the curve's mean log budget and runs away from
it on both sides, less its own weighted trend ``{1, log C}`` on the fitted rows, so that it cannot take over the work
of level and exponent. On the fitted rows it is carried by a few eigenvectors; at new budgets it is those coefficients'
conditional mean plus what they leave open. Pure functions of NumPy arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Eigenvectors kept per curve; the rest carries less than the noise of a score on every table seen.
MOST_COEFFICIENTS = 4
_SMALLEST_EIGENVALUE = 1e-4


def walk_covariance(x: Floats, y: Floats) -> Floats:
    """Covariance of a once-integrated random walk that runs from 0 to both sides.

    Parameters
    ----------
    x, y : array, shapes (n,) and (m,)
        Log budgets less the curve's mean log budget.

    Returns
    -------
    array, shape (n, m)
        ``lo^2 (3 hi - lo) / 6`` for positions on the same side (`lo`, `hi` the smaller and larger distance), else 0.

    Examples
    --------
    >>> walk_covariance(np.array([2.0]), np.array([2.0, -1.0])).round(3).tolist()
    [[2.667, 0.0]]
    """
    a, b = np.abs(x)[:, None], np.abs(y)[None, :]
    low, high = np.minimum(a, b), np.maximum(a, b)
    same_side = np.sign(x)[:, None] * np.sign(y)[None, :] > 0
    return np.where(same_side, low**2 * (3 * high - low) / 6, 0.0)


@dataclass(frozen=True)
class Basis:
    """The deviation of one curve, tied to the budgets it was fitted on.

    Attributes
    ----------
    points : array, shape (p,)
        Distinct log budgets of the fitted rows, less `centre`.
    centre : float
        The curve's mean log budget.
    trend : array, shape (2, p)
        Maps values at `points` to their weighted intercept and slope.
    vectors : array, shape (p, q)
        Values at `points` per standard-normal coefficient; q may be 0.

    """

    points: Floats
    centre: float
    trend: Floats
    vectors: Floats

    @property
    def size(self) -> int:
        """Number of coefficients q."""
        return self.vectors.shape[1]

    def to_dict(self) -> dict[str, Any]:
        """Plain form, for JSON; floats survive to the last bit."""
        return {
            "points": self.points.tolist(),
            "centre": self.centre,
            "trend": self.trend.tolist(),
            "vectors": self.vectors.tolist(),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Basis":
        """Return the basis of its plain form."""
        points = np.array(plain["points"])
        vectors = np.array(plain["vectors"], float).reshape(len(points), -1)
        return cls(points, plain["centre"], np.array(plain["trend"]), vectors)

    def rows(self, log_flops: Floats) -> Floats:
        """Values at fitted budgets per coefficient, shape (rows, q)."""
        index = np.abs(self.points[None, :] - (log_flops - self.centre)[:, None]).argmin(axis=1)
        return self.vectors[index]


def fit_basis(log_flops: Floats, weights: Floats) -> Basis:
    """Basis of the deviation of one curve.

    Parameters
    ----------
    log_flops : array, shape (rows,)
        Log budgets of the curve's rows (natural log of FLOPs).
    weights : array, shape (rows,)
        Information of each row about the log error; only their ratios matter.

    Returns
    -------
    Basis
        With at most 4 coefficients, and none where two budgets or fewer leave nothing beside a straight line.

    Examples
    --------
    >>> fit_basis(np.array([40.0, 42.0]), np.ones(2)).size
    0
    >>> fit_basis(np.array([40.0, 42.0, 44.0]), np.ones(3)).size
    1
    """
    centre = float(np.mean(log_flops))
    points, place = np.unique(np.round(log_flops - centre, 9), return_inverse=True)
    mass = np.bincount(place, weights=np.maximum(weights, 1e-12))
    if len(points) == 1:
        return Basis(points, centre, np.array([[1.0], [0.0]]), np.zeros((1, 0)))
    design = np.c_[np.ones(len(points)), points]
    trend = np.linalg.solve(design.T @ (mass[:, None] * design), design.T * mass)
    projector = np.eye(len(points)) - design @ trend
    values, vectors = np.linalg.eigh(projector @ walk_covariance(points, points) @ projector.T)
    keep = np.argsort(values)[::-1][: min(MOST_COEFFICIENTS, len(points) - 2)]
    keep = keep[values[keep] > _SMALLEST_EIGENVALUE]
    vectors = vectors[:, keep] * np.sign(vectors[-1, keep] + 1e-300)
    # Contiguous: a basis that was saved and loaded must give the same numbers to the last bit.
    return Basis(points, centre, np.ascontiguousarray(trend), np.ascontiguousarray(vectors * np.sqrt(values[keep])))


def conditional(basis: Basis, log_flops: Floats) -> tuple[Floats, Floats]:
    """Deviation at new budgets given the coefficients of the fitted ones.

    Parameters
    ----------
    basis : Basis
        The fitted curve.
    log_flops : array, shape (m,)
        New log budgets.

    Returns
    -------
    weights : array, shape (m, q)
        Conditional mean per coefficient.
    root : array, shape (m, m)
        ``root @ normal`` has the covariance that the coefficients leave open.

    Examples
    --------
    >>> weights, root = conditional(fit_basis(np.array([40.0, 42.0, 44.0]), np.ones(3)), np.array([46.0]))
    >>> weights.shape, bool(root[0, 0] > 0)
    ((1, 1), True)
    """
    new = np.asarray(log_flops, float) - basis.centre
    p = len(basis.points)
    both = np.concatenate([basis.points, new])
    detrend = np.eye(len(both))
    detrend[:, :p] -= np.c_[np.ones(len(both)), both] @ basis.trend
    covariance = detrend @ walk_covariance(both, both) @ detrend.T
    if basis.size:
        variance = (basis.vectors**2).sum(axis=0)
        weights = covariance[p:, :p] @ (basis.vectors / variance)
    else:
        weights = np.zeros((len(new), 0))
    return weights, covariance_root(covariance[p:, p:] - weights @ weights.T)


def covariance_root(covariance: Floats) -> Floats:
    """Root of a covariance, which may be singular: ``root @ normal`` has it.

    Examples
    --------
    >>> covariance_root(np.array([[4.0]])).tolist()
    [[2.0]]
    """
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def walk_root(x: Floats) -> Floats:
    """Root of the walk's covariance for a curve that was never fitted, shape (m, m).

    Parameters
    ----------
    x : array, shape (m,)
        Log budgets less the reference log budget of the benchmark.

    Returns
    -------
    array, shape (m, m)
        ``root @ normal`` is a draw of the walk.

    Examples
    --------
    >>> float((walk_root(np.array([2.0])) ** 2).round(3)[0, 0])
    2.667
    """
    return covariance_root(walk_covariance(x, x))
