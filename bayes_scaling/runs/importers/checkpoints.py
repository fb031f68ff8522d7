"""Checkpoints: the training run, step and tokens that a model's name or revision tells."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...wording import counted
from ..budget_columns import COUNT_UNITS
from ..reading.cells import read_numbers
from ..reading.headers import read_header
from .names import ModelName
from .skipping import Skips

_STEP = re.compile(
    r"(?:^|[-_/@.])(?:global[-_]?)?(?:step|iter|iteration|ckpt|checkpoint)s?[-_=]?(?P<step>\d+)(?P<kilo>k?)(?=$|[-_/@.])",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"(?:^|[-_/@.])(?:tokens?[-_=]?(?P<after>\d+(?:\.\d+)?[KMBT])|(?P<before>\d+(?:\.\d+)?[KMBT])[-_]?tokens?)(?=$|[-_/@.])",
    re.IGNORECASE,
)
_DIGITS = 2  # of a step that begins a name or a part of a path: Step-3 is a model
_PER_STEP = frozenset({"tokensperstep", "batchtokens", "tokensperbatch", "batchsizeintokens"})


@dataclass(frozen=True)
class Checkpoint:
    """What a name tells of a checkpoint.

    Attributes
    ----------
    trajectory : str
        The training run.
    step, tokens : float
        How far it was trained; NaN where the name does not say.
    """

    trajectory: str
    step: float = math.nan
    tokens: float = math.nan


def checkpoint_of(model: ModelName) -> Checkpoint | None:
    """Return the checkpoint that a name or a revision tells, or None.

    Examples
    --------
    >>> checkpoint_of(ModelName("lab/toy", "step1000-tokens4B"))
    Checkpoint(trajectory='lab/toy', step=1000.0, tokens=4000000000.0)
    >>> checkpoint_of(ModelName("out/toy-410m_step2000"))
    Checkpoint(trajectory='out/toy-410m', step=2000.0, tokens=nan)
    >>> checkpoint_of(ModelName("lab/toy")) is None
    True
    """
    step, tokens = (pattern.search(model.revision) for pattern in (_STEP, _TOKENS))
    if step or tokens or not math.isnan(model.tokens):
        return _checkpoint(model.name, step, tokens, model.tokens)
    step, tokens = (pattern.search(model.name) for pattern in (_STEP, _TOKENS))
    if not step or (len(step["step"]) < _DIGITS and step[0][0] not in "-_@." and not step["kilo"]):
        return None
    rest = model.name
    for found in (step, tokens):
        rest = rest.replace(found[0], "", 1) if found else rest
    return _checkpoint(rest.strip("-_/@.") or model.name, step, tokens, math.nan)


def _checkpoint(name: str, step: re.Match[str] | None, tokens: re.Match[str] | None, known: float) -> Checkpoint:
    steps = float(step["step"]) * (1000 if step["kilo"] else 1) if step else math.nan
    if not math.isnan(known) or tokens is None:
        return Checkpoint(name, steps, known)
    text = tokens["after"] or tokens["before"]
    return Checkpoint(name, steps, float(text[:-1]) * COUNT_UNITS[text[-1].lower()])


@dataclass(frozen=True)
class Placed:
    """A model and its row in the manifest.

    Attributes
    ----------
    model : ModelName
        The model.
    row : int
        Its row.
    own : bool
        Whether the row is the checkpoint's own; else it is that of its training run.
    """

    model: ModelName
    row: int
    own: bool = True


def per_step(frame: pd.DataFrame) -> pd.Series:
    """Tokens of one training step of each row of a manifest; NaN where it does not say."""
    named = [name for name in frame if re.sub(r"[\W_]", "", str(name)).lower() in _PER_STEP]
    values = read_numbers(frame[named[0]], "tokens")[0] if named else np.full(len(frame), np.nan)
    return pd.Series(values, frame.index)


def tokens_at(model: ModelName, of_one_step: float) -> float:
    """Tokens that a checkpoint has seen; NaN where nothing tells."""
    checkpoint = checkpoint_of(model)
    if checkpoint is None:
        return math.nan
    return checkpoint.step * of_one_step if math.isnan(checkpoint.tokens) else checkpoint.tokens


def fill_known(known: pd.DataFrame, placed: Sequence[Placed], steps: pd.Series, skips: Skips) -> pd.DataFrame:
    """Fill what the logs know of models and the manifest does not: params, tokens, the training run.

    Parameters
    ----------
    known : DataFrame
        The manifest's columns, a row a model.
    placed : sequence of Placed
        The models.
    steps : Series
        Tokens of one step, a row of the manifest each.
    skips : Skips
        Gets a note of what was filled.
    """
    headers = {header.quantity: str(name) for name in known if (header := read_header(name)) is not None}
    result = _with_params(known.copy(), placed, headers, skips)
    result = _with_tokens(result, placed, steps, headers)
    checkpoints = [checkpoint_of(one.model) for one in placed]
    if "trajectory" not in headers and any(checkpoints):
        names = [
            one.model.name if found is None else found.trajectory
            for one, found in zip(placed, checkpoints, strict=True)
        ]
        result["trajectory"] = names
        skips.note(
            f"{counted(sum(found is not None for found in checkpoints), 'checkpoint')} of "
            f"{counted(len(set(names)), 'training run')}, by revision or step in the name: column trajectory"
        )
    return result


def _with_params(known: pd.DataFrame, placed: Sequence[Placed], headers: dict[str, str], skips: Skips) -> pd.DataFrame:
    logged = np.array([one.model.params for one in placed])
    column = headers.get("params", "params")
    given = read_numbers(known[column], "params", _scale(column))[0] if column in known else np.full(len(known), np.nan)
    missing = np.isnan(given) & ~np.isnan(logged)
    if not missing.any():
        return known
    known[column] = np.where(missing, logged / _scale(column), given)
    skips.note(f"params of {counted(int(missing.sum()), 'model')} from the logs, since the manifest lacks them")
    return known


def _with_tokens(
    known: pd.DataFrame, placed: Sequence[Placed], steps: pd.Series, headers: dict[str, str]
) -> pd.DataFrame:
    column = headers.get("tokens", "tokens")
    given = read_numbers(known[column], "tokens", _scale(column))[0] if column in known else np.full(len(known), np.nan)
    told = np.array([tokens_at(one.model, float(steps.iloc[one.row])) for one in placed])
    borrowed = np.array([not one.own for one in placed])
    missing = ~np.isnan(told) & (np.isnan(given) | borrowed)
    if missing.any():
        known[column] = np.where(missing, told / _scale(column), given)
    for name in ("flops", "loss"):
        if borrowed.any() and name in headers:  # those of the finished run are not the checkpoint's
            known[headers[name]] = pd.Series(known[headers[name]]).where(~borrowed)
    return known


def _scale(column: str) -> float:
    """What the unit of a header multiplies by."""
    header = read_header(column)
    return header.scale if header is not None and header.scale else 1.0
