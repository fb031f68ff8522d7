"""Any table with a column a benchmark."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ...wording import brief, listed
from ..reading.cells import read_numbers
from ..reading.files import read_table
from ..reading.headers import read_header
from ..reading.problems import one_problem
from ..reading.wide_tables import score_columns, task_and_metric
from .choosing import rank
from .long import renamed
from .manifest import Block, ModelName, read_manifest
from .skipping import Skips

#: What a column beside a benchmark's holds: piqa_stderr, piqa_n_items.
_BESIDE = ("stderr", "n_items")
_UNFINISHED = ("crashed", "failed", "killed", "running", "preempted")


def read(
    path: Path,
    skips: Skips,
    *,
    benchmarks: Sequence[str] | Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    percent: bool = False,
    manifest: str | Path | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Read a wide table.

    Parameters
    ----------
    path : Path
        A CSV, TSV, Excel, Parquet or JSON file with one row a run.
    skips : Skips
        Gets empty cells.
    benchmarks : sequence of str, or mapping of str to str
        The columns that hold scores; or benchmarks and the columns that hold theirs; by default those of well-known
        benchmarks and of TASK/METRIC. A column ``NAME_stderr`` or ``NAME_n_items`` beside one is read with it.
    columns : mapping of str to str, optional
        Columns of `Runs` and their headers in the file, where these are not understood: ``{"params": "size"}``.
    percent : bool
        Whether scores (and standard errors) are percentages; by default those columns are that go beyond 1.
    manifest : path or DataFrame, optional
        The models, as `bayes_scaling.runs.importers.manifest` says, where the table does not know their budgets.

    Returns
    -------
    DataFrame
        One row a score; cells without a score are left out.
    """
    table = renamed(read_table(path), columns or {}, path)
    named = dict(benchmarks) if isinstance(benchmarks, Mapping) else {name: name for name in benchmarks or ()}
    named = named or _usual(table, skips, path)
    if missing := [header for header in named.values() if header not in table]:
        raise one_problem(path, ", ".join(missing), "there is no such column", f"some of {', '.join(map(str, table))}")
    name_unfinished(table, skips)
    used = set(named.values()) | {beside for h in named.values() for what in _BESIDE if (beside := f"{h}_{what}")}
    common = table.drop(columns=[name for name in table if name in used or task_and_metric(str(name))[1]])
    in_percent = {header for header in named.values() if percent or _in_percent(table[header], header, skips)}
    header_says = in_percent == set(named.values())
    parts = [
        _scores(table, common, name, header, (header in in_percent, header_says), skips)
        for name, header in named.items()
    ]
    long = pd.concat(parts, ignore_index=True).sort_values("_row", kind="stable", ignore_index=True)
    for row, benchmark in long.loc[long["_empty"], ["_row", "benchmark"]].itertuples(index=False):
        skips.add(benchmark, f"row {row + 1}", "no score in the cell")
    kept = long[~long["_empty"]].drop(columns=["_row", "_empty"]).reset_index(drop=True)
    return kept if manifest is None else _joined(kept, manifest, path, skips)


def _usual(table: pd.DataFrame, skips: Skips, path: Path) -> dict[str, str]:
    """Columns of scores that can be told by their headers: one a benchmark, by the usual metric."""
    by_task: dict[str, list[str]] = {}
    for header in score_columns(table):
        by_task.setdefault(task_and_metric(header)[0], []).append(header)
    if not by_task:
        free = [str(name) for name in table if read_header(name) is None]
        expected = f"benchmarks= (--benchmark), some of {', '.join(free)}"
        raise one_problem(path, "", "the columns of scores were not said", expected)
    found = {}
    for headers in by_task.values():
        first, *others = sorted(headers, key=lambda header: rank(task_and_metric(header)[1] or ""))
        found[first] = first
        for other in others:
            skips.add(other, "", f"{first} counts for the same questions")
    skips.note(f"columns of scores: {', '.join(found)}{_unread(table, by_task)}; benchmarks= (--benchmark) says others")
    return found


def _unread(table: pd.DataFrame, by_task: Mapping[str, Sequence[str]]) -> str:
    """Name columns of numbers that may be scores too, though nothing says so."""
    read = {header for headers in by_task.values() for header in headers}
    free = [
        str(name)
        for name in table
        if name not in read
        and read_header(name) is None
        and pd.api.types.is_numeric_dtype(table[name].dtype)
        and not str(name).endswith(tuple(f"_{what}" for what in _BESIDE))
    ]
    return f"; not read as such: {listed(free, 8)}" if free else ""


def _in_percent(cells: pd.Series, header: str, skips: Skips) -> bool:
    """Whether a column of scores holds percentages: it goes well beyond 1."""
    values, _ = read_numbers(cells, "accuracy")
    high = values[np.isfinite(values)].max(initial=0.0)
    if not 1.5 < high <= 100:
        return False
    skips.note(f"{header} is read as percentages (up to {brief(float(high))})")
    return True


def _scores(
    table: pd.DataFrame, common: pd.DataFrame, name: str, header: str, percent: tuple[bool, bool], skips: Skips
) -> pd.DataFrame:
    """Rows of one benchmark; `percent` says whether its scores are percentages, and whether all columns' are."""
    in_percent, header_says = percent
    values, wrong = read_numbers(table[header], "accuracy")
    unit = " (%)" if header_says and in_percent else ""

    def fractions(column: str, quantity: str) -> pd.Series:
        cells = table[column]
        if header_says or not in_percent:
            return cells
        numbers, no_number = read_numbers(cells, quantity, 0.01)
        return pd.Series(np.where(no_number, cells, numbers / 100), table.index)

    benchmark, metric = task_and_metric(header) if name == header else (name, None)
    part = common.assign(benchmark=benchmark, **{f"accuracy{unit}": fractions(header, "accuracy")})
    if metric is not None:
        part = part.assign(metric=metric)
    skips.saw(benchmark, metric or "")
    for what in _BESIDE:
        if f"{header}_{what}" in table:
            beside = f"{header}_{what}"
            part[f"{what}{unit}" if what == "stderr" else what] = (
                fractions(beside, what) if what == "stderr" else table[beside]
            )
    return part.assign(_row=range(len(part)), _empty=np.isnan(values) & ~wrong)


def name_unfinished(table: pd.DataFrame, skips: Skips) -> None:
    """Say which runs have not finished, where a column State tells."""
    state = next((name for name in table if str(name).strip().lower() == "state"), None)
    run = next((name for name in table if (header := read_header(name)) and header.quantity == "run"), None)
    if state is None or run is None:
        return
    for name, word in zip(table[run], table[state], strict=True):
        if str(word).strip().lower() in _UNFINISHED:
            skips.note(f"{name} is {str(word).strip()!r}: its scores count at the budget that stands in its row")


def _joined(scores: pd.DataFrame, manifest: str | Path | pd.DataFrame, path: Path, skips: Skips) -> pd.DataFrame:
    """Put what a manifest knows of the runs in the place of what the table says of them."""
    run = next((str(name) for name in scores if (header := read_header(name)) and header.quantity == "run"), None)
    if run is None:
        raise one_problem(path, "run", "there is no such column", "the names of the runs, as the manifest has them")
    measured = ("benchmark", "metric", "accuracy", "accuracy (%)", "stderr", "stderr (%)", "n_items")
    kept = [name for name in scores if name in measured]
    blocks = [
        Block(ModelName(str(name)), rows[kept].reset_index(drop=True))
        for name, rows in scores.groupby(run, sort=False, dropna=False)
    ]
    return read_manifest(manifest, [block.model for block in blocks], str(path)).join(blocks, skips)
