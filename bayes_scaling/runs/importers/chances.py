"""The option ``chance``: what guessing scores, by benchmark, by benchmark and metric, or by pattern."""

import math
from collections.abc import Mapping
from fnmatch import fnmatchcase

import pandas as pd

from ..chance import known_chance
from ..reading.problems import one_problem
from .skipping import Skips


def with_chance(frame: pd.DataFrame, chance: Mapping[str, float], path: str, skips: Skips) -> pd.DataFrame:
    """Put the given chance beside the scores it is of.

    Parameters
    ----------
    frame : DataFrame
        Scores.
    chance : mapping of str to float
        Values by ``BENCHMARK``, ``BENCHMARK:METRIC`` or a pattern of either, such as ``mmlu_pro_*``.
    path : str
        The files, for messages.
    skips : Skips
        What the files held; gets a note of names that were left out, and of known values that stay.

    Raises
    ------
    RunsError
        A name that the files do not hold.
    """
    if not chance:
        return frame
    benchmark = frame["benchmark"].astype("str")
    metric = frame["metric"].astype("str") if "metric" in frame else pd.Series("", frame.index)
    given = pd.Series(math.nan, frame.index)
    for name, value in chance.items():
        rows = benchmark.map(lambda text, pattern=name: _matches(text, pattern))
        if rows.any():
            given = given.mask(_open(rows, benchmark, metric, name, skips), value)
            continue
        task, sign, measure = name.rpartition(":")
        both = benchmark.map(lambda text, pattern=task: _matches(text, pattern)) & metric.map(
            lambda text, pattern=measure: _matches(text, pattern) or text.split(",")[0] == pattern
        )
        if sign and both.any():
            given = given.mask(both, value)
        elif _was_seen(name, skips) or (sign and _was_seen(task, skips)):
            skips.note(f"chance of {name!r} was given, but its scores were left out")
        else:
            known = ", ".join(dict.fromkeys(benchmark))
            raise one_problem(
                path, "chance of a benchmark", f"given for {name!r}", f"a benchmark of the table: {known}"
            )
    return frame.assign(chance=given.fillna(frame["chance"]) if "chance" in frame else given)


def _matches(text: str, pattern: str) -> bool:
    """Whether a name is the pattern itself, which may hold brackets, or matches it."""
    return text == pattern or fnmatchcase(text, pattern)


def _was_seen(name: str, skips: Skips) -> bool:
    return any(_matches(benchmark, name) for benchmark in skips.seen) or any(
        one.what.split(" ")[0].split(",")[0] == name for one in skips.found
    )


def _open(rows: pd.Series, benchmark: pd.Series, metric: pd.Series, name: str, skips: Skips) -> pd.Series:
    """Which of the rows of a name it sets: of a benchmark with several metrics those whose chance is not known."""
    known = pd.Series(
        [
            row and known_chance(task, measure or None) is not None
            for row, task, measure in zip(rows, benchmark, metric, strict=True)
        ],
        rows.index,
    )
    several = benchmark.map(lambda task: len(skips.seen.get(task, ())) > 1)
    kept = rows & known & several
    for task, measure in dict.fromkeys(zip(benchmark[kept], metric[kept], strict=True)):
        skips.note(
            f"chance of {name!r} was given for its other metrics: by {measure} it is known; "
            f"chance={{'{task}:{measure}': ...}} (--chance {task}:{measure}=...) sets it"
        )
    return rows & ~kept
