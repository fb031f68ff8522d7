"""Specification: a law on a table of runs, with everything that is fixed before the model is built."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .laws.base import Law
from .laws.pass_at_k import PassAtKLaw
from .layout import Layout, make_layout
from .likelihood import FittedTable, Observed, Scores, encode_fitted, observe, of_attempts
from .reference import Reference, Rows, make_reference, row_information
from .rough import coefficient_information
from .runs import Runs
from .sample_sets import counts_problems, information_in_k

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Specification:
    """A law on a table of runs, ready to be built; made by `specify`.

    Attributes
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        The table.
    reference : Reference
        What was read off the table.
    rows : Rows
        The table's rows in the reference's codes; of attempts one a set of samples (`SampleSets`).
    accuracy : array, shape (rows,)
        Scores; of attempts, those at k = 1 on the smooth curve of each set.
    layout : Layout
        Where each parameter stands in the model's vectors.
    observed : Scores, Rates or Counts
        What was measured.
    """

    law: Law
    runs: Runs
    reference: Reference
    rows: Rows
    accuracy: Floats
    layout: Layout
    observed: Observed

    @property
    def fitted(self) -> FittedTable:
        """The table as a forecast needs it."""
        return FittedTable(self.runs, self.reference, self.rows, self.observed)


def specify(law: Law, runs: Runs) -> Specification:
    """Put a law on a table of runs.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        Scored runs.

    Returns
    -------
    Specification
        The frozen specification.

    Raises
    ------
    TypeError
        Where `law` is no law, or `runs` no Runs.
    ValueError
        Where there are no rows or no accuracies, a budget that the law needs is lacking, or rows hold what the law
        does not describe.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> specify(bs.DirectLaw(), bs.load_dataset("cerebras_gpt")).rows.log_flops.shape
    (49,)
    """
    if not isinstance(law, Law):
        raise TypeError(f"law is {law!r}; expected a law, such as DirectLaw()")
    if not isinstance(runs, Runs):
        raise TypeError(f"runs is a {type(runs).__name__}; expected Runs: read_runs(path), or Runs(frame)")
    frame = runs.frame
    if not len(frame):
        raise ValueError("the table has no rows; expected scored runs to fit")
    for column in law.needs:
        if (lacking := frame[column].isna()).any():
            raise ValueError(f"{type(law).__name__} needs {column} in every row; empty in {_rows(lacking.to_numpy())}")
    if isinstance(law, PassAtKLaw):
        return _specify_attempts(law, runs, frame)
    return _specify_scores(law, runs, frame)


def _specify_scores(law: Law, runs: Runs, frame: pd.DataFrame) -> Specification:
    if counts_problems(frame):
        problems = _rows(frame["problem"].notna().to_numpy())
        raise ValueError(f"{type(law).__name__} takes one score a run; problem is filled in {problems}")
    if "k" in frame and (several := (frame["k"].fillna(1) != 1).to_numpy()).any():
        raise ValueError(
            f"{type(law).__name__} describes k = 1; k is larger in {_rows(several)}: "
            "try runs.select(k=1), or PassAtKLaw()"
        )
    reference = make_reference(frame, law.deviates_in)
    accuracy = frame["accuracy"].to_numpy(float)
    observed = Scores(law, accuracy)
    rows = encode_fitted(reference, frame, observed)
    weights = row_information(reference, rows, accuracy)
    information = coefficient_information(law, law.inputs(reference, rows), weights)
    layout = make_layout(law, reference, rows, weights, information)
    return Specification(law, runs, reference, rows, accuracy, layout, observed)


def _specify_attempts(law: PassAtKLaw, runs: Runs, frame: pd.DataFrame) -> Specification:
    if (guessed := (frame["chance"] > 0).to_numpy()).any():
        raise ValueError(
            f"{type(law).__name__} describes generated answers, which guessing does not hit; chance is "
            f"{frame['chance'][guessed].iloc[0]:g} in {_rows(guessed)}"
        )
    observed = of_attempts(observe(law, frame))
    sets = observed.sets
    weights, in_k = sets.information(law)
    reference = make_reference(sets.frame, law.deviates_in, weights)
    rows = encode_fitted(reference, frame, observed)
    information = coefficient_information(law, law.inputs(reference, rows), weights)
    layout = make_layout(law, reference, rows, weights, information | information_in_k(law, sets, in_k))
    return Specification(law, runs, reference, rows, sets.frame["accuracy"].to_numpy(), layout, observed)


def _rows(chosen: NDArray[np.bool_]) -> str:
    """Rows in words, counted from 1."""
    numbers = np.flatnonzero(chosen) + 1
    shown = ", ".join(map(str, numbers[:5]))
    return f"row {shown}" + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
