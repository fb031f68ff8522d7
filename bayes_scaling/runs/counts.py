"""Counts of single problems added up to scores of their benchmarks."""

import numpy as np
import pandas as pd

from .columns import SET_KEY, counts_problems
from .pass_rates import binomial_stderr

_OF_PROBLEMS = ("k", "problem", "n_samples", "n_correct")


def counts_attempts(frame: pd.DataFrame) -> bool:
    """Whether the rows that name a problem all count attempts and right attempts at it.

    Examples
    --------
    >>> counts_attempts(pd.DataFrame({"problem": ["p"], "accuracy": [1.0]}))
    False
    """
    if not counts_problems(frame) or not {"n_samples", "n_correct"} <= set(frame):
        return False
    of_problems = frame[frame["problem"].notna()]
    return bool(of_problems[["n_samples", "n_correct"]].notna().all(axis=None))


def added_up(frame: pd.DataFrame) -> pd.DataFrame:
    """Add up the counts of each run and benchmark: the share of right attempts, over problems.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`. Those that count no problem stay as they are.

    Returns
    -------
    DataFrame
        One row a score, where the first of its counts stood: accuracy is the right attempts over all attempts, n_items
        the number of problems, stderr that of the mean over problems.

    Examples
    --------
    >>> of_problems = {"problem": ["p", "q"], "n_samples": [4.0, 4.0], "n_correct": [1.0, 4.0]}
    >>> counts = pd.DataFrame({"run": "a", "benchmark": "x", "accuracy": [0.25, 1.0], **of_problems})
    >>> added_up(counts).round(3).to_dict("records")
    [{'run': 'a', 'benchmark': 'x', 'accuracy': 0.625, 'n_items': 2.0, 'stderr': 0.375}]
    """
    if not counts_attempts(frame):
        return frame
    counted = frame["problem"].notna() & frame["n_correct"].notna()
    table = frame.reindex(columns=[*frame, *(name for name in ("accuracy", "n_items", "stderr") if name not in frame)])
    keys = [name for name in SET_KEY if name in table]
    rows = table[counted]
    sets = rows.groupby(keys, sort=False, dropna=False)
    total, right = sets["n_samples"].transform("sum"), sets["n_correct"].transform("sum")
    rate = rows["n_correct"] / rows["n_samples"]
    by = [rows[name] for name in keys]
    problems = rate.groupby(by, sort=False, dropna=False).transform("size").astype(float)
    spread: pd.Series = rate.groupby(by, sort=False, dropna=False).transform("std") / np.sqrt(problems)
    share = right / total
    measured = zip(spread.tolist(), share.tolist(), problems.tolist(), strict=True)
    stderr = [error if error > 0 else binomial_stderr(mean, items) for error, mean, items in measured]
    summed = rows.assign(accuracy=share, n_items=problems, stderr=stderr)[~rows.duplicated(keys)]
    summed[[name for name in _OF_PROBLEMS if name in summed]] = np.nan
    result = pd.concat([summed, table[~counted]]).sort_index(kind="stable").reset_index(drop=True)
    empty = [name for name in _OF_PROBLEMS if name in result and result[name].isna().all()]
    return result.drop(columns=empty)
