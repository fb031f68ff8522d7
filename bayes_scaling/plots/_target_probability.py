"""Figure of how probable targets are, against training FLOPs."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..planning.probabilities import TargetProbability
from ..planning.probability_words import ALL
from ._draw import draw
from .parts import marks, style
from .parts.answers import finish_probabilities

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def target_probability(answer: TargetProbability) -> "Figure":
    """Draw the probability of reaching targets against training FLOPs.

    Parameters
    ----------
    answer : TargetProbability
        Of `probability_of`.

    Returns
    -------
    Figure
        One line a benchmark and target, of several families one each.

    Examples
    --------
    >>> bs.probability_of(forecast, {"piqa": 0.8, "hellaswag": 0.6}).plot()  # doctest: +SKIP
    """
    figure = style.new_figure(6.4, 3.8)
    axes = figure.subplots()
    table = answer.table()
    several = len(set(table["family"])) > 1 if "family" in table else False
    keys = [name for name in ("benchmark", "target", "family") if name in table]
    groups = list(table.groupby(keys, sort=False, dropna=False))
    for number, (_, rows) in enumerate(groups):
        look, ordered, first = style.look(number), rows.sort_values("flops"), rows.iloc[0]
        target = "" if np.isnan(first["target"]) else f" at least {first['target']:g}"
        label = f"{first['benchmark']}{target}" + (f", {first['family']}" if several else "")
        if first["benchmark"] == ALL:  # wide and pale, behind: the target that binds lies on it
            how: dict[str, Any] = {
                "color": style.GREY,
                "linewidth": 6,
                "alpha": 0.35,
                "zorder": 1.5,
                "solid_capstyle": "round",
            }
        else:
            how = {"color": look.colour, "marker": look.marker, "ms": 4}
        axes.plot(ordered["flops"], ordered["probability"], label=label, **how)
    largest = _largest_fitted(table)
    if np.isfinite(largest) and largest > table["flops"].min():
        marks.mark_end(axes, largest, "largest fitted run")
    return finish_probabilities(figure, axes, answer.converged)


def _largest_fitted(table: pd.DataFrame) -> float:
    """FLOPs of the largest fitted run, as the distances of points say them; NaN where none lies beyond."""
    beyond = table[table["decades_beyond"] > 0]
    return float((beyond["flops"] / 10 ** beyond["decades_beyond"]).max()) if len(beyond) else float("nan")


draw.register(TargetProbability, target_probability)
