"""Simulation-based calibration: truths drawn from the prior lie at any rank among the draws of their posteriors.

A table is a template: its runs, benchmarks and budgets, and the Reference that was read off it, stay as they are. Each
simulation draws every parameter from the prior, draws what would have been measured, and samples the posterior of the
same model. The rank of a truth among independent draws of its posterior is then uniform (Talts et al., arXiv
1804.06788; Modrak et al., arXiv 2211.02383). Whether ranks are uniform is judged by simultaneous bands of their
empirical distribution (Saeilynoja et al., arXiv 2103.10522).

What the Reference reads off the data is held fixed here; `tests/studies/recovery.py` tests it too.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...arrays import Floats, Ints
from ...checks import check_count
from ...forecasting.from_fit import forecast_from
from ...forecasting.points import encode_points
from ...laws import templates
from ...laws.base import Observes
from ...model.attempts.likelihood import Counts, Rates
from ...model.observed import Observed, of_attempts
from ...model.pooling import prior_vectors, unpack
from ...model.scores import Losses, Scores
from ...model.specification import Specification, clipped_log_error, specify
from ...posterior.draws import Draws
from ...sampling.fitting import sample_specification
from ..executing import Failed, run_tasks
from .ranks import Calibration
from .simulated import simulate_runs

RANKS = 100  # independent draws, so ranks from 0 to 100
_DECADES = 1.0  # how far beyond the template's budgets the forecast is
_OF_CURVES = ("level", "exponent", "split", "log_bend", "curvature")


_Measured = tuple[Observed, Floats]


@dataclass(frozen=True)
class _RatesAt(Rates):
    """Rates whose independent values are given."""

    given: Floats

    @cached_property
    def values(self) -> Floats:
        """Independent values, shape (values,)."""
        return self.given


@dataclass(frozen=True)
class _EachCount(Counts):
    """Counts of which each is a term of its own, so that every simulation has as many."""

    @cached_property
    def _unique(self) -> tuple[Ints, Floats, Floats, Floats]:
        sets = self.sets
        return sets.of_row, sets.n_samples, sets.n_correct, np.ones(len(sets.of_row))


@dataclass(frozen=True)
class _Task:
    template: str
    simulation: int
    draws: int
    tune: int
    chains: int


@cache
def _specification(template: str) -> Specification:
    """Give the specification of a template's table, which every simulation shares."""
    kind, made = templates()[template]
    law = kind()
    return specify(law, simulate_runs(law, **made.table, random_seed=made.first_seed).runs)


def simulate_once(task: _Task) -> list[dict[str, Any]]:
    """Draw a truth, measure, sample, and rank: one row a quantity."""
    spec = _specification(task.template)
    seed = templates()[task.template][1].first_seed + 1 + task.simulation
    rng = np.random.default_rng(seed)
    start = time.perf_counter()
    truth, measured = _draw(spec, rng)
    options: dict[str, Any] = {"draws": task.draws, "tune": task.tune, "chains": task.chains, "progressbar": False}
    fit = sample_specification(measured, spec.runs, seed=seed, reuse=True, retry=False, **options)
    seconds = time.perf_counter() - start
    facts = {"template": task.template, "simulation": task.simulation, "converged": fit.converged, "seconds": seconds}
    drawn, known = _quantities(spec, fit.draws(rng)), _quantities(spec, truth)
    return [
        {**facts, "quantity": name, "rank": _rank(float(known[name][0]), _spaced(values), rng), "ranks": RANKS}
        for name, values in drawn.items()
        if np.ptp(values) > 0  # a number that the law fixes has no rank
    ]


def _draw(spec: Specification, rng: np.random.Generator) -> tuple[Draws, Specification]:
    """Draw parameters from the prior, and the specification of what is measured of them."""
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, 1)
    named = unpack(spec.law, spec.reference, spec.layout, vectors)
    one = {name: values[0] for name, values in named.items()}
    stage_one, losses = (None, None) if spec.stage_one is None else _draw(spec.stage_one, rng)
    observed, response = _measure(spec, one, rng)
    fitted = replace(spec.fitted, observed=observed, stage_one=None if losses is None else losses.fitted)
    return Draws(spec.law, named, rng, stage_one), replace(spec, fitted=fitted, response=response, stage_one=losses)


def _measure(spec: Specification, named: Mapping[str, Floats], rng: np.random.Generator) -> _Measured:
    """Draw measurements exactly as the likelihood has them, and what a rough fit is to start from."""
    return _MEASURE[spec.law.observes](spec, named, rng)


def _measure_scores(spec: Specification, named: Mapping[str, Floats], rng: np.random.Generator) -> _Measured:
    assert isinstance(spec.observed, Scores)
    values = spec.observed.draw(spec.reference, spec.rows, named, rng)
    return replace(spec.observed, values=values), clipped_log_error(values, spec.rows)


def _measure_losses(spec: Specification, named: Mapping[str, Floats], rng: np.random.Generator) -> _Measured:
    assert isinstance(spec.observed, Losses)
    values = spec.observed.draw(spec.reference, spec.rows, named, rng)
    return replace(spec.observed, values=values), values


def _measure_attempts(spec: Specification, named: Mapping[str, Floats], rng: np.random.Generator) -> _Measured:
    observed, reference, rows = of_attempts(spec.observed), spec.reference, spec.rows
    if isinstance(observed, Counts):
        sets = replace(observed.sets, n_correct=observed.replicate(reference, rows, named, rng))
        total, right = (np.bincount(sets.of_row, values) for values in (sets.n_samples, sets.n_correct))
        return _EachCount(observed.law, sets), clipped_log_error(right / total, rows)
    values = observed.draw(reference, rows, named, rng)
    return _RatesAt(observed.law, observed.sets, values), clipped_log_error(_first_rates(observed, values), rows)


_MEASURE: dict[Observes, Callable[[Specification, Mapping[str, Floats], np.random.Generator], _Measured]] = {
    "scores": _measure_scores,
    "attempts": _measure_attempts,
    "losses": _measure_losses,
    "stages": _measure_scores,
}


def _first_rates(observed: Rates, values: Floats) -> Floats:
    """Rate at the smallest k of each set, from its independent values."""
    of_set = np.repeat(np.arange(len(observed.sets)), [len(one.problems) for one in observed.sets.rotations])
    parts = [(rotation.matrix, values[of_set == s]) for s, rotation in enumerate(observed.sets.rotations)]
    hazards = np.array([np.linalg.lstsq(matrix, own)[0][0] for matrix, own in parts])
    return -np.expm1(-np.exp(hazards))


def _quantities(spec: Specification, draws: Draws) -> dict[str, Floats]:
    """Draws of what is ranked, each of shape (samples,)."""
    found: dict[str, Floats] = {}
    for stage, prefix in ((draws, ""), (draws.stage_one, "loss ")):
        if stage is None:
            continue
        found |= {prefix + name: values for name, values in stage.values.items() if values.ndim == 1}
        for name in _OF_CURVES:
            if name in stage.values:
                found[f"{prefix}{name} of a curve"] = stage.values[name][:, 0]
    planned = encode_points(spec.reference, _planned(spec))
    ahead = forecast_from(draws, spec.fitted, planned, notes=(), condition=False)
    return found | {f"forecast {name}": ahead.array(name)[:, 0] for name in ("expected", "score")}


def _planned(spec: Specification) -> pd.DataFrame:
    """A run of the first family and benchmark, a decade beyond the largest."""
    frame = spec.runs.frame
    last = frame.loc[[frame["flops"].idxmax()]].copy()
    step = 10 ** (_DECADES / 2)
    same = {"benchmark": frame["benchmark"].iloc[0], "family": frame["family"].iloc[0], "run": "planned"}
    first = frame[frame["benchmark"] == same["benchmark"]].iloc[0]
    larger = {"params": last["params"] * step, "tokens": last["tokens"] * step, "flops": last["flops"] * step**2}
    kept = {name: first[name] for name in ("n_items", "chance", "n_samples", "k") if name in frame}
    return last.assign(**same, **larger, **kept).reset_index(drop=True)


def _spaced(values: Floats) -> Floats:
    """Thin draws to `RANKS` that lie far apart."""
    return values[np.linspace(0, len(values) - 1, RANKS).round().astype(int)]


def _rank(truth: float, values: Floats, rng: np.random.Generator) -> int:
    """Draws below the truth; equal ones, such as scores at 0 or 1, are broken by chance."""
    return int((values < truth).sum() + rng.integers(0, (values == truth).sum() + 1))


def simulate_ranks(
    template: str,
    simulations: int = 200,
    *,
    first: int = 0,
    draws: int = 250,
    tune: int = 500,
    chains: int = 4,
    executor: Any = None,
    done: Callable[[], None] = lambda: None,
) -> Calibration:
    """Run simulation-based calibration of a law.

    Parameters
    ----------
    template : str
        One of `templates`: the name of a law, or of another table for it.
    simulations : int
        How many.
    first : int
        Number of the first; each number has a seed of its own, so that studies can be put together.
    draws, tune, chains : int
        Of each fit. `RANKS` draws are taken of all, far apart.
    executor : concurrent.futures.Executor, optional
        Where to run; by default a process for each core. A process compiles each model once.
    done : callable
        Called after each simulation.

    Returns
    -------
    Calibration
        The ranks.

    Raises
    ------
    ValueError
        For a template that is not known, or no simulations.
    """
    if template not in templates():
        raise ValueError(f"template={template!r}; expected one of {', '.join(templates())}")
    check_count("simulations", simulations, 1)
    tasks = [_Task(template, first + number, draws, tune, chains) for number in range(simulations)]
    results = run_tasks(simulate_once, tasks, executor, done=done)
    rows = [row for result in results if not isinstance(result, Failed) for row in result]
    pairs = zip(tasks, results, strict=True)
    failed = tuple(f"simulation {t.simulation}: {r.error}" for t, r in pairs if isinstance(r, Failed))
    if not rows:
        raise ValueError(f"none of the simulations could be run; {failed[0]}")
    return Calibration(pd.DataFrame(rows), failed)
