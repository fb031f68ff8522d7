"""The prior beside the posterior, in the same names, dims and labels, as ArviZ compares them."""

from typing import TYPE_CHECKING

import numpy as np

from ..laws.base import Law
from ..model.pooling import prior_vectors, unpack
from ..model.specification import specify
from ..runs.table import Runs

if TYPE_CHECKING:
    import xarray as xr


def prior_dataset(law: Law, runs: Runs, posterior: "xr.Dataset", draws: int, rng: np.random.Generator) -> "xr.Dataset":
    """Draw the parameters of a posterior from the prior, given the Reference of the table.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        The runs it was fitted on.
    posterior : xarray.Dataset
        Parameters whose dims and labels the draws get.
    draws : int
        How many, as one chain.
    rng : Generator
        Source of the draws.

    Returns
    -------
    xarray.Dataset
        Dims (chain, draw, ...).
    """
    import xarray as xr

    spec = specify(law, runs)
    named = unpack(law, spec.reference, spec.layout, prior_vectors(law, spec.layout, spec.reference, rng, draws))
    values = {
        str(name): (array.dims, named[str(name)][None])
        for name, array in posterior.items()
        if str(name) in named and named[str(name)].shape[1:] == array.shape[2:]
    }
    labels = {name: coord for name, coord in posterior.coords.items() if name not in ("chain", "draw")}
    coords = {"chain": np.arange(1), "draw": np.arange(draws), **labels}
    return xr.Dataset(values, coords=coords).assign_attrs(posterior.attrs)
