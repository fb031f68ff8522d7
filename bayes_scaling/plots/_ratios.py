"""Scores against training FLOPs at several ratios of tokens to parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..checks import check_prob
from ..posterior.fit import Fit
from ..runs.planned import budgets
from ..runs.table import Runs
from ._curves import ends_of_curves
from .parts import marks, style
from .parts.draws import expected_grid, flops_grid
from .parts.lines import Line, draw_lines, label_lines, line_handles
from .parts.measured import Measured, held_out_points, measured
from .parts.selection import Names, View, fitted_span, nearest, require, view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NEAR = 1.5  # factor up to which a run is drawn in the colour of a ratio


def ratios(
    fit: Fit,
    ratio: Sequence[float] = (20.0, 100.0, 500.0),
    held_out: Runs | None = None,
    *,
    benchmark: Names = None,
    family: Names = None,
    k: int | None = None,
    flops_to: float | None = None,
    prob: float = 0.9,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw scores against training FLOPs at several ratios of training tokens to parameters.

    One panel a benchmark (and family), one line a ratio: the median of the expected score, solid over the fitted
    budgets and dashed beyond them, with its band. Runs within a factor 1.5 of a ratio bear its colour, others, held-out
    ones included, are grey.

    Parameters
    ----------
    fit : Fit
        Of a law that reads parameters and tokens.
    ratio : sequence of float
        Training tokens per parameter.
    held_out : Runs, optional
        Scored runs that were not fitted, drawn as stars.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    k : int, optional
        Attempts that count as one, for a law of attempts; by default 1.
    flops_to : float, optional
        Where the lines end (training FLOPs); by default a decade beyond the fitted budgets.
    prob : float
        Probability of the bands.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Figure
        One panel a curve.

    Raises
    ------
    ValueError
        Where the law reads FLOPs alone, for labels that were not fitted, and for a ratio that is no positive number.
    """
    require(fit, "ratios", sizes=True)
    check_prob(prob)
    wanted = sorted(set(budgets(flops=1e20, ratio=ratio).ratio))
    shown = view(fit, benchmark, family, k=k, random_seed=random_seed)
    ks = None if shown.k is None else [shown.k]
    fitted, left_out = measured(fit, ks), held_out_points(fit, held_out, ks)
    ends = ends_of_curves(shown, left_out, flops_to)
    figure, axes = style.panels(
        list(shown.curves.values()), shown.quantity, share_x=len(shown.chosen.families) == 1, extra=1.1
    )
    for panel, (f, b) in zip(axes, shown.curves, strict=True):
        own, stars = fitted.of(f, b), left_out.of(f, b)
        lines = _lines(shown, f, b, wanted, own, stars, ends[f, b])
        others = (points.where(nearest(points.ratio, wanted, _NEAR) < 0).against("flops") for points in (own, stars))
        draw_lines(panel, lines, prob, *others)
        marks.mark_end(panel, fitted_span(fit, f, b)[1], "end of fitted budgets")
        label_lines(panel, lines)
    handles = line_handles(
        shown,
        (),
        prob,
        near=" near a ratio",
        labels="tokens per parameter",
        others=f"{shown.noun}s at other ratios",
        stars=held_out is not None,
    )
    end = marks.line_handle("end of fitted budgets", color=style.GREY, linewidth=0.8)
    return style.finish(figure, fit, [*handles, end])


def _lines(
    shown: View, family: int, benchmark: int, wanted: list[float], fitted: Measured, held_out: Measured, end: float
) -> list[Line]:
    start, last = fitted_span(shown.fit, family, benchmark)
    flops = flops_grid(min(start, held_out.flops.min(initial=np.inf)), end, last)
    expected = expected_grid(shown, family, benchmark, flops=flops.tolist(), ratio=wanted)[..., 0]
    near = [nearest(points.ratio, wanted, _NEAR) for points in (fitted, held_out)]
    return [
        Line(
            style.short_number(ratio),
            look,
            flops,
            expected[..., i],
            flops <= last * (1 + 1e-9),
            fitted.where(near[0] == i).against("flops"),
            held_out.where(near[1] == i).against("flops"),
        )
        for i, (ratio, look) in enumerate(zip(wanted, style.ordered(len(wanted)), strict=True))
    ]
