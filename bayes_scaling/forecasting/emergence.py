"""Which benchmarks are still at chance, and above what budget they left it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model.information import ASSUMED_ITEMS
from ..model.observed import Fitted
from ..model.scores import Scores
from ..wording import listed

_CLEARLY = 3.0  # standard deviations above chance
_JITTER = 0.01  # extra scatter of scores near chance (accuracy)
_MOST_NAMED = 8
_MOSTLY = 0.5  # share of a benchmark's budgets at chance from which it is named


@dataclass(frozen=True)
class Emerging:
    """A benchmark most of whose fitted budgets are at chance.

    Attributes
    ----------
    benchmark : int
        Code.
    label : str
        Label.
    at_chance_to : float
        Largest training FLOPs up to which no score is clearly above chance; infinite where none is.
    above : int
        Scores clearly above chance.
    """

    benchmark: int
    label: str
    at_chance_to: float
    above: int


def emergence_notes(found: Sequence[Emerging], *, alone: bool = False) -> list[str]:
    """Say which benchmarks are at chance throughout, and which have just left it.

    Parameters
    ----------
    found : sequence of Emerging
        Of `emerging`.
    alone : bool
        Whether no benchmark that was fitted has left chance (`rests_on_prior`).

    Returns
    -------
    list of str
        Up to two sentences, without a full stop.

    Examples
    --------
    >>> for note in emergence_notes([Emerging(0, "mmlu", 1e21, 2), Emerging(1, "gpqa", np.inf, 0)]):
    ...     print(note)
    at chance at every fitted budget: gpqa; such a forecast rests on the other benchmarks
    hardly above chance yet: mmlu (at chance up to 1e+21 FLOPs, 2 scores above it); such a forecast rests on these
    """
    never = [one.label for one in found if not one.above]
    late = [
        f"{one.label} (at chance up to {one.at_chance_to:.2g} FLOPs, {one.above} score{'s' * (one.above > 1)} above it)"
        for one in found
        if one.above
    ]
    notes = []
    if never:
        names = listed(never, _MOST_NAMED)
        basis = "the prior alone" if alone else "the other benchmarks"
        notes.append(f"at chance at every fitted budget: {names}; such a forecast rests on {basis}")
    if late:
        notes.append(f"hardly above chance yet: {listed(late, _MOST_NAMED)}; such a forecast rests on these")
    return notes


def rests_on_prior(fitted: Fitted) -> bool:
    """Whether no score of any benchmark is clearly above chance, so that forecasts rest on the prior alone.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> from bayes_scaling.model.specification import specify
    >>> rests_on_prior(specify(bs.DirectLaw(), bs.load_dataset("cerebras_gpt")).fitted)
    False
    """
    found = emerging(fitted)
    return len(found) == len(fitted.reference.labels) and not any(one.above for one in found)


def emerging(fitted: Fitted) -> list[Emerging]:
    """Benchmarks most of whose fitted budgets are at chance; none of a table of attempts.

    A score is clearly above chance where it lies three standard deviations (binomial, and a jitter of .01) above the
    floor, which is chance or lower.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> from bayes_scaling.model.specification import specify
    >>> found = emerging(specify(bs.DirectLaw(), bs.load_dataset("cerebras_gpt")).fitted)
    >>> [(one.label, f"{one.at_chance_to:.2g}", one.above) for one in found]
    [('winogrande', '2.8e+20', 3), ('openbookqa', '2.8e+20', 3)]
    """
    if not isinstance(fitted.observed, Scores):
        return []
    rows, found = fitted.rows, []
    items = np.where(np.isnan(rows.n_items), ASSUMED_ITEMS, rows.n_items)
    sd = np.sqrt(rows.floor * (1 - rows.floor) / items + _JITTER**2)
    clearly = fitted.observed.values > rows.floor + _CLEARLY * sd
    for b, label in enumerate(fitted.reference.labels):
        at = rows.benchmark == b
        budgets, above = rows.log_flops[at], clearly[at]
        unique, place = np.unique(budgets, return_inverse=True)
        reached = np.bincount(place, above) > 0
        if reached.mean() <= 1 - _MOSTLY:
            left = unique[reached].min(initial=np.inf)
            below = unique[unique < left]
            to = np.inf if not above.any() else float(np.exp(below.max())) if len(below) else float(np.exp(left))
            found.append(Emerging(b, label, to, int(above.sum())))
    return found
