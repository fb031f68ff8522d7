"""log(-log Q) against training FLOPs: the coordinates in which the law is a straight line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..checks import checked_widths
from ..posterior.fit import Fit
from .parts import marks, style
from .parts.draws import CurveDraws, central, curve_draws
from .parts.measured import Dots, Measured, measured, sampling_sd
from .parts.selection import Names, View, fitted_span, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WHAT = "\nQ: score above chance, of what is possible"


@dataclass(frozen=True)
class LogErrors:
    """Scores as log(-log Q), with the bounds that one sd of sampling noise gives; infinite where Q leaves (0, 1).

    Attributes
    ----------
    dots : Dots
        Training FLOPs and log errors.
    low, high : array, shape (points,)
        Bounds of the log errors.
    """

    dots: Dots
    low: Floats
    high: Floats


def linearised(
    fit: Fit,
    *,
    benchmark: Names = None,
    family: Names = None,
    ratio: float | None = None,
    k: int | None = None,
    probs: Sequence[float] = (0.5, 0.9),
    random_seed: int | None = 0,
) -> "Figure":
    """Draw log(-log Q) of the fitted scores against training FLOPs, with the fitted bands; one panel a benchmark.

    Q is the accuracy rescaled from the floor (0) to 1. A pure power law is a straight line here, and a lower value is a
    better score. Error bars are one standard deviation of the sampling of items (for a law of attempts, of problems and
    attempts). A score at or below the floor, whose log error is infinite, stands as an open triangle at the top edge; a
    perfect one as an open triangle at the bottom. Where the law reads parameters and tokens, the line keeps one ratio
    of the two, which the legend names; scores at other ratios are hollow.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    ratio : float, optional
        Training tokens per parameter along the curves, for a law of both; by default each family's geometric mean over
        its fitted runs.
    k : int, optional
        Attempts that count as one, for a law of attempts; by default 1.
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
        For labels that were not fitted, and a `ratio` or `k` that the law does not read.

    Examples
    --------
    >>> bs.plots.linearised(fit)  # doctest: +SKIP
    """
    widths = checked_widths(probs)
    shown = view(fit, benchmark, family, ratio=ratio, k=k, random_seed=random_seed)
    points = measured(fit, shown.ks)
    sd = sampling_sd(fit, points)
    quantity = "log(−log Q)" if shown.k is None else f"log(−log {shown.quantity})"
    figure, axes = style.panels(shown.titles, f"{quantity}, lower is better" + _WHAT * (shown.k is None))
    for panel, b in zip(axes, shown.chosen.benchmarks, strict=True):
        families = shown.chosen.families_of(fit.reference, b)
        found = {f: _log_errors(shown, points, sd, f, b) for f in families}
        floor = fit.reference.benchmarks[b].floor
        seen = []
        for f in families:
            low, high = fitted_span(fit, f, b)
            drawn = curve_draws(shown, f, b, flops_from=low, flops_to=high * (1 + 1e-9))
            bands = [central(log_error(drawn.expected, floor), width) for width in widths]
            _draw_band(panel, drawn, floor, bands if len(families) == 1 else bands[:1], style.look(f).colour)
            value = found[f].dots.y
            seen += [value, bands[0].ravel()]
        _set_limits(panel, np.concatenate(seen))
        for place, f in enumerate(families):
            _draw_points(panel, found[f], style.look(f), place)
    return style.finish(figure, fit, _legend(shown, widths, points))


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


def _log_errors(shown: View, points: Measured, sd: Floats, family: int, benchmark: int) -> LogErrors:
    at = (points.family == family) & (points.benchmark == benchmark)
    floor = shown.fit.reference.benchmarks[benchmark].floor
    dots = points.where(at).against("flops", shown.ratio_of(family))
    low, high = log_error(dots.y + sd[at], floor), log_error(dots.y - sd[at], floor)
    return LogErrors(Dots(dots.x, log_error(dots.y, floor), dots.hollow, dots.runs), low, high)


def _draw_band(panel: "Axes", drawn: CurveDraws, floor: float, bands: list[Floats], colour: str) -> None:
    marks.draw_bands(panel, drawn.flops, bands, colour)
    marks.draw_median(panel, drawn.flops, log_error(drawn.expected, floor), colour)


def _set_limits(panel: "Axes", seen: Floats) -> None:
    seen = seen[np.isfinite(seen)]  # draws of the prior may come to 0 or 1 in floats
    pad = 0.12 * max(seen.max() - seen.min(), 0.1)
    panel.set_ylim(seen.min() - pad, seen.max() + pad)


def _draw_points(panel: "Axes", found: LogErrors, look: style.Look, place: int) -> None:
    """Draw points inside the panel with their bars, the others as triangles at its edge, families below each other."""
    bottom, top = panel.get_ylim()
    inside = np.isfinite(found.dots.y)
    beyond = 10 * (top - bottom)  # where a bar is infinite it runs out of the panel
    dots = found.dots.where(inside)
    low, high = np.maximum(found.low[inside], bottom - beyond), np.minimum(found.high[inside], top + beyond)
    bars = np.stack([dots.y - low, high - dots.y])
    panel.errorbar(dots.x, dots.y, yerr=bars, color=look.colour, linestyle="none", elinewidth=0.8)
    marks.draw_dots(panel, dots, look)
    for edge, marker, height in ((np.inf, "^", 0.96 - 0.07 * place), (-np.inf, "v", 0.04 + 0.07 * place)):
        x = found.dots.x[found.dots.y == edge]
        if len(x):
            how: dict[str, Any] = {
                "marker": marker,
                "markerfacecolor": "white",
                "markeredgecolor": look.colour,
                "linestyle": "none",
            }
            panel.plot(x, np.full(len(x), height), **how, transform=panel.get_xaxis_transform(), label="off scale")
    panel.set_ylim(bottom, top)


def _edges(shown: View, points: Measured) -> list[tuple[str, str]]:
    """Markers and words of the scores that stand at an edge."""
    chosen, floor = shown.chosen, shown.fit.reference.per_benchmark("floor")[points.benchmark]
    at = np.isin(points.benchmark, chosen.benchmarks) & np.isin(points.family, chosen.families)
    entries = []
    if (at & (points.accuracy <= floor)).any():
        entries.append(("^", "at or below the floor (no finite value)"))
    if (at & (points.accuracy >= 1)).any():
        entries.append(("v", "perfect score (no finite value)"))
    return entries


def _legend(shown: View, widths: list[float], points: Measured) -> list[Any]:
    several = len(shown.chosen.families) > 1
    colour = style.GREY if several else style.look(shown.chosen.families[0]).colour
    remarks, remark = marks.ratio_remarks(shown)
    handles = marks.family_handles(shown, remarks) + marks.hollow_handles(shown, points, colour)
    handles += [
        marks.line_handle(label, color=colour, marker=marker, markerfacecolor="white", linestyle="none")
        for marker, label in _edges(shown, points)
    ]
    handles += marks.band_handles(shown, colour, widths[:1] if several else widths, remark)
    noise = "item noise" if shown.k is None else "sampling noise"
    return [
        *handles,
        marks.line_handle(f"± 1 sd of {noise}", color=colour, marker="|", markersize=10, linestyle="none"),
    ]
