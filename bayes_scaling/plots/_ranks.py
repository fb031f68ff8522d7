"""Ranks of simulation-based calibration: their distribution less the uniform one."""

from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.simulation.ranks import Calibration, bands
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_LEVEL = 0.99


def rank_distributions(result: Calibration) -> "Figure":
    """Draw the empirical distribution of each quantity's ranks less the uniform one.

    Parameters
    ----------
    result : Calibration
        Of `simulate_ranks`.

    Returns
    -------
    Figure
        One panel a quantity. The bands hold all quantities of a calibrated law together with 99% probability; one that
        leaves its band is red.

    Examples
    --------
    >>> ranks.plot()  # doctest: +SKIP
    """
    table = result.table(_LEVEL).set_index("quantity")
    names = list(table.index)
    rows, columns = -(-len(names) // 5), min(len(names), 5)
    figure = style.new_figure(2.3 * columns, 1.7 * rows + 0.5)
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).flat
    for number, (axes, name) in enumerate(zip(panels, names, strict=False)):
        part = result.ranks[result.ranks["quantity"] == name]
        most, n = int(part["ranks"].iloc[0]), len(part)
        each = 1 - (1 - _LEVEL) / len(names)
        low, high = bands(n, most, each)
        at = np.arange(1, most + 2) / (most + 1)
        share = np.cumsum(np.bincount(part["rank"], minlength=most + 1)) / n
        colour = style.COLOURS[0] if table.loc[name, "uniform"] else style.ALARM
        axes.fill_between(at, low - at, high - at, color="#E8E8E8", linewidth=0, step="mid")
        axes.axhline(0, color=style.GREY, linewidth=0.7)
        axes.plot(at, share - at, color=colour, linewidth=1.2)
        axes.set_title(name, fontsize=8, loc="left")
        style.plain(axes)
        axes.tick_params(labelsize=7, labelbottom=number + columns >= len(names))  # the last panel of its column
    for unused in figure.axes[len(names) :]:
        unused.remove()
    figure.supxlabel("rank, as a share", fontsize=9)
    figure.supylabel("share of truths at or below it, less the rank", fontsize=9)
    return figure


draw.register(Calibration, rank_distributions)
