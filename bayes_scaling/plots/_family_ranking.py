"""Figure of how probable it is that one family beats another."""

from typing import TYPE_CHECKING

import numpy as np

from ..planning.ranking import FamilyRanking
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def family_ranking(answer: FamilyRanking) -> "Figure":
    """Draw how probable it is that one family beats another, the best family first.

    Parameters
    ----------
    answer : FamilyRanking
        Of `rank_families`.

    Returns
    -------
    Figure
        A matrix: the family of a row beats that of a column with the probability in the cell.

    Examples
    --------
    >>> bs.rank_families(ratio_fit, bs.budgets(flops=1e22, ratio=20)).plot()  # doctest: +SKIP
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
    axes.set_title("chance (%) that the row beats the column", fontsize=8, loc="left")
    axes.tick_params(length=0)
    return style.marked(figure, answer.converged)


draw.register(FamilyRanking, family_ranking)
