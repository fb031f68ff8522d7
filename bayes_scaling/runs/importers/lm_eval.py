"""Results of lm-evaluation-harness: a folder of ``results_*.json``, joined to a manifest of the models.

Old and new keys are read ("acc", "acc,none", "exact_match,strict-match"). Where a group has a score of its own (mmlu),
its tasks are not counted beside it. Where a task was repeated and its samples were logged, the samples give counts.
"""

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..pass_rates import binomial_stderr
from ..reading.problems import one_problem
from .lm_eval_files import Results, find_results, newest_only, open_results, samples_of
from .lm_eval_samples import PASS_AT, problem_counts
from .manifest import Block, read_manifest
from .skipping import Skips

#: Metrics that are no share of right answers, where the results do not say so themselves.
_NO_SHARES = re.compile(
    r"(^|_)(ppl|perplexity|bits_per_byte|brier_score|likelihood_diff|bleu|chrf|ter|mcc|loss|nll|rouge\w*)($|_)"
)
_DETAILS = ("alias", "name", "sample_len", "sample_count", "samples")


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    metric: str | Sequence[str] | None = None,
    groups: bool = True,
    samples: bool | None = None,
) -> pd.DataFrame:
    """Read results of lm-evaluation-harness.

    Parameters
    ----------
    path : Path
        A folder, which is searched for ``results*.json``, or one file of results.
    skips : Skips
        Gets what is left out.
    manifest : path or DataFrame
        The models with params, tokens and such, in a table (CSV or YAML): `bayes_scaling.runs.importers.manifest` says
        how.
    metric : str or sequence of str, optional
        Only these metrics ("acc_norm"), by default all that are shares of right answers.
    groups : bool
        Whether a group that has a score stands for its tasks; False reads the tasks and leaves the groups out.
    samples : bool, optional
        Whether logged samples (``samples_*.jsonl``) give counts for each problem in place of the task's score: by
        default those of tasks with several attempts.

    Returns
    -------
    DataFrame
        One row a score.
    """
    files = find_results(path)
    results = [found for file in files if (found := open_results(file, skips)) is not None]
    wanted = None if metric is None else {metric} if isinstance(metric, str) else set(metric)
    blocks: list[Block] = []
    places: dict[tuple[object, ...], str] = {}
    for found in results:
        for scores in _scores(found, wanted, groups, samples, skips):
            if len(new := newest_only(scores, found, places, skips)):
                blocks.append(Block(found.model, new))
    if not blocks:
        raise one_problem(path, "", "no scores", "results of lm-evaluation-harness with shares of right answers")
    return read_manifest(manifest, [block.model for block in blocks], str(path)).join(blocks, skips)


def _scores(
    found: Results, wanted: set[str] | None, groups: bool, samples: bool | None, skips: Skips
) -> Iterator[pd.DataFrame]:
    """Scores of each task: of the whole, or counts of each problem."""
    for task in _tasks(found, groups, skips):
        entries = _entries(found, task, wanted, skips)
        if not entries:
            continue
        counted = samples if samples is not None else _repeats(found, task) > 1
        log = samples_of(found.path, task) if counted else None
        if counted and log is None:
            skips.add(f"counts of {task}", found.path.name, "no samples were logged beside the results")
        counts = None if log is None else problem_counts(log, {str(entry["_filter"]) for entry in entries}, skips)
        if counts is None or counts.empty:
            yield pd.DataFrame(entries).drop(columns="_filter")
        else:
            share = counts["n_correct"] / counts["n_samples"]
            yield counts.assign(accuracy=share, benchmark=task, shots=entries[0]["shots"])


def _tasks(found: Results, groups: bool, skips: Skips) -> list[str]:
    """Tasks whose scores count: a group or its tasks, never both."""
    results = {**found.document["results"], **(found.document.get("groups") or {})}
    subtasks = found.document.get("group_subtasks")
    subtasks = {k: v for k, v in subtasks.items() if isinstance(v, list)} if isinstance(subtasks, dict) else {}
    scored = [task for task, entry in results.items() if isinstance(entry, dict) and _measured(entry)]
    for task, entry in results.items():
        if task not in scored and not subtasks.get(task):
            skips.add(task, found.path.name, "has no scores" if isinstance(entry, dict) else "is no table of metrics")
    inside: dict[str, str] = {}
    for group in scored:
        for member in _members(group, subtasks):
            if groups:
                inside.setdefault(member, group)
            elif member in scored:
                inside[group] = member
    for task in scored:
        if task in inside:
            why = "part of a group that is counted" if groups else "a group whose tasks are counted"
            skips.add(f"{task} ({inside[task]})" if groups else task, found.path.name, why)
    return [task for task in scored if task not in inside]


def _members(group: str, subtasks: dict[str, list[str]]) -> list[str]:
    """Everything below a group, however deep."""
    members: list[str] = []
    open_groups = [group]
    while open_groups:
        for member in subtasks.get(open_groups.pop(), []):
            if member not in members and member != group:
                members.append(member)
                open_groups.append(member)
    return members


def _measured(entry: dict[str, Any]) -> list[str]:
    """Keys of an entry that hold metrics."""
    return [
        key
        for key, value in entry.items()
        if key.split(",")[0] not in _DETAILS
        and "_stderr" not in key
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ]


def _entries(found: Results, task: str, wanted: set[str] | None, skips: Skips) -> list[dict[str, Any]]:
    entry = {**(found.of("groups", task) or {}), **(found.of("results", task) or {})}
    keys = _measured(entry)
    several = len({key.partition(",")[2] for key in keys}) > 1
    rows = []
    for key in keys:
        name, _, chosen = key.partition(",")
        label = key if chosen not in ("", "none") and several else name
        at = PASS_AT.search(name)
        label = label.replace(at[0], "pass@k") if at else label
        what = f"{key} of {task}"
        if wanted is not None and not wanted & {key, name, label}:
            skips.add(what, found.path.name, "another metric than was asked for")
            continue
        if (why := _refusal(found, task, name, float(entry[key]))) is not None:
            skips.add(what, found.path.name, why)
            continue
        items = _items(found, task, entry, key)
        accuracy = float(entry[key])
        row: dict[str, Any] = {"benchmark": task, "metric": label, "accuracy": accuracy, "_filter": chosen or "none"}
        row |= {"n_items": items, "shots": _shots(found, task), "stderr": _stderr(entry, name, chosen, accuracy, items)}
        if at:
            row |= {"k": int(at[1]), "n_samples": _repeats(found, task)}
        rows.append(row)
    return rows


def _refusal(found: Results, task: str, name: str, value: float) -> str | None:
    """Why a metric is no score, or None."""
    better = found.of("higher_is_better", task)
    better = better.get(name) if isinstance(better, dict) else None
    if better is False:
        return "lower is better"
    if better is None and _NO_SHARES.search(name):
        return "no share of right answers"
    if math.isnan(value):
        return "not a number"
    if not 0 <= value <= 1:
        return "outside 0 to 1, so no share of right answers"
    return None


def _items(found: Results, task: str, entry: dict[str, Any], key: str) -> float:
    """Questions that were asked: of a group, those of all its tasks."""
    counts = entry.get("sample_count")
    if isinstance(counts, dict) and isinstance(counts.get(key), int):
        return float(counts[key])
    subtasks = found.document.get("group_subtasks")
    members = _members(task, subtasks) if isinstance(subtasks, dict) else []
    known = [_own_items(found, name) for name in [task, *members]]
    total = sum(count for count in known if count is not None)
    return float(total) if total else math.nan


def _own_items(found: Results, task: str) -> int | None:
    counts = found.of("n-samples", task)
    value = counts.get("effective") if isinstance(counts, dict) else None
    return value if isinstance(value, int) else None


def _shots(found: Results, task: str) -> float:
    general = found.document.get("config")
    places = (
        found.of("n-shot", task),
        found.config(task).get("num_fewshot"),
        general.get("num_fewshot") if isinstance(general, dict) else None,
    )
    return next((float(value) for value in places if isinstance(value, int) and not isinstance(value, bool)), math.nan)


def _stderr(entry: dict[str, Any], name: str, chosen: str, accuracy: float, items: float) -> float:
    """Give the published standard error; one of exactly 0 is that of the number of questions."""
    value = entry.get(f"{name}_stderr,{chosen}" if chosen else f"{name}_stderr")
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        return math.nan
    return float(value) if value > 0 else binomial_stderr(accuracy, items)


def _repeats(found: Results, task: str) -> int:
    value = found.config(task).get("repeats")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1
