"""Figure of the best parameters and tokens against training FLOPs."""

from typing import TYPE_CHECKING

from ..planning.allocation import Allocation
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AROUND = 3.0  # of one budget alone


def allocation(answer: Allocation) -> "Figure":
    """Draw the best parameters, tokens and ratio against FLOPs.

    Parameters
    ----------
    answer : Allocation
        Of `allocate`.

    Returns
    -------
    Figure
        Medians and 80% bands of the draws, and the size to train where one must be chosen.

    Examples
    --------
    >>> bs.allocate(ratio_fit, [1e21, 1e22, 1e23], "hellaswag", family="Pythia").plot()  # doctest: +SKIP
    """
    figure = style.new_figure(9.0, 3.4)
    table = answer.table().sort_values("flops")
    names = {"params": "parameters", "tokens": "training tokens", "ratio": "tokens per parameter"}
    for axes, (name, label) in zip(figure.subplots(1, 3), names.items(), strict=True):
        low, high = (table[f"{name}_{side}_80"] for side in ("low", "high"))
        colour = style.COLOURS[0]
        if len(table) == 1:  # which has no width of its own
            axes.set_xlim(table["flops"].min() / _AROUND, table["flops"].max() * _AROUND)
        axes.fill_between(table["flops"], low, high, color=colour, alpha=0.2, linewidth=0, label="80% interval")
        axes.vlines(table["flops"], low, high, color=colour, alpha=0.4, linewidth=1.2)
        axes.plot(table["flops"], table[name], color=colour, marker="o", markersize=4, label="median of the draws")
        if name != "ratio":
            decided = table[f"{name}_decided"]
            axes.plot(
                table["flops"], decided, color=style.COLOURS[1], marker="D", ms=4, ls="none", label="to be trained"
            )
        style.log_axis(axes, style.FLOPS)
        _mark_fitted(axes, answer.fitted[name])
        style.log_y(axes)
        axes.set_xlabel(style.FLOPS.label, fontsize=9)
        axes.set_title(label, fontsize=9, loc="left")
    return style.finish_answer(figure, figure.axes[0], answer.converged)


def _mark_fitted(axes: "Axes", span: tuple[float, float]) -> None:
    """Shade the sizes that were fitted, and let one of their ends be seen."""
    low, high = axes.get_ylim()
    axes.axhspan(*span, color="#EEEEEE", linewidth=0, zorder=0, label="fitted sizes")
    axes.set_ylim(min(low, span[1] / 1.5), max(high, span[0] * 1.5))


draw.register(Allocation, allocation)
