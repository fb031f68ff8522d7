"""Results of lighteval: a folder of ``results_*.json``, joined to a manifest of the models."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .deciding import Wanted, table_of
from .documents import documents
from .measuring import Measurement, number_of, time_in
from .names import ModelName
from .skipping import Skips

_EXPECTED = "results of lighteval with shares of right answers"
_PASS_AT = re.compile(r"pass@(?:k:k=)?(\d+)")
_AVERAGE = re.compile(r"(^|[:_])_?average(_ptr)?$")


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    metric: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read results of lighteval.

    Parameters
    ----------
    path : Path
        A folder, every JSON file of which is looked at, or one file of results.
    skips : Skips
        Gets what is left out: averages among them.
    manifest : path or DataFrame
        The models, as `bayes_scaling.runs.importers.manifest` says.
    metric : str or sequence of str, optional
        Which metric counts: TASK=METRIC of a task, METRIC ("acc_norm") of every other, or "all" for each of them; by
        default one a task, acc_norm where there is one.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``mmlu_*``.
    means : str or sequence of str, optional
        Groups to put together from their tasks, such as ``mmlu``: the files hold the average over tasks, not questions.

    Returns
    -------
    DataFrame
        One row a score.
    """
    found: list[Measurement] = []
    for file, document in documents(path, "lighteval", "file of lighteval's results", _EXPECTED, skips):
        found.extend(_measured(file, document, skips))
    return table_of(found, {}, Wanted(manifest, metric, exclude, True, means), path, _EXPECTED, skips)


def _measured(file: Path, document: Mapping[str, Any], skips: Skips) -> Iterator[Measurement]:
    model = _model(file, document)
    general = document["config_general"]
    general = general if isinstance(general, dict) else {}
    limited = number_of(general.get("max_samples")) > 0
    for key, entry in document["results"].items():
        name, benchmark, shots = _task(str(key))
        if not isinstance(entry, dict):
            skips.add(str(key), file.name, "is no table of metrics")
        elif benchmark == "all" or _AVERAGE.search(name):
            skips.add(str(key), file.name, "an average of tasks that count by themselves")
        else:
            yield from _scores(file, document, model, entry, (str(key), benchmark, shots, limited))


def _scores(
    file: Path,
    document: Mapping[str, Any],
    model: ModelName,
    entry: Mapping[str, Any],
    task: tuple[str, str, float, bool],
) -> Iterator[Measurement]:
    key, benchmark, shots, limited = task
    asked, size = _questions(document, key)
    for label, value in entry.items():
        if label.endswith("_stderr") or math.isnan(number_of(value)):
            continue
        metric, _, way = label.partition(":")
        at = _PASS_AT.match(label)
        yield Measurement(
            model,
            benchmark,
            "pass@k" if at else metric,
            number_of(value),
            file.name,
            way="" if at else way,
            shots=shots,
            n_items=asked,
            stderr=number_of(entry.get(f"{label}_stderr")),
            k=float(at[1]) if at else math.nan,
            size=size,
            limited=limited or asked < size,
            when=time_in(file.name),
        )


def _task(key: str) -> tuple[str, str, float]:
    """Name, benchmark and shots of a task's key.

    Examples
    --------
    >>> _task("leaderboard|arc:challenge|25"), _task("gsm8k|5"), _task("all")
    (('arc:challenge', 'arc_challenge', 25.0), ('gsm8k', 'gsm8k', 5.0), ('all', 'all', nan))
    """
    parts = key.split("|")
    shots = float(parts[-1]) if len(parts) > 1 and parts[-1].isdecimal() and len(parts[-1]) < 6 else math.nan
    if len(parts) > 3 and parts[-2].isdecimal():  # suite, task, shots, and whether the prompt may be cut
        parts, shots = parts[:-1], float(parts[-2]) if len(parts[-2]) < 6 else math.nan
    named = parts[:-1] if not math.isnan(shots) else parts
    name = named[-1] if named else key
    return name, name.replace(":", "_"), shots


def _questions(document: Mapping[str, Any], key: str) -> tuple[float, float]:
    """Questions that were asked, and those of the whole task; NaN where the file does not say."""
    tasks = document.get("config_tasks")
    parts = key.rpartition("|")[0]
    for name in (key, parts):
        config = tasks.get(name) if isinstance(tasks, dict) else None
        if isinstance(config, dict):
            asked = number_of(config.get("effective_num_docs"))
            size = number_of(config.get("original_num_docs"))
            return (asked if asked > 0 else math.nan), (size if size > 0 else math.nan)
    return math.nan, math.nan


def _model(file: Path, document: Mapping[str, Any]) -> ModelName:
    general = document["config_general"]
    general = general if isinstance(general, dict) else {}
    config = general.get("model_config")
    config = config if isinstance(config, dict) else {}
    name = general.get("model_name") or config.get("model_name") or file.parent.name
    revision = str(config.get("revision") or general.get("model_revision") or "")
    return ModelName(str(name), "" if revision == "main" else revision, file.parent.name)
