"""Results of lm-evaluation-harness of every version since 0.2, joined to a manifest of the models.

Old and new keys are read ("acc", "acc,none", "exact_match,strict-match"). Where a group has a score of its own (mmlu),
its tasks are not counted beside it. Where a task that cannot be guessed was repeated and its samples were logged, the
samples give counts.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .deciding import Wanted, table_of
from .documents import documents
from .grouping import Groups, members_of
from .lm_eval_files import Results, open_results, samples_of
from .lm_eval_samples import PASS_AT, problem_counts
from .measuring import Measurement, number_of
from .skipping import Skips

_EXPECTED = "results of lm-evaluation-harness with shares of right answers"
_DETAILS = ("alias", "name", "sample_len", "sample_count", "samples", "prompt_name", "task_name")
_LEVEL = re.compile(r"( +)- ")


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    metric: str | Sequence[str] | None = None,
    groups: bool = True,
    samples: bool | None = None,
    exclude: str | Sequence[str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read results of lm-evaluation-harness.

    Parameters
    ----------
    path : Path
        A folder, every JSON file of which is looked at, or one file of results.
    skips : Skips
        Gets what is left out.
    manifest : path or DataFrame
        The models with params, tokens and such, in a table (CSV or YAML): `bayes_scaling.runs.importers.manifest` says
        how.
    metric : str or sequence of str, optional
        Which metric counts: TASK=METRIC of a task, METRIC ("acc_norm") of every other, or "all" for each of them; by
        default one a task, acc_norm where there is one, and of several filters flexible-extract.
    groups : bool
        Whether a group that has a score stands for its tasks; False reads the tasks and leaves the groups out.
    samples : bool, optional
        Whether logged samples (``samples_*.jsonl``) give counts for each problem in place of the task's score: by
        default those of tasks with several attempts whose answers cannot be guessed.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``mmlu_*``.
    means : str or sequence of str, optional
        Groups to put together from their tasks, where the files hold no score of the group.

    Returns
    -------
    DataFrame
        One row a score.
    """
    found: list[Measurement] = []
    every: Groups = {}
    for file, document in documents(path, "lm-eval", "file of lm-evaluation-harness' results", _EXPECTED, skips):
        inside = _groups(document, skips, file)
        for group, members in inside.items():
            every.setdefault(group, []).extend(one for one in members if one not in every[group])
        for results in open_results(file, document):
            found.extend(_measured(results, inside, skips))
    wanted = Wanted(manifest, metric, exclude, groups, means, samples)
    return table_of(found, every, wanted, path, _EXPECTED, skips)


def _groups(document: Mapping[str, Any], skips: Skips, file: Path) -> Groups:
    """Members of each group: as the file lists them, or by the indentation of aliases, or by names."""
    listed = document.get("group_subtasks")
    if isinstance(listed, dict):
        return {
            str(name): [str(one) for one in members]
            for name, members in listed.items()
            if isinstance(members, list) and members
        }
    found = _by_alias(document["results"])
    named = document.get("groups")
    for group in named if isinstance(named, dict) else ():
        if group in found:
            continue
        if inside := [task for task in document["results"] if task.startswith(f"{group}_")]:
            found[group] = inside
        else:
            skips.note(f"{group} of {file.name} is a group whose tasks the file does not tell: both may be counted")
    return found


def _by_alias(results: Mapping[str, Any]) -> Groups:
    """Groups by aliases: a member's is indented one space more than its group's, and comes after it."""
    found: Groups = {}
    above: list[str] = []
    for task, entry in results.items():
        alias = entry.get("alias") if isinstance(entry, dict) else None
        match = _LEVEL.match(alias) if isinstance(alias, str) else None
        level = min(len(match[1]), len(above)) if match else 0
        if level:
            found.setdefault(above[level - 1], []).append(task)
        above = [*above[:level], task]
    return found


def _measured(results: Results, groups: Groups, skips: Skips) -> Iterator[Measurement]:
    """All scores of one set of results."""
    sections = {**results.document["results"], **_scored_groups(results.document)}
    for task, entry in sections.items():
        keys = _metrics(entry) if isinstance(entry, dict) else []
        if not keys and task not in groups:
            why = "has no scores" if isinstance(entry, dict) else "is no table of metrics"
            skips.add(task, results.path.name, why)
        if keys:
            beside = results.of("groups", task)
            whole = {**(beside if isinstance(beside, dict) else {}), **entry}
            task_of = _Task(results, task, whole, groups, skips)
            yield from (task_of.measurement(key) for key in keys)


def _scored_groups(document: Mapping[str, Any]) -> dict[str, Any]:
    """Groups that stand in their own section alone."""
    groups = document.get("groups")
    groups = groups if isinstance(groups, dict) else {}
    return {name: entry for name, entry in groups.items() if name not in document["results"]}


def _metrics(entry: Mapping[str, Any]) -> list[str]:
    """Keys of an entry that hold metrics."""
    return [
        key
        for key, value in entry.items()
        if key.split(",")[0] not in _DETAILS
        and "_stderr" not in key
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ]


@dataclass(frozen=True)
class _Task:
    """One task of one set of results."""

    results: Results
    task: str
    entry: Mapping[str, Any]
    groups: Groups
    skips: Skips

    def measurement(self, key: str) -> Measurement:
        """One of its scores."""
        results, entry = self.results, self.entry
        name, _, way = key.partition(",")
        prompt = entry.get("prompt_name")
        at = PASS_AT.search(name)
        items, size, limited = self._items(key)
        right_or_wrong = name.startswith(("acc", "exact_match"))
        return Measurement(
            results.model,
            str(entry["task_name"]) if prompt and isinstance(entry.get("task_name"), str) else self.task,
            name.replace(at[0], "pass@k") if at else name,
            number_of(entry[key]),
            results.path.name,
            way=str(prompt) if prompt else way,
            shots=self._shots(),
            n_items=items,
            stderr=number_of(entry.get(f"{name}_stderr,{way}" if way else f"{name}_stderr")),
            k=float(at[1]) if at else math.nan,
            attempts=float(self._repeats()),
            size=size,
            limited=limited,
            when=results.when,
            rises=self._rises(name),
            chance=1 / results.choices(self.task) if right_or_wrong else math.nan,
            counts=self._counts(name, way or "none"),
        )

    def _rises(self, name: str) -> bool | None:
        better = self.results.of("higher_is_better", self.task)
        found = better.get(name) if isinstance(better, dict) else None
        return found if isinstance(found, bool) else None

    def _items(self, key: str) -> tuple[float, float, bool]:
        """Questions that were asked, those of the whole task or group, and whether the two differ."""
        counts = self.entry.get("sample_count")
        asked = number_of(counts.get(key)) if isinstance(counts, dict) else math.nan
        parts = [self.task, *members_of(self.task, self.groups)]
        sizes = [pair for part in parts if not math.isnan((pair := self._own_items(part))[0])]
        limit = self.results.limit
        if not sizes and not self.groups.get(self.task) and limit >= 1:
            sizes = [(limit, math.nan)]
        total = math.fsum(pair[0] for pair in sizes) if sizes else math.nan
        size = math.fsum(pair[1] for pair in sizes) if sizes else math.nan
        total = total if math.isnan(asked) else asked
        return total, size, total < size or (not math.isnan(limit) and not total >= size)

    def _own_items(self, task: str) -> tuple[float, float]:
        counts = self.results.of("n-samples", task)
        if not isinstance(counts, dict):
            return math.nan, math.nan
        asked = number_of(counts.get("effective"))
        return (asked if asked > 0 else math.nan), number_of(counts.get("original"))

    def _shots(self) -> float:
        """Examples in the prompt: of a group those of its tasks, where they agree."""
        inside = {
            shots for part in members_of(self.task, self.groups) if not math.isnan(shots := self._own_shots(part))
        }
        return inside.pop() if len(inside) == 1 else self._own_shots(self.task)

    def _own_shots(self, task: str) -> float:
        places = (
            self.results.of("n-shot", task),
            self.results.config(task).get("num_fewshot"),
            self.results.general.get("num_fewshot"),
        )
        known = (number_of(value) for value in places)
        return next((value for value in known if value >= 0), math.nan)

    def _repeats(self) -> int:
        value = self.results.config(self.task).get("repeats")
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1

    def _counts(self, name: str, way: str) -> Callable[[], pd.DataFrame | None]:
        """Reader of right attempts at each problem, from the samples beside the results."""

        def counted() -> pd.DataFrame | None:
            log = samples_of(self.results.path, self.task)
            if log is None:
                self.skips.add(
                    f"counts of {self.task}", self.results.path.name, "no samples were logged beside the results"
                )
                return None
            counts = problem_counts(log, {way}, self.skips)
            wanted = "pass@k" if PASS_AT.search(name) else name
            return counts[counts["metric"] == wanted].drop(columns="metric").reset_index(drop=True)

        return counted
