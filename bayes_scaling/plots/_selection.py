"""Figure of what measuring each candidate would tell, and what it costs."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..planning.run_selection import Selection
from ._draw import draw
from .parts import hover, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 24  # candidates that are drawn
_NAME = 34  # letters


def selection(answer: Selection) -> "Figure":
    """Draw what each candidate takes off the forecast's variance, the chosen ones and the best first.

    Parameters
    ----------
    answer : Selection
        Of `next_run` or `next_evaluation`.

    Returns
    -------
    Figure
        One bar a candidate with its share, and its cost where costs differ; chosen ones are numbered in their order.

    Examples
    --------
    >>> bs.next_run(fit, bs.budgets(flops=[3e21, 1e22]), bs.budgets(flops=1e24)).plot()  # doctest: +SKIP
    """
    table = answer.table()
    shown = table.sort_values(["chosen", "variance_removed"], ascending=[True, False], na_position="last").head(_MOST)
    figure = style.new_figure(7.0, 1.5 + 0.26 * len(shown))
    axes = figure.subplots()
    place, share = np.arange(len(shown)), 100 * shown["variance_removed"].to_numpy()
    chosen = shown["chosen"].notna().to_numpy()
    for at, colour, label in ((chosen, style.COLOURS[1], "chosen"), (~chosen, "#BBBBBB", "candidate")):
        if at.any():
            axes.barh(place[at], share[at], height=0.7, color=colour, label=label)
    [ends] = axes.plot(share, place, marker="|", ls="none", color=style.GREY, ms=4)
    words = [_said(row, several=len(set(table["cost"])) > 1) for _, row in shown.iterrows()]
    hover.say_of_points(ends, [f"{name}: {said}" for name, said in zip(_names(shown), words, strict=True)])
    style.plain(axes)
    axes.set_xlim(0, 1.45 * max(float(share.max()), 0.5))
    for height, value, said in zip(place, share, words, strict=True):
        axes.annotate(said, (value, height), (5, 0), textcoords="offset points", va="center", fontsize=7.5)
    axes.set_yticks(place, _names(shown))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("share of the forecast's variance that is removed (%)", fontsize=9)
    if len(table) > len(shown):
        axes.set_title(f"the first {len(shown)} of {len(table)} candidates", fontsize=9, loc="left")
    return style.finish_answer(figure, axes, answer.converged)


def _names(rows: pd.DataFrame) -> list[str]:
    parts = [rows[name].astype(str) for name in ("run", "benchmark") if name in rows]
    names = [" on ".join(words).replace("e+", "e") for words in zip(*parts, strict=True)]
    return [name if len(name) <= _NAME else f"{name[: _NAME - 1]}…" for name in names]


def _said(row: pd.Series, *, several: bool) -> str:
    """Share, order of choice and cost of a candidate."""
    said = f"{100 * row['variance_removed']:.2g}%"
    if row["chosen"] == row["chosen"]:
        said += f", choice {row['chosen']:g}"
    return said + (f", cost {style.short_number(float(row['cost']))}" if several else "")


draw.register(Selection, selection)
