"""What a law expects of runs before it sees their scores."""

from typing import TYPE_CHECKING

import numpy as np

from ..runs.columns import score_labels
from .parts import marks, style
from .parts.draws import central
from .parts.measured import Dots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..forecasting.forecast import Forecast
    from ..runs.table import Runs

_LINES = 40


def prior_predictive(prior: "Forecast", runs: "Runs") -> "Figure":
    """Draw expected scores from the prior against training FLOPs, with the measured ones.

    Parameters
    ----------
    prior : Forecast
        Of ``sample_prior(law, runs)``.
    runs : Runs
        The same runs, with scores.

    Returns
    -------
    Figure
        One panel a benchmark: forty draws, the 90% interval of the prior, and the scores, which the prior has not seen.

    Examples
    --------
    >>> bs.plots.prior_predictive(bs.sample_prior(fit.law, train, random_seed=1), train)  # doctest: +SKIP
    """
    points, draws = prior.points, prior.array("expected")
    labels, scores = score_labels(points), runs.frame["accuracy"].to_numpy(float)
    if len(scores) != len(points):
        raise ValueError(f"runs have {len(scores)} rows, the forecast {len(points)} points; expected the same runs")
    names = list(dict.fromkeys(labels))
    figure, axes = style.panels(names, "accuracy", extra=0.8)
    look = style.look(0)
    for panel, name in zip(axes, names, strict=True):
        rows = np.flatnonzero(labels == name)
        rows = rows[np.argsort(points["flops"].to_numpy()[rows], kind="stable")]
        flops = points["flops"].to_numpy()[rows]
        panel.plot(flops, draws[:_LINES, rows].T, color=style.GREY, linewidth=0.5, alpha=0.5)
        marks.draw_bands(panel, flops, [central(draws[:, rows], 0.9)], look.colour)
        runs_of = points["run"].to_numpy(object)[rows]
        marks.draw_dots(panel, Dots(flops, scores[rows], np.zeros(len(rows), bool), runs_of), look)
        panel.set_ylim(-0.02, 1.02)
    handles = [
        marks.line_handle("draws from the prior", color=style.GREY, linewidth=0.8),
        marks.line_handle("their 90% interval", color=look.colour, linewidth=6, alpha=0.3),
        marks.line_handle("measured scores", color=look.colour, marker="o", markersize=5, linestyle="none"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure
