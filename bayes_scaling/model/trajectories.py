r"""Luck along a trajectory: what persists from one checkpoint of a training run to the next, and fades.

At any checkpoint the luck of a run is as large as that of a finished run, of spread ``run_sd``. Along the run a part of
it stays and a part fades: between checkpoints whose log tokens are :math:`d` apart its correlation is
:math:`1 - \kappa + \kappa e^{-d / \ell}`, with :math:`\kappa = f^2 / (1 + f^2)`. The scatter of single scores about the
law divides likewise: of its variance the share :math:`p^2 / (1 + p^2)` is luck of the run on that benchmark, which
persists and fades as that of the run, and the rest is new at each checkpoint.

The fading part is an Ornstein-Uhlenbeck process, in a basis of its largest components, as `deviation` has it of curves.
Within one run log FLOPs move as log tokens do, and serve for them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Array, Floats, Ints

#: Log tokens within which the fading part falls to 1/e: a doubling. In Pythia's eight sizes what benchmarks of a
#: checkpoint share has halved there, and is gone after three doublings.
FADES_WITHIN = float(np.log(2))
_KEPT = 0.97  # share of the variance that a basis keeps
_MOST_COEFFICIENTS = 10


def fading_covariance(x: Floats, y: Floats) -> Floats:
    """Covariance of the fading part, of unit variance, between log budgets.

    Parameters
    ----------
    x, y : array, shapes (n,) and (m,)
        Log FLOPs (or log tokens) of one training run.

    Returns
    -------
    array, shape (n, m)
        1 at the same budget, 1/e a doubling apart.

    Examples
    --------
    >>> fading_covariance(np.log([1e20]), np.log([1e20, 2e20, 8e20])).round(3).tolist()
    [[1.0, 0.368, 0.05]]
    """
    return np.exp(-np.abs(np.asarray(x)[:, None] - np.asarray(y)[None, :]) / FADES_WITHIN)


@dataclass(frozen=True)
class Trajectory:
    """The fitted checkpoints of one training run, and the basis of what fades along them.

    Attributes
    ----------
    run : int
        Code of the training run.
    log_flops : array, shape (checkpoints,)
        Their log FLOPs, ascending.
    vectors : array, shape (checkpoints, coefficients)
        Values at the checkpoints per standard-normal coefficient.
    rate_known : bool
        Whether the table says how its learning rate went.
    """

    run: int
    log_flops: Floats
    vectors: Floats
    rate_known: bool

    @cached_property
    def size(self) -> int:
        """Number of coefficients."""
        return self.vectors.shape[1]

    def rows(self, log_budgets: Floats) -> Floats:
        """Values at fitted checkpoints per coefficient, shape (rows, coefficients); budgets are of shape (rows, 1)."""
        return self.vectors[np.abs(self.log_flops[None, :] - log_budgets).argmin(axis=1)]

    def to_dict(self) -> dict[str, Any]:
        """Plain form, for JSON; floats survive to the last bit."""
        return {
            "run": self.run,
            "log_flops": self.log_flops.tolist(),
            "vectors": self.vectors.tolist(),
            "rate_known": self.rate_known,
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Trajectory":
        """Return the trajectory of its plain form."""
        vectors = np.array(plain["vectors"], float)
        return cls(int(plain["run"]), np.array(plain["log_flops"]), vectors, bool(plain["rate_known"]))


def make_trajectory(run: int, log_flops: Floats, *, rate_known: bool = False) -> Trajectory:
    """Basis of what fades along the checkpoints of a run.

    Parameters
    ----------
    run : int
        Code of the training run.
    log_flops : array, shape (rows,)
        Log FLOPs of its rows, in any order.
    rate_known : bool
        Whether the table says how its learning rate went.

    Examples
    --------
    >>> one = make_trajectory(0, np.log([1e20, 2e20, 4e20, 4e20]))
    >>> one.size, (one.vectors @ one.vectors.T).round(2).diagonal().tolist()
    (3, [1.0, 1.0, 1.0])
    """
    points = np.unique(np.round(log_flops, 9))
    values, vectors = np.linalg.eigh(fading_covariance(points, points))
    order = np.argsort(values)[::-1]
    needed = int(np.searchsorted(np.cumsum(values[order]), _KEPT * values.sum())) + 1
    keep = order[: min(needed, _MOST_COEFFICIENTS)]
    signed = vectors[:, keep] * np.sign(vectors[-1, keep] + 1e-300)
    # Every checkpoint keeps its variance: what the basis leaves out must not make a run's luck smaller.
    basis = signed * np.sqrt(values[keep])
    basis = basis / np.sqrt((basis**2).sum(axis=1, keepdims=True))
    return Trajectory(run, points, np.ascontiguousarray(basis), rate_known)


def further_along(trajectory: Trajectory, log_flops: Floats) -> tuple[Floats, Floats]:
    """What fades, at further budgets of a fitted run, given the coefficients of its checkpoints.

    Parameters
    ----------
    trajectory : Trajectory
        The fitted run.
    log_flops : array, shape (m,)
        Log FLOPs.

    Returns
    -------
    weights : array, shape (m, coefficients)
        Conditional mean per coefficient.
    covariance : array, shape (m, m)
        What the coefficients leave open.

    Examples
    --------
    >>> weights, left = further_along(make_trajectory(0, np.log([1e20, 2e20])), np.log([2e20, 4e20]))
    >>> left.round(3).diagonal().tolist()
    [0.0, 0.865]
    """
    # A fitted checkpoint that is left to the basis is a linear function of the coefficients, with a little of its own.
    at = fading_covariance(log_flops, trajectory.log_flops)
    fitted = fading_covariance(trajectory.log_flops, trajectory.log_flops)
    weights = at @ np.linalg.solve(fitted, trajectory.vectors)
    covariance = fading_covariance(log_flops, log_flops) - weights @ weights.T
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return weights, (vectors * np.maximum(values, 0.0)) @ vectors.T


def rate_gone(trajectory: Trajectory, log_flops: Floats) -> Floats:
    """How far the learning rate of a run may have gone down since its last fitted checkpoint, at most; in [0, 1).

    Nothing at the checkpoint, two thirds a doubling of the tokens later: a run is mostly planned for a few times what
    it has seen when somebody asks.

    Examples
    --------
    >>> rate_gone(make_trajectory(0, np.log([1e20, 2e20])), np.log([1e20, 2e20, 4e20])).round(2).tolist()
    [0.0, 0.0, 0.63]
    """
    return -np.expm1(-np.maximum(log_flops - trajectory.log_flops[-1], 0.0) / FADES_WITHIN)


def shares(fading: Array) -> tuple[Array, Array]:
    """Spread of the part that stays and of the part that fades, of a whole of 1.

    Parameters
    ----------
    fading : array
        The fading part over the staying one.

    Examples
    --------
    >>> [float(part) for part in shares(np.array(0.0))]
    [1.0, 0.0]
    """
    whole = np.sqrt(1 + fading**2)
    return 1 / whole, fading / whole


def series_codes(trajectory: Ints, benchmark: Ints, series: tuple[tuple[int, int], ...]) -> Ints:
    """Code of each row's trajectory and benchmark among those of a fit; -1 where it is none of them.

    Examples
    --------
    >>> series_codes(np.array([0, 0, -1]), np.array([1, 0, 0]), ((0, 0), (0, 1))).tolist()
    [1, 0, -1]
    """
    known = {pair: i for i, pair in enumerate(series)}
    pairs = zip(trajectory.tolist(), benchmark.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in pairs], np.int64)
