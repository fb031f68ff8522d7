"""How figures of planning answers end."""

from typing import TYPE_CHECKING

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def finish_probabilities(figure: "Figure", axes: "Axes", converged: bool) -> "Figure":
    """Axes of probabilities against training FLOPs, and what every answer says below."""
    style.plain(axes)
    style.log_axis(axes, style.FLOPS)
    axes.set_xlabel(style.FLOPS.label, fontsize=9)
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("probability", fontsize=9)
    return style.finish_answer(figure, axes, converged)
