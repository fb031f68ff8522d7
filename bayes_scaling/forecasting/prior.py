"""Forecasts of the prior alone, before any score is seen."""

import numpy as np

from ..checks import check_count
from ..laws.base import Law
from ..model.pooling import prior_vectors, unpack
from ..model.specification import Specification, as_read, specify
from ..posterior.draws import Draws
from ..runs.table import Runs
from .forecast import Forecast
from .from_fit import forecast_from
from .points import encode_points


def sample_prior(law: Law, runs: Runs, *, draws: int = 1000, random_seed: int | None = None) -> Forecast:
    """Draw what a law expects of runs before it sees their scores, given the Reference of the table.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        Scored runs; the scores are used for the Reference (floors, reference budgets) and for nothing else.
    draws : int
        Number of draws.
    random_seed : int, optional
        Seed.

    Returns
    -------
    Forecast
        Prior forecast at the rows of `runs`, in their order.
    """
    check_count("draws", draws, 1)
    spec = specify(law, runs)
    runs = as_read(law, runs)
    drawn = _prior_draws(spec, np.random.default_rng(random_seed), draws)
    points = encode_points(spec.reference, runs.frame)
    return forecast_from(drawn, spec.fitted, points, notes=("drawn from the prior",), condition=False)


def _prior_draws(spec: Specification, rng: np.random.Generator, size: int) -> Draws:
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, size)
    stage_one = None if spec.stage_one is None else _prior_draws(spec.stage_one, rng, size)
    return Draws(spec.law, unpack(spec.law, spec.reference, spec.layout, vectors), rng, stage_one)
