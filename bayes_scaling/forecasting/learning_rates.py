"""Whether a forecast is of runs whose learning rate was decayed, in words."""

import numpy as np

from ..arrays import Floats
from ..model.decay import Decay
from ..posterior.fit import Fit
from ..runs.checkpoints import undecayed
from .points import Points

_NEAR = 0.05  # share of the peak rate within which one is at its peak, or decayed


def decay_notes(fit: Fit, points: Points) -> list[str]:
    """Say of which learning rates a forecast is, and where what was asked of them does nothing.

    Parameters
    ----------
    fit : Fit
        The fit behind the forecast. Of two stages the first reads learning rates, which decide the loss.
    points : Points
        The points.

    Returns
    -------
    list of str
        Up to two sentences without a full stop; none where neither the fitted table nor the points say anything.
    """
    teller = fit if fit.stage_one is None else fit.stage_one
    asked, decay = undecayed(points.frame), teller.reference.decay
    given = ~np.isnan(asked)
    if teller.law.leaves_out("annealing"):
        law = type(fit.law).__name__
        return [f"{law} knows nothing of learning rates: annealed= changes nothing"] if given.any() else []
    if np.isnan(decay.held):
        said = "the fitted table does not say whether learning rates were decayed: annealed= changes nothing"
        return [said] if given.any() else []
    rates = np.where(given, asked, decay.usual)
    notes = [f"scores are of runs whose learning rate {rates_in_words(rates)}{_why(given, decay)}"]
    if not decay.varies and (np.abs(rates - decay.held) > _NEAR).any():
        notes.append(
            "what decaying the learning rate does is the prior's: no fitted family has scores of both kinds, and the "
            f"learning rate of its runs {rates_in_words(np.array([decay.held]))}"
        )
    return notes


def rates_in_words(rates: Floats) -> str:
    """Learning rates, as shares of their peak, in words.

    Parameters
    ----------
    rates : array, shape (n,)
        None of them NaN.

    Examples
    --------
    >>> for rates in ([0.0, 0.01], [1.0], [0.5], [0.0, 1.0]):
    ...     print(rates_in_words(np.array(rates)))
    was decayed
    is at its peak
    is at 50% of its peak
    is at 0% to 100% of its peak
    """
    low, high = float(np.min(rates)), float(np.max(rates))
    if high <= _NEAR:
        return "was decayed"
    if low >= 1 - _NEAR:
        return "is at its peak"
    words = dict.fromkeys(f"{rate:.0%}" for rate in (low, high))
    return f"is at {' to '.join(words)} of its peak"


def _why(given: np.ndarray, decay: Decay) -> str:
    """Where that comes from, if it was not asked for."""
    if given.all():
        return ""
    part = f" (for {(~given).sum()} of {len(given)} points)" if given.any() else ""
    other = "; annealed=True forecasts runs where it was decayed" if decay.usual > _NEAR else ""
    return f", as that of the largest fitted run{part}{other}"
