"""How long things take: importing, building, compiling, sampling and forecasting, and ESS per second.

    python tests/benchmarks/run_benchmark.py                       # 12 x 40, 50 x 140 and 200 x 140
    python tests/benchmarks/run_benchmark.py --sizes 12x40         # benchmarks x runs

Beside the smallest size stands the same law as a plain model: non-centred, beta-binomial, under `pm.sample` defaults.
"""

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import bayes_scaling as bs

DRAWS, TUNE, CHAINS = 1000, 1000, 4  # the defaults of bs.fit
JUDGED = ["level", "exponent"]
HEADER = ("", "build", "compile", "sample", "fit", "forecast", "min ESS", "ESS/s sampling", "ESS/s fit", "converged")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["12x40", "50x140", "200x140"], help="benchmarks x runs")
    sizes = [tuple(map(int, size.split("x"))) for size in parser.parse_args().sizes]
    for statement in ("import bayes_scaling", "import bayes_scaling as bs, bayes_scaling.model; bs.fit, bs.forecast"):
        print(f"{import_seconds(statement):6.2f} s  {statement}", flush=True)
    import nutpie  # noqa: F401  so that no row below pays for imports
    import pymc  # noqa: F401

    warnings.simplefilter("ignore")
    print_row(*HEADER)
    for i, (n_benchmarks, n_runs) in enumerate(sizes):
        runs = bs.simulate_runs(n_benchmarks=n_benchmarks, n_runs=n_runs, random_seed=1).runs
        print_row(f"{n_benchmarks} x {n_runs}", *ours(runs))
        if i == 0:
            print_row("  plain, pm.sample", *plain(runs))


def print_row(label: str, *cells: Any) -> None:
    texts = [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells]
    print(f"{label:<18}" + "".join(f"{text:>16}" for text in texts), flush=True)


def import_seconds(statement: str) -> float:
    """Time of a fresh interpreter, less that of one that imports nothing."""

    def run(code: str) -> float:
        return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))[1]

    run(statement)
    return run(statement) - run("pass")


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Result of a call, and its wall time in seconds."""
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def ours(runs: bs.Runs) -> tuple[Any, ...]:
    """Time the steps of bs.fit one by one, and a forecast two decades on."""
    from bayes_scaling.compiling import compile_model
    from bayes_scaling.model import build_model
    from bayes_scaling.posterior_tree import make_tree
    from bayes_scaling.sampling import run_sampler
    from bayes_scaling.specification import specify

    law = bs.DirectLaw()
    spec, specifying = timed(lambda: specify(law, runs))
    _, build = timed(lambda: build_model(spec))
    compiled, compiling = timed(lambda: compile_model(spec)[0])  # builds the model once more
    found, sampling = timed(
        lambda: run_sampler(compiled, draws=DRAWS, tune=TUNE, chains=CHAINS, seed=1, progressbar=False)
    )
    tree, assembling = timed(lambda: make_tree(spec, found.vectors, found.statistics))
    fitting = specifying + compiling + sampling + assembling
    fit = bs.Fit(law, runs, spec.reference, tree, {})
    _, forecasting = timed(lambda: bs.forecast(fit, bs.budgets(flops=[1e23, 1e24]), random_seed=1))
    ess = float(fit.diagnostics().loc[JUDGED, "ess_bulk"].min())
    return build, compiling, sampling, fitting, forecasting, ess, ess / sampling, ess / fitting, fit.converged


def plain(runs: bs.Runs) -> tuple[Any, ...]:
    """Time the plain model; `pm.sample` compiles and samples in one."""
    import arviz as az
    import pymc as pm

    model, build = timed(lambda: plain_model(runs))

    def sample() -> Any:
        with model:
            return pm.sample(random_seed=1, progressbar=False)

    tree, fitting = timed(sample)
    posterior = tree["posterior"].dataset[JUDGED]
    ess = float(az.ess(posterior, method="bulk").to_array().min())
    sampling = float(tree["posterior"].attrs.get("sampling_time", np.nan))
    converged = bool(az.rhat(posterior).to_array().max() <= 1.01 and ess >= 400)
    return build, "", sampling, build + fitting, "", ess, ess / sampling, ess / (build + fitting), converged


def plain_model(runs: bs.Runs) -> Any:
    """Write the direct law of one family as one would at first: non-centred, with counts of right answers."""
    import pymc as pm

    from bayes_scaling.reference import make_reference
    from bayes_scaling.response import accuracy_slope, ceiling_share, expected_accuracy

    reference = make_reference(runs.frame)
    rows = reference.encode(runs.frame)
    b = rows.benchmark
    bases = reference.bases["benchmark"]
    table = np.zeros((len(rows), max(basis.size for basis in bases)))
    for i, basis in enumerate(bases):
        table[b == i, : basis.size] = basis.rows(rows.log_flops[b == i, None])
    x = rows.log_flops - reference.centre("flops")[b]
    correct = np.round(runs.frame["accuracy"].to_numpy() * rows.n_items).astype(int)
    coords = {"benchmark": reference.labels, "run": reference.runs, "basis": np.arange(table.shape[1])}

    def scale(name: str, median: float, log_sd: float) -> Any:
        return pm.LogNormal(name, np.log(median), log_sd)

    with pm.Model(coords=coords) as model:
        z = {
            name: pm.Normal(f"{name}_z", dims=dims)
            for name, dims in (
                ("level", "benchmark"),
                ("exponent", "benchmark"),
                ("run", "run"),
                ("noise", "benchmark"),
                ("deviation", ("benchmark", "basis")),
            )
        }
        level = pm.Deterministic(
            "level", pm.Normal("level_population", 0.3, 1.0) + scale("level_sd", 0.5, 0.5) * z["level"]
        )
        exponent = pm.Deterministic(
            "exponent",
            scale("exponent_population", 0.18, 0.4) * np.exp(scale("exponent_sd", 0.25, 0.5) * z["exponent"]),
        )
        ceiling = scale("ceiling_population", 0.1, 0.5) * pm.HalfNormal("ceiling_z", dims="benchmark")
        share = ceiling_share(ceiling, level)
        deviation = scale("amplitude", 0.025, 0.5) * (table * z["deviation"][b]).sum(axis=-1)
        eta = level[b] - (exponent / (1 - share))[b] * x + deviation + scale("run_sd", 0.03, 0.6) * z["run"][rows.run]
        mu = expected_accuracy(eta, rows.floor, ceiling[b], share[b])
        slope = accuracy_slope(eta, rows.floor, ceiling[b], share[b])
        noise = scale("noise_population", 0.04, 0.7) * np.exp(scale("noise_spread", 0.3, 0.5) * z["noise"])
        jitter = (rows.chance > 0) * scale("jitter", 0.008, 0.7) * (1 - (mu - rows.floor) / (1 - rows.floor))
        beyond = (noise[b] ** 2 + 0.02**2) * slope**2 + jitter**2 + 0.001**2
        size = pm.math.maximum(mu * (1 - mu) / beyond - 1, 1.0)
        mu = pm.math.clip(mu, 1e-6, 1 - 1e-6)
        pm.BetaBinomial("correct", alpha=mu * size, beta=(1 - mu) * size, n=rows.n_items.astype(int), observed=correct)
    return model


if __name__ == "__main__":
    main()
