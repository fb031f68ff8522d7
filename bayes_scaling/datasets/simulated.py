"""Simulated runs: drawn from a law whose parameters are known, with the truth attached.

Parameters come from the law's prior or are given; curves and scores come from the functions that fit and forecast use,
so that a simulation is a draw of the model itself. Nothing is drawn again because it looks odd: a table whose scores
all lie at chance is part of the prior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..attempt_noise import attempt_covariance, problem_covariance
from ..discrepancy import covariance_root
from ..hierarchy import prior_vectors, unpack
from ..laws.base import Law
from ..laws.direct import DirectLaw
from ..laws.pass_at_k import PassAtKLaw, beta_shapes
from ..layout import make_layout
from ..likelihood import FittedTable, hazard_at, observe, set_curves
from ..points import make_points
from ..prediction import Draws, Points, fitted_moments, predict_curve, run_effects, score_sd
from ..prediction_in_k import make_attempts, predict_rates
from ..reference import Reference, Rows, make_reference
from ..rough import coefficient_information
from ..runs import Runs
from .truth import PerBenchmark, Truth

Floats = NDArray[np.float64]

_TOKENS_PER_PARAMETER = 20.0
_RATIOS = (10.0, 80.0, 20.0, 160.0)  # of laws of params and tokens; neighbours in compute differ much
_ATTEMPTS = (1, 4, 16, 64)
_HELD_OUT_FACTORS = (3.0, 10.0)
_ITEMS = (500.0, 1200.0, 2400.0, 10_000.0)
_PROBLEMS = (164.0, 500.0, 128.0, 300.0)  # of laws of attempts
_CHANCE = (0.0, 0.25, 0.5)


@dataclass(frozen=True, eq=False)
class SimulatedRuns:
    """Simulated runs and the truth behind them; made by `simulate_runs`.

    Attributes
    ----------
    runs : Runs
        Scored runs to fit.
    held_out : Runs
        Larger runs of the same curves, scored too.
    truth : Truth
        What both were drawn from.
    """

    runs: Runs
    held_out: Runs
    truth: Truth


def simulate_runs(
    law: Law | None = None,
    *,
    n_benchmarks: int = 12,
    n_runs: int = 40,
    n_families: int = 1,
    flops: tuple[float, float] = (1e18, 1e22),
    ratio: PerBenchmark | None = None,
    held_out_flops: PerBenchmark | None = None,
    n_items: PerBenchmark | None = None,
    chance: PerBenchmark = _CHANCE,
    level: PerBenchmark | None = None,
    exponent: PerBenchmark | None = None,
    ceiling: PerBenchmark | None = None,
    k: Sequence[int] = _ATTEMPTS,
    n_samples: PerBenchmark = 256,
    counts: bool = False,
    random_seed: int | None = None,
) -> SimulatedRuns:
    """Simulate training runs whose law, noise, floors, ceilings and run effects are known.

    Parameters
    ----------
    law : Law, optional
        The law; every parameter that is not given below is drawn from its priors. ``DirectLaw(run_sd=None)`` leaves a
        part out, ``DirectLaw(run_sd=0.1)`` fixes it. By default ``DirectLaw()``.
    n_benchmarks, n_runs, n_families : int
        Numbers of benchmarks, of runs in all, and of families, to which the runs are dealt in turn.
    flops : (float, float)
        Smallest and largest training FLOPs; the runs are evenly spaced in between, on a log scale.
    ratio : float or sequence of float, optional
        Tokens per parameter that runs take in turn; by default 20, and for laws of params and tokens 10 to 160.
    held_out_flops : float or sequence of float, optional
        Training FLOPs of the held-out runs, one for each family; by default 3 and 10 times the largest.
    n_items, chance : float or sequence of float
        Number of questions and nominal accuracy of guessing: one for all benchmarks, or several that the benchmarks
        take in turn. Laws of attempts have no chance.
    level, exponent, ceiling : float or sequence of float, optional
        Level (log error) and local exponent at the reference budget, and irreducible part E of -log Q: one for all
        benchmarks, or one each. They hold for every family.
    k : sequence of int
        Attempts that count as one, for laws of attempts.
    n_samples : float or sequence of float
        Attempts at each problem: one for all benchmarks, or several that the benchmarks take in turn.
    counts : bool
        Whether the runs of a law of attempts are counts of each problem; held-out runs are rates at each k.
    random_seed : int, optional
        Seed; the same seed gives the same runs.

    Returns
    -------
    SimulatedRuns
        Runs, held-out runs, and the truth.

    Raises
    ------
    ValueError
        Where a number is out of range, or a list has the wrong length.

    Examples
    --------
    >>> simulated = simulate_runs(n_benchmarks=2, n_runs=5, exponent=[0.1, 0.3], ceiling=0.0, random_seed=1)
    >>> len(simulated.runs), len(simulated.held_out)
    (10, 4)
    >>> simulated.truth.curves["exponent"].round(3).tolist()
    [0.1, 0.3]
    """
    law = DirectLaw() if law is None else law
    for name, number, least in (("n_benchmarks", n_benchmarks, 1), ("n_families", n_families, 1)):
        if number < least:
            raise ValueError(f"{name} is {number}; expected at least {least}")
    if n_runs < n_families:
        raise ValueError(f"n_runs is {n_runs}; expected at least one run for each of the {n_families} families")
    low, high = flops
    if not 0 < low <= high:
        raise ValueError(f"flops is {flops!r}; expected a smallest and a largest positive number")
    larger = np.multiply(_HELD_OUT_FACTORS, high) if held_out_flops is None else np.atleast_1d(held_out_flops)
    items = (_PROBLEMS if isinstance(law, PassAtKLaw) else _ITEMS) if n_items is None else n_items
    scoring = pd.DataFrame(
        {
            "benchmark": [f"benchmark-{i + 1:02d}" for i in range(n_benchmarks)],
            "n_items": np.resize(np.asarray(items, float), n_benchmarks),
            "chance": np.resize(np.asarray(chance, float), n_benchmarks),
        }
    )
    ratios = (_RATIOS if "params" in law.needs else _TOKENS_PER_PARAMETER) if ratio is None else ratio
    given = {"level": level, "exponent": exponent, "ceiling": ceiling}
    known = {
        name: _per_benchmark(name, value, n_benchmarks, lowest)
        for (name, value), lowest in zip(given.items(), (-np.inf, 1e-6, 0.0), strict=True)
        if value is not None
    }
    rng = np.random.default_rng(random_seed)
    plan = _plan("run", np.geomspace(low, high, n_runs), np.arange(n_runs) % n_families, ratios, scoring)
    families = np.repeat(np.arange(n_families), len(larger))
    plan_held_out = _plan("held-out", np.tile(larger, n_families), families, ratios, scoring)
    if not isinstance(law, PassAtKLaw):
        return _draw(law, plan, plan_held_out, known, rng)
    samples = dict(zip(scoring["benchmark"], np.resize(np.asarray(n_samples, float), n_benchmarks), strict=True))
    plan, plan_held_out = (
        part.assign(chance=0.0, n_samples=part["benchmark"].map(samples)) for part in (plan, plan_held_out)
    )
    return _draw_attempts(law, plan, plan_held_out, np.asarray(k, float), known, counts, rng)


def _per_benchmark(name: str, value: PerBenchmark, n_benchmarks: int, lowest: float) -> Floats:
    values = np.asarray(value, float)
    if values.shape not in ((), (n_benchmarks,)):
        raise ValueError(f"{name} has shape {values.shape}; expected one number, or {n_benchmarks}, one a benchmark")
    if not (values >= lowest).all():
        raise ValueError(f"{name} is {value!r}; expected {'numbers' if lowest < 0 else f'at least {lowest:g}'}")
    return np.broadcast_to(values, (n_benchmarks,))


def _plan(
    prefix: str, flops: Floats, family: NDArray[np.int64], ratios: PerBenchmark, scoring: pd.DataFrame
) -> pd.DataFrame:
    """Rows of runs before they are scored: every run on every benchmark, at the ratios in turn."""
    ratio = np.resize(np.asarray(ratios, float), len(flops))
    params = np.sqrt(flops / (6 * ratio))
    runs = pd.DataFrame(
        {
            "run": [f"{prefix}-{i + 1:02d}" for i in range(len(flops))],
            "family": [f"family-{f + 1}" for f in family],
            "params": params,
            "tokens": ratio * params,
            "flops": flops,
        }
    )
    return runs.merge(scoring, how="cross")


@dataclass(frozen=True)
class _Plan:
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
        own = ("run_effect", "set_effect", "set_effect_in_k")
        return {name: value for name, value in self.named.items() if name not in own}

    def run_effects(self, held_out: pd.DataFrame, effects: Floats) -> pd.Series:
        """Effects of the planned runs and of held-out rows, by run."""
        named = self.named
        of_runs = named["run_effect"][0] if "run_effect" in named else np.zeros(len(self.reference.runs))
        own = pd.Series(of_runs, pd.Index(self.reference.runs, name="run"), name="effect")
        new = pd.Series(effects, pd.Index(held_out["run"], name="run"), name="effect").groupby("run").first()
        return pd.concat([own, new])


def _draw_parameters(law: Law, plan: pd.DataFrame, known: dict[str, Floats], rng: np.random.Generator) -> _Plan:
    # Where every score is 1, no score lies below chance and all rows weigh the same: what remains is the design.
    reference = make_reference(Runs(plan.assign(accuracy=1.0)).frame, law.deviates_in)
    rows = reference.encode(plan)
    ones = np.ones(len(rows))
    information = {c.name: ones for c in law.coefficients} | {"set_effect_in_k": ones}
    information |= coefficient_information(law, law.inputs(reference, rows), ones)
    layout = make_layout(law, reference, rows, ones, information)
    named = unpack(law, reference, layout, prior_vectors(law, layout, reference, rng, 1))
    return _Plan(law, reference, rows, _with_known(named, known, reference))


def _draw(
    law: Law,
    plan: pd.DataFrame,
    plan_held_out: pd.DataFrame,
    known: dict[str, Floats],
    rng: np.random.Generator,
) -> SimulatedRuns:
    drawn = _draw_parameters(law, plan, known, rng)
    reference, rows, named = drawn.reference, drawn.rows, drawn.named
    mean, sd = fitted_moments(law, reference, rows, named)
    scores = np.clip(rng.normal(mean, sd), 0.0, 1.0)
    expected, _ = fitted_moments(law, reference, rows, drawn.without_luck)
    points = make_points(reference, plan_held_out)
    held_out_expected, effects, held_out_scores = _draw_held_out(reference, Draws(law, named, rng), points)
    of_runs = drawn.run_effects(plan_held_out, effects)
    truth = Truth(law, reference, drawn.parameters, expected[0], held_out_expected, of_runs)
    held_out = Runs(plan_held_out.assign(accuracy=held_out_scores))
    return SimulatedRuns(Runs(plan.assign(accuracy=scores[0])), held_out, truth)


def _draw_attempts(
    law: PassAtKLaw,
    plan: pd.DataFrame,
    plan_held_out: pd.DataFrame,
    k: Floats,
    known: dict[str, Floats],
    counts: bool,
    rng: np.random.Generator,
) -> SimulatedRuns:
    drawn = _draw_parameters(law, plan, known, rng)
    reference, rows = drawn.reference, drawn.rows
    if counts:
        runs = Runs(_draw_counts(law, drawn, plan, rng))
        expected = np.exp(-set_curves(law, reference, rows, drawn.without_luck)[0])[0]
        of_row = np.repeat(np.arange(len(plan)), plan["n_items"].astype(int))
    else:
        of_row = np.repeat(np.arange(len(plan)), len(k))
        frame = plan.iloc[of_row].reset_index(drop=True).assign(k=np.tile(k, len(plan)))
        runs = Runs(frame.assign(accuracy=_draw_rates(law, drawn, plan, k, rng)))
        hazard = hazard_at(law, reference, rows, drawn.without_luck, of_row, np.tile(k, len(plan)))
        expected, of_row = -np.expm1(-np.exp(hazard))[0], np.arange(len(of_row))
    held_out = plan_held_out.iloc[np.repeat(np.arange(len(plan_held_out)), len(k))].reset_index(drop=True)
    held_out = held_out.assign(k=np.tile(k, len(plan_held_out)))
    draws, points = Draws(law, drawn.named, rng), make_points(reference, held_out)
    fitted = FittedTable(runs, reference, rows, observe(law, runs.frame))
    attempts = make_attempts(fitted, points, held_out, condition=False)
    curve = predict_curve(reference, draws, points)
    held_out_expected, scores = predict_rates(curve, draws, points, attempts, fitted)
    of_runs = drawn.run_effects(held_out.head(0), np.zeros(0))
    truth = Truth(law, reference, drawn.parameters, expected[of_row], held_out_expected[0], of_runs)
    return SimulatedRuns(runs, Runs(held_out.assign(accuracy=scores[0])), truth)


def _draw_rates(law: PassAtKLaw, drawn: _Plan, plan: pd.DataFrame, k: Floats, rng: np.random.Generator) -> Floats:
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
        found[s] = np.clip(1 - failure(k) + noise, 0.0, 1.0)
    return found.ravel()


def _draw_counts(law: PassAtKLaw, drawn: _Plan, plan: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a problem, whose success rate comes from the beta distribution of its run and benchmark."""
    error, effect, at = set_curves(law, drawn.reference, drawn.rows, drawn.named)
    a, b = (shape[0] for shape in beta_shapes(error, law.log_bend(error, effect, at)))
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
    shifted = curve.shifted(effects)
    sd = score_sd(shifted, draws, points)
    scores = np.clip(shifted.expected + sd * draws.normal(len(points.rows)), 0.0, 1.0)
    return curve.expected[0], effects[0], scores[0]
