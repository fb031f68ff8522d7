"""Measured scores and pass rates, as points to draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...arrays import Bools, Floats, Ints
from ...forecasting.checks import check_attempts, check_labels
from ...model.attempts.likelihood import Counts
from ...model.attempts.noise import hazard_slope
from ...model.attempts.sets import SampleSets, point_covariances
from ...model.observed import Observed, observe, of_attempts
from ...model.reference import Reference
from ...model.scores import Scores
from ...posterior.draws import flat_draws
from ...posterior.fit import Fit
from ...runs.held_out import check_held_out
from ...runs.pass_rates import mean_rates, powers_up_to
from ...runs.table import Runs

Names = NDArray[np.object_]
_OTHER_RATIO = 2.0  # factor from which a ratio is not that of the curve


@dataclass(frozen=True)
class Dots:
    """Points of a panel, each of shape (points,).

    Attributes
    ----------
    x, y : array
        Where they are.
    hollow : bool array
        Whether their ratio of tokens to parameters is another than the curve's.
    runs : object array
        Names of the runs they belong to; empty where there are none.
    """

    x: Floats
    y: Floats
    hollow: Bools
    runs: Names = field(default_factory=lambda: np.empty(0, object))

    def where(self, chosen: Bools) -> "Dots":
        """Return some of the points."""
        return Dots(
            self.x[chosen], self.y[chosen], self.hollow[chosen], self.runs[chosen] if len(self.runs) else self.runs
        )


@dataclass(frozen=True)
class Measured:
    """Measured scores, or pass rates at some k.

    Attributes
    ----------
    family, benchmark : int array, shape (points,)
        Codes.
    unit : int array, shape (points,)
        Row of the table that a score stands in, or set of samples that a rate comes from.
    flops, params, ratio : array, shape (points,)
        Training FLOPs, parameters and tokens per parameter; NaN where unknown.
    k, n_samples : array, shape (points,)
        Attempts that count as one, and attempts at each problem; 1 for scores.
    accuracy : array, shape (points,)
        Scores, or rates.
    run : object array, shape (points,)
        Names of the runs.
    """

    family: Ints
    benchmark: Ints
    unit: Ints
    flops: Floats
    params: Floats
    ratio: Floats
    k: Floats
    n_samples: Floats
    accuracy: Floats
    run: Names

    def __len__(self) -> int:
        return len(self.accuracy)

    def where(self, chosen: Bools) -> "Measured":
        """Return some of the points."""
        return Measured(*(getattr(self, one.name)[chosen] for one in fields(self)))

    def of(self, family: int, benchmark: int) -> "Measured":
        """Return the points of one curve."""
        return self.where((self.family == family) & (self.benchmark == benchmark))

    def split(self, group: Ints, groups: int, x: str, ratio: float | None = None) -> list[Dots]:
        """Return the accuracies of each of some groups as `against` does; those of group -1 are left out."""
        return [self.where(group == i).against(x, ratio) for i in range(groups)]

    def against(self, x: str, ratio: float | None = None) -> Dots:
        """Return the accuracies against "flops", "params" or "k"; hollow more than a factor 2 from a curve's ratio."""
        other = np.zeros(len(self), bool)
        if ratio is not None:
            other = np.abs(np.log(self.ratio / ratio)) > np.log(_OTHER_RATIO)
        return Dots(getattr(self, x), self.accuracy, other, self.run)


_NO_CODES, _NO_VALUES = np.empty(0, np.int64), np.empty(0)
NOTHING = Measured(
    family=_NO_CODES,
    benchmark=_NO_CODES,
    unit=_NO_CODES,
    flops=_NO_VALUES,
    params=_NO_VALUES,
    ratio=_NO_VALUES,
    k=_NO_VALUES,
    n_samples=_NO_VALUES,
    accuracy=_NO_VALUES,
    run=np.empty(0, object),
)


def measured(fit: Fit, k: Sequence[int] | None = None) -> Measured:
    """Return the fitted scores or rates.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    k : sequence of int, optional
        Of rates, those at these k alone. By default all; of counts, those at powers of two.

    Returns
    -------
    Measured
        In the order of the table.
    """
    return _points(fit.reference, fit.fitted.runs.frame, fit.fitted.observed, k)


def held_out_points(fit: Fit, held_out: Runs | None, k: Sequence[int] | None = None) -> Measured:
    """Return the scores or rates of runs that were not fitted; none where there are no such runs.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    held_out : Runs or None
        Scored runs.
    k : sequence of int, optional
        As of `measured`.

    Returns
    -------
    Measured
        In the order of the table.

    Raises
    ------
    ValueError
        Where the runs have no scores, a label that was not fitted, or a k that the law does not describe; and where
        rows were fitted.
    """
    if held_out is None:
        return NOTHING
    check_held_out(fit.fitted.runs, held_out)
    frame = held_out.frame
    if "accuracy" not in frame and (not fit.law.takes_attempts or "n_correct" not in frame):
        raise ValueError("the held-out runs have no accuracy column; expected scored runs, not planned ones")
    if "accuracy" in frame and "n_correct" not in frame:
        frame = frame[frame["accuracy"].notna()]  # a run whose loss alone is known has no point
    check_labels(fit.reference, frame, fit.reference.encode(frame))
    if not fit.law.takes_attempts:
        check_attempts(fit.law, frame)
    return _points(fit.reference, frame, observe(fit.law, frame), k)


def _points(reference: Reference, frame: pd.DataFrame, observed: Observed, k: Sequence[int] | None) -> Measured:
    if isinstance(observed, Scores):
        ones = np.ones(len(frame))
        return _encoded(reference, frame, np.arange(len(frame)), ones, ones, observed.values)
    sets = of_attempts(observed).sets
    unit, attempts, n, rate = (
        _rates_of_counts(sets, k) if sets.counts else (sets.of_row, sets.k, sets.n_samples, sets.rate)
    )
    found = _encoded(reference, sets.frame, unit, attempts, n, rate)
    return found if k is None else found.where(np.isin(found.k, k))


def _encoded(reference: Reference, frame: pd.DataFrame, unit: Ints, k: Floats, n: Floats, accuracy: Floats) -> Measured:
    rows = reference.encode(frame)
    flops, params, ratio = (
        np.exp(logs) for logs in (rows.log_flops, rows.log_params, rows.log_tokens - rows.log_params)
    )
    runs = frame["run"].to_numpy(object)[unit]
    return Measured(
        rows.family[unit], rows.benchmark[unit], unit, flops[unit], params[unit], ratio[unit], k, n, accuracy, runs
    )


def _rates_of_counts(sets: SampleSets, k: Sequence[int] | None) -> tuple[Ints, Floats, Floats, Floats]:
    """Set, k, attempts and unbiased rate of each point, at the given k as far as a set has the attempts."""
    points = []
    for s, rows in enumerate(sets.members):
        n, c = sets.n_samples[rows], sets.n_correct[rows]
        at = powers_up_to(n) if k is None else np.array([attempts for attempts in k if attempts <= n.min()], float)
        points += [(s, attempts, np.median(n), rate) for attempts, rate in zip(at, mean_rates(n, c, at), strict=True)]
    unit, attempts, n, rate = np.array(points, float).reshape(-1, 4).T
    return unit.astype(np.int64), attempts, n, rate


def sampling_sd(fit: Fit, points: Measured) -> Floats:
    """Standard deviation that the sampling of items, and of attempts at them, gives fitted points.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    points : Measured
        Of `measured`.

    Returns
    -------
    array, shape (points,)
        Of a score the binomial's, times the fitted dispersion; of a rate that of problems and attempts together, at the
        smooth curve of its set. Where the number of items is unknown, it is the fitted one.
    """
    draws = flat_draws(fit.posterior)
    n_items = fit.rows.n_items
    if "items" in draws:
        n_items = np.where(np.isnan(n_items), np.median(draws["items"], axis=0)[fit.rows.benchmark], n_items)
    if isinstance(fit.fitted.observed, Scores):
        binomial = points.accuracy * (1 - points.accuracy) / n_items[points.unit]
        return float(np.median(draws["dispersion"])) * np.sqrt(binomial)
    observed = of_attempts(fit.fitted)
    counts = isinstance(observed, Counts)
    factors = [1.0 if counts else float(np.median(draws[name])) for name in observed.law.noise]
    sd = np.empty(len(points))
    for i, s in enumerate(points.unit):
        failure, k = observed.sets.failure(s), points.k[[i]]
        parts = point_covariances(failure, k, points.n_samples[[i]], float(n_items[s]))
        variance = sum(factor**2 * part[0, 0] for factor, part in zip(factors, parts, strict=True))
        sd[i] = np.sqrt(variance) / hazard_slope(1 - failure(k))[0]
    return sd
