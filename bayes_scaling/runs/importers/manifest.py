"""The manifest: what an evaluation log does not know of a model, such as its parameters and training tokens.

A table (CSV, TSV, Parquet, JSON) or YAML (a list of records, or records by name), one row a model. Its column
``model`` holds the name as the logs have it, in full ("EleutherAI/pythia-160m") or its last part; ``run`` is the name
that the run gets, by default the same; ``revision``, where it is there, tells checkpoints of one model apart. All other
columns (params, tokens, flops, loss, family, ...) go to each score of that model. Of checkpoints whose revision or name
tells a step, one row a training run with a column ``tokens_per_step`` will do.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..reading.files import read_table
from ..reading.headers import read_header
from ..reading.problems import Problem, RunsError, one_problem
from .checkpoints import Placed, checkpoint_of, fill_known, per_step, tokens_at
from .names import ModelName, named
from .skipping import Skips

__all__ = ["Block", "Manifest", "ModelName", "read_manifest"]

_MAIN = ("", "main", "None", "none")


@dataclass(frozen=True)
class Manifest:
    """Models and what is known of them.

    Attributes
    ----------
    frame : DataFrame
        One row a model: ``run`` and the other columns as they were given.
    keys : dict of str to int
        Row of each name.
    source : str
        The file.
    """

    frame: pd.DataFrame
    keys: dict[str, int]
    source: str

    def row_of(self, model: ModelName) -> int | None:
        """Row of a model's own, or None; a log that names no organisation finds the one model of that name."""
        row = next((self.keys[name] for name in model.candidates() if name in self.keys), None)
        if row is not None or "/" in model.name:
            return row
        short = [at for key, at in self.keys.items() if key.rpartition("/")[2] in model.candidates()[:1]]
        return short[0] if len(short) == 1 else None

    def place_of(self, model: ModelName) -> Placed | None:
        """Row of a model, or of the training run of a checkpoint whose tokens its name tells; None without either."""
        if (row := self.row_of(model)) is not None:
            return Placed(model, row)
        checkpoint = checkpoint_of(model)
        if checkpoint is None:
            return None
        row = next((self.keys[name] for name in named(checkpoint.trajectory) if name in self.keys), None)
        if row is None or math.isnan(tokens_at(model, float(per_step(self.frame).iloc[row]))):
            return None
        return Placed(model, row, own=False)

    def identity(self, model: ModelName) -> object:
        """What makes two names one model: the same run of the manifest, or the same name."""
        placed = self.place_of(model)
        return model.label if placed is None else (placed.row, "" if placed.own else model.label)

    def join(self, blocks: "Sequence[Block]", skips: Skips) -> pd.DataFrame:
        """Put what is known of each model beside its scores; scores of unknown models are left out and said.

        Parameters
        ----------
        blocks : sequence of Block
            Scores by model.
        skips : Skips
            Gets models that the manifest lacks, and rows of it without scores.

        Returns
        -------
        DataFrame
            The scores that have a row, with its columns in front.

        Raises
        ------
        RunsError
            Where no model has a row, or a column is also one of the scores.
        """
        found = {model: self.place_of(model) for model in dict.fromkeys(block.model for block in blocks)}
        self._say_unmatched(found, skips)
        placed = [(place, block.frame) for block in blocks if (place := found[block.model]) is not None]
        kept = sorted(placed, key=lambda pair: pair[0].row)
        if not kept:
            logged = ", ".join(repr(model.label) for model in found)
            message = f"no row for any of the models {logged}"
            raise one_problem(self.source, "model", message, f"their names; it has {', '.join(self.keys)}")
        measured = pd.concat([frame for _, frame in kept], ignore_index=True)
        if clash := [name for name in measured if name in self.frame]:
            problem = Problem(str(clash[0]), "also a column of the scores", "a manifest of models without scores")
            raise RunsError([problem], self.source)
        known = self._known([place for place, _ in kept], skips)
        counts = [len(frame) for _, frame in kept]
        return pd.concat([known.iloc[np.repeat(np.arange(len(kept)), counts)].reset_index(drop=True), measured], axis=1)

    def _say_unmatched(self, found: "Mapping[ModelName, Placed | None]", skips: Skips) -> None:
        """Say which models have no row, and which rows no scores."""
        for model, place in found.items():
            if place is None:
                skips.add(model.label, model.folder, self._why_not(model))
        used = {place.row for place in found.values() if place is not None}
        for row in sorted(set(range(len(self.frame))) - used):
            skips.add(
                str(self.frame["run"].iloc[row]), f"row {row + 1}", f"in the manifest {self.source} without scores"
            )

    def _why_not(self, model: ModelName) -> str:
        checkpoint = checkpoint_of(model)
        if checkpoint is not None and any(name in self.keys for name in named(checkpoint.trajectory)):
            return (
                f"not in the manifest {self.source}, which has the training run: a row with its revision, or a column "
                "tokens_per_step there, tells how far it was trained"
            )
        return f"not in the manifest {self.source}"

    def _known(self, places: Sequence[Placed], skips: Skips) -> pd.DataFrame:
        """What is known of each block's model, from the manifest and from the logs."""
        models = list(dict.fromkeys(places))
        known = self.frame.iloc[[place.row for place in models]].reset_index(drop=True)
        names = [run if one.own else one.model.label for run, one in zip(known["run"], models, strict=True)]
        filled = fill_known(known.assign(run=names), models, per_step(self.frame), skips)
        at = {place: number for number, place in enumerate(models)}
        return filled.iloc[[at[place] for place in places]]


@dataclass(frozen=True)
class Block:
    """Scores of one model: one row a score, without what is known of the model."""

    model: ModelName
    frame: pd.DataFrame


def read_manifest(path: str | Path | pd.DataFrame | None, models: list[ModelName], source: str) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    path : path, DataFrame or None
        The manifest.
    models : list of ModelName
        The models that need it, for the message where there is none.
    source : str
        Where they were found.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    RunsError
        No manifest was given, or it has no names, or one of them twice.
    """
    if path is None:
        names = ", ".join(model.label for model in dict.fromkeys(models))
        raise one_problem(
            source,
            "",
            f"scores of {names}, whose training budgets no log holds",
            "manifest=, a CSV or YAML file with one row a model: model, params, tokens (or flops), and what "
            "else is known, such as family and loss",
        )
    if isinstance(path, pd.DataFrame):
        frame, name = path.reset_index(drop=True), "manifest"
    else:
        name = str(path)
        frame = _read_yaml(Path(path)) if Path(path).suffix.lower() in (".yaml", ".yml") else read_table(path)
    return _manifest(frame, name)


def _manifest(frame: pd.DataFrame, source: str) -> Manifest:
    named = {str(column).strip().lower(): column for column in frame.columns}
    runs = [column for column in frame.columns if (header := read_header(column)) and header.quantity == "run"]
    key = named.get("model", runs[0] if runs else None)
    if key is None:
        raise one_problem(source, "model", "there is no such column", "the models' names, as the logs have them")
    keys: dict[str, int] = {}
    revisions = frame[named["revision"]] if "revision" in named else pd.Series("", frame.index)
    problems = []
    for row, (name, revision) in enumerate(zip(frame[key], revisions, strict=True)):
        if pd.isna(name) or not str(name).strip():
            problems.append(Problem(str(key), "empty", "a model in every row", (row + 1,), (name,)))
            continue
        text = "" if pd.isna(revision) else str(revision).strip()
        full = str(name).strip() if text in _MAIN else f"{str(name).strip()}@{text}"
        if full in keys:
            problems.append(
                Problem(str(key), "twice", f"each model once; also in row {keys[full] + 1}", (row + 1,), (full,))
            )
        keys[full] = row
    if problems:
        raise RunsError(problems, source, len(frame))
    display = named.get("run", key)
    known = frame.drop(columns=[c for c in {key, display, named.get("revision", key)} if c is not None])
    names = list(keys) if display == key else [str(label).strip() for label in frame[display]]
    known.insert(0, "run", names)
    return Manifest(known.reset_index(drop=True), keys, source)


def _read_yaml(path: Path) -> pd.DataFrame:
    import yaml

    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such manifest")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise one_problem(path, "", f"not YAML: {' '.join(str(error).split())}", "a list of models") from error
    if isinstance(content, dict):
        content = [
            {"model": name, **record} if isinstance(record, dict) else record for name, record in content.items()
        ]
    if not isinstance(content, list) or not content or not all(isinstance(record, dict) for record in content):
        raise one_problem(path, "", "not a list of models", "records with model, params, tokens, ...")
    return pd.DataFrame(content)
