"""Whether the words of a figure can be read: none is cut, none covers another, none is struck through by a line."""

from itertools import combinations, pairwise

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

_SLACK = 1.5  # pixels
_OVERLAP = 0.12  # share of the smaller box that may lie under another: boxes are larger than letters


def faults(figure):
    """Words that are cut, overlap or are struck through, in sentences."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    frame = figure.bbox
    words = [(text, text.get_window_extent(renderer)) for text in _words(figure)]
    found = []
    for text, box in words:
        cut = (
            box.x0 < frame.x0 - _SLACK
            or box.y0 < frame.y0 - _SLACK
            or box.x1 > frame.x1 + _SLACK
            or box.y1 > frame.y1 + _SLACK
        )
        if cut:
            found.append(f"cut: {text.get_text()!r}")
    for (one, box), (other, second) in combinations(words, 2):
        if one.get_rotation() % 90 or other.get_rotation() % 90:
            continue  # the boxes of slanted words overlap though the words do not
        if _share(box, second) > _OVERLAP:
            found.append(f"overlap: {one.get_text()!r} and {other.get_text()!r}")
    return found + _struck(figure, renderer)


def _words(figure):
    """Texts that are seen."""
    figure.draw_without_rendering()
    seen = []
    hidden = {id(label) for axes in figure.axes for label in _hidden_labels(axes)}
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and id(text) not in hidden and _drawn(text):
            seen.append(text)
    return seen


def _drawn(text):
    """Whether all that the text is part of is drawn."""
    axes = text.axes
    return axes is None or axes.get_visible()


def _hidden_labels(axes):
    """Labels of ticks that are off, or outside of the view."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            outside = not low * (1 - 1e-9) - 1e-12 <= tick.get_loc() <= high * (1 + 1e-9) + 1e-12
            for label in (tick.label1, tick.label2):
                if outside or not label.get_visible() or not axes.axison:
                    yield label


def _share(one, other):
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(min(one.width * one.height, other.width * other.height), 1e-9)


def _struck(figure, renderer):
    """Words inside panels that a line crosses, unless a white edge keeps them apart from it."""
    found = []
    for axes in figure.axes:
        for text in axes.texts:
            if text.get_path_effects() or text.get_bbox_patch() or not text.get_text().strip():
                continue
            box = text.get_window_extent(renderer)
            for line in axes.get_lines():
                if line.get_linestyle() in ("None", "none", "") or not line.get_visible():
                    continue
                points = line.get_transform().transform(np.column_stack(line.get_data(orig=False)).astype(float))
                if _crosses(points[np.isfinite(points).all(axis=1)], box):
                    found.append(f"struck through: {text.get_text()!r} by {line.get_label()!r}")
    return found


def _crosses(points, box):
    for (x0, y0), (x1, y1) in pairwise(points):
        step = np.linspace(0, 1, 50)
        x, y = x0 + step * (x1 - x0), y0 + step * (y1 - y0)
        if ((x > box.x0 + 1) & (x < box.x1 - 1) & (y > box.y0 + 1) & (y < box.y1 - 1)).any():
            return True
    return False
