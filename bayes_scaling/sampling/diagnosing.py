"""Convergence diagnostics of posterior draws."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from .mixing import mixing

if TYPE_CHECKING:
    import xarray as xr


_SAMPLES = ("chain", "draw")
_ROUNDING = 1e-12


def diagnose(posterior: "xr.Dataset", statistics: "xr.Dataset", deciding: set[str]) -> "xr.Dataset":
    """R-hat, ESS, divergences and E-BFMI, each parameter by the worst of its entries.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws, dims (chain, draw, ...). Constant parameters are left out.
    statistics : xarray.Dataset
        The sampler's ``diverging``, dims (chain, draw), and its ``e_bfmi``, the smallest over chains.
    deciding : set of str
        Parameters by which convergence is judged.

    Returns
    -------
    xarray.Dataset
        Dim parameter, the last of them "sampler"; the columns of `Fit.diagnostics`.
    """
    import pandas as pd

    rows = [
        _row(array) | {"decides": str(name) in deciding}
        for name, array in posterior.items()
        if varies(array.to_numpy())
    ]
    sampler = {
        "parameter": "sampler",
        "worst": "",
        "decides": False,
        "divergences": float(statistics["diverging"].sum()),
        "e_bfmi": float(statistics["e_bfmi"]),
    }
    frame = pd.DataFrame([*rows, sampler]).set_index("parameter")
    return frame.astype({"decides": np.int8}).to_xarray()


def varies(draws: Floats) -> bool:
    """Whether a parameter varies; one that is fixed differs from draw to draw by rounding at most."""
    return float(np.fmax.reduce(draws, axis=None) - np.fmin.reduce(draws, axis=None)) > _ROUNDING


def _row(array: "xr.DataArray") -> dict[str, Any]:
    """R-hat and ESS of a parameter's worst entries."""
    draws = array.to_numpy()
    found = mixing(draws.reshape(*draws.shape[:2], -1))
    return {
        "parameter": str(array.name),
        "r_hat": float(np.fmax.reduce(found.r_hat)),  # which leaves out entries that never vary
        "ess_bulk": float(np.fmin.reduce(found.ess_bulk)),
        "ess_tail": float(np.fmin.reduce(found.ess_tail)),
        "worst": _worst_entry(array, found.ess_bulk),
    }


def _worst_entry(array: "xr.DataArray", ess: Floats) -> str:
    """Label of the entry with the smallest ESS."""
    if array.ndim == len(_SAMPLES):
        return str(array.name)
    dim = array.dims[-1]
    at = int(ess.argmin())
    return str(array[dim].to_numpy()[at]) if dim in array.coords else str(at)
