"""The rules of each column by itself; what breaks them becomes problems in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...wording import brief
from ..budget_columns import BUDGET_COLUMNS, BudgetColumn
from .columns import Source
from .problems import Findings


@dataclass(frozen=True)
class Rule:
    """A check of one column: which values pass, and what is said of those that do not.

    Rules of a column do not overlap, so that a value gets one message.
    """

    passes: Callable[[pd.Series], pd.Series]
    message: str
    expected: str


def _finite_or(check: Callable[[pd.Series], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    return lambda values: check(values) | np.isinf(values)


def _looks_like_percent(values: pd.Series) -> pd.Series:
    """Say which values look like percentages: those from 1 to 100, where some of them are well above 1."""
    above = (values > 1) & (values <= 100)
    return above & bool(((values > 1.5) & (values <= 100)).any())


_FINITE = Rule(lambda values: ~np.isinf(values), "infinite", "a finite number")


def _share(what: str, header: str, *, one_allowed: bool) -> tuple[Rule, ...]:
    """Rules of a quantity between 0 and 1."""
    top = "[0, 1]" if one_allowed else "[0, 1)"

    def inside(values: pd.Series) -> pd.Series:
        return (values >= 0) & ((values <= 1) if one_allowed else (values < 1))

    def centred(values: pd.Series) -> pd.Series:
        return (values < 0) & (values >= -1) & bool((values <= 1).all())

    return (
        _FINITE,
        Rule(
            lambda values: ~_looks_like_percent(values),
            f"{what} above 1 looks like percent",
            f"a fraction in {top}, or a header that says percent, such as {header!r}",
        ),
        Rule(
            _finite_or(lambda values: inside(values) | _looks_like_percent(values) | (centred(values) & one_allowed)),
            f"{what} outside {top}",
            f"a fraction in {top}",
        ),
        Rule(
            lambda values: ~centred(values) | (not one_allowed),
            f"{what} outside {top}: below 0",
            f"a fraction in {top}; scores that were centred on chance go back by chance + (1 - chance) * score",
        ),
    )


def _budget(column: BudgetColumn) -> tuple[Rule, ...]:
    low, high = column.limits
    return (
        _FINITE,
        Rule(lambda values: values > 0, "not positive", "a number above 0"),
        Rule(
            _finite_or(lambda values: (values <= 0) | (values >= low)),
            f"below {brief(low)}: looks as if it were in {column.mistaken}",
            column.plain,
        ),
        Rule(
            _finite_or(lambda values: values <= high),
            f"above {brief(high)}: looks as if a unit were applied twice",
            column.plain,
        ),
    )


def _whole(least: int) -> tuple[Rule, ...]:
    return (
        _FINITE,
        Rule(
            _finite_or(lambda values: (values >= least) & (values == np.floor(values))),
            "negative or not whole" if least == 0 else "not positive or not whole",
            f"a whole number of at least {least}",
        ),
    )


_POSITIVE = (_FINITE, Rule(lambda values: values > 0, "not positive", "a number above 0"))
_STDERR = (
    _FINITE,
    Rule(lambda values: values >= 0, "a negative standard error", "a number of at least 0"),
    Rule(
        _finite_or(lambda values: values <= 0.5),
        "a standard error above 0.5, which no score in [0, 1] has; looks like percent",
        "a standard error on the scale of the accuracy in [0, 1], or the header 'stderr (%)'",
    ),
)

RULES: dict[str, tuple[Rule, ...]] = {
    "run": (),
    "family": (),
    "benchmark": (),
    **{name: _budget(column) for name, column in BUDGET_COLUMNS.items()},
    "loss": _POSITIVE,
    "accuracy": _share("a score", "accuracy (%)", one_allowed=True),
    "shots": _whole(0),
    "n_items": _POSITIVE,
    "stderr": _STDERR,
    "chance": _share("a chance level", "chance (%)", one_allowed=False),
    "k": _whole(1),
    "n_samples": _whole(1),
    "n_correct": _whole(0),
    "lr_fraction": _share("a learning rate over its peak", "lr_fraction (%)", one_allowed=True),
}
REQUIRED = {
    "run": "the name of the run in every row",
    "benchmark": "the name of the benchmark in every row",
    "family": "a family in every row, or no family column at all (then all runs are one family)",
}


def check_columns(table: pd.DataFrame, frame: pd.DataFrame, sources: dict[str, Source], findings: Findings) -> None:
    """Check each column by itself.

    Parameters
    ----------
    table : DataFrame
        The canonical columns that the frame holds, as read.
    frame : DataFrame
        The frame as given, for the values of the messages.
    sources : dict
        Where each canonical column stands in the frame.
    findings : Findings
        Gets a problem for each rule and column that is broken.
    """
    for column in table.columns:
        values = table[column]
        for rule in RULES.get(column, ()):
            broken = values.notna() & ~rule.passes(values)
            _report(broken, column, rule.message, rule.expected, frame, sources, findings)
        if column in REQUIRED:
            _report(values.isna(), column, "empty", REQUIRED[column], frame, sources, findings)


def _report(
    broken: pd.Series,
    column: str,
    message: str,
    expected: str,
    frame: pd.DataFrame,
    sources: dict[str, Source],
    findings: Findings,
) -> None:
    """Report the rows that break a rule, but for those that have a problem in this column already."""
    rows = np.flatnonzero(broken.to_numpy() & ~findings.bad(column))
    header = sources[column].header
    cells = frame[header].iloc[rows].tolist()
    findings.cells(rows, cells, header=header, message=message, expected=expected, column=column)
