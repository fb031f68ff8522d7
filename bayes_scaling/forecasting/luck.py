"""Draws of the luck of runs at points: what all benchmarks of a run share, and what it has of its own on each.

A fitted run keeps its luck; along its checkpoints it goes on from where it stands, and fades. A new run draws it, once
for all its checkpoints. See `model.trajectories`.
"""

import numpy as np

from ..arrays import Floats, Ints
from ..model.deviation import covariance_root
from ..model.reference import Reference
from ..model.trajectories import Trajectory, fading_covariance, further_along, rate_gone, shares
from ..posterior.draws import Draws
from ..runs.checkpoints import undecayed
from .points import Points


def run_effects(reference: Reference, draws: Draws, points: Points) -> Floats:
    """Draws of the luck of the run at each point (log error); without checkpoints one number a run."""
    mean, sd = run_effect_moments(reference, draws, points)
    if sd.any():
        mean = mean + sd * _unit_luck(draws, points)
    return mean + _own_of_new_runs(draws, points)


def run_effect_moments(reference: Reference, draws: Draws, points: Points) -> tuple[Floats, Floats]:
    """Effect of a fitted run and spread of that of a new run at each point, each of shape (samples, points)."""
    rows, new = points.rows, points.new_run
    mean, sd = (np.zeros((draws.size, len(rows))) for _ in range(2))
    if "run_effect" in draws.values:
        mean = np.where(new >= 0, 0.0, draws.values["run_effect"][:, rows.run])
    if (rows.trajectory >= 0).any():
        mean = _along_fitted(reference, draws, points, mean)
    if (new >= 0).any() and draws.law.prior("run_sd").median > 0:
        members = np.bincount(reference.run_family, minlength=len(reference.families)).astype(float)
        inflation = np.where(rows.family >= 0, np.sqrt(1 + 1 / members[rows.family]), 1.0)
        sd = np.where(new >= 0, draws.scale("run_sd")[:, None] * inflation, 0.0)
    return mean, sd


def scatter_at_each(reference: Reference, draws: Draws, points: Points) -> Floats | float:
    """Scatter of single scores that is new at a point, over that of a finished run, (samples, points) or 1.

    Along checkpoints it is less. Where every fitted run has checkpoints, the luck of runs on a benchmark sums to zero
    and is in the level; a new run differs from it by as much more.
    """
    if draws.law.leaves_out("persistence") or not draws.law.checkpoint_slots:
        return 1.0
    inflated = reference.series_sums is not None and len(reference.series)
    if not points.along.any() and not inflated:
        return 1.0
    new, kept = shares(draws.scale("persistence"))
    factor = np.ones((draws.size, len(points)))
    if inflated:
        stays, _ = _parts(draws)
        members = np.bincount(reference.series_curve, minlength=len(reference.curve_family))
        runs = np.where(points.rows.curve >= 0, members[points.rows.curve], 0)
        more = np.divide(1.0, runs, out=np.zeros(len(runs)), where=runs > 0)
        factor = np.where(points.new_run >= 0, np.sqrt(1 + (kept[:, None] * stays) ** 2 * more), factor)
    return np.where(points.along, new[:, None], factor)


def _parts(draws: Draws) -> tuple[Floats, Floats]:
    """Spread of luck that stays and of luck that fades, each of shape (samples, 1)."""
    fading = np.zeros(draws.size) if draws.law.leaves_out("fading") else draws.scale("fading")
    stays, fades = shares(fading)
    return stays[:, None], fades[:, None]


def _along_fitted(reference: Reference, draws: Draws, points: Points, luck: Floats) -> Floats:
    """Luck of fitted runs along their checkpoints, the fitted effects of runs being `luck`; (samples, points)."""
    rows, values = points.rows, draws.values
    stays, fades = _parts(draws)
    along = rows.trajectory >= 0
    luck = np.where(along, stays * luck, luck)
    if "trajectory_deviation" in values:
        walks = _walks(reference.trajectories, rows.trajectory, rows.log_flops, values["trajectory_deviation"], draws)
        luck = luck + draws.scale("run_sd")[:, None] * fades * walks
    fitted = rows.series >= 0
    own: Floats | float = 0.0
    if "series_luck" in values:
        own = np.where(fitted, stays * values["series_luck"][:, rows.series], 0.0)
    if "series_deviation" in values:
        bases = tuple(reference.trajectories[code] for code, _ in reference.series)
        own = own + fades * _walks(bases, rows.series, rows.log_flops, values["series_deviation"], draws)
    if fitted.any() and "persistence" in values:
        luck = luck + _kept(draws, points) * own
    return luck - _rate_ahead(reference, draws, points)


def _rate_ahead(reference: Reference, draws: Draws, points: Points) -> Floats | float:
    """Fall of the log error as the learning rate of a fitted run goes down, where the table does not say how it will.

    An unknown share of the way, one for each run.
    """
    rows, along = points.rows, reference.trajectories
    if draws.law.leaves_out("annealing"):
        return 0.0
    gone = np.zeros(len(points))
    for code in np.unique(rows.trajectory[rows.trajectory >= 0]):
        at = rows.trajectory == code
        if not along[code].rate_known:
            gone[at] = rate_gone(along[code], rows.log_flops[at])
    gone = np.where(np.isnan(undecayed(points.frame)), gone, 0.0)
    if not gone.any():
        return 0.0
    shares_gone = draws.rng.uniform(size=(draws.size, len(along)))[:, rows.trajectory]
    return shares_gone * gone * own_or_drawn(draws, "annealing", points)


def _walks(along: tuple[Trajectory, ...], code: Ints, log_flops: Floats, coefficients: Floats, draws: Draws) -> Floats:
    """Fading part of unit variance at further budgets of fitted runs; 0 where the code is -1."""
    starts = np.concatenate([[0], np.cumsum([one.size for one in along])])
    found = np.zeros((draws.size, len(code)))
    for c in np.unique(code[code >= 0]):
        at = np.flatnonzero(code == c)
        budgets, place = np.unique(log_flops[at], return_inverse=True)
        weights, covariance = further_along(along[c], budgets)
        left = draws.normal(len(budgets)) @ covariance_root(covariance).T
        found[:, at] = (coefficients[:, starts[c] : starts[c + 1]] @ weights.T + left)[:, place]
    return found


def _unit_luck(draws: Draws, points: Points) -> Floats:
    """Luck of new runs in units of its spread, shape (samples, points); along checkpoints a part of it fades."""
    new = points.new_run
    unit = draws.noise(int(new.max()) + 1)[:, np.maximum(new, 0)]
    several = points.along & (new >= 0)
    if not several.any() or not draws.law.checkpoint_slots:
        return unit
    stays, fades = _parts(draws)
    walks = _new_walks(np.where(several, new, -1), points.rows.log_flops, draws)
    return np.where(several, stays * unit + fades * walks, unit)


def _own_of_new_runs(draws: Draws, points: Points) -> Floats | float:
    """Luck on each benchmark of runs along whose checkpoints it was not fitted, (samples, points) or 0."""
    rows = points.rows
    open_ = points.along & (rows.series < 0)
    if not open_.any() or draws.law.leaves_out("persistence") or not draws.law.checkpoint_slots:
        return 0.0
    keys = np.c_[points.new_run, rows.run, rows.benchmark, points.new_benchmark]
    _, code = np.unique(keys, axis=0, return_inverse=True)
    code = np.where(open_, code.ravel(), -1)
    stays, fades = _parts(draws)
    steady = draws.normal(int(code.max()) + 1)[:, np.maximum(code, 0)]
    own = stays * steady + fades * _new_walks(code, rows.log_flops, draws)
    return np.where(open_, _kept(draws, points) * own, 0.0)


def _new_walks(code: Ints, log_flops: Floats, draws: Draws) -> Floats:
    """Fading part of unit variance of groups that were not fitted; 0 where the code is -1."""
    found = np.zeros((draws.size, len(code)))
    for c in np.unique(code[code >= 0]):
        at = np.flatnonzero(code == c)
        budgets, place = np.unique(log_flops[at], return_inverse=True)
        root = covariance_root(fading_covariance(budgets, budgets))
        found[:, at] = (draws.normal(len(budgets)) @ root.T)[:, place]
    return found


def _kept(draws: Draws, points: Points) -> Floats:
    """Spread of the luck of a run on a benchmark that it keeps along its checkpoints, shape (samples, points)."""
    if draws.law.leaves_out("law_noise"):
        return np.zeros((draws.size, len(points)))
    _, kept = shares(draws.scale("persistence"))
    return kept[:, None] * own_or_drawn(draws, "law_noise", points)


def own_or_drawn(draws: Draws, name: str, points: Points) -> Floats:
    """Draws of what each benchmark has of its own, from the population for benchmarks that were not fitted."""
    benchmark, new = points.rows.benchmark, points.new_benchmark
    log_population = np.log(draws.scale(f"{name}_population"))
    drawn = np.exp(
        log_population[:, None] + draws.scale(f"{name}_spread")[:, None] * draws.normal(max(int(new.max()), 0) + 1)
    )
    return np.where(
        benchmark >= 0,
        draws.values[name][:, benchmark] if name in draws.values else drawn[:, :1],
        drawn[:, new],
    )
