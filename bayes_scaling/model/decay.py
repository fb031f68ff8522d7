"""Learning rates: what a table says of their decay, and what its curves are of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..runs.checkpoints import filled_undecayed, usual_undecayed

_VARIES = 0.05  # share of the peak rate


@dataclass(frozen=True)
class Decay:
    """What is known of the learning rates of a table.

    Attributes
    ----------
    held : float
        How much of its learning rate a run has on whose scores the fitted curves lie: 0, annealed, where a family has
        scores of both kinds; else the mean of what is known. NaN where nothing is.
    varies : bool
        Whether a family has both, so that a fit estimates what annealing does. Where only families differ in it, it
        cannot be told from what else they differ in.
    usual : float
        That of the largest run, which forecasts are of unless they say otherwise; `held` where it is not known.
    """

    held: float
    varies: bool
    usual: float

    def relative(self, undecayed: Floats) -> Floats:
        """Rates less that which the curves hold; of the usual one where it is not known, 0 where nothing is.

        Examples
        --------
        >>> Decay(held=1.0, varies=False, usual=1.0).relative(np.array([0.0, 1.0, np.nan])).tolist()
        [-1.0, 0.0, 0.0]
        """
        if np.isnan(self.held):
            return np.zeros(len(undecayed))
        return np.where(np.isnan(undecayed), self.usual, undecayed) - self.held


UNKNOWN_DECAY = Decay(held=np.nan, varies=False, usual=np.nan)


def read_decay(frame: pd.DataFrame) -> Decay:
    """Read off a table what is known of learning rates.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2"], "flops": [1e20, 2e20], "annealed": [0.0, 1.0]})
    >>> read_decay(frame.assign(trajectory="a", family="f"))
    Decay(held=0.0, varies=True, usual=0.0)
    """
    known = filled_undecayed(frame)
    if np.isnan(known).all():
        return UNKNOWN_DECAY
    of_families = pd.Series(known).groupby(frame["family"].to_numpy())
    varies = bool((of_families.max() - of_families.min()).max() > _VARIES)
    held = 0.0 if varies else float(np.nanmean(known))
    usual = usual_undecayed(frame)
    return Decay(held, varies, held if np.isnan(usual) else usual)
