"""Simulated runs: drawn from a law whose parameters are known, with the truth attached.

Parameters come from the law's prior or are given; curves and scores come from the functions that fit and forecast use,
so that a simulation is a draw of the model itself. Nothing is drawn again because it looks odd: a table whose scores
all lie at chance is part of the prior.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..hierarchy import prior_vectors, unpack
from ..laws.direct import DirectLaw
from ..layout import make_layout
from ..points import make_points
from ..prediction import Draws, Points, fitted_moments, predict_curve, run_effects, score_sd
from ..reference import Reference, make_reference
from ..response import ceiling_share, highest_accuracy
from ..rough import coefficient_information
from ..runs import Runs

Floats = NDArray[np.float64]
PerBenchmark = float | Sequence[float] | Floats

_TOKENS_PER_PARAMETER = 20.0
_HELD_OUT_FACTORS = (3.0, 10.0)
_ITEMS = (500.0, 1200.0, 2400.0, 10_000.0)
_CHANCE = (0.0, 0.25, 0.5)


@dataclass(frozen=True, eq=False)
class Truth:
    """What simulated runs were drawn from.

    Attributes
    ----------
    law : DirectLaw
        The law and the priors that its parameters were drawn from.
    reference : Reference
        Of the planned table: every floor is the chance, and the reference budget of a benchmark is the geometric mean
        of its runs' FLOPs.
    parameters : dict of str to array
        Every parameter by its name in a fit: scalars, or of shape (curve,), (benchmark,), (family,) or (run,).
    expected, held_out_expected : array, shape (rows,)
        Expected accuracy of the curve, without the run's effect, at each row of the runs and of the held-out runs.
    run_effects : Series
        Effect of each run, held-out ones included (log error).
    """

    law: DirectLaw
    reference: Reference
    parameters: Mapping[str, Floats]
    expected: Floats
    held_out_expected: Floats
    run_effects: pd.Series

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Level, exponent, ceiling, floor and highest accuracy of each curve at its own reference budget."""
        return self.curves_at(np.exp(self.reference.centre("flops")))

    def curves_at(self, flops: PerBenchmark) -> pd.DataFrame:
        r"""Level and local exponent of each curve at another reference budget, of the law without its deviation.

        Parameters
        ----------
        flops : float or sequence of float
            Reference budgets in FLOPs; one for all benchmarks, or one each.

        Returns
        -------
        DataFrame
            One row a curve: ``family``, ``benchmark``, ``level`` :math:`\log(-\log Q)` and ``exponent``
            :math:`-d \log(-\log Q) / d \log C` at the budget ``flops``, the ``ceiling`` E that belongs to them,
            ``floor``, and ``highest_accuracy``.
        """
        centre = np.broadcast_to(np.log(np.asarray(flops, float)), len(self.reference.benchmarks))
        nothing = np.zeros(len(self.reference.curve_labels))
        return self._curves(centre, nothing, nothing)

    def curves_for(self, reference: Reference) -> pd.DataFrame:
        """Level and local exponent of each curve as a fit with this Reference defines them.

        A fit measures level and exponent at reference budgets of its own, and its deviations have no trend under
        weights of its own. So the trend that the true deviation has under those weights is counted into the law. The
        conversion is exact for a fit whose floor is the true one. Where scores below chance made the fit's floor lower
        than chance, the truth is still stated on the true floor.

        Parameters
        ----------
        reference : Reference
            Of a fit to these runs, or to some of them.

        Returns
        -------
        DataFrame
            As from `curves_at`.

        Raises
        ------
        ValueError
            Where the fit has other curves.
        """
        own = self.reference
        if reference.curve_labels != own.curve_labels:
            raise ValueError(
                f"the fit has the curves {', '.join(reference.curve_labels)}; "
                f"expected those that were simulated: {', '.join(own.curve_labels)}"
            )
        centre = reference.centre("flops")
        benchmark = np.array(own.curve_benchmark)
        shift, tilt = np.zeros(len(benchmark)), np.zeros(len(benchmark))
        for sharing in own.bases:
            group = benchmark if sharing == "benchmark" else np.arange(len(benchmark))
            for curve, g in enumerate(group):
                value, slope = self._deviation_trend(reference, sharing, g, centre[benchmark[curve]])
                shift[curve] += value
                tilt[curve] += slope
        return self._curves(centre, shift, tilt)

    def _deviation_trend(self, reference: Reference, sharing: str, group: int, log_flops: float) -> tuple[float, float]:
        """Trend of a true deviation under a fit's weights: its value at a log budget, and its slope."""
        if f"{sharing}_deviation" not in self.parameters:
            return 0.0, 0.0
        true, fitted = self.reference.bases[sharing], reference.bases[sharing][group]
        start = sum(basis.size for basis in true[:group])
        coefficients = self.parameters[f"{sharing}_deviation"][start : start + true[group].size]
        deviation = true[group].rows(fitted.points + fitted.centre) @ coefficients
        intercept, slope = self.parameters[f"{sharing}_amplitude"] * (fitted.trend @ deviation)
        return float(intercept + slope * (log_flops - fitted.centre)), float(slope)

    def _curves(self, centre: Floats, shift: Floats, tilt: Floats) -> pd.DataFrame:
        """Anchor ``-log Q = exp(inner - slope x) + lowest`` at other log budgets, its log error shifted and tilted."""
        own, benchmark = self.reference, np.array(self.reference.curve_benchmark)
        level, exponent = self.parameters["level"], self.parameters["exponent"]
        ceiling = self.parameters.get("ceiling", np.zeros(len(own.benchmarks)))[benchmark]
        share = ceiling_share(ceiling, level)
        slope = exponent / (1 - share)
        inner = level + np.log1p(-share) - slope * (centre - own.centre("flops"))[benchmark] + shift
        lowest = ceiling * (1 - share)
        error = np.exp(inner) + lowest
        floor = own.per_benchmark("floor")[benchmark]
        columns = {
            "family": np.array(own.families)[list(own.curve_family)],
            "benchmark": np.array(own.labels)[benchmark],
            "level": np.log(error),
            "exponent": (slope - tilt) * np.exp(inner) / error,
            "ceiling": lowest * error / np.exp(inner),
            "floor": floor,
            "highest_accuracy": highest_accuracy(floor, ceiling, share),
            "flops": np.exp(centre)[benchmark],
        }
        return pd.DataFrame(columns, index=pd.Index(own.curve_labels, name="curve"))


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
    law: DirectLaw | None = None,
    *,
    n_benchmarks: int = 12,
    n_runs: int = 40,
    n_families: int = 1,
    flops: tuple[float, float] = (1e18, 1e22),
    held_out_flops: PerBenchmark | None = None,
    n_items: PerBenchmark = _ITEMS,
    chance: PerBenchmark = _CHANCE,
    level: PerBenchmark | None = None,
    exponent: PerBenchmark | None = None,
    ceiling: PerBenchmark | None = None,
    random_seed: int | None = None,
) -> SimulatedRuns:
    """Simulate training runs whose law, noise, floors, ceilings and run effects are known.

    Parameters
    ----------
    law : DirectLaw, optional
        The law; every parameter that is not given below is drawn from its priors. ``DirectLaw(run_sd=None)`` leaves a
        part out, ``DirectLaw(run_sd=0.1)`` fixes it. By default ``DirectLaw()``.
    n_benchmarks, n_runs, n_families : int
        Numbers of benchmarks, of runs in all, and of families, to which the runs are dealt in turn.
    flops : (float, float)
        Smallest and largest training FLOPs; the runs are evenly spaced in between, on a log scale.
    held_out_flops : float or sequence of float, optional
        Training FLOPs of the held-out runs, one for each family; by default 3 and 10 times the largest.
    n_items, chance : float or sequence of float
        Number of questions and nominal accuracy of guessing: one for all benchmarks, or several that the benchmarks
        take in turn.
    level, exponent, ceiling : float or sequence of float, optional
        Level (log error) and local exponent at the reference budget, and irreducible part E of -log Q: one for all
        benchmarks, or one each. They hold for every family.
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
    scoring = pd.DataFrame(
        {
            "benchmark": [f"benchmark-{i + 1:02d}" for i in range(n_benchmarks)],
            "n_items": np.resize(np.asarray(n_items, float), n_benchmarks),
            "chance": np.resize(np.asarray(chance, float), n_benchmarks),
        }
    )
    given = {"level": level, "exponent": exponent, "ceiling": ceiling}
    known = {
        name: _per_benchmark(name, value, n_benchmarks, lowest)
        for (name, value), lowest in zip(given.items(), (-np.inf, 1e-6, 0.0), strict=True)
        if value is not None
    }
    plan = _plan("run", np.geomspace(low, high, n_runs), np.arange(n_runs) % n_families, scoring)
    families = np.repeat(np.arange(n_families), len(larger))
    plan_held_out = _plan("held-out", np.tile(larger, n_families), families, scoring)
    return _draw(law, plan, plan_held_out, known, np.random.default_rng(random_seed))


def _per_benchmark(name: str, value: PerBenchmark, n_benchmarks: int, lowest: float) -> Floats:
    values = np.asarray(value, float)
    if values.shape not in ((), (n_benchmarks,)):
        raise ValueError(f"{name} has shape {values.shape}; expected one number, or {n_benchmarks}, one a benchmark")
    if not (values >= lowest).all():
        raise ValueError(f"{name} is {value!r}; expected {'numbers' if lowest < 0 else f'at least {lowest:g}'}")
    return np.broadcast_to(values, (n_benchmarks,))


def _plan(prefix: str, flops: Floats, family: NDArray[np.int64], scoring: pd.DataFrame) -> pd.DataFrame:
    """Rows of runs before they are scored: every run on every benchmark, at 20 tokens a parameter."""
    params = np.sqrt(flops / (6 * _TOKENS_PER_PARAMETER))
    runs = pd.DataFrame(
        {
            "run": [f"{prefix}-{i + 1:02d}" for i in range(len(flops))],
            "family": [f"family-{f + 1}" for f in family],
            "params": params,
            "tokens": _TOKENS_PER_PARAMETER * params,
            "flops": flops,
        }
    )
    return runs.merge(scoring, how="cross")


def _draw(
    law: DirectLaw,
    plan: pd.DataFrame,
    plan_held_out: pd.DataFrame,
    known: dict[str, Floats],
    rng: np.random.Generator,
) -> SimulatedRuns:
    # Where every score is 1, no score lies below chance and all rows weigh the same: what remains is the design.
    reference = make_reference(Runs(plan.assign(accuracy=1.0)).frame)
    rows, points = reference.encode(plan), make_points(reference, plan_held_out)
    ones = np.ones(len(rows))
    layout = make_layout(law, reference, rows, ones, coefficient_information(law, law.inputs(reference, rows), ones))
    named = unpack(law, reference, layout, prior_vectors(law, layout, reference, rng, 1))
    named = _with_known(named, known, reference)
    mean, sd = fitted_moments(law, reference, rows, named)
    scores = np.clip(rng.normal(mean, sd), 0.0, 1.0)
    without_runs = {name: value for name, value in named.items() if name != "run_effect"}
    expected, _ = fitted_moments(law, reference, rows, without_runs)
    held_out_expected, effects, held_out_scores = _draw_held_out(reference, Draws(law, named, rng), points)
    of_runs = named["run_effect"][0] if "run_effect" in named else np.zeros(len(reference.runs))
    truth = Truth(
        law,
        reference,
        {name: value[0] for name, value in named.items()},
        expected[0],
        held_out_expected,
        pd.concat(
            [
                pd.Series(of_runs, pd.Index(reference.runs, name="run"), name="effect"),
                pd.Series(effects, pd.Index(plan_held_out["run"], name="run"), name="effect").groupby("run").first(),
            ]
        ),
    )
    return SimulatedRuns(
        Runs(plan.assign(accuracy=scores[0])), Runs(plan_held_out.assign(accuracy=held_out_scores)), truth
    )


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
