"""What is known of the learning rate of a run that is continued, in words."""

import numpy as np
import pandas as pd

from ..forecasting.learning_rates import rates_in_words
from ..posterior.fit import Fit
from ..runs.checkpoints import undecayed

_MOVES = 0.05  # share of the peak learning rate


def rate_notes(fit: Fit, now: pd.DataFrame, annealed: bool | None) -> list[str]:
    """Say what is known of the learning rate of a run, and what its continuation assumes.

    Parameters
    ----------
    fit : Fit
        The fit.
    now : DataFrame
        Its last scores.
    annealed : bool or None
        Whether the rate is to be decayed at the end; None for as of the largest fitted runs.

    Returns
    -------
    list of str
        One sentence or two, without a full stop.
    """
    decay, unasked = fit.reference.decay, "" if annealed is None else "; annealed= changes nothing"
    left = "of a run whose rate was not decayed, part of the gain is decaying it"
    if fit.law.leaves_out("annealing"):
        return [f"{type(fit.law).__name__} knows nothing of learning rates: {left}{unasked}"]
    if np.isnan(decay.held):
        if now["trajectory"].iloc[0] in {fit.reference.runs[one.run] for one in fit.reference.trajectories}:
            left = "that this run's goes down on the way, how far is not known, is in the gain and its interval"
        return [f"the table does not say whether learning rates were decayed: {left}{unasked}"]
    rate, end = undecayed(now), decay.usual if annealed is None else 1.0 - annealed
    unknown = bool(np.isnan(rate).any())
    known = "is not known, and taken for that of the largest fitted run" if unknown else rates_in_words(rate)
    usual = ", as that of the largest fitted run" if annealed is None else ""
    ends = f"at the end, and of the new run, it {rates_in_words(np.array([end]))}{usual}"
    notes = [f"the learning rate of the run {known}; {ends}"]
    if np.abs(np.where(np.isnan(rate), decay.usual, rate) - end).max() > _MOVES:
        how = "as the table shows it" if decay.varies else "by the prior: no fitted family has scores of both kinds"
        notes.append(f"the gain holds what that does to a score, {how}")
    return notes
