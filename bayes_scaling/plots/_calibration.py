"""How often intervals of a backtest held: nominal against measured coverage, and coverage by distance."""

from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.backtest import Backtest
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_PROB = 0.9


def calibration(result: Backtest) -> "Figure":
    """Draw nominal against measured coverage of a backtest's laws, and how often 90% intervals held by distance.

    On the left a calibrated law follows the diagonal; below it, intervals are too narrow. On the right stand ranges of
    the extrapolation in powers of ten. Bars are 90% intervals of the coverage, in which rows of one training run belong
    together.

    Parameters
    ----------
    result : Backtest
        Of `backtest`.

    Returns
    -------
    Figure
        Two panels, one colour a law.

    Examples
    --------
    >>> backtest.plot()  # doctest: +SKIP
    """
    figure = style.new_figure(8.6, 3.9)
    left, right = figure.subplots(1, 2)
    laws = list(dict.fromkeys(result.rows["law"]))
    for number, law in enumerate(laws):
        look, shift = style.look(number), (number - (len(laws) - 1) / 2)
        _draw_curve(left, result, law, look, 0.006 * shift)
        _draw_distances(right, result, law, look, 0.12 * shift)
    left.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.9, linestyle="--", zorder=1)
    left.set_xlabel("nominal coverage", fontsize=9)
    left.set_ylabel("measured coverage", fontsize=9)
    right.axhline(_PROB, color=style.GREY, linewidth=0.9, linestyle="--", zorder=1)
    right.set_xlabel(result.distance, fontsize=9)
    right.set_title("90% intervals that held", fontsize=9, loc="left")
    for panel in (left, right):
        style.plain(panel)
        panel.set_ylim(0, 1.02)
    style.legend_below(figure, left, columns=4)
    return figure


def _draw_curve(panel: "Axes", result: Backtest, law: str, look: style.Look, shift: float) -> None:
    found = result.calibration()
    found = found[found["law"] == law]
    panel.vlines(found["nominal"] + shift, found["low"], found["high"], color=look.colour, linewidth=0.9, alpha=0.6)
    x, y = found["nominal"] + shift, found["measured"]
    panel.plot(x, y, color=look.colour, marker=look.marker, markersize=4, linewidth=1.2, label=law)


def _draw_distances(panel: "Axes", result: Backtest, law: str, look: style.Look, shift: float) -> None:
    order = sorted(set(result.single()["decades"]), key=lambda name: (name.startswith("above"), name))
    found = result.table(["law", "decades"])
    found = found[found["law"] == law].set_index("decades").reindex(order)
    place = np.arange(len(order)) + shift
    low, high = found["coverage_90_low"], found["coverage_90_high"]
    panel.vlines(place, low, high, color=look.colour, linewidth=0.9, alpha=0.6)
    panel.plot(place, found["coverage_90"], color=look.colour, marker=look.marker, markersize=4.5, linestyle="none")
    panel.set_xticks(np.arange(len(order)), order)


draw.register(Backtest, calibration)
