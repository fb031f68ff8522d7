"""Pass rates against training FLOPs at several k."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..checks import check_probability
from ..posterior.fit import Fit
from ..runs.planned import budgets
from ..runs.table import Runs
from ._curves import ends_of_curves
from .parts import marks, style
from .parts.draws import expected_grid, flops_grid
from .parts.lines import Line, draw_curves, line_handles, make_lines
from .parts.measured import Measured, held_out_points, measured
from .parts.selection import Names, View, fitted_span, require, spread, view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_USUAL_KS = 4


def pass_rates(
    fit: Fit,
    k: Sequence[int] | None = None,
    held_out: Runs | None = None,
    *,
    benchmark: Names = None,
    family: Names = None,
    ratio: float | None = None,
    flops_to: float | None = None,
    prob: float = 0.9,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw pass@k against training FLOPs at several k.

    One panel a benchmark (and family), one line a k: the median of the expected rate, solid over the fitted budgets and
    dashed beyond them, with its band and the measured rates.

    Parameters
    ----------
    fit : Fit
        Of a law of attempts.
    k : sequence of int, optional
        Attempts that count as one; by default up to four that were measured. Measured rates are drawn at these k.
    held_out : Runs, optional
        Scored runs that were not fitted, drawn as stars.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    ratio : float, optional
        Training tokens per parameter along the lines, for a law of both; by default each family's geometric mean over
        its fitted runs.
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
        Where the law describes single scores, for labels that were not fitted, and for a k that is no whole number.

    Examples
    --------
    >>> bs.plots.pass_rates(pass_fit)  # doctest: +SKIP
    """
    require(fit, "pass_rates", attempts=True)
    check_probability("prob", prob)
    shown = view(fit, benchmark, family, ratio=ratio, random_seed=random_seed)
    wanted = _wanted(shown, k)
    fitted, left_out = measured(fit, wanted), held_out_points(fit, held_out, wanted)
    ends = ends_of_curves(shown, left_out, flops_to)
    lines = {
        pair: _lines(shown, *pair, wanted, fitted.of(*pair), left_out.of(*pair), end) for pair, end in ends.items()
    }
    figure, axes = style.panels(marks.curve_titles(shown), "pass@k", share_x=len(shown.chosen.families) == 1, extra=1.1)
    handles = line_handles(shown, lines, prob, remark=marks.ratio_remarks(shown)[1], stars=held_out is not None)
    fitted_to = {pair: fitted_span(fit, *pair)[1] for pair in shown.curves}
    return draw_curves(figure, axes, shown, lines, prob, handles, ends=fitted_to, end="end of fitted budgets")


def _wanted(shown: View, k: Sequence[int] | None) -> list[int]:
    if k is not None:
        return sorted(set(budgets(flops=1e20, k=k).k or ()))
    points = measured(shown.fit)
    chosen = np.any([(points.family == f) & (points.benchmark == b) for f, b in shown.curves], axis=0)
    return [int(value) for value in spread(points.k[chosen], _USUAL_KS)]


def _lines(
    shown: View, family: int, benchmark: int, wanted: list[int], fitted: Measured, held_out: Measured, end: float
) -> list[Line]:
    start, last = fitted_span(shown.fit, family, benchmark)
    flops = flops_grid(min(start, held_out.flops.min(initial=np.inf)), end, last)
    expected = expected_grid(shown, family, benchmark, flops=flops.tolist(), k=wanted)[:, :, 0, :]
    ratio = shown.ratio_of(family)
    dots, stars = (
        [points.where(points.k == k).against("flops", ratio) for k in wanted] for points in (fitted, held_out)
    )
    return make_lines([f"k = {k}" for k in wanted], flops, expected, flops <= last * (1 + 1e-9), dots, stars)
