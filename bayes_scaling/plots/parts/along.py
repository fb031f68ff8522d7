"""Draws along the checkpoints of a training run, and on: the law there, and what the run itself measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...arrays import Bools, Floats
from ...forecasting.budget_rows import flops_rule
from ...forecasting.from_fit import forecast_from
from ...forecasting.points import make_points
from ...model.trajectories import Trajectory
from ...posterior.fit import Fit
from ...runs.checkpoints import filled_undecayed, training_runs
from .measured import Dots

_GRID = 25  # budgets before the last checkpoint, and as many after it
_TO = 4.0  # times the FLOPs of the last checkpoint: two doublings


@dataclass(frozen=True)
class Along:
    """One training run on the benchmarks that a figure shows.

    Attributes
    ----------
    name : str
        The run.
    family : int
        Code of its family.
    last : float
        Training FLOPs of its last fitted checkpoint.
    flops : array, shape (m,)
        Budgets along it, the fitted checkpoints and the last one among them.
    expected, score : dict of int to array, shape (samples, m)
        By benchmark, draws of the law at these budgets, and of what the run measures there.
    dots : dict of int to Dots
        By benchmark, its checkpoints.
    decays : bool
        Whether its learning rate, not decayed at the last checkpoint, is taken to be so beyond it.
    """

    name: str
    family: int
    last: float
    flops: Floats
    expected: dict[int, Floats]
    score: dict[int, Floats]
    dots: dict[int, Dots]
    decays: bool

    @property
    def fitted(self) -> Bools:
        """Which budgets are at or below the last checkpoint."""
        return self.flops <= self.last * (1 + 1e-9)


def chosen_runs(fit: Fit, run: str | Sequence[str] | None) -> list[Trajectory]:
    """Trajectories by the names of their training runs; all by default.

    Raises
    ------
    ValueError
        For a run that has no checkpoints, or where none has.
    """
    known = {fit.reference.runs[one.run]: one for one in fit.reference.trajectories}
    if not known:
        raise ValueError(
            "no fitted training run has several checkpoints; expected a fit of a table whose checkpoints share a "
            "trajectory"
        )
    asked = list(known) if run is None else [run] if isinstance(run, str) else list(run)
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(f"run {unknown[0]!r} has no fitted checkpoints; those that have are {', '.join(known)}")
    return [known[name] for name in asked]


def draw_along(
    fit: Fit,
    one: Trajectory,
    benchmarks: Sequence[int],
    *,
    flops_to: float | None,
    annealed: bool | None,
    random_seed: int | None,
) -> Along:
    """Draw a training run from its first checkpoint to some budget.

    Parameters
    ----------
    fit : Fit
        The fit.
    one : Trajectory
        The run.
    benchmarks : sequence of int
        Codes of the benchmarks; those that the run was not scored on are left out.
    flops_to : float or None
        Where to end (training FLOPs); by default four times the last checkpoint.
    annealed : bool or None
        Whether the learning rate is decayed beyond the last checkpoint; by default as of the largest fitted runs.
    random_seed : int or None
        Seed of what is drawn anew.

    Raises
    ------
    ValueError
        Where `flops_to` is no larger than the last checkpoint.
    """
    frame, rows = fit.fitted.runs.frame, fit.rows
    name, own = fit.reference.runs[one.run], rows.run == one.run
    last = float(np.exp(one.log_flops[-1]))
    end = _TO * last if flops_to is None else float(flops_to)
    if not end > last:
        raise ValueError(f"flops_to is {flops_to!r}; expected more than the last checkpoint of {name}, {last:.3g}")
    flops = np.unique(np.r_[np.exp(one.log_flops), np.geomspace(np.exp(one.log_flops[0]), last, _GRID)])
    flops = np.r_[flops[flops < last * (1 - 1e-6)], np.geomspace(last, end, _GRID)]
    kept = [b for b in benchmarks if (own & (rows.benchmark == b)).any()]
    templates = pd.concat([frame[own & (rows.benchmark == b)].iloc[:1] for b in kept])
    rates = _rates(frame[own], flops, last, None if np.isnan(fit.reference.decay.held) else annealed)
    planned = _planned(fit, templates, flops, rates)
    draws = fit.draws(np.random.default_rng(random_seed))
    found = forecast_from(draws, fit.fitted, make_points(fit, planned), notes=())
    expected, score = (found.array(of).reshape(draws.size, len(kept), len(flops)) for of in ("expected", "score"))
    at_last = rates[np.flatnonzero(flops <= last * (1 + 1e-9))[-1]]
    end_rate = fit.reference.decay.usual if np.isnan(rates[-1]) else rates[-1]
    return Along(
        name,
        int(fit.reference.run_family[one.run]),
        last,
        flops,
        {b: expected[:, i] for i, b in enumerate(kept)},
        {b: score[:, i] for i, b in enumerate(kept)},
        {b: _dots(frame[own & (rows.benchmark == b)]) for b in kept},
        bool(at_last - end_rate > 0.05),
    )


def _dots(frame: pd.DataFrame) -> Dots:
    x, y = (frame[name].to_numpy(float) for name in ("flops", "accuracy"))
    return Dots(x, y, np.zeros(len(frame), bool), frame["run"].to_numpy(str))


def _rates(own: pd.DataFrame, flops: Floats, last: float, annealed: bool | None) -> Floats:
    """Learning rates over their peak along a run, as they were, and beyond its last checkpoint; NaN for the usual."""
    ends = own.assign(rate=filled_undecayed(own)).groupby("flops")["rate"].mean().dropna()
    beyond = np.nan if annealed is None else 1.0 - annealed
    if ends.empty:
        return np.where(flops > last * (1 + 1e-9), beyond, np.nan)
    known = np.interp(np.log(flops), np.log(ends.index.to_numpy(float)), ends.to_numpy())
    return np.where(flops > last * (1 + 1e-9), beyond, known)


def _planned(fit: Fit, templates: pd.DataFrame, flops: Floats, rates: Floats) -> pd.DataFrame:
    """Rows of a run on each benchmark at each budget, benchmarks outermost."""
    first = templates.iloc[0]
    rule = first["flops"] / (first["params"] * first["tokens"])
    rule = rule if np.isfinite(rule) else flops_rule(fit.reference)
    grid = pd.DataFrame({"flops": flops, "lr_fraction": rates, "annealed": np.nan})
    kept = templates.drop(columns=["flops", "tokens", "lr_fraction", "annealed"], errors="ignore")
    rows = kept.assign(trajectory=training_runs(templates)).merge(grid, how="cross")
    names = rows["trajectory"] + rows["flops"].map(" at {:.17g} FLOPs".format)
    return rows.assign(run=names, tokens=rows["flops"] / (rule * rows["params"]))
