"""Evaluations of llm-foundry: its table of results, or the metrics that it logs, as CSV or JSON."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..reading.cells import read_numbers
from ..reading.files import read_table
from ..reading.problems import RunsError, one_problem
from .deciding import Wanted, table_of
from .documents import say_others
from .finding import find_files
from .measuring import Measurement, number_of, time_in
from .names import ModelName
from .skipping import Skips

_EXPECTED = "llm-foundry's table of results (Benchmark, Accuracy, Model), or its metrics/TASK/N-shot/METRIC as JSON"
_LOGGED = re.compile(r"metrics/(?P<task>.+?)/(?:(?P<part>[^/]+)/)?(?P<shots>\d+)-shot/(?P<metric>[^/]+)")
_KINDS = {
    "InContextLearningLMAccuracy": "exact_match",
    "InContextLearningMultipleChoiceAccuracy": "acc",
    "InContextLearningMCExpectedCalibrationError": "ece",
    "InContextLearningQAAccuracy": "exact_match",
    "InContextLearningGenerationExactMatchAccuracy": "exact_match",
    "InContextLearningCodeEvalAccuracy": "pass@1",
}
_COLUMNS = ("Benchmark", "Accuracy", "Model")


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    metric: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read evaluations of llm-foundry.

    Parameters
    ----------
    path : Path
        A folder of CSV and JSON files, or one of them.
    skips : Skips
        Gets what is left out: averages over the categories of a task among them.
    manifest : path or DataFrame
        The models, as `bayes_scaling.runs.importers.manifest` says.
    metric : str or sequence of str, optional
        Which metric counts: TASK=METRIC of a task, METRIC of every other, or "all" for each of them.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``jeopardy_*``.
    means : str or sequence of str, optional
        Groups to put together from their tasks.

    Returns
    -------
    DataFrame
        One row a score.
    """
    found: list[Measurement] = []
    groups: dict[str, list[str]] = {}
    for file in find_files(path, ["*.csv", "*.tsv", "*.json"], "file", _EXPECTED):
        try:
            found.extend(_of_json(file, groups) if file.suffix == ".json" else _of_table(file, groups))
        except (ValueError, OSError, RecursionError) as error:
            said = error.problems[0].message if isinstance(error, RunsError) else str(error)
            skips.add(file.name, str(file.parent), said)
    say_others(path, skips, (".csv", ".tsv", ".json"))
    return table_of(found, groups, Wanted(manifest, metric, exclude, True, means), path, _EXPECTED, skips)


def _of_table(file: Path, groups: dict[str, list[str]]) -> Iterator[Measurement]:
    """Rows of the table that an evaluation ends with; a subtask stands below the average of its benchmark."""
    table = read_table(file).rename(columns=lambda name: str(name).strip())
    if lacking := [name for name in _COLUMNS if name not in table]:
        raise one_problem(file, "", f"no table of llm-foundry: it lacks {', '.join(lacking)}", "")
    values, _ = read_numbers(table["Accuracy"], "accuracy")
    shots = [_shots(cell) for cell in table.get("Number few shot", pd.Series("", table.index))]
    parts = table.get("Subtask", pd.Series("", table.index))
    for row, value in enumerate(values):
        benchmark, part = str(table["Benchmark"].iloc[row]).strip(), _text(parts.iloc[row])
        task = f"{benchmark}_{part}" if part and part.lower() != "average" else benchmark
        _add(groups, benchmark, task)
        model = ModelName(str(table["Model"].iloc[row]).strip())
        yield Measurement(model, task, "acc", float(value), file.name, shots=shots[row], when=time_in(file.name))


def _of_json(file: Path, groups: dict[str, list[str]]) -> Iterator[Measurement]:
    """Metrics as they are logged, of one model, or of several by name."""
    document = json.loads(file.read_bytes())
    if not isinstance(document, dict):
        raise ValueError("no metrics of llm-foundry")
    name = document.get("model_name") or document.get("run_name") or file.stem
    sets = {name: document, **{key: value for key, value in document.items() if isinstance(value, dict)}}
    found = [one for key, metrics in sets.items() for one in _logged(str(key), metrics, file, groups)]
    if not found:
        raise ValueError("no metrics of llm-foundry")
    yield from found


def _logged(name: str, metrics: Mapping[str, Any], file: Path, groups: dict[str, list[str]]) -> Iterator[Measurement]:
    for key, value in metrics.items():
        match = _LOGGED.fullmatch(str(key))
        if match is None or math.isnan(number_of(value)):
            continue
        task = f"{match['task']}_{match['part']}" if match["part"] else match["task"]
        _add(groups, match["task"], task)
        kind = _KINDS.get(match["metric"], match["metric"])
        yield Measurement(
            ModelName(name, "", file.parent.name, file.stem),
            task,
            kind,
            number_of(value),
            file.name,
            shots=float(match["shots"][:6]),
            when=time_in(file.name),
        )


def _add(groups: dict[str, list[str]], benchmark: str, task: str) -> None:
    if task != benchmark and task not in groups.setdefault(benchmark, []):
        groups[benchmark].append(task)


def _shots(cell: object) -> float:
    match = re.match(r"(\d{1,5})", str(cell).strip())
    return float(match[1]) if match else math.nan


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()
