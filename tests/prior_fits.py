"""Fits without sampling: real `Fit` values whose draws are the prior's, for tests of shapes, labels and plumbing."""

import numpy as np
import xarray as xr

import bayes_scaling as bs
from bayes_scaling.model.pooling import prior_vectors
from bayes_scaling.model.specification import Specification, specify
from bayes_scaling.sampling.tree import make_tree


def prior_fit(law: bs.DirectLaw, runs: bs.Runs, *, draws: int = 500, divergent: int = 0) -> bs.Fit:
    """Fit whose two chains of `draws` draws come from the prior, with some of them marked divergent."""
    return _prior_fit(specify(law, runs), runs, draws, divergent)


def _prior_fit(spec: Specification, runs: bs.Runs, draws: int, divergent: int) -> bs.Fit:
    one = spec.stage_one
    stage_one = None if one is None else _prior_fit(one, one.runs, draws, divergent)
    rng = np.random.default_rng(1)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, 2 * draws)
    vectors = {name: value.reshape(2, draws, *value.shape[1:]) for name, value in vectors.items()}
    diverging = (np.arange(2 * draws) < divergent).reshape(2, draws)
    statistics = xr.Dataset({"diverging": (("chain", "draw"), diverging), "e_bfmi": 0.9})
    tree = make_tree(spec, vectors, statistics)
    return bs.Fit(spec.law, runs, spec.fitted, tree, {"random_seed": 1}, stage_one)
