"""Groups of a fit's tree that follow from its fitted rows: what was measured, and how likely each draw makes it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .likelihood import Counts, FittedTable, Observed, Rates
from .reference import Reference, Rows

if TYPE_CHECKING:
    import xarray as xr

Ints = NDArray[np.int64]

_AT_A_TIME = 4_000_000  # terms of the log likelihood, so that what is computed on the way stays small


def observed_dataset(reference: Reference, rows: Rows, observed: Observed) -> "xr.Dataset":
    """Measured values of the table's rows, with their position, benchmark, family and run."""
    import xarray as xr

    of_set = observed.sets.of_row if isinstance(observed, Rates | Counts) else np.arange(len(rows))
    coords = row_coords(reference, rows, "observation", of_set)
    values = {name: ("observation", array) for name, array in observed.measured.items()}
    return xr.Dataset(values, coords=coords)


def log_likelihood_dataset(fitted: FittedTable, posterior: "xr.Dataset") -> "xr.Dataset":
    """Log likelihood of each observation or set under each draw, dims (chain, draw, unit).

    Parameters
    ----------
    fitted : FittedTable
        The table.
    posterior : xarray.Dataset
        Draws of every parameter, dims (chain, draw, ...).

    Returns
    -------
    xarray.Dataset
        One variable, named as what was observed.
    """
    import xarray as xr

    observed, reference, rows = fitted.observed, fitted.reference, fitted.rows
    draws = {str(name): array.to_numpy() for name, array in posterior.items()}
    step = max(1, _AT_A_TIME // (len(rows) * posterior.sizes["chain"]))
    parts = [
        observed.log_likelihood(reference, rows, {name: values[:, at : at + step] for name, values in draws.items()})
        for at in range(0, posterior.sizes["draw"], step)
    ]
    coords = {name: posterior[name].to_numpy() for name in ("chain", "draw")}
    return xr.Dataset(
        {observed.name: (("chain", "draw", observed.unit), np.concatenate(parts, axis=1))},
        coords={**coords, **row_coords(reference, rows, observed.unit)},
    )


def row_coords(reference: Reference, rows: Rows, dim: str, chosen: Ints | None = None) -> dict[str, Any]:
    """Coordinates of fitted rows along a dimension: their position, benchmark, family and run."""
    at = np.arange(len(rows)) if chosen is None else chosen
    return {
        dim: np.arange(len(at)),
        "benchmark": (dim, np.array(reference.labels)[rows.benchmark[at]]),
        "family": (dim, np.array(reference.families)[rows.family[at]]),
        "run": (dim, np.array(reference.runs)[rows.run[at]]),
    }
