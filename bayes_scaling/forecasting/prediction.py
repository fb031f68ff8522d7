"""Posterior draws of a law's curves and scores at new points; pure functions of NumPy arrays.

A point on a fitted curve takes that curve's coefficients and the conditional draw of its deviation; a point of a
family or benchmark that was not fitted takes coefficients drawn from the population. A fitted run keeps its fitted
effect; a new run gets one draw, shared by all its benchmarks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..laws.coefficients import Coefficient
from ..model.curve import Curve, sd_of_scores
from ..model.deviation import Basis, conditional, walk_root
from ..model.reference import Reference
from ..model.response import ceiling_share
from ..model.rows import Rows
from ..posterior.draws import Draws
from .luck import own_or_drawn, run_effects, scatter_at_each
from .points import Points

_NO_DEVIATION = np.iinfo(np.int64).max  # key of points whose group has no deviation of its own


def curve_values(coefficient: Coefficient, reference: Reference, draws: Draws, points: Points) -> Floats:
    """Draws of one coefficient at each point, shape (samples, points)."""
    rows, name = points.rows, coefficient.name
    fitted = draws.values[name][:, rows.curve]
    if not (points.new_curve >= 0).any():
        return fitted
    log, exp = (np.log, np.exp) if coefficient.positive else (np.asarray, np.asarray)
    n_families = len(reference.families)
    population = log(draws.values[f"{name}_population"])[:, None]

    def effect(which: str, new: Ints, inflation: float) -> Floats:
        if which not in coefficient.pooled or not (new >= 0).any():
            return np.zeros((draws.size, len(new)))
        spread = draws.scale(coefficient.scale(which))[:, None] * inflation
        return (spread * draws.normal(int(new.max()) + 1))[:, new]

    benchmark = np.where(
        rows.benchmark >= 0,
        log(draws.values[f"{name}_benchmark"])[:, rows.benchmark],
        population + effect("benchmark", points.new_benchmark, 1.0),
    )
    known = draws.values.get(f"{name}_family", np.zeros((draws.size, len(reference.families))))
    family = np.where(
        rows.family >= 0, known[:, rows.family], effect("family", points.new_family, np.sqrt(1 + 1 / n_families))
    )
    inflation: Floats | float = 1.0
    if n_families == 1:
        # The interactions of a single fitted family are inside its benchmarks' values: a new family differs by two of
        # them on a fitted benchmark, and a new benchmark of the fitted family by none.
        inflation = np.where(points.new_family < 0, 0.0, np.where(points.new_benchmark < 0, np.sqrt(2.0), 1.0))
    interaction = inflation * effect("interaction", points.new_curve, 1.0)
    return np.where(points.new_curve >= 0, exp(benchmark + family + interaction), fitted)


def ceilings(draws: Draws, points: Points, level: Floats) -> Floats:
    """Draws of the ceiling E at each point, whose level is given too, shape (samples, points)."""
    benchmark, new = points.rows.benchmark, points.new_benchmark
    if "ceiling" not in draws.values:
        return np.zeros((draws.size, len(benchmark)))
    fitted = draws.values["ceiling"][:, benchmark]
    if not (new >= 0).any():
        return fitted
    drawn = draws.values["ceiling_population"][:, None] * np.abs(draws.normal(int(new.max()) + 1))
    return np.where(new >= 0, drawn[:, new] * np.exp(draws.law.ceiling_power * level), fitted)


def point_coefficients(reference: Reference, draws: Draws, points: Points) -> dict[str, Floats]:
    """Draws of what a law's curve takes at each point: coefficients, "ceiling" and its "share", each (samples, points).

    As `model.curve.curve_coefficients` has them of fitted curves.
    """
    at = {c.name: curve_values(c, reference, draws, points) for c in draws.law.coefficients}
    if (points.new_benchmark >= 0).any():
        at = _at_reference(reference, draws, points, at)
    ceiling = ceilings(draws, points, at["level"])
    return {**at, "ceiling": ceiling, "share": ceiling_share(ceiling, at["level"])}


def _at_reference(reference: Reference, draws: Draws, points: Points, drawn: dict[str, Floats]) -> dict[str, Floats]:
    """Coefficients of new benchmarks at the reference, where what was drawn of them is as benchmarks are pooled."""
    positive = {c.name: c.positive for c in draws.law.coefficients}
    pooled = {name: np.log(values) if positive[name] else values for name, values in drawn.items()}
    spread = reference.per_benchmark("spread").mean()
    moved = {name: pooled[name] + shift for name, shift in draws.law.at_reference(pooled, spread).items()}
    own = {name: np.exp(values) if positive[name] else values for name, values in moved.items()}
    return drawn | {name: np.where(points.new_benchmark >= 0, values, drawn[name]) for name, values in own.items()}


def deviations(reference: Reference, draws: Draws, points: Points, what: str = "") -> Floats:
    """Draws of one of the law's `deviations` at each point, by default of the log error, joint over each curve."""
    rows = points.rows
    separate = ("curve" in reference.bases) | (points.new_family >= 0)
    new_curve = np.where(separate, points.new_curve, -1)
    # Where the fit has one benchmark, what its families share is what their curves have.
    new_family = np.where("family" in reference.bases, points.new_family, -1)
    of_table = np.full(len(rows), -1)  # every point is of the fitted table
    new = {"table": of_table, "benchmark": points.new_benchmark, "family": new_family, "curve": new_curve}
    log_budgets = rows.log_budgets(reference.deviates_in)
    centre = np.stack([reference.centre_of(name, rows.benchmark) for name in reference.deviates_in], axis=-1)
    total = np.zeros((draws.size, len(rows)))
    for sharing in draws.law.sharing(what):
        bases = reference.bases.get(sharing, ())
        shown = bool(bases) or (new[sharing] >= 0).any()
        if shown:
            keys = np.where(new[sharing] >= 0, -1 - new[sharing], getattr(rows, sharing) if bases else _NO_DEVIATION)
            coefficients = draws.values.get(f"{what}{sharing}_deviation", np.zeros((draws.size, 0)))
            values = _joint_deviation(bases, keys, log_budgets, centre, coefficients, draws)
            total += draws.scale(f"{what}{sharing}_amplitude")[:, None] * values
    return total


def _joint_deviation(
    bases: Sequence[Basis], keys: Ints, log_budgets: Floats, centre: Floats, coefficients: Floats, draws: Draws
) -> Floats:
    """Draws of unit-amplitude deviations; a key below 0 names a group that was not fitted."""
    starts = np.concatenate([[0], np.cumsum([basis.size for basis in bases])])
    out = np.empty((draws.size, len(keys)))
    for key in np.unique(keys):
        at = np.flatnonzero(keys == key)
        if key == _NO_DEVIATION:
            out[:, at] = 0.0
            continue
        budgets, place = np.unique(log_budgets[at], axis=0, return_inverse=True)
        if key >= 0:
            weights, root = conditional(bases[key], budgets)
            mean = coefficients[:, starts[key] : starts[key + 1]] @ weights.T
        else:
            root, mean = walk_root(budgets - centre[at].mean(axis=0)), np.zeros(1)
        out[:, at] = (mean + draws.normal(root.shape[1]) @ root.T)[:, place.ravel()]
    return out


def predict_curve(reference: Reference, draws: Draws, points: Points) -> Curve:
    """Draw the curve, without run, at each point."""
    law, rows = draws.law, points.rows
    at = point_coefficients(reference, draws, points)
    log_error = law.log_error(law.inputs(reference, rows), law.terms(at)) + deviations(reference, draws, points)
    log_error = log_error + undecayed_errors(draws, points)
    return Curve(log_error, rows.floor, at["ceiling"], at["share"])


def undecayed_errors(draws: Draws, points: Points) -> Floats | float:
    """What a learning rate that is not decayed, or is where the fitted ones were not, adds to the log error."""
    rows = points.rows
    if not rows.undecayed.any() or draws.law.leaves_out("annealing"):
        return 0.0
    return own_or_drawn(draws, "annealing", points) * rows.undecayed


def predict_scores(curve: Curve, reference: Reference, draws: Draws, points: Points) -> Floats:
    """Draw a measured score at each point: the curve, the run's effect, scatter about the law, then the items."""
    return measured_scores(curve.shifted(run_effects(reference, draws, points)), reference, draws, points)


def measured_scores(curve: Curve, reference: Reference, draws: Draws, points: Points) -> Floats:
    """Draw a measured score of runs whose effects are in their curves: scatter about the law, then the items."""
    sd = score_sd(curve, reference, draws, points)
    return np.clip(curve.expected + sd * draws.noise(len(points.rows)), 0.0, 1.0)


def score_sd(curve: Curve, reference: Reference, draws: Draws, points: Points) -> Floats:
    """Draws of the spread of a measured score around its expected accuracy, shape (samples, points)."""
    return score_noise(reference, draws, points).sd(curve)


@dataclass(frozen=True)
class ScoreNoise:
    """Draws of what makes the noise of scores at points; made by `score_noise`.

    Attributes
    ----------
    rows : Rows
        The points.
    n_items, law_noise, chance_jitter : array, shape (samples, points)
        Number of items, scatter about the law (log error), and that near chance (accuracy).
    scalars : dict of str to array, shape (samples,)
        Dispersion.
    """

    rows: Rows
    n_items: Floats
    law_noise: Floats
    chance_jitter: Floats
    scalars: dict[str, Floats]

    def sd(self, curve: Curve) -> Floats:
        """Spread of a score around the expected accuracy of its curve, shape (samples, points)."""
        return sd_of_scores(curve, self.rows, self.n_items, self.law_noise, self.chance_jitter, self.scalars)

    def take(self, samples: Ints) -> "ScoreNoise":
        """Return some of the samples, in the order asked for."""
        scalars = {name: value[samples] for name, value in self.scalars.items()}
        by_row = (self.n_items[samples], self.law_noise[samples], self.chance_jitter[samples])
        return ScoreNoise(self.rows, *by_row, scalars)


def score_noise(reference: Reference, draws: Draws, points: Points) -> ScoreNoise:
    """Draw what makes the noise of scores at points."""
    shape = (draws.size, len(points.rows))
    law_noise = own_or_drawn(draws, "law_noise", points) if "law_noise_population" in draws.values else np.zeros(shape)
    law_noise = law_noise * scatter_at_each(reference, draws, points)
    chance_jitter = np.broadcast_to(_chance_jitter(draws, points), shape)
    items = np.broadcast_to(item_numbers(draws, points), shape)
    scalars = {name: draws.scale(name) for name in draws.law.noise}
    return ScoreNoise(points.rows, items, law_noise, chance_jitter, scalars)


def _chance_jitter(draws: Draws, points: Points) -> Floats:
    """Draws of the extra scatter near chance at each point, shape (samples, points) or (samples, 1)."""
    if draws.law.leaves_out("chance_jitter"):
        return np.zeros((draws.size, 1))
    if draws.law.leaves_out("chance_jitter_spread"):  # one for all benchmarks
        return draws.scale("chance_jitter_population")[:, None]
    if (points.new_benchmark >= 0).any() or "chance_jitter" not in draws.values:
        return own_or_drawn(draws, "chance_jitter", points)
    return draws.values["chance_jitter"][:, points.rows.benchmark]


def item_numbers(draws: Draws, points: Points) -> Floats:
    """Number of items at each point, shape (points,) or, where some are inferred, (samples, points)."""
    n_items = points.rows.n_items
    if not (unknown := np.isnan(n_items)).any():
        return n_items
    return np.where(unknown, own_or_drawn(draws, "items", points), n_items)
