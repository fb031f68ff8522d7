"""Read another tool's files into a table of runs, by the reader of the source."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ..plausibility import DoubtfulRunsWarning, doubts
from ..reading.canonical import canonical_frame
from ..reading.problems import Problem, RunsError
from ..table import Runs
from . import SOURCES, options_of
from .agreeing import settled
from .budgets import with_budgets
from .chances import with_chance
from .skipping import Skips, noted, reasons

_CHANCE = (
    "chance={NAME: VALUE} (--chance NAME=VALUE; of one metric NAME:METRIC=VALUE) with it: 1 / choices for multiple "
    "choice, 0 where the answer is written"
)


def import_runs(
    source: str,
    path: str | os.PathLike[str],
    *,
    chance: Mapping[str, float] | None = None,
    budgets_only: bool = False,
    **options: object,
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
        What random guessing scores on benchmarks, in [0, 1); needed of those that are not well known. A name is a
        benchmark, a benchmark and metric (``"mrpc:f1"``), or a pattern (``"mmlu_pro_*"``).
    budgets_only : bool
        Whether runs whose training budget is not known are left out, by name; else they are an error.
    **options
        What the source takes: `options_of` lists it, and the function ``read`` of
        ``bayes_scaling.runs.importers.SOURCE`` describes it. Those of evaluation logs need ``manifest=``, a table of
        the models' training budgets.

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
        Where something was left out, or settled otherwise than a reader might think; the message says what and why.
    DoubtfulRunsWarning
        Where a run or value can hardly be right; the message names it.

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
        frame = with_chance(read(Path(path), skips, **options), chance or {}, str(path), skips)
        frame = with_budgets(frame, skips) if budgets_only else frame
        keep_counts = options.get("samples") is True
        runs = Runs._of(settled(canonical_frame(frame, source=str(path)), keep_counts, skips))
    except RunsError as error:
        raise _explained(error, skips) from None
    skips.warn(str(path), stacklevel=2)
    if found := doubts(runs.frame):
        warnings.warn(DoubtfulRunsWarning(found), stacklevel=2)
    return runs


def _explained(error: RunsError, skips: Skips) -> RunsError:
    """Say beside the problems what was left out before, and which option would help."""
    problems = [replace(one, expected=_expected(one)) for one in error.problems]
    if skips.found:
        problems.append(Problem("", "\n  ".join(["left out before that:", *reasons(skips.found)]), ""))
    if skips.notes:
        problems.append(Problem("", "\n    ".join(["settled before that:", *noted(skips.notes)]), ""))
    return RunsError(problems, error.source, error.n_rows)


def _expected(one: Problem) -> str:
    if one.column == "chance":
        return _CHANCE
    if one.message == "the training budget is unknown":
        return f"{one.expected}; budgets_only=True (--budgets-only) leaves these runs out"
    return one.expected
