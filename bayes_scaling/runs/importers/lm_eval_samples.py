"""Sample logs of lm-evaluation-harness: right attempts of each problem, one JSON object a line.

A problem's attempts are told three ways: the metric of a line is 0 or 1 and the problem has a line for each attempt;
the metric is pass@k over the line's responses, from which the number of right ones follows; or it is a list of 0 and 1.
"""

import re
from collections.abc import Iterator
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .lines import json_lines
from .skipping import Skips

#: Names of rates at k attempts: pass@10, pass_at_10.
PASS_AT = re.compile(r"pass(?:@|_at_)(\d+)$")
_NEAR = 1e-6


def problem_counts(path: Path, filters: set[str], skips: Skips) -> pd.DataFrame:
    """Count attempts and right attempts of each problem.

    A metric that gives no count at some problem gives none at all: without its hardest or easiest problems a benchmark
    is another one.

    Parameters
    ----------
    path : Path
        The log.
    filters : set of str
        Ways of reading an answer whose metrics count.
    skips : Skips
        Gets lines and metrics that give no counts.

    Returns
    -------
    DataFrame
        Columns metric, problem, n_samples and n_correct; without rows where no metric gives counts.
    """
    counts: dict[str, dict[str, list[int]]] = {}
    without: set[str] = set()
    for number, line in json_lines(path, skips):
        chosen = str(line.get("filter", "none"))
        if chosen not in filters:
            continue
        problem, metrics = line.get("doc_id"), line.get("metrics")
        if problem is None or not isinstance(metrics, list):
            skips.add(f"line {number}", path.name, "has no doc_id or no metrics")
            continue
        for label, right, tried in _graded(line, metrics, _attempts(line)):
            name = label if chosen == "none" or len(filters) == 1 else f"{label},{chosen}"
            if right is None:
                without.add(name)
                continue
            total = counts.setdefault(name, {}).setdefault(str(problem), [0, 0])
            total[0] += tried
            total[1] += right
    for name in sorted(without):
        skips.add(name, path.name, "tells no number of right attempts at some problem")
        counts.pop(name, None)
    return pd.concat([_frame(name, found) for name, found in counts.items()] or [_frame("", {})], ignore_index=True)


def _frame(metric: str, counts: dict[str, list[int]]) -> pd.DataFrame:
    totals = np.array(list(counts.values()), dtype=float).reshape(-1, 2)
    columns = {"metric": metric, "problem": list(counts), "n_samples": totals[:, 0], "n_correct": totals[:, 1]}
    return pd.DataFrame(columns)


def _attempts(line: dict[str, Any]) -> int:
    """Number of attempts that a line's responses hold."""
    responses = line.get("resps")
    if isinstance(responses, list) and responses and isinstance(responses[0], list):
        return max(len(responses[0]), 1)
    return 1


def _graded(line: dict[str, Any], metrics: list[Any], attempts: int) -> Iterator[tuple[str, int | None, int]]:
    """Metric, right attempts (None where they cannot be told) and attempts; pass@k of several k counts once."""
    passes: dict[int, float] = {}
    for name in metrics:
        value = line.get(name)
        at = PASS_AT.fullmatch(str(name))
        if at is not None and _is_number(value):
            passes[int(at[1])] = float(value)  # type: ignore[arg-type]
        elif isinstance(value, list) and value and all(_is_number(one) and one in (0, 1) for one in value):
            yield str(name), int(sum(value)), len(value)
        elif _is_number(value) and value in (0, 1):
            yield str(name), int(value), 1
        else:
            yield str(name), None, attempts
    if passes:
        yield "pass@k", _right_attempts(passes, attempts), attempts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and value == value


def _right_attempts(passes: dict[int, float], attempts: int) -> int | None:
    """Find the number of right attempts whose unbiased pass@k are the given ones.

    Examples
    --------
    >>> _right_attempts({1: 0.25}, 8), _right_attempts({2: 1 - 15 / 28}, 8), _right_attempts({1: 0.3}, 8)
    (2, 2, None)
    """
    right = np.arange(attempts + 1)
    fits = np.ones(attempts + 1, bool)
    for k, value in passes.items():
        if k > attempts:
            return None
        expected = np.array([1 - comb(attempts - c, k) / comb(attempts, k) for c in right.tolist()])
        fits &= np.abs(expected - value) < _NEAR
    found = right[fits]
    return int(found[0]) if len(found) == 1 else None
