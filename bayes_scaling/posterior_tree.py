"""From a sampler's vectors to the tree of a fit: named parameters with dims and labels, and everything beside them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .diagnosing import diagnose
from .hierarchy import unpack
from .prediction import fitted_moments
from .reference import Reference, Rows
from .specification import Specification

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

_SAMPLES = ("chain", "draw")
_OF_BENCHMARKS = frozenset({"ceiling", "law_noise", "items"})
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
    expected, sd = fitted_moments(spec.law, spec.reference, spec.rows, named)
    posterior = _posterior(spec.reference, named)
    observation = observation_coords(spec.reference, spec.rows)
    constant = {name: ("observation", getattr(spec.rows, name)) for name in ("log_flops", "n_items", "chance", "floor")}
    likelihood = -0.5 * ((spec.accuracy - expected) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
    of_rows = (*_SAMPLES, "observation")
    sample_coords = {name: posterior[name].to_numpy() for name in _SAMPLES}
    checked = posterior.assign(expected=(of_rows, expected))
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "sample_stats": statistics[[name for name in _STATISTICS if name in statistics]],
            "observed_data": xr.Dataset({"accuracy": ("observation", spec.accuracy)}, coords=observation),
            "constant_data": xr.Dataset(constant, coords=observation),
            "log_likelihood": xr.Dataset({"accuracy": (of_rows, likelihood)}, coords={**sample_coords, **observation}),
            "diagnostics": diagnose(checked, statistics, deciding=_deciding(spec, checked)),
        }
    )


def observation_coords(reference: Reference, rows: Rows) -> dict[str, Any]:
    """Coordinates of the fitted rows: their position, benchmark, family and run."""
    return {
        "observation": np.arange(len(rows)),
        "benchmark": ("observation", np.array(reference.labels)[rows.benchmark]),
        "family": ("observation", np.array(reference.families)[rows.family]),
        "run": ("observation", np.array(reference.runs)[rows.run]),
    }


def _posterior(reference: Reference, named: Mapping[str, Floats]) -> "xr.Dataset":
    import xarray as xr

    dims = {name: _dims(name, value) for name, value in named.items()}
    dataset = xr.Dataset({name: ((*_SAMPLES, *dims[name]), value) for name, value in named.items()})
    coords: dict[str, Any] = {
        "benchmark": ("benchmark", np.array(reference.labels)),
        "family": ("family", np.array(reference.families)),
        "run": ("run", np.array(reference.runs)),
        "curve": ("curve", np.array(reference.curve_labels)),
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
    if name == "run_effect":
        return ("run",)
    if name.endswith("_deviation"):
        return (f"{name}_coefficient",)
    if name in _OF_BENCHMARKS or name.endswith("_benchmark"):
        return ("benchmark",)
    return ("family",) if name.endswith("_family") else ("curve",)


def _deciding(spec: Specification, checked: "xr.Dataset") -> set[str]:
    """Return what convergence is judged by: population, scales, the curves' coefficients, and the expected scores."""
    scalars = {str(name) for name, array in checked.items() if array.dims == _SAMPLES}
    return scalars | {coefficient.name for coefficient in spec.law.coefficients} | {"expected"}
