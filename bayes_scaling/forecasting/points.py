"""Where to forecast: planned runs and budgets as encoded points, with codes for labels that were not fitted."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..laws.base import Law
from ..model.reference import Benchmark, Reference, Rows
from ..runs.chance import known_chance
from ..runs.planned import Budgets
from ..wording import listed
from .prediction import Points

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_USUAL_FLOPS_PER_ND = 6.0
_MOST_NAMED = 8
_ASK_FOR_NEW = 'new_groups="sample" draws it from the population'


def make_points(reference: Reference, frame: pd.DataFrame) -> Points:
    """Encode the rows of a frame; points that share a label that was not fitted share its code.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`; outcomes are not read.

    Returns
    -------
    Points
        The points, in the rows' order.

    Raises
    ------
    ValueError
        Where a benchmark that was not fitted has no chance.
    """
    rows = reference.encode(frame)
    if (lacking := np.isnan(rows.chance)).any():
        names = ", ".join(map(repr, dict.fromkeys(frame["benchmark"].astype(str)[lacking])))
        raise ValueError(
            f"what random guessing scores on {names} is not known; forecast planned Runs with a column chance"
        )
    scored = np.where(rows.benchmark >= 0, rows.benchmark.astype(str), "new " + score_labels(frame).to_numpy(str))
    family = frame["family"].astype(str).to_numpy(str)
    run = frame["run"].astype(str).to_numpy(str)
    return Points(
        rows,
        new_benchmark=_codes(scored.tolist(), rows.benchmark < 0),
        new_family=_codes(family.tolist(), rows.family < 0),
        new_curve=_codes(_pairs(family, scored), rows.curve < 0),
        new_run=_codes(_pairs(family, run), rows.run < 0),
    )


def budget_frame(reference: Reference, at: Budgets) -> pd.DataFrame:
    """Rows of every benchmark and family at every budget: runs outermost, then families, benchmarks and k.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    at : Budgets
        The budgets. Labels that were not fitted pass through; `check_labels` refuses them.

    Returns
    -------
    DataFrame
        In the columns of `Runs.frame`; one run a budget and family, whose rows at several k share its name. Params and
        tokens are NaN where the budgets are FLOPs alone; k is there only where it was given.

    Raises
    ------
    ValueError
        Where a fitted benchmark is asked for in a way that names several.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> from bayes_scaling.model.reference import make_reference
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
        sizes = _sizes(rule, *budget)
        for family in families:
            run = f"{family} at {name}" if len(families) > 1 else name
            for b, k in product(benchmarks, at.k or (np.nan,)):
                rows.append((run, family, *sizes, b.name, b.metric, b.shots, b.chance, float(k)))
    columns = ["run", "family", "params", "tokens", "flops", "benchmark", "metric", "shots", "chance", "k"]
    frame = pd.DataFrame(rows, columns=columns)
    if at.k is None:
        frame = frame.drop(columns="k")
    shots = pd.to_numeric(frame["shots"].replace("", np.nan)).astype(float)
    return frame.assign(shots=shots, metric=frame["metric"].replace("", np.nan))


def flops_rule(reference: Reference) -> float:
    """FLOPs per parameter and token of the fitted runs; 6 where they do not say."""
    return reference.flops_per_nd if np.isfinite(reference.flops_per_nd) else _USUAL_FLOPS_PER_ND


def check_labels(reference: Reference, frame: pd.DataFrame) -> None:
    """Refuse benchmarks and families that were not fitted, listing the known ones.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where a label was not fitted.
    """
    rows = reference.encode(frame)
    names = {benchmark.name for benchmark in reference.benchmarks}
    asked = frame["benchmark"].astype(str)
    if (misnamed := (rows.benchmark < 0) & asked.isin(names).to_numpy()).any():
        ways = [benchmark for benchmark in reference.benchmarks if benchmark.name in set(asked[misnamed])]
        raise ValueError(
            f"benchmark {listed(_described(frame[misnamed]), _MOST_NAMED)} was not fitted in this way; "
            f"the fit knows {listed(_described(_as_frame(ways)), _MOST_NAMED)}. {_ASK_FOR_NEW}"
        )
    for column, codes, known in (
        ("benchmark", rows.benchmark, reference.labels),
        ("family", rows.family, reference.families),
    ):
        if (codes < 0).any():
            unknown = listed(map(repr, dict.fromkeys(frame[column].astype(str)[codes < 0])), _MOST_NAMED)
            raise ValueError(f"{column} {unknown} was not fitted; the fit knows {', '.join(known)}. {_ASK_FOR_NEW}")


def check_budgets(needs: Sequence[str], frame: pd.DataFrame) -> None:
    """Refuse points that lack what the law reads.

    Parameters
    ----------
    needs : sequence of str
        Names of the columns that the law reads ("flops", "params", "tokens", "k").
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where there are no rows, or one lacks a column that the law reads. It says how to give what is missing.

    Examples
    --------
    >>> check_budgets(["params", "tokens"], pd.DataFrame({"run": ["1e+23 FLOPs"], "flops": [1e23]}))
    Traceback (most recent call last):
    ValueError: params, tokens are missing for run '1e+23 FLOPs'; this law forecasts from params, tokens.
    Give ratio= (tokens per parameter) with flops=, or params= with tokens=
    """
    if frame.empty:
        raise ValueError("there is nothing to forecast: the table of planned runs has no rows")
    empty = {name: frame[name].isna() if name in frame else pd.Series(True, frame.index) for name in needs}
    if lacking := [name for name, cells in empty.items() if cells.any()]:
        runs = dict.fromkeys(frame["run"][np.logical_or.reduce([empty[name] for name in lacking])].astype(str))
        missing = f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing for run"
        raise ValueError(
            f"{missing} {listed(map(repr, runs), _MOST_NAMED)}; this law forecasts from {', '.join(needs)}. "
            f"{_advice(lacking, planned='flops_source' in frame)}"
        )


def check_attempts(law: Law, frame: pd.DataFrame) -> None:
    """Refuse a k above 1 for a law of single scores, and rows of single problems for every law.

    Parameters
    ----------
    law : Law
        The fitted law.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where a row has such a k, or a problem.
    """
    if "problem" in frame and (single := frame["problem"].notna().to_numpy()).any():
        first = int(np.argmax(single))
        raise ValueError(
            f"row {first + 1} asks for a single problem, {str(frame['problem'].iloc[first])!r}; a forecast is of all "
            "problems of a benchmark together: give one row for each run, benchmark and k"
        )
    if law.observes == "scores" and "k" in frame and (frame["k"].fillna(1) != 1).any():
        largest = frame["k"].max()
        raise ValueError(f"k goes up to {largest:g}, but {type(law).__name__} describes k = 1; PassAtKLaw takes k")


def score_labels(frame: pd.DataFrame) -> pd.Series:
    """Label of each row's benchmark, with metric and shots added where the frame has several of them.

    Examples
    --------
    >>> score_labels(pd.DataFrame({"benchmark": ["arc", "arc", "piqa"], "metric": ["acc", "acc_norm", "acc"]})).tolist()
    ['arc (acc)', 'arc (acc_norm)', 'piqa']
    """
    labels = frame["benchmark"].astype(str)
    parts = []
    for name in ("metric", "shots"):
        if name in frame:
            several = frame.groupby("benchmark", dropna=False)[name].transform("nunique", dropna=False) > 1
            parts.append(_metric_or_shots(frame[name], name).where(several, ""))
    extra = [", ".join(filter(None, words)) for words in zip(*parts, strict=True)] or [""] * len(frame)
    return labels + pd.Series([f" ({words})" if words else "" for words in extra], frame.index, dtype="str")


def unseen_pairs(rows: Rows, frame: pd.DataFrame) -> list[str]:
    """Names of the (family, benchmark) curves of a frame that were not fitted."""
    pairs = frame["family"].astype(str) + " | " + score_labels(frame)
    return list(dict.fromkeys(pairs[rows.curve < 0]))


def extrapolation_decades(reference: Reference, points: Points) -> Floats:
    """Powers of ten between each point's FLOPs and the fitted budgets of its curve; 0 between them, negative below.

    A point of a family that was not fitted is measured from its benchmark's budgets, one of a new benchmark from all.
    """
    rows = points.rows
    of_curve, curve_benchmark = np.array(reference.curve_log_flops), np.array(reference.curve_benchmark)
    of_benchmark = np.array([_span(of_curve[curve_benchmark == b]) for b in range(len(reference.benchmarks))])
    everything = np.array(_span(of_curve))
    known = np.where(rows.benchmark[:, None] >= 0, of_benchmark[rows.benchmark], everything)
    low, high = np.where(rows.curve[:, None] >= 0, of_curve[rows.curve], known).T
    distance = np.maximum(rows.log_flops - high, 0.0) + np.minimum(rows.log_flops - low, 0.0)
    return np.where(np.abs(distance) < 1e-6, 0.0, distance / np.log(10))


def _span(spans: Floats) -> tuple[float, float]:
    """Smallest lower and largest upper end of spans, shape (n, 2)."""
    return float(spans[:, 0].min()), float(spans[:, 1].max())


def _advice(lacking: Sequence[str], planned: bool) -> str:
    """Say how to give what the points lack: columns of a table of planned runs, or arguments of `budgets`."""
    if planned:
        return f"Fill in {', '.join(lacking)} in the table of planned runs"
    sizes = "ratio= (tokens per parameter) with flops=, or params= with tokens="
    ways = [sizes] if {"params", "tokens"} & set(lacking) else []
    ways += ["k=, the attempts at each problem"] if "k" in lacking else []
    return f"Give {'; and '.join(ways)}"


def _each(at: Budgets) -> Iterator[tuple[float, float, float, float]]:
    """FLOPs, params, tokens and ratio of each planned run; NaN where not given."""
    return zip(at.flops, at.params, at.tokens, at.ratio, strict=True)


def _sizes(rule: float, flops: float, params: float, tokens: float, ratio: float) -> tuple[float, float, float]:
    """Params, tokens and FLOPs by FLOPs = rule * params * tokens; NaN where they do not follow.

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
    n = float(np.sqrt(flops / (rule * ratio)))
    return n, ratio * n, flops


def _run_names(at: Budgets) -> list[str]:
    """Names of planned runs, in as few digits as keep them apart."""
    names: list[str] = []
    for digits in (4, 17):
        names = [_run_name(*budget, digits) for budget in _each(at)]
        if len(set(names)) == len(names):
            break
    return names


def _run_name(flops: float, params: float, tokens: float, ratio: float, digits: int) -> str:
    if np.isnan(flops):
        return f"{params:.{digits}g} params, {tokens:.{digits}g} tokens"
    return f"{flops:.{digits}g} FLOPs" + ("" if np.isnan(ratio) else f", {ratio:.{digits}g} tokens/param")


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


def _as_frame(benchmarks: Sequence[Benchmark]) -> pd.DataFrame:
    rows = [(b.name, b.metric or np.nan, float(b.shots) if b.shots else np.nan) for b in benchmarks]
    return pd.DataFrame(rows, columns=["benchmark", "metric", "shots"])


def _described(frame: pd.DataFrame) -> list[str]:
    """Benchmarks of a frame with their metrics and shots, each once."""
    parts = [_metric_or_shots(frame[name], name) for name in ("metric", "shots") if name in frame]
    ways = zip(frame["benchmark"].astype(str), *parts, strict=True)
    return list(dict.fromkeys(f"{name} ({', '.join(words)})" if words else name for name, *words in ways))


def _metric_or_shots(values: pd.Series, name: str) -> pd.Series:
    if name == "shots":
        return values.map(lambda v: "shots not stated" if pd.isna(v) else f"{v:g}-shot").astype(str)
    return values.map(lambda v: "metric not stated" if pd.isna(v) else str(v)).astype(str)


def _pairs(first: NDArray[np.str_], second: NDArray[np.str_]) -> list[tuple[str, str]]:
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _codes(labels: Sequence[Hashable], new: NDArray[np.bool_]) -> Ints:
    """Codes of new labels in order of appearance, -1 of the others.

    Pairs are no joined texts: pandas 3.0 takes texts with a zero byte for equal where they agree up to it.
    """
    known: dict[Hashable, int] = {}
    codes = [known.setdefault(label, len(known)) if unseen else -1 for label, unseen in zip(labels, new, strict=True)]
    return np.array(codes, np.int64)
