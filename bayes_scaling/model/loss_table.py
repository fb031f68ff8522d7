"""What a two-stage law reads off a table of runs: losses by run for stage one, scores with a loss for stage two."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..laws.two_stage import TwoStageLaw
from ..runs.budget_columns import BUDGETS, OF_RUNS
from ..runs.table import Runs
from ..wording import listed, rows_in_words

_MEASURE = ("benchmark", "metric", "shots")
_KEY = ("run", "family", *BUDGETS, *_MEASURE)
_SAME = 1e-6  # losses that differ by less (a table rounded to seven digits) are one
_MOST_NAMED = 8
_USUAL_SLOPE = 0.06  # fall of log loss per unit of log FLOPs, where a table does not show its own
_SMALLEST_SLOPE = 0.01


@dataclass(frozen=True)
class LossTable:
    """The two tables of a two-stage law; made by `read_losses`.

    Attributes
    ----------
    shared : bool
        Whether all benchmarks of a run share one loss; else each benchmark has its own.
    losses : Runs
        One row a run and loss, with ``benchmark`` the column of a shared loss, or the benchmark whose own it is.
    scored : Runs
        The rows with a score and a loss, in their order, with the loss in its column.
    unused : DataFrame
        The rows with a score whose loss is unknown.
    """

    shared: bool
    losses: Runs
    scored: Runs
    unused: pd.DataFrame


def read_losses(law: TwoStageLaw, runs: Runs) -> LossTable:
    """Divide a table into what stage one and stage two of a law read.

    Parameters
    ----------
    law : TwoStageLaw
        The law, which names the column of the loss.
    runs : Runs
        Runs with losses; a row may lack the score or the loss.

    Returns
    -------
    LossTable
        Where a run has one loss for all its benchmarks, rows in which it is empty get it.

    Raises
    ------
    ValueError
        Where the column of the loss is lacking, holds what is no positive number, or no row has both score and loss.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> table = read_losses(bs.TwoStageLaw(), bs.load_dataset("cerebras_gpt"))
    >>> table.shared, len(table.losses), len(table.scored)
    (True, 7, 49)
    """
    frame = runs.frame
    loss, shared = _filled(frame, loss_values(law, frame))
    known = ~np.isnan(loss)
    if not known.any():
        raise ValueError(f"{type(law).__name__} reads losses from the column {law.loss!r}, which is empty in every row")
    scored = frame["accuracy"].notna().to_numpy() if "accuracy" in frame else np.zeros(len(frame), bool)
    if not (scored & known).any():
        raise ValueError(
            f"no row has both an accuracy and a loss (column {law.loss!r}); stage two leads from the one to the other"
        )
    with_loss = frame.assign(**{law.loss: loss})
    chosen = _as_measures(frame[known], law, shared).assign(loss=loss[known])
    unique = chosen.drop_duplicates([name for name in _KEY if name in chosen])
    return LossTable(
        shared,
        Runs._of(unique.reset_index(drop=True)),
        Runs._of(with_loss[scored & known].reset_index(drop=True)),
        frame[scored & ~known],
    )


def loss_values(law: TwoStageLaw, frame: pd.DataFrame) -> Floats:
    """Losses of a table's rows in the column that a law names, NaN where empty, shape (rows,).

    Raises
    ------
    ValueError
        Where there is no such column, or a cell is no positive number.
    """
    if law.loss not in frame:
        numeric = [str(name) for name in frame if "loss" in str(name) or "bpb" in str(name)]
        known = f"; columns that look like losses: {', '.join(numeric)}" if numeric else ""
        raise ValueError(f"{type(law).__name__} reads losses from the column {law.loss!r}, which is not there{known}")
    cells = frame[law.loss]
    values = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    wrong = (np.isnan(values) & cells.notna().to_numpy()) | (values <= 0) | np.isinf(values)
    if wrong.any():
        first = cells[wrong].tolist()[0]
        raise ValueError(
            f"column {law.loss!r} holds {first!r} in {rows_in_words(wrong)}; expected losses above 0, or empty cells"
        )
    return values


def read_losses_at(law: TwoStageLaw, frame: pd.DataFrame, *, shared: bool) -> Floats:
    """Losses of rows that must have one, shape (rows,).

    Parameters
    ----------
    law : TwoStageLaw
        The law, which names the column of the loss.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.
    shared : bool
        As in `LossTable`: a row of a run whose other rows tell the loss may lack it.

    Raises
    ------
    ValueError
        Where a row has no loss, naming the runs.
    """
    loss = filled_losses(law, frame, shared=shared)
    if (lacking := np.isnan(loss)).any():
        runs = listed(map(repr, dict.fromkeys(frame["run"][lacking].astype(str))), _MOST_NAMED)
        raise ValueError(f"the loss ({law.loss}) of run {runs} is empty; expected one in every row")
    return loss


def filled_losses(law: TwoStageLaw, frame: pd.DataFrame, *, shared: bool) -> Floats:
    """Losses of rows, NaN where unknown, shape (rows,); where runs share a loss, rows of a run fill each other."""
    loss = loss_values(law, frame)
    return _filled(frame, loss)[0] if shared else loss


def loss_measures(law: TwoStageLaw, shared: bool, frame: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Rows of the losses that the rows of a table have, each once, and the loss of each row, shape (rows,).

    Parameters
    ----------
    law : TwoStageLaw
        The law.
    shared : bool
        As in `LossTable`.
    frame : DataFrame
        Rows in the columns of `Runs.frame`; losses are not read.

    Returns
    -------
    (DataFrame, int array)
        The rows of the losses, and the positions in them.
    """
    measures = _as_measures(frame, law, shared)
    code, _ = pd.factorize(pd.MultiIndex.from_frame(measures[[name for name in _KEY if name in measures]].astype(str)))
    _, first = np.unique(code, return_index=True)
    return measures.iloc[first].reset_index(drop=True), code


def with_loss_index(law: TwoStageLaw, scored: pd.DataFrame) -> pd.DataFrame:
    """Scored rows with their loss index, as a budget, beside them: columns ``loss_slope`` and ``proxy``."""
    loss = loss_values(law, scored)
    slope = loss_slopes(loss, scored)
    return scored.assign(loss_slope=slope, proxy=loss ** (-1 / slope))


def loss_slopes(loss: Floats, scored: pd.DataFrame) -> Floats:
    """Fall of log loss per unit of log FLOPs on the benchmark of each scored row, shape (rows,).

    By least squares within the families; a usual one where the budgets do not vary, and no less than 0.01.
    """
    keys = [name for name in _MEASURE if name in scored]
    logs = pd.DataFrame({"loss": np.log(loss), "flops": np.log(scored["flops"])})
    benchmarks = [scored[name] for name in keys]
    centred = logs - logs.groupby([*benchmarks, scored["family"]], dropna=False).transform("mean")
    products = pd.DataFrame({"cross": -centred["loss"] * centred["flops"], "square": centred["flops"] ** 2})
    sums = products.groupby(benchmarks, dropna=False).transform("sum")
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (sums["cross"] / sums["square"]).to_numpy()
    return np.where(sums["square"] > _SAME, np.maximum(slopes, _SMALLEST_SLOPE), _USUAL_SLOPE)


def _filled(frame: pd.DataFrame, loss: Floats) -> tuple[Floats, bool]:
    """Losses with a run's own in its empty rows, and whether each run has a single one for all its benchmarks."""
    of_run = pd.Series(loss).groupby(frame["run"].to_numpy())
    low, high = (of_run.transform(which).to_numpy() for which in ("min", "max"))
    if (high - low > _SAME * high).any():
        return loss, False
    return np.where(np.isnan(loss), high, loss), True


def _as_measures(frame: pd.DataFrame, law: TwoStageLaw, shared: bool) -> pd.DataFrame:
    """Rows as rows of losses, which nothing guesses."""
    kept = frame[[name for name in (*OF_RUNS, *(() if shared else _MEASURE)) if name in frame]]
    if shared:
        kept = kept.assign(benchmark=law.loss, metric=pd.Series(np.nan, index=frame.index, dtype="str"))
    return kept.assign(chance=0.0, chance_source="generative")
