"""Convergence diagnostics of posterior draws, through ArviZ."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


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
    import arviz as az
    import pandas as pd

    # A fixed parameter differs from draw to draw by rounding at most; its R-hat would be a division by zero.
    varying = posterior[[name for name, array in posterior.items() if float(array.max() - array.min()) > 1e-12]]
    with np.errstate(divide="ignore", invalid="ignore"):  # an entry that never varies, such as a score at its floor
        r_hat, bulk, tail = az.rhat(varying), az.ess(varying, method="bulk"), az.ess(varying, method="tail")
    rows: list[dict[str, Any]] = [
        {
            "parameter": str(name),
            "r_hat": float(r_hat[name].max()),
            "ess_bulk": float(bulk[name].min()),
            "ess_tail": float(tail[name].min()),
            "worst": _worst_entry(bulk[name]),
            "decides": str(name) in deciding,
        }
        for name in varying
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


def _worst_entry(ess: "xr.DataArray") -> str:
    """Label of the entry with the smallest ESS."""
    if not ess.ndim:
        return str(ess.name)
    at = int(ess.to_numpy().argmin())
    dim = ess.dims[0]
    return str(ess[dim].to_numpy()[at]) if dim in ess.coords else str(at)
