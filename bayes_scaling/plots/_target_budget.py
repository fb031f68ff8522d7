"""Figure of the budget that a target needs."""

from typing import TYPE_CHECKING

import numpy as np

from ..planning.targets import BudgetForTarget
from ._draw import draw
from .parts import style
from .parts.answers import finish_probabilities

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_PASSES = (0.1, 0.9)


def target_budget(answer: BudgetForTarget) -> "Figure":
    """Draw the probability of reaching a target against training FLOPs, and where the expected curves pass it.

    Parameters
    ----------
    answer : BudgetForTarget
        Of `budget_for`.

    Returns
    -------
    Figure
        The probability, the wanted one, the budget where it is reached, and the 80% interval of where the curves pass.

    Examples
    --------
    >>> bs.budget_for(fit, "piqa", 0.75, 0.9).plot()  # doctest: +SKIP
    """
    figure = style.new_figure(6.4, 3.8)
    axes = figure.subplots()
    row = answer.table().iloc[0]
    colour, other = style.COLOURS[0], style.COLOURS[1]
    label = f"P({row['of']} ≥ {row['target']:g}) on {row['benchmark']}"
    axes.plot(answer.curve["flops"], answer.curve["probability"], color=colour, label=label)
    axes.axhline(row["probability"], color=style.GREY, linewidth=0.9, linestyle="--")
    if answer.outcome == "reached":
        axes.plot([answer.flops], [row["probability"]], color=colour, marker="o", linestyle="none")
        label = f" {style.short_number(answer.flops)} FLOPs"
        axes.annotate(label, (answer.flops, row["probability"]), fontsize=8, va="top")
    low, high = np.quantile(answer.passes, _PASSES, method="inverted_cdf")
    if np.isfinite(low):
        top = answer.curve["flops"].max()
        axes.axvspan(low, min(high, top), color=other, alpha=0.15, linewidth=0)
        axes.plot([], [], color=other, alpha=0.3, linewidth=6, label="expected curve passes (80% interval)")
    return finish_probabilities(figure, axes, answer.converged)


draw.register(BudgetForTarget, target_budget)
