"""Tables in files for machines: CSV, Parquet and JSON, each written whole, with the notes that belong to them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .csv_cells import guard
from .places import check_ending
from .whole_files import whole_file, write_whole


def with_notes(table: pd.DataFrame, notes: Sequence[str], **marks: bool | str) -> pd.DataFrame:
    """Add what is said of a whole table to each of its rows: marks as columns, then the notes as a JSON list.

    Examples
    --------
    >>> with_notes(pd.DataFrame({"score": [0.5]}), ["one run"], converged=True)
       score  converged        notes
    0    0.5       True  ["one run"]
    """
    return table.assign(**marks, notes=json.dumps(list(notes), ensure_ascii=False))


def write_csv(path: str | Path, table: pd.DataFrame, kind: str, *, overwrite: bool, why: str = "") -> Path:
    """Write a table as CSV, whose texts no spreadsheet takes for formulas.

    Parameters
    ----------
    path : str or Path
        The file (.csv).
    table : DataFrame
        The table; its index is left out.
    kind : str
        What the file is, such as "forecast".
    overwrite : bool
        Whether a file may be replaced that this package did not write, or that is of another kind.
    why : str
        What the message of another ending says after the one that is expected.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For another ending.
    OSError
        As of `whole_file`.
    """
    path = check_ending(path, ".csv", why=why)
    with whole_file(path, kind, overwrite=overwrite) as place:
        put_csv(place, table)
    return path


def put_csv(place: Path, table: pd.DataFrame) -> None:
    """Write the CSV of `write_csv` into a file that a caller made a place for."""
    guard(table).to_csv(place, index=False, encoding="utf-8")


def write_parquet(
    path: str | Path,
    table: pd.DataFrame,
    kind: str,
    *,
    overwrite: bool,
    why: str = "",
    parts: Mapping[str, str] | None = None,
) -> Path:
    """Write a table as Parquet (.parquet), as `write_csv` does; `parts` are texts that its metadata keeps."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = check_ending(path, ".parquet", why=why)
    stored = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {name.encode(): text.encode() for name, text in (parts or {}).items()}
    with whole_file(path, kind, overwrite=overwrite) as place:
        pq.write_table(stored.replace_schema_metadata({**(stored.schema.metadata or {}), **metadata}), place)
    return path


def write_json(
    path: str | Path, document: Mapping[str, Any], table: pd.DataFrame, kind: str, *, overwrite: bool, why: str = ""
) -> Path:
    """Write one JSON object (.json): a document, and in it the rows of a table; no NaN and no infinity is in it."""
    path = check_ending(path, ".json", why=why)
    rows = [{name: _plain(cell) for name, cell in row.items()} for row in table.to_dict("records")]
    text = json.dumps({**document, "table": rows}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return write_whole(path, text, kind, overwrite=overwrite)


def _plain(cell: object) -> object:
    """A cell as JSON holds it: infinities as text, NaN as null."""
    if isinstance(cell, float | np.floating):
        return None if np.isnan(cell) else float(cell) if np.isfinite(cell) else str(float(cell))
    return cell.item() if isinstance(cell, np.generic) else cell
