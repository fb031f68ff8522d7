"""Folds of a backtest: which runs are fitted and which are held out, by budget or by family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..runs.columns import counts_problems
from ..runs.pass_rates import rates_of_counts
from ..runs.table import Runs
from ..wording import listed

SplitBy = Literal["flops", "params", "family"]
_MOST_CUTOFFS = 5
_FEWEST_BUDGETS = 4  # distinct ones that a fit below a cutoff of ours has
_LEAST_SHARE = 1 / 3  # of the distinct budgets, likewise
_SAME = 1.02  # budgets closer than this factor count as one
_MOST_NAMED = 8


@dataclass(frozen=True)
class Fold:
    """Runs to fit and runs to hold out.

    Attributes
    ----------
    cutoff : float
        The largest budget that is fitted; NaN where a family is left out.
    keep_from : float
        The lowest budget that is fitted; NaN where nothing is dropped below.
    left_out : str
        The family that is left out; empty where there is a cutoff.
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
    by : {"flops", "params", "family"}
        What divides.
    cutoffs : sequence of float, optional
        Largest fitted budgets; by default `default_cutoffs`.
    keep_from : sequence of float
        Lowest fitted budgets; every cutoff comes once with all below it and once with each of these.
    horizon : float, optional
        How far above its cutoff a run may be to be held out (decades).

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
    chosen = default_cutoffs(_budgets(runs.frame, by)) if cutoffs is None else sorted({*map(float, cutoffs)})
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
            f"the runs have {len(ends)} distinct budgets, too few to choose cutoffs from; expected at least "
            f"{_FEWEST_BUDGETS + 1}, or cutoffs= by hand"
        )
    wanted = np.linspace(np.log(allowed[0]), np.log(allowed[-1]), min(_MOST_CUTOFFS, len(allowed)))
    nearest = np.abs(np.log(allowed)[None, :] - wanted[:, None]).argmin(axis=1)
    return allowed[np.unique(nearest)].tolist()


def _budgets(frame: pd.DataFrame, by: str) -> NDArray[np.float64]:
    found = frame.drop_duplicates(["family", "run"])[by].to_numpy(float)
    return found[~np.isnan(found)]


def _by_family(runs: Runs) -> Iterator[Fold]:
    if len(runs.families) < 2:
        raise ValueError(f"by='family' leaves one family out; the runs have {listed(runs.families, _MOST_NAMED)} only")
    frame = runs.frame
    for family in runs.families:
        own = frame["family"] == family
        yield Fold(np.nan, np.nan, family, Runs(frame[~own]), _held_out(frame[own]))


def _by_budget(runs: Runs, by: str, cutoff: float, lowest: Sequence[float], horizon: float | None) -> Iterator[Fold]:
    below, above = (part.frame for part in runs.split(**{by: cutoff}))  # type: ignore[arg-type]
    if horizon is not None:
        above = above[above[by] <= cutoff * 10**horizon * (1 + 1e-9)]
    if below.empty or above.empty:
        side = "at or below" if below.empty else "above" if horizon is None else f"in the {horizon:g} decades above"
        raise ValueError(
            f"cutoff {cutoff:.4g}: no run has {by} {side} it; they go from {runs.frame[by].min():.4g} to "
            f"{runs.frame[by].max():.4g}"
        )
    held_out = _held_out(above)
    for start in lowest:
        kept = below if np.isnan(start) else below[below[by] >= start]
        if kept.empty:
            raise ValueError(f"keep_from {start:.4g}: no run at or below the cutoff {cutoff:.4g} has {by} as large")
        yield Fold(cutoff, start, "", Runs(kept), held_out)


def _held_out(frame: pd.DataFrame) -> Runs:
    return Runs(rates_of_counts(frame) if counts_problems(frame) else frame)
