"""Runs that are said to be held out: an audit by scores that were fitted says nothing, and so is refused."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..wording import listed
from .columns import counts_problems, numbers
from .pass_rates import rates_of_counts

if TYPE_CHECKING:
    from .table import Runs

_KEY = ("run", "benchmark")
_AGREE_WHERE_STATED = ("family", "metric", "shots", "problem")
_SAME = 1e-9  # relative difference of scores that were written to a file and read again
_MOST_NAMED = 3


def fitted_rows(fitted: pd.DataFrame, held_out: pd.DataFrame) -> pd.DataFrame:
    """Find the held-out rows that were fitted: run, benchmark, k and score are those of a fitted row.

    Parameters
    ----------
    fitted, held_out : DataFrame
        Rows in the columns of `Runs.frame`. Where one table counts attempts at problems and the other has rates, the
        counts are turned into rates at the k of the other.

    Returns
    -------
    DataFrame
        Rows of `held_out`, or of its rates. Family, metric, shots and problem must agree where both rows state them; k
        is 1 where it is not stated. Rows without a score are none of them.

    Examples
    --------
    >>> fitted = pd.DataFrame({"run": ["a", "b"], "benchmark": "x", "accuracy": [0.5, 0.6]})
    >>> fitted_rows(fitted, pd.DataFrame({"run": ["b", "c"], "benchmark": "x", "accuracy": [0.6, 0.7]}))
      run benchmark  accuracy
    0   b         x       0.6
    """
    if counts_problems(fitted) and not counts_problems(held_out):
        fitted = rates_of_counts(fitted, _attempts(held_out))
    elif counts_problems(held_out) and not counts_problems(fitted):
        held_out = rates_of_counts(held_out, _attempts(fitted))
    rest = [name for name in _AGREE_WHERE_STATED if name in fitted and name in held_out]
    known: dict[tuple[Any, ...], list[int]] = {}
    for position, key in enumerate(_keys(fitted)):
        known.setdefault(key, []).append(position)
    stated, asked = (table[rest].astype(object).to_numpy() for table in (fitted, held_out))
    of_fitted, of_held_out = _scores(fitted), _scores(held_out)
    found = [
        any(
            np.allclose(of_held_out[i], of_fitted[j], rtol=_SAME, atol=_SAME)
            and all(a == b or pd.isna(a) or pd.isna(b) for a, b in zip(asked[i], stated[j], strict=True))
            for j in known.get(key, ())
        )
        for i, key in enumerate(_keys(held_out))
    ]
    return held_out[np.array(found, bool)]


def check_held_out(fitted: "Runs", held_out: "Runs", whose: str = "the fit") -> None:
    """Refuse held-out rows that were fitted.

    Parameters
    ----------
    fitted, held_out : Runs
        What was fitted, and what is to be compared with forecasts of it.
    whose : str
        Which fit, where there are several.

    Raises
    ------
    ValueError
        Where there are such rows; it names some of them.
    """
    frame = held_out.frame
    rows = fitted_rows(fitted.frame, frame)
    if rows.empty:
        return
    turned = counts_problems(frame) and not counts_problems(rows)
    what = "rates of the held-out counts" if turned else f"of {len(frame)} held-out rows"
    raise ValueError(
        f"{len(rows)} {what} {'was' if len(rows) == 1 else 'were'} fitted, with the same score: "
        f"{listed(map(_named, rows.to_dict('records')), _MOST_NAMED)}; expected scored runs that {whose} has not seen"
    )


def _named(row: dict[Any, Any]) -> str:
    """Run, benchmark and what else tells a row apart."""
    beside = [f"{name} {row[name]:g}" for name in ("k",) if not pd.isna(row.get(name, np.nan))]
    beside += [f"problem {row['problem']!r}"] if not pd.isna(row.get("problem")) else []
    score = f"({row['accuracy']:.4g})" if not pd.isna(row.get("accuracy", np.nan)) else ""
    return " ".join(part for part in (f"run {row['run']!r} on {row['benchmark']!r}", *beside, score) if part)


def _attempts(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Attempts that count as one, of each row."""
    return np.nan_to_num(numbers(frame, "k"), nan=1.0)


def _keys(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    names = [frame[name].astype(str) for name in _KEY]
    return list(zip(*names, _attempts(frame).tolist(), strict=True))


def _scores(frame: pd.DataFrame) -> NDArray[np.float64]:
    """What was measured, shape (rows, numbers): an accuracy, or right attempts and attempts at a problem."""
    columns = ("n_correct", "n_samples") if counts_problems(frame) else ("accuracy",)
    return np.column_stack([numbers(frame, name) for name in columns])
