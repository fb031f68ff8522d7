"""Fits without sampling: real `Fit` values whose draws are the prior's, for tests of shapes, labels and plumbing."""

import numpy as np
import xarray as xr

import bayes_scaling as bs
from bayes_scaling.hierarchy import prior_vectors
from bayes_scaling.posterior_tree import make_tree
from bayes_scaling.specification import specify


def prior_fit(law: bs.DirectLaw, runs: bs.Runs, *, draws: int = 500, divergent: int = 0) -> bs.Fit:
    """Fit whose two chains of `draws` draws come from the prior, with some of them marked divergent."""
    spec = specify(law, runs)
    rng = np.random.default_rng(1)
    vectors = prior_vectors(law, spec.layout, spec.reference, rng, 2 * draws)
    vectors = {name: value.reshape(2, draws, *value.shape[1:]) for name, value in vectors.items()}
    diverging = (np.arange(2 * draws) < divergent).reshape(2, draws)
    statistics = xr.Dataset({"diverging": (("chain", "draw"), diverging), "e_bfmi": 0.9})
    return bs.Fit(law, runs, spec.reference, make_tree(spec, vectors, statistics), {"random_seed": 1})
