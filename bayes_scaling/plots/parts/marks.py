"""What is drawn in the panels: points, stars, bands, lines and their labels, with the legend's entries for them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...arrays import Bools, Floats
from . import hover, style
from .measured import Dots, Measured
from .selection import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes


DASHES = (0, (3, 1.5))
_BAND = 0.22  # opacity
_FAINT = 0.12


def draw_dots(axes: "Axes", dots: Dots, look: style.Look) -> None:
    """Draw one marker a fitted score or rate; hollow where its ratio is not the curve's."""
    for hollow in (False, True):
        part = dots.where(dots.hollow == hollow)
        if len(part.x):
            [line] = axes.plot(
                part.x,
                part.y,
                color=look.colour,
                marker=look.marker,
                linestyle="none",
                markersize=5,
                markerfacecolor="white" if hollow else look.colour,
                markeredgecolor=look.colour if hollow else "white",
                markeredgewidth=0.8 if hollow else 0.5,
                label="scores",
                zorder=3,
            )
            hover.name_points(line, part.runs)


def draw_values(axes: "Axes", x: Floats, y: Floats, look: style.Look) -> None:
    """Draw one marker a value that belongs to no curve."""
    draw_dots(axes, Dots(x, y, np.zeros(len(x), bool)), look)


def draw_stars(axes: "Axes", dots: Dots, colour: str) -> None:
    """Draw one star a score or rate that was held out; hollow where its ratio is not the curve's."""
    for hollow in (False, True):
        part = dots.where(dots.hollow == hollow)
        if len(part.x):
            [line] = axes.plot(
                part.x, part.y, **_star(colour, hollow=hollow), markersize=11, label="held out", zorder=4
            )
            hover.name_points(line, [f"{run}, held out" for run in part.runs])


def _star(colour: str, *, hollow: bool = False) -> dict[str, Any]:
    face, edge = ("white", colour) if hollow else (colour, "black")
    shape = {"marker": "*", "linestyle": "none", "markeredgewidth": 1.0 if hollow else 0.7}
    return {"color": colour, "markerfacecolor": face, "markeredgecolor": edge, **shape}


def draw_bands(axes: "Axes", x: Floats, bands: Sequence[Floats], colour: str, *, faint: bool = False) -> None:
    """Draw intervals along x, each of shape (2, points), the widest first."""
    for band in bands:
        axes.fill_between(x, *band, color=colour, alpha=_FAINT if faint else _BAND, linewidth=0)


def draw_median(axes: "Axes", x: Floats, draws: Floats, colour: str, inside: Bools | None = None) -> None:
    """Draw the median of draws, shape (samples, points): solid inside of what was fitted, dashed outside."""
    median = np.median(draws, axis=0)
    if inside is None or inside.all():
        axes.plot(x, median, color=colour, linewidth=1.4)
        return
    axes.plot(x, np.where(inside, median, np.nan), color=colour, linewidth=1.4)
    # Dashes begin at the last point of the solid line.
    touching = inside & ~(np.r_[inside[1:], True] & np.r_[True, inside[:-1]])
    axes.plot(x, np.where(~inside | touching, median, np.nan), color=colour, linewidth=1.4, linestyle=DASHES)


def mark_end(axes: "Axes", end: float, label: str) -> None:
    """Mark where what was fitted ends, and shade what lies beyond it up to the panel's edge."""
    from matplotlib.patches import Rectangle

    axes.axvline(end, color=style.GREY, linewidth=0.8, label=label, zorder=1)
    beyond = Rectangle((end, 0), 1e9 * end, 1, transform=axes.get_xaxis_transform(), color="#F4F4F4", linewidth=0)
    beyond.set_zorder(0)
    axes.add_artist(beyond)  # leaves the limits alone


def label_ends(axes: "Axes", heights: Sequence[float], words: Sequence[str], colours: Sequence[str]) -> None:
    """Write right of a panel what each line is, at the height (in data) where it ends; the limits must be set."""
    bottom, top = axes.get_ylim()
    figure = axes.get_figure(root=True)
    inches = axes.get_position().height * (figure.get_figheight() if figure else 1.0)
    places = spread_out((np.asarray(heights) - bottom) / (top - bottom), 0.125 / inches)
    for place, word, colour in zip(places, words, colours, strict=True):
        axes.text(1.02, place, word, color=colour, transform=axes.transAxes, va="center", fontsize=8)


def spread_out(heights: Floats, gap: float) -> Floats:
    """Move heights as little as possible (in squares) to lie a gap apart, and within 0 and 1.

    Parameters
    ----------
    heights : array, shape (n,)
        Where labels should be.
    gap : float
        What neighbours should lie apart; less where that leaves no room.

    Returns
    -------
    array, shape (n,)
        In the order given.

    Examples
    --------
    >>> spread_out(np.array([0.5, 0.51, 0.98, 1.2]), 0.1).round(3).tolist()
    [0.455, 0.555, 0.9, 1.0]
    """
    from scipy.optimize import isotonic_regression

    order, steps = np.argsort(heights, kind="stable"), np.arange(len(heights))
    gap = min(gap, 1 / max(len(heights) - 1, 1))
    placed = np.clip(isotonic_regression(heights[order] - gap * steps).x, 0.0, 1 - gap * steps[-1])
    out = np.empty(len(heights))
    out[order] = placed + gap * steps
    return out


def family_handles(shown: View, remarks: Mapping[int, str] | None = None) -> list[Any]:
    """Legend entries of the fitted points: one a family, with a remark on it, or one for all where there is one."""
    from matplotlib.lines import Line2D

    families, remarks = shown.chosen.families, remarks or {}
    several = len(families) > 1
    return [
        Line2D(
            [],
            [],
            color=style.look(f).colour,
            marker=style.look(f).marker,
            linestyle="none",
            markersize=5,
            label=shown.fit.reference.families[f] + remarks.get(f, "") if several else f"fitted {shown.noun}s",
        )
        for f in families
    ]


def band_handles(shown: View, colour: str, widths: Sequence[float], remark: str = "") -> list[Any]:
    """Legend entries of the median of what is expected, and of its intervals, the widest first."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    median = Line2D([], [], color=colour, label=f"expected {shown.noun}{remark or ', median'}")
    bands = [
        Patch(color=colour, alpha=1 - (1 - _BAND) ** (i + 1), linewidth=0, label=f"expected {shown.noun}, {percent:g}%")
        for i, percent in enumerate(100 * width for width in widths)
    ]
    return [median, *bands]


def new_run_handle(shown: View, colour: str, width: float) -> Any:
    """Legend entry of the band of a new run's score."""
    from matplotlib.patches import Patch

    return Patch(color=colour, alpha=_FAINT, linewidth=0, label=f"{shown.noun} of a new run, {100 * width:g}%")


def star_handle(shown: View, colour: str) -> Any:
    """Legend entry of what was held out."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **_star(colour), markersize=10, label=f"held-out {shown.noun}s")


def hollow_handles(shown: View, points: Measured, colour: str) -> list[Any]:
    """Legend entry of points at other ratios than their curve's, where there are such points."""
    if not any(points.of(*pair).against("flops", shown.ratio_of(pair[0])).hollow.any() for pair in shown.curves):
        return []
    return [hollow_handle(colour)]


def hollow_handle(colour: str) -> Any:
    """Legend entry of points at other ratios than their curve's."""
    look = {"color": colour, "marker": "o", "markersize": 5, "markerfacecolor": "white", "linestyle": "none"}
    return line_handle("hollow: tokens/param. over 2x off", **look)


def ratio_remarks(shown: View) -> tuple[dict[int, str], str]:
    """Say at which tokens per parameter the curves are drawn: of each family, or of all where it is one ratio."""
    ratios = {f: shown.ratio_of(f) for f in shown.chosen.families}
    words = {f: f" at {style.short_number(ratio)} tokens/param." for f, ratio in ratios.items() if ratio is not None}
    if len(set(words.values())) == 1:
        return {}, next(iter(words.values()))
    return words, ""


def curve_titles(shown: View) -> list[str]:
    """Title of each curve's panel, with its ratio of tokens to parameters where curves differ in it."""
    remarks, _ = ratio_remarks(shown)
    return [label + remarks.get(f, "").replace(" ", "\n", 1) for (f, _), label in shown.curves.items()]


def line_handle(label: str, **how: Any) -> Any:
    """Legend entry of a line."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **how)
