"""Likelihoods of scores of one attempt, and of losses.

Written for PyTensor variables and for NumPy draws alike, so that the sampled graph and the stored log likelihood share
it; so are those of several attempts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, Floats, Ints
from ..laws.base import Law
from ..laws.surroundings import DEGREES_OF_FREEDOM
from .curve import fitted_curve, fitted_moments, new_scatter
from .noise import log_density, standard_noise
from .reference import Reference
from .rows import Rows

#: Error of a published loss (log loss), which keeps the scatter about a law off 0.
LOSS_ERROR = 0.001


@dataclass(frozen=True)
class ScoredRows:
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

    @property
    def of_row(self) -> Ints:
        """Which encoded row each row of the table belongs to: its own."""
        return np.arange(len(self.values))

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
class Scores(ScoredRows):
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
class Losses(ScoredRows):
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
        return np.sqrt(LOSS_ERROR**2 + new_scatter(rows, named) ** 2)

    def replicate(
        self, reference: Reference, rows: Rows, named: Mapping[str, Floats], rng: np.random.Generator
    ) -> Floats:
        """Draw losses of the same runs again, shape (..., rows)."""
        return np.exp(self.draw(reference, rows, named, rng))
