"""Tables of the OLMo ladder as W&B exports them: one CSV a run, one row a checkpoint, one column a quantity.

``eval/downstream/TASK_len_norm`` (or ``_acc``) holds an accuracy, ``eval/downstream_bpb/TASK_bpb`` and
``eval/downstream_soft/TASK_soft`` what is known beside it, ``eval/SET-validation/CrossEntropyLoss`` a loss in nats per
token, ``throughput/total_tokens`` the training tokens.
"""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..chance import known_chance
from ..reading.files import read_table
from ..reading.problems import one_problem
from .finding import find_files
from .manifest import Block, ModelName, read_manifest
from .skipping import Skips

_SCORE = re.compile(r"eval/downstream/(?P<task>.+?)_(?P<metric>len_norm|acc|f1|pmi_dc)$")
_BESIDE = {"task_bpb": "eval/downstream_bpb/{}_bpb", "soft_accuracy": "eval/downstream_soft/{}_soft"}
_LOSS = re.compile(r"eval/(?P<name>.+?)-validation/CrossEntropyLoss$")
_TOKENS = ("throughput/total_tokens", "throughput/total tokens")
_GIGAFLOPS = "throughput/total_training_Gflops"
_METRICS = {"len_norm": "acc_norm"}
_TASK = re.compile(r"^(?P<base>.+?)(?P<split>_val|_test)?(?P<form>_rc|_mc)?(?:_(?P<shots>\d+)shot)?(?P<late>_test)?$")
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([MB])(?![a-zA-Z])")
_UNITS = {"M": 1e6, "B": 1e9}


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    last: int = 1,
    loss: str = "c4_en",
) -> pd.DataFrame:
    """Read tables of the OLMo ladder.

    Parameters
    ----------
    path : Path
        A folder of CSV files, or one; a file's name, or its column ``name``, is the run's.
    skips : Skips
        Gets what is left out.
    manifest : path or DataFrame, optional
        The runs, as `bayes_scaling.runs.importers.manifest` says. Without it the parameters are the nominal size in a
        run's name ("190M").
    last : int
        How many of the last evaluated checkpoints to average; the budget is that of the last.
    loss : str
        The validation set whose loss becomes the column ``loss``; the others become ``loss_SET``.

    Returns
    -------
    DataFrame
        One row a score.
    """
    if not isinstance(last, int) or isinstance(last, bool) or last < 1:
        raise ValueError(f"last={last!r}; expected a whole number of at least 1")
    blocks = []
    for file in find_files(path, ["*.csv"], "file", "a folder of W&B exports, one file a run"):
        table = read_table(file)
        for name, rows in _runs(file, table):
            frame = _scores(name, rows, last, loss, file, skips)
            if frame is not None:
                blocks.append(Block(ModelName(name), frame))
    if not blocks:
        raise one_problem(path, "", "no scores", "CSV files with columns eval/downstream/TASK_len_norm")
    if manifest is not None:
        given = read_manifest(manifest, [block.model for block in blocks], str(path))
        return given.join([_less(block, given.frame) for block in blocks], skips)
    return pd.concat([_named(block, str(path)) for block in blocks], ignore_index=True)


def _runs(file: Path, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Rows of each run of a file."""
    if "name" not in table:
        return [(file.stem, table)]
    return [(str(name), rows) for name, rows in table.groupby("name", sort=False)]


def _scores(name: str, rows: pd.DataFrame, last: int, loss: str, file: Path, skips: Skips) -> pd.DataFrame | None:
    scores = {column: match for column in rows if (match := _SCORE.match(str(column)))}
    for column in rows:
        if str(column).startswith("eval/downstream/") and column not in scores:
            skips.add(str(column), file.name, "is not the accuracy of a task")
    number = pd.concat([rows, _tokens(rows).rename("_tokens")], axis=1).select_dtypes("number")
    done = number[number[[column for column in scores if column in number]].notna().any(axis=1)]
    if "_step" in done:
        done = done.sort_values("_step", kind="stable")
    if not scores or done.empty:
        skips.add(name, file.name, "has no scores of tasks")
        return None
    tokens = float(done["_tokens"].iloc[-1])
    if math.isnan(tokens):
        raise one_problem(
            file,
            "throughput/total_tokens",
            f"not known at the last checkpoint of {name}",
            "that column, or _step and batch_size_in_tokens",
        )
    kept = done.iloc[-last:]
    means = kept.mean()
    flops = 1e9 * done[_GIGAFLOPS].iloc[-1] if _GIGAFLOPS in done else math.nan
    common = {"tokens": tokens, "flops": flops, **_losses(means, loss, file)}
    found = []
    for column, match in scores.items():
        value = means.get(column, math.nan)
        if math.isnan(value):
            skips.add(f"{column} of {name}", file.name, f"no value at the last {last} evaluated checkpoints")
            continue
        beside = {key: means.get(form.format(match["task"]), math.nan) for key, form in _BESIDE.items()}
        found.append({**_task(match["task"], match["metric"]), "accuracy": value, **beside, **common})
    return pd.DataFrame(found).dropna(axis=1, how="all")


def _tokens(rows: pd.DataFrame) -> pd.Series:
    """Training tokens at each checkpoint: as logged, or steps times the batch."""
    for column in _TOKENS:
        if column in rows and rows[column].notna().any():
            return pd.to_numeric(rows[column], errors="coerce").ffill()
    if "_step" in rows and "batch_size_in_tokens" in rows:
        return rows["_step"] * rows["batch_size_in_tokens"]
    return pd.Series(np.nan, rows.index)


def _losses(means: pd.Series, loss: str, file: Path) -> dict[str, float]:
    """The loss of the chosen set, and those of the others under their names."""
    named = {match["name"]: float(value) for key, value in means.items() if (match := _LOSS.match(str(key)))}
    if named and loss not in named:
        raise one_problem(file, "loss", f"no validation set {loss!r}", f"one of {', '.join(named)}")
    return {"loss" if name == loss else f"loss_{name}": value for name, value in named.items()}


def _task(task: str, metric: str) -> dict[str, object]:
    """Benchmark, metric, shots and chance of a task's name."""
    match = _TASK.match(task)
    assert match is not None  # the pattern's first part takes any name
    label = "".join(match[part] or "" for part in ("base", "split", "form", "late"))
    measure = _METRICS.get(metric, metric)
    found: dict[str, object] = {"benchmark": label, "metric": measure}
    if match["shots"]:
        found["shots"] = float(match["shots"])
    names = (label, match["base"], *(["mmlu"] if match["base"].startswith("mmlu_") else []))
    known = next((chance for name in names if (chance := known_chance(name, measure)) is not None), None)
    return found if known is None else {**found, "chance": known.value}


def _named(block: Block, source: str) -> pd.DataFrame:
    """Scores of a run whose parameters are the size in its name."""
    match = _SIZE.search(block.model.name)
    if match is None:
        message = f"the run {block.model.name!r} has no size in its name"
        raise one_problem(source, "params", message, "names such as 190M-1xC, or a manifest with the parameters")
    params = float(match[1]) * _UNITS[match[2]]
    frame = block.frame.copy()
    frame.insert(0, "params", params)
    frame.insert(0, "run", block.model.name)
    return frame


def _less(block: Block, given: pd.DataFrame) -> Block:
    """Leave out what the manifest knows better."""
    return Block(
        block.model, block.frame.drop(columns=[name for name in ("tokens", "flops") if name in given], errors="ignore")
    )
