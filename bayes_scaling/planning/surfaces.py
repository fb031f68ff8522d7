"""Pass rates and prices over training FLOPs and attempts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.from_fit import forecast_from, planned_points
from ..posterior.fit import Fit
from ..runs.planned import budgets

SEARCHED = 1000  # draws that a search reads
_GENERATED = 2.0  # FLOPs of a generated token per parameter


@dataclass(frozen=True)
class Prices:
    """What training and inference cost at a fixed number of tokens per parameter."""

    rule: float
    ratio: float
    tokens_per_sample: float
    queries: float

    def params(self, flops: Floats) -> Floats:
        """Parameters of training budgets."""
        return np.sqrt(flops / (self.rule * self.ratio))

    def inference(self, flops: Floats, k: Floats) -> Floats:
        """FLOPs of all attempts at all queries."""
        return self.generated(self.params(flops), k)

    def generated(self, params: Floats | float, k: Floats) -> Floats:
        """The same of a model of so many parameters."""
        return _GENERATED * params * self.tokens_per_sample * k * self.queries

    def total(self, flops: Floats, k: Floats) -> Floats:
        """FLOPs of training and inference."""
        return flops + self.inference(flops, k)

    def training(self, total: float, k: Floats) -> Floats:
        """Training FLOPs that a total leaves at k: the root of C + slope k sqrt(C) = total."""
        slope = _GENERATED * self.tokens_per_sample * self.queries * k / np.sqrt(self.rule * self.ratio)
        # The larger part of the quotient's form loses no digits where inference takes nearly everything.
        return (2 * total / (slope + np.sqrt(slope**2 + 4 * total))) ** 2


@dataclass(frozen=True)
class Surface:
    """Draws of pass rates over training budgets and k.

    Attributes
    ----------
    flops, k : array, shape (budgets,) and (attempts,)
        The grid.
    expected, score : array, shape (samples, budgets, attempts)
        Rates of the curve, and as one run will measure them.
    """

    flops: Floats
    k: Floats
    expected: Floats
    score: Floats

    def at(self, flops: Floats) -> Floats:
        """Expected rates at one training budget for each k, straight between those of the grid, (samples, attempts)."""
        place = np.interp(np.log(flops), np.log(self.flops), np.arange(len(self.flops)))
        left = np.minimum(place.astype(np.int64), len(self.flops) - 2)
        each = np.arange(len(self.k))
        low, high = (self.expected[:, left + by, each] for by in (0, 1))
        return low + (place - left) * (high - low)


def surface_of(fit: Fit, prices: Prices, flops: Floats, k: Floats, benchmark: str, family: str) -> Surface:
    """Forecast every budget and k together, from as many draws as a search needs."""
    at = budgets(flops=flops.tolist(), ratio=prices.ratio, k=k.tolist(), benchmark=benchmark, family=family)
    draws = fit.draws(np.random.default_rng(0))
    found = forecast_from(draws.every(max(draws.size // SEARCHED, 1)), fit.fitted, planned_points(fit, at), notes=())
    shape = (-1, len(flops), len(k))
    return Surface(flops, k, *(found.array(name).reshape(shape) for name in ("expected", "score")))


def surface_table(surface: Surface, prices: Prices) -> pd.DataFrame:
    """Median rate and total FLOPs at every budget and number of attempts."""
    flops, k = (part.ravel() for part in np.meshgrid(surface.flops, surface.k, indexing="ij"))
    rate = np.median(surface.expected, axis=0).ravel()
    return pd.DataFrame({"flops": flops, "k": k.astype(int), "rate": rate, "total_flops": prices.total(flops, k)})
