"""What can hardly be right in a table, or should be known of it: notes that name the run and the value."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..wording import brief, brief_number, counted, listed
from .budget_doubts import budget_doubts
from .chance import canonical_name
from .columns import numbers, score_labels
from .reading.experts import TOTAL

_NAMED = 4
_FALL = 0.03  # a fall that is more than scatter, where no standard error is known
_MEANS_OF = (2, 3, 4, 5, 8, 10, 16)
_RIGHT_OR_WRONG = re.compile(r"(acc|exact_match|em|accuracy|match|choice)\w*(,.*)?")


class DoubtfulRunsWarning(UserWarning):
    """A table of runs holds values that can hardly be right; the message names them.

    Attributes
    ----------
    doubts : tuple of str
        One sentence each.
    """

    def __init__(self, doubts: Sequence[str]) -> None:
        self.doubts = tuple(doubts)
        super().__init__("; ".join(self.doubts))

    def __reduce__(self) -> tuple[type[DoubtfulRunsWarning], tuple[tuple[str, ...]]]:
        return DoubtfulRunsWarning, (self.doubts,)


def doubts(frame: pd.DataFrame) -> tuple[str, ...]:
    """Say what can hardly be right in a table.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Returns
    -------
    tuple of str
        One sentence each, without a full stop.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> doubts(bs.load_dataset("cerebras_gpt").frame)
    ()
    """
    if frame.empty:
        return ()
    runs = frame.drop_duplicates("run")
    scores = falling(frame) + _below_chance(frame) + _spellings(frame) if "accuracy" in frame else []
    return (*budget_doubts(runs), *scores)


def remarks(frame: pd.DataFrame) -> tuple[str, ...]:
    """Say what a reader should know of a table: few runs, families of one run, attempts, scores that do not divide.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> remarks(bs.load_dataset("cerebras_gpt").select("params > 2e9").frame)[0]
    '3 runs: fewer than four show no curve, and intervals rest on the priors'
    """
    if frame.empty:
        return ()
    runs = frame.drop_duplicates("run")
    found = []
    if len(runs) < 4:
        found.append(f"{counted(len(runs), 'run')}: fewer than four show no curve, and intervals rest on the priors")
    by_family = runs.groupby("family", sort=False)["run"].size()
    if len(by_family) > 1 and len(single := by_family.index[by_family == 1]):
        verb = "has" if len(single) == 1 else "have"
        found.append(f"{listed(map(repr, single), _NAMED)} {verb} one run: its curve is mostly that of other families")
    found += _experts(runs)
    scores = [*_mixed_shots(frame), *_not_multiples(frame)] if "accuracy" in frame else []
    return (*found, *_attempts(frame), *scores)


def _experts(runs: pd.DataFrame) -> list[str]:
    """Say that params are the active ones of mixtures of experts."""
    if TOTAL not in runs:
        return []
    total = pd.to_numeric(runs[TOTAL], errors="coerce")
    sparse = int((total > 1.001 * runs["params"]).sum())
    what = (
        f"params of {counted(sparse, 'run')} are the active ones of a mixture of experts, as FLOPs are; {TOTAL} has all"
    )
    return [what] if sparse else []


def falling(frame: pd.DataFrame) -> list[str]:
    """Say which benchmarks fall with compute: a law can only rise."""
    found = []
    table = frame[frame["accuracy"].notna()].assign(_label=score_labels(frame))
    if "k" in table:
        table = table.assign(_label=table["_label"] + table["k"].map(lambda k: "" if pd.isna(k) else f" at k = {k:g}"))
    if "problem" in table:
        table = table[table["problem"].isna()]
    several = len(table["family"].unique()) > 1
    for (family, label), rows in table.groupby(["family", "_label"], sort=False):
        means = rows.groupby("flops")["accuracy"].mean().sort_index()
        if len(means) < 3:
            continue
        first, last = float(means.iloc[0]), float(means.iloc[-1])
        steps = np.diff(means.to_numpy(float))
        errors = numbers(rows, "stderr")
        scatter = 3 * float(np.nanmedian(errors)) if not np.isnan(errors).all() else _FALL
        if first - last <= max(scatter, 1e-9) or _agreement(means.to_numpy(float)) > -0.7:
            continue
        how = "in every step" if (steps < 0).all() else "nearly throughout"
        where = f" of {family}" if several else ""
        found.append(
            f"scores on {label}{where} fall with compute {how}, from {brief_number(first)} to {brief_number(last)}: a "
            "law of right answers can only rise"
        )
    return found


def _agreement(values: Floats) -> float:
    """Kendall's tau of values with their order."""
    signs = np.sign(values[None, :] - values[:, None])
    n = len(values)
    return float(np.triu(signs, 1).sum() / (n * (n - 1) / 2))


def _below_chance(frame: pd.DataFrame) -> list[str]:
    accuracy, chance = frame["accuracy"].to_numpy(float), frame["chance"].to_numpy(float)
    counted_rows = frame["problem"].notna().to_numpy() if "problem" in frame else np.zeros(len(frame), bool)
    far = (accuracy < 0.4 * chance) & (accuracy < chance - 0.04) & ~counted_rows
    found = []
    for name, rows in frame[far].groupby("benchmark", sort=False):
        worst = rows.sort_values("accuracy").iloc[0]
        more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
        found.append(
            f"{worst['run']} scores {brief_number(worst['accuracy'])} on {name}, far below its chance "
            f"{brief_number(worst['chance'])}{more}: a percentage read as a fraction, or answers that were not read?"
        )
    return found


def _spellings(frame: pd.DataFrame) -> list[str]:
    """Benchmarks that are one by name, where no run has more than one of them."""
    groups: dict[str, list[str]] = {}
    for name in frame["benchmark"].unique():
        groups.setdefault(canonical_name(name), []).append(name)
    found = []
    for names in groups.values():
        per_run = frame[frame["benchmark"].isin(names)].groupby("run")["benchmark"].nunique()
        if len(names) > 1 and per_run.max() == 1:
            found.append(f"{listed(names, 6)} are one benchmark by name, and count as {len(names)}")
    return found


def _mixed_shots(frame: pd.DataFrame) -> list[str]:
    """Benchmarks whose number of shots stands in some rows only."""
    if "shots" not in frame:
        return []
    found = []
    for name, shots in frame.groupby("benchmark", sort=False)["shots"]:
        if shots.isna().any() and shots.notna().any():
            given = listed((f"{value:g}" for value in np.unique(shots.dropna())), _NAMED)
            found.append(
                f"{name} was scored at {given} shots, and in {counted(int(shots.isna().sum()), 'row')} without a "
                "number of them: these count as benchmarks of their own"
            )
    return found


def _attempts(frame: pd.DataFrame) -> list[str]:
    """Which k and how many attempts the rows have."""
    found = []
    for name, words in (("k", "k of the rates"), ("n_samples", "attempts at each problem (n_samples)")):
        if name in frame and len(values := np.unique(frame[name].dropna())):
            shown = listed((f"{value:g}" for value in values), 8)
            found.append(f"{words}: {shown}")
    return found


def _not_multiples(frame: pd.DataFrame) -> list[str]:
    """Benchmarks whose scores are no whole number of right answers."""
    items, accuracy = numbers(frame, "n_items"), frame["accuracy"].to_numpy(float)
    metric = frame["metric"].map(lambda name: not isinstance(name, str) or bool(_RIGHT_OR_WRONG.fullmatch(name)))
    single = np.ones(len(frame), bool)
    for name in ("k", "n_samples", "problem"):
        single &= frame[name].isna().to_numpy() if name in frame else True
    right = accuracy * items
    slack = items * _rounding(accuracy)
    wrong = single & metric.to_numpy(bool) & (slack < 0.2) & ~_divides(right, slack + 0.05)
    for attempts in _MEANS_OF:  # a mean over several attempts at few questions
        wrong &= ~((items < 1000) & _divides(attempts * right, attempts * slack + 0.05))
    found = []
    for name, rows in frame[wrong].groupby("benchmark", sort=False):
        first = rows.index[0]
        more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
        found.append(
            f"{brief(float(accuracy[first]))} of {frame['run'][first]} on {name} is no multiple of 1 / "
            f"{items[first]:g}{more}: it was measured on other questions, or is a mean of several scores"
        )
    return found


def _divides(right: Floats, slack: Floats) -> NDArray[np.bool_]:
    """Whether numbers of right answers are whole, but for what rounding hides."""
    whole: NDArray[np.bool_] = ~(np.abs(right - np.round(right)) > slack)
    return whole


def _rounding(values: Floats) -> Floats:
    """Half of the last digit that each value was written with."""
    digits = [len(text.partition(".")[2]) if "e" not in (text := f"{value:.12g}") else 17 for value in values]
    return 0.5 * 10.0 ** -np.array(digits, float)
