"""How the errors of a two-stage forecast compound: shares of its variance against budget, and errors by benchmark."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..evaluation.compounding import Compounding
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_REST = "interaction"
#: Blue for what stage one does, orange for stage two; noise is paler.
_SHADES = {
    "loss curve": "#0072B2",
    "loss noise": "#8EC1E2",
    "accuracy curve": "#D55E00",
    "accuracy noise": "#F2BE96",
    _REST: "#BBBBBB",
}
_PARTS = {"from_loss": ("the forecast loss", "#0072B2"), "from_map": ("the map to accuracy", "#D55E00")}


def compounding(result: Compounding) -> "Figure":
    """Draw shares of a two-stage forecast's variance against budget, and what each stage adds to its errors.

    On the left stand first-order shares of the variance of a score, means over the curves, with what the sources do
    together on top. On the right stand, benchmark by benchmark, the mean error of the held-out forecasts (diamond) and
    the parts that it is the sum of, with 90% intervals over the posterior.

    Parameters
    ----------
    result : Compounding
        Of `compounding`.

    Returns
    -------
    Figure
        Two panels.

    Examples
    --------
    >>> bs.compounding(two_stage_fit, held_out).plot()  # doctest: +SKIP
    """
    errors = result.error_table(("benchmark",))
    figure = style.new_figure(9.2, max(3.4, 0.34 * len(errors) + 1.6))
    left, right = figure.subplots(1, 2)
    _draw_shares(left, result.growth)
    _draw_errors(right, errors)
    return figure


def _draw_shares(panel: "Axes", growth: pd.DataFrame) -> None:
    shares = growth.pivot_table(index="factor", columns="source", values="first")[list(_SHADES)].clip(lower=0.0)
    shares = shares.div(shares.sum(axis=1), axis=0)
    style.log_axis(panel, style.Axis("times the largest fitted budget", "{:g}".format))
    panel.stackplot(shares.index, shares.T.to_numpy(), colors=list(_SHADES.values()), labels=list(_SHADES))
    panel.set_xticks(shares.index)
    panel.set_xlim(shares.index.min(), shares.index.max())
    panel.set_ylim(0, 1)
    panel.set_xlabel("times the largest fitted budget", fontsize=9)
    panel.set_ylabel("share of the variance of a score", fontsize=9)
    panel.set_title("where the variance comes from", fontsize=9, loc="left")
    panel.minorticks_off()
    panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, fontsize=8, frameon=False)


def _draw_errors(panel: "Axes", errors: pd.DataFrame) -> None:
    style.plain(panel)
    place = np.arange(len(errors))[::-1]
    for shift, (name, (label, colour)) in zip((0.17, -0.17), _PARTS.items(), strict=True):
        low, high = errors[f"{name}_low_90"], errors[f"{name}_high_90"]
        panel.barh(place + shift, errors[name], height=0.3, color=colour, label=label)
        panel.hlines(place + shift, low, high, color="black", linewidth=0.9)
    panel.plot(errors["error"], place, "D", color="black", markersize=4.5, label="forecast - measured")
    panel.axvline(0, color=style.GREY, linewidth=0.8)
    panel.set_yticks(place, errors["benchmark"])
    panel.set_xlabel("accuracy", fontsize=9)
    panel.set_title("mean error of the held-out forecasts, and its parts", fontsize=9, loc="left")
    panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, fontsize=8, frameon=False)


draw.register(Compounding, compounding)
