"""Marks of planned runs on curves: the forecast of their measured scores."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...arrays import Floats
from ...posterior.fit import Fit
from ...runs.columns import score_labels
from ...wording import bound_names, brief, percent
from . import hover, marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...forecasting.forecast import Forecast


@dataclass(frozen=True)
class PlannedMarks:
    """Forecasts to mark, by the codes of their curves.

    Attributes
    ----------
    table : DataFrame
        One row a forecast: family and benchmark (codes), flops, median, low and high.
    prob : float
        Probability of the interval.
    """

    table: pd.DataFrame
    prob: float

    def of(self, family: int, benchmark: int) -> pd.DataFrame:
        """Forecasts on one curve."""
        return self.table[(self.table["family"] == family) & (self.table["benchmark"] == benchmark)]

    def furthest(self, family: int, benchmark: int) -> float:
        """Largest training FLOPs on one curve, or 0."""
        return float(self.of(family, benchmark)["flops"].max()) if len(self.of(family, benchmark)) else 0.0

    def draw(self, panel: "Axes", family: int, benchmark: int, colour: str) -> Floats:
        """Draw the forecasts on one curve; return the heights that must be seen."""
        part = self.of(family, benchmark)
        if part.empty:
            return np.empty(0)
        panel.vlines(part["flops"], part["low"], part["high"], color=colour, linewidth=1.0, zorder=3)
        [line] = panel.plot(part["flops"], part["median"], **_diamond(colour), zorder=4, label="forecast")
        texts = [
            f"{row.run}: {row.median:.3f}, {percent(self.prob)}% interval {row.low:.3f}–{row.high:.3f}, at "
            f"{brief(float(f'{row.flops:.3g}'))} FLOPs"
            for row in part.itertuples()
        ]
        hover.say_of_points(line, texts)
        return part[["low", "high"]].to_numpy(float).ravel()

    def handles(self, colour: str) -> list[Any]:
        """Legend entry, where there are forecasts."""
        if self.table.empty:
            return []
        return [marks.line_handle(f"forecast of a new run, {percent(self.prob)}%", **_diamond(colour))]


def planned_marks(fit: Fit, planned: "Forecast | None", prob: float, k: int | None) -> PlannedMarks:
    """Find the curves of forecasts; those on no fitted curve, or at another k, are not marked.

    Parameters
    ----------
    fit : Fit
        The fit whose curves are drawn.
    planned : Forecast or None
        What was forecast.
    prob : float
        Probability of the interval.
    k : int or None
        Attempts that count as one along the curves.

    Returns
    -------
    PlannedMarks
        Without rows where there is nothing to mark.
    """
    columns = ["run", "family", "benchmark", "flops", "median", "low", "high"]
    if planned is None:
        return PlannedMarks(pd.DataFrame(columns=columns), prob)
    table = planned.table((prob,))
    if k is not None and "k" in table:
        table = table[table["k"] == k]
    labels, (low, high) = fit.reference.labels, bound_names(prob)
    families = {name: code for code, name in enumerate(fit.reference.families)}
    benchmarks = {name: code for code, name in enumerate(labels)}
    found = pd.DataFrame(
        {
            "run": table["run"],
            "family": table["family"].map(families),
            "benchmark": score_labels(table).map(benchmarks),
            "flops": table["flops"],
            "median": table["median"],
            "low": table[low],
            "high": table[high],
        }
    )
    return PlannedMarks(found.dropna(subset=["family", "benchmark"]), prob)


def _diamond(colour: str) -> dict[str, Any]:
    return {
        "color": colour,
        "marker": "D",
        "markersize": 6.5,
        "linestyle": "none",
        "markeredgecolor": "black",
        "mew": 0.7,
    }
