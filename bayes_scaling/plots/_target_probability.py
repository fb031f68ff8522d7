"""Figure of how probable targets are, against training FLOPs."""

from typing import TYPE_CHECKING

import numpy as np

from ..planning.probabilities import TargetProbability
from ._draw import draw
from .parts import style
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
    several = len(set(table["family"])) > 1
    for number, (_, rows) in enumerate(table.groupby(["benchmark", "target", "family"], sort=False, dropna=False)):
        look, ordered, first = style.look(number), rows.sort_values("flops"), rows.iloc[0]
        target = "" if np.isnan(first["target"]) else f" at least {first['target']:g}"
        label = f"{first['benchmark']}{target}" + (f", {first['family']}" if several else "")
        axes.plot(ordered["flops"], ordered["probability"], color=look.colour, marker=look.marker, ms=4, label=label)
    return finish_probabilities(figure, axes, answer.converged)


draw.register(TargetProbability, target_probability)
