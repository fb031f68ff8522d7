"""From a table as people keep it to the canonical one; all its problems in one error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...wording import listed
from ..budget_columns import BUDGETS
from ..metrics import falls
from .budgets import derive_budgets
from .cells import read_flags, read_labels, read_numbers
from .chances import fill_chance
from .columns import Source, find_columns, flatten_index, repeated_headers
from .consistency import check_rows, check_seeds
from .empty_scores import without_empty_scores
from .experts import active_params
from .headers import FLAGS, LABELS, ORDER, SOURCES
from .problems import Findings, Problem, RunsError
from .rules import check_columns
from .wide_tables import score_columns

DEFAULT_FAMILY = "default"
_COUNT_UNITS = ", with K, M, B or T (7B), or the unit in the header"
_UNITS_READ = {
    **dict.fromkeys(("params", "tokens"), _COUNT_UNITS),
    "flops": ", with a unit such as EFLOPs or PF-days, or the unit in the header",
    **dict.fromkeys(("accuracy", "stderr", "chance"), ", or a percentage (25.3%)"),
}


def canonical_frame(frame: pd.DataFrame, source: str = "") -> pd.DataFrame:
    """Read a table of training runs into canonical columns.

    Parameters
    ----------
    frame : DataFrame
        One row a score, with any of the headers and units that are known. It is not changed.
    source : str
        The file it came from, for messages.

    Returns
    -------
    DataFrame
        The same rows in the same order, without those whose score is empty: canonical columns first, the others as
        they came.

    Warns
    -----
    EmptyScoresWarning
        Where rows were left out since their score is empty.

    Raises
    ------
    RunsError
        With every problem that was found.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"Runs takes a pandas DataFrame, got {type(frame).__name__}")
    flat = flatten_index(frame)
    findings = Findings(len(flat))
    if not repeated_headers(list(flat.columns), findings):
        scored, places, empty = without_empty_scores(flat)
        findings = Findings(len(scored), places=places)
        result = _fill_and_check(active_params(scored), findings)
    if findings.problems:
        raise RunsError(_in_order(findings), source, len(flat))
    empty.warn(source)
    return result


def _fill_and_check(flat: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    sources = find_columns(flat, findings)
    for column, what in (("run", "the trained model or checkpoint"), ("benchmark", "what was measured")):
        if column not in sources:
            findings.table(column, "there is no such column", f"a column {column}: {what}{_looks_wide(column, flat)}")
    if flat.empty:
        findings.table("", "the table has no rows", "one row for each score")
    table = _read(flat, sources, findings)
    check_columns(table, flat, sources, findings)
    for column in SOURCES:
        if column in flat:
            table[column] = flat[column].to_numpy(dtype=object)
    table[[*BUDGETS, "flops_source"]] = derive_budgets(table, sources, findings)
    table[["chance", "chance_source"]] = fill_chance(table, findings)
    table = _fill_labels(table)
    check_rows(table, findings)
    check_seeds(table, flat, findings)
    _refuse_falling(table, findings)
    return _assemble(table, flat, sources)


def _looks_wide(column: str, flat: pd.DataFrame) -> str:
    """Say how a table with a column a benchmark is read, where this looks like one."""
    if column != "benchmark" or not (scores := score_columns(flat)):
        return ""
    return (
        f"; this looks like a wide table, a column a benchmark ({listed(scores, 4)}): bayes-scaling import wide reads "
        "it, and check --wide; in Python bs.import_runs('wide', path)"
    )


def _read(flat: pd.DataFrame, sources: dict[str, Source], findings: Findings) -> pd.DataFrame:
    """Read the cells of each column that is known, in canonical units."""
    columns = {}
    for name, source in sources.items():
        cells = flat[source.header]
        if name in LABELS:
            columns[name], wrong = read_labels(cells)
            wanted = "text or a number"
        elif name in FLAGS:
            flags, wrong = read_flags(cells)
            columns[name] = pd.Series(flags)
            wanted = "true or false, or an empty cell where it is not known"
        else:
            values, wrong = read_numbers(cells, name, source.scale)
            wanted = f"a plain number such as 0.53 or 1.3e9{_UNITS_READ.get(name, '')}"
            if source.scale == 0.01:
                _check_percent(name, source, values, findings)
            columns[name] = pd.Series(values * source.scale if source.scale != 0.01 else values / 100)
        rows = np.flatnonzero(wrong)
        what = "not a label" if name in LABELS else "neither true nor false" if name in FLAGS else "not a number"
        findings.cells(
            rows, cells.iloc[rows].tolist(), header=source.header, message=what, expected=wanted, column=name
        )
    if "accuracy" in columns and columns["accuracy"].isna().all() and not findings.bad("accuracy").any():
        del columns["accuracy"]  # an empty column: planned runs
    if "family" in columns and columns["family"].isna().all():
        del columns["family"]
    return pd.DataFrame(columns, index=flat.index)


def _refuse_falling(table: pd.DataFrame, findings: Findings) -> None:
    """Refuse scores by a metric of which lower is better: a law of right answers can only rise."""
    if "accuracy" not in table or "metric" not in table:
        return
    lower = table["metric"].map(lambda name: isinstance(name, str) and falls(name)).to_numpy(bool)
    rows = np.flatnonzero(lower & table["accuracy"].notna().to_numpy())
    findings.cells(
        rows,
        table["metric"].iloc[rows].tolist(),
        header="metric",
        message="lower is better, so no share of right answers",
        expected="scores that rise with compute, such as accuracy; losses belong into a column loss",
        column="metric",
    )


def _check_percent(name: str, source: Source, values: np.ndarray, findings: Findings) -> None:
    """Check a column whose header says percent."""
    finite = np.isfinite(values)
    rows = np.flatnonzero(finite & ((values < 0) | (values > 100)))
    findings.cells(
        rows,
        values[rows].tolist(),
        header=source.header,
        message="outside 0 to 100 percent",
        expected="a percentage from 0 to 100",
        column=name,
    )
    positive = values[finite & (values > 0)]
    if name != "stderr" and len(positive) and positive.max() <= 1:
        rows = np.flatnonzero(finite)
        findings.cells(
            rows,
            values[rows].tolist(),
            header=source.header,
            message="the header says percent, but no value is above 1: looks like fractions",
            expected=f"percentages from 0 to 100, or fractions under the plain header {name!r}",
            column=name,
        )


def _fill_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Fill what has a default: one family, a trajectory for each run, no metric, no loss."""
    filled = table.copy()
    if "family" not in filled:
        filled["family"] = pd.Series(DEFAULT_FAMILY, index=filled.index, dtype="str")
    if "trajectory" in filled and "run" in filled:
        filled["trajectory"] = filled["trajectory"].fillna(filled["run"])
    elif "run" in filled:
        filled["trajectory"] = filled["run"]
    if "metric" not in filled:
        filled["metric"] = pd.Series(np.nan, index=filled.index, dtype="str")
    if "loss" not in filled:
        filled["loss"] = np.nan
    return filled


def _assemble(table: pd.DataFrame, flat: pd.DataFrame, sources: dict[str, Source]) -> pd.DataFrame:
    """Put canonical columns first and the columns that are not ours behind, untouched."""
    taken = {source.header for source in sources.values()} | set(ORDER)
    others = [name for name in flat.columns if name not in taken]
    canonical = table[[name for name in ORDER if name in table]].copy()
    for name in SOURCES:
        canonical[name] = canonical[name].astype("str")
    return pd.concat([canonical, flat[others]], axis=1)


def _in_order(findings: Findings) -> list[Problem]:
    """Problems of the table first, then by row."""
    return sorted(findings.problems, key=lambda problem: problem.rows[:1])
