"""Tables in the form that the authors of the direct law release: a row a quantity, losses among them.

Two variants: ``tokens, benchmark, metric_type, score, tpr``, where tpr is tokens per parameter, N = tokens / tpr and
C = 6ND; and ``flops, params, tokens, benchmark, metric_type, score``. Rows whose metric_type names a loss become
columns. Source: the form of the data beside arXiv 2512.08894.
"""

import re
from pathlib import Path

import pandas as pd

from ...wording import brief
from ..budget_columns import BUDGETS
from ..metrics import is_no_share
from ..reading.files import read_table
from ..reading.problems import one_problem
from .skipping import Skips

_NEEDED = ("benchmark", "metric_type", "score")
_IS_LOSS = re.compile(r"loss|nll|cross_?entropy", re.IGNORECASE)
_PASS_AT = re.compile(r"pass(?:@|_at_)(\d+)$", re.IGNORECASE)


def read(path: Path, skips: Skips, *, loss: str | None = None, family: str | None = None) -> pd.DataFrame:
    """Read a released table.

    Parameters
    ----------
    path : Path
        A CSV file.
    skips : Skips
        Gets what is left out.
    loss : str, optional
        The set (in column benchmark) whose loss becomes the column ``loss``, where there are several; the others become
        ``loss_SET``.
    family : str, optional
        The column that tells recipes apart, such as the data mixture.

    Returns
    -------
    DataFrame
        One row a score.
    """
    table = read_table(path)
    lacking = [name for name in _NEEDED if name not in table]
    by_ratio, by_size = {"tokens", "tpr"} <= set(table), {"params", "tokens"} <= set(table)
    if not (by_ratio or by_size):
        lacking.append("tpr (or flops and params)")
    if family is not None and family not in table:
        lacking.append(family)
    if lacking:
        expected = f"the columns {', '.join(_NEEDED)} and tokens with tpr or params"
        raise one_problem(path, ", ".join(lacking), "there is no such column", expected)
    table = table.assign(params=table["params"] if by_size else table["tokens"] / table["tpr"])
    budgets = [name for name in BUDGETS if name in table]
    table.insert(0, "run", _run_names(table, family))
    kinds = table["metric_type"].astype("str")
    losses, refused = kinds.str.contains(_IS_LOSS), kinds.map(is_no_share).astype(bool)
    for kind, benchmark in (
        table.loc[refused & ~losses, ["metric_type", "benchmark"]].drop_duplicates().itertuples(index=False)
    ):
        skips.add(f"{kind} of {benchmark}", path.name, "is no share of right answers")
    scores = table[~losses & ~refused].rename(columns={"score": "accuracy", "metric_type": "metric"})
    if scores.empty:
        kinds_there = ", ".join(dict.fromkeys(kinds))
        raise one_problem(path, "metric_type", f"only {kinds_there}", "some rows of accuracies")
    at = scores["metric"].astype("str").str.extract(_PASS_AT, expand=False).astype(float)
    if at.notna().any():
        scores = scores.assign(k=at, metric=scores["metric"].where(at.isna(), "pass@k"))
    if family is not None:
        scores = scores.rename(columns={family: "family"})
    scores = scores.drop(columns="tpr", errors="ignore")
    beside = _loss_columns(table[losses], loss, path)
    scores = scores.drop(columns=[name for name in beside if name in scores])
    ordered = ["run", *budgets, *[name for name in scores if name not in ("run", *budgets)]]
    return scores[ordered].merge(beside, left_on="run", right_index=True, how="left").reset_index(drop=True)


def _run_names(table: pd.DataFrame, family: str | None) -> pd.Series:
    """Name runs by what tells them apart: recipe, parameters, tokens."""
    sizes = [
        f"{brief(float(f'{params:.3g}'))}-params-{brief(float(f'{tokens:.3g}'))}-tokens"
        for params, tokens in zip(table["params"], table["tokens"], strict=True)
    ]
    if "run" in table:
        return table["run"].astype("str")
    recipe = "" if family is None else table[family].astype("str") + "-"
    return recipe + pd.Series(sizes, table.index)


def _loss_columns(rows: pd.DataFrame, loss: str | None, path: Path) -> pd.DataFrame:
    """Losses by run, one column a set."""
    sets = list(dict.fromkeys(rows["benchmark"].astype("str")))
    if loss is not None and loss not in sets:
        expected = f"one of {', '.join(sets)}" if sets else "a table with rows of losses"
        raise one_problem(path, "loss", f"no set {loss!r}", expected)
    wide = rows.groupby(["run", "benchmark"], sort=False)["score"].agg(["first", "count"])
    if (twice := wide[wide["count"] > 1]).size:
        run, name = twice.index[0]
        raise one_problem(path, "score", f"{int(twice['count'].iloc[0])} losses of {name!r} for {run}", "one")
    chosen = loss if loss is not None else sets[0] if len(sets) == 1 else None
    named = {name: "loss" if name == chosen else f"loss_{name}" for name in sets}
    wide = rows.pivot_table("score", "run", "benchmark", sort=False)
    return wide.rename(columns=named).rename_axis(columns=None)
