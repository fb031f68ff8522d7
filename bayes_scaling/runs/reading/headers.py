"""Headers: which quantity a column holds and in what unit.

Case, blanks, underscores, dots and hyphens do not count ("Model Size (B)" is "model_size_b"), except that the
single letters N, D and C are capitals; a column `n` holds the number of questions, where no plainer one does.

Some names mean different things in different tables, so they have a rank: `model`, `task`, `score` or
`compute` are read only where no plainer name is there (a table with `run` keeps its `model` column
untouched). `dataset` means the training data in some tables and the test in others: it is the benchmark only
where neither `benchmark` nor `task` is there, and never the family.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..budget_columns import BUDGET_COLUMNS, BUDGETS, FLOP_UNITS, OF_RUNS
from .units import UNITS, unit_scale

NUMBERS = (
    *BUDGETS,
    "loss",
    "accuracy",
    "shots",
    "n_items",
    "stderr",
    "chance",
    "k",
    "n_samples",
    "n_correct",
    "lr_fraction",
)
FLAGS = ("annealed",)
LABELS = ("run", "trajectory", "family", "benchmark", "metric", "problem")
SOURCES = ("flops_source", "chance_source")

ORDER = (
    *OF_RUNS,
    *("loss", "benchmark", "metric", "accuracy", "shots", "n_items", "stderr", "chance", "chance_source"),
    *("k", "problem", "n_samples", "n_correct"),
)
"""The canonical columns in the order of `Runs.frame`; other columns follow as they came."""

KEY = ("run", "benchmark", "metric", "shots", "k", "problem")

# Squeezed names, plainest first: those of a later rank count only where none of an earlier one is there.
_NAMES: dict[str, tuple[str, ...]] = {
    "run": ("run runname runid", "model modelname modelid", "checkpoint checkpointname", "name displayname"),
    "trajectory": ("trajectory trajectoryid trainingrun",),
    "family": ("family modelfamily recipe datamix datamixture",),
    **{name: column.headers for name, column in BUDGET_COLUMNS.items()},
    "loss": ("loss", "valloss validationloss"),
    "benchmark": (
        "benchmark benchmarkname",
        "task taskname evaltask evaluation evalname",
        "dataset datasetname",
    ),
    "metric": ("metric metricname",),
    "accuracy": ("accuracy acc", "score percent percentage pct percentcorrect passrate successrate solverate"),
    "shots": ("shots nshots numshots nshot numfewshot nfewshot fewshot",),
    "n_items": ("nitems numitems nquestions numquestions nexamples numexamples ninstances", "n"),
    "stderr": ("stderr stderror standarderror accstderr accuracystderr scorestderr accse accuracyse",),
    "chance": ("chance chancelevel chanceaccuracy randombaseline randomchance randomaccuracy guessrate",),
    "k": ("k",),
    "problem": ("problem problemid", "itemid questionid"),
    "n_samples": ("nsamples numsamples nattempts numattempts",),
    "n_correct": ("ncorrect numcorrect npassed numpassed",),
    "annealed": ("annealed lrannealed",),
    "lr_fraction": ("lrfraction",),
}
_QUANTITY = {
    name: (quantity, rank)
    for quantity, ranks in _NAMES.items()
    for rank, names in enumerate(ranks)
    for name in names.split()
}
#: Single letters that are read as they stand; `n` is the number of questions beside scores.
_SMALL = ("k", "K", "n")
_CAPITALS = {column.letter: name for name, column in BUDGET_COLUMNS.items()}

_PERCENT_NAMES = frozenset(["percent", "percentage", "pct", "percentcorrect"])
_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")


@dataclass(frozen=True)
class Header:
    """What one header says.

    Parameters
    ----------
    quantity : str
        The canonical column.
    scale : float or None
        What a value is multiplied by to come to plain counts, FLOPs, fractions or nats; None where the unit
        in brackets is not known.
    rank : int
        0 for a plain name, more for a name that counts only where no plainer one is there.
    unit : str
        The unit as written, "" where none is.
    """

    quantity: str
    scale: float | None
    rank: int
    unit: str = ""


def read_header(header: object) -> Header | None:
    """Say what a header means, or None for a column that is not one of ours.

    Examples
    --------
    >>> read_header("Model Size (B)")
    Header(quantity='params', scale=1000000000.0, rank=1, unit='B')
    >>> read_header("N").quantity, read_header("n").quantity, read_header("PF-days").scale
    ('params', 'n_items', 8.64e+19)
    >>> read_header("params_no_embed") is None
    True
    """
    if not isinstance(header, str):
        return None
    text = header.strip()
    if text in ORDER:
        return None if text in SOURCES else Header(text, 1.0, 0)
    match = _BRACKETS.match(text)
    if match is None:
        return _with_suffix(text)
    found = _named(match["name"])
    if found is None:
        return None
    return Header(found[0], unit_scale(found[0], match["unit"]), found[1], match["unit"].strip())


def _named(text: str) -> tuple[str, int] | None:
    text = text.strip()
    if text in _CAPITALS:
        return _CAPITALS[text], 0
    if len(text) == 1 and text not in _SMALL:
        return None
    return _QUANTITY.get(_squash(text))


def _with_suffix(text: str) -> Header | None:
    """Read a header without brackets; its last word may be a unit: params_b, tokens_in_billions, acc %."""
    found = _named(text) if "%" not in text else None
    if found is not None:
        percent = _squash(text) in _PERCENT_NAMES
        return Header(found[0], 0.01 if percent else 1.0, found[1], "percent" if percent else "")
    if (bare := FLOP_UNITS.get(_squash(text))) is not None and "/s" not in text.lower().replace("/s-day", ""):
        return Header("flops", bare, 1, text)  # the unit alone: PF-days, EFLOPs
    words = re.findall(r"[^\W_]+|%", text)
    if len(words) < 2:
        return None
    unit = words[-1]
    rest = words[:-2] if words[-2].lower() in ("in", "x") else words[:-1]
    found = _named("_".join(rest))
    if found is None or found[0] == "loss" or unit.isdigit():
        return None
    scale = UNITS.get(found[0], {}).get(unit.lower())
    return None if scale is None else Header(found[0], scale, found[1], unit)


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
