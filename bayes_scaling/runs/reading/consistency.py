"""Checks across the columns and rows of a table: keys, counts, one budget a run, one chance a benchmark."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..budget_columns import BUDGETS, DECAY
from .budgets import DERIVED
from .headers import KEY
from .problems import Findings, Note, show

_ONE_BUDGET = "one budget for each run; a checkpoint is a run of its own, with its own name"
_SAME_KEY = "rows with the same key"
_MEASURED = frozenset({"source", "source_link", "link", "url", "id", "date", "notes", "note", "comment"})
_SAME = 1e-6  # values that differ by less (a table rounded to seven digits) are one


def check_rows(table: pd.DataFrame, findings: Findings) -> None:
    """Check a whole table of canonical columns; report what contradicts itself.

    Parameters
    ----------
    table : DataFrame
        The canonical columns, budgets and chance filled.
    findings : Findings
        Gets the problems.
    """
    _check_keys(table, findings)
    _check_counts(table, findings)
    if "run" in table:
        for column in (*BUDGETS, *(name for name in DECAY if name in table)):
            message = f"a run with different {column} in its rows"
            _check_one_number(table, ["run"], column, message, _ONE_BUDGET, findings)
        for column in ("family", "trajectory"):
            if column in table:
                _check_one_label(table, column, findings)
    if "benchmark" in table:
        by = [name for name in ("benchmark", "metric", "shots") if name in table]
        message = "a benchmark (with its metric and shots) with different chance levels"
        _check_one_number(table, by, "chance", message, "one chance level for each", findings)


def _check_keys(table: pd.DataFrame, findings: Findings) -> None:
    key = [name for name in KEY if name in table]
    if not {"run", "benchmark"} <= set(key):
        return
    complete = table["run"].notna() & table["benchmark"].notna()
    clean = ~np.any([findings.bad(name) for name in key], axis=0)
    keys = table.loc[complete & clean, key]
    repeated = keys[keys.duplicated(keep=False)]
    if repeated.empty:
        return
    group = repeated.groupby(key, dropna=False, sort=False).ngroup()
    repeated = repeated.loc[group.sort_values(kind="stable").index]
    notes = [Note(_key_text(row)) for row in repeated.to_dict("records")]
    findings.cells(
        repeated.index.to_numpy(),
        notes,
        header=", ".join(key),
        message=_SAME_KEY,
        expected=f"one score for each ({', '.join(KEY)}); name checkpoints, metrics or shots apart",
    )


def check_seeds(table: pd.DataFrame, flat: pd.DataFrame, findings: Findings) -> None:
    """Where rows with the same key differ in a column such as seed, say that this makes them runs of their own.

    Parameters
    ----------
    table : DataFrame
        The canonical columns.
    flat : DataFrame
        The table as it came, a row each.
    findings : Findings
        The problem of the same keys gets a better word.
    """
    at = next((at for at, one in enumerate(findings.problems) if one.message == _SAME_KEY), None)
    if at is None:
        return
    key = [name for name in KEY if name in table]
    others = [name for name in flat if name not in table.columns and str(name).lower() not in _MEASURED]
    telling = []
    for name in others:
        try:
            apart = ~table[key].assign(_other=flat[name].astype(str).to_numpy()).duplicated(keep=False)
        except (TypeError, ValueError):
            continue
        if apart.all() and not pd.api.types.is_float_dtype(flat[name].dtype):
            telling.append(str(name))
    seed = next((name for name in telling if "seed" in name.lower()), telling[0] if telling else None)
    if seed is not None:
        first = f"{table['run'].iloc[0]}-{seed}{flat[seed].iloc[0]}"
        problem = findings.problems[at]
        findings.problems[at] = replace(
            problem,
            expected=f"a run for each {seed}: make it part of the name, such as {first}; else {problem.expected}",
        )


def _key_text(row: Mapping[Hashable, Any]) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in row.items() if not pd.isna(value))


def _check_counts(table: pd.DataFrame, findings: Findings) -> None:
    def column(name: str) -> np.ndarray:
        if name not in table:
            return np.full(len(table), np.nan)
        return np.where(findings.bad(name), np.nan, table[name].to_numpy(dtype=float))

    def report(broken: np.ndarray, headers: tuple[str, str], message: str, expected: str) -> None:
        rows = np.flatnonzero(broken)
        one, other = (column(name) for name in headers)
        notes = [Note(f"{headers[0]} {show(one[row])}, {headers[1]} {show(other[row])}") for row in rows]
        findings.cells(rows, notes, header=" and ".join(headers), message=message, expected=expected)

    k, n_samples, n_correct = column("k"), column("n_samples"), column("n_correct")
    report(k > n_samples, ("k", "n_samples"), "k above n_samples", "no more than n_samples attempts in a pass@k")
    report(n_correct > n_samples, ("n_correct", "n_samples"), "n_correct above n_samples", "at most n_samples")
    lonely = ~np.isnan(n_correct) & np.isnan(n_samples)
    if "n_samples" in table:
        lonely &= ~findings.bad("n_samples")
    report(lonely, ("n_correct", "n_samples"), "n_correct without n_samples", "the number of attempts beside it")
    nameless = ~np.isnan(n_correct)
    if "problem" in table:
        nameless &= table["problem"].isna().to_numpy() & ~findings.bad("problem")
    rows = np.flatnonzero(nameless)
    findings.cells(
        rows,
        n_correct[rows].tolist(),
        header="n_correct",
        message="n_correct without problem: it counts the right attempts at one problem",
        expected="the problem that is counted (a column problem), or no n_correct",
    )


def _check_one_number(
    table: pd.DataFrame, by: list[str], column: str, message: str, expected: str, findings: Findings
) -> None:
    """Report groups in which a number has more than one value; empty cells do not count."""
    keys = [table[name] for name in by]
    values = table[column].where(~findings.bad(column))
    if column == "flops":  # what follows from two params is no second fault
        follows = table["flops_source"] == DERIVED
        values = values.where(~(follows & (findings.bad("params") | findings.bad("tokens"))))
    groups = values.groupby(keys, dropna=False, sort=False)
    low, high = groups.transform("min"), groups.transform("max")
    broken = table[((high - low) > _SAME * high.abs()) & values.notna() & keys[0].notna()]
    _report_groups(broken, by, column, message, expected, findings)


def _check_one_label(table: pd.DataFrame, column: str, findings: Findings) -> None:
    labels = table[column]
    pairs = table.loc[table["run"].notna() & labels.notna(), ["run", column]].drop_duplicates()
    twice = pairs.loc[pairs["run"].duplicated(), "run"]
    plural = "families" if column == "family" else "trajectories"
    broken = table[table["run"].isin(twice) & labels.notna()]
    _report_groups(broken, ["run"], column, f"a run in different {plural}", f"one {column} for each run", findings)


def _report_groups(
    broken: pd.DataFrame, by: list[str], column: str, message: str, expected: str, findings: Findings
) -> None:
    """Report rows that contradict each other, side by side."""
    if broken.empty:
        return
    ordered = broken.sort_values(by, kind="stable")
    source = f"{column}_source"
    notes = []
    for record in ordered.to_dict("records"):
        name = " ".join(show(record[part]) for part in by if not pd.isna(record[part]))
        origin = f" ({record[source]})" if source in record else ""
        notes.append(Note(f"{name} {column} {show(record[column])}{origin}"))
    findings.cells(ordered.index.to_numpy(), notes, header=column, message=message, expected=expected, column=column)
