"""From a sampler's vectors to the tree of a fit: named parameters with dims and labels, and everything beside them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats, Ints
from ..model.attempts.likelihood import Rates
from ..model.pooling import unpack
from ..model.reference import Reference
from ..model.rows import Rows
from ..model.scores import Losses, Scores
from ..model.specification import Specification
from ..posterior.groups import constant_dataset, observed_dataset
from .diagnosing import diagnose, varies
from .trace import STATISTICS

if TYPE_CHECKING:
    import xarray as xr


_SAMPLES = ("chain", "draw")
_OF_BENCHMARKS = frozenset({"ceiling", "law_noise", "chance_jitter", "items", "annealing"})


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
        Groups posterior, sample_stats, observed_data, constant_data and diagnostics (`Fit.stored`).
    """
    import xarray as xr

    named = _named(spec, vectors)
    observed, rows = spec.observed, spec.rows
    posterior = _posterior(spec.reference, named, rows)
    checked = posterior.assign(expected=((*_SAMPLES, "expected_at"), _expected(spec, named)))
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "sample_stats": statistics[[name for name in STATISTICS if name in statistics]],
            "observed_data": observed_dataset(spec.reference, rows, observed),
            "constant_data": constant_dataset(spec.reference, rows, observed),
            "diagnostics": diagnose(checked, statistics, deciding=_deciding(spec, checked)),
        }
    )


def deciding_parts(spec: Specification, vectors: Mapping[str, Floats]) -> Iterator[Floats]:
    """What convergence is judged by: populations and scales, curves' coefficients, expected scores.

    Parameters
    ----------
    spec : Specification
        What is fitted.
    vectors : mapping of str to array
        Draws of the model's free variables, shape (chain, draw, ...).

    Yields
    ------
    array, shape (chain, draw, entries)
        One part after the other, the quickest first; what never varies is left out.
    """
    named = _named(spec, vectors)
    scalars = [value[..., None] for value in named.values() if value.ndim == len(_SAMPLES)]
    yield np.concatenate([value for value in scalars if varies(value)], axis=-1)
    for coefficient in spec.law.coefficients:
        if varies(value := named[coefficient.name]):
            yield value
    yield _expected(spec, named)


def _named(spec: Specification, vectors: Mapping[str, Floats]) -> dict[str, Floats]:
    return unpack(spec.law, spec.reference, spec.layout, vectors)


def _expected(spec: Specification, named: Mapping[str, Floats]) -> Floats:
    """Expected scores that stand for all of them, shape (chain, draw, chosen)."""
    observed, rows = spec.observed, spec.rows
    chosen = telling_rows(rows)
    if isinstance(observed, Scores | Losses):
        return observed.expected(spec.reference, rows.take(chosen), named)
    expected = observed.expected(spec.reference, rows, named)
    of_set = observed.sets.of_row if isinstance(observed, Rates) else np.arange(len(rows))
    return expected[..., np.isin(of_set, chosen)]


def telling_rows(rows: Rows) -> Ints:
    """Rows of the lowest, a middle and the highest budget of each curve, and one of each run that has none of them.

    What a curve expects follows from few numbers, which a few of its points stand for.
    """
    order = np.lexsort((rows.log_flops, rows.curve))
    first = np.flatnonzero(np.diff(rows.curve[order], prepend=-1))
    last = np.append(first[1:], len(order)) - 1
    of_curves = order[np.concatenate([first, (first + last) // 2, last])]
    runs, of_run = np.unique(rows.run, return_index=True)
    others = of_run[~np.isin(runs, rows.run[of_curves])]
    return np.unique(np.concatenate([of_curves, others]))


def _posterior(reference: Reference, named: Mapping[str, Floats], rows: Rows) -> "xr.Dataset":
    import xarray as xr

    dims = {name: _dims(name, value) for name, value in named.items()}
    dataset = xr.Dataset({name: ((*_SAMPLES, *dims[name]), value) for name, value in named.items()})
    coords: dict[str, Any] = {
        "benchmark": np.array(reference.labels),
        "family": np.array(reference.families),
        "run": np.array(reference.runs),
        "curve": np.array(reference.curve_labels),
        "set": np.arange(len(rows)),
        "series": np.array(reference.series_labels),
    }
    dataset = dataset.assign_coords({name: coord for name, coord in coords.items() if name in dataset.dims})
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
    if name == "series_luck":
        return ("series",)
    if name == "sampling_effect":
        return ("way",)
    if name.endswith("_deviation"):
        return (f"{name}_coefficient",)
    if name in _OF_BENCHMARKS or name.endswith("_benchmark"):
        return ("benchmark",)
    return ("family",) if name.endswith("_family") else ("curve",)


def _deciding(spec: Specification, checked: "xr.Dataset") -> set[str]:
    """Return what convergence is judged by: population, scales, the curves' coefficients, and the expected scores."""
    scalars = {str(name) for name, array in checked.items() if array.dims == _SAMPLES}
    return scalars | {coefficient.name for coefficient in spec.law.coefficients} | {"expected"}
