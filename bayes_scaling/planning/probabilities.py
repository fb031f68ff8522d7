"""How probable it is that a run reaches a target, or several at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..checks import check_target
from ..forecasting.forecast import Forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..runs.budget_columns import OF_RUNS
from ..runs.columns import score_labels
from ..wording import flops_in_words, listed
from .answers import Answer
from .cost import Cost, with_costs

_ALL = "all targets"
_DROPPED = (*OF_RUNS, "decades_beyond", "k")
_MOST_NAMED = 8


@dataclass(frozen=True, eq=False, repr=False)
class TargetProbability(Answer):
    """Probabilities of reaching targets; made by `probability_of`. Its table has one row a point and target."""


def probability_of(
    forecast: Forecast,
    target: float | Mapping[str, float],
    of: Quantity = "score",
    *,
    cost: Cost | None = None,
) -> TargetProbability:
    """Probability that a run scores at least a target, at every point of a forecast.

    Parameters
    ----------
    forecast : Forecast
        With its draws; of an average, ``forecast.average()``.
    target : float or mapping of str to float
        The wanted score in [0, 1] at every point; or one for each of several benchmarks, which then count together: the
        row "all targets" has the probability that one run reaches all of them, its luck shared by its benchmarks.
    of : {"score", "expected"}
        Whether the measured score of a run is to reach it (the default), or the curve.
    cost : Cost, optional
        Adds hours, days and money of each run's FLOPs.

    Returns
    -------
    TargetProbability
        Table: what each point is, ``target``, ``probability``, and ``standard_error``, that of counting draws.

    Raises
    ------
    ValueError
        For a target outside [0, 1], a benchmark that is not forecast, or a forecast without draws.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> prior = bs.sample_prior(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), draws=200, random_seed=1)
    >>> probability_of(prior, 0.0).table()["probability"].unique().tolist()
    [1.0]
    """
    check_quantity(of)
    draws, points = forecast.array(of), forecast.points
    if isinstance(target, Mapping):
        table, reached = _jointly(draws, points, target)
    else:
        wanted = check_target("target", target)
        table, reached = points.assign(target=wanted), draws >= wanted
    probability = reached.mean(axis=0)
    error = np.sqrt(probability * (1 - probability) / len(reached))
    table = table.drop(columns=["n_items", "n_samples"], errors="ignore").assign(
        of=of, probability=probability, standard_error=error
    )
    what = "the measured score of a run" if of == "score" else "the curve, without the luck of a run and its items"
    notes = (*forecast.notes, f"the probability is that of {what}, from {len(reached)} draws")
    return TargetProbability(with_costs(table, cost), _sentence(table, target, of), notes, forecast.converged)


def _jointly(
    draws: Floats, points: pd.DataFrame, target: Mapping[str, float]
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """One row a run and target, and one for all of them."""
    if not target:
        raise ValueError("target is empty; expected wanted scores by benchmark")
    wanted = {name: check_target(f"target of {name!r}", value) for name, value in target.items()}
    labels = score_labels(points)
    if unknown := [name for name in wanted if name not in set(labels)]:
        known = listed(dict.fromkeys(labels), _MOST_NAMED)
        raise ValueError(f"target names {', '.join(map(repr, unknown))}; the forecast has {known}")
    keys = [name for name in ("family", "run", "k") if name in points]
    rows, reached = [], []
    for _, members in points.groupby(keys, sort=False, dropna=False).indices.items():
        place = {labels.iloc[i]: i for i in members}
        if lacking := [name for name in wanted if name not in place]:
            raise ValueError(f"run {points['run'].iloc[members[0]]!r} is not forecast on {', '.join(lacking)}")
        single = {name: draws[:, place[name]] >= value for name, value in wanted.items()}
        for name, value in wanted.items():
            rows.append(points.iloc[[place[name]]].assign(target=value))
            reached.append(single[name])
        first = points.iloc[[place[next(iter(wanted))]]]
        whole = first.drop(columns=[name for name in first if name not in _DROPPED])
        rows.append(whole.assign(benchmark=_ALL, target=np.nan))
        reached.append(np.logical_and.reduce(list(single.values())))
    return pd.concat(rows, ignore_index=True)[[*points.columns, "target"]], np.stack(reached, axis=1)


def _sentence(table: pd.DataFrame, target: float | Mapping[str, float], of: Quantity) -> str:
    whole = table[table["benchmark"] == _ALL] if isinstance(target, Mapping) else table
    if isinstance(target, Mapping):
        wanted = " and ".join(f"{value:g} on {name}" for name, value in target.items())
    else:
        benchmarks = dict.fromkeys(whole["benchmark"])
        wanted = f"{target:g} on {next(iter(benchmarks))}" if len(benchmarks) == 1 else f"{target:g}"
    reaches = "scores at least" if of == "score" else "is expected to score at least"
    if len(whole) == 1:
        row = whole.iloc[0]
        size, probability = flops_in_words(row["flops"]), row["probability"]
        return f"A run of {size} FLOPs {reaches} {wanted} with probability {probability:.0%}."
    ordered = whole.sort_values("probability", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"The probability that a run {reaches} {wanted} goes from {low['probability']:.0%} ({_which(low)}) to "
        f"{high['probability']:.0%} ({_which(high)}) over {len(whole)} points."
    )


def _which(row: pd.Series) -> str:
    benchmark = "" if row["benchmark"] == _ALL else f"{row['benchmark']} at "
    return f"{benchmark}{flops_in_words(row['flops'])} FLOPs"
