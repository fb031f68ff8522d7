"""How probable it is that a run reaches a target, or several at once, and whether that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..checks import check_probability, check_target
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import Audit, quiet_forecast, with_record
from ..forecasting.quantities import Quantity, check_quantity
from ..posterior.fit import Fit
from ..runs.budget_columns import OF_RUNS
from ..runs.columns import score_labels
from ..runs.planned import Budgets
from ..runs.table import Runs
from ..wording import closest, listed
from .answers import Answer, intervals_of, without_record
from .cost import Cost, with_costs
from .probability_words import ALL, probability_sentence
from .wanted import MEAN

_DROPPED = (*OF_RUNS, "decades_beyond", "k")
_MOST_NAMED = 8


@dataclass(frozen=True, eq=False, repr=False)
class TargetProbability(Answer):
    """Probabilities of reaching targets; made by `probability_of`. Its table has one row a point and target."""


def probability_of(
    forecast: Forecast | Fit,
    target: float | Mapping[str, float],
    of: Quantity = "score",
    *,
    at: Budgets | Runs | None = None,
    probability: float = 0.9,
    cost: Cost | None = None,
    audit: Audit | None = None,
    recalibrate: bool = False,
    random_seed: int | None = 0,
) -> TargetProbability:
    """Probability that a run scores at least a target, at every point of a forecast, and whether that is enough.

    Parameters
    ----------
    forecast : Forecast or Fit
        A forecast with its draws (of an average, ``forecast.average()``); or a fit, which is then forecast at `at`.
    target : float or mapping of str to float
        The wanted score in [0, 1] at every point; or one for each of several benchmarks, and for "mean", the mean over
        all that are forecast. Several count together: the row "all targets" has the probability that one run reaches
        all of them, its luck shared by its benchmarks.
    of : {"score", "expected"}
        Whether the measured score of a run is to reach it (the default), or the curve.
    at : Budgets or Runs, optional
        With a fit: the runs in question.
    probability : float
        How probable it is to be, for the verdict.
    cost : Cost, optional
        Adds hours, days and money of each run's FLOPs.
    audit : Backtest, optional
        With a fit: past forecasts of its law; the sentence then says how often their intervals held so far out.
    recalibrate : bool
        With a fit: whether to widen the forecast by what those of `audit` missed.
    random_seed : int, optional
        With a fit: seed of the forecast.

    Returns
    -------
    TargetProbability
        Table: what each point is, ``target``, the ``score`` to be expected (median and 80% interval), ``probability``,
        ``standard_error``, that of counting draws, and whether it is ``enough``.

    Raises
    ------
    TypeError
        For something else than a forecast or a fit, and for a fit without `at`.
    ValueError
        For a target outside [0, 1], a benchmark that is not forecast, a forecast without draws, and `at` or `audit`
        beside a forecast, which was made already.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> prior = bs.sample_prior(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), draws=200, random_seed=1)
    >>> probability_of(prior, 0.0).table()["probability"].unique().tolist()
    [1.0]
    """
    check_quantity(of)
    check_probability("probability", probability)
    if isinstance(forecast, Fit):
        forecast = _forecast(forecast, target, at, audit, recalibrate=recalibrate, seed=random_seed)
    elif not isinstance(forecast, Forecast):
        raise TypeError(f"probability_of() got a {type(forecast).__name__}; expected a forecast, or a fit with at=")
    elif at is not None or audit is not None or recalibrate:
        raise ValueError("at, audit and recalibrate go with a fit; this forecast was made already")
    draws, points = forecast.array(of), forecast.points
    if isinstance(target, Mapping):
        table, reached, scores = _jointly(draws, points, target)
    else:
        wanted = check_target("target", target)
        table, reached, scores = points.assign(target=wanted), draws >= wanted, draws
    share = reached.mean(axis=0)
    table = table.drop(columns=["n_items", "n_samples"], errors="ignore").assign(of=of)
    middle = intervals_of("score", scores)
    error = np.sqrt(share * (1 - share) / len(reached))
    table = table.join(middle).assign(probability=share, standard_error=error, enough=share >= probability)
    what = "the measured score of a run" if of == "score" else "the curve, without the luck of a run and its items"
    notes = (*without_record(forecast.notes), f"the probability is that of {what}, from {len(reached)} draws")
    sentence = probability_sentence(table, len(reached), probability, cost, forecast.notes)
    return TargetProbability(with_costs(table, cost), sentence, notes, forecast.converged)


def _forecast(
    fit: Fit,
    target: float | Mapping[str, float],
    at: Budgets | Runs | None,
    audit: Audit | None,
    *,
    recalibrate: bool,
    seed: int | None,
) -> Forecast:
    """Forecast what the targets are about."""
    if at is None:
        raise TypeError("probability_of() got a fit, but not which runs; expected at=, such as at=budgets(flops=1e23)")
    if isinstance(at, Budgets) and at.benchmark is None and isinstance(target, Mapping) and _no_mean(fit, target):
        known = {*fit.reference.labels, *(found.name for found in fit.reference.benchmarks)}
        if set(target) <= known:
            at = replace(at, benchmark=tuple(target))
    return with_record(fit, quiet_forecast(fit, at, seed), audit, recalibrate=recalibrate)


def _no_mean(fit: Fit, target: Mapping[str, float]) -> bool:
    return bool(target) and (MEAN not in target or MEAN in fit.reference.labels)


def _jointly(
    draws: Floats, points: pd.DataFrame, target: Mapping[str, float]
) -> tuple[pd.DataFrame, NDArray[np.bool_], Floats]:
    """One row a run and target, and of several one for all; whether each is reached, and the scores in question."""
    if not target:
        raise ValueError("target is empty; expected wanted scores by benchmark")
    wanted = {name: check_target(f"target of {name!r}", value) for name, value in target.items()}
    labels = score_labels(points)
    if unknown := [name for name in wanted if name not in {*labels, MEAN}]:
        known = listed(dict.fromkeys(labels), _MOST_NAMED)
        near = closest(unknown[0], dict.fromkeys(labels))
        raise ValueError(f"target names {', '.join(map(repr, unknown))}; the forecast has {known}{near}")
    keys = [name for name in ("family", "run", "k") if name in points]
    rows, reached, scores = [], [], []
    for _, members in points.groupby(keys, sort=False, dropna=False).indices.items():
        place = {labels.iloc[i]: [i] for i in members}
        place.setdefault(MEAN, list(members))
        if lacking := [name for name in wanted if name not in place]:
            raise ValueError(f"run {points['run'].iloc[members[0]]!r} is not forecast on {', '.join(lacking)}")
        first = points.iloc[[members[0]]]
        whole = first.drop(columns=[name for name in first if name not in _DROPPED])
        whole = whole.assign(decades_beyond=points["decades_beyond"].iloc[members].max())
        single = []
        for name, value in wanted.items():
            own = points.iloc[place[name]] if len(place[name]) == 1 else whole.assign(benchmark=name)
            rows.append(own.assign(target=value))
            scores.append(draws[:, place[name]].mean(axis=1))
            single.append(scores[-1] >= value)
        reached += single
        if len(wanted) > 1:
            rows.append(whole.assign(benchmark=ALL, target=np.nan))
            reached.append(np.logical_and.reduce(single))
            scores.append(np.full(len(draws), np.nan))
    table = pd.concat(rows, ignore_index=True)[[*points.columns, "target"]]
    return table, np.stack(reached, axis=1), np.stack(scores, axis=1)
