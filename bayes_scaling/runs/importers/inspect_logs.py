"""Logs of Inspect: scores, and counts of each problem over epochs."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from .deciding import Wanted, table_of
from .documents import say_others
from .finding import find_files
from .inspect_files import UnreadableError, read_header, read_samples
from .measuring import UNKNOWN_TIME, Measurement, instant, number_of, time_in
from .names import ModelName
from .skipping import Skips

_GRADES = {"C": 1.0, "I": 0.0, "N": 0.0, "P": 0.5, True: 1.0, False: 0.0}
_SHARES = ("accuracy", "mean")
_SHOTS = ("fewshot", "num_fewshot", "n_fewshot", "shots", "num_shots", "n_shots", "few_shot")
_PASS_AT = "pass_at_"


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    scorer: str | None = None,
    samples: bool | None = None,
    metric: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read logs of Inspect.

    Parameters
    ----------
    path : Path
        A folder, which is searched for ``.eval`` and ``.json`` logs, or one log.
    skips : Skips
        Gets what is left out.
    manifest : path or DataFrame
        The models, as `bayes_scaling.runs.importers.manifest` says.
    scorer : str, optional
        Only this scorer's scores, by default all.
    samples : bool, optional
        Whether samples give counts for each problem in place of the task's score: by default those of tasks with
        several epochs whose answers cannot be guessed.
    metric : str or sequence of str, optional
        Which metric counts, here the name of a scorer: TASK=METRIC of a task, METRIC of every other, or "all" for each
        of them; by default one a task.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``mmlu_*``.
    means : str or sequence of str, optional
        Groups to put together from their tasks, where the files hold no score of the group.

    Returns
    -------
    DataFrame
        One row a score.
    """
    found: list[tuple[Log, Measurement]] = []
    for file in find_files(path, ["*.eval", "*.json"], "log", "a folder of Inspect's logs"):
        try:
            log = Log(file)
            found.extend((log, one) for one in log.measurements(scorer, skips))
        except UnreadableError as error:
            skips.add(file.name, str(file.parent), str(error))
    say_others(path, skips)
    told_apart = _varied({id(log): log for log, _ in found}.values())
    measured = [replace(one, detail=log.detail(told_apart.get(log.task, ()))) for log, one in found]
    wanted = Wanted(manifest, metric, exclude, True, means, samples)
    return table_of(measured, {}, wanted, path, "finished logs of Inspect whose scores are shares", skips)


def _varied(logs: "Iterable[Log]") -> dict[str, list[str]]:
    """Arguments of each task that differ between its logs."""
    values: dict[str, dict[str, set[str]]] = {}
    every = list(logs)
    for log in every:
        for name in log.arguments:
            values.setdefault(log.task, {}).setdefault(name, set())
    for log in every:
        for name, known in values.get(log.task, {}).items():
            known.add(repr(log.arguments.get(name)))
    return {task: [name for name, known in names.items() if len(known) > 1] for task, names in values.items()}


class Log:
    """One finished log: its task and model, what it says of scores, and its samples, read when they are asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.document = read_header(file)
        spec = self.document.get("eval")
        if (
            not isinstance(spec, dict)
            or not isinstance(spec.get("task"), str)
            or not isinstance(spec.get("model"), str)
        ):
            raise UnreadableError("is no log of Inspect")
        if self.document.get("status") != "success":
            raise UnreadableError(f"its status is {self.document.get('status')!r}, not 'success'")
        if self.document.get("invalidated"):
            raise UnreadableError("was marked as invalid")
        self.task = spec["task"].rsplit("/", 1)[-1]
        self.model = ModelName(spec["model"])
        self.config: dict[str, Any] = spec["config"] if isinstance(spec.get("config"), dict) else {}
        epochs = number_of(self.config.get("epochs"))
        self.epochs = epochs if epochs >= 1 else 1.0
        dataset = spec.get("dataset")
        self.size = number_of(dataset.get("samples")) if isinstance(dataset, dict) else math.nan
        args = spec.get("task_args")
        args = args if isinstance(args, dict) else {}
        self.shots = next((shots for name in _SHOTS if (shots := number_of(args.get(name))) >= 0), math.nan)
        self.arguments = {str(name): value for name, value in args.items() if name not in _SHOTS}
        when = instant(spec.get("created"))
        self.when = time_in(file.name) if when == UNKNOWN_TIME else when

    def detail(self, names: Sequence[str]) -> str:
        """Arguments of the task in words, those that tell its logs apart."""
        return ", ".join(f"{name}={self.arguments[name]}" for name in names if name in self.arguments)

    def measurements(self, scorer: str | None, skips: Skips) -> Iterator[Measurement]:
        """Scores of each scorer."""
        results = self.document.get("results")
        listed = results.get("scores") if isinstance(results, dict) else None
        for entry in listed if isinstance(listed, list) else []:
            if not isinstance(entry, dict):
                continue
            name = str(entry.get("name", "score"))
            if scorer is not None and scorer not in (name, entry.get("scorer")):
                skips.add(f"{name} of {self.task}", self.file.name, "another scorer than was asked for")
            elif (one := self._measurement(name, entry, skips)) is not None:
                yield one
        if not listed:
            skips.add(self.task, self.file.name, "has no scores")

    def _measurement(self, name: str, entry: dict[str, Any], skips: Skips) -> Measurement | None:
        metrics = entry.get("metrics")
        metrics = metrics if isinstance(metrics, dict) else {}
        shares = [key for key in _SHARES if isinstance(metrics.get(key), dict)]
        for key in metrics:
            if key not in (*shares[:1], "stderr", "std"):
                skips.add(f"{key} by {name} of {self.task}", self.file.name, "is not the accuracy or mean of a scorer")
        value = number_of(metrics[shares[0]].get("value")) if shares else math.nan
        if math.isnan(value):
            skips.add(f"{name} of {self.task}", self.file.name, "has no accuracy or mean from 0 to 1")
            return None
        error = metrics.get("stderr")
        items = self._items(entry)
        limited = items < self.size or any(self.config.get(key) is not None for key in ("limit", "sample_id"))
        reducer = str(entry.get("reducer") or self._reducer())
        at = number_of(int(reducer[len(_PASS_AT) :])) if _is_pass_at(reducer) else math.nan
        return Measurement(
            self.model,
            self.task,
            name,
            value,
            self.file.name,
            way="" if reducer == "mean" or not math.isnan(at) else reducer,
            shots=self.shots,
            n_items=items,
            stderr=number_of(error.get("value")) if isinstance(error, dict) else math.nan,
            k=at,
            attempts=self.epochs,
            size=self.size,
            limited=limited,
            when=self.when,
            counts=self._counter(name, skips),
        )

    def _reducer(self) -> str:
        """How the attempts of a problem became one score, where the score itself does not say."""
        listed = self.config.get("epochs_reducer")
        return str(listed[0]) if isinstance(listed, list) and len(listed) == 1 and self.epochs > 1 else "mean"

    def _items(self, entry: dict[str, Any]) -> float:
        """Questions that were scored; of older logs those that were asked, or all, if none is known."""
        scored = number_of(entry.get("scored_samples"))
        results = self.document["results"]
        asked = (number_of(results.get(key)) / self.epochs for key in ("completed_samples", "total_samples"))
        return next((count for count in (scored, *asked) if count > 0), self.size)

    def _counter(self, name: str, skips: Skips) -> Callable[[], pd.DataFrame | None]:
        def counted() -> pd.DataFrame | None:
            try:
                found = self._problems.get(name)
            except UnreadableError as error:
                skips.add(self.file.name, str(self.file.parent), str(error))
                return None
            if found is None:
                skips.add(
                    f"counts of {name} of {self.task}", self.file.name, "no samples, or scores between right and wrong"
                )
            return found

        return counted

    @cached_property
    def _problems(self) -> dict[str, pd.DataFrame]:
        """Attempts and right attempts of each problem by scorer, of scorers whose every score is right or wrong."""
        totals: dict[str, dict[str, list[float]]] = {}
        between: set[str] = set()
        for sample in read_samples(self.file, self.document):
            scores = sample.get("scores")
            for name, score in (scores if isinstance(scores, dict) else {}).items():
                grade = _grade(score.get("value") if isinstance(score, dict) else score)
                if grade not in (0.0, 1.0):
                    between.add(name)
                    continue
                total = totals.setdefault(name, {}).setdefault(str(sample.get("id")), [0.0, 0.0])
                total[0] += 1
                total[1] += grade
        return {name: _frame(found) for name, found in totals.items() if name not in between}


def _is_pass_at(reducer: str) -> bool:
    return reducer.startswith(_PASS_AT) and reducer[len(_PASS_AT) :].isdecimal() and len(reducer) < len(_PASS_AT) + 7


def _frame(found: dict[str, list[float]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(found.values()), columns=["n_samples", "n_correct"])
    return frame.assign(problem=list(found))


def _grade(value: object) -> float:
    """Grade of one attempt from 0 to 1; NaN where it is something else."""
    if isinstance(value, str | bool) and value in _GRADES:
        return _GRADES[value]
    return number_of(value)
