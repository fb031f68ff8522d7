"""From a sampler's vectors to the tree of a fit: named parameters with dims and labels, and everything beside them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .diagnosing import diagnose
from .hierarchy import unpack
from .likelihood import Counts, Observed, Rates
from .reference import Reference, Rows
from .specification import Specification

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SAMPLES = ("chain", "draw")
_OF_BENCHMARKS = frozenset({"ceiling", "law_noise", "items"})
_OF_ROWS = ("log_flops", "n_items", "chance", "floor")
_STATISTICS = ("diverging", "energy", "depth", "n_steps", "step_size", "mean_tree_accept", "logp")


def make_tree(spec: Specification, vectors: Mapping[str, Floats], statistics: "xr.Dataset") -> "xr.DataTree":
    """Assemble the tree of a fit.

    Parameters
    ----------
    spec : Specification
        What was fitted.
    vectors : mapping of str to array
        Draws of the model's free variables, shape (chain, draw, ...).
    statistics : xarray.Dataset
        The sampler's statistics, dims (chain, draw).

    Returns
    -------
    xarray.DataTree
        Groups posterior, sample_stats, observed_data, constant_data, log_likelihood and diagnostics.
    """
    import xarray as xr

    named = unpack(spec.law, spec.reference, spec.layout, vectors)
    observed, arguments = spec.observed, (spec.reference, spec.rows, named)
    posterior = _posterior(spec.reference, named, spec.rows)
    sample_coords = {name: posterior[name].to_numpy() for name in _SAMPLES}
    units = row_coords(spec.reference, spec.rows, observed.unit)
    of_units = (*_SAMPLES, observed.unit)
    likelihood = xr.Dataset(
        {observed.name: (of_units, observed.log_likelihood(*arguments))}, coords={**sample_coords, **units}
    )
    checked = posterior.assign(expected=((*_SAMPLES, "expected_at"), observed.expected(*arguments)))
    constant = {name: (observed.unit, getattr(spec.rows, name)) for name in _OF_ROWS} | observed.constants
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "sample_stats": statistics[[name for name in _STATISTICS if name in statistics]],
            "observed_data": observed_dataset(spec.reference, spec.rows, observed),
            "constant_data": xr.Dataset(constant, coords=units),
            "log_likelihood": likelihood,
            "diagnostics": diagnose(checked, statistics, deciding=_deciding(spec, checked)),
        }
    )


def observed_dataset(reference: Reference, rows: Rows, observed: Observed) -> "xr.Dataset":
    """Measured values of the table's rows, with their position, benchmark, family and run."""
    import xarray as xr

    of_set = observed.sets.of_row if isinstance(observed, Rates | Counts) else np.arange(len(rows))
    coords = row_coords(reference, rows, "observation", of_set)
    values = {name: ("observation", array) for name, array in observed.measured.items()}
    return xr.Dataset(values, coords=coords)


def row_coords(reference: Reference, rows: Rows, dim: str, chosen: Ints | None = None) -> dict[str, Any]:
    """Coordinates of fitted rows along a dimension: their position, benchmark, family and run."""
    at = np.arange(len(rows)) if chosen is None else chosen
    return {
        dim: np.arange(len(at)),
        "benchmark": (dim, np.array(reference.labels)[rows.benchmark[at]]),
        "family": (dim, np.array(reference.families)[rows.family[at]]),
        "run": (dim, np.array(reference.runs)[rows.run[at]]),
    }


def _posterior(reference: Reference, named: Mapping[str, Floats], rows: Rows) -> "xr.Dataset":
    import xarray as xr

    dims = {name: _dims(name, value) for name, value in named.items()}
    dataset = xr.Dataset({name: ((*_SAMPLES, *dims[name]), value) for name, value in named.items()})
    coords: dict[str, Any] = {
        "benchmark": ("benchmark", np.array(reference.labels)),
        "family": ("family", np.array(reference.families)),
        "run": ("run", np.array(reference.runs)),
        "curve": ("curve", np.array(reference.curve_labels)),
        "set": ("set", np.arange(len(rows))),
        "set_run": ("set", np.array(reference.runs)[rows.run]),
        "set_benchmark": ("set", np.array(reference.labels)[rows.benchmark]),
        "curve_family": ("curve", np.array(reference.families)[list(reference.curve_family)]),
        "curve_benchmark": ("curve", np.array(reference.labels)[list(reference.curve_benchmark)]),
    }
    dataset = dataset.assign_coords({name: coord for name, coord in coords.items() if coord[0] in dataset.dims})
    dataset = dataset.assign_coords({name: np.arange(dataset.sizes[name]) for name in _SAMPLES})
    return dataset.assign_attrs(creation_library="bayes_scaling", sample_dims=list(_SAMPLES))


def _dims(name: str, value: Floats) -> tuple[str, ...]:
    """Dimension of a named parameter beside the samples'."""
    if value.ndim == len(_SAMPLES):
        return ()
    if name in ("run_effect", "run_precision"):
        return ("run",)
    if name in ("set_effect", "set_effect_in_k"):
        return ("set",)
    if name.endswith("_deviation"):
        return (f"{name}_coefficient",)
    if name in _OF_BENCHMARKS or name.endswith("_benchmark"):
        return ("benchmark",)
    return ("family",) if name.endswith("_family") else ("curve",)


def _deciding(spec: Specification, checked: "xr.Dataset") -> set[str]:
    """Return what convergence is judged by: population, scales, the curves' coefficients, and the expected scores."""
    scalars = {str(name) for name, array in checked.items() if array.dims == _SAMPLES}
    return scalars | {coefficient.name for coefficient in spec.law.coefficients} | {"expected"}
