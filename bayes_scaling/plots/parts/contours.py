"""Words on lines of equal value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FROM_FRAME, _FROM_WORDS, _FROM_LINES = 0.07, 0.09, 0.05  # shares of the panel that words keep away


def label_contours(
    axes: "Axes", lines: Any, *, color: str = style.GREY, across: Sequence[float] = (), up: Sequence[float] = ()
) -> None:
    """Write each value once on its line, far from the frame, from other words, and from straight lines.

    Parameters
    ----------
    axes : Axes
        A panel whose limits are set.
    lines : ContourSet
        What `Axes.contour` returned.
    color : str
        Of the words.
    across, up : sequence of float
        Where horizontal and vertical lines stand in the panel, in data.
    """
    to_panel = axes.transAxes.inverted()

    def in_panel(points: Any) -> Any:
        return to_panel.transform(axes.transData.transform(points))

    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    heights = [in_panel([(left, value)])[0][1] for value in across]
    places = [in_panel([(value, bottom)])[0][0] for value in up]
    taken: list[Any] = []
    for level, pieces in zip(lines.levels, lines.allsegs, strict=True):
        points = np.concatenate([np.asarray(piece) for piece in pieces]) if pieces else np.empty((0, 2))
        if not len(points):
            continue
        inside = in_panel(points)
        free = [
            place
            for place in np.flatnonzero((np.abs(inside - 0.5) < 0.5 - _FROM_FRAME).all(axis=1))
            if all(np.hypot(*(inside[place] - other)) > _FROM_WORDS for other in taken)
            and all(abs(inside[place][1] - height) > _FROM_LINES for height in heights)
            and all(abs(inside[place][0] - at) > _FROM_LINES for at in places)
        ]
        if not free:
            continue
        best = min(free, key=lambda place: abs(inside[place][1] - 0.5))
        taken.append(inside[best])
        how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7, "color": color}
        x, y = points[best].tolist()
        axes.text(x, y, f"{level:g}", **how, path_effects=style.halo())
