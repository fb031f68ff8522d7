"""Which points are one set of samples, how each is sampled, and what sets have of their own."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..model.attempts.likelihood import Counts, Rates
from ..model.attempts.sets import SampleSets
from ..model.attempts.ways import Way, ways_beside_the_first, ways_of
from ..model.observed import Fitted, of_attempts
from ..posterior.draws import Draws
from ..runs.columns import numbers
from .points import Points


@dataclass(frozen=True)
class Attempts:
    """How often points attempt their problems, and which of them share a set of samples.

    Attributes
    ----------
    k, n_samples : array, shape (points,)
        Attempts that count as one, and attempts drawn at each problem.
    of_point : int array, shape (points,)
        Set of each point.
    fitted : int array, shape (sets,)
        Fitted set of each set; -1 for one that was not fitted.
    ways : tuple of (str, float)
        How each point is sampled (`ways_of`).
    """

    k: Floats
    n_samples: Floats
    of_point: Ints
    fitted: Ints
    ways: tuple[Way, ...]


def make_attempts(fitted: Fitted, points: Points, *, condition: bool) -> Attempts:
    """Sets of samples among points.

    Parameters
    ----------
    fitted : Fitted
        What was fitted.
    points : Points
        The points; without k it is 1, without n_samples as large as is usual in the fitted table and at least k.
    condition : bool
        Whether sets that were fitted are told from new ones.

    Returns
    -------
    Attempts
        In the points' order.
    """
    rows = points.rows
    keys = pd.MultiIndex.from_arrays([rows.run, points.new_run, rows.benchmark, points.new_benchmark])
    of_point, unique = pd.factorize(keys)
    known = {pair: i for i, pair in enumerate(zip(fitted.rows.run, fitted.rows.benchmark, strict=True))}
    fitted_sets = [known.get((run, benchmark), -1) if condition else -1 for run, _, benchmark, _ in unique]
    k = np.nan_to_num(numbers(points.frame, "k"), nan=1.0)
    given = numbers(points.frame, "n_samples")
    n_samples = np.where(np.isnan(given), usual_samples(of_attempts(fitted), k), given)
    return Attempts(
        k,
        np.maximum(n_samples, k),
        np.asarray(of_point, np.int64),
        np.array(fitted_sets, np.int64),
        tuple(_planned_ways(points.frame, k, of_attempts(fitted).sets)),
    )


def usual_samples(observed: Rates | Counts, k: Floats) -> Floats:
    """Attempts at each problem of a typical fitted set at k; where k were sampled apart, of rates at the nearest."""
    sets = observed.sets
    if not sets.mixed:
        return np.full(len(k), float(np.median([np.median(sets.n_samples[rows]) for rows in sets.members])))
    return np.array([float(np.median(sets.n_samples[sets.k == near])) for near in _nearest(sets.k, k)])


def _nearest(fitted: Floats, k: Floats) -> Floats:
    """Of the fitted k the one next to each, in ratio."""
    known = np.unique(fitted)
    return known[np.abs(np.log(known)[None, :] - np.log(k)[:, None]).argmin(axis=1)]


def _planned_ways(frame: pd.DataFrame, k: Floats, sets: SampleSets) -> list[Way]:
    """How points are sampled: as they say, or else as most fitted rates at the nearest k were."""
    near = _nearest(sets.k, k)
    usual: dict[float, Way] = {}
    for one in np.unique(near).tolist():
        fitted = [sets.ways[i] for i in np.flatnonzero(sets.k == one)]
        usual[one] = max(dict.fromkeys(fitted), key=fitted.count)
    told = zip(ways_of(frame), (usual[one] for one in near.tolist()), strict=True)
    return [(temperature or as_usual[0], samples or as_usual[1]) for (temperature, samples), as_usual in told]


def set_values(name: str, scale: str, draws: Draws, attempts: Attempts) -> Floats:
    """Draws of what each point's set has of its own: fitted, or new."""
    if draws.law.leaves_out(scale):
        return np.zeros((draws.size, len(attempts.k)))
    fitted = attempts.fitted
    values = draws.scale(scale)[:, None] * draws.normal(len(fitted))
    if (fitted >= 0).any():
        values = np.where(fitted >= 0, draws.values[name][:, fitted], values)
    return values[:, attempts.of_point]


def sampling_values(draws: Draws, attempts: Attempts, sets: SampleSets) -> Floats:
    """Draws of what points lie off their curves by that are sampled in another way than the first of their set."""
    found = np.zeros((draws.size, len(attempts.k)))
    if draws.law.leaves_out("sampling_sd"):
        return found
    # Where no fitted set has several numbers of attempts, more of them are taken to be more of the same.
    ways, fitted_ways = ([way if sets.mixed else (way[0], 0.0) for way in of] for of in (attempts.ways, sets.ways))
    known = {key: i for i, key in enumerate(sets.sampled[1])}
    first = {int(sets.of_row[i]): fitted_ways[i] for i in np.argsort(-sets.k, kind="stable")}
    of_way, _ = ways_beside_the_first(ways, attempts.of_point, attempts.k)
    new: dict[tuple[int, Way], list[int]] = {}
    for i, (way, point_set) in enumerate(zip(ways, attempts.of_point.tolist(), strict=True)):
        s = int(attempts.fitted[point_set])
        if (s, way) in known:
            found[:, i] = draws.values["sampling_effect"][:, known[s, way]]
        elif of_way[i] >= 0 if s < 0 else way != first[s]:
            new.setdefault((point_set, way), []).append(i)
    if new:
        drawn = draws.scale("sampling_shift")[:, None] + draws.scale("sampling_sd")[:, None] * draws.normal(len(new))
        for values, at in zip(drawn.T, new.values(), strict=True):
            found[:, at] = values[:, None]
    return found
