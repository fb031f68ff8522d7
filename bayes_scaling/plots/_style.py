"""How every figure looks: colours, axes of FLOPs, grids of panels, legend, mark of a fit that has not converged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..posterior import Fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

#: Okabe and Ito's colours, told apart by readers with any form of colour blindness; the yellow is too pale for white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#666666"
ALARM = "#B00020"


@dataclass(frozen=True)
class Look:
    """Colour and marker of a family."""

    colour: str
    marker: str


def look(family: int) -> Look:
    """Colour and marker of a family by its code; after seven families pairs of both differ."""
    return Look(COLOURS[family % len(COLOURS)], MARKERS[(family + family // len(COLOURS)) % len(MARKERS)])


def grid_shape(panels: int) -> tuple[int, int]:
    """Rows and columns of a grid that wastes little room.

    Examples
    --------
    >>> [grid_shape(n) for n in (1, 3, 4, 7, 9, 12, 20)]
    [(1, 1), (1, 3), (2, 2), (2, 4), (3, 3), (3, 4), (4, 5)]
    """
    steps = ((3, panels), (4, 2), (6, 3), (8, 4), (9, 3), (16, 4))
    columns = next((columns for limit, columns in steps if panels <= limit), 5)
    return -(-panels // columns), columns


def new_figure(width: float, height: float) -> "Figure":
    """Empty figure with constrained layout, size in inches."""
    from ._figure import PackageFigure

    return PackageFigure(figsize=(width, height), layout="constrained")


def panels(titles: Sequence[str], y_label: str, *, extra: float = 0.9) -> tuple["Figure", list["Axes"]]:
    """Figure with one titled panel of training FLOPs a benchmark; x is shared, y is each panel's own.

    Parameters
    ----------
    titles : sequence of str
        Titles of the panels.
    y_label : str
        Label of the y axes.
    extra : float
        Height for what stands outside the panels (inches).

    Returns
    -------
    figure, axes : Figure, list of Axes
        The axes in the order of `titles`.
    """
    rows, columns = grid_shape(len(titles))
    width, height = (5.6, 3.6) if len(titles) == 1 else (max(2.5 * columns, 5.6), 2.1 * rows)
    figure = new_figure(width, height + extra)
    return figure, panel_grid(figure, titles, y_label)


def panel_grid(figure: Any, titles: Sequence[str], y_label: str) -> list["Axes"]:
    """Add the panels of `panels` to a figure or a part of one."""
    rows, columns = grid_shape(len(titles))
    grid = figure.subplots(rows, columns, sharex=True, squeeze=False)
    axes = list(grid.flat)
    for unused in axes[len(titles) :]:
        unused.remove()
    for i, (panel, title) in enumerate(zip(axes, titles, strict=False)):
        panel.set_title(title, fontsize=9, loc="left")
        flops_axis(panel)
        bottom = i + columns >= len(titles)
        panel.tick_params(labelbottom=bottom)
        panel.set_xlabel("training FLOPs" if bottom else "", fontsize=9)
    figure.supylabel(y_label, fontsize=9)
    return axes[: len(titles)]


def flops_axis(axes: "Axes") -> None:
    """Logarithmic x axis with ticks at powers of ten, and few lines around the data."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_minor_formatter(NullFormatter())
    plain(axes)


def plain(axes: "Axes") -> None:
    """Draw few lines and small labels around the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)


def draw_scores(axes: "Axes", x: Floats, y: Floats, look: Look) -> None:
    """Draw one marker a fitted score."""
    axes.plot(
        x,
        y,
        color=look.colour,
        marker=look.marker,
        linestyle="none",
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label="scores",
        zorder=3,
    )


def add_legend(figure: "Figure", handles: Sequence[Any]) -> None:
    """Put the legend below the panels, where it hides no data."""
    columns = max(1, min(len(handles), int(figure.get_figwidth() / 2.1)))
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns, fontsize=8, frameon=False)


def mark_convergence(figure: "Figure", fit: Fit) -> None:
    """Say above the panels that the fit has not converged, where it has not."""
    if not fit.converged:
        figure.suptitle("not converged: these intervals cannot be trusted (see fit.verdict)", fontsize=9, color=ALARM)


def family_handles(fit: Fit, families: Sequence[int]) -> list[Any]:
    """Legend entries of the fitted scores: one a family, or one for all where there is one."""
    from matplotlib.lines import Line2D

    several = len(families) > 1
    return [
        Line2D(
            [],
            [],
            color=look(f).colour,
            marker=look(f).marker,
            linestyle="none",
            markersize=5,
            label=fit.reference.families[f] if several else "fitted scores",
        )
        for f in families
    ]
