"""Which column of a table is which quantity; two columns for one quantity are settled here or reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..budget_columns import BUDGET_COLUMNS, BUDGETS
from .cells import read_flags, read_labels, read_numbers
from .headers import FLAGS, LABELS, NUMBERS, ORDER, Header, read_header
from .problems import Findings

_DEMANDED_UNIT = (*BUDGETS, "accuracy")
_SAME = 1e-6  # columns that differ by less (a table rounded to seven digits) agree


@dataclass(frozen=True)
class Source:
    """The column of a table that holds a quantity: its header, and what its values are multiplied by."""

    header: str
    scale: float = 1.0
    unit: str = ""


def flatten_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn named levels of an index (a groupby leaves them) into columns, and number the rows from 0."""
    names = [name for name in frame.index.names if name is not None and name not in frame.columns]
    flat = frame.reset_index(level=names) if names else frame
    return flat.reset_index(drop=True)


def find_columns(frame: pd.DataFrame, findings: Findings) -> dict[str, Source]:
    """Find the column of each quantity that the table holds.

    Parameters
    ----------
    frame : DataFrame
        A table with a plain index.
    findings : Findings
        Gets a problem for each quantity that stands twice, or in a unit that is not known.

    Returns
    -------
    dict
        Canonical column to its `Source`, in canonical order. Columns that are not named there pass through.
    """
    candidates: dict[str, list[tuple[str, Header]]] = defaultdict(list)
    for header in frame.columns:
        read = read_header(header)
        if read is not None:
            candidates[read.quantity].append((header, read))
    found = {}
    for quantity in ORDER:
        source = _choose(frame, quantity, candidates.get(quantity, []), findings)
        if source is not None:
            found[quantity] = source
    return found


def repeated_headers(headers: list[Hashable], findings: Findings) -> bool:
    """Report headers that stand twice; such a table cannot be read further."""
    repeated = list(dict.fromkeys(header for header in headers if headers.count(header) > 1))
    for header in repeated:
        findings.table(str(header), f"{headers.count(header)} columns have this header", "each header once")
    return bool(repeated)


def _choose(
    frame: pd.DataFrame, quantity: str, candidates: list[tuple[str, Header]], findings: Findings
) -> Source | None:
    usable = [(header, read) for header, read in candidates if read.scale is not None]
    if not usable:
        for header, read in candidates if quantity in _DEMANDED_UNIT else []:
            known = ", ".join(_common_units(quantity))
            findings.table(header, f"the unit {read.unit!r} is not known", f"no unit in brackets, or one of {known}")
        return None
    # A column without a single value gives way to one that has some.
    usable = [pair for pair in usable if frame[pair[0]].notna().any()] or usable
    rank = min(read.rank for _, read in usable)
    # The canonical name first: where two columns agree, it is the one that is kept under that name.
    first, *others = sorted(
        [(header, read) for header, read in usable if read.rank == rank],
        key=lambda pair: pair[0].strip() != quantity,
    )
    source = Source(first[0], first[1].scale or 1.0, first[1].unit)
    for header, read in others:
        other = Source(header, read.scale or 1.0, read.unit)
        if not _agree(frame, quantity, source, other):
            findings.table(
                f"{source.header!r} and {header!r}",
                f"both headers mean {quantity}, and their values differ",
                f"one column for {quantity}",
            )
    return source


def _agree(frame: pd.DataFrame, quantity: str, one: Source, other: Source) -> bool:
    if quantity in LABELS:
        texts = [read_labels(frame[source.header])[0].fillna("") for source in (one, other)]
        return bool((texts[0] == texts[1]).all())
    if quantity in FLAGS:
        (a, bad_a), (b, bad_b) = (read_flags(frame[source.header]) for source in (one, other))
    else:
        assert quantity in NUMBERS
        (a, bad_a), (b, bad_b) = (read_numbers(frame[source.header], quantity, source.scale) for source in (one, other))
    if bad_a.any() or bad_b.any():
        return False
    return bool(np.allclose(a * one.scale, b * other.scale, rtol=_SAME, atol=0, equal_nan=True))


def _common_units(quantity: str) -> list[str]:
    return list(BUDGET_COLUMNS[quantity].common_units) if quantity in BUDGET_COLUMNS else ["%"]
