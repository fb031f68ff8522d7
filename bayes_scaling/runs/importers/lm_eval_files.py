"""Result files of lm-evaluation-harness, of every version since 0.2, whatever their names."""

import ast
import glob
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .measuring import UNKNOWN_TIME, number_of, time_in
from .names import ModelName

_NAME = re.compile(r"(?:^|,)\s*(peft|delta|pretrained|model|path|engine)=([^,]*)")
_REVISION = re.compile(r"(?:^|,)\s*revision=([^,]*)")
_DATE = re.compile(r"_(\d{4}-\d\d-\d\dT[\d.:-]+)\.jsonl?$")
_RESULTS = re.compile(r"_agg$|[-_](eval_)?results[-_]\d.*$|[-_]\d{4}-\d\d-\d\d[-T_].*$")
_STEP = re.compile(r"[-_](global_?)?step\d+$")
_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")


@dataclass(frozen=True)
class Results:
    """One set of results: a file, or the part of it that was measured at one time or checkpoint."""

    path: Path
    document: dict[str, Any]
    model: ModelName
    when: float = UNKNOWN_TIME

    def of(self, section: str, task: str) -> Any:
        """What a section says of a task, or None."""
        table = self.document.get(section)
        return table.get(task) if isinstance(table, dict) else None

    def config(self, task: str) -> dict[str, Any]:
        """The task's configuration, empty where it was not kept."""
        found = self.of("configs", task)
        return found if isinstance(found, dict) else {}

    @property
    def general(self) -> dict[str, Any]:
        """The configuration of the whole evaluation."""
        found = self.document.get("config")
        return found if isinstance(found, dict) else {}

    @property
    def limit(self) -> float:
        """How many questions, or which share of them, were asked of each task; NaN where all were."""
        limit = number_of(self.general.get("limit"))
        return limit if limit > 0 else math.nan

    def choices(self, task: str) -> float:
        """How many answers a task offers, chosen or written, where its configuration lists them; else NaN."""
        listed = self.config(task).get("doc_to_choice")
        if isinstance(listed, str):
            try:
                listed = ast.literal_eval(listed)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return math.nan
        return float(len(listed)) if isinstance(listed, list) and len(listed) > 1 else math.nan


def open_results(file: Path, document: dict[str, Any]) -> Iterator[Results]:
    """Parts of a file: most have one; aggregates have one a date or a checkpoint."""
    model = _model(document, file)
    when = time_in(file.name)
    if when == UNKNOWN_TIME:
        date = number_of(document.get("date"))
        when = date if math.isfinite(date) else UNKNOWN_TIME
    whole = Results(file, document, model, when)
    if isinstance(document.get("checkpoints"), list):
        yield from _at_checkpoints(whole)
    else:
        yield from _at_dates(whole)


def _at_dates(whole: Results) -> Iterator[Results]:
    """Take results that lie one level deeper, under the time of measurement, apart."""
    flat: dict[str, Any] = {}
    dated: dict[str, dict[str, Any]] = {}
    for task, entry in whole.document["results"].items():
        times = (
            [key for key, value in entry.items() if isinstance(value, dict) and time_in(key) != UNKNOWN_TIME]
            if (isinstance(entry, dict))
            else []
        )
        if not times:
            flat[task] = entry
        for time in times:
            dated.setdefault(time, {})[task] = entry[time]
    if flat or not dated:
        yield replace(whole, document={**whole.document, "results": flat})
    for time, results in dated.items():
        yield replace(whole, document={**whole.document, "results": results}, when=time_in(time))


def _at_checkpoints(whole: Results) -> Iterator[Results]:
    """Take an aggregate over checkpoints apart: each metric is a list, one number a checkpoint."""
    document = whole.document
    steps, tokens = document["checkpoints"], document.get("tokens")
    tokens = tokens if isinstance(tokens, list) and len(tokens) == len(steps) else [None] * len(steps)
    for number, (step, seen) in enumerate(zip(steps, tokens, strict=True)):
        results = {
            task: {key: values[number] for key, values in entry.items() if _is_series(values, len(steps))}
            for task, entry in document["results"].items()
            if isinstance(entry, dict)
        }
        model = replace(whole.model, revision=f"step{step}", tokens=number_of(seen))
        yield replace(whole, document={**document, "results": results}, model=model)


def _is_series(values: object, length: int) -> bool:
    return isinstance(values, list) and len(values) == length


def _model(document: dict[str, Any], file: Path) -> ModelName:
    config = document.get("config")
    config = config if isinstance(config, dict) else {}
    args = config.get("model_args")
    named = args if isinstance(args, dict) else dict(_NAME.findall(args)) if isinstance(args, str) else {}
    name = next((named[key] for key in _NAMES if key in named), None)
    if isinstance(args, dict):
        revision = args.get("revision")
    else:
        match = _REVISION.search(args) if isinstance(args, str) else None
        revision = match[1] if match else None
    if revision is None and isinstance(args, dict) and number_of(args.get("iteration")) >= 0:  # as GPT-NeoX writes it
        revision = f"step{args['iteration']}"
    stem = "" if file.stem.startswith("results") else _RESULTS.sub("", file.stem)
    if name is None and revision:
        stem = _STEP.sub("", stem)
    name = name or document.get("model_name") or stem or file.parent.name
    revision = str(revision or config.get("model_revision") or "")
    return ModelName(
        str(name),
        "" if revision == "main" else revision,
        file.parent.name,
        stem,
        params=_params(config.get("model_num_parameters")),
    )


def _params(value: object) -> float:
    number = number_of(value)
    return number if number >= 1e5 else math.nan


def samples_of(results: Path, task: str) -> Path | None:
    """Find the log of a task's samples: of the same time, or else the newest beside the results."""
    beside = sorted(results.parent.glob(f"samples_{glob.escape(task)}_*.jsonl"))
    exact = [path for path in beside if (match := _DATE.search(path.name)) and f"samples_{task}{match[0]}" == path.name]
    date = _DATE.search(results.name)
    same = [path for path in exact if date and path.name.endswith(f"_{date[1]}.jsonl")]
    return same[-1] if same else exact[-1] if exact else None
