"""Result files of lm-evaluation-harness: found, opened, and only the newest of each."""

import glob
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .finding import find_files
from .manifest import ModelName
from .skipping import Skips

_NAME = re.compile(r"(?:^|,)\s*(peft|delta|pretrained|model|path|engine)=([^,]*)")
_REVISION = re.compile(r"(?:^|,)\s*revision=([^,]*)")
_DATE = re.compile(r"_(\d{4}-\d\d-\d\dT[\d.:-]+)\.jsonl?$")


@dataclass(frozen=True)
class Results:
    """One file of results."""

    path: Path
    document: dict[str, Any]
    model: ModelName

    def of(self, section: str, task: str) -> Any:
        """What a section says of a task, or None."""
        table = self.document.get(section)
        return table.get(task) if isinstance(table, dict) else None

    def config(self, task: str) -> dict[str, Any]:
        """The task's configuration, empty where it was not kept."""
        found = self.of("configs", task)
        return found if isinstance(found, dict) else {}


def newest_only(
    scores: pd.DataFrame, found: Results, places: dict[tuple[object, ...], str], skips: Skips
) -> pd.DataFrame:
    """Leave out what a newer file measured too."""
    named = [name for name in ("benchmark", "metric", "shots", "k") if name in scores]
    labels = list(scores[named].astype(object).where(scores[named].notna(), None).itertuples(index=False, name=None))
    old = {label for label in set(labels) if (found.model, *label) in places}
    for label in sorted(old, key=str):
        where = places[found.model, *label]
        skips.add(f"{label[1]} of {label[0]} by {found.model.label}", found.path.name, f"measured again in {where}")
    places.update({(found.model, *label): found.path.name for label in set(labels) - old})
    return scores[[label not in old for label in labels]]


def find_results(path: Path) -> list[Path]:
    """Find files of results, the newest of each folder first."""
    files = find_files(path, ["results*.json"], "file of results", "a folder that lm_eval --output_path wrote")
    return sorted(files, key=lambda file: (str(file.parent), file.name), reverse=True)


def open_results(file: Path, skips: Skips) -> Results | None:
    """Read one file; None, and a line in what was skipped, where it holds no results."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        skips.add(file.name, str(file.parent), f"not JSON: {error}")
        return None
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        skips.add(file.name, str(file.parent), "has no results")
        return None
    return Results(file, document, _model(document, file))


def _model(document: dict[str, Any], file: Path) -> ModelName:
    config = document.get("config")
    config = config if isinstance(config, dict) else {}
    args = config.get("model_args")
    if isinstance(args, dict):
        name = next(
            (args[key] for key in ("peft", "delta", "pretrained", "model", "path", "engine") if key in args), None
        )
        revision = args.get("revision")
    else:
        named = dict(_NAME.findall(args)) if isinstance(args, str) else {}
        name = next(
            (named[key] for key in ("peft", "delta", "pretrained", "model", "path", "engine") if key in named), None
        )
        match = _REVISION.search(args) if isinstance(args, str) else None
        revision = match[1] if match else None
    name = name or document.get("model_name") or file.parent.name
    revision = str(revision or config.get("model_revision") or "")
    return ModelName(str(name), "" if revision == "main" else revision, file.parent.name)


def samples_of(results: Path, task: str) -> Path | None:
    """Find the log of a task's samples: of the same time, or else the newest beside the results."""
    beside = sorted(results.parent.glob(f"samples_{glob.escape(task)}_*.jsonl"))
    exact = [path for path in beside if (match := _DATE.search(path.name)) and f"samples_{task}{match[0]}" == path.name]
    date = _DATE.search(results.name)
    same = [path for path in exact if date and path.name.endswith(f"_{date[1]}.jsonl")]
    return same[-1] if same else exact[-1] if exact else None
