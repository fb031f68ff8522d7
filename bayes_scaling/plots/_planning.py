"""Figures of planning answers: probabilities of targets, budgets that they need, allocations, rankings."""

from typing import TYPE_CHECKING

import numpy as np

from .parts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..planning.allocation import Allocation
    from ..planning.probabilities import TargetProbability
    from ..planning.ranking import FamilyRanking
    from ..planning.targets import BudgetForTarget

_PASSES = (0.1, 0.9)


def target_probability(answer: "TargetProbability") -> "Figure":
    """Draw the probability of reaching targets against training FLOPs.

    Parameters
    ----------
    answer : TargetProbability
        Of `probability_of`.

    Returns
    -------
    Figure
        One line a benchmark and target, of several families one each.
    """
    figure = style.new_figure(6.4, 3.8)
    axes = figure.subplots()
    table = answer.table()
    several = len(set(table["family"])) > 1
    for number, (_, rows) in enumerate(table.groupby(["benchmark", "target", "family"], sort=False, dropna=False)):
        look, ordered, first = style.look(number), rows.sort_values("flops"), rows.iloc[0]
        target = "" if np.isnan(first["target"]) else f" at least {first['target']:g}"
        label = f"{first['benchmark']}{target}" + (f", {first['family']}" if several else "")
        axes.plot(ordered["flops"], ordered["probability"], color=look.colour, marker=look.marker, ms=4, label=label)
    return _finish(figure, axes, answer.converged)


def target_budget(answer: "BudgetForTarget") -> "Figure":
    """Draw the probability of reaching a target against training FLOPs, and where the expected curves pass it.

    Parameters
    ----------
    answer : BudgetForTarget
        Of `budget_for`.

    Returns
    -------
    Figure
        The probability, the wanted one, the budget where it is reached, and the 80% interval of where the curves pass.
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
    return _finish(figure, axes, answer.converged)


def allocation(answer: "Allocation") -> "Figure":
    """Draw the best parameters, tokens and ratio against FLOPs.

    Parameters
    ----------
    answer : Allocation
        Of `allocate`.

    Returns
    -------
    Figure
        Medians and 80% bands of the draws, and the size to train where one must be chosen.
    """
    figure = style.new_figure(9.0, 3.4)
    table = answer.table().sort_values("flops")
    names = {"params": "parameters", "tokens": "training tokens", "ratio": "tokens per parameter"}
    for axes, (name, label) in zip(figure.subplots(1, 3), names.items(), strict=True):
        low, high = (table[f"{name}_{side}_80"] for side in ("low", "high"))
        colour = style.COLOURS[0]
        axes.set_yscale("log")
        axes.fill_between(table["flops"], low, high, color=colour, alpha=0.2, linewidth=0, label="80% interval")
        axes.vlines(table["flops"], low, high, color=colour, alpha=0.4, linewidth=1.2)
        axes.plot(table["flops"], table[name], color=colour, marker="o", markersize=4, label="median of the draws")
        if name == "ratio":
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("{x:g}")
            axes.tick_params(which="minor", labelsize=7)
        else:
            decided = table[f"{name}_decided"]
            axes.plot(
                table["flops"], decided, color=style.COLOURS[1], marker="D", ms=4, ls="none", label="to be trained"
            )
        style.log_axis(axes, style.FLOPS)
        axes.set_xlabel(style.FLOPS.label, fontsize=9)
        axes.set_title(label, fontsize=9, loc="left")
    return style.finish_answer(figure, figure.axes[0], answer.converged)


def family_ranking(answer: "FamilyRanking") -> "Figure":
    """Draw how probable it is that one family beats another, the best family first.

    Parameters
    ----------
    answer : FamilyRanking
        Of `rank_families`.

    Returns
    -------
    Figure
        A matrix: the family of a row beats that of a column with the probability in the cell.
    """
    beats = answer.beats
    n = len(beats)
    figure = style.new_figure(2.6 + 0.42 * n, 1.8 + 0.34 * n)
    axes = figure.subplots()
    axes.imshow(beats.to_numpy(), cmap="RdBu", vmin=0, vmax=1, aspect="auto")
    for i, j in zip(*np.nonzero(beats.notna().to_numpy()), strict=True):
        value = beats.iloc[i, j]
        dark = abs(value - 0.5) > 0.35
        axes.text(j, i, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color="white" if dark else "black")
    axes.set_xticks(range(n), beats.columns, rotation=45, ha="right", fontsize=7)
    axes.set_yticks(range(n), beats.index, fontsize=7)
    axes.set_title("the family of a row beats that of a column (%)", fontsize=9, loc="left")
    axes.tick_params(length=0)
    if not answer.converged:
        style.mark_not_converged(figure)
    return figure


def _finish(figure: "Figure", axes: "Axes", converged: bool) -> "Figure":
    style.plain(axes)
    style.log_axis(axes, style.FLOPS)
    axes.set_xlabel(style.FLOPS.label, fontsize=9)
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("probability", fontsize=9)
    return style.finish_answer(figure, axes, converged)
