"""The chance of every row: as given, or of a well-known benchmark, or asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..chance import is_other, known_chance
from .problems import Findings, Note

CHANCE_SOURCES = ("given", "known benchmark", "generative")


def fill_chance(table: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Fill empty chance cells from the table of well-known benchmarks, and say where each comes from.

    Parameters
    ----------
    table : DataFrame
        The canonical columns that were given, as read and checked.
    findings : Findings
        Gets one problem that names every benchmark whose chance is neither given nor known.

    Returns
    -------
    DataFrame
        With columns chance (float64) and chance_source.
    """
    n_rows = len(table)
    chance = table["chance"].to_numpy(dtype=float, copy=True) if "chance" in table else np.full(n_rows, np.nan)
    source = np.array([None if empty else "given" for empty in np.isnan(chance)], dtype=object)
    if "chance_source" in table:
        _keep_source(table["chance_source"].to_numpy(dtype=object), source, findings)
    if "benchmark" not in table:
        return pd.DataFrame({"chance": chance, "chance_source": source})
    empty = np.isnan(chance) & ~findings.bad("chance") & table["benchmark"].notna().to_numpy()
    metric = table["metric"] if "metric" in table else pd.Series(np.nan, index=table.index, dtype="str")
    for (name, measure), rows in _groups(table["benchmark"], metric, empty):
        known = known_chance(name, measure)
        if known is not None:
            chance[rows], source[rows] = known.value, known.source
    _ask(table["benchmark"], metric, empty & np.isnan(chance), findings)
    return pd.DataFrame({"chance": chance, "chance_source": source})


def _groups(
    benchmark: pd.Series, metric: pd.Series, wanted: np.ndarray
) -> list[tuple[tuple[str, str | None], np.ndarray]]:
    """List the wanted rows (positions) of each (benchmark, metric)."""
    positions: dict[tuple[str, str | None], list[int]] = {}
    names, measures = benchmark.to_numpy(dtype=object), metric.to_numpy(dtype=object)
    for row in np.flatnonzero(wanted):
        measure = measures[row] if isinstance(measures[row], str) else None
        positions.setdefault((names[row], measure), []).append(int(row))
    return [(key, np.array(rows)) for key, rows in positions.items()]


def _ask(benchmark: pd.Series, metric: pd.Series, unknown: np.ndarray, findings: Findings) -> None:
    """Ask for the chance of each benchmark, by the metric where that matters."""
    rows = np.flatnonzero(unknown)
    several = metric.groupby(benchmark).nunique()
    values = [
        Note(f"{name!r} ({measure})" if _telling(name, measure, several[name]) else repr(name))
        for name, measure in zip(benchmark.iloc[rows], metric.iloc[rows], strict=True)
    ]
    findings.cells(
        rows,
        values,
        header="chance",
        message=f"what random guessing scores is not known for {', '.join(dict.fromkeys(values))}",
        expected="a chance column with it: 1 / choices for multiple choice, 0 where the answer is written",
        column="chance",
    )


def _telling(benchmark: str, metric: object, metrics: int) -> bool:
    """Whether a metric says more than the name of the benchmark: one of several, or none of right answers."""
    if not isinstance(metric, str) or benchmark.lower().endswith(metric.lower()):
        return False
    return metrics > 1 or is_other(metric)


def _keep_source(said: np.ndarray, source: np.ndarray, findings: Findings) -> None:
    """Keep what a table says about its chance levels: a table that was read before does."""
    known = ~pd.isna(said) & ~pd.isna(source)
    rows = np.flatnonzero(known & ~np.isin(said.astype(str), CHANCE_SOURCES))
    findings.cells(
        rows,
        said[rows].tolist(),
        header="chance_source",
        message="not a source that is known",
        expected=f"{', '.join(map(repr, CHANCE_SOURCES))}, or no such column (it is written, not read)",
    )
    source[known] = said[known]
