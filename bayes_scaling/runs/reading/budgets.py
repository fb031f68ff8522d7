"""Budgets: params N, tokens D, FLOPs C. Given FLOPs win over 6ND; where two are known the third follows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...wording import brief
from ..budget_columns import BUDGET_COLUMNS, BUDGETS, SIZES
from .columns import Source
from .problems import Findings, Note, show

GIVEN, DERIVED = "given", "6ND"
# Published FLOPs are 0.9 to 2 times 6ND, and down to 1/30 for mixtures of experts counted by all parameters.
_FAR = 100.0
_SAME = 1e-6


def derive_budgets(table: pd.DataFrame, sources: dict[str, Source], findings: Findings) -> pd.DataFrame:
    """Fill what follows from C = 6ND, and say where the FLOPs come from.

    Parameters
    ----------
    table : DataFrame
        The canonical columns that were given, as read and checked.
    sources : dict
        Where each canonical column stands in the frame.
    findings : Findings
        Gets a problem for rows whose FLOPs cannot be had, or contradict 6ND, or follow from absurd values.

    Returns
    -------
    DataFrame
        With columns params, tokens, flops (float64) and flops_source.
    """
    # Cells that have a problem already stay out of the arithmetic.
    given = {name: _usable(table, name, findings) for name in BUDGETS}
    n, d, c = (given[name] for name in BUDGETS)
    flops = np.where(np.isnan(c), 6.0 * n * d, c)
    params = np.where(np.isnan(n), flops / (6.0 * d), n)
    tokens = np.where(np.isnan(d), flops / (6.0 * n), d)
    source = np.where(np.isnan(c), DERIVED, GIVEN).astype(object)
    if "flops_source" in table:
        _keep_source(table, source, given, findings)
    budgets = pd.DataFrame({"params": params, "tokens": tokens, "flops": flops, "flops_source": source})
    have = [name for name in BUDGETS if name in sources]
    if have in ([], ["params"], ["tokens"]):
        findings.table(
            "flops",
            "the training budget is missing" + (f", there is only {have[0]}" if have else ""),
            "a column of FLOPs, or columns of params and tokens (FLOPs are then 6 * params * tokens)",
        )
    else:
        _report_unknown(table, budgets, given, findings)
    _report_contradiction(given, sources, findings)
    _report_absurd(budgets, given, findings)
    return budgets


def _usable(table: pd.DataFrame, column: str, findings: Findings) -> np.ndarray:
    if column not in table:
        return np.full(len(table), np.nan)
    return np.where(findings.bad(column), np.nan, table[column].to_numpy(dtype=float))


def _keep_source(table: pd.DataFrame, source: np.ndarray, given: dict[str, np.ndarray], findings: Findings) -> None:
    """Keep what a table says about its FLOPs (a table that was read before does), unless it is not so."""
    said = table["flops_source"].to_numpy(dtype=object)
    known = ~pd.isna(said) & ~np.isnan(given["flops"])
    wrong = known & ~np.isin(said, [GIVEN, DERIVED])
    rows = np.flatnonzero(wrong)
    findings.cells(
        rows,
        said[rows].tolist(),
        header="flops_source",
        message="not a source that is known",
        expected=f"{GIVEN!r} or {DERIVED!r}, or no such column (it is written, not read)",
    )
    computed = 6.0 * given["params"] * given["tokens"]
    stale = known & (said == DERIVED) & ~np.isclose(given["flops"], computed, rtol=_SAME, atol=0)
    rows = np.flatnonzero(stale)
    findings.cells(
        rows,
        [Note(f"flops {brief(given['flops'][row])}, 6ND {brief(computed[row])}") for row in rows],
        header="flops_source",
        message="says '6ND', but flops is not 6 * params * tokens",
        expected="flops left empty to be computed again, or flops_source 'given'",
    )
    source[known] = said[known]


def _report_unknown(
    table: pd.DataFrame, budgets: pd.DataFrame, given: dict[str, np.ndarray], findings: Findings
) -> None:
    reported = np.any([findings.bad(name) for name in BUDGETS], axis=0)
    rows = np.flatnonzero(np.isnan(budgets["flops"].to_numpy()) & ~reported)
    notes = []
    for row in rows:
        empty = [name for name in ("flops", *SIZES) if np.isnan(given[name][row])]
        run = f"run {show(table['run'].iloc[row])}: " if "run" in table else ""
        notes.append(Note(f"{run}{', '.join(empty[:-1])} and {empty[-1]} are empty"))
    findings.cells(
        rows,
        notes,
        header="flops",
        message="the training budget is unknown",
        expected="FLOPs, or both params and tokens, in every row",
        column="flops",
    )


def _report_contradiction(given: dict[str, np.ndarray], sources: dict[str, Source], findings: Findings) -> None:
    computed = 6.0 * given["params"] * given["tokens"]
    ratio = given["flops"] / computed
    rows = np.flatnonzero((ratio > _FAR) | (ratio < 1 / _FAR))
    notes = [
        Note(f"flops {brief(given['flops'][row])} is {ratio[row]:.2g} times 6ND {brief(computed[row])}") for row in rows
    ]
    headers = ", ".join(sources[name].header for name in ("flops", *SIZES) if name in sources)
    findings.cells(
        rows,
        notes,
        header=headers,
        message=f"flops and 6 * params * tokens differ more than {_FAR:.0f}-fold: one is in another unit",
        expected="plain FLOPs, parameters and tokens, or the unit in the header",
        column="flops",
    )


def _report_absurd(budgets: pd.DataFrame, given: dict[str, np.ndarray], findings: Findings) -> None:
    """Report what follows from the other two and yet no run can have."""
    for name, column in BUDGET_COLUMNS.items():
        low, high = column.limits
        values = budgets[name].to_numpy()
        absurd = np.isnan(given[name]) & ~findings.bad(name) & ((values < low) | (values > high))
        rows = np.flatnonzero(absurd)
        findings.cells(
            rows,
            [Note(brief(values[row])) for row in rows],
            header=name,
            message=f"{name} = {column.formula} comes to a number that no run has",
            expected=f"between {brief(low)} and {brief(high)}: check the units of the other two columns",
            column=name,
        )
