"""When a fit has enough draws: R-hat and ESS of what decides, looked at after so many draws of each chain.

Each look sees the first draws of every chain, as many as the looks before it have asked for. What is kept follows from
the draws alone, hence from the seed, and not from how fast the machine was.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..posterior.fit import HIGHEST_R_HAT, LOWEST_ESS, MOST_DIVERGENT
from .mixing import mixing

FIRST_LOOK = 300  # draws kept by each chain
USUAL_DRAWS = 1000
MOST_DRAWS = 2000
ROOM = 2.0  # up to the usual number of draws, the ESS is to be so many times what convergence asks for
_STEP = 50
_MORE = 1.05  # as an ESS is known to several per cent
_LONGER = 1.5  # where the R-hat, or the share that diverged, alone is too high


@dataclass(frozen=True)
class Look:
    """What a look at the first draws found.

    Attributes
    ----------
    draws : int
        Draws of each chain that it saw.
    r_hat, ess : float
        The highest R-hat and the lowest ESS, bulk or tail, of what decides, as far as it looked: not beyond the first
        entries that were found wanting.
    divergent : float
        Share of the draws that diverged.
    """

    draws: int
    r_hat: float
    ess: float
    divergent: float = 0.0

    @property
    def wanted_ess(self) -> float:
        """The ESS that is enough: with room, until the draws become many."""
        return LOWEST_ESS * (ROOM if self.draws < USUAL_DRAWS else 1.0)

    @property
    def enough(self) -> bool:
        """Whether the fit needs no more draws; what two of few draws do says little of the share that diverges."""
        calm = self.divergent <= MOST_DIVERGENT or self.draws >= USUAL_DRAWS
        return calm and self.r_hat <= HIGHEST_R_HAT and self.ess >= self.wanted_ess

    @property
    def next(self) -> int:
        """After how many draws of each chain to look again.

        Examples
        --------
        >>> Look(300, 1.004, 400.0).next, Look(300, 1.02, 900.0).next, Look(600, 1.004, 790.0).next
        (600, 450, 650)
        """
        if self.ess < self.wanted_ess:
            wanted = self.draws * min(2.0, _MORE * self.wanted_ess / max(self.ess, 1.0))
        else:
            wanted = self.draws * (_LONGER if not self.enough else 1.0)
        steps = math.ceil(max(wanted, self.draws + 1) / _STEP)
        return min(_STEP * steps, MOST_DRAWS)

    def rounded(self) -> dict[str, float]:
        """What it found, by name, as files and reports show it."""
        found = {"r_hat": round(self.r_hat, 4), "ess": round(self.ess, 1), "divergent": round(self.divergent, 5)}
        return {"draws": self.draws, **found}

    def __str__(self) -> str:
        """In words, such as "R-hat 1.004 (limit 1.01), ESS 400 of 800"."""
        return f"R-hat {self.r_hat:.3f} (limit {HIGHEST_R_HAT}), ESS {self.ess:.0f} of {self.wanted_ess:.0f}"


def look_at(parts: Iterable[Floats]) -> Look:
    """Look at what decides, part after part, and no further than the first that wants more draws.

    Parameters
    ----------
    parts : iterable of array, shape (chain, draw, entries)
        What decides, the quickest first.

    Returns
    -------
    Look
        What was found.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 300, 5))
    >>> look_at([draws]).enough, look_at([draws[:, :100], draws]).draws
    (True, 100)
    """
    look = Look(0, 1.0, math.inf)
    for draws in parts:
        found = mixing(draws)
        ess = np.fmin.reduce(np.fmin(found.ess_bulk, found.ess_tail), initial=look.ess)
        r_hat = np.fmax.reduce(found.r_hat, initial=look.r_hat)
        look = Look(draws.shape[1], float(r_hat), float(ess))
        if not look.enough:
            break
    return look
