"""Whether runs are enough, in words."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..wording import RECORD, bound_names, chance_in_words, flops_in_words, listed, percent, times_in_words
from .cost import Cost, priced

ALL = "all targets"
_ALIKE = 0.02  # decades within which a budget is that of the largest run
_MOST_NAMED = 6


def probability_sentence(table: pd.DataFrame, draws: int, asked: float, cost: Cost | None, notes: Sequence[str]) -> str:
    """Say whether each run is enough, with what probability, what is expected of it, and how such forecasts held.

    Parameters
    ----------
    table : DataFrame
        Of `probability_of`.
    draws : int
        How many were counted.
    asked : float
        How probable it is to be.
    cost : Cost or None
        What FLOPs cost.
    notes : sequence of str
        Those of the forecast, of which the first may be its record.

    Returns
    -------
    str
        One sentence or two.
    """
    keys = [name for name in ("family", "run", "k") if name in table]
    runs = [part for _, part in table.groupby(keys, sort=False, dropna=False)]
    if len(runs) == 1:
        said = _one_run(runs[0], draws, asked, cost)
    else:
        said = _several_runs(runs, draws, asked, several=len(set(table.get("family", ()))) > 1)
    record = [f"{note[0].upper()}{note[1:]}." for note in notes[:1] if note.startswith(RECORD)]
    return " ".join([said, *record])


def _one_run(rows: pd.DataFrame, draws: int, asked: float, cost: Cost | None) -> str:
    whole, single = _deciding(rows), rows[rows["benchmark"] != ALL]
    first = rows.iloc[0]
    run = f"a run of {flops_in_words(first['flops'])} FLOPs{priced(cost, first['flops'])}"
    if rows["decades_beyond"].max() > _ALIKE:
        run += f", {times_in_words(rows['decades_beyond'].max())} the largest fitted run,"
    reaches = "scores at least" if first["of"] == "score" else "is expected to score at least"
    chances = [chance_in_words(value, draws) for value in single["probability"]]
    targets = [f"{row['target']:g} on {row['benchmark']}" for row in single.to_dict("records")]
    expected = [_expected(row) for row in single.to_dict("records")]
    verdict = "Enough" if whole["enough"].all() else "Not enough"
    sure = f"{percent(asked)}% was asked"
    if len(single) == 1:
        return f"{verdict}: {run} {reaches} {targets[0]} with probability {chances[0]} ({sure}); {expected[0]}."
    brief = [_expected_briefly(row) for row in single.to_dict("records")]
    named = [f"{t} with {c} ({e})" for t, c, e in zip(targets, chances, brief, strict=True)]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    each = "; ".join(named[:_MOST_NAMED]) + more
    if (rows["benchmark"] == ALL).any():
        joint = chance_in_words(whole["probability"].iloc[0], draws)
        return f"{verdict}: {run} reaches all targets at once with probability {joint} ({sure}): {each}."
    return f"{verdict}: {run} {reaches} {each} ({sure})."


def _expected(row: dict[Any, Any]) -> str:
    low, high = (f"{row[f'score_{name}']:.2f}" for name in bound_names(0.8))
    return f"{row['score']:.2f} is expected (80% interval {low} to {high})"


def _expected_briefly(row: dict[Any, Any]) -> str:
    low, high = (f"{row[f'score_{name}']:.2f}" for name in bound_names(0.8))
    return f"{row['score']:.2f} expected, {low} to {high}"


def _several_runs(runs: list[pd.DataFrame], draws: int, asked: float, *, several: bool) -> str:
    """The verdict of each run, the smallest first; of the one that decides all where targets count together."""
    deciding = sorted((_deciding(rows) for rows in runs), key=lambda rows: float(rows["flops"].iloc[0]))
    said = []
    for rows in deciding:
        least = rows.sort_values("probability", kind="stable").iloc[0]
        which = f"{flops_in_words(least['flops'])} FLOPs" + (f" of {least['family']}" if several else "")
        which += f" at k = {least['k']:g}" if "k" in rows and least["k"] == least["k"] else ""
        word = "enough" if rows["enough"].all() else "not enough"
        on = "" if least["benchmark"] == ALL or len(rows) == 1 else f" on {least['benchmark']}"
        said.append(f"{which}: {word} ({chance_in_words(least['probability'], draws)}{on})")
    targets = {f"{row['target']:g} on {row['benchmark']}": None for row in runs[0].to_dict("records")}
    named = listed((name for name in targets if not name.startswith("nan")), _MOST_NAMED)
    verb = "" if runs[0]["of"].iloc[0] == "score" else "expected "
    return f"For {verb}{named}, with {percent(asked)}% probability asked: {listed(said, _MOST_NAMED)}."


def _deciding(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of all targets together, or all rows."""
    whole = rows[rows["benchmark"] == ALL]
    return whole if len(whole) else rows
