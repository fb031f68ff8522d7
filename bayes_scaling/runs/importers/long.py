"""Any table with a row a score, whose headers may need a mapping."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..reading.files import read_table
from ..reading.headers import ORDER
from ..reading.problems import Problem, RunsError
from .skipping import Skips


def read(path: Path, skips: Skips, *, columns: Mapping[str, str] | None = None, percent: bool = False) -> pd.DataFrame:
    """Read a long table.

    Parameters
    ----------
    path : Path
        A CSV, TSV, Parquet or JSON file with one row a score.
    skips : Skips
        Nothing is left out of a long table.
    columns : mapping of str to str, optional
        Columns of `Runs` and their headers in the file, where these are not understood: ``{"benchmark": "suite"}``.
    percent : bool
        Whether scores (and standard errors) are percentages.

    Returns
    -------
    DataFrame
        The rows.
    """
    del skips
    table = renamed(read_table(path), columns or {}, path)
    if not percent:
        return table
    return table.rename(columns={name: f"{name} (%)" for name in ("accuracy", "stderr") if name in table})


def renamed(table: pd.DataFrame, columns: Mapping[str, str], path: Path) -> pd.DataFrame:
    """Give columns the names of `Runs`.

    Raises
    ------
    RunsError
        For a name that is none of `Runs`, a header that the file lacks, or one that would stand twice.
    """
    problems = []
    for name, header in columns.items():
        if name not in ORDER and not name.startswith("loss_"):
            problems.append(Problem(name, "no column of runs", f"one of {', '.join(ORDER)}"))
        if header not in table:
            problems.append(Problem(header, "there is no such column", f"one of {', '.join(map(str, table))}"))
        elif name in table and name != header:
            problems.append(Problem(header, f"stands for {name}, but there is a column {name} too", "only one of them"))
    if problems:
        raise RunsError(problems, str(path))
    return table.rename(columns={header: f"{name}{_unit(header)}" for name, header in columns.items()})


def _unit(header: str) -> str:
    """Unit in brackets at the end of a header, which its new name keeps: of "Size (B)" it is " (B)"."""
    match = re.search(r"\s*[(\[][^()\[\]]*[)\]]\s*$", header)
    return match[0] if match else ""
