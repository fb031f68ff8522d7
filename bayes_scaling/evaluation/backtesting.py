"""Backtests: fits on the smaller runs of a table, scored on its larger ones, again and again."""

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_sampling
from ..forecasting.from_fit import quiet_forecast
from ..laws import law_from_json
from ..laws.base import Law, is_law
from ..model.ladder_notes import RatioWarning
from ..model.specification import Specification, as_read, specify
from ..posterior.fit import ConvergenceWarning, Fit
from ..runs.checkpoints import training_runs
from ..runs.table import Runs
from ..sampling.padding import Size, common_size, kind_of
from ..wording import listed, ranges_in_words
from .backtest import AVERAGE, KEYS, LEVELS, PROBS, Backtest
from .executing import Failed, progress, run_tasks
from .folds import REST, Fold, SplitBy, make_folds
from .scoring import score_draws, score_forecast

_EDGES = (0.0, 0.3, 0.7, 1.0, 1.5, 2.0)
_REUSED_FROM = 6  # folds of one shape: a model to be reused compiles two to three times as long


@dataclass(frozen=True)
class _Task:
    """One law on one fold, in what survives the way to another process."""

    label: str
    law: str
    fold: tuple[float, float, str]
    train: str
    held_out: str
    seed: int
    options: Mapping[str, int | None]
    reuse: bool = False
    size: Size | None = None


@dataclass(frozen=True)
class _Done:
    rows: pd.DataFrame
    timing: dict[str, Any]


def backtest(
    laws: Law | Sequence[Law] | Mapping[str, Law],
    runs: Runs,
    *,
    cutoffs: Sequence[float] | None = None,
    by: SplitBy = "flops",
    horizon: float | None = None,
    keep_from: Sequence[float] = (),
    draws: int | None = None,
    tune: int | None = None,
    chains: int = 4,
    random_seed: int | None = None,
    executor: Executor | None = None,
    progressbar: bool = True,
) -> Backtest:
    """Fit laws to the smaller runs and score their forecasts on the larger ones, at one cutoff after the other.

    Parameters
    ----------
    laws : Law, sequence of Law, or mapping of str to Law
        The laws, with names of your own in a mapping.
    runs : Runs
        Scored runs.
    cutoffs : sequence of float, optional
        Largest budgets that are fitted; by default up to five budgets of the table, evenly spaced on the log scale,
        each with enough runs below. With ``by="run"`` shares of each run's FLOPs; by default 0.25, 0.5 and 0.75.
    by : {"flops", "params", "family", "run"}
        What divides the runs. By a budget training runs are fitted as a whole or not at all, so that new, larger runs
        are forecast. "run" fits the first part of every training run of several checkpoints, and forecasts the rest of
        it. "family" leaves each family out in turn, whose curves are then drawn from the population.
    horizon : float, optional
        How far above its cutoff a run may be to be held out (decades).
    keep_from : sequence of float
        Lowest budgets that are fitted: each cutoff comes once with all below it and once with each of these.
    draws, tune, chains : int, optional
        Of every fit, as `fit` takes them.
    random_seed : int, optional
        Seed; the same seed gives the same numbers, in whatever order and process the fits run.
    executor : concurrent.futures.Executor, optional
        Where the fits run; by default a process for each core. ``dask.distributed.Client(...).get_executor()`` runs
        them on a cluster. In a script, the call then stands under ``if __name__ == "__main__":``.
    progressbar : bool
        Whether to show progress.

    Returns
    -------
    Backtest
        Every scored row. A fit that fails, or whose worker dies again and again, is a row of its `failures`. Benchmarks
        and families that a fold did not fit are not forecast.

    Raises
    ------
    ValueError
        For arguments that do not fit together, a budget that is unknown in a row, and a cutoff with nothing on one
        side.
    TypeError
        For what is no law.
    """
    check_sampling(draws, tune, chains)
    named = named_laws(laws)
    folds = make_folds(runs, by, cutoffs, keep_from=keep_from, horizon=horizon)
    seeds = np.random.SeedSequence(random_seed).generate_state(len(folds))
    options = {"draws": draws, "tune": tune, "chains": chains}
    tasks = [
        _task(label, law, fold, int(seed), options)
        for fold, seed in zip(folds, seeds, strict=True)
        for label, law in named.items()
    ]
    tasks = _with_reuse(tasks)
    with progress(len(tasks), progressbar) as done:
        results = run_tasks(_score_fold, tasks, executor, done=done)
    return _collect(tasks, results)


def named_laws(laws: Law | Sequence[Law] | Mapping[str, Law]) -> dict[str, Law]:
    """Laws by the names that a mapping gives them; else by their own, or in full where several have the same.

    Raises
    ------
    ValueError
        Where there are none.
    TypeError
        For what is no law.

    Examples
    --------
    >>> from bayes_scaling import DirectLaw, PassAtKLaw
    >>> list(named_laws([DirectLaw(), PassAtKLaw(), PassAtKLaw(inputs="ratio")]))
    ['direct', 'PassAtKLaw()', "PassAtKLaw(inputs='ratio')"]
    """
    if isinstance(laws, Mapping):
        named = dict(laws)
    else:
        every = list(laws) if isinstance(laws, Iterable) else [laws]
        names = [law.name if is_law(law) else "" for law in every]
        named = {name if names.count(name) == 1 else repr(law): law for name, law in zip(names, every, strict=True)}
    if not named:
        raise ValueError("laws is empty; expected laws such as [GeneralLaw()]")
    for law in named.values():
        if not is_law(law):
            raise TypeError(f"laws holds {law!r}; expected laws, such as GeneralLaw()")
    return named


def _task(label: str, law: Law, fold: Fold, seed: int, options: Mapping[str, int | None]) -> _Task:
    where = (fold.cutoff, fold.keep_from, fold.left_out)
    train, held_out = as_read(law, fold.train), fold.held_out
    if train is not fold.train:  # its counts were added up: of the held-out rates those of one attempt are scores
        single = held_out.frame[held_out.frame["k"].fillna(1) == 1]
        held_out = Runs(single.drop(columns=["k", "n_samples"], errors="ignore"))
    return _Task(label, law.to_json(), where, train.to_json(), held_out.to_json(), seed, options)


def _with_reuse(tasks: Sequence[_Task]) -> list[_Task]:
    """Tell tasks to reuse compiled models where enough of them have one shape, or can be filled up to one, to pay."""
    specs = {i: spec for i, task in enumerate(tasks) if (spec := _specification(task)) is not None}
    found = list(tasks)
    for together in _groups({i: (tasks[i].label, spec.shape) for i, spec in specs.items()}):
        for i in together:
            found[i] = replace(tasks[i], reuse=True)
    others = {i: spec for i, spec in specs.items() if not found[i].reuse}
    for together in _groups({i: (tasks[i].label, kind_of(spec)) for i, spec in others.items()}):
        size = common_size([specs[i] for i in together])
        for i in together:
            found[i] = replace(tasks[i], reuse=size is not None, size=size)
    return found


def _groups(kinds: Mapping[int, object]) -> list[list[int]]:
    """Numbers of one kind, where there are enough of them to reuse a model."""
    every = [[i for i, other in kinds.items() if other == kind] for kind in dict.fromkeys(kinds.values())]
    return [together for together in every if len(together) >= _REUSED_FROM]


def _specification(task: _Task) -> Specification | None:
    """The law on the fitted runs; None where it cannot be put on them, as its fit will say."""
    try:
        return specify(law_from_json(task.law), Runs.from_json(task.train))
    except (TypeError, ValueError):
        return None


def _score_fold(task: _Task) -> _Done:
    """Fit, forecast and score one law on one fold; runs in any process."""
    from ..sampling.fitting import ThinDataWarning

    train, held_out = Runs.from_json(task.train), Runs.from_json(task.held_out)
    start = time.perf_counter()
    with warnings.catch_warnings():
        for said in (ConvergenceWarning, ThinDataWarning, RatioWarning):
            warnings.simplefilter("ignore", said)  # the rows say whether a fit converged, and how it did
        fitted = _fit(task, train)
        new_family = task.fold[2] not in ("", REST)
        known = held_out if new_family else _known(train, held_out)
        predicted = quiet_forecast(fitted, known, task.seed, new_groups="sample" if new_family else None)
    seconds = time.perf_counter() - start
    scores = score_forecast(predicted, known, PROBS)
    rows = scores.rows.assign(quantiles=list(np.quantile(scores.draws, LEVELS, axis=0).T))
    if task.fold[2] == REST:
        rows = rows.assign(decades_beyond=_beyond_own(train.frame, rows))
    rows = pd.concat([rows, _averages(rows, scores.draws)], ignore_index=True)
    timing = {"seconds": seconds, **_parts(fitted), "rows": len(train)}
    return _Done(rows.assign(converged=fitted.converged), timing)


def _fit(task: _Task, train: Runs) -> Fit:
    """Fit the law of a fold, in a model of the size of others where it has one."""
    from ..sampling.fitting import fit, sample_specification, usual_tuning

    law, options = law_from_json(task.law), dict(task.options)
    if task.size is None:
        given: dict[str, Any] = {**options, "random_seed": task.seed, "reuse": task.reuse}
        return fit(law, train, progressbar=False, **given)
    options["tune"] = options["tune"] or usual_tuning(options["draws"])
    quiet: dict[str, Any] = {**options, "progressbar": False, "keep_interrupted": False}
    return sample_specification(specify(law, train), train, seed=task.seed, reuse=True, size=task.size, **quiet)


def _parts(fitted: Fit) -> dict[str, Any]:
    """Seconds of compiling and of sampling of a fit, its stage one included, and whether it reused its models."""
    fits = [fitted] if fitted.stage_one is None else [fitted, fitted.stage_one]
    taken = [part.provenance["seconds"] for part in fits]
    parts = {f"{name}_seconds": sum(seconds[name] for seconds in taken) for name in ("compile", "sample")}
    return parts | {"reused": all(part.provenance["reused_model"] for part in fits)}


def _known(train: Runs, held_out: Runs) -> Runs:
    """Held-out rows whose benchmark and family were fitted."""
    frame, fitted = held_out.frame, train.frame
    keys = [name for name in ("benchmark", "metric", "shots") if name in frame and name in fitted]
    pairs = pd.MultiIndex.from_frame(fitted[keys].astype(str))
    kept = frame["family"].isin(fitted["family"].unique()) & pd.MultiIndex.from_frame(frame[keys].astype(str)).isin(
        pairs
    )
    if not kept.any():
        raise ValueError("no held-out row has a benchmark and a family that were fitted")
    return Runs(frame[kept].reset_index(drop=True))


def _beyond_own(train: pd.DataFrame, rows: pd.DataFrame) -> Floats:
    """Decades between each row and the last fitted checkpoint of its own training run."""
    last = train.assign(of=training_runs(train)).groupby(["family", "of"])["flops"].max()
    own = pd.MultiIndex.from_arrays([rows["family"].astype(str), rows["trajectory"].astype(str)])
    return np.log10(rows["flops"].to_numpy(float) / last.reindex(own).to_numpy(float))


def _averages(rows: pd.DataFrame, draws: Floats) -> pd.DataFrame:
    """Means over the benchmarks of each run (at each k), with the draws' own mean, of runs with several."""
    keys = [name for name in ("family", "run", "k") if name in rows]
    groups = [m for m in rows.groupby(keys, sort=False, dropna=False).indices.values() if len(m) > 1]
    if not groups:
        return rows.head(0)
    mean = np.stack([draws[:, members].mean(axis=1) for members in groups], axis=1)
    accuracy = np.array([rows["accuracy"].to_numpy()[members].mean() for members in groups])
    farthest = [max(rows["decades_beyond"].iloc[members], key=abs) for members in groups]
    first = rows.iloc[[members[0] for members in groups]].reset_index(drop=True)
    scores = pd.DataFrame(score_draws(mean, accuracy, PROBS))
    first = first.drop(columns=list(scores)).assign(benchmark=AVERAGE, decades_beyond=farthest)
    first = pd.concat([first, scores], axis=1).assign(quantiles=list(np.quantile(mean, LEVELS, axis=0).T))
    return first.drop(columns=[name for name in ("metric", "shots", "n_items") if name in first])


def _collect(tasks: Sequence[_Task], results: Sequence[_Done | Failed]) -> Backtest:
    rows, failures, timings = [], [], []
    for task, result in zip(tasks, results, strict=True):
        where = dict(zip(KEYS, (task.label, *task.fold), strict=True))
        if isinstance(result, Failed):
            failures.append({**where, "error": result.error})
            continue
        timings.append({**where, **result.timing})
        labels = pd.DataFrame([where] * len(result.rows))
        rows.append(pd.concat([labels, result.rows], axis=1))
    if not rows:
        reasons = listed(dict.fromkeys(str(failure["error"]) for failure in failures), 3)
        raise ValueError(f"every fit of the backtest failed: {reasons}")
    every = pd.concat(rows, ignore_index=True)
    every.insert(len(KEYS), "decades", ranges_in_words(every["decades_beyond"].to_numpy(float), _EDGES))
    columns = [*KEYS, "error"]
    return Backtest(every, pd.DataFrame(failures, columns=columns), pd.DataFrame(timings))
