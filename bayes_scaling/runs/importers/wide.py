"""Any table with a column a benchmark."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ..reading.files import read_table
from ..reading.headers import read_header
from ..reading.problems import one_problem
from .long import renamed
from .skipping import Skips

#: What a column beside a benchmark's holds: piqa_stderr, piqa_n_items.
_BESIDE = ("stderr", "n_items")


def read(
    path: Path,
    skips: Skips,
    *,
    benchmarks: Sequence[str] | Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    percent: bool = False,
) -> pd.DataFrame:
    """Read a wide table.

    Parameters
    ----------
    path : Path
        A CSV, TSV, Parquet or JSON file with one row a run.
    skips : Skips
        Gets empty cells.
    benchmarks : sequence of str, or mapping of str to str
        The columns that hold scores; or benchmarks and the columns that hold theirs. A column ``NAME_stderr`` or
        ``NAME_n_items`` beside one is read with it.
    columns : mapping of str to str, optional
        Columns of `Runs` and their headers in the file, where these are not understood: ``{"params": "size"}``.
    percent : bool
        Whether scores (and standard errors) are percentages.

    Returns
    -------
    DataFrame
        One row a score; cells without a score are left out.
    """
    table = renamed(read_table(path), columns or {}, path)
    free = [str(name) for name in table if read_header(name) is None]
    if not benchmarks:
        raise one_problem(path, "", "the columns of scores were not said", f"benchmarks=, some of {', '.join(free)}")
    named = dict(benchmarks) if isinstance(benchmarks, Mapping) else {name: name for name in benchmarks}
    if missing := [header for header in named.values() if header not in table]:
        raise one_problem(path, ", ".join(missing), "there is no such column", f"some of {', '.join(map(str, table))}")
    used = set(named.values()) | {f"{h}_{what}" for h in named.values() for what in _BESIDE}
    common = table.drop(columns=[name for name in table if name in used])
    parts = []
    for benchmark, header in named.items():
        part = common.assign(benchmark=benchmark, **{"accuracy (%)" if percent else "accuracy": table[header]})
        for what in _BESIDE:
            if f"{header}_{what}" in table:
                part[f"{what} (%)" if percent and what == "stderr" else what] = table[f"{header}_{what}"]
        parts.append(part.assign(_row=range(len(part)), _empty=table[header].isna()))
    long = pd.concat(parts, ignore_index=True).sort_values("_row", kind="stable", ignore_index=True)
    for row, benchmark in long.loc[long["_empty"], ["_row", "benchmark"]].itertuples(index=False):
        skips.add(benchmark, f"row {row + 1}", "no score in the cell")
    return long[~long["_empty"]].drop(columns=["_row", "_empty"]).reset_index(drop=True)
