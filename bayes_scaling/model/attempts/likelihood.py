"""Likelihoods of pass rates and of counts of several attempts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...arrays import Array, Floats, Ints
from ...laws.attempts import AttemptsLaw
from ...laws.hazards import beta_shapes, with_log_hazard_raised
from ..curve import deviation_table, fitted_curve, fitted_deviation
from ..deviation import covariance_root
from ..noise import log_density
from ..reference import Reference
from ..response import negative_log_q
from ..rows import Rows
from .sets import SampleSets


@dataclass(frozen=True)
class _Attempts:
    """Sets of samples, as a law of attempts sees them.

    Attributes
    ----------
    law : AttemptsLaw
        The law that is to explain them.
    sets : SampleSets
        The sets.
    """

    law: AttemptsLaw
    sets: SampleSets

    unit = "set"

    @property
    def of_row(self) -> Ints:
        """Which set each row of the table belongs to."""
        return self.sets.of_row

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
        hazard = self.hazard(reference, rows, named)
        return -np.expm1(-np.exp(hazard))

    def hazard(self, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> Array:
        """``log(-log(1 - rate))`` that is expected of each row and its set, shape (..., rows of the table)."""
        hazard = hazard_at(self.law, reference, rows, named, self.sets.of_row, self.sets.k, at_fitted_k=True)
        if "sampling_effect" not in named:
            return hazard
        of_way = self.sets.sampled[0]
        return hazard + named["sampling_effect"][..., np.maximum(of_way, 0)] * (of_way >= 0)

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
        hazard = self.hazard(reference, rows, named)
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
        hazard = self.hazard(reference, rows, named)
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


def set_curves(
    law: AttemptsLaw, reference: Reference, rows: Rows, named: Mapping[str, Any]
) -> tuple[Array, Array, dict[str, Array]]:
    """Error at k = 1 of each fitted set, what its run has of its own in k, and the coefficients, shape (..., sets)."""
    curve, at = fitted_curve(law, reference, rows, named)
    log_error = curve.log_error + named.get("set_effect", 0.0)
    error = negative_log_q(log_error, curve.ceiling, curve.share)
    if law.sharing("hazard_"):
        error = with_log_hazard_raised(error, fitted_deviation(reference, rows, named, "hazard_"))
    effect = fitted_deviation(reference, rows, named, "drift_") + named.get("set_effect_in_k", 0.0 * log_error)
    return error, effect, at


def set_shapes(law: AttemptsLaw, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Array, Array]:
    """Shapes of the beta distribution of success rates of each fitted set (`beta_shapes`), shape (..., sets)."""
    error, effect, at = set_curves(law, reference, rows, named)
    return beta_shapes(error, law.log_bend(error, effect, at))


def hazard_at(
    law: AttemptsLaw,
    reference: Reference,
    rows: Rows,
    named: Mapping[str, Any],
    of_point: Ints,
    k: Floats,
    *,
    at_fitted_k: bool = False,
) -> Array:
    """``log(-log(1 - pass@k))`` of fitted sets at points, (..., points): of their sets, (points,), and at k, (points,).

    Where all k are fitted ones, what the curves miss there is part of it.
    """
    error, effect, at = set_curves(law, reference, rows, named)
    x = rows.log_flops - reference.centre_of("flops", rows.benchmark)
    own = {name: value[..., of_point] for name, value in at.items()}
    missed = _missed(reference, rows, named, of_point, k) if at_fitted_k and "k_deviation" in named else 0.0
    return law.log_hazard(x[of_point], k, error[..., of_point], effect[..., of_point], own, missed)


def _missed(reference: Reference, rows: Rows, named: Mapping[str, Any], of_point: Ints, k: Floats) -> Array:
    """What the curves of fitted sets miss at fitted k, shape (..., points)."""
    table, index = deviation_table(reference.bases_in_k, rows.benchmark[of_point], np.log(k)[:, None])
    return named["k_amplitude"][..., None] * (table * named["k_deviation"][..., index]).sum(axis=-1)


def _sum_by_set(terms: Floats, of_set: Ints, n_sets: int) -> Floats:
    return terms @ (of_set[:, None] == np.arange(n_sets)).astype(float)
