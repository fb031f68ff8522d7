"""Read another tool's files into a table of runs, by the reader of the source."""

import os
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pandas as pd

from ..reading.canonical import canonical_frame
from ..reading.problems import Problem, RunsError, one_problem
from ..table import Runs
from . import SOURCES, options_of
from .skipping import Skips, reasons

_CHANCE = (
    "chance={NAME: VALUE} (--chance NAME=VALUE) with it: 1 / choices for multiple choice, 0 where the answer is written"
)


def import_runs(
    source: str, path: str | os.PathLike[str], *, chance: Mapping[str, float] | None = None, **options: object
) -> Runs:
    r"""Read training runs out of another tool's files.

    Parameters
    ----------
    source : str
        Whose files they are, such as "lm-eval", or "wide" and "long" of any table; the page Data says what each reads,
        and ``bayes_scaling.runs.importers.SOURCES`` lists them.
    path : path
        A file or folder, as the source needs.
    chance : mapping of str to float, optional
        What random guessing scores on benchmarks, in [0, 1); needed of those that are not well known.
    **options
        What the source takes: `options_of` lists it, and the function ``read`` of
        ``bayes_scaling.runs.importers.SOURCE`` describes it. Those of "lm-eval" and "inspect" need ``manifest=``, a
        table of the models' training budgets.

    Returns
    -------
    Runs
        The table, checked as `Runs` checks every table.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    TypeError
        An option that the source does not take; those that it takes are listed.
    ValueError
        The source is not known (the known ones are listed), or (`RunsError`) the files cannot be read as runs.

    Warns
    -----
    SkippedWarning
        Where something was left out; the message says what and why.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "models.csv"
    ...     _ = path.write_text("model,params,tokens,piqa,sciq\na,4e8,8e9,0.61,0.73\nb,1e9,2e10,0.66,0.8\n")
    ...     runs = import_runs("wide", path, benchmarks=["piqa", "sciq"])
    >>> runs.frame[["run", "benchmark", "accuracy"]]
      run benchmark  accuracy
    0   a      piqa      0.61
    1   a      sciq      0.73
    2   b      piqa      0.66
    3   b      sciq      0.80
    """
    known = options_of(source)
    if unknown := [name for name in options if name not in known]:
        raise TypeError(
            f"import_runs({source!r}) got {unknown[0]}={options[unknown[0]]!r}; it takes {', '.join(known)}"
        )
    skips = Skips()
    try:
        read = import_module(f".{SOURCES[source]}", __package__).read
        frame = _with_chance(read(Path(path), skips, **options), chance or {}, str(path))
        runs = Runs._of(canonical_frame(frame, source=str(path)))
    except RunsError as error:
        problems = [replace(one, expected=_CHANCE) if one.column == "chance" else one for one in error.problems]
        if skips.found:
            problems.append(Problem("", "\n  ".join(["left out before that:", *reasons(skips.found)]), ""))
        raise RunsError(problems, error.source, error.n_rows) from None
    skips.warn(str(path), stacklevel=2)
    return runs


def _with_chance(frame: pd.DataFrame, chance: Mapping[str, float], path: str) -> pd.DataFrame:
    """Put the given chance beside each benchmark's scores."""
    if not chance:
        return frame
    benchmarks = frame["benchmark"].astype("str")
    if unknown := [name for name in chance if name not in set(benchmarks)]:
        known = ", ".join(dict.fromkeys(benchmarks))
        raise one_problem(
            path, "chance of a benchmark", f"given for {unknown[0]!r}", f"a benchmark of the table: {known}"
        )
    given = benchmarks.map(chance)
    return frame.assign(chance=given.fillna(frame["chance"]) if "chance" in frame else given)
