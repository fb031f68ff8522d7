"""Figure of pass rates over training FLOPs and k, and what each k costs or reaches."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..planning.repeated_sampling import TrainOrSample
from ._draw import draw
from .parts import marks, style
from .parts.contours import label_contours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def train_or_sample(answer: TrainOrSample) -> "Figure":
    """Draw the pass rate over training FLOPs and k with the best choices, and what each k costs or reaches.

    Parameters
    ----------
    answer : TrainOrSample
        Of `train_or_sample`.

    Returns
    -------
    Figure
        Left: lines of equal median pass rate, what k costs at the target or reaches under each total budget, and the
        best choice. Right: total FLOPs (of a target) or the pass rate (of budgets) against k, with 80% intervals.

    Examples
    --------
    >>> bs.train_or_sample(pass_fit, 0.5, tokens_per_sample=400, queries=1e8).plot()  # doctest: +SKIP
    """
    figure = style.new_figure(9.0, 3.9)
    plane, along = figure.subplots(1, 2)
    _draw_plane(plane, answer.surface)
    of_target = "target" in answer.frontier
    table = answer.table()
    for number, (value, rows) in enumerate(answer.frontier.groupby("target" if of_target else "budget", sort=False)):
        look = style.look(number)
        name = f"{value:g} of the problems" if of_target else f"{style.short_number(float(str(value)))} FLOPs in all"
        # Beyond the fitted k's cheapest budgets a draw may never get there.
        middle = rows["passes"].replace(np.inf, np.nan) if of_target else rows["flops"]
        plane.plot(middle, rows["k"], color=look.colour, label=name)
        columns = ("passes_total", "passes_total_low_80", "passes_total_high_80") if of_target else None
        mean, low, high = (rows[c].replace(np.inf, np.nan) for c in columns or ("rate", "rate_low_80", "rate_high_80"))
        along.plot(rows["k"], mean, color=look.colour)
        if of_target:
            label = f"with {100 * table['probability'].iloc[0]:g}% probability"
            along.plot(rows["k"], rows["total_flops"], color=look.colour, linestyle="--")
            plane.plot(rows["flops"], rows["k"], color=look.colour, linestyle="--", label=label)
        along.fill_between(rows["k"], low, high, color=look.colour, alpha=0.2, linewidth=0)
    _draw_choices(plane, along, table, of_target)
    style.log_axis(along, style.Axis("attempts k", "{:g}".format))
    _octaves(along.xaxis, answer.surface["k"])
    along.set_xlabel("attempts k", fontsize=9)
    along.set_title("total FLOPs" if of_target else "pass rate", fontsize=9, loc="left")
    if of_target:
        style.log_y(along)
    style.plain(along)
    marks.mark_end(plane, answer.largest_fitted, "largest fitted run")
    return style.finish_answer(figure, plane, answer.converged)


def _draw_plane(axes: "Axes", surface: pd.DataFrame) -> None:
    rate = surface.pivot_table(index="k", columns="flops", values="rate")
    style.log_axis(axes, style.FLOPS)
    axes.set_yscale("log")
    axes.set_xlim(float(surface["flops"].min()), float(surface["flops"].max()))
    axes.set_ylim(rate.index.min() / 1.15, rate.index.max() * 1.25)  # the best choice may lie on an edge
    levels = [level for level in _RATES if rate.to_numpy().min() < level < rate.to_numpy().max()]
    if levels:
        lines = axes.contour(rate.columns, rate.index, rate, levels=levels, colors=style.GREY, linewidths=0.7)
        label_contours(axes, lines)
    _octaves(axes.yaxis, rate.index.to_series())
    axes.set_title("attempts k, and lines of equal pass rate", fontsize=9, loc="left")
    style.plain(axes)
    axes.set_xlabel(style.FLOPS.label, fontsize=9)


def _octaves(axis: Any, k: pd.Series) -> None:
    """Ticks of attempts: powers of two, or of four where these are many."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    last = int(np.floor(np.log2(max(k.max(), 2))))
    axis.set_major_locator(FixedLocator([2.0**n for n in range(0, last + 1, 1 if last <= 6 else 2)]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _draw_choices(plane: "Axes", along: "Axes", table: pd.DataFrame, of_target: bool) -> None:
    known = table.dropna(subset="flops")
    if known.empty:
        return
    plane.plot(known["flops"], known["k"], marker="o", color="black", ls="none", ms=5, label="best choice", zorder=5)
    along.plot(known["k"], known["total_flops" if of_target else "rate"], marker="o", color="black", ls="none", ms=5)


draw.register(TrainOrSample, train_or_sample)
