"""Checkpoints: which training run each row is of, and how far its learning rate was decayed."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from .columns import numbers


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
