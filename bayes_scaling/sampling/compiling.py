"""Compiled models: of one table, or to be used again for every table of the same shape.

A model is compiled with its table as constants, which samples fastest. To use it again, the constants are gathered in
two vectors of data, and nutpie's `with_data` puts those of another table of the same shape in their place.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import pytensor
from numpy.typing import NDArray
from pymc.model.fgraph import fgraph_from_model, model_from_fgraph
from pytensor.graph.basic import Constant
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.replace import clone_replace

from ..arrays import Floats
from ..model.specification import Specification
from .graph import build_model
from .lean_compiling import short_shape_errors
from .padding import Padded
from .starting import starting_vectors

_MOST_KEPT = 4
_TYPES = {"f": "float64", "i": "int64", "b": "int64"}  # of the vector that holds constants of a kind
_kept: "OrderedDict[tuple[Any, ...], _Kept]" = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class _Kept:
    """A compiled model without a table, and the names of its free variables on the sampler's scale."""

    compiled: Any
    names: tuple[str, ...]


def compile_model(spec: Specification, *, reuse: bool = False, padded: Padded | None = None) -> tuple[Any, bool]:
    """Compile the model of a specification, with chains that start at its rough fit.

    Populations and scales start around the rough fit's, no farther off than their priors are wide: a law that takes a
    coefficient far out may be off by orders of magnitude, from which few chains come back.

    Parameters
    ----------
    spec : Specification
        A law on a table of runs.
    reuse : bool
        Whether to take a model that this process compiled for a table of the same shape, and to keep it for the next.
        It takes the same steps whether it was there or not.
    padded : Padded, optional
        The specification filled up to the size of others, whose model can then be reused.

    Returns
    -------
    compiled : nutpie.CompiledModel
        The model.
    reused : bool
        Whether it had been compiled before.
    """
    if reuse:
        return _compile_open(spec, padded)
    vectors, reach = starting_vectors(spec), _reach(spec)
    start = {**vectors, "hyper": pm.Uniform.dist(vectors["hyper"] - reach, vectors["hyper"] + reach)}
    return _compile(build_model(spec), start), False


def _compile(model: pm.Model, start: dict[str, Any] | None = None) -> Any:
    # Fast maths take sums in one order where a part of the model is compiled, and in another where it comes from
    # PyTensor's cache on disk: the first fit on a machine would differ from the second.
    with pytensor.config.change_flags(numba__fastmath=False), short_shape_errors():
        return nutpie.compile_pymc_model(model, freeze_model=False, initial_points=start, jitter_rvs=set())


def _reach(spec: Specification) -> Floats:
    return np.minimum([hyper.sd for hyper in spec.layout.hypers], 1.0)


def _compile_open(spec: Specification, padded: Padded | None) -> tuple[Any, bool]:
    model = build_model(spec) if padded is None else build_model(padded.spec, padded.counts)
    graph, structure, data = _open_graph(model)
    with _lock:
        kept = _kept.pop(structure, None)
        reused = kept is not None
        if kept is None:
            model = model_from_fgraph(graph, mutate_fgraph=True)
            names = tuple(model.rvs_to_values[variable].name for variable in model.free_RVs)
            kept = _Kept(_compile(model), names)
        _kept[structure] = kept
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return replace(kept.compiled.with_data(**data), initial_point_func=_starts(spec, padded, kept.names)), reused


def _starts(spec: Specification, padded: Padded | None, names: tuple[str, ...]) -> Callable[[Any], Floats]:
    """Where a chain of a seed starts, free variables one after the other; ceilings at their population."""
    vectors, reach = starting_vectors(spec), _reach(spec)
    vectors["fold_log__"] = np.zeros(len(spec.reference.benchmarks))
    longest = spec if padded is None else padded.spec
    vectors["run_precision_log__"] = np.zeros(len(longest.reference.runs))
    if padded is not None:
        vectors["raw"] = padded.fill(vectors["raw"])

    def start(seed: Any = None) -> Floats:
        hyper = vectors["hyper"] + np.random.default_rng(seed).uniform(-reach, reach)
        return np.concatenate([hyper if name == "hyper" else vectors[name] for name in names])

    return start


def _open_graph(model: pm.Model) -> tuple[FunctionGraph, tuple[Any, ...], dict[str, NDArray[Any]]]:
    """A model's graph with data in place of its constant arrays, what tells it from others, and the data."""
    graph, _ = fgraph_from_model(model)
    position: dict[Any, tuple[Any, ...]] = {}
    constants: dict[Any, NDArray[Any]] = {}
    structure = []
    for number, node in enumerate(graph.toposort()):
        for variable in node.inputs:
            if variable in position:
                continue
            if not isinstance(variable, Constant):
                position[variable] = ("input", len(position), str(variable.type))
            elif (array := np.asarray(variable.data)).ndim and array.dtype.kind in _TYPES:
                position[variable] = ("data", len(position), str(array.dtype), array.shape)
                constants[variable] = array
            else:
                position[variable] = ("constant", str(array.dtype), array.tobytes())
        structure.append((node.op, tuple(position[variable] for variable in node.inputs)))
        position.update({output: ("node", number, place) for place, output in enumerate(node.outputs)})
    replaced, data = {}, {}
    for dtype in dict.fromkeys(_TYPES.values()):
        own = {variable: array for variable, array in constants.items() if _TYPES[array.dtype.kind] == dtype}
        name = f"constants_{dtype}"
        data[name] = np.concatenate([np.zeros(0, dtype), *(array.ravel().astype(dtype) for array in own.values())])
        # Of a known length: loops over arrays of an unknown one take 2.5 times as long.
        vector, start = pytensor.shared(data[name], name=name, shape=data[name].shape), 0
        for variable, array in own.items():
            part = vector[start : start + array.size].reshape(array.shape)
            replaced[variable] = part.astype(array.dtype)
            start += array.size
    outputs = clone_replace(graph.outputs, replace=replaced, rebuild_strict=False)
    opened = FunctionGraph(outputs=outputs, clone=False)
    # What PyMC keeps with the graph of a model beside its variables.
    vars(opened).update(_coords=vars(graph)["_coords"], _dim_lengths=vars(graph)["_dim_lengths"])
    return opened, tuple(structure), data
