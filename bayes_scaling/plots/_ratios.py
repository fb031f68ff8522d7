"""Scores against training FLOPs at several ratios of tokens to parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..checks import check_probability
from ..posterior.fit import Fit
from ..runs.planned import budgets
from ..runs.table import Runs
from ._curves import ends_of_curves
from .parts import style
from .parts.draws import expected_grid, flops_grid
from .parts.lines import Line, draw_curves, line_handles, make_lines
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

    Examples
    --------
    >>> bs.plots.ratios(ratio_fit, benchmark="hellaswag")  # doctest: +SKIP
    """
    require(fit, "ratios", sizes=True)
    check_probability("prob", prob)
    wanted = sorted(set(budgets(flops=1e20, ratio=ratio).ratio))
    shown = view(fit, benchmark, family, k=k, random_seed=random_seed)
    fitted, left_out = measured(fit, shown.ks), held_out_points(fit, held_out, shown.ks)
    ends = ends_of_curves(shown, left_out, flops_to)
    lines, others = {}, {}
    for pair in shown.curves:
        points = (fitted.of(*pair), left_out.of(*pair))
        lines[pair] = _lines(shown, *pair, wanted, *points, ends[pair])
        far, far_out = (own.where(nearest(own.ratio, wanted, _NEAR) < 0).against("flops") for own in points)
        others[pair] = (far, far_out)
    titles = list(shown.curves.values())
    figure, axes = style.panels(titles, shown.quantity, share_x=len(shown.chosen.families) == 1, extra=1.1)
    handles = line_handles(
        shown,
        lines,
        prob,
        near=" near a ratio",
        labels="tokens per parameter",
        others=f"{shown.noun}s at other ratios",
        stars=held_out is not None,
    )
    fitted_to = {pair: fitted_span(fit, *pair)[1] for pair in shown.curves}
    end = "end of fitted budgets"
    return draw_curves(figure, axes, shown, lines, prob, handles, ends=fitted_to, end=end, others=others)


def _lines(
    shown: View, family: int, benchmark: int, wanted: list[float], fitted: Measured, held_out: Measured, end: float
) -> list[Line]:
    start, last = fitted_span(shown.fit, family, benchmark)
    flops = flops_grid(min(start, held_out.flops.min(initial=np.inf)), end, last)
    expected = expected_grid(shown, family, benchmark, flops=flops.tolist(), ratio=wanted)[..., 0]
    dots, stars = (
        points.split(nearest(points.ratio, wanted, _NEAR), len(wanted), "flops") for points in (fitted, held_out)
    )
    labels = [style.short_number(ratio) for ratio in wanted]
    return make_lines(labels, flops, expected, flops <= last * (1 + 1e-9), dots, stars)
