"""The budget that a target needs, in words: the answer, how far it reaches, and how such forecasts held."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..evaluation.record import Record
from ..wording import flops_in_words, known_flops, listed, percent, times_in_words
from .answers import BAND
from .cost import Cost, priced
from .wanted import Wanted, asked_with

NO_RECORD = "how such forecasts held in the past was not looked at (a backtest says it)"
_ALIKE = 0.02  # decades within which a budget is that of the largest run


def target_sentence(
    row: Mapping[str, Any], cost: Cost | None, record: Record | None, wanted: Wanted, *, assumed: bool
) -> str:
    """The answer in words."""
    asked = f"{row['target']:g} on {row['benchmark']}"
    reaches = "scores" if row["of"] == "score" else "is expected to score"
    sure = asked_with(row["probability"])
    if row["outcome"] == "reached":
        said = f"{_run(row, cost, wanted)} {reaches} at least {asked} with {sure}"
    elif row["outcome"] == "barred by the ceiling":
        said = f"No run {reaches} at least {asked} with {sure}: the ceiling of the benchmark bars it"
        if assumed:
            said = f"Under the assumed ceiling, of which the runs say next to nothing, no run {reaches} at least "
            said += f"{asked} with {sure}"
    elif row["outcome"] == "too far to tell":
        said = f"Too far to tell which run {reaches} at least {asked} with {sure}"
    else:
        most = flops_in_words(row["at_most"])
        said = f"No run of at most {most} FLOPs {reaches} at least {asked} with {sure}"
    if row["outcome"] == "reached" and row["decades_beyond"] <= 0:
        return f"{said}; {_passing(row)}."
    return f"{said}; {_passing(row)}; {NO_RECORD if record is None else record.said(widened=wanted.recalibrate)}."


def _run(row: Mapping[str, Any], cost: Cost | None, wanted: Wanted) -> str:
    """The run that is enough, and how far it lies beyond the fitted ones."""
    known = known_flops(row["flops"], row["relative_error"])
    if row["flops"] < wanted.smallest_fitted / 50:
        return f"Even a run of {known} FLOPs, a hundredth of the smallest fitted one,"
    said = f"A run of about {known} FLOPs{priced(cost, row['flops'])}"
    if row["decades_beyond"] > _ALIKE:
        said += f", {times_in_words(row['decades_beyond'])} the largest fitted run,"
    return said


def _passing(row: Mapping[str, Any]) -> str:
    """Where the expected curve passes the target, in words."""
    name = percent(BAND)
    middle, low, high = (row[column] for column in ("passes", f"passes_low_{name}", f"passes_high_{name}"))
    if np.isinf(middle):
        return f"the expected curve does not pass {row['target']:g} in {row['never_passes']:.0%} of the draws"
    ends = [_two_digits(end) if np.isfinite(end) else "beyond" for end in (low, high)]
    interval = f"{name}% interval {ends[0]} to {ends[1]}"
    return f"the expected curve passes {row['target']:g} at {_two_digits(middle)} ({interval})"


def _two_digits(flops: float) -> str:
    return f"{flops:.2g}".replace("e+", "e")


def beside_in_words(tables: Mapping[str, pd.DataFrame]) -> str:
    """What other laws answer, and how far they lie apart; the first table is that of the law which was asked."""
    answers, found = [], []
    for number, (name, table) in enumerate(tables.items()):
        row = table.iloc[0]
        if row["outcome"] == "reached":
            found.append(row["flops"])
        if number:
            said = (
                f"about {known_flops(row['flops'], row['relative_error'])}"
                if row["outcome"] == "reached"
                else row["outcome"]
            )
            answers.append(f"{name} {said}")
    apart = f", a factor {max(found) / min(found):.2g} apart" if len(found) > 1 else ""
    return f"By other laws: {listed(answers, 8)}{apart}."
