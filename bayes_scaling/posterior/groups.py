"""Groups of a fit's tree that follow from its fitted rows: what was measured, and how likely each draw makes it.

ArviZ works on whole groups: a posterior may bear no coordinate that only some of its variables have, and what was
observed no variable that cannot be replicated. What else is known of curves and rows stands in constant_data.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Ints
from ..model.observed import Fitted, Observed
from ..model.reference import Reference
from ..model.rows import Rows

if TYPE_CHECKING:
    import xarray as xr


_OF_ROWS = ("log_flops", "n_items", "chance", "floor")
_AT_A_TIME = 4_000_000  # terms of the log likelihood, so that what is computed on the way stays small


def observed_dataset(reference: Reference, rows: Rows, observed: Observed) -> "xr.Dataset":
    """Measured values of the table's rows, with their position, benchmark, family and run."""
    import xarray as xr

    coords = row_coords(reference, rows, "observation", observed.of_row)
    return xr.Dataset({observed.name: ("observation", observed.measured[observed.name])}, coords=coords)


def constant_dataset(reference: Reference, rows: Rows, observed: Observed) -> "xr.Dataset":
    """What is known of the fitted rows, of the attempts at each of them, and of the curves.

    Parameters
    ----------
    reference : Reference
        What was read off the table.
    rows : Rows
        Its rows in the reference's codes; of attempts one a set of samples.
    observed : Observed
        What was measured.

    Returns
    -------
    xarray.Dataset
        Along observations or sets with their benchmark, family and run: budget, number of items, chance and floor;
        along observations: ``k``, or ``n_samples``; along curves: ``curve_family`` and ``curve_benchmark``.
    """
    import xarray as xr

    of_rows = {name: (observed.unit, getattr(rows, name)) for name in _OF_ROWS}
    attempts = {name: ("observation", array) for name, array in observed.measured.items() if name != observed.name}
    of_curves = {
        "curve_family": ("curve", np.array(reference.families)[list(reference.curve_family)]),
        "curve_benchmark": ("curve", np.array(reference.labels)[list(reference.curve_benchmark)]),
    }
    coords = row_coords(reference, rows, observed.unit) | {"curve": np.array(reference.curve_labels)}
    return xr.Dataset({**of_rows, **observed.constants, **attempts, **of_curves}, coords=coords)


def log_likelihood_dataset(fitted: Fitted, posterior: "xr.Dataset") -> "xr.Dataset":
    """Log likelihood of each observation or set under each draw, dims (chain, draw, unit).

    Parameters
    ----------
    fitted : Fitted
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
