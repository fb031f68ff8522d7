"""Fits by size: seconds, ESS per second and peak memory, beside other ways to sample.

    python tests/benchmarks/fit_benchmark.py                              # 12 x 40, 50 x 140 and 200 x 140
    python tests/benchmarks/fit_benchmark.py 12x40                        # benchmarks x runs
    python -m uv run --with numpyro python tests/benchmarks/fit_benchmark.py 12x40 --numpyro
    python tests/benchmarks/fit_benchmark.py --growth 12x40 50x140 runs.csv   # our fits alone: what grows, and how

Ours draws as many as are enough; "fixed" is the same with 1,000 draws after 1,000 of tuning, as it was before. Beside
the smallest size stand under the same sampler (nutpie on numba) the plain model, which has our curves, deviation
and ceiling but is non-centred and beta-binomial, and the textbook's, a power law with non-centred scale and exponent;
and with ``--numpyro`` our density under NumPyro's NUTS. ESS is bulk ESS, the smallest over levels and exponents of the
curves, and that over populations and scales; seconds are those of sampling, without compiling. Every row is a process
of its own; memory is its peak.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import bayes_scaling as bs

DRAWS, TUNE, CHAINS = 1000, 1000, 4  # where they are fixed
JUDGED = ["level", "exponent"]
GROWTH = (
    "rows",
    "parameters",
    "gradient ms",
    "a row ns",
    "steps a draw",
    "sample s",
    "ESS of curves",
    "ESS of the rest",
    "peak GB",
    "converged",
)
HEADER = (
    "rows",
    "way",
    "draws of each chain",
    "compile s",
    "sample s",
    "whole fit s",
    "ESS of curves",
    "a second",
    "ESS of the rest",
    "a second",
    "peak GB",
    "converged",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "sizes", nargs="*", default=["12x40", "50x140", "200x140"], help="benchmarks x runs, or a table"
    )
    parser.add_argument("--growth", action="store_true", help="our fits alone, with what a gradient and a draw take")
    parser.add_argument("--numpyro", action="store_true", help="also NumPyro on our density of the first size")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        warnings.simplefilter("ignore")
        print("RESULT " + json.dumps(WAYS[arguments.one](table(arguments.sizes[0]))))
        return
    header = GROWTH if arguments.growth else HEADER
    print_row(header)
    print("|" + "---|" * len(header), flush=True)
    if arguments.growth:
        for size in arguments.sizes:
            growth_row(child(size, "growth"))
        return
    for i, size in enumerate(arguments.sizes):
        ways = [
            "ours",
            "fixed",
            *(["plain", "textbook"] if i == 0 else []),
            *(["numpyro"] if i == 0 and arguments.numpyro else []),
        ]
        found = {way: child(size, way) for way in ways}
        for way in ways:
            row(size, way, found[way])
        for way in ways[1:]:
            curves, rest = (rate(found["ours"], of) / rate(found[way], of) for of in ("ess", "ess_rest"))
            print(f"\nours over {way}, ESS a second: {curves:.1f} (curves), {rest:.1f} (the rest)\n", flush=True)


def rate(found: dict[str, Any], of: str) -> float:
    return float(found[of]) / float(found["sample"])


def child(size: str, way: str) -> dict[str, Any]:
    """Run one way in a process of its own."""
    done = subprocess.run([sys.executable, __file__, size, "--one", way], capture_output=True, text=True, check=True)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return found


def row(size: str, way: str, found: dict[str, Any]) -> None:
    n_benchmarks, n_runs = map(int, size.split("x"))
    cells = (
        f"{n_benchmarks} x {n_runs} = {n_benchmarks * n_runs}",
        way,
        str(found["draws"]),
        f"{found['compile']:.1f}",
        f"{found['sample']:.1f}",
        f"{found['fit']:.1f}",
        f"{found['ess']:.0f}",
        f"{rate(found, 'ess'):.1f}",
        f"{found['ess_rest']:.0f}",
        f"{rate(found, 'ess_rest'):.1f}",
        f"{found['peak']:.2f}",
        "yes" if found["converged"] else "no",
    )
    print_row(cells)


def growth_row(found: dict[str, Any]) -> None:
    cells = (
        f"{found['rows']:,}",
        f"{found['parameters']:,}",
        f"{1e3 * found['gradient']:.2f}",
        f"{1e9 * found['gradient'] / found['rows']:.0f}",
        f"{found['steps']:.0f}",
        f"{found['sample']:.0f}",
        f"{found['ess']:.0f}",
        f"{found['ess_rest']:.0f}",
        f"{found['peak']:.1f}",
        "yes" if found["converged"] else "no",
    )
    print_row(cells)


def print_row(cells: tuple[str, ...]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def table(size: str) -> bs.Runs:
    if Path(size).exists():
        return bs.read_runs(size)
    n_benchmarks, n_runs = map(int, size.split("x"))
    return bs.simulate_runs(bs.DirectLaw(), n_benchmarks=n_benchmarks, n_runs=n_runs, random_seed=1).runs


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Result of a call, and its wall time in seconds."""
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def fixed(runs: bs.Runs) -> dict[str, Any]:
    return ours(runs, draws=DRAWS, tune=TUNE)


def ours(runs: bs.Runs, **options: int) -> dict[str, Any]:
    import bayes_scaling.sampling.fitting  # noqa: F401  so that the fit does not pay for imports

    fit, whole = timed(lambda: bs.fit(bs.DirectLaw(), runs, random_seed=1, progressbar=False, **options))
    seconds = fit.provenance["seconds"]
    table = fit.diagnostics().query("decides")["ess_bulk"]
    scalars = [name for name in table.index if not fit.posterior.get(name, fit.posterior["level"]).dims[2:]]
    found = {"ess": float(table[JUDGED].min()), "ess_rest": float(table[scalars].min())}
    found["draws"] = fit.provenance["draws"]
    found["steps"] = float(fit.stored["sample_stats"]["n_steps"].mean())
    return {**seconds, "fit": whole, **found, "peak": peak(), "converged": fit.converged}


def growth(runs: bs.Runs) -> dict[str, Any]:
    """Ours, with the number of parameters and the time of a gradient."""
    from leapfrog_profile import seconds_of

    from bayes_scaling.model.specification import specify
    from bayes_scaling.sampling.compiling import compile_model

    found = ours(runs)
    compiled, _ = compile_model(specify(bs.DirectLaw(), runs))
    point = np.random.default_rng(1).normal(0, 0.1, compiled.n_dim)
    seconds = seconds_of(compiled.logp_func.vm.jit_fn, (point,))
    return {**found, "rows": len(runs), "parameters": int(compiled.n_dim), "gradient": seconds}


def plain(runs: bs.Runs) -> dict[str, Any]:
    return by_nutpie(plain_model(runs))


def textbook(runs: bs.Runs) -> dict[str, Any]:
    return by_nutpie(textbook_model(runs))


def by_nutpie(model: Any) -> dict[str, Any]:
    import nutpie

    compiled, compiling = timed(lambda: nutpie.compile_pymc_model(model))
    tree, sampling = timed(
        lambda: nutpie.sample(compiled, draws=DRAWS, tune=TUNE, chains=CHAINS, seed=1, progress_bar=False)
    )
    return judged(tree, compiling, sampling)


def numpyro(runs: bs.Runs) -> dict[str, Any]:
    """Our density, as PyTensor's JAX backend has it, under NumPyro; its sampling includes JAX's compiling."""
    import pymc as pm

    from bayes_scaling.model.pooling import unpack
    from bayes_scaling.model.specification import specify
    from bayes_scaling.sampling.graph import build_model

    spec = specify(bs.DirectLaw(), runs)
    with build_model(spec):
        tree, sampling = timed(
            lambda: pm.sample(
                DRAWS,
                tune=TUNE,
                chains=CHAINS,
                random_seed=1,
                progressbar=False,
                nuts_sampler="numpyro",
                compute_convergence_checks=False,
            )
        )
    import xarray as xr

    posterior = tree["posterior"].dataset
    free = {str(name): array.to_numpy() for name, array in posterior.items()}
    named = unpack(spec.law, spec.reference, spec.layout, free)
    wanted = {name: named[name] for name in [*JUDGED, *(hyper.name for hyper in spec.layout.hypers)]}
    variables = {name: (("chain", "draw", f"{name}_of")[: values.ndim], values) for name, values in wanted.items()}
    tree = xr.DataTree.from_dict({"posterior": posterior[["chain", "draw"]].assign(variables)})
    return judged(tree, 0.0, sampling)


def judged(tree: Any, compiling: float, sampling: float) -> dict[str, Any]:
    import arviz as az

    posterior = tree["posterior"].dataset
    curves = posterior[JUDGED]
    rest = posterior[[name for name, values in posterior.items() if values.dims == ("chain", "draw")]]
    ess, ess_rest = (float(az.ess(part, method="bulk").to_array().min()) for part in (curves, rest))
    r_hat = max(float(array.max()) for part in (curves, rest) for array in az.rhat(part).values())
    converged = r_hat <= 1.01 and min(ess, ess_rest) >= 400
    return {
        "draws": DRAWS,
        "compile": compiling,
        "sample": sampling,
        "fit": compiling + sampling,
        "ess": ess,
        "ess_rest": ess_rest,
        "peak": peak(),
        "converged": converged,
    }


def plain_model(runs: bs.Runs) -> Any:
    """Write the direct law of one family as one would at first: non-centred, with counts of right answers."""
    import pymc as pm

    from bayes_scaling.model.make_reference import make_reference
    from bayes_scaling.model.response import accuracy_slope, ceiling_share, expected_accuracy

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


def textbook_model(runs: bs.Runs) -> Any:
    """Write Q = exp(-A / C^alpha) with non-centred log A and log alpha, and counts that vary more than by chance."""
    import pymc as pm

    frame = runs.frame
    benchmark, labels = frame["benchmark"].factorize()
    x = np.log(frame["flops"].to_numpy() / 1e21)
    floor, n = frame["chance"].to_numpy(), frame["n_items"].to_numpy().astype(int)
    correct = np.round(frame["accuracy"].to_numpy() * n).astype(int)
    with pm.Model(coords={"benchmark": labels}) as model:
        z = {name: pm.Normal(f"{name}_z", dims="benchmark") for name in JUDGED}
        level = pm.Deterministic(
            "level", pm.Normal("level_population", 0.0, 1.0) + pm.HalfNormal("level_sd", 1.0) * z["level"]
        )
        exponent = pm.Deterministic(
            "exponent",
            np.exp(
                pm.Normal("exponent_population", np.log(0.2), 0.5) + pm.HalfNormal("exponent_sd", 0.5) * z["exponent"]
            ),
        )
        mu = floor + (1 - floor) * np.exp(-np.exp(level[benchmark] - exponent[benchmark] * x))
        mu = pm.math.clip(mu, 1e-6, 1 - 1e-6)
        size = pm.LogNormal("size", np.log(500.0), 1.0)
        pm.BetaBinomial("correct", alpha=mu * size, beta=(1 - mu) * size, n=n, observed=correct)
    return model


WAYS: dict[str, Callable[[bs.Runs], dict[str, Any]]] = {
    "ours": ours,
    "fixed": fixed,
    "growth": growth,
    "plain": plain,
    "textbook": textbook,
    "numpyro": numpyro,
}

if __name__ == "__main__":
    main()
