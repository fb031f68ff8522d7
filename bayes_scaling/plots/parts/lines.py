"""Panels of several lines of one curve, at several ratios, budgets or k, with bands, points and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...arrays import Bools, Floats
from . import marks, style
from .draws import central
from .measured import Dots
from .selection import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Line:
    """One line of a panel.

    Attributes
    ----------
    label : str
        What tells it from the others.
    look : Look
        Colour and marker.
    x : array, shape (m,)
        Where it is drawn.
    expected : array, shape (samples, m)
        Draws of the expected score.
    inside : bool array, shape (m,)
        Where fitted runs reach.
    dots, stars : Dots
        Fitted and held-out points of it.
    """

    label: str
    look: style.Look
    x: Floats
    expected: Floats
    inside: Bools
    dots: Dots
    stars: Dots

    @property
    def median(self) -> Floats:
        """Median of the expected score, shape (m,)."""
        return np.median(self.expected, axis=0)


def make_lines(
    labels: Sequence[str], x: Floats, expected: Floats, inside: Bools, dots: Sequence[Dots], stars: Sequence[Dots]
) -> list[Line]:
    """Return one line a label, dark to light, along x, shape (m,), of expected scores, shape (samples, m, lines)."""
    looks = style.ordered(len(labels))
    draws = np.moveaxis(expected, -1, 0)
    return [
        Line(label, look, x, drawn, inside, own, left_out)
        for label, look, drawn, own, left_out in zip(labels, looks, draws, dots, stars, strict=True)
    ]


def draw_curves(
    figure: "Figure",
    axes: "Sequence[Axes]",
    shown: View,
    lines: Mapping[tuple[int, int], Sequence[Line]],
    prob: float,
    handles: Sequence[Any],
    *,
    ends: Mapping[tuple[int, int], float],
    end: str,
    others: Mapping[tuple[int, int], tuple[Dots, Dots]] | None = None,
) -> "Figure":
    """Draw the lines of each curve, by family and benchmark, into its panel, and finish the figure of `style.panels`.

    Where what was fitted `ends` is marked, and named in the legend; `others` are fitted and held-out points of a curve
    that belong to none of its lines.
    """
    for panel, pair in zip(axes, shown.curves, strict=True):
        draw_lines(panel, lines[pair], prob, *((others or {}).get(pair, ())))
        marks.mark_end(panel, ends[pair], end)
        label_lines(panel, lines[pair])
    return style.finish(figure, shown.fit, [*handles, marks.line_handle(end, color=style.GREY, linewidth=0.8)])


def draw_lines(
    panel: "Axes", lines: Sequence[Line], prob: float, others: Dots | None = None, other_stars: Dots | None = None
) -> None:
    """Draw lines with the bands that hold them with a probability and their points, and fit the panel's height.

    Parameters
    ----------
    panel : Axes
        Where to draw.
    lines : sequence of Line
        The lines.
    prob : float
        Probability of the bands.
    others, other_stars : Dots, optional
        Points that belong to none of the lines, fitted and held out.
    """
    seen = []
    if others is not None:
        panel.plot(others.x, others.y, color="#AAAAAA", marker="o", linestyle="none", markersize=2.5, label="others")
        seen.append(others.y)
    if other_stars is not None:
        marks.draw_stars(panel, other_stars, "#AAAAAA")
        seen.append(other_stars.y)
    for line in lines:
        band = central(line.expected, prob)
        marks.draw_bands(panel, line.x, [band], line.look.colour)
        marks.draw_median(panel, line.x, line.expected, line.look.colour, line.inside)
        marks.draw_dots(panel, line.dots, line.look)
        marks.draw_stars(panel, line.stars, line.look.colour)
        seen += [band.ravel(), line.dots.y, line.stars.y]
    style.set_limits(panel, np.concatenate(seen))


def label_lines(panel: "Axes", lines: Sequence[Line]) -> None:
    """Write right of the panel what each line is."""
    heights = [float(line.median[-1]) for line in lines]
    marks.label_ends(panel, heights, [line.label for line in lines], [line.look.colour for line in lines])


def line_handles(
    shown: View,
    lines: Mapping[tuple[int, int], Sequence[Line]],
    prob: float,
    *,
    near: str = "",
    others: str = "",
    labels: str = "",
    remark: str = "",
    stars: bool = False,
) -> list[Any]:
    """Legend entries of what the panels of lines share.

    Parameters
    ----------
    shown : View
        What the figure shows.
    lines : mapping of (int, int) to sequence of Line
        The lines of every panel, by family and benchmark.
    prob : float
        Probability of the bands.
    near, others : str
        What the points of a line have in common, and what the other points are; empty where there is nothing to say.
    labels, remark : str
        What the numbers at the lines are, and what is to be said of the lines.
    stars : bool
        Whether held-out points were asked for.

    Returns
    -------
    list
        Handles.
    """
    colour = style.GREY
    dots = {"color": colour, "marker": "o", "markersize": 5, "linestyle": "none"}
    handles = [marks.line_handle(f"fitted {shown.noun}s{near}", **dots)]
    if others:
        handles.append(marks.line_handle(others, **dots | {"color": "#AAAAAA", "markersize": 2.5}))
    if any(points.hollow.any() for own in lines.values() for line in own for points in (line.dots, line.stars)):
        handles.append(marks.hollow_handle(colour))
    if stars:
        handles.append(marks.star_handle(shown, colour))
    handles += marks.band_handles(shown, colour, [prob], remark)
    return [*handles, marks.line_handle(f"numbers: {labels}", linestyle="none")] if labels else handles
