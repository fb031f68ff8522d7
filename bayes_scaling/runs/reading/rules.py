"""The schema of one column at a time, held in pandera; what it rejects becomes problems in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...wording import brief
from .budgets import LIMITS
from .columns import Source
from .headers import NUMBERS
from .problems import Findings

if TYPE_CHECKING:
    import pandera.pandas as pa

_UNIT_HINT = {
    "params": "a plain count such as 1.3e9, or a unit in the header such as 'params (B)'",
    "tokens": "a plain count such as 3e11, or a unit in the header such as 'tokens (B)'",
    "flops": "plain FLOPs such as 2.6e18, or a unit in the header such as 'compute (EFLOPs)'",
}


@dataclass(frozen=True)
class Rule:
    """A check of one column: which values pass, and what is said of those that do not.

    Rules of a column do not overlap, so that a value gets one message.
    """

    name: str
    passes: Callable[[pd.Series], pd.Series]
    message: str
    expected: str


def _finite_or(check: Callable[[pd.Series], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    return lambda values: check(values) | np.isinf(values)


def _looks_like_percent(values: pd.Series) -> pd.Series:
    """Say which values look like percentages: those from 1 to 100, where some of them are well above 1."""
    above = (values > 1) & (values <= 100)
    return above & bool(((values > 1.5) & (values <= 100)).any())


_FINITE = Rule("finite", lambda values: ~np.isinf(values), "infinite", "a finite number")


def _share(what: str, header: str, *, one_allowed: bool) -> tuple[Rule, ...]:
    """Rules of a quantity between 0 and 1."""
    top = "[0, 1]" if one_allowed else "[0, 1)"

    def inside(values: pd.Series) -> pd.Series:
        return (values >= 0) & ((values <= 1) if one_allowed else (values < 1))

    return (
        _FINITE,
        Rule(
            "percent",
            lambda values: ~_looks_like_percent(values),
            f"{what} above 1 looks like percent",
            f"a fraction in {top}, or a header that says percent, such as {header!r}",
        ),
        Rule(
            "inside",
            _finite_or(lambda values: inside(values) | _looks_like_percent(values)),
            f"{what} outside {top}",
            f"a fraction in {top}",
        ),
    )


def _budget(column: str) -> tuple[Rule, ...]:
    low, high = LIMITS[column]
    unit = "units of 1e18, or as a logarithm" if column == "flops" else "millions or billions"
    return (
        _FINITE,
        Rule("positive", lambda values: values > 0, "not positive", "a number above 0"),
        Rule(
            "not small",
            _finite_or(lambda values: (values <= 0) | (values >= low)),
            f"below {brief(low)}: looks as if it were in {unit}",
            _UNIT_HINT[column],
        ),
        Rule(
            "not large",
            _finite_or(lambda values: values <= high),
            f"above {brief(high)}: looks as if a unit were applied twice",
            _UNIT_HINT[column],
        ),
    )


def _whole(least: int) -> tuple[Rule, ...]:
    return (
        _FINITE,
        Rule(
            "whole",
            _finite_or(lambda values: (values >= least) & (values == np.floor(values))),
            "negative or not whole" if least == 0 else "not positive or not whole",
            f"a whole number of at least {least}",
        ),
    )


_POSITIVE = (_FINITE, Rule("positive", lambda values: values > 0, "not positive", "a number above 0"))
_STDERR = (
    _FINITE,
    Rule("negative", lambda values: values >= 0, "a negative standard error", "a number of at least 0"),
    Rule(
        "large",
        _finite_or(lambda values: values <= 0.5),
        "a standard error above 0.5, which no score in [0, 1] has; looks like percent",
        "a standard error on the scale of the accuracy in [0, 1], or the header 'stderr (%)'",
    ),
)

RULES: dict[str, tuple[Rule, ...]] = {
    "run": (),
    "family": (),
    "benchmark": (),
    **{column: _budget(column) for column in LIMITS},
    "loss": _POSITIVE,
    "accuracy": _share("a score", "accuracy (%)", one_allowed=True),
    "shots": _whole(0),
    "n_items": _POSITIVE,
    "stderr": _STDERR,
    "chance": _share("a chance level", "chance (%)", one_allowed=False),
    "k": _whole(1),
    "n_samples": _whole(1),
    "n_correct": _whole(0),
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
    failures = _failures(table)
    for column in table.columns:
        rules = {rule.name: (rule.message, rule.expected) for rule in RULES.get(column, ())}
        rules["not_nullable"] = ("empty", REQUIRED.get(column, ""))
        for name, (message, expected) in rules.items():
            if (column, name) not in failures:
                continue
            rows = failures[column, name]
            rows = rows[~findings.bad(column)[rows]]
            header = sources[column].header
            values = frame[header].iloc[rows].tolist()
            findings.cells(rows, values, header=header, message=message, expected=expected, column=column)


def _failures(table: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Validate with pandera; return the failing rows (positions) of each (column, rule)."""
    import pandera.errors

    try:
        _schema(tuple(table.columns)).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as error:
        groups = error.failure_cases.groupby(["column", "check"], sort=False)["index"]
        return {key: np.sort(rows.to_numpy(dtype=int)) for key, rows in groups}
    return {}


@lru_cache(maxsize=64)
def _schema(columns: tuple[str, ...]) -> pa.DataFrameSchema:
    """Build the schema of a table with these canonical columns."""
    import pandera.pandas as pa

    schema = {}
    for column in columns:
        checks = [pa.Check(rule.passes, name=rule.name, error=rule.name) for rule in RULES.get(column, ())]
        dtype = float if column in NUMBERS else None
        schema[column] = pa.Column(dtype, checks, nullable=column not in REQUIRED)
    return pa.DataFrameSchema(schema)
