"""Scores against parameters at fixed training FLOPs, and which size is best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..checks import check_probability
from ..forecasting.budget_rows import flops_rule
from ..posterior.fit import Fit
from ..runs.planned import budgets
from .parts import marks, style
from .parts.draws import expected_grid
from .parts.lines import Line, draw_lines, line_handles
from .parts.measured import NOTHING, Measured, measured
from .parts.selection import Names, View, nearest, ratio_span, require, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_NEAR = 1.3  # factor of FLOPs up to which a run is drawn with a budget
_BEYOND = 4.0  # factor by which ratios are drawn beyond the fitted ones
_GRID = 49  # sizes along a line


@dataclass(frozen=True)
class BestSize:
    """Best size at one budget (parameters): 0 or infinite where it lies at or beyond the ends of what is drawn.

    Attributes
    ----------
    low, median, high : float
        Bounds of the interval, and the median.
    """

    low: float
    median: float
    high: float


def isoflop(
    fit: Fit,
    flops: Sequence[float],
    *,
    benchmark: Names = None,
    family: Names = None,
    k: int | None = None,
    ratio_from: float | None = None,
    ratio_to: float | None = None,
    prob: float = 0.8,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw the expected score against the number of parameters at fixed training FLOPs, and the best size.

    One panel a benchmark (and family), one line a budget: the median with its band, solid where the ratio of tokens to
    parameters lies among the fitted ones and dashed elsewhere. The diamond is the median of the best size with its
    interval; an arrow says that it reaches beyond the drawn sizes. Measured scores are drawn in the colour of a budget
    that their run's lies within a factor 1.3 of.

    Parameters
    ----------
    fit : Fit
        Of a law that reads parameters and tokens.
    flops : sequence of float
        Training FLOPs of the lines.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    k : int, optional
        Attempts that count as one, for a law of attempts; by default 1.
    ratio_from, ratio_to : float, optional
        Smallest and largest training tokens per parameter of the lines, which set their sizes; by default a factor 4
        beyond those of the family's fitted runs.
    prob : float
        Probability of the bands and of the intervals of the best size.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Figure
        One panel a curve.

    Raises
    ------
    ValueError
        Where the law reads FLOPs alone, for labels that were not fitted, and where `ratio_from` is not below
        `ratio_to`.

    Examples
    --------
    >>> bs.plots.isoflop(ratio_fit, flops=[1e21, 1e22], benchmark="hellaswag")  # doctest: +SKIP
    """
    require(fit, "isoflop", sizes=True)
    check_probability("prob", prob)
    wanted = sorted(set(budgets(flops=flops).flops))
    shown = view(fit, benchmark, family, k=k, random_seed=random_seed)
    points = measured(fit, shown.ks)
    titles = list(shown.curves.values())
    figure, axes = style.panels(titles, shown.quantity, axis=style.PARAMS, extra=1.2 + 0.06 * len(wanted))
    for panel, (f, b) in zip(axes, shown.curves, strict=True):
        lines = _lines(shown, f, b, wanted, points.of(f, b), _ratio_grid(fit, f, ratio_from, ratio_to))
        draw_lines(panel, lines, prob)
        for line in lines:
            _draw_best(panel, line, best_size(line.x, line.expected, prob))
    return style.finish(figure, fit, _legend(shown, lines, prob))


def best_size(params: Floats, expected: Floats, prob: float) -> BestSize:
    """Find the size at which the expected score is highest, in each draw.

    Parameters
    ----------
    params : array, shape (m,)
        Parameters, evenly spaced on the log scale, at least 3.
    expected : array, shape (samples, m)
        Draws of the expected score.
    prob : float
        Probability of the central interval.

    Returns
    -------
    BestSize
        Between the sizes by a parabola through the highest and its neighbours.

    Examples
    --------
    >>> params = np.geomspace(1e8, 1e10, 9)
    >>> peaks = np.log([[3e8], [1e9], [2e9], [1e12]])
    >>> best = best_size(params, -((np.log(params) - peaks) ** 2), 0.8)
    >>> f"{best.low:.3g}", f"{best.median:.3g}", best.high
    ('3e+08', '1e+09', inf)
    """
    top = expected.argmax(axis=1)
    last = len(params) - 1
    inside = np.clip(top, 1, last - 1)
    left, middle, right = (np.take_along_axis(expected, (inside + i)[:, None], 1)[:, 0] for i in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=bend < 0)
    step = np.log(params[1] / params[0])
    sizes = np.exp(np.log(params[inside]) + np.clip(shift, -0.5, 0.5) * step)
    sizes = np.where(top == 0, 0.0, np.where(top == last, np.inf, sizes))
    tails = [(1 - prob) / 2, 0.5, (1 + prob) / 2]
    return BestSize(*np.quantile(sizes, tails, method="inverted_cdf").tolist())


def _ratio_grid(fit: Fit, family: int, ratio_from: float | None, ratio_to: float | None) -> Floats:
    """Ratios of tokens to parameters along a line, falling, so that sizes rise."""
    low, high = ratio_span(fit, family)
    low = low / _BEYOND if ratio_from is None else ratio_from
    high = high * _BEYOND if ratio_to is None else ratio_to
    if not 0 < low < high < np.inf:
        raise ValueError(f"ratios go from {low:.4g} to {high:.4g}; expected ratio_from above 0 and below ratio_to")
    return np.geomspace(high, low, _GRID)


def _lines(
    shown: View, family: int, benchmark: int, wanted: list[float], fitted: Measured, ratio: Floats
) -> list[Line]:
    expected = expected_grid(shown, family, benchmark, flops=wanted, ratio=ratio.tolist())[..., 0]
    low, high = ratio_span(shown.fit, family)
    dots = fitted.split(nearest(fitted.flops, wanted, _NEAR), len(wanted), "params")
    return [
        Line(
            f"{style.short_number(budget)} FLOPs",
            look,
            np.sqrt(budget / (flops_rule(shown.fit.reference) * ratio)),
            expected[:, i],
            (ratio >= low * (1 - 1e-9)) & (ratio <= high * (1 + 1e-9)),
            dots[i],
            NOTHING.against("params"),
        )
        for i, (budget, look) in enumerate(zip(wanted, style.ordered(len(wanted)), strict=True))
    ]


def _draw_best(panel: "Axes", line: Line, best: BestSize) -> None:
    """Draw the best size with its interval, at the height of the line, and say what lies beyond the line's ends."""
    smallest, largest = line.x[0], line.x[-1]
    at = float(np.clip(best.median, smallest, largest))
    height = float(np.interp(np.log(at), np.log(line.x), line.median))
    ends = np.clip([best.low, best.high], smallest, largest)
    how: dict[str, Any] = {"color": line.look.colour, "markeredgecolor": "black", "markeredgewidth": 0.7, "zorder": 5}
    panel.plot(ends, [height] * 2, color="black", linewidth=1.2, label="interval of best size", zorder=4)
    for end, marker, beyond in ((smallest, "<", best.low == 0), (largest, ">", np.isinf(best.high))):
        if beyond:
            panel.plot([end], [height], marker=marker, markersize=5, label="beyond", **how)
    if smallest < best.median < largest:
        panel.plot([at], [height], marker="D", markersize=5, label="best size", **how)
    panel.annotate(
        _described(best, at),
        (at, height),
        (0, 8),
        textcoords="offset points",
        ha="center",
        fontsize=7,
        color=line.look.colour,
        zorder=6,
        path_effects=style.halo(),
    )


def _described(best: BestSize, at: float) -> str:
    """Write the median best size, or on which side of the drawn ones it lies, if the draws agree on one."""
    if best.low == 0 and np.isinf(best.high):
        return "undetermined"
    beyond = {0.0: "< ", np.inf: "> "}.get(best.median, "")
    return beyond + style.short_size(at)


def _legend(shown: View, lines: Sequence[Line], prob: float) -> list[Any]:
    budgets_ = [
        marks.line_handle(line.label, color=line.look.colour, marker=line.look.marker, markersize=5) for line in lines
    ]
    edge = {"color": style.GREY, "markeredgecolor": "black", "markeredgewidth": 0.7, "markersize": 5}
    return [
        *budgets_,
        *line_handles(shown, {}, prob, near=" near a budget"),
        marks.line_handle(f"best size, {100 * prob:g}%", marker="D", **edge),
        marks.line_handle("reaches beyond the sizes drawn", marker=">", linestyle="none", **edge),
    ]
