"""Read the reference off a table: budgets, floors, benchmarks and the basis of the deviation."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..runs.budget_columns import BUDGETS, SIZES
from ..runs.checkpoints import checkpoints_of, training_runs, undecayed
from ..runs.columns import numbers, score_labels
from .decay import read_decay
from .deviation import Basis, fit_basis
from .information import ASSUMED_ITEMS, data_floor, information, item_counts
from .reference import Reference
from .rows import Benchmark, codes_of, half_log_ratio, score_keys
from .trajectories import Trajectory, make_trajectory


def make_reference(
    frame: pd.DataFrame,
    deviates_in: tuple[str, ...] = ("flops",),
    deviates_by: tuple[str, ...] = (),
    weights: Floats | None = None,
    *,
    trajectories: bool = True,
) -> Reference:
    """Read floors, reference budgets and bases off a table of runs.

    Parameters
    ----------
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`.
    deviates_in : tuple of str
        Budgets in which deviations run (`Law.deviates_in`).
    deviates_by : tuple of str
        Groups of rows that share one (`Law.deviates_by`). Bases of benchmarks and curves are made in any case: they
        also say what a trend of a curve is.
    weights : array, shape (rows,), optional
        Information of each row about its log error; by default that of a single score (`information`). With them the
        table may lack accuracies, as one of losses does.
    trajectories : bool
        Whether checkpoints of one training run share their luck, as they do but where there are several attempts; else
        each is a run of its own.

    Returns
    -------
    Reference
        The frozen reference.

    Raises
    ------
    ValueError
        Where the table has no accuracies.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> make_reference(bs.load_dataset("cerebras_gpt").frame).families
    ('Cerebras-GPT',)
    """
    if weights is None and "accuracy" not in frame:
        raise ValueError("the table has no accuracy column, so there is nothing to fit; expected scored runs")
    code, benchmarks, weights = _benchmarks(frame, deviates_in, weights)
    families = tuple(dict.fromkeys(frame["family"].astype(str)))
    family = codes_of(frame["family"].astype(str), families)
    pairs, curve = _curves(family, code)
    log_budgets = np.stack([_log_budget(frame, name) for name in deviates_in], axis=-1)
    groups = _groups(code, family, curve, deviates_by)
    several = (checkpoints_of(frame) > 1).to_numpy() & trajectories
    runs, log_flops = training_runs(frame).where(several, frame["run"].astype(str)), np.log(frame["flops"].to_numpy())
    run_family = dict(zip(runs, family.tolist(), strict=True))
    along = _trajectories(frame, runs, several, tuple(run_family))
    rule = frame["flops"] / (numbers(frame, "params") * numbers(frame, "tokens"))
    return Reference(
        families=families,
        benchmarks=benchmarks,
        curve_family=tuple(f for f, _ in pairs),
        curve_benchmark=tuple(b for _, b in pairs),
        runs=tuple(run_family),
        run_family=tuple(run_family.values()),
        run_log_flops=tuple(pd.Series(log_flops).groupby(runs.to_numpy(), sort=False).max().tolist()),
        curve_log_flops=tuple(
            (float(log_flops[curve == c].min()), float(log_flops[curve == c].max())) for c in range(len(pairs))
        ),
        deviates_in=deviates_in,
        bases={name: _bases(log_budgets, weights, group) for name, group in groups.items()},
        flops_per_nd=float(rule.median()),
        trajectories=along,
        series=_series(along, codes_of(runs, tuple(run_family)), code),
        decay=read_decay(frame),
        follows_runs=trajectories,
    )


def _curves(family: Ints, benchmark: Ints) -> tuple[list[tuple[int, int]], Ints]:
    """The (family, benchmark) pairs that have a score, benchmark after benchmark, and that of each row."""
    own = list(zip(family.tolist(), benchmark.tolist(), strict=True))
    pairs = sorted(set(own), key=lambda pair: (pair[1], pair[0]))
    return pairs, np.array([pairs.index(pair) for pair in own])


def _groups(code: Ints, family: Ints, curve: Ints, deviates_by: tuple[str, ...]) -> dict[str, Ints]:
    """Groups of rows that may share a deviation, those of several members.

    Those of a single benchmark are the families', and those of a single family the benchmarks'.
    """
    benchmarks, families = code.max() > 0, family.max() > 0
    return {
        **({"table": 0 * code} if benchmarks and families and "table" in deviates_by else {}),
        "benchmark": code,
        **({"family": family} if benchmarks and "family" in deviates_by else {}),
        **({"curve": curve} if families else {}),
    }


def _trajectories(
    frame: pd.DataFrame, runs: pd.Series, several: NDArray[np.bool_], names: tuple[str, ...]
) -> tuple[Trajectory, ...]:
    """Trajectory of each training run of several checkpoints."""
    columns = {"log_flops": np.log(frame["flops"].to_numpy(float)), "known": ~np.isnan(undecayed(frame))}
    rows = pd.DataFrame({"run": runs.to_numpy(), **columns})[several]
    return tuple(
        make_trajectory(names.index(str(run)), own["log_flops"].to_numpy(), rate_known=bool(own["known"].any()))
        for run, own in rows.groupby("run", sort=False)
    )


def _series(along: tuple[Trajectory, ...], run: Ints, benchmark: Ints) -> tuple[tuple[int, int], ...]:
    """Trajectory and benchmark of what was scored along one."""
    of_run = {one.run: code for code, one in enumerate(along)}
    pairs = zip(run.tolist(), benchmark.tolist(), strict=True)
    return tuple(sorted({(of_run[r], b) for r, b in pairs if r in of_run}))


def _benchmarks(
    frame: pd.DataFrame, deviates_in: tuple[str, ...], weights: Floats | None
) -> tuple[Ints, tuple[Benchmark, ...], Floats]:
    """Benchmark of each row, what is read off the rows of each benchmark, and the information of each row."""
    code, unique_keys = pd.factorize(pd.MultiIndex.from_frame(score_keys(frame)))
    labels = dict(zip(code, score_labels(frame), strict=True)).values()
    items = item_counts(frame, code)
    floors = np.array([_floor(frame[code == i], items[code == i]) for i in range(len(unique_keys))])
    if weights is None:
        weights = information(numbers(frame, "accuracy"), floors[code], items)
    benchmarks = tuple(
        _benchmark(label, key, frame[code == i], items[code == i], float(floors[i]), weights[code == i], deviates_in)
        for i, (label, key) in enumerate(zip(labels, unique_keys, strict=True))
    )
    return code, benchmarks, weights


def _log_budget(frame: pd.DataFrame, name: str) -> Floats:
    """Log of a budget of each row, as `Rows` has it by that name."""
    if name == "ratio":
        return half_log_ratio(*(np.log(numbers(frame, size)) for size in SIZES))
    return np.log(numbers(frame, name))


def _bases(log_budgets: Floats, weights: Floats, group: Ints) -> tuple[Basis, ...]:
    """Basis of the deviation of each group of rows."""
    return tuple(fit_basis(log_budgets[group == g], weights[group == g]) for g in range(group.max() + 1))


def _floor(frame: pd.DataFrame, items: Floats) -> float:
    chance = float(frame["chance"].iloc[0])
    return data_floor(numbers(frame, "accuracy"), chance, _typical(items, ASSUMED_ITEMS))


def _benchmark(
    label: str,
    key: tuple[str, str, str],
    frame: pd.DataFrame,
    items: Floats,
    floor: float,
    weights: Floats,
    deviates_in: tuple[str, ...],
) -> Benchmark:
    budgets = dict.fromkeys((*BUDGETS, *deviates_in))
    centre = {name: float(np.average(_log_budget(frame, name), weights=weights)) for name in budgets}
    chance, slope = float(frame["chance"].iloc[0]), float(numbers(frame, "loss_slope")[0])
    away = _log_budget(frame, "flops") - centre["flops"]
    spread = float(np.sqrt(np.average(away**2, weights=weights)))
    return Benchmark(label, *key, chance, floor, _typical(items, np.nan), centre, slope, spread)


def _typical(items: Floats, unknown: float) -> float:
    return unknown if np.isnan(items).all() else float(np.nanmedian(items))
