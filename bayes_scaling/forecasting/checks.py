"""What is to be forecast, checked against what the law needs and knows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..laws.base import Law
from ..model.ladder_notes import fit_that_sees
from ..model.reference import Reference
from ..model.rows import Benchmark, Rows
from ..runs.budget_columns import SIZES
from ..runs.columns import metric_or_shots
from ..runs.planned import Budgets
from ..wording import closest, listed

_MOST_NAMED = 8
_ASK_FOR_NEW = 'new_groups="sample" draws it from the population'


def check_labels(reference: Reference, frame: pd.DataFrame, rows: Rows) -> None:
    """Refuse benchmarks and families that were not fitted, listing the known ones.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.
    rows : Rows
        The same rows in the reference's codes.

    Raises
    ------
    ValueError
        Where a label was not fitted.
    """
    names = {benchmark.name for benchmark in reference.benchmarks}
    asked = frame["benchmark"].astype(str)
    if (misnamed := (rows.benchmark < 0) & asked.isin(names).to_numpy()).any():
        ways = [benchmark for benchmark in reference.benchmarks if benchmark.name in set(asked[misnamed])]
        raise ValueError(
            f"benchmark {listed(_described(frame[misnamed]), _MOST_NAMED)} was not fitted in this way; "
            f"the fit knows {listed(_described(_as_frame(ways)), _MOST_NAMED)}. {_ASK_FOR_NEW}"
        )
    for column, codes, known in (
        ("benchmark", rows.benchmark, reference.labels),
        ("family", rows.family, reference.families),
    ):
        if (codes < 0).any():
            lacking = list(dict.fromkeys(frame[column].astype(str)[codes < 0]))
            unknown, near = listed(map(repr, lacking), _MOST_NAMED), closest(lacking[0], known).replace("; did", " Did")
            raise ValueError(
                f"{column} {unknown} was not fitted; the fit knows {', '.join(known)}.{near} {_ASK_FOR_NEW}"
            )


def check_budgets(needs: Sequence[str], frame: pd.DataFrame) -> None:
    """Refuse points that lack what the law reads.

    Parameters
    ----------
    needs : sequence of str
        Names of the columns that the law reads ("flops", "params", "tokens", "k").
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where there are no rows, or one lacks a column that the law reads. It says how to give what is missing.

    Examples
    --------
    >>> check_budgets(["params", "tokens"], pd.DataFrame({"run": ["1e+23 FLOPs"], "flops": [1e23]}))
    Traceback (most recent call last):
    ValueError: params, tokens are missing for run '1e+23 FLOPs'; this law forecasts from params, tokens.
    Give ratio= (tokens per parameter) with flops=, or params= with tokens=
    """
    if frame.empty:
        raise ValueError("there is nothing to forecast: the table of planned runs has no rows")
    empty = {name: frame[name].isna() if name in frame else pd.Series(True, frame.index) for name in needs}
    if lacking := [name for name, cells in empty.items() if cells.any()]:
        runs = dict.fromkeys(frame["run"][np.logical_or.reduce([empty[name] for name in lacking])].astype(str))
        missing = f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing for run"
        raise ValueError(
            f"{missing} {listed(map(repr, runs), _MOST_NAMED)}; this law forecasts from {', '.join(needs)}. "
            f"{_advice(lacking, planned='flops_source' in frame)}"
        )


def check_sees_sizes(law: Law, fitted: pd.DataFrame, at: Budgets) -> None:
    """Refuse budgets made of params and tokens for a law of FLOPs alone.

    Parameters
    ----------
    law : Law
        The fitted law.
    fitted : DataFrame
        Fitted rows in the columns of `Runs.frame`.
    at : Budgets
        The budgets.

    Raises
    ------
    ValueError
        Where they name params and tokens, with the law to fit for them.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> fitted = bs.load_dataset("cerebras_gpt").frame
    >>> check_sees_sizes(bs.DirectLaw(), fitted, bs.budgets(params=7e9, tokens=1e12))
    Traceback (most recent call last):
    ValueError: params and tokens are given, but the fit is of DirectLaw, which reads FLOPs alone: all sizes of the same
    FLOPs would get one forecast. Fit a law that reads them: bs.fit(bs.GeneralLaw(), runs); or give flops=
    """
    if law.reads_sizes or np.isnan(at.params).all():
        return
    raise ValueError(
        f"params and tokens are given, but the fit is of {type(law).__name__}, which reads FLOPs alone: all sizes of "
        "the same FLOPs would get one forecast. Fit a law that reads them: "
        f"{fit_that_sees(law, fitted)}; or give flops="
    )


def check_attempts(law: Law, frame: pd.DataFrame) -> None:
    """Refuse a k above 1 for a law of single scores, and rows of single problems for every law.

    Parameters
    ----------
    law : Law
        The fitted law.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where a row has such a k, or a problem.
    """
    if "problem" in frame and (single := frame["problem"].notna().to_numpy()).any():
        first = int(np.argmax(single))
        raise ValueError(
            f"row {first + 1} asks for a single problem, {str(frame['problem'].iloc[first])!r}; a forecast is of all "
            "problems of a benchmark together: give one row for each run, benchmark and k"
        )
    if not law.takes_attempts and "k" in frame and (frame["k"].fillna(1) != 1).any():
        largest = frame["k"].max()
        raise ValueError(f"k goes up to {largest:g}, but {type(law).__name__} describes k = 1; PassAtKLaw takes k")


def _advice(lacking: Sequence[str], planned: bool) -> str:
    """Say how to give what the points lack: columns of a table of planned runs, or arguments of `budgets`."""
    if planned:
        return f"Fill in {', '.join(lacking)} in the table of planned runs"
    sizes = "ratio= (tokens per parameter) with flops=, or params= with tokens="
    ways = [sizes] if set(SIZES) & set(lacking) else []
    ways += ["k=, the attempts at each problem"] if "k" in lacking else []
    return f"Give {'; and '.join(ways)}"


def _as_frame(benchmarks: Sequence[Benchmark]) -> pd.DataFrame:
    rows = [(b.name, b.metric or np.nan, float(b.shots) if b.shots else np.nan) for b in benchmarks]
    return pd.DataFrame(rows, columns=["benchmark", "metric", "shots"])


def _described(frame: pd.DataFrame) -> list[str]:
    """Benchmarks of a frame with their metrics and shots, each once."""
    parts = [metric_or_shots(frame[name], name) for name in ("metric", "shots") if name in frame]
    ways = zip(frame["benchmark"].astype(str), *parts, strict=True)
    return list(dict.fromkeys(f"{name} ({', '.join(words)})" if words else name for name, *words in ways))
