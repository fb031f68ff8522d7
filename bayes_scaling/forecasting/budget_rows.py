"""Rows of planned budgets: a run for each, on every benchmark."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ..model.reference import Reference
from ..model.rows import Benchmark
from ..runs.budget_columns import BUDGETS, SIZES
from ..runs.chance import known_chance
from ..runs.planned import Budgets
from ..runs.token_ratios import tokens_per_param

_USUAL_FLOPS_PER_ND = 6.0
_GIVEN = ("flops", *SIZES, "ratio")  # what budgets are made of
_DIGITS = (4, 17)  # of budgets in the names of runs: a few, or so many that all are told apart


def budget_frame(reference: Reference, at: Budgets, ratios: Mapping[str, float] = MappingProxyType({})) -> pd.DataFrame:
    """Rows of every benchmark and family at every budget: runs outermost, then families, benchmarks and k.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    at : Budgets
        The budgets. Labels that were not fitted pass through; `check_labels` refuses them.
    ratios : mapping of str to float
        Tokens per parameter of budgets of FLOPs alone, by family.

    Returns
    -------
    DataFrame
        In the columns of `Runs.frame`; one run a budget and family, whose rows at several k share its name. Params and
        tokens are NaN where they do not follow; k and annealed are there only where they were given.

    Raises
    ------
    ValueError
        Where a fitted benchmark is asked for in a way that names several.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> from bayes_scaling.model.make_reference import make_reference
    >>> reference = make_reference(bs.load_dataset("cerebras_gpt").frame)
    >>> at = bs.budgets(flops=1e23, ratio=[20, 100], k=[1, 10], benchmark="piqa")
    >>> budget_frame(reference, at)[["run", "k"]]
                                run     k
    0   1e+23 FLOPs, 20 tokens/param   1.0
    1   1e+23 FLOPs, 20 tokens/param  10.0
    2  1e+23 FLOPs, 100 tokens/param   1.0
    3  1e+23 FLOPs, 100 tokens/param  10.0
    """
    benchmarks = _chosen_benchmarks(reference, at.benchmark)
    families = reference.families if at.family is None else at.family
    rule = flops_rule(reference)
    rows = []
    for name, budget in zip(_run_names(at), _each(at), strict=True):
        for family in families:
            sizes = _sizes(rule, *budget, usual=ratios.get(family, np.nan))
            run = f"{family} at {name}" if len(families) > 1 else name
            for b, k in product(benchmarks, at.k or (np.nan,)):
                rows.append((run, family, *sizes, b.name, b.metric, b.shots, b.chance, float(k)))
    columns = ["run", "family", *BUDGETS, "benchmark", "metric", "shots", "chance", "k"]
    frame = pd.DataFrame(rows, columns=columns)
    if at.k is None:
        frame = frame.drop(columns="k")
    if at.annealed is not None:
        frame = frame.assign(annealed=float(at.annealed))
    shots = pd.to_numeric(frame["shots"].replace("", np.nan)).astype(float)
    return frame.assign(shots=shots, metric=frame["metric"].replace("", np.nan))


def flops_rule(reference: Reference) -> float:
    """FLOPs per parameter and token of the fitted runs; 6 where they do not say."""
    return reference.flops_per_nd if np.isfinite(reference.flops_per_nd) else _USUAL_FLOPS_PER_ND


def _each(at: Budgets) -> Iterator[tuple[float, float, float, float]]:
    """FLOPs, params, tokens and ratio of each planned run; NaN where not given."""
    return zip(at.flops, at.params, at.tokens, at.ratio, strict=True)


def _sizes(
    rule: float, flops: float, params: float, tokens: float, ratio: float, *, usual: float = np.nan
) -> tuple[float, float, float]:
    """Params, tokens and FLOPs by FLOPs = rule * params * tokens; NaN where they do not follow, even at a usual ratio.

    Examples
    --------
    >>> nan = float("nan")
    >>> _sizes(6.0, nan, 1e9, 2e10, nan)
    (1000000000.0, 20000000000.0, 1.2e+20)
    >>> [f"{size:.4g}" for size in _sizes(6.0, 1.2e20, nan, nan, 20.0)]
    ['1e+09', '2e+10', '1.2e+20']
    """
    if np.isnan(flops):
        return params, tokens, rule * params * tokens
    ratio = usual if np.isnan(ratio) else ratio
    n = float(np.sqrt(flops / (rule * ratio)))
    return n, ratio * n, flops


def _run_names(at: Budgets) -> list[str]:
    """Names of planned runs, in as few digits as keep them apart."""
    names: list[str] = []
    for digits in _DIGITS:
        names = [_run_name(*budget, digits) for budget in _each(at)]
        if len(set(names)) == len(names):
            break
    return names


def _run_name(flops: float, params: float, tokens: float, ratio: float, digits: int) -> str:
    if np.isnan(flops):
        return f"{params:.{digits}g} params, {tokens:.{digits}g} tokens"
    return f"{flops:.{digits}g} FLOPs" + ("" if np.isnan(ratio) else f", {ratio:.{digits}g} tokens/param")


def named_by_budgets(points: pd.DataFrame) -> bool:
    """Whether runs have no names of their own, but those that `budget_frame` gives.

    Examples
    --------
    >>> points = pd.DataFrame({"run": ["1e+23 FLOPs", "a at 1e+24 FLOPs"], "family": "a", "flops": [1e23, 1e24]})
    >>> named_by_budgets(points), named_by_budgets(points.assign(run="GPT 1e+23 FLOPs"))
    (True, False)
    """
    known = points.reindex(columns=["run", "family", *BUDGETS]).assign(ratio=tokens_per_param(points))
    return all(
        str(row["run"]).removeprefix(f"{row['family']} at ") in _names_of(row) for row in known.to_dict("records")
    )


def _names_of(row: Mapping[Hashable, Any]) -> set[str]:
    """Names that a planned run of such sizes may have, by which of them were given."""
    ways = (("flops",), ("flops", "ratio"), SIZES)
    budgets = [{name: row[name] if name in way else np.nan for name in _GIVEN} for way in ways]
    return {_run_name(**budget, digits=digits) for budget in budgets for digits in _DIGITS}


def _chosen_benchmarks(reference: Reference, names: tuple[str, ...] | None) -> list[Benchmark]:
    chosen: dict[str, Benchmark] = {}
    for name in reference.labels if names is None else names:
        found = [b for b in reference.benchmarks if name == b.label] or [
            b for b in reference.benchmarks if name == b.name
        ]
        chosen |= {benchmark.label: benchmark for benchmark in found or [_unknown_benchmark(name)]}
    return list(chosen.values())


def _unknown_benchmark(name: str) -> Benchmark:
    known = known_chance(name)
    chance = np.nan if known is None else known.value
    return Benchmark(name, name, "", "", chance=chance, floor=chance, n_items=np.nan, centre={})
