"""What sets of samples say of a law's coefficients in k."""

import numpy as np
import pandas as pd

from ...arrays import Floats
from ...laws.attempts import AttemptsLaw
from .sets import SampleSets


def information_in_k(law: AttemptsLaw, sets: SampleSets, effect: Floats) -> dict[str, Floats]:
    """Information of each set about the law's coefficients in k, on the scale they are pooled on.

    Parameters
    ----------
    law : AttemptsLaw
        The law.
    sets : SampleSets
        The sets.
    effect : array, shape (sets,)
        Information about what a run has of its own in k (`SampleSets.information`), on top of which its scatter comes.

    Returns
    -------
    dict of str to array, shape (sets,)
        By coefficient, and ``set_effect_in_k``, ``sampling_effect``: of what was sampled in another way. What tells it
        little is taken to tell nothing: curvature, interaction.
    """
    capped = effect / (1 + effect * law.prior(law.scatter).median ** 2)
    found = {c.name: np.zeros(len(sets)) for c in law.attempt_coefficients}
    found[law.attempt_coefficients[0].name] = capped
    if "bend_slope" in found:
        spread = sets.log_error - pd.Series(sets.log_error).groupby(sets.frame["benchmark"]).transform("mean")
        found["bend_slope"] = capped * spread.to_numpy() ** 2
    return found | {"set_effect_in_k": effect, "sampling_effect": np.zeros(len(sets.sampled[1]))}
