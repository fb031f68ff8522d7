"""Evaluations of DCLM: one JSON file a model, with the scores of llm-foundry's tasks under ``eval_metrics``."""

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

_EXPECTED = "evaluations of DCLM, with eval_metrics"
_CENTRED = re.compile(r"centered|^core|^extended|^aggregated|_ci_|low_variance|^rw_small", re.IGNORECASE)


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    exclude: str | Sequence[str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read evaluations of DCLM.

    Parameters
    ----------
    path : Path
        A folder, every JSON file of which is looked at, or one evaluation.
    skips : Skips
        Gets what is left out: aggregates, and losses of questions.
    manifest : path or DataFrame
        The models, as `bayes_scaling.runs.importers.manifest` says; a name is the file's ``model``, its ``uuid`` or the
        file's own name.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``bigbench_*``.
    means : str or sequence of str, optional
        Groups to put together from their tasks.

    Returns
    -------
    DataFrame
        One row a score.
    """
    found: list[Measurement] = []
    for file, document in documents(path, "dclm", "evaluation of DCLM", _EXPECTED, skips):
        found.extend(_measured(file, document, skips))
    return table_of(found, {}, Wanted(manifest, None, exclude, True, means), path, _EXPECTED, skips)


def _measured(file: Path, document: Mapping[str, Any], skips: Skips) -> Iterator[Measurement]:
    for key, value in document.items():
        if _CENTRED.search(str(key)) and isinstance(value, int | float | dict):
            skips.add(str(key), file.name, "an aggregate, centred on chance or over other scores")
    name = document.get("model")
    stem = file.stem.removeprefix("evaluation_")
    model = ModelName(str(name) if name else stem, "", str(document.get("uuid") or ""), stem)
    when = time_in(str(document.get("creation_date") or file.name))
    for section, entries in document["eval_metrics"].items():
        if section != "icl" or not isinstance(entries, dict):
            skips.add(str(section), file.name, "no scores of tasks")
            continue
        for task, value in entries.items():
            yield Measurement(model, str(task), "acc", number_of(value), file.name, when=when)
