"""Draws of planned runs: parameters from a law's prior, then curves and what is measured of them.

Curves and noise come from the functions that fit and forecast use. A plan is a table of runs without scores, one row a
run and benchmark.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...arrays import Floats
from ...forecasting.attempts import make_attempts
from ...forecasting.from_loss import LogLosses, loss_scatter, stage_two
from ...forecasting.in_k import predict_rates
from ...forecasting.luck import run_effects
from ...forecasting.points import Points, encode_points
from ...forecasting.prediction import measured_scores, predict_curve
from ...laws.attempts import AttemptsLaw, attempts_of
from ...laws.base import Law
from ...laws.two_stage import TwoStageLaw, stages_of
from ...model.attempts.likelihood import hazard_at, set_curves, set_shapes
from ...model.attempts.noise import attempt_covariance, problem_covariance
from ...model.attempts.off_curve import walk_in_k
from ...model.curve import Curve, fitted_moments
from ...model.deviation import covariance_root
from ...model.layout import make_layout
from ...model.loss_table import loss_measures, with_loss_index
from ...model.make_reference import make_reference
from ...model.observed import Fitted, observe
from ...model.pooling import prior_vectors, unpack
from ...model.reference import Reference
from ...model.rough_fit import coefficient_information
from ...model.rows import Rows
from ...model.scores import Losses, Scores
from ...posterior.draws import Draws
from ...runs.table import Runs
from .truth import Truth

Simulation = tuple[Runs, Runs, Truth]


@dataclass(frozen=True)
class Planned:
    """What is to be simulated.

    Attributes
    ----------
    runs, held_out : DataFrame
        One row a run and benchmark, without scores.
    known : dict of str to array, shape (benchmarks,)
        Levels, exponents and ceilings that are not to be drawn.
    k : array
        Attempts that count as one, of a law of attempts.
    counts : bool
        Whether its runs are counts of each problem rather than rates at each k, which held-out runs always are.
    """

    runs: pd.DataFrame
    held_out: pd.DataFrame
    known: dict[str, Floats]
    k: Floats
    counts: bool


@dataclass(frozen=True)
class Drawn:
    """A law on planned rows, with parameters drawn from its prior, one sample of each."""

    law: Law
    reference: Reference
    rows: Rows
    named: dict[str, Floats]

    @property
    def parameters(self) -> dict[str, Floats]:
        """Parameters without the axis of samples."""
        return {name: value[0] for name, value in self.named.items()}

    @property
    def without_luck(self) -> dict[str, Floats]:
        """Parameters without what runs have of their own."""
        of_runs = ("run_effect", "trajectory_deviation", "series_luck", "series_deviation")
        own = (*of_runs, "set_effect", "set_effect_in_k", "sampling_effect")
        return {name: value for name, value in self.named.items() if name not in own}

    def run_effects(self, held_out: pd.DataFrame, effects: Floats) -> pd.Series:
        """Effects of the planned runs and of held-out rows, by run."""
        named = self.named
        of_runs = named["run_effect"][0] if "run_effect" in named else np.zeros(len(self.reference.runs))
        own = pd.Series(of_runs, pd.Index(self.reference.runs, name="run"), name="effect")
        new = pd.Series(effects, pd.Index(held_out["run"], name="run"), name="effect").groupby("run").first()
        return pd.concat([own, new])


def _draw_parameters(
    law: Law, plan: pd.DataFrame, known: dict[str, Floats], rng: np.random.Generator, k: Floats | None = None
) -> Drawn:
    # Where every score is 1, no score lies below chance and all rows weigh the same: what remains is the design.
    frame, follows = Runs(plan.assign(accuracy=1.0)).frame, not law.takes_attempts
    reference = make_reference(frame, law.deviates_in, law.deviates_by, trajectories=follows)
    if k is not None:
        reference = replace(reference, bases_in_k=(walk_in_k(np.log(k)),) * len(reference.benchmarks))
    return _draw_at(law, reference, reference.encode(plan), known, rng)


def _draw_at(law: Law, reference: Reference, rows: Rows, known: dict[str, Floats], rng: np.random.Generator) -> Drawn:
    ones = np.ones(len(rows))
    information = {c.name: ones for c in law.coefficients} | {"set_effect_in_k": ones}
    information |= coefficient_information(law, law.inputs(reference, rows), ones)
    layout = make_layout(law, reference, rows, ones, information)
    named = unpack(law, reference, layout, prior_vectors(law, layout, reference, rng, 1))
    return Drawn(law, reference, rows, _with_known(named, known, reference))


def draw_scores(law: Law, planned: Planned, rng: np.random.Generator) -> Simulation:
    """Draw runs and held-out runs of a law of single scores, and the truth that they were drawn from."""
    plan, plan_held_out = planned.runs, planned.held_out
    drawn = _draw_parameters(law, plan, planned.known, rng)
    reference, rows, named = drawn.reference, drawn.rows, drawn.named
    scores = Scores(law, np.zeros(len(rows))).replicate(reference, rows, named, rng)
    expected, _ = fitted_moments(law, reference, rows, drawn.without_luck)
    points = encode_points(reference, plan_held_out)
    held_out_expected, effects, held_out_scores = _draw_held_out(reference, Draws(law, named, rng), points)
    of_runs = drawn.run_effects(plan_held_out, effects)
    truth = Truth(law, reference, drawn.parameters, expected[0], held_out_expected, of_runs)
    return Runs(plan.assign(accuracy=scores[0])), Runs(plan_held_out.assign(accuracy=held_out_scores)), truth


def draw_stages(law: Law, planned: Planned, rng: np.random.Generator) -> Simulation:
    """Draw runs and held-out runs of a two-stage law as `draw_scores` does, with one loss a run.

    Expected accuracies of the truth are those at the loss that stage one expects.
    """
    law, plan, plan_held_out = stages_of(law), planned.runs, planned.held_out
    losses = _draw_losses(law, plan, plan_held_out, rng)
    plan, plan_held_out = (
        rows.assign(**{law.loss: np.exp(values.measured[0])})
        for rows, values in ((plan, losses.runs), (plan_held_out, losses.held_out))
    )
    frame = with_loss_index(law, Runs(plan.assign(accuracy=1.0)).frame)
    reference = make_reference(frame, law.deviates_in, law.deviates_by)
    rows = reference.encode(plan)
    rows = replace(rows, log_proxy=reference.loss_index(losses.runs.measured[0], rows.benchmark))
    drawn = _draw_at(law, reference, rows, planned.known, rng)
    scores = Scores(law, np.zeros(len(rows))).replicate(reference, rows, drawn.named, rng)
    draws = Draws(law, drawn.named, rng)
    expected = _at_losses(reference, draws, encode_points(reference, plan), losses.runs)[0]
    points = encode_points(reference, plan_held_out)
    held_out_expected, curve = _at_losses(reference, draws, points, losses.held_out)
    effects = run_effects(reference, draws, points)
    held_out_scores = measured_scores(curve.shifted(effects), reference, draws, points)[0]
    of_runs = drawn.run_effects(plan_held_out, effects[0])
    truth = Truth(law, reference, drawn.parameters, expected, held_out_expected, of_runs, losses.truth)
    return Runs(plan.assign(accuracy=scores[0])), Runs(plan_held_out.assign(accuracy=held_out_scores)), truth


@dataclass(frozen=True)
class _DrawnLosses:
    """One draw of the log losses of planned rows, of runs and held out, and what they were drawn from."""

    runs: LogLosses
    held_out: LogLosses
    truth: Truth


def _draw_losses(
    law: TwoStageLaw, plan: pd.DataFrame, plan_held_out: pd.DataFrame, rng: np.random.Generator
) -> _DrawnLosses:
    stage_one = law.stage_one.with_priors(run_sd=None)  # in its scatter, as in a fit of one loss a run
    (measures, code), (new_measures, new_code) = (loss_measures(law, True, rows) for rows in (plan, plan_held_out))
    drawn = _draw_parameters(stage_one, measures, {}, rng)
    reference, rows, named = drawn.reference, drawn.rows, drawn.named
    observed = Losses(stage_one, np.zeros(len(measures)))
    mean, _ = observed.moments(reference, rows, named)
    measured = observed.draw(reference, rows, named, rng)
    draws, points = Draws(stage_one, named, rng), encode_points(reference, new_measures)
    curve = predict_curve(reference, draws, points).log_error
    fitted = Fitted(Runs(measures), reference, rows, observed)
    new = curve + loss_scatter(fitted, draws, points) * draws.noise(len(new_measures))
    expected, held_out_expected = np.exp(mean[0]), np.exp(curve[0])
    of_runs = drawn.run_effects(new_measures, np.zeros(len(new_measures)))
    truth = Truth(stage_one, reference, drawn.parameters, expected, held_out_expected, of_runs)
    of_plan = LogLosses(mean[:, code], measured[:, code])
    return _DrawnLosses(of_plan, LogLosses(curve[:, new_code], new[:, new_code]), truth)


def _at_losses(reference: Reference, draws: Draws, points: Points, losses: LogLosses) -> tuple[Floats, Curve]:
    """Expected accuracies at the losses that stage one expects, and the curve at the measured ones."""
    second = stage_two(reference, draws, points, [losses.expected, losses.measured])
    return second.at(losses.expected).expected[0], second.at(losses.measured)


def draw_attempts(law: Law, planned: Planned, rng: np.random.Generator) -> Simulation:
    """Draw runs and held-out runs of a law of attempts as `draw_scores` does; plans have ``n_samples``."""
    law, plan, k = attempts_of(law), planned.runs, planned.k
    drawn = _draw_parameters(law, plan, planned.known, rng, k=np.ones(1) if planned.counts else k)
    reference, rows = drawn.reference, drawn.rows
    if planned.counts:
        runs = Runs(_draw_counts(law, drawn, plan, rng))
        of_row = np.repeat(np.arange(len(plan)), plan["n_items"].astype(int))
        expected = np.exp(-set_curves(law, reference, rows, drawn.without_luck)[0][0])[of_row]
    else:
        at_k = _at_each(k, plan)
        of_row, of_k = np.repeat(np.arange(len(plan)), len(k)), at_k["k"].to_numpy()
        runs = Runs(at_k.assign(accuracy=_draw_rates(law, drawn, plan, k, rng)))
        hazard = hazard_at(law, reference, rows, drawn.without_luck, of_row, of_k, at_fitted_k=True)
        expected = -np.expm1(-np.exp(hazard[0]))
    held_out = _at_each(k, planned.held_out)
    draws, points = Draws(law, drawn.named, rng), encode_points(reference, held_out)
    fitted = Fitted(runs, reference, rows, observe(law, runs.frame))
    attempts = make_attempts(fitted, points, condition=False)
    curve = predict_curve(reference, draws, points)
    held_out_expected, scores = predict_rates(curve, draws, points, attempts, fitted)
    of_runs = drawn.run_effects(held_out.head(0), np.zeros(0))
    truth = Truth(law, reference, drawn.parameters, expected, held_out_expected[0], of_runs)
    return runs, Runs(held_out.assign(accuracy=scores[0])), truth


def _at_each(k: Floats, plan: pd.DataFrame) -> pd.DataFrame:
    """Rows of a plan at each k in turn."""
    repeated = plan.iloc[np.repeat(np.arange(len(plan)), len(k))].reset_index(drop=True)
    return repeated.assign(k=np.tile(k, len(plan)))


def _draw_rates(law: AttemptsLaw, drawn: Drawn, plan: pd.DataFrame, k: Floats, rng: np.random.Generator) -> Floats:
    """Rates of each set at each k, set after set, with the covariance of its true curve, as in a forecast."""
    named, found = drawn.named, np.empty((len(plan), len(k)))
    attempts, of_problems = (float(named[name][0]) for name in law.noise)
    for s, (items, n) in enumerate(zip(plan["n_items"], plan["n_samples"], strict=True)):

        def failure(at: Floats, s: int = s) -> Floats:
            flat = np.ravel(at)
            hazard = hazard_at(law, drawn.reference, drawn.rows, named, np.full(len(flat), s), flat)[0]
            return np.exp(-np.exp(hazard)).reshape(np.shape(at))

        drawn_at = np.full(len(k), float(n))
        sampling = attempt_covariance(failure, k, k, drawn_at, drawn_at) / items
        problems = problem_covariance(failure, k, k) / items
        noise = attempts * covariance_root(sampling) @ rng.standard_normal(len(k))
        noise = noise + of_problems * covariance_root(problems) @ rng.standard_normal(len(k))
        same = np.full(len(k), s)
        hazard = hazard_at(law, drawn.reference, drawn.rows, named, same, k, at_fitted_k=True)
        found[s] = np.clip(-np.expm1(-np.exp(hazard[0])) + noise, 0.0, 1.0)
    return found.ravel()


def _draw_counts(law: AttemptsLaw, drawn: Drawn, plan: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a problem, whose success rate comes from the beta distribution of its run and benchmark."""
    a, b = (shape[0] for shape in set_shapes(law, drawn.reference, drawn.rows, drawn.named))
    items = plan["n_items"].astype(int).to_numpy()
    of_row = np.repeat(np.arange(len(plan)), items)
    frame = plan.iloc[of_row].reset_index(drop=True)
    problem = [f"problem-{i + 1}" for n in items for i in range(n)]
    right = rng.binomial(frame["n_samples"].astype(int), rng.beta(a[of_row], b[of_row])).astype(float)
    return frame.assign(problem=problem, n_correct=right, accuracy=right / frame["n_samples"])


def _with_known(named: dict[str, Floats], known: dict[str, Floats], reference: Reference) -> dict[str, Floats]:
    """Put given parameters in the place of drawn ones, and drop the populations that no longer bear on them."""
    for name, values in known.items():
        named = {key: value for key, value in named.items() if key != name and not key.startswith(f"{name}_")}
        if name == "ceiling":
            named[name] = values[None]
        else:
            named |= {f"{name}_benchmark": values[None], name: values[None, list(reference.curve_benchmark)]}
    return named


def _draw_held_out(reference: Reference, draws: Draws, points: Points) -> tuple[Floats, Floats, Floats]:
    """Draw expected accuracies, run effects and scores of held-out runs, each of shape (points,)."""
    curve = predict_curve(reference, draws, points)
    effects = run_effects(reference, draws, points)
    return curve.expected[0], effects[0], measured_scores(curve.shifted(effects), reference, draws, points)[0]
