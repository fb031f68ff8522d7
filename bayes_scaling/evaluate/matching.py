"""Which scored row of a table belongs to which point of a forecast."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_MUST_AGREE = ("run", "benchmark")
_AGREE_WHERE_STATED = ("metric", "shots", "k", "problem")
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
        Positions of the rows. Run and benchmark must be equal; the rest of the key where both sides state it.

    Raises
    ------
    ValueError
        Where points have no scored row, or several.
    """
    lookup: dict[tuple[str, str], list[int]] = {}
    for position, key in enumerate(zip(frame["run"].astype(str), frame["benchmark"].astype(str), strict=True)):
        lookup.setdefault(key, []).append(position)
    rest = [name for name in _AGREE_WHERE_STATED if name in points and name in frame]
    asked, stated = (table[rest].astype(object).to_numpy() for table in (points, frame))
    found: list[int] = []
    missing: list[int] = []
    ambiguous: list[int] = []
    for i, key in enumerate(zip(points["run"].astype(str), points["benchmark"].astype(str), strict=True)):
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


def _agree(asked: NDArray[np.object_], stated: NDArray[np.object_]) -> bool:
    return all(a == b or pd.isna(a) or pd.isna(b) for a, b in zip(asked, stated, strict=True))


def _missing_message(points: pd.DataFrame, frame: pd.DataFrame, missing: list[int]) -> str:
    runs, benchmarks = (", ".join(dict.fromkeys(frame[name].astype(str))) or "none" for name in _MUST_AGREE)
    if len(missing) == len(points):
        return (
            f"the forecast and the runs have no score in common: the first point is {_which(points, missing[:1])}; "
            f"the scored runs are {runs}; the scored benchmarks are {benchmarks}"
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
