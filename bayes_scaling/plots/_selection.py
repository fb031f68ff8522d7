"""Figure of what measuring each candidate would tell, against its cost."""

from typing import TYPE_CHECKING

from ..planning.run_selection import Selection
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def selection(answer: Selection) -> "Figure":
    """Draw what each candidate takes off the forecast's variance against what it costs.

    Parameters
    ----------
    answer : Selection
        Of `next_run` or `next_evaluation`.

    Returns
    -------
    Figure
        One point a candidate; the chosen ones are numbered in their order.

    Examples
    --------
    >>> bs.next_run(fit, bs.budgets(flops=[3e21, 1e22]), bs.budgets(flops=1e24)).plot()  # doctest: +SKIP
    """
    figure = style.new_figure(6.4, 3.8)
    axes = figure.subplots()
    table = answer.table()
    chosen = table["chosen"].notna()
    percent = 100 * table["variance_removed"]
    axes.plot(
        table["cost"][~chosen], percent[~chosen], ls="none", marker="o", ms=4, color=style.GREY, label="candidate"
    )
    look = style.look(1)
    axes.plot(table["cost"][chosen], percent[chosen], ls="none", marker="D", ms=6, color=look.colour, label="chosen")
    for cost, value, order in zip(table["cost"][chosen], percent[chosen], table["chosen"][chosen], strict=True):
        axes.annotate(f" {order:g}", (cost, value), fontsize=9, va="bottom")
    style.plain(axes)
    if table["cost"].max() > 3 * table["cost"].min():
        axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("cost", fontsize=9)
    axes.set_ylabel("share of the variance that is removed (%)", fontsize=9)
    return style.finish_answer(figure, axes, answer.converged)


draw.register(Selection, selection)
