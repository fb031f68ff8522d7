"""Draws of what a fit expects, along curves and on grids of budgets, ratios and k."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ...forecasting.from_fit import forecast_from, planned_points, quiet_forecast
from ...runs.planned import budgets
from .selection import View, fitted_span

_GRID = 41  # budgets along a curve
_MOST_DRAWS = 1000  # enough for the bounds of an expected score, which is smooth in the budget


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


def curve_draws(shown: View, family: int, benchmark: int, *, flops_from: float, flops_to: float) -> CurveDraws:
    """Draw one fitted curve between two budgets, at the view's ratio and k.

    Parameters
    ----------
    shown : View
        What the figure shows.
    family, benchmark : int
        Codes of the curve.
    flops_from, flops_to : float
        Where the grid begins and ends (training FLOPs).

    Returns
    -------
    CurveDraws
        One sample for each posterior draw.
    """
    fit = shown.fit
    fitted_to = fitted_span(fit, family, benchmark)[1]
    flops = flops_grid(flops_from, flops_to, fitted_to)
    label, name = fit.reference.labels[benchmark], fit.reference.families[family]
    at = budgets(flops=flops.tolist(), ratio=shown.ratio_of(family), k=shown.k, benchmark=label, family=name)
    found = quiet_forecast(fit, at, shown.random_seed)
    return CurveDraws(flops, fitted_to, found.array("expected"), found.array("score"))


def flops_grid(flops_from: float, flops_to: float, fitted_to: float) -> Floats:
    """Budgets along a curve, evenly on the log scale, with the largest fitted one among them.

    Examples
    --------
    >>> bool(3e21 in flops_grid(1e20, 1e22, 3e21))
    True
    """
    grid = np.geomspace(flops_from, flops_to, _GRID)
    apart = np.abs(np.log(grid / fitted_to)) > 0.2 * np.log(flops_to / flops_from) / _GRID
    return np.sort(np.append(grid[apart], fitted_to)) if flops_from <= fitted_to <= flops_to else grid


def expected_grid(
    shown: View,
    family: int,
    benchmark: int,
    *,
    flops: Sequence[float],
    ratio: Sequence[float] | None = None,
    k: Sequence[int] | None = None,
    most: int = _MOST_DRAWS,
) -> Floats:
    """Draw what one curve expects at every budget, ratio and k.

    Parameters
    ----------
    shown : View
        What the figure shows.
    family, benchmark : int
        Codes of the curve.
    flops : sequence of float
        Training FLOPs, different ones.
    ratio : sequence of float, optional
        Training tokens per parameter, different ones; by default the view's.
    k : sequence of int, optional
        Attempts, different ones; by default the view's.
    most : int
        Draws of the posterior that are used, evenly spaced; all where there are fewer.

    Returns
    -------
    array, shape (samples, flops, ratios, ks)
        Accuracies.
    """
    fit = shown.fit
    own = shown.ratio_of(family)
    ratios = ratio if ratio is not None else None if own is None else [own]
    ks = shown.ks if k is None else k
    label, name = fit.reference.labels[benchmark], fit.reference.families[family]
    points = planned_points(fit, budgets(flops=flops, ratio=ratios, k=ks, benchmark=label, family=name))
    draws = fit.draws(np.random.default_rng(shown.random_seed))
    draws = draws.every(-(-draws.size // most))
    expected = forecast_from(draws, fit.fitted, points, notes=()).array("expected")
    return expected.reshape(-1, len(flops), len(ratios or [0]), len(ks or [0]))


def central(draws: Floats, prob: float) -> Floats:
    """Bounds of the central interval at each point, shape (2, points)."""
    return np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2], axis=0)


def local_quadratic(x: Floats, y: Floats) -> Floats:
    """Local quadratic through each point's nine nearest, shape (..., points).

    For the bounds of scores, each point of which has noise of its own; their true course is smooth.

    Examples
    --------
    >>> x = np.arange(12.0)
    >>> bool(np.allclose(local_quadratic(x, x**2), x**2))
    True
    """
    out = np.empty_like(y)
    for i, at in enumerate(x):
        near = np.argsort(np.abs(x - at), kind="stable")[:9]
        design = np.vander(x[near] - at, 3)
        out[..., i] = y[..., near] @ np.linalg.pinv(design)[2]
    return out
