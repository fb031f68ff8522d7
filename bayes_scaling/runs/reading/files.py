"""Files of runs: CSV, TSV, Excel, Parquet, JSON and JSON lines, told apart by their ending."""

from __future__ import annotations

import csv
import json
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from ...files.places import check_ending
from ...files.whole_files import whole_file
from .columns import find_columns, repeated_headers
from .headers import LABELS
from .problems import Findings, RunsError, one_problem

_DECIMAL_COMMA = r"^(\s*[+-]?\d+),(\d+\s*(?:%|[A-Za-z].*)?)$"
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how workbooks begin, new and old


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read the table that a file holds, without a look at what it means.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    RunsError
        The ending is not known, or the content is not what the ending says.
    """
    file = Path(path)
    read = _READERS.get(file.suffix.lower())
    if file.is_dir():
        raise _unreadable(file, "is a folder, not a file", "a file with a table of runs; folders of logs are imported")
    if read is None:
        raise _unreadable(file, f"the ending {file.suffix!r} is not known", f"one of {', '.join(_READERS)}")
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file of runs")
    if not file.is_file():
        raise _unreadable(file, "not a file", "a file with a table of runs")
    try:
        return read(file)
    except RunsError:
        raise
    except Exception as error:  # of damaged files pandas, pyarrow and json raise many kinds
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise _unreadable(file, f"cannot be read: {reason}", f"a table as {file.suffix} holds it") from error


def _unreadable(file: Path, message: str, expected: str) -> RunsError:
    return one_problem(file, "", message, expected)


def _read_csv(file: Path) -> pd.DataFrame:
    return _read_separated(file, ",")


def _read_tsv(file: Path) -> pd.DataFrame:
    return _read_separated(file, "\t")


def _encoding(file: Path) -> str:
    """Encoding of a text file: UTF-16 where its first bytes say so, else UTF-8, with or without a mark."""
    with file.open("rb") as content:
        start = content.read(8)
    if start.startswith(_EXCEL):
        raise _unreadable(file, "this is an Excel file", "the ending .xlsx, or a table saved as CSV")
    return "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def _separator(first: str, usual: str) -> str:
    """What parts the cells: as the ending says, unless the first line has none of it but semicolons or tabs."""
    return usual if usual in first else next((mark for mark in ";\t" if mark in first), usual)


def _read_separated(file: Path, separator: str) -> pd.DataFrame:
    encoding = _encoding(file)
    with file.open(encoding=encoding, newline="") as lines:
        first = lines.readline()
        if not first.strip():
            raise _unreadable(file, "cannot be read: it is empty", "a line of headers, and a row a score")
        separator = _separator(first, separator)
        lines.seek(0)
        headers = next(csv.reader(lines, delimiter=separator), [])
    findings = Findings(0)
    if repeated_headers([header for header in headers if header], findings):
        raise RunsError(findings.problems, str(file))
    if len(headers) == 1 and any(mark in headers[0] for mark in ",;\t"):
        raise _unreadable(
            file,
            f"only one column: {headers[0]!r}",
            f"cells separated by {separator!r}; read other tables with pandas and give them to Runs",
        )
    sources = find_columns(pd.DataFrame(columns=headers), Findings(0))
    # Labels are read as text, so that a run named 007 keeps its name; numbers to the last bit.
    labels = {sources[name].header: str for name in LABELS if name in sources}
    frame = pd.read_csv(
        file,
        sep=separator,
        decimal="," if separator == ";" else ".",  # as spreadsheets write where the comma is the decimal sign
        dtype=labels,
        encoding=encoding,
        low_memory=False,
    )
    if not isinstance(frame.index, pd.RangeIndex):
        raise _unreadable(file, "rows have more cells than the header", "as many cells in each row as headers")
    return _with_points(frame, labels) if separator == ";" else frame


def _with_points(frame: pd.DataFrame, labels: Mapping[str, object]) -> pd.DataFrame:
    """Give numbers that stand beside text, such as a unit, a decimal point too."""
    text = [name for name in frame if name not in labels and not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    changed = {str(name): frame[name].replace(_DECIMAL_COMMA, r"\1.\2", regex=True) for name in text}
    return frame.assign(**changed)


def _read_json(file: Path) -> pd.DataFrame:
    text = file.read_text(encoding=_encoding(file))
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        if len(text.strip().splitlines()) > 1 and text.lstrip().startswith("{"):
            return _read_json_lines(file)
        raise
    if isinstance(content, dict):  # columns, or a single record
        return pd.DataFrame(content if all(isinstance(cell, list | dict) for cell in content.values()) else [content])
    return _from_records(content, "a list of records or a record of columns")


def _read_json_lines(file: Path) -> pd.DataFrame:
    records = []
    for number, line in enumerate(file.read_text(encoding=_encoding(file)).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number} is not JSON: {error.msg}") from error
    return _from_records(records, "one record a line")


def _from_records(records: object, expected: str) -> pd.DataFrame:
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError(f"not a table; expected {expected}")
    return pd.DataFrame(records)


def _read_excel(file: Path) -> pd.DataFrame:
    """The first sheet of a workbook; the extra ``excel`` reads it."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise _unreadable(
            file, "Excel files need openpyxl", "pip install 'bayes-scaling[excel]', or the table saved as CSV"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles that openpyxl does not know
        frame = pd.read_excel(file, sheet_name=0, engine="openpyxl")
    return frame.rename(columns=str).loc[:, [not str(name).startswith("Unnamed:") for name in frame]]


def _read_parquet(file: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    pq.read_table(file).validate(full=True)  # or text that is none would be found when it is used
    return pd.read_parquet(file, engine="pyarrow")


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a table in the form that the ending says; `read_table` reads it.

    Raises
    ------
    FileExistsError
        Something is there that is no such table, and `overwrite` does not allow to replace it.
    FileNotFoundError
        There is no such folder.
    OSError
        The file cannot be written.
    ValueError
        The ending is not known.
    """
    file = check_ending(Path(path), *_WRITERS)
    with whole_file(file, "table of runs", overwrite=overwrite) as place:
        _WRITERS[file.suffix.lower()](frame, place)
    return file


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda frame, file: frame.to_csv(file, index=False, encoding="utf-8"),
    ".tsv": lambda frame, file: frame.to_csv(file, sep="\t", index=False, encoding="utf-8"),
    ".parquet": lambda frame, file: frame.to_parquet(file, index=False, engine="pyarrow"),
    ".json": lambda frame, file: frame.to_json(
        file, orient="records", double_precision=15, force_ascii=False, indent=1
    ),
}
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".parquet": _read_parquet,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".xlsx": _read_excel,
}
