"""The first lines of a report: the answer to what was asked, how such forecasts held, what it costs, and what next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..evaluation.record import Record
from ..forecasting.forecast import Forecast
from ..planning.cost import Cost
from ..planning.probabilities import probability_of
from ..planning.probability_words import ALL
from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..runs.token_ratios import tell_apart, tokens_per_param
from ..wording import brief_number, chance_in_words, listed, percent, times_in_words
from .today import Best, best_so_far

_MOST_BUDGETS, _MOST_BENCHMARKS = 3, 5
_ALIKE = 0.02  # decades within which a budget is that of the largest run


@dataclass(frozen=True)
class Headline:
    """What stands in the box on top.

    Attributes
    ----------
    answer : tuple of str
        The answer, in sentences.
    record : str
        How such forecasts held in the past; a sentence that says so where nobody looked.
    warning : bool
        Whether too few held.
    costs : str
        What the asked budgets cost; empty where no cost was given.
    step : str
        A cheaper step that would tell more first; empty where none was looked for.
    """

    answer: tuple[str, ...]
    record: str
    warning: bool
    costs: str
    step: str


def answer_sentences(
    fit: Fit, found: Forecast, targets: Mapping[str, float] | None = None, probability: float = 0.9
) -> tuple[str, ...]:
    """Say what is forecast, or whether what is wanted will be reached: a sentence a budget and target or benchmark.

    Parameters
    ----------
    fit : Fit
        The fit behind the forecast.
    found : Forecast
        The forecast, with draws where there are targets.
    targets : mapping of str to float, optional
        Wanted scores, by benchmark or "mean".
    probability : float
        How probable all of them are to be reached.

    Returns
    -------
    tuple of str
        The first few budgets; without targets the benchmarks that are to move most, and how many more there are.
    """
    best = best_so_far(fit, _first_k(found))
    return _of_targets(found, targets, probability, best) if targets else _of_scores(found, best)


def _of_targets(
    found: Forecast, targets: Mapping[str, float], probability: float, best: Mapping[tuple[str, str], Best]
) -> tuple[str, ...]:
    table = probability_of(found, targets, probability=probability).table()
    draws = found.draws.sizes["sample"]
    keys = [name for name in ("family", "run", "k") if name in table]
    said = []
    runs = [rows for _, rows in table.groupby(keys, sort=False, dropna=False)]
    for rows in runs[:_MOST_BUDGETS]:
        whole = rows[rows["benchmark"] == ALL]
        enough = bool((whole if len(whole) else rows)["enough"].all())
        where = _where(rows.iloc[0].to_dict(), table, rows["decades_beyond"].max())
        parts = []
        for row in rows[rows["benchmark"] != ALL].to_dict("records"):
            chance = chance_in_words(row["probability"], draws)
            interval = f"80% interval {row['score_low_80']:.0%} to {row['score_high_80']:.0%}"
            today = _today(best.get((str(row.get("family")), row["benchmark"])))
            parts.append(
                f"{100 * row['target']:.3g}% on {row['benchmark']} has probability {chance} "
                f"({row['score']:.0%} expected, {interval}{today})"
            )
        joint = f"; all at once {chance_in_words(whole['probability'].iloc[0], draws)}" if len(whole) else ""
        verdict = "Enough" if enough else "Not enough"
        sure = f"{percent(probability)}% was asked"
        said.append(f"{verdict} with {where}: {'; '.join(parts)}{joint} ({sure}).")
    more = len(runs) - _MOST_BUDGETS
    return (*said, f"The tables have {more} more.") if more > 0 else tuple(said)


def _of_scores(found: Forecast, best: Mapping[tuple[str, str], Best]) -> tuple[str, ...]:
    """Scores of the benchmarks that are to move most beyond today's best, a sentence a budget."""
    table = found.table((0.9,)).assign(label=score_labels(found.points))
    keys = [name for name in ("family", "run", "k") if name in table]
    runs = [rows for _, rows in table.groupby(keys, sort=False, dropna=False)]
    said = []
    for rows in runs[:_MOST_BUDGETS]:
        today = [best.get((str(family), label)) for family, label in zip(_families(rows), rows["label"], strict=True)]
        gain = rows["median"].to_numpy() - np.array([np.nan if one is None else one.score for one in today])
        order = np.argsort(-np.nan_to_num(gain, nan=-1.0), kind="stable")[:_MOST_BENCHMARKS]
        parts = [
            f"{row['label']} {row['median']:.0%} (90% interval {row['low_90']:.0%} to {row['high_90']:.0%}"
            f"{_today(now)})"
            for row, now in ((rows.iloc[i].to_dict(), today[i]) for i in sorted(order))
        ]
        more = len(rows) - len(parts)
        rest = f"; {more} benchmarks that are to move less stand in the table" if more else ""
        where = _where(rows.iloc[0].to_dict(), table, rows["decades_beyond"].max())
        said.append(f"With {where}: {'; '.join(parts)}{rest}.")
    more = len(runs) - _MOST_BUDGETS
    return (*said, f"The table has {more} more runs.") if more > 0 else tuple(said)


def _families(rows: pd.DataFrame) -> pd.Series:
    return rows["family"] if "family" in rows else pd.Series("", rows.index)


def _today(best: Best | None) -> str:
    return "" if best is None else f"; best today {best.score:.0%}, {best.run}"


def _first_k(found: Forecast) -> int | None:
    points = found.points
    return int(points["k"].dropna().iloc[0]) if "k" in points and points["k"].notna().any() else None


def _where(row: dict[Any, Any], table: pd.DataFrame, beyond: float) -> str:
    """The budget in words, and how far it lies beyond the largest run."""
    parts = [f"{brief_number(row['flops'])} FLOPs"]
    if beyond > _ALIKE:
        parts.append(f"{times_in_words(beyond)} the largest fitted run")
    if "k" in row and row["k"] == row["k"]:
        parts.append(f"k = {row['k']:g}")
    if len(set(table.get("family", ()))) > 1:
        parts.append(f"{row['family']}")
    if tell_apart(tokens_per_param(table)):
        parts.append(f"{row['tokens'] / row['params']:.3g} tokens per parameter")
    return ", ".join(parts)


def record_in_words(record: Record | None, *, widened: bool) -> tuple[str, bool]:
    """How such forecasts held, and whether that is a warning."""
    if record is None:
        return (
            "Nobody looked how such forecasts held in the past; a backtest (--backtest make) does, and belongs here "
            "before anything is decided.",
            False,
        )
    said = record.said(widened=widened)
    return f"{said[0].upper()}{said[1:]}.", record.too_few and not widened


def costs_in_words(found: Forecast, cost: Cost | None) -> str:
    """What the asked budgets cost."""
    if cost is None:
        return ""
    budgets = sorted(set(found.points["flops"].dropna()))
    said = [f"{brief_number(flops)} FLOPs take {cost.in_words(flops)}" for flops in budgets[:_MOST_BUDGETS]]
    return f"{listed(said, _MOST_BUDGETS)}."
