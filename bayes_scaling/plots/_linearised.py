"""log(-log Q) against training FLOPs: the coordinates in which the law is a straight line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..posterior import Fit, flat_draws
from . import _style
from ._selection import CurveDraws, Names, Selection, central, check_probs, curve_draws, member, select

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LogErrors:
    """Scores as log(-log Q), with the bounds that one sd of item noise gives; infinite where Q leaves (0, 1).

    Attributes
    ----------
    flops, value, low, high : array, shape (rows,)
        Training FLOPs and log errors.
    """

    flops: Floats
    value: Floats
    low: Floats
    high: Floats


def linearised(
    fit: Fit,
    *,
    benchmark: Names = None,
    family: Names = None,
    probs: Sequence[float] = (0.5, 0.9),
    random_seed: int | None = 0,
) -> "Figure":
    """Draw log(-log Q) of the fitted scores against training FLOPs, with the fitted bands; one panel a benchmark.

    Q is the accuracy rescaled from the floor (0) to 1. A pure power law is a straight line here, and a lower value is a
    better score. Error bars are one standard deviation of item noise. A score at or below the floor, whose log error is
    infinite, stands as an open triangle at the top edge; a perfect one as an open triangle at the bottom.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    probs : sequence of float
        Probabilities of the bands of the expected score.
    random_seed : int, optional
        Seed of what is drawn anew for the bands.

    Returns
    -------
    Figure
        One panel a benchmark, families in colours.

    Raises
    ------
    ValueError
        For labels that were not fitted.
    """
    widths = check_probs(probs)
    chosen = select(fit.reference, benchmark, family)
    sd = item_sd(fit)
    figure, axes = _style.panels([fit.reference.labels[b] for b in chosen.benchmarks], "log(−log Q), lower is better")
    for panel, b in zip(axes, chosen.benchmarks, strict=True):
        points = {f: _points(fit, f, b, sd) for f in chosen.families_of(fit.reference, b)}
        floor = fit.reference.benchmarks[b].floor
        seen = []
        for f, found in points.items():
            limits = {"flops_from": found.flops.min(), "flops_to": found.flops.max() * (1 + 1e-9)}
            drawn = curve_draws(fit, f, b, random_seed=random_seed, **limits)
            bands = [central(log_error(drawn.expected, floor), width) for width in widths]
            _draw_band(panel, drawn, floor, bands if len(points) == 1 else bands[:1], _style.look(f).colour)
            seen += [found.value[np.isfinite(found.value)], bands[0].ravel()]
        _set_limits(panel, np.concatenate(seen))
        for place, (f, found) in enumerate(points.items()):
            _draw_points(panel, found, _style.look(f), place)
    _style.add_legend(figure, _legend(fit, chosen, widths, points=_edges(fit, chosen)))
    _style.mark_convergence(figure, fit)
    return figure


def log_error(accuracy: Floats, floor: float) -> Floats:
    """log(-log Q) of accuracies: infinite at or below the floor, minus infinite where the score is perfect.

    Examples
    --------
    >>> log_error(np.array([0.25, 0.25 + 0.75 / np.e, 1.0]), 0.25).round(3).tolist()
    [inf, 0.0, -inf]
    """
    q = np.clip((accuracy - floor) / (1 - floor), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return np.log(-np.log(q))


def item_sd(fit: Fit) -> Floats:
    """Give the standard deviation that the sampling of items gives each fitted score, shape (rows,).

    The binomial's, times the fitted dispersion; where the number of items is unknown, it is the fitted one.
    """
    draws = flat_draws(fit.posterior)
    n = fit.rows.n_items
    if "items" in draws:
        n = np.where(np.isnan(n), np.median(draws["items"], axis=0)[fit.rows.benchmark], n)
    accuracy = fit.runs.frame["accuracy"].to_numpy(float)
    return float(np.median(draws["dispersion"])) * np.sqrt(accuracy * (1 - accuracy) / n)


def _points(fit: Fit, family: int, benchmark: int, sd: Floats) -> LogErrors:
    at = member(fit, family, benchmark)
    accuracy, floor = fit.runs.frame["accuracy"].to_numpy(float)[at], fit.reference.benchmarks[benchmark].floor
    low, high = log_error(accuracy + sd[at], floor), log_error(accuracy - sd[at], floor)
    return LogErrors(np.exp(fit.rows.log_flops[at]), log_error(accuracy, floor), low, high)


def _draw_band(panel: "Axes", drawn: CurveDraws, floor: float, bands: list[Floats], colour: str) -> None:
    for band in bands:
        panel.fill_between(drawn.flops, *band, color=colour, alpha=0.22, linewidth=0)
    panel.plot(drawn.flops, np.median(log_error(drawn.expected, floor), axis=0), color=colour, linewidth=1.4)


def _set_limits(panel: "Axes", seen: Floats) -> None:
    pad = 0.12 * max(seen.max() - seen.min(), 0.1)
    panel.set_ylim(seen.min() - pad, seen.max() + pad)


def _draw_points(panel: "Axes", found: LogErrors, look: _style.Look, place: int) -> None:
    """Draw points inside the panel with their bars, the others as triangles at its edge, families below each other."""
    bottom, top = panel.get_ylim()
    inside = np.isfinite(found.value)
    beyond = 10 * (top - bottom)  # where a bar is infinite it runs out of the panel
    x, y = found.flops[inside], found.value[inside]
    low, high = np.maximum(found.low[inside], bottom - beyond), np.minimum(found.high[inside], top + beyond)
    panel.errorbar(x, y, yerr=np.stack([y - low, high - y]), color=look.colour, linestyle="none", elinewidth=0.8)
    _style.draw_scores(panel, x, y, look)
    for edge, marker, height in ((np.inf, "^", 0.96 - 0.07 * place), (-np.inf, "v", 0.04 + 0.07 * place)):
        x = found.flops[found.value == edge]
        if len(x):
            style: dict[str, Any] = {
                "marker": marker,
                "markerfacecolor": "white",
                "markeredgecolor": look.colour,
                "linestyle": "none",
            }
            panel.plot(x, np.full(len(x), height), **style, transform=panel.get_xaxis_transform(), label="off scale")
    panel.set_ylim(bottom, top)


def _edges(fit: Fit, chosen: Selection) -> list[tuple[str, str]]:
    """Markers and words of the scores that stand at an edge."""
    accuracy = fit.runs.frame["accuracy"].to_numpy(float)
    shown = np.isin(fit.rows.benchmark, chosen.benchmarks) & np.isin(fit.rows.family, chosen.families)
    entries = []
    if (shown & (accuracy <= fit.rows.floor)).any():
        entries.append(("^", "at or below the floor (no finite value)"))
    if (shown & (accuracy >= 1)).any():
        entries.append(("v", "perfect score (no finite value)"))
    return entries


def _legend(fit: Fit, chosen: Selection, widths: list[float], *, points: list[tuple[str, str]]) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    several = len(chosen.families) > 1
    colour = _style.GREY if several else _style.look(chosen.families[0]).colour
    handles = _style.family_handles(fit, chosen.families)
    handles += [
        Line2D([], [], color=colour, marker=marker, markerfacecolor="white", linestyle="none", label=label)
        for marker, label in points
    ]
    handles.append(Line2D([], [], color=colour, label="expected score, median"))
    handles += [
        Patch(color=colour, alpha=1 - 0.78 ** (i + 1), linewidth=0, label=f"expected score, {100 * width:g}%")
        for i, width in enumerate(widths[:1] if several else widths)
    ]
    bar = Line2D([], [], color=colour, marker="|", markersize=10, linestyle="none", label="± 1 sd of item noise")
    return [*handles, bar]
