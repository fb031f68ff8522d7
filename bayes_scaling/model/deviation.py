"""What a law misses: a smooth deviation in its log budgets that grows again outside the data.

The deviation of one curve is an integrated random walk that starts at the curve's mean log budget and runs away from
it on both sides, less its own weighted trend on the fitted rows, so that it cannot take over the work of level and
exponents. A law of two budgets deviates by the sum of two walks, one in each. On the fitted rows the deviation is
carried by a few eigenvectors; at new budgets it is those coefficients' conditional mean plus what they leave open. Pure
functions of NumPy arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Floats

#: Eigenvectors kept per curve and budget; the rest carries less than the noise of a score on every table seen.
MOST_COEFFICIENTS = 4
_SMALLEST_EIGENVALUE = 1e-4
#: Spread of budgets across their main line, relative to that along it, below which they count as one.
_SMALLEST_SPREAD = 0.02


def walk_covariance(x: Floats, y: Floats) -> Floats:
    """Covariance of a once-integrated random walk that runs from 0 to both sides, summed over budgets.

    Parameters
    ----------
    x, y : array, shapes (n, budgets) and (m, budgets)
        Log budgets less the curve's mean log budgets.

    Returns
    -------
    array, shape (n, m)
        For one budget ``lo^2 (3 hi - lo) / 6`` for positions on the same side (`lo`, `hi` the smaller and larger
        distance), else 0. A budget that grows alone deviates as much as compute that grows as much.

    Examples
    --------
    >>> walk_covariance(np.array([[2.0]]), np.array([[2.0], [-1.0]])).round(3).tolist()
    [[2.667, 0.0]]
    """
    a, b = np.abs(x)[:, None, :], np.abs(y)[None, :, :]
    low, high = np.minimum(a, b), np.maximum(a, b)
    same_side = np.sign(x)[:, None, :] * np.sign(y)[None, :, :] > 0
    return np.where(same_side, low**2 * (3 * high - low) / 6, 0.0).sum(axis=-1)


@dataclass(frozen=True)
class Basis:
    """The deviation of one curve, tied to the budgets it was fitted on.

    Attributes
    ----------
    points : array, shape (p, budgets)
        Distinct log budgets of the fitted rows, less `centre`.
    centre : array, shape (budgets,)
        The curve's mean log budgets.
    trend : array, shape (1 + budgets, p)
        Maps values at `points` to their weighted intercept and slopes.
    vectors : array, shape (p, q)
        Values at `points` per standard-normal coefficient; q may be 0.

    """

    points: Floats
    centre: Floats
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
            "centre": self.centre.tolist(),
            "trend": self.trend.tolist(),
            "vectors": self.vectors.tolist(),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Basis":
        """Return the basis of its plain form."""
        points = np.array(plain["points"])
        vectors = np.array(plain["vectors"], float).reshape(len(points), -1)
        return cls(points, np.array(plain["centre"]), np.array(plain["trend"]), vectors)

    def rows(self, log_budgets: Floats) -> Floats:
        """Values at fitted budgets, shape (rows, budgets), per coefficient, shape (rows, q)."""
        distance = np.abs(self.points[None, :, :] - (log_budgets - self.centre)[:, None, :]).sum(axis=-1)
        return self.vectors[distance.argmin(axis=1)]


def fit_basis(log_budgets: Floats, weights: Floats) -> Basis:
    """Basis of the deviation of one curve.

    Parameters
    ----------
    log_budgets : array, shape (rows, budgets)
        Log budgets of the curve's rows.
    weights : array, shape (rows,)
        Information of each row about the log error; only their ratios matter.

    Returns
    -------
    Basis
        With at most 4 coefficients a budget, and none where the budgets leave nothing beside a trend.

    Examples
    --------
    >>> fit_basis(np.array([[40.0], [42.0]]), np.ones(2)).size
    0
    >>> fit_basis(np.array([[40.0], [42.0], [44.0]]), np.ones(3)).size
    1
    """
    centre = log_budgets.mean(axis=0)
    points, place = np.unique(np.round(log_budgets - centre, 9), axis=0, return_inverse=True)
    mass = np.bincount(place.ravel(), weights=np.maximum(weights, 1e-12))
    design = np.c_[np.ones(len(points)), points]
    root = np.sqrt(mass / mass.sum())
    # Budgets that move together leave the slopes open across their line; the least of the solutions shares them.
    trend = np.linalg.pinv(root[:, None] * design, rcond=_SMALLEST_SPREAD) * root
    rank = np.linalg.matrix_rank(root[:, None] * design, rtol=_SMALLEST_SPREAD)
    projector = np.eye(len(points)) - design @ trend
    values, vectors = np.linalg.eigh(projector @ walk_covariance(points, points) @ projector.T)
    keep = np.argsort(values)[::-1][: max(0, min(MOST_COEFFICIENTS * points.shape[1], len(points) - rank))]
    keep = keep[values[keep] > _SMALLEST_EIGENVALUE]
    vectors = vectors[:, keep] * np.sign(vectors[-1, keep] + 1e-300)
    # Contiguous: a basis that was saved and loaded must give the same numbers to the last bit.
    return Basis(points, centre, np.ascontiguousarray(trend), np.ascontiguousarray(vectors * np.sqrt(values[keep])))


def conditional(basis: Basis, log_budgets: Floats) -> tuple[Floats, Floats]:
    """Deviation at new budgets given the coefficients of the fitted ones.

    Parameters
    ----------
    basis : Basis
        The fitted curve.
    log_budgets : array, shape (m, budgets)
        New log budgets.

    Returns
    -------
    weights : array, shape (m, q)
        Conditional mean per coefficient.
    root : array, shape (m, m)
        ``root @ normal`` has the covariance that the coefficients leave open.

    Examples
    --------
    >>> weights, root = conditional(fit_basis(np.array([[40.0], [42.0], [44.0]]), np.ones(3)), np.array([[46.0]]))
    >>> weights.shape, bool(root[0, 0] > 0)
    ((1, 1), True)
    """
    new = np.asarray(log_budgets, float) - basis.centre
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
    x : array, shape (m, budgets)
        Log budgets less the reference log budgets of the benchmark.

    Returns
    -------
    array, shape (m, m)
        ``root @ normal`` is a draw of the walk.

    Examples
    --------
    >>> float((walk_root(np.array([[2.0]])) ** 2).round(3)[0, 0])
    2.667
    """
    return covariance_root(walk_covariance(x, x))
