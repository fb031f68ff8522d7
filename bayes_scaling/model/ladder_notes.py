"""What a law reads of budgets, and what it misses: tokens per parameter that drift, sizes that lack, other FLOPs."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ..laws import DEFAULT, LAWS, law_reading
from ..laws.base import Law
from ..runs.budget_columns import SIZES
from ..runs.token_ratios import drifting, ladders, ladders_in_words
from ..wording import counted, listed

_MOST_NAMED = 4
_SIZED = pd.DataFrame({"params": [1e9], "tokens": [2e10], "flops": [1.2e20]})  # a table that has them
_EXACT = 1e-9  # relative difference of what was computed by 6ND
_SAME_RULE = 1.05  # FLOPs that differ from 6ND by less are 6ND, rounded


class RatioWarning(UserWarning):
    """A law reads FLOPs alone where tokens per parameter drift, are asked for far from the fitted, or lack in part."""


def drift_notes(law: Law, fitted: pd.DataFrame, families: Iterable[object] | None = None) -> list[str]:
    """Say that tokens per parameter drift along fitted runs, where a law does not see it.

    Parameters
    ----------
    law : Law
        The law, as it reads the table.
    fitted : DataFrame
        Fitted rows in the columns of `Runs.frame`.
    families : iterable of str, optional
        Families that matter; one that was not fitted stands for all. By default all.

    Returns
    -------
    list of str
        One sentence, or none: of a law that reads params and tokens, and where each family has one ratio.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> runs = bs.load_dataset("pile_suite").frame
    >>> drift_notes(bs.RatioLaw(), runs), drift_notes(bs.DirectLaw(), runs, ["Cerebras-GPT"])
    ([], [])
    >>> drift_notes(bs.DirectLaw(), runs, ["Pythia"])[0].split(":")[0]
    'tokens per parameter fall from 4280 to 25 along Pythia'
    """
    found = [] if law.reads_sizes else drifting(fitted, families)
    if not found:
        return []
    return [
        f"{ladders_in_words(found)}: {type(law).__name__} reads FLOPs alone and takes this for what FLOPs do, so that "
        f"its forecasts of larger runs tend to be too high; {way_out(law, fitted)}"
    ]


def way_out(law: Law, fitted: pd.DataFrame) -> str:
    """Say which law reads params and tokens in the stead of one of FLOPs alone, and what the table must have for it."""
    return f"{seeing_sizes(law)!r} reads params and tokens{_once_known(fitted, 'them')}"


def seeing_sizes(law: Law) -> Law:
    """The law that reads params and tokens in the stead of one of FLOPs alone.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> seeing_sizes(bs.DirectLaw()), seeing_sizes(bs.GeneralLaw("compute")), seeing_sizes(bs.PassAtKLaw())
    (GeneralLaw(), GeneralLaw(), PassAtKLaw())
    """
    other = law_reading("ratio", law)
    rest: dict[str, Any] = {name: value for name, value in other.chosen.items() if name != "inputs"}
    by_table = type(other)(**rest)
    return by_table if by_table.resolve(_SIZED).reads_sizes else other


def fit_that_sees(law: Law, fitted: pd.DataFrame) -> str:
    """The call that fits a law of params and tokens in the stead of one of FLOPs alone, and what it needs.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> fit_that_sees(bs.DirectLaw(), bs.load_dataset("cerebras_gpt").frame)
    'bs.fit(bs.GeneralLaw(), runs)'
    """
    once = _once_known(fitted, "params and tokens")
    return f"bs.fit(bs.{seeing_sizes(law)!r}, runs){',' * bool(once)}{once}"


def _once_known(fitted: pd.DataFrame, what: str) -> str:
    lacking = unsized(fitted)
    return f" once every run has {what} ({lacking.sum()} of {len(lacking)} lack them)" if lacking.any() else ""


def reading_notes(law: Law, frame: pd.DataFrame) -> list[str]:
    """Say what a law reads of which runs, where runs lack params or tokens or count FLOPs otherwise than 6ND.

    Parameters
    ----------
    law : Law
        The law, as it was chosen.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Returns
    -------
    list of str
        One sentence each, without a full stop.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> for note in reading_notes(bs.GeneralLaw(), bs.load_dataset("cerebras_gpt").frame):
    ...     print(note)
    FLOPs of 7 of 7 runs are 1.15 to 1.76 times 6 * params * tokens: they are read as given
    """
    return [*missing_notes(law, frame), *rule_notes(frame), *mixed_notes(frame)]


def fit_notes(law: Law, frame: pd.DataFrame) -> list[str]:
    """Say what a law reads of a table, and what it misses there, before it is fitted."""
    if frame.empty:
        return []  # which the fit refuses
    return [*reading_notes(law, frame), *drift_notes(law.resolve(frame), frame)]


def missing_notes(law: Law, frame: pd.DataFrame) -> list[str]:
    """Say which runs lack params or tokens, where this keeps a law from reading those of the others."""
    lacking = unsized(frame)
    with_sizes = frame[frame[[*SIZES]].notna().all(axis=1)]
    chosen_by_table = (
        not with_sizes.empty and law.resolve(with_sizes).reads_sizes and not law.resolve(frame).reads_sizes
    )
    if not chosen_by_table:
        return []
    runs = listed(map(repr, lacking.index[lacking].get_level_values("run")), _MOST_NAMED)
    return [
        f"params or tokens are missing for {lacking.sum()} of {len(lacking)} runs ({runs}): {type(law).__name__} reads "
        f"FLOPs alone of all; params and tokens of the other {counted(int((~lacking).sum()), 'run')} are not used"
    ]


def unsized(frame: pd.DataFrame) -> pd.Series:
    """Of each family and run, whether it lacks params or tokens."""
    runs = frame.drop_duplicates(["family", "run"]).set_index(["family", "run"])
    return runs[[*SIZES]].isna().any(axis=1)


def rule_notes(frame: pd.DataFrame) -> list[str]:
    """Say where FLOPs are not 6ND."""
    runs, times = _times_6nd(frame)
    other = times[np.abs(np.log(times)) > np.log(_SAME_RULE)]
    if other.empty:
        return []
    ends = " to ".join(dict.fromkeys(f"{end:.3g}" for end in (other.min(), other.max())))
    which = f"{len(other)} of {len(runs)} runs"
    return [f"FLOPs of {which} are {ends} times 6 * params * tokens: they are read as given"]


def mixed_notes(frame: pd.DataFrame) -> list[str]:
    """Say where FLOPs, params or tokens seem to be filled in by 6ND beside runs of a family that count otherwise."""
    runs, times = _times_6nd(frame)
    exact = np.abs(times - 1) < _EXACT
    mixed = (np.abs(np.log(times)) > np.log(_SAME_RULE)).groupby(runs["family"]).transform("any")
    found = runs["run"][times.index[exact & mixed]]
    if found.empty:
        return []
    named = listed(map(repr, found), _MOST_NAMED)
    return [
        f"FLOPs of {counted(len(found), 'run')} ({named}) are exactly 6 * params * tokens, beside others that are not: "
        "which of the three was missing there follows from the other two, by another rule"
    ]


def _times_6nd(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Runs, and their FLOPs over 6ND where all three are known."""
    runs = frame.drop_duplicates(["family", "run"])
    return runs, (runs["flops"] / (6 * runs["params"] * runs["tokens"])).dropna()


def ladder_lines(frame: pd.DataFrame) -> list[str]:
    """Say how tokens per parameter move along the runs of each family, and what this asks of a law.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> print(*ladder_lines(bs.load_dataset("cerebras_gpt").frame))
    tokens per parameter hardly vary (19.6 to 20.2) along Cerebras-GPT: a law of FLOPs alone will do at that ratio
    """
    every = ladders(frame)
    still = [one for one in every if one.kind == "one ratio" and one.runs > 1]
    free = [one for one in every if one.kind == "free"]
    lines = []
    if still:
        lines.append(f"{ladders_in_words(still)}: a law of FLOPs alone will do at that ratio")
    if found := [one for one in every if one.drifts]:
        lines.append(
            f"{ladders_in_words(found)}: a law of FLOPs alone takes this for what FLOPs do, and its forecasts "
            f"of larger runs tend to be too high; {way_out(LAWS[DEFAULT](), frame)}"
        )
    if free:
        names = listed((one.family for one in free), _MOST_NAMED)
        lines.append(f"params and tokens vary apart from each other along {names}: the table tells one from the other")
    return lines
