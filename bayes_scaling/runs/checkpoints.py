"""Checkpoints: which training run each row is of, and how far its learning rate was decayed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from .columns import numbers

_NEAR = 0.05  # share of the peak rate within which one is at its peak, or decayed


@dataclass(frozen=True)
class LearningRates:
    """What the learning rates of the training runs of a table did, by the last checkpoint of each.

    Attributes
    ----------
    decayed, on_the_way, at_peak, unknown : int
        Training runs whose rate was decayed at the end, had gone down in part, was still at its peak, or is not known.
    """

    decayed: int
    on_the_way: int
    at_peak: int
    unknown: int

    def __str__(self) -> str:
        counts = {
            "decayed at the end of {}": self.decayed,
            "in part at that of {}": self.on_the_way,
            "still at its peak in {}": self.at_peak,
            "not known for {}": self.unknown,
        }
        said = [words.format(count) for words, count in counts.items() if count]
        total = sum(counts.values())
        return f"{', '.join(said)} of {total} training run{'s' * (total != 1)}"


def learning_rates(frame: pd.DataFrame) -> LearningRates | None:
    """Count training runs by what their learning rates did; None where the table says nothing of them.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2", "b"], "trajectory": ["a", "a", "b"], "family": "f"})
    >>> frame = frame.assign(flops=[1e20, 2e20, 1e20], annealed=[0.0, 1.0, 0.0])
    >>> print(learning_rates(frame))
    decayed at the end of 1, still at its peak in 1 of 2 training runs
    """
    rates = pd.Series(filled_undecayed(frame))
    if rates.isna().all():
        return None
    ends = pd.DataFrame({"family": frame["family"].to_numpy(), "of": training_runs(frame).to_numpy(), "rate": rates})
    ends = ends.iloc[np.argsort(frame["flops"].to_numpy(float), kind="stable")]
    last = ends.drop_duplicates(["family", "of"], keep="last")["rate"].to_numpy()
    decayed, at_peak, unknown = last <= _NEAR, last >= 1 - _NEAR, np.isnan(last)
    counts = (decayed, ~(decayed | at_peak | unknown), at_peak, unknown)
    return LearningRates(*(int(count.sum()) for count in counts))


def training_runs(frame: pd.DataFrame) -> pd.Series:
    """Training run of each row: its trajectory, or the run itself where it has none.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`; planned rows may lack ``trajectory``.

    Returns
    -------
    Series of str
        Names, with the frame's index.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a, step 1", "a, step 2", "b"], "trajectory": ["a", "a", None]})
    >>> training_runs(frame).tolist()
    ['a', 'a', 'b']
    """
    runs = frame["run"].astype(str)
    if "trajectory" not in frame:
        return runs
    return frame["trajectory"].where(frame["trajectory"].notna(), runs).astype(str)


def checkpoints_of(frame: pd.DataFrame) -> pd.Series:
    """Number of checkpoints of the training run of each row: different runs of one trajectory.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a, step 1", "a, step 2", "b"], "trajectory": ["a", "a", "b"], "family": "f"})
    >>> checkpoints_of(frame).tolist()
    [2, 2, 1]
    """
    return frame["run"].astype(str).groupby([frame["family"].astype(str), training_runs(frame)]).transform("nunique")


def ends_of_runs(frame: pd.DataFrame, column: str = "flops") -> Floats:
    """Largest budget of the training run of each row: that of its last checkpoint.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2", "b"], "trajectory": ["a", "a", "b"], "family": "f"})
    >>> ends_of_runs(frame.assign(flops=[1e20, 3e20, 2e20])).tolist()
    [3e+20, 3e+20, 2e+20]
    """
    of_runs = frame[column].groupby([frame["family"].astype(str), training_runs(frame)])
    return of_runs.transform("max").to_numpy(float)


def undecayed(frame: pd.DataFrame) -> Floats:
    """How much of its learning rate a checkpoint still had: 0 where it was annealed, 1 at the peak, NaN where unknown.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`: of ``annealed`` and ``lr_fraction`` those that it has.

    Returns
    -------
    array, shape (rows,)
        ``lr_fraction`` of what was not annealed, 1 where that is not known.

    Examples
    --------
    >>> frame = pd.DataFrame({"annealed": [1.0, 0.0, 0.0, np.nan], "lr_fraction": [0.1, 0.8, np.nan, np.nan]})
    >>> undecayed(frame).tolist()
    [0.0, 0.8, 1.0, nan]
    """
    annealed, rate = numbers(frame, "annealed"), numbers(frame, "lr_fraction")
    return np.where(annealed == 1, 0.0, np.where(np.isnan(rate) & (annealed == 0), 1.0, rate))


def filled_undecayed(frame: pd.DataFrame) -> Floats:
    """`undecayed` with gaps filled by the mean of the same training run; NaN where nothing is known of it.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2", "b"], "trajectory": ["a", "a", "b"]})
    >>> frame = frame.assign(annealed=[0.0, np.nan, np.nan])
    >>> filled_undecayed(frame).tolist()
    [1.0, 1.0, nan]
    """
    known = undecayed(frame)
    of_run = pd.Series(known).groupby(training_runs(frame).to_numpy()).transform("mean").to_numpy()
    return np.where(np.isnan(known), of_run, known)


def usual_undecayed(frame: pd.DataFrame) -> float:
    """`undecayed` of the largest run of a table, whose decay forecasts assume; NaN where it is not known.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a", "b"], "flops": [1e20, 1e21], "annealed": [0.0, 1.0]})
    >>> usual_undecayed(frame)
    0.0
    """
    known: NDArray[np.float64] = filled_undecayed(frame)
    return float(known[int(np.argmax(frame["flops"].to_numpy(float)))])
