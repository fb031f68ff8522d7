"""What was observed: single scores, losses, rates at several k, or counts of each problem; and the table fitted to."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..laws.base import Law
from ..laws.loss import LossLaw
from ..laws.pass_at_k import PassAtKLaw
from ..laws.two_stage import TwoStageLaw
from ..runs.table import Runs
from .attempts.likelihood import Counts, Rates
from .attempts.sets import collect_sets
from .make_reference import fitted_rows
from .reference import Reference
from .rows import Rows
from .scores import Losses, Scores

Observed = Scores | Losses | Rates | Counts


def observe(law: Law, frame: pd.DataFrame, smooth: tuple[Floats, Floats] | None = None) -> Observed:
    """What a law sees in the rows of a table.

    Parameters
    ----------
    law : Law
        The law.
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`.
    smooth : (array, array), optional
        Smooth curves of the sets of samples, kept from the fit (`Rates.constants`).

    Returns
    -------
    Scores, Losses, Rates or Counts
        Of a law of attempts, counts where the table has them and the law's form takes them.
    """
    if isinstance(law, LossLaw):
        return Losses(law, np.log(frame["loss"].to_numpy(float)))
    if not isinstance(law, PassAtKLaw):
        return Scores(law, frame["accuracy"].to_numpy(float))
    sets = collect_sets(frame, to_rates=law.form == "log-linear", smooth=smooth)
    return Counts(law, sets) if sets.counts else Rates(law, sets)


@dataclass(frozen=True)
class FittedTable:
    """A table as a fit sees it.

    Attributes
    ----------
    runs : Runs
        The table.
    reference : Reference
        What was read off it.
    rows : Rows
        Its rows in the reference's codes; of attempts one a set of samples.
    observed : Scores, Losses, Rates or Counts
        What was measured.
    stage_one : FittedTable or None
        Of a two-stage law: the table of the losses.
    """

    runs: Runs
    reference: Reference
    rows: Rows
    observed: Observed
    stage_one: "FittedTable | None" = None


def of_attempts(fitted: FittedTable | Observed) -> Rates | Counts:
    """Rates or counts of a table that a law of attempts was fitted to."""
    observed = fitted.observed if isinstance(fitted, FittedTable) else fitted
    if not isinstance(observed, Rates | Counts):
        raise TypeError(f"the table holds {observed.law.observes}, not attempts")
    return observed


def encode_fitted(reference: Reference, frame: pd.DataFrame, observed: Observed) -> Rows:
    """Rows of a fitted table in the reference's codes; of attempts one a set."""
    if isinstance(observed, Rates | Counts):
        return reference.encode(observed.sets.frame)
    rows = fitted_rows(reference, frame)
    if isinstance(observed.law, TwoStageLaw):
        log_loss = np.log(frame[observed.law.loss].to_numpy(float))
        return replace(rows, log_proxy=reference.loss_index(log_loss, rows.benchmark))
    return rows
