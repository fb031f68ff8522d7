"""How every figure looks: colours, axes, grids of panels, legend, mark of a fit that has not converged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...arrays import Floats
from ...posterior.fit import Fit
from ...wording import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Okabe and Ito's colours, told apart by readers with any form of colour blindness; the yellow is too pale for white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#666666"
ALARM = "#B00020"
_WIDE_TITLE = 24  # letters
_SMALL = (4.4, 3.0)  # inches of a panel by itself


@dataclass(frozen=True)
class Look:
    """Colour and marker of a family."""

    colour: str
    marker: str


def look(family: int) -> Look:
    """Colour and marker of a family by its code; after seven families pairs of both differ."""
    return Look(COLOURS[family % len(COLOURS)], MARKERS[(family + family // len(COLOURS)) % len(MARKERS)])


def ordered(n: int) -> list[Look]:
    """Looks of n things that have an order: from dark to light, which every reader tells apart.

    Examples
    --------
    >>> [look.marker for look in ordered(3)]
    ['o', 's', '^']
    """
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.72, n)) if n > 1 else [COLOURS[0]]
    return [Look(to_hex(colour), MARKERS[i % len(MARKERS)]) for i, colour in enumerate(colours)]


@dataclass(frozen=True)
class Axis:
    """A logarithmic x axis: its label, and how its ticks are written (as powers of ten by default)."""

    label: str
    write: Callable[[float], str] | None = None


def short_size(params: float) -> str:
    """Write a number of parameters as names of models do.

    Examples
    --------
    >>> [short_size(n) for n in (7.2e7, 1.31e9, 1e10, 2.5e12)]
    ['72M', '1.3B', '10B', '2.5T']
    """
    for letter, unit in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if params >= 0.9995 * unit:
            return f"{float(f'{params / unit:.2g}'):g}{letter}"
    return f"{params:.2g}"


def short_number(value: float) -> str:
    """Write a budget in two digits.

    Examples
    --------
    >>> short_number(1.04e21), short_number(3.2e22), short_number(94.3)
    ('1e21', '3.2e22', '94')
    """
    return brief(float(f"{value:.2g}"))


def power_of_ten(value: float) -> str:
    r"""Write a power of ten with a raised exponent as a formula, and another number as a multiple of one.

    Examples
    --------
    >>> print(power_of_ten(1e21), power_of_ten(2e20), power_of_ten(30))
    $\mathdefault{10^{21}}$ $\mathdefault{2\times10^{20}}$ 30
    """
    if not value > 0 or 1 < value < 1e4:
        return short_number(value)
    exponent = int(np.floor(np.log10(value) + 1e-9))
    leading = float(f"{value / 10.0**exponent:.2g}")
    times = "" if leading == 1 else rf"{leading:g}\times"
    return rf"$\mathdefault{{{times}10^{{{exponent}}}}}$"


FLOPS = Axis("training FLOPs")
PARAMS = Axis("parameters", short_size)
ATTEMPTS = Axis("k, attempts at each problem", "{:g}".format)


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
    from .figure import PackageFigure

    return PackageFigure(figsize=(width, height), layout="constrained")


def panels(
    titles: Sequence[str],
    y_label: str,
    *,
    axis: Axis | None = None,
    share_x: bool = True,
    extra: float = 0.9,
    compact: bool = False,
) -> tuple["Figure", list["Axes"]]:
    """Figure with titled panels; y is each panel's own.

    Parameters
    ----------
    titles : sequence of str
        Titles of the panels.
    y_label : str
        Label of the y axes.
    axis : Axis, optional
        What x is; by default training FLOPs.
    share_x : bool
        Whether all panels have the same x.
    extra : float
        Height for what stands outside the panels (inches).
    compact : bool
        Whether there is one small panel, with nothing outside it.

    Returns
    -------
    figure, axes : Figure, list of Axes
        The axes in the order of `titles`.

    Raises
    ------
    ValueError
        Where several panels are to be one small one.
    """
    if compact:
        return _small_panel(titles, y_label, axis)
    rows, columns = grid_shape(len(titles))
    width, height = (5.6, 3.6) if len(titles) == 1 else (max(2.5 * columns, 5.6), 2.1 * rows)
    figure = new_figure(width, height + extra)
    return figure, panel_grid(figure, titles, y_label, axis=axis, share_x=share_x)


def _small_panel(titles: Sequence[str], y_label: str, axis: Axis | None) -> tuple["Figure", list["Axes"]]:
    if len(titles) > 1:
        raise ValueError(f"compact=True draws one panel, and there are {len(titles)}: {', '.join(titles)}")
    figure = new_figure(*_SMALL)
    figure.set_layout_engine(None)  # measuring every letter twice would take half of the time
    axes = panel_grid(figure, titles, "", axis=axis)
    figure.subplots_adjust(left=0.15, right=0.985, top=0.915, bottom=0.185)
    axes[0].set_ylabel(y_label, fontsize=9)
    return figure, axes


def panel_grid(
    figure: Any, titles: Sequence[str], y_label: str, *, axis: Axis | None = None, share_x: bool = True
) -> list["Axes"]:
    """Add the panels of `panels` to a figure or a part of one."""
    axis = axis or FLOPS
    rows, columns = grid_shape(len(titles))
    grid = figure.subplots(rows, columns, sharex=share_x, squeeze=False)
    axes = list(grid.flat)
    for unused in axes[len(titles) :]:
        unused.remove()
    for i, (panel, title) in enumerate(zip(axes, titles, strict=False)):
        longest = max(map(len, title.split("\n")))
        panel.set_title(title, fontsize=9 if longest <= _WIDE_TITLE or len(titles) == 1 else 7.5, loc="left")
        log_axis(panel, axis)
        bottom = i + columns >= len(titles)
        panel.tick_params(labelbottom=bottom or not share_x)
        panel.set_xlabel(axis.label if bottom else "", fontsize=9)
    figure.supylabel(y_label, fontsize=9)
    return axes[: len(titles)]


def log_axis(axes: "Axes", axis: Axis) -> None:
    """Logarithmic x axis with ticks at powers of ten, and few lines around the data."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_minor_formatter(NullFormatter())
    write = axis.write or power_of_ten
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    plain(axes)


def log_y(axes: "Axes", write: Callable[[float], str] | None = None) -> None:
    """Logarithmic y axis with few ticks, written as those of x: powers of ten, or where these are few multiples too."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    narrow = high < 30 * low
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,), numticks=6))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: (write or power_of_ten)(value)))


def halo() -> list[Any]:
    """Path effects of words that stand on lines or bands: a white edge, so that nothing strikes them through."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.2, foreground="white")]


def plain(axes: "Axes") -> None:
    """Draw few lines and small labels around the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)


def set_limits(axes: "Axes", seen: Floats, *, pad: float = 0.05) -> None:
    """Let accuracies fill the height of a panel."""
    low, high = seen.min(), seen.max()
    room = pad * max(high - low, 0.02)
    axes.set_ylim(max(low - room, -0.01), min(high + room, 1.01))


def finish(figure: "Figure", fit: Fit, handles: Sequence[Any]) -> "Figure":
    """Put the legend below the panels, and say above them that the fit has not converged, where it has not."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = max(1, min(len(handles), int(figure.get_figwidth() / max(2.1, 0.5 + 0.057 * longest))))
    if figure.get_supylabel():
        legend = 0.17 * -(-len(handles) // columns) + 0.2  # inches; the label stands beside the panels alone
        figure.supylabel(figure.get_supylabel(), y=0.5 + 0.5 * legend / figure.get_figheight(), fontsize=9)
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns, fontsize=8, frameon=False)
    return marked(figure, fit.converged)


def legend_below(figure: "Figure", axes: "Axes", columns: int = 3, title: str | None = None) -> None:
    """Draw the legend of labelled lines under the figure, in as many columns as its labels leave room for."""
    handles, labels = axes.get_legend_handles_labels()
    longest = max(map(len, labels), default=1)
    room = int(figure.get_figwidth() / (0.6 + 0.062 * longest))
    ncols = max(min(len(labels), columns, room), 1)
    how: dict[str, Any] = {"ncols": ncols, "fontsize": 8, "frameon": False, "title": title, "title_fontsize": 8}
    figure.legend(handles, labels, loc="outside lower center", **how)


def finish_answer(figure: "Figure", axes: "Axes", converged: bool, columns: int = 3) -> "Figure":
    """Draw the legend of the labelled lines of a planning answer, and say where its fits have not converged."""
    legend_below(figure, axes, columns)
    return marked(figure, converged)


def marked(figure: "Figure", converged: bool) -> "Figure":
    """Say above the panels that a fit has not converged, where it has not."""
    if not converged:
        words = "not converged: these intervals cannot be trusted"
        figure.suptitle(words, fontsize=9, color=ALARM)
        if figure.get_layout_engine() is None:  # nothing else makes room for it
            figure.subplots_adjust(top=figure.subplotpars.top - 0.08)
    return figure
