"""What was observed: single scores, losses, rates at several k, or counts of each problem; and the table fitted to."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..laws.attempts import attempts_of
from ..laws.base import Law, Observes
from ..laws.two_stage import stages_of
from ..runs.checkpoints import filled_undecayed
from ..runs.table import Runs
from .attempts.likelihood import Counts, Rates
from .attempts.sets import collect_sets
from .information import item_counts
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
    return _OBSERVE[law.observes](law, frame, smooth)


_Smooth = tuple[Floats, Floats] | None


def _observe_scores(law: Law, frame: pd.DataFrame, _: _Smooth) -> Observed:
    return Scores(law, frame["accuracy"].to_numpy(float))


def _observe_losses(law: Law, frame: pd.DataFrame, _: _Smooth) -> Observed:
    return Losses(law, np.log(frame["loss"].to_numpy(float)))


def _observe_attempts(law: Law, frame: pd.DataFrame, smooth: _Smooth) -> Observed:
    law = attempts_of(law)
    sets = collect_sets(frame, to_rates=not law.takes_counts, smooth=smooth)
    return Counts(law, sets) if sets.counts else Rates(law, sets)


_OBSERVE: dict[Observes, Callable[[Law, pd.DataFrame, _Smooth], Observed]] = {
    "scores": _observe_scores,
    "attempts": _observe_attempts,
    "losses": _observe_losses,
    "stages": _observe_scores,
}


@dataclass(frozen=True)
class Fitted:
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
    stage_one : Fitted or None
        Of a two-stage law: the table of the losses.
    """

    runs: Runs
    reference: Reference
    rows: Rows
    observed: Observed
    stage_one: "Fitted | None" = None


def of_attempts(fitted: Fitted | Observed) -> Rates | Counts:
    """Rates or counts of a table that a law of attempts was fitted to."""
    observed = fitted.observed if isinstance(fitted, Fitted) else fitted
    if not isinstance(observed, Rates | Counts):
        raise TypeError(f"the table holds {observed.law.observes}, not attempts")
    return observed


def encode_fitted(reference: Reference, frame: pd.DataFrame, observed: Observed) -> Rows:
    """Rows of a fitted table in the reference's codes; of attempts one a set."""
    return _ENCODE[observed.law.observes](reference, frame, observed)


def _encode_rows(reference: Reference, frame: pd.DataFrame, _: Observed) -> Rows:
    """Each row has a number of items of its own where its standard error implies one."""
    rows = reference.encode(frame)
    undecayed = reference.decay.relative(filled_undecayed(frame))
    return replace(rows, n_items=item_counts(frame, rows.benchmark), undecayed=undecayed)


def _encode_sets(reference: Reference, _: pd.DataFrame, observed: Observed) -> Rows:
    return reference.encode(of_attempts(observed).sets.frame)


def _encode_with_loss(reference: Reference, frame: pd.DataFrame, observed: Observed) -> Rows:
    rows = _encode_rows(reference, frame, observed)
    log_loss = np.log(frame[stages_of(observed.law).loss].to_numpy(float))
    return replace(rows, log_proxy=reference.loss_index(log_loss, rows.benchmark))


_ENCODE: dict[Observes, Callable[[Reference, pd.DataFrame, Observed], Rows]] = {
    "scores": _encode_rows,
    "attempts": _encode_sets,
    "losses": _encode_rows,
    "stages": _encode_with_loss,
}
