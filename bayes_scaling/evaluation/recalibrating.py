r"""Wider intervals, by what past forecasts of the same law missed.

A past forecast missed by :math:`z = (y - m) / h`, with the measured score :math:`y`, the median :math:`m` and the
forecast's own half-width :math:`h` on that side, scaled to one standard deviation, all as log odds. Were the forecasts
right, :math:`z` would be standard normal. Where its mean square :math:`s^2` over :math:`\nu` independent past scores
is more than 1, a new :math:`z` is distributed as :math:`s` times Student's t with :math:`\nu` degrees of freedom: the
exact predictive distribution of a normal variable with a known mean and an unknown variance (Geisser, Predictive
Inference, 1993). That forecasts of too small a spread are mended by a factor on it, learnt from past ones, is the
idea of Gneiting, Raftery, Westveld and Goldman, Monthly Weather Review 133, 1098 (2005).

Scores of one training run miss together. How many independent ones they are worth is counted as in cluster samples
(Kish, Survey Sampling, 1965), with the correlation that the past misses show.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..forecasting.forecast import Forecast
from ..wording import counted, times_in_words
from .scoring import clusters

if TYPE_CHECKING:
    import xarray as xr

_NEAR = 0.5  # decades over which past forecasts speak for one another: standard deviation of the weights
_FEWEST = 1.0  # degrees of freedom
_EDGE = 1e-4  # scores nearer to 0 or 1 are taken to lie there, as log odds
_SIDE = 0.9  # the interval whose half is the spread of a side
_WIDENED = ("score", "expected")


@dataclass(frozen=True)
class PastMisses:
    """By how much past forecasts missed, in their own standard deviations.

    Attributes
    ----------
    z, decades : array, shape (scores,)
        The misses, and how far each forecast went.
    run : int array, shape (scores,)
        Codes of training runs.
    """

    z: Floats
    decades: Floats
    run: Ints

    def spread(self, decades: float) -> tuple[float, float]:
        """Factor on the spread, at least 1, and degrees of freedom, for a forecast that goes so far.

        Beyond the longest past forecast those of the longest count.
        """
        at = min(max(decades, 0.0), float(self.decades.max()))
        distance = ((self.decades - at) / _NEAR) ** 2
        weight = np.exp(-0.5 * (distance - distance.min()))
        scale = np.sqrt((weight * self.z**2).sum() / weight.sum())
        same = self.run[:, None] == self.run[None]
        other = same & ~np.eye(len(same), dtype=bool)
        together = float(np.clip((np.outer(self.z, self.z) * other).sum() / max(other.sum(), 1), 0, None))
        together = min(together / max(float((self.z**2).mean()), 1e-12), 1.0) ** 2  # correlation of squares
        shared = np.outer(weight, weight)
        total = (shared * np.eye(len(same))).sum() + together * (shared * other).sum()
        return max(float(scale), 1.0), max(float(weight.sum() ** 2 / total), _FEWEST)


def past_misses(rows: pd.DataFrame, levels: Floats) -> PastMisses:
    """Misses of scored rows of a `Backtest`, whose forecasts' quantiles stand at levels."""
    quantiles = np.stack(list(rows["quantiles"]))
    ends = ((1 - _SIDE) / 2, 0.5, (1 + _SIDE) / 2)
    low, middle, high = (_log_odds(np.array([np.interp(end, levels, row) for row in quantiles])) for end in ends)
    off = _log_odds(rows["accuracy"].to_numpy(float)) - middle
    half = np.where(off < 0, middle - low, high - middle) / _normal_quantile((1 + _SIDE) / 2)
    return PastMisses(off / np.maximum(half, 1e-9), rows["decades_beyond"].to_numpy(float), clusters(rows))


def widened(forecast: Forecast, misses: PastMisses) -> Forecast:
    """Widen a forecast beyond the fitted budgets by what past ones missed; no interval gets narrower.

    Draws move away from their median as log odds; medians and the order of draws stay, and so does what the points of
    a run have in common.

    Parameters
    ----------
    forecast : Forecast
        With draws.
    misses : PastMisses
        Of the same law on these or like runs.

    Returns
    -------
    Forecast
        With a note that says by how much.
    """
    decades = forecast.points["decades_beyond"].to_numpy(float)
    spreads = [misses.spread(value) if value > 0 else None for value in decades]
    draws = forecast.draws
    found = {name: _wider(draws[name], spreads) if name in _WIDENED else draws[name] for name in map(str, draws)}
    import xarray as xr

    dataset = xr.Dataset({name: (("sample", "point"), np.asarray(values)) for name, values in found.items()})
    note = _note(misses, [spread for spread in spreads if spread is not None], float(decades.max()))
    return replace(forecast, notes=(note, *forecast.notes), _draws=dataset)


def _wider(draws: "xr.DataArray", spreads: list[tuple[float, float] | None]) -> Floats:
    values = np.array(draws.transpose("sample", "point").to_numpy())
    rank = (np.arange(len(values)) + 0.5) / len(values)
    for column, spread in enumerate(spreads):
        if spread is None:
            continue
        odds = _log_odds(values[:, column])
        order = np.argsort(odds, kind="stable")
        middle = np.median(odds)
        moved = middle + (odds[order] - middle) * factors(rank, *spread)
        inside = (values[order, column] > _EDGE) & (values[order, column] < 1 - _EDGE)
        values[order, column] = np.where(inside, 1 / (1 + np.exp(-moved)), values[order, column])
    return values


def factors(rank: Floats, scale: float, freedom: float) -> Floats:
    """By how much the draw of each rank moves away from the median, at least 1.

    Examples
    --------
    >>> factors(np.array([0.05, 0.25, 0.5]), 1.0, 4.0).round(2).tolist()
    [1.3, 1.1, 1.06]
    >>> factors(np.array([0.05]), 2.0, 1e9).round(3).tolist()
    [2.0]
    """
    from scipy.special import stdtrit

    rank = np.where(np.abs(rank - 0.5) < 1e-3, 0.501, rank)  # the limit at the median, which no formula has
    return scale * np.maximum(stdtrit(freedom, rank) / _normal_quantile(rank), 1.0)


def _note(misses: PastMisses, spreads: list[tuple[float, float]], farthest: float) -> str:
    if not spreads:
        return "no interval is widened: the record is of forecasts beyond the fitted budgets, and these lie within"
    by = [float(factors(np.array([0.95]), *spread)[0]) for spread in spreads]
    low, high = (f"{value:.2g}" for value in (min(by), max(by)))
    times = f"{high} times" if low == high else f"{low} to {high} times"
    runs = counted(len(np.unique(misses.run)), "run")
    said = f"90% intervals are widened to about {times} their width by what past forecasts of {runs} missed"
    longest = float(misses.decades.max())
    beyond = f"; farther than {times_in_words(longest)} beyond the fitted budgets nothing is known of misses"
    return said + (beyond if farthest > longest + 1e-6 else "")


def _normal_quantile(level: float | Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(level))


def _log_odds(values: Floats) -> Floats:
    inside = np.clip(values, _EDGE, 1 - _EDGE)
    return np.log(inside / (1 - inside))
