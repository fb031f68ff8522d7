"""The manifest: what an evaluation log does not know of a model, such as its parameters and training tokens.

A table (CSV, TSV, Parquet, JSON) or YAML (a list of records, or records by name), one row a model. Its column
``model`` holds the name as the logs have it, in full ("EleutherAI/pythia-160m") or its last part; ``run`` is the name
that the run gets, by default the same; ``revision``, where it is there, tells checkpoints of one model apart. All other
columns (params, tokens, flops, loss, family, ...) go to each score of that model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..reading.files import read_table
from ..reading.headers import read_header
from ..reading.problems import Problem, RunsError, one_problem
from .skipping import Skips

_MAIN = ("", "main", "None", "none")


@dataclass(frozen=True)
class ModelName:
    """A model as an evaluation log names it.

    Attributes
    ----------
    name : str
        The name in full.
    revision : str
        The checkpoint, or "" for the main one.
    folder : str
        The folder that holds the log, or "".
    """

    name: str
    revision: str = ""
    folder: str = ""

    @property
    def label(self) -> str:
        """How a message writes it, and how a run without a manifest row is called."""
        return f"{self.name}@{self.revision}" if self.revision else self.name

    def candidates(self) -> tuple[str, ...]:
        """Names under which a manifest may hold it, the most exact first."""
        names = [self.name, _sanitised(self.name), self.name.rsplit("/", 1)[-1]]
        if self.revision:
            return tuple(f"{name}@{self.revision}" for name in names)
        return (*names, self.folder) if self.folder else tuple(names)


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
        """Row of a model, or None."""
        return next((self.keys[name] for name in model.candidates() if name in self.keys), None)

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
        found = {model: self.row_of(model) for model in dict.fromkeys(block.model for block in blocks)}
        for model, row in found.items():
            if row is None:
                skips.add(model.label, model.folder, f"not in the manifest {self.source}")
        for row in sorted(set(range(len(self.frame))) - set(found.values())):
            skips.add(
                str(self.frame["run"].iloc[row]), f"row {row + 1}", f"in the manifest {self.source} without scores"
            )
        placed = ((found[block.model], block.frame) for block in blocks)
        kept = sorted(((row, frame) for row, frame in placed if row is not None), key=lambda pair: pair[0])
        if not kept:
            logged = ", ".join(repr(model.label) for model in found)
            message = f"no row for any of the models {logged}"
            raise one_problem(self.source, "model", message, f"their names; it has {', '.join(self.keys)}")
        measured = pd.concat([frame for _, frame in kept], ignore_index=True)
        if clash := [name for name in measured if name in self.frame]:
            problem = Problem(str(clash[0]), "also a column of the scores", "a manifest of models without scores")
            raise RunsError([problem], self.source)
        rows = np.repeat([row for row, _ in kept], [len(frame) for _, frame in kept])
        return pd.concat([self.frame.iloc[rows].reset_index(drop=True), measured], axis=1)


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


def _sanitised(name: str) -> str:
    """Write a name as evaluation harnesses name folders after it."""
    return "".join("_" if letter in '"<>:/|\\?*[]' else letter for letter in name.replace("/", "__"))
