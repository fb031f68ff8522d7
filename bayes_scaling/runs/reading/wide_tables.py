"""Wide tables, with a column a benchmark: how they are told, and which of their columns hold scores."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..chance import known_chance
from ..metrics import is_no_share
from .cells import read_numbers
from .headers import read_header

_PREFIX = r"(?:lm[_-]?eval(?:uation)?(?:[_-]harness)?|evals?|evaluation|downstream|metrics)/"
_METRIC = r"(?:acc|accuracy|exact_match|em|f1|extractive_match|pass@\d+|len_norm|score)(?:_[a-z]+)?(?:[,:][^/]*)?"
#: Columns that a tracker of experiments names after a task and its metric.
_SCORE_COLUMN = re.compile(rf"(?:{_PREFIX})?(?P<task>[^/]+)/(?P<metric>{_METRIC})|{_PREFIX}(?P<other>.+)/(?P<by>[^/]+)")
_AVERAGES = frozenset({"averages", "average", "all", "macro_avg", "avg"})
_BESIDE = re.compile(r"(stderr(,.*)?|std_err|n_items|_se|alias|version)$")


def task_and_metric(header: str) -> tuple[str, str | None]:
    """Benchmark and metric that a header names: of lm_eval/TASK/METRIC, and of a plain name.

    Examples
    --------
    >>> task_and_metric("lm_eval/arc_easy/acc_norm"), task_and_metric("MMLU (5-shot)")
    (('arc_easy', 'acc_norm'), ('MMLU (5-shot)', None))
    """
    match = _SCORE_COLUMN.fullmatch(header.strip())
    if match is None:
        return header, None
    return match["task"] or match["other"], match["metric"] or match["by"]


def is_average(task: str) -> bool:
    """Whether a name stands for the mean of other columns, not for a task.

    Examples
    --------
    >>> is_average("averages"), is_average("piqa")
    (True, False)
    """
    return task.lower() in _AVERAGES


def score_columns(table: pd.DataFrame) -> list[str]:
    """Columns that hold scores of a known benchmark, or of lm_eval/TASK/METRIC.

    Examples
    --------
    >>> score_columns(pd.DataFrame({"model": ["a"], "lr": [0.1], "MMLU (5-shot)": [0.3], "piqa": ["61.2%"]}))
    ['MMLU (5-shot)', 'piqa']
    """
    return [name for name in table if isinstance(name, str) and _is_score(name, table[name])]


def _is_score(name: str, cells: pd.Series) -> bool:
    if read_header(name) is not None or _BESIDE.search(name.lower()):
        return False
    task, metric = task_and_metric(name)
    if metric is None and not _is_known(task):
        return False
    if metric is not None and (is_no_share(metric) or is_average(task)):
        return False
    values, _ = read_numbers(cells, "accuracy")
    known = values[np.isfinite(values)]
    return len(known) > 0 and bool((known >= 0).all() and (known <= 100).all())


def _is_known(name: str) -> bool:
    known = known_chance(re.sub(r"\([^)]*\)", " ", name).strip("% ") or name)
    return known is not None
