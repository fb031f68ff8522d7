"""Draws of a posterior or a prior by the names of their parameters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..laws.base import Law
from ..laws.surroundings import DEGREES_OF_FREEDOM
from ..model.noise import standard_noise

if TYPE_CHECKING:
    import xarray as xr


class Draws:
    """Posterior (or prior) draws by name, with the prior standing in for a scale that the data could not inform.

    Those of a two-stage law hold the draws of its stage one beside them.
    """

    def __init__(
        self, law: Law, values: Mapping[str, Floats], rng: np.random.Generator, stage_one: "Draws | None" = None
    ) -> None:
        self.law = law
        self.values = values
        self.rng = rng
        self.stage_one = stage_one
        self.size = len(next(iter(values.values())))

    def scale(self, name: str) -> Floats:
        """Draws of a scalar, shape (samples,); from the prior where the fit has none."""
        if name in self.values:
            return self.values[name]
        drawn = self.law.prior_of(name).sample(self.rng, self.size)
        self.values = {**self.values, name: drawn}
        return drawn

    def every(self, step: int) -> "Draws":
        """Return one of `step` draws."""
        stage_one = None if self.stage_one is None else self.stage_one.every(step)
        return Draws(self.law, {name: value[::step] for name, value in self.values.items()}, self.rng, stage_one)

    def normal(self, *shape: int) -> Floats:
        """Standard normal draws, shape (samples, *shape)."""
        return self.rng.standard_normal((self.size, *shape))

    def noise(self, size: int) -> Floats:
        """Draws of scale 1 with the tails of the law's noise, shape (samples, size)."""
        if self.law.leaves_out(DEGREES_OF_FREEDOM):
            return self.normal(size)
        return standard_noise(self.rng, (self.size, size), self.scale(DEGREES_OF_FREEDOM)[:, None])


def flat_draws(posterior: "xr.Dataset") -> dict[str, Any]:
    """Draws of every parameter with chain and draw flattened, shape (samples, ...).

    Contiguous, whatever they were: matrix products round differently on strided arrays, and a loaded fit must forecast
    the same numbers as the one that was saved.
    """
    return {
        str(name): np.ascontiguousarray(array.to_numpy().reshape(-1, *array.shape[2:]))
        for name, array in posterior.data_vars.items()
    }
