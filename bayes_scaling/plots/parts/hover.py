"""What a reader sees on pointing at a marker, for figures in pages: kept with the lines, read when they are written."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...wording import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

_NAMES = "_bayes_scaling_names"
_TEXTS = "_bayes_scaling_texts"


def name_points(line: "Line2D", names: Iterable[str]) -> None:
    """Keep the name of each marker of a line; its values are added when the figure is written."""
    setattr(line, _NAMES, tuple(names))


def say_of_points(line: "Line2D", texts: Iterable[str]) -> None:
    """Keep what is said of each marker of a line, in full."""
    setattr(line, _TEXTS, tuple(texts))


def marked_lines(figure: "Figure") -> Iterator[tuple["Line2D", list[str]]]:
    """Lines of a figure that have markers, and what is said of each marker.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> panel = figure.subplots()
    >>> _ = panel.set_title("piqa", loc="left")
    >>> _ = panel.set_xscale("log")
    >>> _ = panel.plot([1e21, 1e22], [0.5, 0.61234], marker="o", label="scores")
    >>> [texts for _, texts in marked_lines(figure)]
    [['piqa, scores: 0.5 at 1e21', 'piqa, scores: 0.612 at 1e22']]
    """
    for axes in _all_axes(figure):
        for line in axes.lines:
            if line.get_marker() in ("None", "none", "", " ", None) or not line.get_visible():
                continue
            x, y = (np.atleast_1d(np.asarray(values, float)) for values in line.get_data(orig=False))
            texts = getattr(line, _TEXTS, None) or [_said(axes, line, i, x[i], y[i]) for i in range(len(x))]
            shown = np.isfinite(x) & np.isfinite(y)
            if len(texts) == len(x) and shown.any():
                yield line, [text for text, seen in zip(texts, shown, strict=True) if seen]


def _all_axes(figure: "Figure | SubFigure") -> Iterator["Axes"]:
    """Panels of a figure and of its parts, each once."""
    own = {id(axes) for part in figure.subfigs for axes in part.axes}
    yield from (axes for axes in figure.axes if id(axes) not in own)
    for part in figure.subfigs:
        yield from _all_axes(part)


def _said(axes: "Axes", line: "Line2D", i: int, x: float, y: float) -> str:
    names = getattr(line, _NAMES, ())
    label = str(line.get_label())
    series = names[i] if i < len(names) else "" if label.startswith("_") else label
    title = " ".join((axes.get_title(loc="left") or axes.get_title()).split())
    where = ", ".join(part for part in (title, series) if part)
    at = brief(float(f"{x:.3g}"))
    return f"{where}: {y:.3g} at {at}" if where else f"{y:.3g} at {at}"
