"""W&B's table of runs: a row a run, config and summary in columns, scores in columns named TASK/METRIC."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..reading.cells import read_labels, read_numbers
from ..reading.files import read_table
from ..reading.headers import read_header
from ..reading.problems import one_problem
from ..reading.wide_tables import is_average, task_and_metric
from .deciding import Wanted, table_of
from .long import renamed
from .measuring import UNKNOWN_TIME, Measurement, instant, number_of
from .names import ModelName
from .skipping import Skips
from .wide import name_unfinished

_EXPECTED = "a table of runs as W&B exports it, with columns such as lm_eval/TASK/METRIC"
#: What a run's own columns may tell beside its scores.
_CREATED = ("created", "createdat", "created at", "_timestamp", "start time")
_OF_RUNS = ("run", "trajectory", "family", "params", "tokens", "flops", "loss")


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    metric: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    means: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read a table of runs.

    Parameters
    ----------
    path : Path
        A CSV file, or an Excel, Parquet or JSON one.
    skips : Skips
        Gets what is left out, and runs that have not finished.
    manifest : path or DataFrame, optional
        The models, as `bayes_scaling.runs.importers.manifest` says, where the table does not know their budgets.
    metric : str or sequence of str, optional
        Which metric counts: TASK=METRIC of a task, METRIC ("acc_norm") of every other, or "all" for each of them; by
        default one a task, acc_norm where there is one.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``mmlu_*``.
    columns : mapping of str to str, optional
        Columns of `Runs` and their headers in the file, where these are not understood:
        ``{"params": "parameter_count"}``.
    means : str or sequence of str, optional
        Groups to put together from their tasks.

    Returns
    -------
    DataFrame
        One row a score.
    """
    table = renamed(read_table(path), columns or {}, path)
    headers = {header.quantity: name for name in reversed(list(table)) if (header := read_header(name)) is not None}
    if "run" not in headers:
        raise one_problem(path, "Name", "there is no such column", _EXPECTED)
    table = _named(table, str(headers["run"]), skips)
    table = _newest(table, str(headers["run"]), path, skips)
    names = table[headers["run"]]
    found = [one for column in table for one in _measured(table, str(column), names, path)]
    name_unfinished(table, skips)
    own = table[[name for name in (headers.get(part) for part in _OF_RUNS) if name is not None]]
    wanted = Wanted(own if manifest is None else manifest, metric, exclude, True, means)
    return table_of(found, {}, wanted, path, _EXPECTED, skips)


def _named(table: pd.DataFrame, run: str, skips: Skips) -> pd.DataFrame:
    """Leave out rows without a name."""
    labels = read_labels(table[run])[0].set_axis(table.index)
    for row in table.index[labels.isna()]:
        skips.add(f"row {row + 1}", "", "no name of a run")
    return table.assign(**{run: labels})[labels.notna()]


def _newest(table: pd.DataFrame, run: str, path: Path, skips: Skips) -> pd.DataFrame:
    """Keep the run that was created last of those that share a name, as one that crashed and its successor do."""
    shared = table[run].duplicated(keep=False)
    created = next((name for name in table if str(name).strip().lower() in _CREATED), None)
    if not shared.any():
        return table
    if created is None:
        names = ", ".join(dict.fromkeys(table.loc[shared, run].astype(str)))
        raise one_problem(path, str(run), f"several runs are called {names}", "names of their own, or a column Created")
    times = [number_of(value) if not isinstance(value, str) else instant(value) for value in table[created]]
    order = pd.Series(times, table.index).fillna(UNKNOWN_TIME).sort_values(kind="stable").index
    last = table.loc[order].drop_duplicates(run, keep="last").index
    for row in table.index.difference(last):
        skips.add(str(table[run][row]), f"row {row + 1}", f"a later run has the same name, by column {created}")
    return table.loc[last].sort_index().reset_index(drop=True)


def _measured(table: pd.DataFrame, column: str, names: pd.Series, path: Path) -> list[Measurement]:
    """Scores of one column; none where it holds no task's metric."""
    task, metric = task_and_metric(column)
    if metric is None or is_average(task) or "stderr" in metric:
        return []
    values, _ = read_numbers(table[column], "accuracy")
    beside = next((name for name in _stderr_names(column) if name in table), None)
    errors = np.full(len(table), np.nan) if beside is None else read_numbers(table[beside], "stderr")[0]
    name, _, way = metric.partition(",")
    return [
        Measurement(ModelName(run), task, name, number_of(value), path.name, way=way, stderr=number_of(error))
        for run, value, error in zip(names, values.tolist(), errors.tolist(), strict=True)
        if not np.isnan(value)
    ]


def _stderr_names(column: str) -> tuple[str, ...]:
    name, sign, way = column.partition(",")
    return (f"{name}_stderr{sign}{way}", f"{name}_stderr")
