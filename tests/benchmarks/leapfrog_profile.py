"""Where a leapfrog step goes: time of each node of the compiled gradient, beside what the machine can do at most.

    python tests/benchmarks/leapfrog_profile.py                # 12 benchmarks x 40 runs
    python tests/benchmarks/leapfrog_profile.py --size 50x140

A step is one gradient of the log density. Each node of its graph is compiled alone and timed on its own inputs, less
the call of an empty function. The limits are those of one core: of arithmetic, the time that as many exponentials,
logarithms, roots, divisions and other operations take in plain loops; of memory, reading and writing every array once
at the speed of a copy.
"""

import argparse
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytensor
from numba.core.errors import NumbaWarning
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Constant
from pytensor.scalar import ScalarType

import bayes_scaling as bs
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.compiling import compile_model

OPERATIONS = ("Exp", "Log", "Sqrt", "TrueDiv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="12x40", help="benchmarks x runs")
    n_benchmarks, n_runs = map(int, parser.parse_args().size.split("x"))
    warnings.simplefilter("ignore", NumbaWarning)
    runs = bs.simulate_runs(bs.DirectLaw(), n_benchmarks=n_benchmarks, n_runs=n_runs, random_seed=1).runs
    spec = specify(bs.DirectLaw(), runs)
    compiled, _ = compile_model(spec)
    graph = compiled.logp_func.maker.fgraph
    point = np.random.default_rng(1).normal(0, 0.1, compiled.n_dim)
    whole = seconds_of(compiled.logp_func.vm.jit_fn, (point,))
    print(f"{len(runs)} rows, {compiled.n_dim} parameters: {1e6 * whole:.1f} us a gradient")
    nodes = list(graph.toposort())
    values = {graph.inputs[0]: point}
    empty = seconds_of(numba.njit(lambda x: x), (point,))
    rows = [(node, max(evaluate(node, values) - empty, 0.0)) for node in nodes]
    print_table(rows, whole)
    print_limits(nodes, values, whole)


def evaluate(node: Any, values: dict[Any, Any]) -> float:
    """Time of one node on its own inputs; its outputs are added to the values."""
    given = [variable for variable in dict.fromkeys(node.inputs) if not isinstance(variable, Constant)]
    fresh = {variable: variable.type() for variable in given}
    outputs = node.op.make_node(*(fresh.get(variable, variable) for variable in node.inputs)).outputs
    inputs = [pytensor.In(variable, mutable=True) for variable in fresh.values()]  # some nodes work in place
    function = pytensor.function(inputs, outputs, mode=Mode("numba", None), accept_inplace=True).vm.jit_fn
    found = function(*arguments(given, values))
    values.update(zip(node.outputs, map(np.asarray, found if isinstance(found, tuple) else (found,)), strict=True))
    return seconds_of(function, arguments(given, values))


def arguments(variables: list[Any], values: dict[Any, Any]) -> tuple[Any, ...]:
    """Copies of values; numbers where a node takes numbers."""
    return tuple(
        values[v].item() if isinstance(v.type, ScalarType) else np.array(values[v], v.type.dtype) for v in variables
    )


def seconds_of(call: Callable[..., Any], arguments: tuple[Any, ...], repeats: int = 60) -> float:
    """Best mean of a call over short bursts."""
    call(*arguments)
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(50):
            call(*arguments)
        best = min(best, (time.perf_counter() - start) / 50)
    return best


def print_table(rows: list[tuple[Any, float]], whole: float) -> None:
    total = sum(seconds for _, seconds in rows)
    print(
        f"\n{'node':<28}{'shape':>12}{'us':>9}{'share':>8}   (nodes alone: {1e6 * total:.1f} us of {1e6 * whole:.1f})"
    )
    merged: Counter[tuple[str, str]] = Counter()
    for node, seconds in rows:
        merged[type(node.op).__name__, str(node.outputs[0].type.shape)] += seconds
    for (name, shape), seconds in merged.most_common(14):
        print(f"{name:<28}{shape:>12}{1e6 * seconds:>9.2f}{seconds / total:>8.0%}")


def print_limits(nodes: list[Any], values: dict[Any, Any], whole: float) -> None:
    counts: Counter[str] = Counter()
    moved = 0
    for node in nodes:
        count_operations(node, counts)
        arrays = [*node.inputs, *node.outputs]
        moved += sum(np.asarray(getattr(v, "data", values.get(v, 0.0))).nbytes for v in arrays)
    print("\noperations: " + ", ".join(f"{counts[name]} {name}" for name in (*OPERATIONS, "other")))
    print(
        f"arithmetic limit {1e6 * arithmetic_seconds(counts):.1f} us, memory limit {1e6 * copy_seconds(moved):.1f} us",
        end="",
    )
    print(f" ({moved / 1e3:.0f} kB), of {1e6 * whole:.1f} us")


def count_operations(node: Any, counts: Counter[str]) -> None:
    inner = getattr(node.op, "fgraph", None)
    if inner is not None:
        for part in inner.toposort():
            count_operations(part, counts)
    elif (scalar := getattr(node.op, "scalar_op", None)) is not None:
        size = int(np.prod([max(length or 1, 1) for length in node.outputs[0].type.shape], initial=1))
        parts = scalar.fgraph.toposort() if hasattr(scalar, "fgraph") else [node]
        for part in parts:
            name = type(part.op.scalar_op if part is node else part.op).__name__
            counts[name if name in OPERATIONS else "other"] += size


@numba.njit
def _loop(n_exp: int, n_log: int, n_sqrt: int, n_div: int, n_other: int, x: Any, out: Any) -> None:
    for i in range(n_exp):
        out[i & 255] = np.exp(x[i & 255])
    for i in range(n_log):
        out[i & 255] = np.log(x[i & 255])
    for i in range(n_sqrt):
        out[i & 255] = np.sqrt(x[i & 255])
    for i in range(n_div):
        out[i & 255] = 1.7 / x[i & 255]
    for i in range(n_other):
        out[i & 255] = x[i & 255] * 1.7


def arithmetic_seconds(counts: Counter[str]) -> float:
    x = np.linspace(0.5, 1.5, 256)
    return seconds_of(_loop, (*(counts[name] for name in (*OPERATIONS, "other")), x, np.empty(256)))


def copy_seconds(n_bytes: int) -> float:
    source = np.ones(n_bytes // 16)
    target = np.empty_like(source)
    return seconds_of(lambda: np.copyto(target, source), ())


if __name__ == "__main__":
    main()
