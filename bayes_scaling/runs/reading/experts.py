"""Mixtures of experts: a token trains the active parameters, so that they are N; the total is kept beside them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from .cells import read_numbers
from .columns import find_columns
from .headers import read_header
from .problems import Findings

TOTAL = "total_params"
_ACTIVE = re.compile(r"(?:^|(?<=[\W_]))(active|activated)(?=$|[\W_])[\W_]*", re.IGNORECASE)


def active_params(flat: pd.DataFrame) -> pd.DataFrame:
    """Put active parameters in the place of all, where a table has both.

    Parameters
    ----------
    flat : DataFrame
        The table as it came.

    Returns
    -------
    DataFrame
        With the active parameters as ``params`` (all, where a row has no active ones: a dense model) and all as
        ``total_params``; unchanged where there are no active ones, or where a cell is no number.

    Examples
    --------
    >>> table = pd.DataFrame({"total_params (B)": [7.0, 3.0], "active_params (B)": [1.0, None]})
    >>> active_params(table).to_dict("list")
    {'params': [1000000000.0, 3000000000.0], 'total_params': [7000000000.0, 3000000000.0]}
    """
    named = [(name, header) for name in flat if (header := _active_header(name)) is not None]
    if len(named) != 1:
        return flat
    [(active, scale)] = named
    sources = find_columns(flat.drop(columns=active), Findings(len(flat)))
    values, wrong = read_numbers(flat[active], "params", scale)
    if wrong.any():
        return flat
    some = values * scale
    if "params" not in sources:
        return flat.rename(columns={active: "params"}).assign(params=some)
    source = sources["params"]
    every, wrong = read_numbers(flat[source.header], "params", source.scale)
    if wrong.any():
        return flat
    total = every * source.scale
    table = flat.drop(columns=[active, *([TOTAL] if TOTAL in flat and source.header != TOTAL else [])])
    table = table.assign(**{source.header: np.where(np.isnan(some), total, some)})
    at = list(table).index(source.header) + 1
    table = table.rename(columns={source.header: "params"})
    table.insert(at, TOTAL, total)
    return table


def _active_header(name: object) -> float | None:
    """Scale of a header of active parameters, or None for another one."""
    if not isinstance(name, str) or not _ACTIVE.search(name):
        return None
    header = read_header(re.sub(r"(?i)[\W_]*precise\b", "", _ACTIVE.sub("", name).strip(" _-")))
    return header.scale if header is not None and header.quantity == "params" else None
