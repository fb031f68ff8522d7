"""Which curves a figure shows, and the draws behind their bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budget_grid import budgets
from ..forecasting import forecast
from ..posterior import Fit
from ..reference import Reference

Floats = NDArray[np.float64]
Names = str | Sequence[str] | None

_GRID = 41  # budgets along a curve


@dataclass(frozen=True)
class Selection:
    """Codes of the benchmarks and families that a figure shows, in the order asked for."""

    benchmarks: tuple[int, ...]
    families: tuple[int, ...]

    def families_of(self, reference: Reference, benchmark: int) -> list[int]:
        """Return the chosen families that were fitted on a benchmark."""
        fitted = set(zip(reference.curve_family, reference.curve_benchmark, strict=True))
        return [f for f in self.families if (f, benchmark) in fitted]


def select(reference: Reference, benchmark: Names = None, family: Names = None) -> Selection:
    """Find the benchmarks and families by name; None takes all.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    benchmark, family : str or sequence of str, optional
        Labels or names of benchmarks; families.

    Returns
    -------
    Selection
        Benchmarks without a curve of the chosen families are left out.

    Raises
    ------
    ValueError
        For a label that was not fitted.
    """
    families = tuple(range(len(reference.families)))
    if family is not None:
        families = tuple(_find("family", name, reference.families) for name in _listed(family))
    benchmarks: list[int] = []
    for name in reference.labels if benchmark is None else _listed(benchmark):
        same = [i for i, b in enumerate(reference.benchmarks) if b.name == name]
        benchmarks += same if same and name not in reference.labels else [_find("benchmark", name, reference.labels)]
    chosen = Selection(tuple(dict.fromkeys(benchmarks)), families)
    kept = tuple(b for b in chosen.benchmarks if chosen.families_of(reference, b))
    if not kept:
        known = ", ".join(reference.curve_labels)
        raise ValueError(f"no curve of {family!r} on {benchmark!r} was fitted; the fit knows {known}")
    return Selection(kept, families)


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _find(kind: str, name: str, known: tuple[str, ...]) -> int:
    if name not in known:
        raise ValueError(f"{kind} {name!r} was not fitted; the fit knows {', '.join(known)}")
    return known.index(name)


def member(fit: Fit, family: int, benchmark: int) -> NDArray[np.bool_]:
    """Whether each fitted row belongs to a curve, shape (rows,)."""
    return (fit.rows.family == family) & (fit.rows.benchmark == benchmark)


@dataclass(frozen=True)
class CurveDraws:
    """Draws of one curve along a grid of budgets.

    Attributes
    ----------
    flops : array, shape (m,)
        Budgets (training FLOPs), the last fitted one among them.
    fitted_to : float
        Largest fitted budget of the curve (training FLOPs).
    expected, score : array, shape (samples, m)
        Accuracies of the curve, and of a new run's measured score.
    """

    flops: Floats
    fitted_to: float
    expected: Floats
    score: Floats


def curve_draws(
    fit: Fit, family: int, benchmark: int, *, flops_from: float, flops_to: float, random_seed: int | None
) -> CurveDraws:
    """Draw one fitted curve between two budgets.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    family, benchmark : int
        Codes of the curve.
    flops_from, flops_to : float
        Where the grid begins and ends (training FLOPs).
    random_seed : int or None
        Seed of what is drawn anew.

    Returns
    -------
    CurveDraws
        One sample for each posterior draw.
    """
    fitted_to = float(np.exp(fit.rows.log_flops[member(fit, family, benchmark)].max()))
    grid = np.geomspace(flops_from, flops_to, _GRID)
    apart = np.abs(np.log(grid / fitted_to)) > 0.2 * np.log(flops_to / flops_from) / _GRID
    flops = np.sort(np.append(grid[apart], fitted_to)) if flops_from <= fitted_to <= flops_to else grid
    label, name = fit.reference.labels[benchmark], fit.reference.families[family]
    found = forecast(fit, budgets(flops=flops.tolist(), benchmark=label, family=name), random_seed).draws
    expected, score = (found[name].transpose("sample", "point").to_numpy() for name in ("expected", "score"))
    return CurveDraws(flops, fitted_to, expected, score)


def central(draws: Floats, prob: float) -> Floats:
    """Bounds of the central interval at each point, shape (2, points)."""
    return np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2], axis=0)


def smoothed(x: Floats, y: Floats) -> Floats:
    """Local quadratic through each point's nine nearest, shape (..., points).

    For the bounds of scores, each point of which has noise of its own; their true course is smooth.

    Examples
    --------
    >>> x = np.arange(12.0)
    >>> bool(np.allclose(smoothed(x, x**2), x**2))
    True
    """
    out = np.empty_like(y)
    for i, at in enumerate(x):
        near = np.argsort(np.abs(x - at), kind="stable")[:9]
        design = np.vander(x[near] - at, 3)
        out[..., i] = y[..., near] @ np.linalg.pinv(design)[2]
    return out


def check_probs(probs: Sequence[float]) -> list[float]:
    """Probabilities of intervals, widest first."""
    if not len(probs) or not all(0 < prob < 1 for prob in probs):
        raise ValueError(f"probs is {tuple(probs)!r}; expected probabilities between 0 and 1, such as (0.5, 0.9)")
    return sorted(probs, reverse=True)
