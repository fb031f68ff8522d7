"""Stacking: weights of laws that make the best mixture on past extrapolations, and mixtures of forecasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..forecasting.forecast import Forecast, normalised
from ..wording import listed
from .backtest import Backtest
from .scoring import clusters

Score = Literal["crps", "log"]
_KEYS = ("cutoff", "keep_from", "left_out", "run", "family", "benchmark", "metric", "shots", "k")
_SMALLEST_WEIGHT = 1e-6


@dataclass(frozen=True, eq=False)
class Stacking:
    """Weights of laws; made by `stack`.

    Attributes
    ----------
    weights : dict of str to float
        Weight of each law; they sum to one.
    scores : DataFrame
        One row a law, and the rows "uniform" and "stacked": mean CRPS and log score on the past extrapolations, and
        ``crps_left_out`` of the stacked one: with weights made without the training runs that they are scored on.
    score : {"crps", "log"}
        What the weights minimise.
    n, runs : int
        Rows that every law forecast, and the training runs they belong to.
    """

    weights: dict[str, float]
    scores: pd.DataFrame
    score: Score
    n: int
    runs: int

    def __repr__(self) -> str:
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in self.weights.items())
        table = self.scores.to_string(float_format="{:.4f}".format, na_rep="")
        return f"Stacking on {self.n} past forecasts of {self.runs} runs: {weights}\n{table}"


def stack(backtest: Backtest, score: Score = "crps") -> Stacking:
    r"""Find the weights with which a mixture of laws would have forecast best.

    Parameters
    ----------
    backtest : Backtest
        Of two laws or more.
    score : {"crps", "log"}
        What to minimise: the mean CRPS, or the mean log score.

    Returns
    -------
    Stacking
        The weights.

    Raises
    ------
    ValueError
        For an unknown score, fewer than two laws, or laws without common rows.

    Notes
    -----
    The CRPS of a mixture is :math:`\sum_i w_i E|X_i - y| - \frac12 \sum_{ij} w_i w_j E|X_i - X_j|` (Gneiting and
    Raftery, 2007), here over the forecasts' stored quantiles, and convex in the weights. To it is added the
    Kullback-Leibler divergence of uniform weights from the weights, over the number of training runs and in units of
    the uniform mixture's score: as much as one more run on which all laws did equally well. With few runs the weights
    stay near uniform.
    """
    if score not in ("crps", "log"):
        raise ValueError(f"score={score!r}; expected 'crps' or 'log'")
    rows = backtest.single()
    laws = list(dict.fromkeys(rows["law"]))
    if len(laws) < 2:
        raise ValueError(f"the backtest has the law {listed(laws, 3)} alone; expected two or more to stack")
    common = common_rows(rows, laws)
    parts = _Parts.of(common)
    run = clusters(common[laws[0]])
    everything = np.ones(len(run), bool)
    weights = _best(parts, run, everything, score)
    left_out = np.full(len(run), np.nan)
    for r in np.unique(run):
        own = run == r
        if not own.all():
            left_out[own] = parts.crps(_best(parts, run, ~own, score), own)
    mixtures = dict(zip(laws, np.eye(len(laws)), strict=True))
    mixtures |= {"uniform": np.full(len(laws), 1 / len(laws)), "stacked": weights}
    table = {
        name: (parts.crps(mixture, everything).mean(), parts.log(mixture, everything).mean())
        for name, mixture in mixtures.items()
    }
    scores = pd.DataFrame.from_dict(table, orient="index", columns=["crps", "log_score"])
    scores["crps_left_out"] = np.nan
    scores.loc["stacked", "crps_left_out"] = left_out.mean() if len(np.unique(run)) > 1 else np.nan
    named = dict(zip(laws, weights.round(6).tolist(), strict=True))
    return Stacking(named, scores, score, len(run), len(np.unique(run)))


def common_rows(rows: pd.DataFrame, laws: list[str]) -> dict[str, pd.DataFrame]:
    """Rows of a backtest that every law forecast, by law and in one order.

    Parameters
    ----------
    rows : DataFrame
        Of a backtest.
    laws : list of str
        The laws.

    Returns
    -------
    dict of str to DataFrame
        Tables of one length.

    Raises
    ------
    ValueError
        Where there are none.
    """
    keys = [name for name in _KEYS if name in rows]
    labels = rows[keys].map(str).agg("\x1f".join, axis=1)  # no zero byte, at which pandas 3.0 ends a text
    by_law = {law: rows[rows["law"] == law].set_index(labels[rows["law"] == law]) for law in laws}
    shared = [key for key in by_law[laws[0]].index if all(key in found.index for found in by_law.values())]
    if not shared:
        raise ValueError("the laws have no common rows in the backtest; expected folds that each of them could fit")
    return {law: found.loc[shared].reset_index(drop=True) for law, found in by_law.items()}


def mix(
    forecasts: Mapping[str, Forecast],
    weights: Mapping[str, float] | Stacking | None = None,
    random_seed: int | None = 0,
) -> Forecast:
    """Mix forecasts of the same points: each draw is one of one of them.

    Parameters
    ----------
    forecasts : mapping of str to Forecast
        Forecasts of the same points, with their draws.
    weights : mapping of str to float, or Stacking, optional
        Weight of each; they are normalised. By default all weigh the same.
    random_seed : int, optional
        Seed of the order of the draws.

    Returns
    -------
    Forecast
        As many draws as the largest forecast has, in the shares of the weights. Points of one draw come from one
        forecast, so that averages are mixtures too.

    Raises
    ------
    ValueError
        For no forecasts, other weights than forecasts, or forecasts of other points.
    """
    if not forecasts:
        raise ValueError("forecasts is empty; expected forecasts by name")
    given = weights.weights if isinstance(weights, Stacking) else weights
    shares = normalised(given, list(forecasts))
    first = next(iter(forecasts.values()))
    labels = [name for name in ("run", "family", "benchmark", "metric", "shots", "k", "flops") if name in first.points]
    for name, forecast in forecasts.items():
        if not forecast.points.reindex(columns=labels).equals(first.points[labels]):
            raise ValueError(f"forecast {name!r} has other points than {next(iter(forecasts))!r}; expected the same")
    size = max(forecast.draws.sizes["sample"] for forecast in forecasts.values())
    rng = np.random.default_rng(random_seed)
    counts = _counts(np.array(list(shares.values())), size)
    chosen = [
        forecast.draws[["expected", "score"]].drop_vars("sample").isel(sample=_spread(rng, forecast, count))
        for forecast, count in zip(forecasts.values(), counts, strict=True)
        if count
    ]
    import xarray as xr

    mixed = xr.concat(chosen, dim="sample").isel(sample=rng.permutation(size))
    words = ", ".join(f"{share:.2f} {name}" for name, share in shares.items())
    notes = (f"a mixture of forecasts: {words}", *dict.fromkeys(n for f in forecasts.values() for n in f.notes))
    converged = all(forecast.converged for name, forecast in forecasts.items() if shares[name] > 0)
    return Forecast(first.points, notes, converged, mixed.reset_coords(drop=True))


@dataclass(frozen=True)
class _Parts:
    """What scores of mixtures are made of.

    Attributes
    ----------
    misses : array, shape (laws, rows)
        Mean distance of a law's forecast to what was measured.
    apart : array, shape (laws, laws, rows)
        Mean distance between two laws' forecasts.
    density : array, shape (laws, rows)
        Predictive density at what was measured.
    """

    misses: Floats
    apart: Floats
    density: Floats

    @classmethod
    def of(cls, common: Mapping[str, pd.DataFrame]) -> "_Parts":
        quantiles = np.stack([np.stack(rows["quantiles"].to_list()) for rows in common.values()])
        accuracy = next(iter(common.values()))["accuracy"].to_numpy(float)
        # Level by level: all pairs of levels at once are gigabytes for some thousand rows.
        levels = range(quantiles.shape[-1])
        apart = np.mean([np.abs(quantiles[:, None] - quantiles[None, ..., [a]]).mean(axis=-1) for a in levels], axis=0)
        log_score = np.stack([rows["log_score"].to_numpy(float) for rows in common.values()])
        return cls(np.abs(quantiles - accuracy[:, None]).mean(axis=-1), apart, np.exp(-log_score))

    def crps(self, weights: Floats, chosen: NDArray[np.bool_]) -> Floats:
        """CRPS of a mixture on chosen rows."""
        spread = np.einsum("i,j,ijr->r", weights, weights, self.apart[..., chosen])
        return np.asarray(weights @ self.misses[:, chosen] - spread / 2)

    def log(self, weights: Floats, chosen: NDArray[np.bool_]) -> Floats:
        """Log score of a mixture on chosen rows."""
        return -np.log(np.maximum(weights @ self.density[:, chosen], np.finfo(float).tiny))


def _best(parts: _Parts, run: NDArray[np.int64], chosen: NDArray[np.bool_], score: Score) -> Floats:
    from scipy.optimize import minimize
    from scipy.special import softmax

    n = len(parts.misses)
    uniform = np.full(n, 1 / n)
    of_rows = parts.crps if score == "crps" else parts.log
    # The log score has no zero: its unit is the nat.
    unit = float(of_rows(uniform, chosen).mean()) if score == "crps" else 1.0
    runs = len(np.unique(run[chosen]))

    def loss(free: Floats) -> float:
        weights = softmax(free)
        from_uniform = -float(np.mean(np.log(n * np.maximum(weights, _SMALLEST_WEIGHT))))
        return float(of_rows(weights, chosen).mean()) / unit + from_uniform / runs

    found = minimize(loss, np.zeros(n), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-9, "maxiter": 4000})
    return np.asarray(softmax(found.x))


def _counts(shares: Floats, size: int) -> list[int]:
    """Whole numbers in the shares, with a given sum.

    Examples
    --------
    >>> _counts(np.array([0.5, 0.3, 0.2]), 7)
    [4, 2, 1]
    """
    edges = np.round(np.cumsum(shares) * size).astype(int)
    return np.diff(edges, prepend=0).tolist()


def _spread(rng: np.random.Generator, forecast: Forecast, count: int) -> NDArray[np.int64]:
    """Draws of a forecast, each once before one comes again."""
    size = forecast.draws.sizes["sample"]
    return np.concatenate([rng.permutation(size) for _ in range(-(-count // size))])[:count]
