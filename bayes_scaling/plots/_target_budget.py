"""Figure of the budget that a target needs."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..planning.targets import BudgetForTarget
from ._draw import draw
from .parts import hover, marks, style
from .parts.answers import finish_probabilities

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_PASSES = (0.1, 0.9)
_OF = {"score": "score", "expected": "expected score"}
_WHY = {
    "not within at_most": "not within the budgets that are allowed",
    "barred by the ceiling": "barred by the ceiling of the benchmark",
    "too far to tell": "too far to tell: what the law may miss grows faster than the score",
}


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
    label = f"P({_OF[row['of']]} ≥ {row['target']:g}) on {row['benchmark']}"
    curve = _seen(answer)
    axes.set_xscale("log")
    axes.set_xlim(curve["flops"].min(), curve["flops"].max())
    axes.plot(curve["flops"], curve["probability"], color=colour, label=label)
    axes.axhline(row["probability"], color=style.GREY, linewidth=0.9, linestyle="--", label="asked")
    if answer.outcome == "reached":
        [dot] = axes.plot(
            [answer.flops], [row["probability"]], color=colour, marker="o", ls="none", label="enough", zorder=4
        )
        said = f"{style.short_number(answer.flops)} FLOPs"
        hover.say_of_points(dot, [f"{said} are enough with probability {row['probability']:.0%}"])
        _write(axes, said, answer.flops, row["probability"])
    else:
        [dot] = axes.plot(
            curve["flops"].iloc[[-1]], curve["probability"].iloc[[-1]], color=colour, marker="o", ls="none", ms=4
        )
        hover.say_of_points(dot, [f"{curve['probability'].iloc[-1]:.0%} at the largest budget that is drawn"])
        axes.set_title(_WHY[answer.outcome], fontsize=9, loc="left", color=style.GREY)
    low, high = np.quantile(answer.passes, _PASSES, method="inverted_cdf")
    top = curve["flops"].max()
    if low < top:
        axes.axvspan(low, min(high, top), color=other, alpha=0.15, linewidth=0)
        beyond = ", and beyond" if high > top else ""
        axes.plot([], [], color=other, alpha=0.3, linewidth=6, label=f"expected curve passes (80% interval{beyond})")
    marks.mark_end(axes, answer.fitted[1], "largest fitted run")
    return finish_probabilities(figure, axes, answer.converged)


def _seen(answer: BudgetForTarget) -> pd.DataFrame:
    """The curve up to a decade beyond the answer, or beyond where expected curves pass."""
    curve = answer.curve
    middle = np.quantile(answer.passes, _PASSES[1], method="inverted_cdf")
    ends = [end for end in (answer.flops, middle) if np.isfinite(end)]
    last = 10 * max([*ends, 10 * answer.fitted[1]])
    return curve[curve["flops"] <= last]


def _write(axes: "Axes", said: str, x: float, y: float) -> None:
    """Write beside a point, on the side with more room, clear of the lines."""
    left, right = np.log(axes.get_xlim())
    side = -1 if np.log(x) > (left + right) / 2 else 1
    axes.annotate(
        said,
        (x, y),
        (8 * side, -12),
        textcoords="offset points",
        ha="right" if side < 0 else "left",
        fontsize=8,
        path_effects=style.halo(),
        zorder=5,
    )


draw.register(BudgetForTarget, target_budget)
