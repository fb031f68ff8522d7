"""Simulated runs: drawn from a law whose parameters are known, with the truth attached.

Parameters come from the law's prior or are given; curves and scores come from the functions that fit and forecast use,
so that a simulation is a draw of the model itself. Nothing is drawn again because it looks odd: a table whose scores
all lie at chance, or whose problems nobody solves, is part of the prior.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...arrays import Floats
from ...checks import check_count
from ...laws.attempts import AttemptsLaw, attempts_of
from ...laws.base import Law, Observes
from ...laws.general import GeneralLaw
from ...runs.table import Runs
from .designs import Design, sizes_of, usual_design
from .drawing import Planned, Simulation, draw_attempts, draw_scores, draw_stages
from .truth import PerBenchmark, Truth

_ATTEMPTS = (1, 4, 16, 64)
_HELD_OUT_FACTORS = (3.0, 10.0)
_ITEMS = (500.0, 1200.0, 2400.0, 10_000.0)
_PROBLEMS = (164.0, 500.0, 128.0, 300.0)  # of laws of attempts
_CHANCE = (0.0, 0.25, 0.5)
_LOWEST = {"level": -np.inf, "exponent": 1e-6, "ceiling": 0.0}  # of what may be given


@dataclass(frozen=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        return f"SimulatedRuns: {len(self.runs)} scores to fit, {len(self.held_out)} held out\n{self.truth!r}"


def simulate_runs(
    law: Law | None = None,
    *,
    n_benchmarks: int = 12,
    n_runs: int = 40,
    n_families: int = 1,
    flops: tuple[float, float] = (1e18, 1e22),
    ratio: PerBenchmark | None = None,
    tokens: PerBenchmark | None = None,
    checkpoints: int | Sequence[int] = 1,
    annealed_ends: bool = False,
    further: float | Sequence[float] = (),
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

    Rates of a law of attempts are normal around the true curve, with the joint covariance over k that a forecast
    gives to rates of other runs. Counts are binomial; each run meets problems of its own, whose success rates have the
    law's beta distribution.

    Parameters
    ----------
    law : Law, optional
        The law; every parameter that is not given below is drawn from its priors. ``GeneralLaw(run_sd=None)`` leaves a
        part out, ``GeneralLaw(run_sd=0.1)`` fixes it. By default ``GeneralLaw()``, from parameters and tokens.
    n_benchmarks, n_runs, n_families : int
        Numbers of benchmarks, of runs in all, and of families, to which the runs are dealt in turn.
    flops : (float, float)
        Smallest and largest training FLOPs; the runs are evenly spaced in between, on a log scale.
    ratio : float or sequence of float, optional
        Tokens per parameter that runs take in turn; by default 20, and for laws of params and tokens 10 to 160. Size
        and ratio then vary together over the whole range of FLOPs, in every family.
    tokens : float or sequence of float, optional
        Training tokens that runs take in turn, in place of `ratio`: tokens per parameter fall along a ladder at one
        number of tokens.
    checkpoints : int or sequence of int
        Checkpoints of each run, evenly spaced in tokens up to its end: one number for all runs, or several that the
        runs take in turn, from the smallest run on. They share a ``trajectory``.
    annealed_ends : bool
        Whether the last checkpoint of each run is annealed and the others are at the peak learning rate; else the
        table says nothing of learning rates.
    further : float or sequence of float
        The held-out runs begin with fitted runs of several checkpoints, trained on to these multiples of their tokens.
    held_out_flops : float or sequence of float, optional
        Training FLOPs of the held-out runs, one for each family; by default 3 and 10 times the largest.
    n_items, chance : float or sequence of float
        Number of questions and nominal accuracy of guessing: one for all benchmarks, or several that the benchmarks
        take in turn. Laws of attempts have no chance.
    level, exponent, ceiling : float or sequence of float, optional
        Level (log error) and local exponent at the reference budget, and irreducible part E of -log Q: one for all
        benchmarks, or one each. They hold for every family.
    k : sequence of int
        Attempts that count as one; read by laws of attempts alone, like the next two.
    n_samples : int or sequence of int
        Attempts at each problem: one for all benchmarks, or several that the benchmarks take in turn.
    counts : bool
        Whether the runs are counts of each problem; held-out runs are rates at each k.
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
    >>> from bayes_scaling import PassAtKLaw
    >>> rates = simulate_runs(PassAtKLaw(), n_benchmarks=1, n_runs=2, k=(1, 8), random_seed=1).runs.frame
    >>> rates[["run", "k", "n_samples", "n_items"]].to_numpy().tolist()[:2]
    [['run-01', 1.0, 256.0, 164.0], ['run-01', 8.0, 256.0, 164.0]]
    """
    law = GeneralLaw() if law is None else law
    _check_design(n_benchmarks, n_runs, n_families, flops)
    scoring = _scoring(law, n_benchmarks, n_items, chance, n_samples)
    # What a law reads may depend on columns: those of every simulated table are the same.
    law = law.resolve(usual_design(flops).merge(scoring, how="cross"))
    runs = (np.geomspace(*flops, n_runs), np.arange(n_runs) % n_families, sizes_of(law, ratio, tokens))
    larger = np.multiply(_HELD_OUT_FACTORS, flops[1]) if held_out_flops is None else held_out_flops
    larger, in_turn, beyond = (np.atleast_1d(values) for values in (larger, checkpoints, further))
    design = Design(*runs, larger, in_turn, beyond, annealed_ends)
    fitted = design.fitted().merge(scoring, how="cross")
    law = law.resolve(fitted)  # once more: what follows from the sizes of the table, as a fit to it has it
    known = _known(n_benchmarks, level=level, exponent=exponent, ceiling=ceiling)
    held_out = design.held_out().merge(scoring, how="cross")
    planned = Planned(fitted, held_out, known, np.atleast_1d(np.asarray(k, float)), counts)
    if law.takes_attempts:
        _check_attempts(attempts_of(law), planned.k, scoring, counts)
    return SimulatedRuns(*_SIMULATE[law.observes](law, planned, np.random.default_rng(random_seed)))


_SIMULATE: dict[Observes, Callable[[Law, Planned, np.random.Generator], Simulation]] = {
    "scores": draw_scores,
    "attempts": draw_attempts,
    "stages": draw_stages,
}


def _check_design(n_benchmarks: int, n_runs: int, n_families: int, flops: tuple[float, float]) -> None:
    check_count("n_benchmarks", n_benchmarks, 1)
    check_count("n_families", n_families, 1)
    if n_runs < n_families:
        raise ValueError(f"n_runs is {n_runs}; expected at least one run for each of the {n_families} families")
    low, high = flops
    if not 0 < low <= high:
        raise ValueError(f"flops is {flops!r}; expected a smallest and a largest positive number")


def _scoring(
    law: Law, n_benchmarks: int, n_items: PerBenchmark | None, chance: PerBenchmark, n_samples: PerBenchmark
) -> pd.DataFrame:
    """How each benchmark is scored, one row each."""
    usual = _PROBLEMS if law.takes_attempts else _ITEMS
    columns = {
        "benchmark": [f"benchmark-{i + 1:02d}" for i in range(n_benchmarks)],
        "n_items": np.resize(np.asarray(usual if n_items is None else n_items, float), n_benchmarks),
        "chance": 0.0 if law.takes_attempts else np.resize(np.asarray(chance, float), n_benchmarks),
    }
    if law.takes_attempts:
        columns["n_samples"] = np.resize(np.asarray(n_samples, float), n_benchmarks)
    return pd.DataFrame(columns)


def _check_attempts(law: AttemptsLaw, k: Floats, scoring: pd.DataFrame, counts: bool) -> None:
    samples, items = scoring["n_samples"].to_numpy(), scoring["n_items"].to_numpy()
    if not len(k) or len(np.unique(k)) < len(k) or not _counting(k):
        raise ValueError(f"k is {k.tolist()}; expected different whole numbers, at least 1")
    if not _counting(samples):
        raise ValueError(f"n_samples is {samples.tolist()}; expected whole numbers, at least 1")
    if k.max() > samples.min():
        raise ValueError(
            f"k goes up to {k.max():g} and n_samples down to {samples.min():g}; expected as many samples as k"
        )
    if counts and not law.takes_counts:
        form = law.chosen.get("form", law.name)
        raise ValueError(f"counts follow from how hard the problems are, of which the {form} form says nothing")
    if counts and not _counting(items):
        raise ValueError(f"n_items is {items.tolist()}; expected whole numbers where counts=True")


def _counting(values: Floats) -> bool:
    """Whether all are whole numbers from 1."""
    return bool(((values >= 1) & (values == np.floor(values)) & np.isfinite(values)).all())


def _known(n_benchmarks: int, **given: PerBenchmark | None) -> dict[str, Floats]:
    """What is not to be drawn, one number a benchmark."""
    return {name: _per_benchmark(name, value, n_benchmarks) for name, value in given.items() if value is not None}


def _per_benchmark(name: str, value: PerBenchmark, n_benchmarks: int) -> Floats:
    values, lowest = np.asarray(value, float), _LOWEST[name]
    if values.shape not in ((), (n_benchmarks,)):
        raise ValueError(f"{name} has shape {values.shape}; expected one number, or {n_benchmarks}, one a benchmark")
    if not (values >= lowest).all():
        raise ValueError(f"{name} is {value!r}; expected {'numbers' if lowest < 0 else f'at least {lowest:g}'}")
    return np.broadcast_to(values, (n_benchmarks,))
