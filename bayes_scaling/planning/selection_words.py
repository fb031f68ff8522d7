"""What to measure next, or that nothing is worth it, in words; and by which rule that was chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..wording import counted, flops_in_words
from .cost import Cost

if TYPE_CHECKING:
    from .joint_draws import Decision

#: Expected loss of a decision (accuracy) below which it is clear without further runs.
CLEAR = 1e-5
_MOST_NAMED = 4


@dataclass(frozen=True)
class Rule:
    """How candidates are chosen, and how that is said.

    Attributes
    ----------
    verb : str
        What is done with a candidate.
    several : int
        How many may be chosen.
    least : float
        Share of the variance that each must remove.
    per : str
        What a unit of cost is called.
    """

    verb: str
    several: int
    least: float
    per: str

    def check(self, candidates: int) -> None:
        """Refuse numbers out of range."""
        if not 0 <= self.least < 1:
            raise ValueError(
                f"least is {self.least!r}; expected a share of the variance from 0 to below 1, such as 0.05"
            )
        if isinstance(self.several, bool) or not 1 <= self.several <= candidates:
            raise ValueError(
                f"several is {self.several!r}; expected a whole number from 1 to {candidates}, the number of candidates"
            )


@dataclass(frozen=True)
class Facts:
    """What was found of candidates.

    Attributes
    ----------
    table : DataFrame
        One row a candidate, the chosen ones first.
    target_flops : float
        FLOPs of the run that is forecast.
    variance, taken : float
        Variance of its forecast, and what the chosen ones remove of it together.
    larger : bool array
        Which candidates are larger than that run.
    decision : Decision or None
        What depends on it.
    """

    table: pd.DataFrame
    target_flops: float
    variance: float
    taken: float
    larger: np.ndarray
    decision: "Decision | None"


def selection_sentence(rule: Rule, facts: Facts, cost: Cost | None) -> str:
    """Say what to do next, and what it is worth."""
    chosen = facts.table[facts.table["chosen"].notna()]
    if chosen.empty:
        return _none(rule, facts)
    spent = f" ({cost.in_words(float(chosen['flops'].sum()))})" if cost is not None and "flops" in chosen else ""
    after = np.sqrt(max(facts.variance - facts.taken, 0.0))
    said = (
        f"{rule.verb} {_together(_names(chosen))} next{spent}: the standard deviation of the forecast at "
        f"{flops_in_words(facts.target_flops)} FLOPs is expected to fall from {_points(np.sqrt(facts.variance))} to "
        f"{_points(after)} points, {facts.taken / facts.variance:.0%} of its variance"
    )
    if facts.decision is not None:
        gain = 100 * facts.decision.gain(facts.taken)
        said += f"; the expected loss of deciding at {facts.decision.threshold:g} falls by {gain:.2g} points"
    if len(chosen) < rule.several:
        said += f"; no more than {counted(len(chosen), 'candidate')} of the {rule.several} asked for is worth it"
    return f"{said}."


def _none(rule: Rule, facts: Facts) -> str:
    """Say that none is worth it, and why."""
    count = len(facts.table)
    none = f"None of the {count} candidates is" if count > 1 else "The candidate is not"
    said = f"{none} worth it"
    if facts.larger.all():
        they = "each" if count > 1 else "it"
        return f"{said}: {they} is larger than the run that is forecast, of {flops_in_words(facts.target_flops)} FLOPs."
    allowed = facts.table
    if facts.larger.any():
        allowed = allowed[allowed["flops"] <= facts.target_flops * (1 + 1e-9)]
    if facts.decision is not None and facts.decision.gain(facts.variance) <= CLEAR:
        return f"{said}: the decision at {facts.decision.threshold:g} is clear without it."
    best = allowed.sort_values("variance_removed", kind="stable").iloc[-1:]
    share = float(best["variance_removed"].iloc[0])
    why = f"the best, {_names(best)[0]}, is expected to remove {share:.1%} of the variance of the forecast at "
    why += f"{flops_in_words(facts.target_flops)} FLOPs"
    if share < rule.least:
        return f"{said}: {why}, less than the {rule.least:.0%} that was asked."
    return f"{said}: {why}, which changes nothing of the decision."


def selection_rule(rule: Rule, facts: Facts) -> str:
    """Say by which rule candidates were chosen."""
    what = "of the expected loss" if facts.decision is not None else "of the variance"
    said = f"chosen is what removes the most {what} per {rule.per}"
    if rule.least:
        said += f", among candidates that remove at least {rule.least:.0%} of the variance"
    if facts.larger.any():
        said += (
            f"; {counted(int(facts.larger.sum()), 'candidate')} larger than the run that is forecast may not be chosen"
        )
    return said


def _names(rows: pd.DataFrame) -> list[str]:
    if "run" in rows and "benchmark" in rows:
        return list(rows["run"] + " on " + rows["benchmark"])
    return [str(name).replace("e+", "e") for name in (rows["run"] if "run" in rows else rows["benchmark"])]


def _together(names: list[str]) -> str:
    """Names that may have commas of their own."""
    more = len(names) - _MOST_NAMED
    return " and ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])


def _points(sd: float) -> str:
    return f"{100 * sd:.3g}"
