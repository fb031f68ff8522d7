"""Epoch AI's benchmarking hub: one CSV a benchmark, one row a model, with the training compute where it is known."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...wording import brief
from ..reading.cells import read_labels, read_numbers
from ..reading.files import read_table
from ..reading.problems import one_problem
from .finding import find_files
from .skipping import Skips

_RUN = ("Model version", "Model", "model")
_NAME = "Name"  # stands in for a version that is empty
_FLOPS = "Training compute (FLOP)"
_SCORES = (
    "mean_score",
    "Best score (across scorers)",
    "Score",
    "Accuracy",
    "EM",
    "Average",
    "Average score",
    "Overall accuracy",
    "Global average",
    "% Score",
)
_STDERR = ("stderr", "Standard error", "Standard deviation of the mean")
_STARTED = "Started at"


def read(
    path: Path,
    skips: Skips,
    *,
    score: str | Sequence[str] | None = None,
    family: str | None = None,
    percent: bool | Sequence[str] = (),
) -> pd.DataFrame:
    """Read files of the benchmarking hub.

    Parameters
    ----------
    path : Path
        A folder of CSV files, whose names are those of the benchmarks, or one.
    skips : Skips
        Gets what is left out: rows without training compute or score, and a model's older evaluations.
    score : str or sequence of str, optional
        Columns to look for the score in, the first found counts; by default the names that the hub uses.
    family : str, optional
        The column that tells recipes apart, such as "Organization"; by default all models are one family.
    percent : bool or sequence of str
        Whether scores are percentages; True stands for all benchmarks whose scores go from 0 beyond 1 up to 100, a
        sequence names the benchmarks.

    Returns
    -------
    DataFrame
        One row a score.
    """
    names = _SCORES if score is None else (score,) if isinstance(score, str) else tuple(score)
    tables = [
        found
        for file in find_files(path, ["*.csv"], "file", "the hub's files, one a benchmark")
        if (found := _benchmark(file, names, family, percent, skips)) is not None
    ]
    benchmarks = [table["benchmark"].iloc[0] for table in tables]
    if unknown := [name for name in ([] if isinstance(percent, bool) else percent) if name not in benchmarks]:
        raise one_problem(path, "percent", f"names {unknown[0]!r}", f"one of {', '.join(benchmarks)}")
    if not tables:
        raise one_problem(path, "", "no scores with training compute", f"CSV files with {_FLOPS!r}")
    return pd.concat(tables, ignore_index=True)


def _benchmark(
    file: Path, names: Sequence[str], family: str | None, percent: bool | Sequence[str], skips: Skips
) -> pd.DataFrame | None:
    """Scores of one file; None where it has none."""
    table, benchmark = read_table(file), file.stem.removesuffix("_external")
    run = next((name for name in _RUN if name in table), None)
    column = next((name for name in names if name in table), None)
    if run is None or _FLOPS not in table:
        skips.add(benchmark, file.name, f"has no column {_RUN[0] if run is None else _FLOPS}")
        return None
    if column is None:
        skips.add(benchmark, file.name, f"has none of the score columns; it has {', '.join(map(str, table))}")
        return None
    if family is not None and family not in table:
        raise one_problem(file, family, "there is no such column", f"one of {', '.join(map(str, table))}")
    scores, flops = (
        pd.Series(read_numbers(table[name], quantity)[0], table.index)
        for name, quantity in ((column, "accuracy"), (_FLOPS, "flops"))
    )
    labels = _names(table, run)
    unit = _unit(scores, benchmark, percent)
    if unit is None:
        skips.add(benchmark, file.name, _no_fractions(scores, benchmark))
        return None
    _say_left_out(labels, scores, flops, file.name, skips)
    found = pd.DataFrame({"run": labels, "flops": flops, "benchmark": benchmark})
    found = found.assign(accuracy=scores / unit)
    if family is not None:
        found["family"] = table[family].fillna("unknown").astype("str")
    if stderr := next((name for name in _STDERR if name in table), None):
        error = pd.Series(read_numbers(table[stderr], "stderr")[0], table.index) / unit
        found["stderr"] = error.where(error > 0)
    found = _newest(found[scores.notna() & flops.notna() & labels.notna()], table, file.name, skips)
    if found.empty:
        skips.add(benchmark, file.name, "no model with a score and training compute")
        return None
    return found


def _say_left_out(labels: pd.Series, scores: pd.Series, flops: pd.Series, file: str, skips: Skips) -> None:
    """Say which rows are left out: those without a name, a score or training compute."""
    for row in labels.index[labels.isna()]:
        skips.add(f"row {row + 1}", file, "no model version and no name")
    for why, rows in (("no score", scores.isna()), ("no training compute", flops.isna() & scores.notna())):
        for name in labels[rows & labels.notna()]:
            skips.add(str(name), file, why)


def _names(table: pd.DataFrame, run: str) -> pd.Series:
    """Names of the models: the version, or where it is empty the name."""
    names = read_labels(table[run])[0].set_axis(table.index)
    return names.fillna(read_labels(table[_NAME])[0].set_axis(table.index)) if _NAME in table else names


def _goes_beyond(scores: pd.Series) -> bool:
    return bool(scores.min() >= 0 and 1 < scores.max() <= 100)


def _unit(scores: pd.Series, benchmark: str, percent: bool | Sequence[str]) -> int | None:
    """What a score of 1 reads in the file: 1, or 100 where scores are percentages; None where they are neither."""
    if (percent and _goes_beyond(scores)) if isinstance(percent, bool) else benchmark in percent:
        return 100
    return None if scores.max() > 1 or scores.min() < 0 else 1


def _no_fractions(scores: pd.Series, benchmark: str) -> str:
    hint = f"; percent=[{benchmark!r}] reads percentages" if _goes_beyond(scores) else ""
    return f"scores from {brief(scores.min())} to {brief(scores.max())} are no fractions{hint}"


def _newest(found: pd.DataFrame, table: pd.DataFrame, file: str, skips: Skips) -> pd.DataFrame:
    """Each model's last evaluation: the last that started, or where the file does not say the last in it."""
    if _STARTED in table:
        started = pd.to_datetime(table.loc[found.index, _STARTED], errors="coerce", utc=True)
        found = found.loc[started.sort_values(kind="stable", na_position="first").index]
    for name in found.loc[found["run"].duplicated(keep="last"), "run"]:
        skips.add(name, file, f"evaluated again later{'' if _STARTED in table else ' in the file'}")
    return found.drop_duplicates("run", keep="last").sort_index()
