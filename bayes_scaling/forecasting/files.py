"""Forecasts in files: NetCDF keeps the draws; CSV, Parquet and JSON keep the tables of both quantities.

A stored table is long: the rows of ``table(of="score")``, then those of ``table(of="expected")``. Nothing in here
makes a folder, and the ending of a file says what it holds.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..files.csv_cells import unguard
from ..files.hdf5 import check_hdf5, netcdf_bytes
from ..files.json_frames import frame_from_json, frame_to_json
from ..files.places import check_ending, check_place
from ..files.whole_files import write_whole
from ..wording import bound_names
from .quantities import Quantity

if TYPE_CHECKING:
    import xarray as xr


Parts = tuple[pd.DataFrame, tuple[str, ...], bool, "xr.Dataset | None", pd.DataFrame | None]
#: Endings of forecasts that can be read again.
ENDINGS = (".nc", ".csv", ".parquet", ".json")
#: Endings of tables with rounded numbers, for readers.
IN_PRINT = (".md", ".markdown", ".tex")
#: What a saved forecast says of its form; `report/forecast.schema.json` describes the JSON.
FORMAT = "bayes_scaling forecast 1"
#: What the message of another ending says after the one that is expected.
WHY = ", by which read_forecast knows its form"
_TEXT = ("run", "family", "benchmark", "metric", "of", "notes")
_NEEDED = ("run", "family", "benchmark", "flops", "of", "mean", "median", "converged")
_LOW = re.compile(r"low_(\d+(?:\.\d+)?)")


def stored_probs(stored: pd.DataFrame) -> tuple[float, ...]:
    """Probabilities of the intervals that a stored table holds, in its order."""
    found = (_LOW.fullmatch(name) for name in stored.columns)
    return tuple(float(match[1]) / 100 for match in found if match)


def from_stored(stored: pd.DataFrame, probs: Sequence[float], of: Quantity) -> pd.DataFrame:
    """Table of one quantity out of a stored one.

    Parameters
    ----------
    stored : DataFrame
        Long table of both quantities.
    probs : sequence of float
        Probabilities of the intervals.
    of : {"score", "expected"}
        The quantity.

    Returns
    -------
    DataFrame
        As `Forecast.table` gives it.

    Raises
    ------
    ValueError
        For an interval that was not stored; the stored ones are listed.
    """
    bounds = [name for prob in probs for name in bound_names(prob)]
    for prob in probs:
        if not set(bound_names(prob)) <= set(stored.columns):
            known = ", ".join(f"{p:.10g}" for p in stored_probs(stored)) or "none"
            raise ValueError(
                f"probs holds {prob!r}, which this stored table lacks; it has {known}. "
                "A forecast that is saved as .nc can give any"
            )
    rows = stored[stored["of"] == of].reset_index(drop=True)
    return rows[[*_point_columns(stored), "of", "mean", "median", *bounds, "converged"]]


def write_netcdf(
    path: Path, draws: "xr.Dataset", points: pd.DataFrame, notes: Sequence[str], converged: bool, *, overwrite: bool
) -> Path:
    """Write draws, points and notes as NetCDF; `read` restores them to the last bit."""
    check_place(check_ending(path, ".nc", why=WHY), "forecast", overwrite=overwrite)
    document = {"converged": converged, "notes": list(notes)}
    text = {name: points[name].fillna("").to_numpy(object) for name in points if name in _TEXT}
    saved = draws.assign_coords({name: ("point", values) for name, values in text.items()})
    # Attributes of HDF5 are limited to 64 kB, and text variables have no missing values: what must survive is JSON.
    saved = saved.assign(points_json=((), frame_to_json(points)), notes_json=((), json.dumps(document)))
    saved.attrs = {"format": FORMAT}
    checked = {str(name): {"zlib": True, "complevel": 1, "fletcher32": True} for name in draws.data_vars}
    return write_whole(path, netcdf_bytes(saved, checked), "forecast", overwrite=overwrite)


def read(path: Path) -> Parts:
    """Read a file that one of the writers wrote.

    Parameters
    ----------
    path : Path
        Ends in .nc, .csv, .parquet or .json.

    Returns
    -------
    points : DataFrame
        What each point is.
    notes : tuple of str
        The notes.
    converged : bool
        Whether the fit converged.
    draws : Dataset or None
        Draws with dims (sample, point), without the points' coordinates; None from a table.
    stored : DataFrame or None
        Long table of both quantities; None from NetCDF.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the ending is not known, or the file is not a saved forecast.
    """
    ending = path.suffix.lower()
    if ending in IN_PRINT:
        raise ValueError(
            f"{path} is for print, with rounded numbers; expected a forecast saved as {', '.join(ENDINGS)}"
        )
    check_ending(path, *ENDINGS)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected a forecast that was saved")
    try:
        if ending == ".nc":
            return _read_netcdf(path)
        table, notes = _TABLE_READERS[ending](path)
        stored = _typed(table)
    except Exception as error:  # of a damaged or foreign file the readers raise many kinds
        kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
        raise ValueError(f"{path} is not a forecast that was saved: {kind}{error}") from error
    points = stored.loc[stored["of"] == "score", _point_columns(stored)].reset_index(drop=True)
    return points, notes, bool(stored["converged"].iloc[0]), None, stored


def _read_netcdf(path: Path) -> Parts:
    import xarray as xr

    check_hdf5(path)
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        if opened.attrs.get("format") != FORMAT:
            raise ValueError(f"its format is {opened.attrs.get('format')!r}, expected {FORMAT!r}")
        document = json.loads(str(opened["notes_json"].item()))
        points = frame_from_json(str(opened["points_json"].item()))
        kept = [name for name in ("expected", "score", "loss") if name in opened]
        draws = opened[kept].reset_coords(drop=True).load()
    return points, tuple(document["notes"]), document["converged"], draws, None


def _read_csv(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    table = unguard(pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8-sig"))
    return table.drop(columns="notes"), _parse_notes(table["notes"])


def _read_parquet(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    table = pd.read_parquet(path, engine="pyarrow")
    return table.drop(columns="notes"), _parse_notes(table["notes"])


def _read_json(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame(document["table"]), tuple(document["notes"])


def _parse_notes(column: pd.Series) -> tuple[str, ...]:
    """Take notes out of a column that repeats them in every row; plain text that someone typed is one note."""
    text = column.dropna()
    if text.empty:
        return ()
    try:
        return tuple(map(str, json.loads(text.iloc[0])))
    except json.JSONDecodeError:
        return (str(text.iloc[0]),)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give a stored table the dtypes of `Forecast.table`, and its columns their order; text is read to the last bit."""
    if missing := [name for name in _NEEDED if name not in table]:
        raise ValueError(f"it has no column {', '.join(missing)}")
    if table.empty or not set(table["of"]) <= {"score", "expected"}:
        raise ValueError("its column of holds other values than 'score' and 'expected'")
    typed: dict[str, pd.Series] = {}
    for name in [*_point_columns(table), "of", "mean", "median", *_bounds(table), "converged"]:
        if name in _TEXT:
            typed[name] = table[name].astype("str")
        elif name == "converged":
            typed[name] = table[name].astype("str").str.lower().map({"true": True, "false": False}).astype(bool)
        else:
            typed[name] = pd.Series([np.nan if pd.isna(v) else float(v) for v in table[name]], table.index, float)
    return pd.DataFrame(typed)


def _point_columns(table: pd.DataFrame) -> list[str]:
    others = {"of", "mean", "median", "converged", *_bounds(table)}
    return [name for name in table.columns if name not in others]


def _bounds(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if re.fullmatch(r"(low|high)_\d+(\.\d+)?", str(name))]


_TABLE_READERS: dict[str, Callable[[Path], tuple[pd.DataFrame, tuple[str, ...]]]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".json": _read_json,
}
