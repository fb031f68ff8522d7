"""What the slider of a page moves over: quantiles of scores at many budgets, computed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from ..arrays import Ints
from ..evaluation.record import LIKE
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import Audit, quiet_forecast, with_record
from ..planning.cost import Cost
from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..runs.planned import budgets
from ..wording import brief_number, times_in_words
from .today import Best, best_so_far, largest_fitted

_STEPS = 40
_MOST_ROWS = 80
#: Levels of the quantiles that a page holds; between them it draws straight lines.
LEVELS = (0.005, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.995)


@dataclass(frozen=True)
class Row:
    """A benchmark (of a family) and what it is forecast to score along the budgets.

    Attributes
    ----------
    label, family : str
        What it is; the family is empty where there is one.
    quantiles : array, shape (budgets, levels)
        Of the measured score.
    target : float or None
        A wanted score.
    best : Best or None
        Where one stands today.
    """

    label: str
    family: str
    quantiles: np.ndarray
    target: float | None
    best: Best | None

    def at(self, budget: int) -> dict[str, str]:
        """Text of one budget, as the page writes it without its script."""
        low, middle, high = (self.quantile(budget, level) for level in (0.05, 0.5, 0.95))
        chance = "" if self.target is None else _chance(self.reach(budget, self.target))
        return {
            "score": f"{100 * middle:.1f}%",
            "interval": f"{100 * low:.0f}–{100 * high:.0f}%",
            "probability": chance,
        }

    def quantile(self, budget: int, level: float) -> float:
        """One quantile at one budget."""
        return float(np.interp(level, LEVELS, self.quantiles[budget]))

    def reach(self, budget: int, target: float) -> float:
        """Probability of a score of at least a target."""
        return 1 - float(np.interp(target, self.quantiles[budget], LEVELS, left=0.0, right=1.0))


@dataclass(frozen=True)
class Slider:
    """Budgets, and the rows that a page shows at each.

    Attributes
    ----------
    flops : array, shape (budgets,)
        From the largest run today on.
    start : int
        The budget that is shown first: the nearest to what was asked.
    audited : int
        The last budget as far out as a past forecast that was checked; -1 where none was.
    rows : tuple of Row
        What is forecast; with targets the least probable first.
    cost : Cost or None
        What FLOPs cost.
    planned : str
        What else is assumed of the runs, in words.
    """

    flops: np.ndarray
    start: int
    audited: int
    rows: tuple[Row, ...]
    cost: Cost | None
    planned: str

    def data(self) -> dict[str, Any]:
        """What the page's script reads: plain numbers, scores in ten thousandths."""
        return {
            "budgets": [self.budget(i) for i in range(len(self.flops))],
            "audited": self.audited,
            "levels": list(LEVELS),
            "rows": [np.rint(1e4 * row.quantiles).astype(int).tolist() for row in self.rows],
        }

    def budget(self, at: int) -> str:
        """One budget in words: FLOPs, how many times the largest run, and what it costs."""
        flops, first = float(self.flops[at]), float(self.flops[0])
        said = f"{brief_number(float(f'{flops:.2g}'))} FLOPs"
        said += f", {times_in_words(np.log10(flops / first))} the largest run" if at else ", the largest run today"
        return said + ("" if self.cost is None else f"; {self.cost.in_words(flops)}")


def make_slider(
    fit: Fit,
    found: Forecast,
    targets: Mapping[str, float],
    cost: Cost | None,
    audit: Audit | None,
    longest: float | None,
    *,
    recalibrate: bool,
    seed: int | None,
) -> Slider | None:
    """Forecast many budgets of runs like those that were asked for.

    Parameters
    ----------
    fit : Fit
        The fit.
    found : Forecast
        What was asked for.
    targets : mapping of str to float
        Wanted scores, by benchmark.
    cost : Cost or None
        What FLOPs cost.
    audit : Backtest or None
        Past forecasts.
    longest : float or None
        The farthest of those (decades beyond the fitted budgets).
    recalibrate : bool
        Whether forecasts are widened by what those missed.
    seed : int or None
        Seed of the forecast.

    Returns
    -------
    Slider or None
        None where no such budgets can be forecast: of runs whose sizes follow from nothing.
    """
    points = found.points
    largest = largest_fitted(fit)
    asked = float(points["flops"].max())
    reach = max(1.0 if longest is None else longest + LIKE, np.log10(asked / largest) + 0.3, 0.5)
    flops = largest * np.logspace(0, reach, _STEPS)
    ahead = _forecast(fit, points, flops, seed)
    if ahead is None:
        return None
    ahead = with_record(fit, ahead, audit, recalibrate=recalibrate)
    audited = -1 if longest is None else int(np.searchsorted(np.log10(flops / largest), longest + 1e-9)) - 1
    start = int(np.abs(np.log(flops / float(points["flops"].iloc[0]))).argmin())
    rows = _rows(fit, ahead, targets)
    if any(row.target is not None for row in rows):
        rows.sort(key=lambda row: 2.0 if row.target is None else row.reach(start, row.target))
    ratio = _ratio(fit, points)
    planned = "" if ratio is None else f"at {ratio:.3g} tokens per parameter"
    return Slider(flops, start, audited, tuple(rows[:_MOST_ROWS]), cost, planned)


def _chance(probability: float) -> str:
    """A probability as far as the quantiles tell it; the page's script says it in the same words."""
    if probability < LEVELS[0] + 1e-9:
        return "below 0.5%"
    return "above 99.5%" if probability > LEVELS[-1] - 1e-9 else f"{100 * probability:.0f}%"


def _ratio(fit: Fit, points: pd.DataFrame) -> float | None:
    """Tokens per parameter of the first run that was asked for, where the law reads them."""
    if fit.law.reads_sizes and {"params", "tokens"} <= set(points):
        first = points.iloc[0]
        if first["params"] == first["params"] and first["tokens"] == first["tokens"]:
            return float(first["tokens"] / first["params"])
    return None


def _forecast(fit: Fit, points: pd.DataFrame, flops: np.ndarray, seed: int | None) -> Forecast | None:
    labels = list(dict.fromkeys(score_labels(points)))
    families = [name for name in dict.fromkeys(points.get("family", ())) if name in fit.reference.families]
    labels = [name for name in labels if name in fit.reference.labels]
    if not labels or not families:
        return None
    k = int(points["k"].dropna().iloc[0]) if "k" in points and points["k"].notna().any() else None
    most = max(_MOST_ROWS // len(families), 1)
    at = budgets(flops.tolist(), benchmark=labels[:most], family=families, k=k, ratio=_ratio(fit, points))
    try:
        return quiet_forecast(fit, at, seed)
    except ValueError:  # a law of sizes, and runs that keep no one ratio
        return None


def _rows(fit: Fit, ahead: Forecast, targets: Mapping[str, float]) -> list[Row]:
    points = ahead.points
    values = np.quantile(ahead.array("score"), LEVELS, axis=0)
    labels = score_labels(points)
    several = len(set(points["family"])) > 1
    best = best_so_far(fit, int(points["k"].iloc[0]) if "k" in points else None)
    rows = []
    groups = points.groupby([points["family"].astype(str), labels.astype(str)], sort=False)
    for (family, label), members in cast("dict[tuple[str, str], Ints]", groups.indices).items():
        order = members[np.argsort(points["flops"].to_numpy()[members], kind="stable")]
        name = str(points["benchmark"].iloc[members[0]])
        target = targets.get(label, targets.get(name))
        shown = family if several else ""
        rows.append(Row(label, shown, values[:, order].T, target, best.get((family, label))))
    return rows
