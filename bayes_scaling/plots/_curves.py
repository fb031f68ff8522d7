"""Scores against training FLOPs, one panel a benchmark."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..checks import checked_widths
from ..posterior.ceilings import ceiling_shares, highest_accuracies
from ..posterior.draws import flat_draws
from ..posterior.fit import Fit
from ..runs.table import Runs
from .parts import marks, style
from .parts.draws import CurveDraws, central, curve_draws, local_quadratic
from .parts.measured import Measured, held_out_points, measured
from .parts.planned import PlannedMarks, planned_marks
from .parts.selection import Names, View, fitted_span, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..forecasting.forecast import Forecast

_ASSUMED = 0.8  # share of the prior from which a ceiling is assumed, rather than found


def curves(
    fit: Fit,
    held_out: Runs | None = None,
    *,
    benchmark: Names = None,
    family: Names = None,
    ratio: float | None = None,
    k: int | None = None,
    flops_to: float | None = None,
    planned: "Forecast | None" = None,
    probs: Sequence[float] = (0.5, 0.9),
    random_seed: int | None = 0,
    compact: bool = False,
) -> "Figure":
    """Draw scores against training FLOPs with what the fit expects, one panel a benchmark.

    The line is the median of the expected score, solid over the fitted budgets and dashed beyond them. The darker bands
    hold the expected score (the curve alone), the palest band the measured score of a new run. The dashed grey
    line is chance, the dotted one the median of the highest accuracy that the curve approaches; where the runs say next
    to nothing of that, and the prior decides, the line is pale and grey, and the panel says that it is assumed. Where
    the law reads
    parameters and tokens, the line keeps one ratio of the two, which the legend names; scores at other ratios are
    hollow.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    held_out : Runs, optional
        Scored runs that were not fitted, drawn as stars; the fit does not see them.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    ratio : float, optional
        Training tokens per parameter along the curves, for a law of both; by default each family's geometric mean over
        its fitted runs.
    k : int, optional
        Attempts that count as one, for a law of attempts; by default 1.
    flops_to : float, optional
        Where the curves end (training FLOPs); by default a decade beyond the fitted budgets of each, or further where
        held-out or planned runs are larger.
    planned : Forecast, optional
        Forecasts to mark: a diamond at the median of the measured score, with its largest interval.
    probs : sequence of float
        Probabilities of the bands of the expected score; the band of a new run's score has the largest.
    random_seed : int, optional
        Seed of what is drawn anew for the bands.
    compact : bool
        Whether the figure is one small panel without a legend, for a page that explains it in words.

    Returns
    -------
    Figure
        One panel a benchmark, families in colours.

    Raises
    ------
    ValueError
        For labels that were not fitted, held-out runs without accuracies, a `flops_to` below the fitted budgets, and a
        `ratio` or `k` that the law does not read; and where several benchmarks are to be one small panel.

    Examples
    --------
    >>> bs.plots.curves(fit, held_out, planned=forecast)  # doctest: +SKIP
    """
    widths = checked_widths(probs)
    shown = view(fit, benchmark, family, ratio=ratio, k=k, random_seed=random_seed)
    fitted, left_out = measured(fit, shown.ks), held_out_points(fit, held_out, shown.ks)
    plan = planned_marks(fit, planned, widths[0], shown.k)
    ends = ends_of_curves(shown, left_out, flops_to)
    if flops_to is None:
        ends = {pair: max(end, 1.3 * plan.furthest(*pair)) for pair, end in ends.items()}
    highest = _highest(shown)
    figure, axes = style.panels(shown.titles, shown.quantity, extra=1.3, compact=compact)
    drawn_widths = widths if len(shown.chosen.families) == 1 else widths[:1]  # lest the families' bands hide each other
    for panel, b in zip(axes, shown.chosen.benchmarks, strict=True):
        seen = [np.array([fit.reference.benchmarks[b].chance])]
        for f in shown.chosen.families:
            dots, stars = (points.of(f, b).against("flops", shown.ratio_of(f)) for points in (fitted, left_out))
            if (f, b) in shown.curves:
                start = min(fitted_span(fit, f, b)[0], stars.x.min(initial=np.inf))
                drawn = curve_draws(shown, f, b, flops_from=start, flops_to=ends[f, b])
                seen.append(_draw_curve(panel, drawn, style.look(f).colour, widths[0], drawn_widths))
            marks.draw_dots(panel, dots, style.look(f))
            marks.draw_stars(panel, stars, style.look(f).colour)
            seen += [dots.y, stars.y, plan.draw(panel, f, b, style.look(f).colour)]
        style.set_limits(panel, np.concatenate(seen))
        _draw_lines(panel, shown, b, highest)
    if compact:
        return style.marked(figure, fit.converged)
    return style.finish(figure, fit, _legend(shown, widths, fitted, stars=held_out is not None, planned=plan))


def ends_of_curves(shown: View, held_out: Measured, flops_to: float | None) -> dict[tuple[int, int], float]:
    """Where curves against training FLOPs end.

    Parameters
    ----------
    shown : View
        What the figure shows.
    held_out : Measured
        Held-out points.
    flops_to : float or None
        As asked for; by default a decade beyond the fitted budgets of each curve, or beyond its held-out ones.

    Returns
    -------
    dict of (int, int) to float
        Training FLOPs by family and benchmark.

    Raises
    ------
    ValueError
        Where `flops_to` is below the fitted budgets.
    """
    fitted = {pair: fitted_span(shown.fit, *pair)[1] for pair in shown.curves}
    if flops_to is None:
        return {pair: max(10 * end, 1.3 * held_out.of(*pair).flops.max(initial=0.0)) for pair, end in fitted.items()}
    largest = max(fitted.values())
    if not (np.isfinite(flops_to) and flops_to >= largest * (1 - 1e-9)):
        raise ValueError(f"flops_to is {flops_to!r}; expected at least the largest fitted FLOPs, {largest:.3g}")
    return dict.fromkeys(fitted, float(flops_to))


def _highest(shown: View) -> dict[tuple[int, int], float]:
    """Median of the accuracy that each curve approaches; none for rates at k above 1, whose limit is another."""
    if shown.k not in (None, 1):
        return {}
    reference = shown.fit.reference
    medians = np.median(highest_accuracies(reference, flat_draws(shown.fit.posterior)), axis=0)
    pairs = zip(reference.curve_family, reference.curve_benchmark, strict=True)
    return {pair: float(median) for pair, median in zip(pairs, medians, strict=True) if pair in shown.curves}


def _draw_curve(panel: "Axes", drawn: CurveDraws, colour: str, widest: float, widths: Sequence[float]) -> Floats:
    """Draw the bands and the median of a curve, and return the heights of the palest band."""
    scores = np.clip(local_quadratic(np.log(drawn.flops), central(drawn.score, widest)), 0.0, 1.0)
    marks.draw_bands(panel, drawn.flops, [scores], colour, faint=True)
    marks.draw_bands(panel, drawn.flops, [central(drawn.expected, width) for width in widths], colour)
    marks.draw_median(panel, drawn.flops, drawn.expected, colour, drawn.flops <= drawn.fitted_to * (1 + 1e-9))
    return scores.ravel()


def _draw_lines(panel: "Axes", shown: View, benchmark: int, highest: dict[tuple[int, int], float]) -> None:
    """Draw chance, the end of the fitted budgets and the highest accuracies; one beyond the panel is said in words."""
    fit, families = shown.fit, shown.chosen.families_of(shown.fit.reference, benchmark)
    if shown.k is None:
        chance = fit.reference.benchmarks[benchmark].chance
        panel.axhline(chance, color=style.GREY, linewidth=0.9, linestyle="--", label="chance", zorder=1)
    marks.mark_end(panel, max(fitted_span(fit, f, benchmark)[1] for f in families), "end of fitted budgets")
    found = {f: highest[f, benchmark] for f in families if (f, benchmark) in highest}
    assumed = ceiling_shares(fit.reference, fit.law, flat_draws(fit.posterior))[benchmark] > _ASSUMED
    for f, accuracy in found.items():
        if assumed:
            panel.axhline(accuracy, color="#AAAAAA", linewidth=0.8, linestyle=(0, (1, 4)), label="assumed ceiling")
        else:
            panel.axhline(accuracy, color=style.look(f).colour, linewidth=1.1, linestyle=":", label="highest accuracy")
    if found and (assumed or min(found.values()) > panel.get_ylim()[1]):
        said = " to ".join(dict.fromkeys(f"{end(found.values()):.2f}" for end in (min, max)))
        words = f"ceiling assumed ({said})" if assumed else f"highest {shown.quantity}: {said} ↑"
        how: dict[str, Any] = {"va": "top", "fontsize": 7, "color": style.GREY, "path_effects": style.halo()}
        panel.text(0.03, 0.97, words, transform=panel.transAxes, **how, fontstyle="italic" if assumed else "normal")


def _legend(shown: View, widths: list[float], fitted: Measured, *, stars: bool, planned: PlannedMarks) -> list[Any]:
    families = shown.chosen.families
    several = len(families) > 1
    colour = style.GREY if several else style.look(families[0]).colour
    remarks, remark = marks.ratio_remarks(shown)
    handles = marks.family_handles(shown, remarks)
    handles += marks.hollow_handles(shown, fitted, colour)
    if stars:
        handles.append(marks.star_handle(shown, colour))
    handles += planned.handles(colour)
    handles += marks.band_handles(shown, colour, widths[:1] if several else widths, remark)
    handles.append(marks.new_run_handle(shown, colour, widths[0]))
    if shown.k is None:
        handles.append(marks.line_handle("chance", color=style.GREY, linestyle="--", linewidth=0.9))
    if shown.k in (None, 1):
        handles.append(
            marks.line_handle(f"highest {shown.quantity}, median (grey: assumed)", color=colour, linestyle=":")
        )
    handles.append(marks.line_handle("end of fitted budgets", color=style.GREY, linewidth=0.8))
    return handles
