"""Folds of a backtest: which runs are fitted and which are held out, by budget, by family, or along each run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..runs.checkpoints import checkpoints_of, ends_of_runs, training_runs
from ..runs.columns import counts_problems
from ..runs.pass_rates import rates_of_counts
from ..runs.table import Runs
from ..wording import listed

SplitBy = Literal["flops", "params", "family", "run"]
#: What is left out along the run; the cutoff is then the share of each run's FLOPs that is fitted.
REST = "rest of each run"
_SHARES = (0.25, 0.5, 0.75)
_MOST_CUTOFFS = 5
_FEWEST_BUDGETS = 4  # distinct ones that a fit below a cutoff of ours has
_LEAST_SHARE = 1 / 3  # of the distinct budgets, likewise
_SAME = 1.02  # budgets closer than this factor count as one
_MOST_NAMED = 8
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Fold:
    """Runs to fit and runs to hold out.

    Attributes
    ----------
    cutoff : float
        The largest budget that is fitted, or the share of each run; NaN where a family is left out.
    keep_from : float
        The lowest budget that is fitted; NaN where nothing is dropped below.
    left_out : str
        The family that is left out, or `REST`; empty where training runs are held out by their budget.
    train, held_out : Runs
        The runs; counts of single problems are held out as the rates that they give.
    """

    cutoff: float
    keep_from: float
    left_out: str
    train: Runs
    held_out: Runs


def make_folds(
    runs: Runs,
    by: SplitBy,
    cutoffs: Sequence[float] | None = None,
    *,
    keep_from: Sequence[float] = (),
    horizon: float | None = None,
) -> tuple[Fold, ...]:
    """Divide a table again and again, as `backtest` takes its arguments.

    Parameters
    ----------
    runs : Runs
        Scored runs.
    by : {"flops", "params", "family", "run"}
        What divides. By a budget training runs stay whole: one that goes beyond a cutoff is not fitted, and what it has
        beyond is held out. By run the first part of each is fitted, and the rest of those that were fitted held out.
    cutoffs : sequence of float, optional
        Largest fitted budgets; by default `default_cutoffs`. By run shares of the FLOPs of each; by default a quarter,
        a half and three quarters.
    keep_from : sequence of float
        Lowest fitted budgets; every cutoff comes once with all below it and once with each of these.
    horizon : float, optional
        How far above its cutoff a row may be to be held out (decades).

    Returns
    -------
    tuple of Fold
        By cutoff and lowest budget, or by family.

    Raises
    ------
    ValueError
        For arguments that do not fit together, a budget that is unknown in a row, and a cutoff with nothing on one
        side.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> folds = make_folds(bs.load_dataset("cerebras_gpt"), "flops", [1e21, 7e21], horizon=1.0)
    >>> [(fold.cutoff, len(fold.train), len(fold.held_out)) for fold in folds]
    [(1e+21, 28, 14), (7e+21, 42, 7)]
    """
    if by not in get_args(SplitBy):
        raise ValueError(f"by={by!r}; expected {', '.join(map(repr, get_args(SplitBy)))}")
    if "accuracy" not in runs.frame and not counts_problems(runs.frame):
        raise ValueError("the runs have no column accuracy, so there is nothing to score against; expected scored runs")
    if by == "family":
        given = {"cutoffs": cutoffs, "keep_from": keep_from or None, "horizon": horizon}
        if named := [name for name, value in given.items() if value is not None]:
            raise ValueError(f"{named[0]}={given[named[0]]!r} goes with by='flops' or 'params', not with by='family'")
        return tuple(_by_family(runs))
    if horizon is not None and not horizon > 0:
        raise ValueError(f"horizon={horizon!r}; expected decades above 0, such as 1.0")
    if by == "run":
        if keep_from:
            raise ValueError(f"keep_from={keep_from!r} goes with by='flops' or 'params', not with by='run'")
        return tuple(_along_run(runs, share, horizon) for share in _shares(cutoffs))
    chosen = default_cutoffs(training_budgets(runs.frame, by)) if cutoffs is None else sorted({*map(float, cutoffs)})
    if not chosen:
        raise ValueError("cutoffs is empty; expected budgets such as [1e20, 1e21], or None")
    lowest = (np.nan, *sorted({*map(float, keep_from)}))
    return tuple(fold for cutoff in chosen for fold in _by_budget(runs, by, cutoff, lowest, horizon))


def default_cutoffs(budgets: NDArray[np.float64]) -> list[float]:
    """Choose cutoffs of a rolling origin: up to five budgets of the table, even on the log scale.

    Parameters
    ----------
    budgets : array, shape (runs,)
        Budgets of the runs.

    Returns
    -------
    list of float
        The lowest leaves at least four budgets and a third of them to fit, the highest at least one to hold out.

    Raises
    ------
    ValueError
        Where there are fewer than five distinct budgets.

    Examples
    --------
    >>> [f"{cutoff:.2g}" for cutoff in default_cutoffs(np.geomspace(1e18, 1e22, 9))]
    ['3.2e+19', '1e+20', '3.2e+20', '1e+21', '3.2e+21']
    """
    every = np.unique(budgets)
    # The last of budgets that are nearly the same, so that a cutoff does not part them.
    ends = every[np.append(np.diff(np.log(every)) > np.log(_SAME), True)]
    first = max(_FEWEST_BUDGETS, int(np.ceil(_LEAST_SHARE * len(ends))))
    allowed = ends[first - 1 : -1]
    if not len(allowed):
        raise ValueError(
            f"the training runs have {len(ends)} distinct budgets, too few to choose cutoffs from; expected at least "
            f"{_FEWEST_BUDGETS + 1}, or cutoffs= by hand; by='run' fits the first part of each run"
        )
    wanted = np.linspace(np.log(allowed[0]), np.log(allowed[-1]), min(_MOST_CUTOFFS, len(allowed)))
    nearest = np.abs(np.log(allowed)[None, :] - wanted[:, None]).argmin(axis=1)
    return allowed[np.unique(nearest)].tolist()


def training_budgets(frame: pd.DataFrame, by: str) -> NDArray[np.float64]:
    """Budgets of the training runs, those that are known."""
    of = training_runs(frame)
    found = frame.assign(of=of, end=ends_of_runs(frame, by)).drop_duplicates(["family", "of"])["end"].to_numpy(float)
    return found[~np.isnan(found)]


def _shares(cutoffs: Sequence[float] | None) -> list[float]:
    """Shares of each run that are fitted."""
    chosen = _SHARES if cutoffs is None else sorted({*map(float, cutoffs)})
    if not chosen:
        raise ValueError("cutoffs is empty; expected shares of each run such as [0.25, 0.5], or None")
    for share in chosen:
        if not 0 < share < 1:
            raise ValueError(f"cutoff {share:.4g}: by='run' takes shares of each run, between 0 and 1, such as 0.5")
    return list(chosen)


def parts_of_runs(frame: pd.DataFrame, share: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows are of the first part of their training run, and which of the rest of one that has a first part.

    A finished run has no rest.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`.
    share : float
        Share of each run's FLOPs that is its first part.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2", "b", "c8", "c9"], "trajectory": ["a", "a", "b", "c", "c"]})
    >>> first, rest = parts_of_runs(frame.assign(family="f", flops=[1e20, 4e20, 1e20, 8e20, 9e20]), 0.5)
    >>> first.tolist(), rest.tolist()
    ([True, False, True, False, False], [False, True, False, False, False])
    """
    first = (
        (frame["flops"] <= share * ends_of_runs(frame) * (1 + _ROUNDING)) | (checkpoints_of(frame) == 1)
    ).to_numpy()
    of = pd.MultiIndex.from_arrays([frame["family"].astype(str), training_runs(frame)])
    return first, ~first & of.isin(of[first])


def _along_run(runs: Runs, share: float, horizon: float | None) -> Fold:
    """The first part of each training run, and the rest of those that have one."""
    frame = runs.frame
    first, rest = parts_of_runs(frame, share)
    if horizon is not None:
        rest &= (frame["flops"] <= share * ends_of_runs(frame) * 10**horizon * (1 + _ROUNDING)).to_numpy()
    if not rest.any():
        raise ValueError(
            f"cutoff {share:.4g}: no training run has checkpoints on both sides of that share of its FLOPs; give "
            "checkpoints of one run a common trajectory"
        )
    return Fold(share, np.nan, REST, Runs(frame[first]), _held_out(frame[rest]))


def _by_family(runs: Runs) -> Iterator[Fold]:
    if len(runs.families) < 2:
        raise ValueError(f"by='family' leaves one family out; the runs have {listed(runs.families, _MOST_NAMED)} only")
    frame = runs.frame
    for family in runs.families:
        own = frame["family"] == family
        yield Fold(np.nan, np.nan, family, Runs(frame[~own]), _held_out(frame[own]))


def _by_budget(runs: Runs, by: str, cutoff: float, lowest: Sequence[float], horizon: float | None) -> Iterator[Fold]:
    below, above = (part.frame for part in runs.split(**{by: cutoff}))  # type: ignore[arg-type]
    # What a run had before the cutoff would tell of the rest of it: that is the question of by="run".
    ends = pd.Series(ends_of_runs(runs.frame, by), runs.frame.index)
    below = below[(ends <= cutoff)[runs.frame[by] <= cutoff].to_numpy()]
    if horizon is not None:
        above = above[above[by] <= cutoff * 10**horizon * (1 + _ROUNDING)]
    if below.empty or above.empty:
        side = "at or below" if below.empty else "above" if horizon is None else f"in the {horizon:g} decades above"
        raise ValueError(
            f"cutoff {cutoff:.4g}: no run has {by} {side} it; they go from {ends.min():.4g} to {ends.max():.4g}"
        )
    held_out = _held_out(above)
    for start in lowest:
        kept = below if np.isnan(start) else below[below[by] >= start]
        if kept.empty:
            raise ValueError(f"keep_from {start:.4g}: no run at or below the cutoff {cutoff:.4g} has {by} as large")
        yield Fold(cutoff, start, "", Runs(kept), held_out)


def _held_out(frame: pd.DataFrame) -> Runs:
    return Runs(rates_of_counts(frame) if counts_problems(frame) else frame)
