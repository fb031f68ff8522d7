"""Attempts at problems whose difficulties are known: counts of right ones, and the rates that follow from them."""

import numpy as np
import pandas as pd

import bayes_scaling as bs
from bayes_scaling.laws.hazards import beta_shapes
from bayes_scaling.runs.pass_rates import pass_at_k

FIVE_BUDGETS = tuple(np.geomspace(1e19, 1e21, 5))
LEVEL, EXPONENT, BEND, BEND_SLOPE = 0.9, 0.2, 20.0, 1.0


def counts_frame(flops, *, benchmarks=("code", "maths"), problems=30, n_samples=32, seed=1, prefix="run"):
    """Right attempts of one run a budget at each problem, whose success rates have a beta distribution."""
    rng = np.random.default_rng(seed)
    parts = []
    for i, budget in enumerate(flops):
        params = np.sqrt(budget / 120)
        for b, benchmark in enumerate(benchmarks):
            log_error = LEVEL - 0.3 * b - EXPONENT * np.log(budget / 1e20)
            a, z = beta_shapes(np.exp(log_error), np.log(BEND) + BEND_SLOPE * (log_error - LEVEL))
            rows = {
                "run": f"{prefix}{i}",
                "params": params,
                "tokens": 20 * params,
                "flops": budget,
                "benchmark": benchmark,
                "problem": [f"{benchmark}-{j}" for j in range(problems)],
                "n_samples": n_samples,
                "n_correct": rng.binomial(n_samples, rng.beta(a, z, problems)),
                "chance": 0.0,
            }
            parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)


def rates_frame(counts, ks=(1, 4, 16)):
    """Unbiased rates of counts at each k, one row a run, benchmark and k."""
    parts = []
    for _, rows in counts.groupby(["run", "benchmark"], sort=False):
        one = rows.head(1).drop(columns=["problem", "n_correct"])
        for k in ks:
            rate = float(np.mean(pass_at_k(rows["n_samples"], rows["n_correct"], k)))
            parts.append(one.assign(k=k, accuracy=rate, n_items=len(rows)))
    return pd.concat(parts, ignore_index=True)


def counts_runs(flops=FIVE_BUDGETS, **options):
    """As `counts_frame`, validated."""
    return bs.Runs(counts_frame(flops, **options))


def rates_runs(flops=FIVE_BUDGETS, ks=(1, 4, 16), **options):
    """As `rates_frame`, validated."""
    return bs.Runs(rates_frame(counts_frame(flops, **options), ks))
