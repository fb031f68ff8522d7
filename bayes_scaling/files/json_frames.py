"""A table as text and back without loss: every float to its last bit, every dtype, every empty cell."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

_FORMAT = 1


def frame_to_json(frame: pd.DataFrame) -> str:
    """Write a table as JSON text, column by column, with its dtypes.

    Raises
    ------
    ValueError
        A column holds values that JSON cannot: its name and one of them.
    """
    columns = [_write_column(name, frame[name]) for name in frame.columns]
    document = {"format": _FORMAT, "rows": len(frame), "columns": columns}
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def frame_from_json(text: str) -> pd.DataFrame:
    """Read what `frame_to_json` wrote.

    Raises
    ------
    ValueError
        The text is not such a table.
    """
    try:
        document = json.loads(text)
        if document["format"] != _FORMAT:
            raise ValueError(f"format {document['format']!r}, this version reads {_FORMAT}")
        index = pd.RangeIndex(document["rows"])
        series = {column["name"]: _read_column(column, index) for column in document["columns"]}
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"not a saved table of runs: {error}") from error
    return pd.DataFrame(series, index=index, columns=list(series))


def _write_column(name: object, column: pd.Series) -> dict[str, Any]:
    dtype: Any = column.dtype
    head: dict[str, Any] = {"name": name, "dtype": str(dtype)}
    if not isinstance(name, str | int):
        raise ValueError(f"column {name!r}: a saved table has headers of text")
    if isinstance(dtype, pd.CategoricalDtype):
        categories = _write_column("categories", pd.Series(dtype.categories))
        return head | {
            "dtype": "category",
            "ordered": bool(dtype.ordered),
            "categories": categories,
            "cells": column.cat.codes.tolist(),
        }
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind in "mM"):
        return head | {"cells": column.astype("int64").tolist()}  # NaT is the least integer
    return head | {"cells": [_write_cell(name, cell) for cell in column.tolist()]}


def _write_cell(name: object, cell: object) -> object:
    if cell is None or isinstance(cell, bool | int | str):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else {"float": str(cell)}
    if cell is pd.NA:
        return {"NA": True}
    if isinstance(cell, np.generic):
        return _write_cell(name, cell.item())
    raise ValueError(f"column {name!r} holds {cell!r}, which cannot be saved; drop the column or make it text")


def _read_column(column: dict[str, Any], index: pd.Index) -> pd.Series:
    dtype, cells = column["dtype"], column["cells"]
    if dtype == "category":
        categories = column["categories"]
        values = _read_column(categories, pd.RangeIndex(len(categories["cells"])))
        kind = pd.CategoricalDtype(pd.Index(values), ordered=column["ordered"])
        return pd.Series(pd.Categorical.from_codes(cells, dtype=kind), index=index)
    if dtype.startswith(("datetime64", "timedelta64")):
        return pd.Series(np.array(cells, dtype="int64"), index=index).astype(dtype)
    return pd.Series([_read_cell(cell) for cell in cells], index=index, dtype=dtype)


def _read_cell(cell: object) -> object:
    if isinstance(cell, dict):
        return pd.NA if "NA" in cell else float(cell["float"])
    return cell
