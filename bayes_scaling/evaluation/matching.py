"""Which scored row of a table belongs to which point of a forecast."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..runs.columns import counts_problems, numbers
from ..runs.pass_rates import rates_of_counts

_MUST_AGREE = ("run", "benchmark", "k")
_AGREE_WHERE_STATED = ("metric", "shots", "problem")
_MOST_LISTED = 5


def match_rows(points: pd.DataFrame, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Find the scored row of each point by its key (run, benchmark, metric, shots, k, problem).

    Parameters
    ----------
    points : DataFrame
        Points of a forecast.
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`. Rows that no point asks for are left alone.

    Returns
    -------
    int array, shape (points,)
        Positions of the rows. Run, benchmark and k must be equal, k being 1 where it is not stated; the rest of the key
        where both sides state it.

    Raises
    ------
    ValueError
        Where points have no scored row, or several.
    """
    lookup: dict[tuple[str, str, float], list[int]] = {}
    for position, key in enumerate(_keys(frame)):
        lookup.setdefault(key, []).append(position)
    rest = [name for name in _AGREE_WHERE_STATED if name in points and name in frame]
    asked, stated = (table[rest].astype(object).to_numpy() for table in (points, frame))
    found: list[int] = []
    missing: list[int] = []
    ambiguous: list[int] = []
    for i, key in enumerate(_keys(points)):
        rows = [row for row in lookup.get(key, []) if _agree(asked[i], stated[row])]
        if len(rows) == 1:
            found.append(rows[0])
        else:
            (ambiguous if rows else missing).append(i)
    if missing:
        raise ValueError(_missing_message(points, frame, missing))
    if ambiguous:
        raise ValueError(
            f"{_which(points, ambiguous)} has several scored rows; state metric and shots in the planned runs, "
            "or select one of them in the scored ones"
        )
    return np.array(found, np.int64)


def rates_at(frame: pd.DataFrame, ks: NDArray[np.float64]) -> pd.DataFrame:
    """Turn a table that counts attempts at single problems into one of rates; another stays as it is.

    Parameters
    ----------
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`.
    ks : array
        Attempts that count as one, at which rates are wanted.

    Returns
    -------
    DataFrame
        One row for each run, benchmark and k up to the fewest attempts at a problem, with its unbiased rate
        (`pass_at_k`) as accuracy.

    Examples
    --------
    >>> of_problems = {"problem": ["p", "q"], "n_samples": 4, "n_correct": [1, 4]}
    >>> counts = pd.DataFrame({"run": "a", "benchmark": "x", **of_problems})
    >>> rates_at(counts, np.array([1.0, 2.0, 8.0]))[["k", "accuracy"]]
         k  accuracy
    0  1.0     0.625
    1  2.0     0.750
    """
    return rates_of_counts(frame, ks) if counts_problems(frame) else frame


def _keys(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    k = np.nan_to_num(numbers(table, "k"), nan=1.0)
    return list(zip(table["run"].astype(str), table["benchmark"].astype(str), k.tolist(), strict=True))


def _agree(asked: NDArray[np.object_], stated: NDArray[np.object_]) -> bool:
    return all(a == b or pd.isna(a) or pd.isna(b) for a, b in zip(asked, stated, strict=True))


def _missing_message(points: pd.DataFrame, frame: pd.DataFrame, missing: list[int]) -> str:
    if len(missing) == len(points):
        known = [
            f"the scored {name} {', '.join(dict.fromkeys(frame[column].astype(str))) or 'none'}"
            for name, column in (("runs are", "run"), ("benchmarks are", "benchmark"))
        ]
        if "k" in points or "k" in frame:
            scored = np.unique(np.nan_to_num(numbers(frame, "k"), nan=1.0))
            known.append(f"the scored k are {', '.join(f'{k:g}' for k in scored)}")
        return (
            f"the forecast and the runs have no score in common: the first point is {_which(points, missing[:1])}; "
            f"{'; '.join(known)}"
        )
    return (
        f"{len(missing)} of {len(points)} points have no scored row: {_which(points, missing)}. "
        "Forecast at the scored rows, or score those runs"
    )


def _which(points: pd.DataFrame, at: list[int]) -> str:
    named = [name for name in (*_MUST_AGREE, *_AGREE_WHERE_STATED) if name in points]
    texts = []
    for i in at[:_MOST_LISTED]:
        row = points.iloc[i]
        texts.append(" ".join(f"{name} {_plain(row[name])}" for name in named if not pd.isna(row[name])))
    return "; ".join(texts) + (f"; and {len(at) - _MOST_LISTED} more" if len(at) > _MOST_LISTED else "")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
