"""What was observed, and how likely it is: single scores, losses, rates at several k, or counts of each problem.

Written for PyTensor variables and for NumPy draws alike, so that the sampled graph and the stored log likelihood share
it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..forecasting.prediction import fitted_curve, fitted_moments
from ..laws.base import Law
from ..laws.pass_at_k import PassAtKLaw, beta_shapes
from ..laws.two_stage import LossLaw, TwoStageLaw
from ..runs.table import Runs
from .attempts.sets import SampleSets, collect_sets
from .deviation import covariance_root
from .noise import DEGREES_OF_FREEDOM, log_density, standard_noise
from .reference import Reference, Rows, fitted_rows
from .response import negative_log_q

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = Any  # a NumPy array or a PyTensor variable

#: Error of a published loss (log loss), which keeps the scatter about a law off 0.
LOSS_ERROR = 0.001


@dataclass(frozen=True)
class _Rows:
    """One normal value a row.

    Attributes
    ----------
    law : Law
        The law that is to explain them.
    values : array, shape (rows,)
        What the likelihood is of.
    """

    law: Law
    values: Floats

    unit = "observation"

    @property
    def constants(self) -> dict[str, tuple[str, Floats]]:
        """What is to be kept with a fit, with its dimension."""
        return {}

    def moments(self, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
        """Mean and spread of `values`, shape (..., rows)."""
        raise NotImplementedError

    def log_likelihood(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Log density of each value, shape (..., rows)."""
        return log_density(self.values, *self.moments(reference, rows, named), self._degrees_of_freedom(named))

    def draw(self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator) -> Floats:
        """Draw values from the likelihood, shape (samples, rows)."""
        mean, sd = self.moments(reference, rows, named)
        return np.asarray(mean + sd * standard_noise(rng, np.shape(mean), self._degrees_of_freedom(named)))

    def _degrees_of_freedom(self, named: Mapping[str, Floats]) -> Floats | None:
        return named[DEGREES_OF_FREEDOM][..., None] if DEGREES_OF_FREEDOM in named else None


@dataclass(frozen=True)
class Scores(_Rows):
    """One measured score a row; the values are accuracies."""

    name = "accuracy"

    @property
    def measured(self) -> dict[str, Floats]:
        """What was measured, by name, each of shape (rows of the table,)."""
        return {"accuracy": self.values}

    def expected(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Expected accuracy of each score, shape (..., rows)."""
        return self.moments(reference, rows, named)[0]

    def moments(self, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
        """Mean and spread of `values`, shape (..., rows)."""
        return fitted_moments(self.law, reference, rows, named)

    def replicate(
        self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator
    ) -> Floats:
        """Draw scores of the same runs again, shape (..., rows)."""
        return np.clip(self.draw(reference, rows, named, rng), 0.0, 1.0)


@dataclass(frozen=True)
class Losses(_Rows):
    """One loss a row; the values are log losses."""

    name = "loss"

    @property
    def measured(self) -> dict[str, Floats]:
        """What was measured, by name, each of shape (rows of the table,)."""
        return {"loss": np.exp(self.values)}

    def expected(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Expected loss of each row, shape (..., rows)."""
        return np.exp(self.moments(reference, rows, named)[0])

    def moments(self, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
        """Mean and spread of `values`, shape (..., rows)."""
        curve, _ = fitted_curve(self.law, reference, rows, named)
        return curve.log_error, self.sd(rows, named) + 0.0 * curve.log_error

    def sd(self, rows: Rows, named: Mapping[str, Any]) -> Array:
        """Spread of a log loss about its curve and its run's effect, shape (..., rows)."""
        if "law_noise" not in named:
            return LOSS_ERROR
        return np.sqrt(LOSS_ERROR**2 + named["law_noise"][..., rows.benchmark] ** 2)

    def replicate(
        self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator
    ) -> Floats:
        """Draw losses of the same runs again, shape (..., rows)."""
        return np.exp(self.draw(reference, rows, named, rng))


@dataclass(frozen=True)
class _Attempts:
    """Sets of samples, as a law of attempts sees them.

    Attributes
    ----------
    law : PassAtKLaw
        The law that is to explain them.
    sets : SampleSets
        The sets.
    """

    law: PassAtKLaw
    sets: SampleSets

    unit = "set"

    @property
    def constants(self) -> dict[str, tuple[str, Floats]]:
        """What is to be kept with a fit, with its dimension."""
        smooth = {"smooth_log_error": self.sets.log_error, "smooth_log_bend": self.sets.log_bend}
        return {name: ("set", values) for name, values in smooth.items()}


@dataclass(frozen=True)
class Rates(_Attempts):
    """Rates of sets of samples at several k, each set's turned into independent values."""

    name = "accuracy"

    @property
    def measured(self) -> dict[str, Floats]:
        """What was measured, by name, each of shape (rows of the table,)."""
        return {"accuracy": self.sets.rate, "k": self.sets.k}

    def expected(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Expected rate of each row, shape (..., rows of the table)."""
        hazard = hazard_at(self.law, reference, rows, named, self.sets.of_row, self.sets.k)
        return -np.expm1(-np.exp(hazard))

    @cached_property
    def _rotation(self) -> tuple[Floats, Ints, Floats, Ints]:
        """Coefficients and positions of the rows that make up each value; its variance from problems, and its set."""
        widest = max(len(rows) for rows in self.sets.members)
        of_set = np.repeat(np.arange(len(self.sets)), [len(rotation.problems) for rotation in self.sets.rotations])
        table, index = np.zeros((len(of_set), widest)), np.zeros((len(of_set), widest), np.int64)
        for s, (rows, rotation) in enumerate(zip(self.sets.members, self.sets.rotations, strict=True)):
            table[of_set == s, : len(rows)] = rotation.matrix
            index[of_set == s, : len(rows)] = rows
        return table, index, np.concatenate([rotation.problems for rotation in self.sets.rotations]), of_set

    def rotate(self, hazard: Array) -> Array:
        """Turn ``log(-log(1 - rate))`` of the rows into the independent values of their sets, along the last axis."""
        table, index, _, _ = self._rotation
        return (table * hazard[..., index]).sum(axis=-1)

    @cached_property
    def values(self) -> Floats:
        """Independent values of the measured rates, shape (values,)."""
        return self.rotate(self.sets.response)

    def moments(self, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
        """Mean and spread of `values`, each of shape (..., values)."""
        hazard = hazard_at(self.law, reference, rows, named, self.sets.of_row, self.sets.k)
        return self.rotate(hazard), self.sd(rows, named)

    def draw(self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator) -> Floats:
        """Draw values from the likelihood, shape (samples, values)."""
        return np.asarray(rng.normal(*self.moments(reference, rows, named)))

    def sd(self, rows: Rows, named: Mapping[str, Any]) -> Array:
        """Spread of `values`, shape (..., values)."""
        _, _, problems, of_set = self._rotation
        attempts, of_problems = (named[name][..., None] for name in self.law.noise)
        sd = np.sqrt(attempts**2 + of_problems**2 * problems)
        return sd * np.sqrt(self._item_factor(rows, named))[..., of_set]

    def _item_factor(self, rows: Rows, named: Mapping[str, Any]) -> Array:
        """Corrects the variances of sets whose number of problems is unknown: they were made with an assumed one."""
        if "items" not in named:
            return np.ones(len(self.sets))
        unknown = np.isnan(rows.n_items)
        return self.sets.items * unknown / named["items"][..., rows.benchmark] + ~unknown

    def replicate(
        self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator
    ) -> Floats:
        """Draw rates of the same runs from other problems and attempts, shape (..., rows of the table)."""
        hazard = hazard_at(self.law, reference, rows, named, self.sets.of_row, self.sets.k)
        attempts, of_problems = (named[name][..., None] for name in self.law.noise)
        scale = np.sqrt(self._item_factor(rows, named))
        for s, members in enumerate(self.sets.members):
            roots = [covariance_root(part) for part in self.sets.covariances(s)]
            noise = [rng.standard_normal((*hazard.shape[:-1], len(members))) @ root.T for root in roots]
            hazard[..., members] += scale[..., s : s + 1] * (attempts * noise[0] + of_problems * noise[1])
        return -np.expm1(-np.exp(hazard))

    def log_likelihood(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Log density of the independent values of each set, together, shape (..., sets)."""
        terms = log_density(self.values, *self.moments(reference, rows, named))
        return _sum_by_set(terms, self._rotation[3], len(self.sets))


@dataclass(frozen=True)
class Counts(_Attempts):
    """Right attempts at each problem, equal ones of a set once."""

    name = "n_correct"

    @property
    def measured(self) -> dict[str, Floats]:
        """What was measured, by name, each of shape (rows of the table,)."""
        return {"n_correct": self.sets.n_correct, "n_samples": self.sets.n_samples}

    def expected(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Expected pass@1 of each set, shape (..., sets)."""
        return np.exp(-set_curves(self.law, reference, rows, named)[0])

    @cached_property
    def _unique(self) -> tuple[Ints, Floats, Floats, Floats]:
        """Set, attempts and right attempts of each different count, and how many problems have it."""
        rows = np.c_[self.sets.of_row, self.sets.n_samples, self.sets.n_correct]
        unique, times = np.unique(rows, axis=0, return_counts=True)
        return unique[:, 0].astype(np.int64), unique[:, 1], unique[:, 2], times.astype(float)

    def terms(
        self,
        reference: Reference,
        rows: Rows,
        named: Mapping[str, Any],
        log_gamma: Callable[[Array], Array],
    ) -> Array:
        """Beta-binomial log probability of each different count, times how many problems have it.

        Parameters
        ----------
        reference, rows, named
            As of `fitted_moments`.
        log_gamma : callable
            Log of the gamma function, of SciPy or PyTensor.
        """
        of_set, n, c, times = self._unique
        a, b = set_shapes(self.law, reference, rows, named)
        constant = log_gamma(a + b) - log_gamma(a) - log_gamma(b)
        a, b, constant = a[..., of_set], b[..., of_set], constant[..., of_set]
        return times * (log_gamma(a + c) + log_gamma(b + n - c) - log_gamma(a + b + n) + constant + self._choices)

    @cached_property
    def _choices(self) -> Floats:
        from scipy.special import gammaln

        _, n, c, _ = self._unique
        return gammaln(n + 1) - gammaln(c + 1) - gammaln(n - c + 1)

    def replicate(
        self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator
    ) -> Floats:
        """Draw right attempts of the same runs at other problems, shape (..., rows of the table)."""
        a, b = (shape[..., self.sets.of_row] for shape in set_shapes(self.law, reference, rows, named))
        return rng.binomial(self.sets.n_samples.astype(np.int64), rng.beta(a, b)).astype(float)

    def log_likelihood(self, reference: Reference, rows: Rows, named: Mapping[str, Floats]) -> Floats:
        """Log probability of each set's counts, shape (..., sets)."""
        from scipy.special import gammaln

        terms = self.terms(reference, rows, named, gammaln)
        return _sum_by_set(terms, self._unique[0], len(self.sets))


Observed = Scores | Losses | Rates | Counts


def observe(law: Law, frame: pd.DataFrame, smooth: tuple[Floats, Floats] | None = None) -> Observed:
    """What a law sees in the rows of a table.

    Parameters
    ----------
    law : Law
        The law.
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`.
    smooth : (array, array), optional
        Smooth curves of the sets of samples, kept from the fit (`Rates.constants`).

    Returns
    -------
    Scores, Losses, Rates or Counts
        Of a law of attempts, counts where the table has them and the law's form takes them.
    """
    if isinstance(law, LossLaw):
        return Losses(law, np.log(frame["loss"].to_numpy(float)))
    if not isinstance(law, PassAtKLaw):
        return Scores(law, frame["accuracy"].to_numpy(float))
    sets = collect_sets(frame, to_rates=law.form == "log-linear", smooth=smooth)
    return Counts(law, sets) if sets.counts else Rates(law, sets)


@dataclass(frozen=True)
class FittedTable:
    """A table as a fit sees it.

    Attributes
    ----------
    runs : Runs
        The table.
    reference : Reference
        What was read off it.
    rows : Rows
        Its rows in the reference's codes; of attempts one a set of samples.
    observed : Scores, Losses, Rates or Counts
        What was measured.
    stage_one : FittedTable or None
        Of a two-stage law: the table of the losses.
    """

    runs: Runs
    reference: Reference
    rows: Rows
    observed: Observed
    stage_one: "FittedTable | None" = None


def of_attempts(fitted: FittedTable | Observed) -> Rates | Counts:
    """Rates or counts of a table that a law of attempts was fitted to."""
    observed = fitted.observed if isinstance(fitted, FittedTable) else fitted
    if not isinstance(observed, Rates | Counts):
        raise TypeError(f"the table holds {observed.law.observes}, not attempts")
    return observed


def encode_fitted(reference: Reference, frame: pd.DataFrame, observed: Observed) -> Rows:
    """Rows of a fitted table in the reference's codes; of attempts one a set."""
    if isinstance(observed, Rates | Counts):
        return reference.encode(observed.sets.frame)
    rows = fitted_rows(reference, frame)
    if isinstance(observed.law, TwoStageLaw):
        log_loss = np.log(frame[observed.law.loss].to_numpy(float))
        return replace(rows, log_proxy=reference.loss_index(log_loss, rows.benchmark))
    return rows


def set_curves(
    law: PassAtKLaw, reference: Reference, rows: Rows, named: Mapping[str, Any]
) -> tuple[Array, Array, dict[str, Array]]:
    """Error at k = 1 of each fitted set, what its run has of its own in k, and the coefficients, shape (..., sets)."""
    curve, at = fitted_curve(law, reference, rows, named)
    log_error = curve.log_error + named.get("set_effect", 0.0)
    effect = named["set_effect_in_k"] if "set_effect_in_k" in named else 0.0 * log_error
    return negative_log_q(log_error, curve.ceiling, curve.share), effect, at


def set_shapes(law: PassAtKLaw, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
    """Shapes of the beta distribution of success rates of each fitted set (`beta_shapes`), shape (..., sets)."""
    error, effect, at = set_curves(law, reference, rows, named)
    return beta_shapes(error, law.log_bend(error, effect, at))


def hazard_at(
    law: PassAtKLaw, reference: Reference, rows: Rows, named: Mapping[str, Any], of_point: Ints, k: Floats
) -> Array:
    """``log(-log(1 - pass@k))`` of fitted sets at points: their sets and attempts, each shape (points,)."""
    error, effect, at = set_curves(law, reference, rows, named)
    x = rows.log_flops - reference.centre_of("flops", rows.benchmark)
    own = {name: value[..., of_point] for name, value in at.items()}
    return law.log_hazard(x[of_point], k, error[..., of_point], effect[..., of_point], own)


def _sum_by_set(terms: Floats, of_set: Ints, n_sets: int) -> Floats:
    return terms @ (of_set[:, None] == np.arange(n_sets)).astype(float)
