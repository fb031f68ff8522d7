"""Logs of Inspect: ``.json``, or ``.eval``, which is a zip of JSON. Scores, and counts of each problem over epochs.

An ``.eval`` file may be compressed with Zstandard, which Python's own zip reader knows from 3.14 on; pyarrow, which is
there for Parquet, decompresses it.
"""

import json
import math
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ..pass_rates import binomial_stderr
from ..reading.problems import one_problem
from .finding import find_files
from .manifest import Block, ModelName, read_manifest
from .skipping import Skips

_ZSTANDARD = 93  # in the field of a zip that says how a member is compressed
_HEAD = 30  # bytes of a member's local header before its name
_GRADES = {"C": 1.0, "I": 0.0, "N": 0.0, "P": 0.5, True: 1.0, False: 0.0}
_SHARES = ("accuracy", "mean")


class _UnreadableError(ValueError):
    """A log that cannot be read; the message says why."""


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    scorer: str | None = None,
    samples: bool | None = None,
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
        several epochs.

    Returns
    -------
    DataFrame
        One row a score.
    """
    blocks: list[Block] = []
    places: dict[tuple[object, ...], str] = {}
    for file in _find(path):
        try:
            log = _Log(file)
            found = list(log.scores(scorer, samples, skips))
        except _UnreadableError as error:
            skips.add(file.name, str(file.parent), str(error))
            continue
        for name, frame in found:
            key = (log.model, log.task, name)
            if key in places:
                skips.add(f"{name} of {log.task} by {log.model.label}", file.name, f"measured again in {places[key]}")
                continue
            places[key] = file.name
            blocks.append(Block(log.model, frame))
    if not blocks:
        raise one_problem(path, "", "no scores", "finished logs of Inspect whose scores are shares")
    return read_manifest(manifest, [block.model for block in blocks], str(path)).join(blocks, skips)


def _find(path: Path) -> list[Path]:
    """Find logs, the newest first: their names begin with the time."""
    files = find_files(path, ["*.eval", "*.json"], "log", "a folder of Inspect's logs")
    return sorted(files, key=lambda file: file.name, reverse=True)


class _Log:
    """One finished log: its task and model, what it says of scores, and its samples, read when they are asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.document = _header(file)
        spec = self.document.get("eval")
        if (
            not isinstance(spec, dict)
            or not isinstance(spec.get("task"), str)
            or not isinstance(spec.get("model"), str)
        ):
            raise _UnreadableError("is no log of Inspect")
        if self.document.get("status") != "success":
            raise _UnreadableError(f"its status is {self.document.get('status')!r}, not 'success'")
        if self.document.get("invalidated"):
            raise _UnreadableError("was marked as invalid")
        self.task = spec["task"].rsplit("/", 1)[-1]
        self.model = ModelName(spec["model"])
        config = spec.get("config")
        epochs = config.get("epochs") if isinstance(config, dict) else None
        self.epochs = epochs if isinstance(epochs, int) else 1
        dataset = spec.get("dataset")
        self.items = dataset.get("samples") if isinstance(dataset, dict) else None

    def scores(self, scorer: str | None, samples: bool | None, skips: Skips) -> Iterator[tuple[str, pd.DataFrame]]:
        """Scores of each scorer: of the whole, or counts of each problem."""
        results = self.document.get("results")
        listed = results.get("scores") if isinstance(results, dict) else None
        counted = samples if samples is not None else self.epochs > 1
        counts = self._counts() if counted else {}
        for entry in listed if isinstance(listed, list) else []:
            name = str(entry.get("name", "score"))
            if scorer is not None and scorer not in (name, entry.get("scorer")):
                skips.add(f"{name} of {self.task}", self.file.name, "another scorer than was asked for")
                continue
            found = counts.get(name)
            if found is not None:
                yield name, found
                continue
            if counted:
                skips.add(
                    f"counts of {name} of {self.task}", self.file.name, "no samples, or scores between right and wrong"
                )
            if (row := self._row(name, entry, skips)) is not None:
                yield name, pd.DataFrame([row])
        if not listed:
            skips.add(self.task, self.file.name, "has no scores")

    def _row(self, name: str, entry: dict[str, Any], skips: Skips) -> dict[str, Any] | None:
        metrics = entry.get("metrics")
        metrics = metrics if isinstance(metrics, dict) else {}
        shares = [key for key in _SHARES if isinstance(metrics.get(key), dict)]
        for key in metrics:
            if key not in (*shares[:1], "stderr", "std"):
                skips.add(f"{key} by {name} of {self.task}", self.file.name, "is not the accuracy or mean of a scorer")
        value = metrics[shares[0]].get("value") if shares else None
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            skips.add(f"{name} of {self.task}", self.file.name, "has no accuracy or mean from 0 to 1")
            return None
        scored = entry.get("scored_samples")
        items = float(scored if isinstance(scored, int) and scored > 0 else self.items or math.nan)
        error = metrics["stderr"].get("value") if isinstance(metrics.get("stderr"), dict) else None
        stderr = float(error) if isinstance(error, int | float) and not math.isnan(error) else math.nan
        stderr = binomial_stderr(float(value), items) if stderr == 0 else stderr
        return {"benchmark": self.task, "metric": name, "accuracy": float(value), "n_items": items, "stderr": stderr}

    def _counts(self) -> dict[str, pd.DataFrame]:
        """Attempts and right attempts of each problem by scorer, of scorers whose every score is right or wrong."""
        totals: dict[str, dict[str, list[float]]] = {}
        between: set[str] = set()
        for sample in _samples(self.file, self.document):
            scores = sample.get("scores")
            for name, score in (scores if isinstance(scores, dict) else {}).items():
                value = score.get("value") if isinstance(score, dict) else score
                grade = _grade(value)
                if grade not in (0.0, 1.0):
                    between.add(name)
                    continue
                total = totals.setdefault(name, {}).setdefault(str(sample.get("id")), [0.0, 0.0])
                total[0] += 1
                total[1] += grade
        return {name: self._frame(name, found) for name, found in totals.items() if name not in between}

    def _frame(self, name: str, found: dict[str, list[float]]) -> pd.DataFrame:
        frame = pd.DataFrame(list(found.values()), columns=["n_samples", "n_correct"])
        frame["accuracy"] = frame["n_correct"] / frame["n_samples"]
        return frame.assign(benchmark=self.task, metric=name, problem=list(found))


def _grade(value: object) -> float:
    """Grade of one attempt from 0 to 1; NaN where it is something else."""
    if isinstance(value, str | bool) and value in _GRADES:
        return _GRADES[value]
    return float(value) if isinstance(value, int | float) else math.nan


def _header(file: Path) -> dict[str, Any]:
    try:
        if file.suffix == ".json":
            document = json.loads(file.read_bytes())
        else:
            with zipfile.ZipFile(file) as archive:
                if "header.json" not in archive.namelist():
                    raise _UnreadableError("has no header.json: the evaluation was not finished")
                document = json.loads(_member(archive, "header.json"))
    except _UnreadableError:
        raise
    except Exception as error:  # of a damaged zip its readers raise many kinds
        raise _UnreadableError(f"cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise _UnreadableError("is no log of Inspect")
    return document


def _samples(file: Path, document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Samples of a log: those of a zip from its summaries, which hold the scores in one member."""
    try:
        listed = _listed_samples(file, document)
    except Exception as error:  # of a damaged zip its readers raise many kinds
        raise _UnreadableError(f"its samples cannot be read: {error}") from error
    return [sample for sample in listed if isinstance(sample, dict)] if isinstance(listed, list) else []


def _listed_samples(file: Path, document: dict[str, Any]) -> Any:
    if file.suffix == ".json":
        return document.get("samples")
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if "summaries.json" in names:
            return json.loads(_member(archive, "summaries.json"))
        return [json.loads(_member(archive, name)) for name in sorted(names) if name.startswith("samples/")]


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.compress_type != _ZSTANDARD:
        return archive.read(info)
    import pyarrow as pa

    stream = archive.fp
    if stream is None:
        raise _UnreadableError("is closed")
    stream.seek(info.header_offset)
    head = stream.read(_HEAD)
    if len(head) < _HEAD:
        raise _UnreadableError(f"{name} is cut off")
    stream.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    packed = stream.read(info.compress_size)
    if len(packed) < info.compress_size:
        raise _UnreadableError(f"{name} is cut off")
    return bytes(pa.Codec("zstd").decompress(packed, decompressed_size=info.file_size))
