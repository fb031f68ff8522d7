"""Tables of forecasts at very many points, in little memory: summarised chunk by chunk, without keeping the draws."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..checks import check_count, checked_probs
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.planned import Budgets
from ..runs.table import Runs
from .from_fit import forecast_from, planned_points, warn_of_ratios
from .quantities import Quantity, check_quantity

_CHUNK = 2_000  # points; with a thousand draws some arrays of 16 MB. Points of a curve are joint: more take longer


def forecast_table(
    fit: Fit,
    at: "Runs | Budgets",
    probs: Sequence[float] = (0.5, 0.8, 0.9),
    of: Quantity = "score",
    *,
    draws: int = 1000,
    chunk: int = _CHUNK,
    random_seed: int | None = None,
) -> pd.DataFrame:
    """Table of a forecast at very many points, such as a grid of a million budgets.

    Points are summarised in chunks, and the draws are not kept: there are no averages of such a forecast, and runs that
    lie in two chunks have different luck in each. Of fewer points `forecast` tells more.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    at : Runs or Budgets
        As of `forecast`.
    probs : sequence of float
        Probabilities of the intervals.
    of : {"score", "expected"}
        A new run's measured score, or the curve alone.
    draws : int
        How many of the posterior's draws to use, evenly spaced.
    chunk : int
        Points at a time; memory grows with ``chunk * draws``.
    random_seed : int, optional
        Seed of what is drawn anew; the same seed and chunk give the same table.

    Returns
    -------
    DataFrame
        As `Forecast.table` gives it, one row a point.

    Raises
    ------
    ValueError
        As of `forecast`, and for numbers of draws or points below 1.

    Warns
    -----
    RatioWarning
        As of `forecast`.
    """
    check_quantity(of)
    widths = checked_probs(probs)
    for name, value in (("draws", draws), ("chunk", chunk)):
        check_count(name, value, 1)
    points = planned_points(fit, at)
    warn_of_ratios(fit, points)
    rng = np.random.default_rng(random_seed)
    chosen = _fewer(fit.draws(rng), draws)
    tables = []
    with np.errstate(over="ignore", under="ignore"):
        for start in range(0, len(points), chunk):
            part = points.take(np.arange(start, min(start + chunk, len(points)))).recoded()
            found = forecast_from(chosen, fit.fitted, part, notes=(), converged=fit.converged)
            tables.append(found.table(widths, of))
    return pd.concat(tables, ignore_index=True)


def _fewer(draws: Draws, most: int) -> Draws:
    """Keep at most so many draws, evenly spaced."""
    n = len(next(iter(draws.values.values())))
    if n <= most:
        return draws
    kept = np.linspace(0, n - 1, most).round().astype(int)
    stage_one = None if draws.stage_one is None else _fewer(draws.stage_one, most)
    values = {name: np.ascontiguousarray(array[kept]) for name, array in draws.values.items()}
    return Draws(draws.law, values, draws.rng, stage_one)
