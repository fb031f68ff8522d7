"""What pooling over benchmarks is worth: a sparse benchmark fitted with richer ones, and alone.

Run it as a command; it goes on where it stopped, and prints the result of what the file holds::

    python tests/studies/pooling.py --out pooling_pass_at_k.csv --replications 20

Each replication simulates runs of the pass@k law on four benchmarks with unequal numbers of problems and attempts; the
one with the fewest was tried on every third run only. It forecasts the expected rates of larger runs on that one, whose
truth is known.
"""

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from recovery import covered

from bayes_scaling.evaluation.proper_scores import crps
from bayes_scaling.evaluation.simulation.simulated import simulate_runs
from bayes_scaling.forecasting.from_fit import forecast
from bayes_scaling.laws.pass_at_k import PassAtKLaw
from bayes_scaling.posterior.fit import ConvergenceWarning
from bayes_scaling.runs.table import Runs
from bayes_scaling.sampling.fitting import fit

_PROBLEMS = (500.0, 300.0, 164.0, 30.0)
_ATTEMPTS = (256.0, 128.0, 64.0, 4.0)
_EVERY = 3  # one of so many runs was tried on the sparse benchmark
_SPARSE = "benchmark-04"
_FIRST_SEED = 20_000


def replicate(replication: int, *, draws: int = 1000, tune: int = 1000, chains: int = 4) -> list[dict[str, object]]:
    """Simulate one table, and forecast its sparse benchmark from a joint and from a separate fit.

    Parameters
    ----------
    replication : int
        Number of the replication, which sets the seeds.
    draws, tune, chains : int
        Of the fits.

    Returns
    -------
    list of dict
        One row a way of fitting ("joint", "alone"): CRPS of the expected rate, mean absolute error of its median,
        coverage and width of the 90% interval, and whether the fit converged.
    """
    seed, law = _FIRST_SEED + replication, PassAtKLaw()
    simulated = simulate_runs(
        law, n_benchmarks=4, n_runs=12, n_items=_PROBLEMS, n_samples=_ATTEMPTS, k=(1, 2, 4), random_seed=seed
    )
    frame = simulated.runs.frame
    tried = frame["run"].isin(frame["run"].unique()[::_EVERY])
    fitted_runs = Runs(frame[tried | (frame["benchmark"] != _SPARSE)].reset_index(drop=True))
    sparse = simulated.held_out.frame["benchmark"] == _SPARSE
    truth = simulated.truth.held_out_expected[sparse.to_numpy()]
    asked = Runs(simulated.held_out.frame[sparse])
    found = []
    for way, runs in (("joint", fitted_runs), ("alone", fitted_runs.select(benchmark=_SPARSE))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the result says so
            fitted = fit(law, runs, draws=draws, tune=tune, chains=chains, random_seed=seed, progressbar=False)
        expected = forecast(fitted, asked, random_seed=seed).draws["expected"].to_numpy()
        low, high = np.quantile(expected, [0.05, 0.95], axis=0)
        found.append(
            {
                "replication": replication,
                "way": way,
                "crps": float(crps(expected, truth).mean()),
                "mae": float(np.abs(np.median(expected, axis=0) - truth).mean()),
                "coverage_90": covered(expected, truth, 0.9),
                "width_90": float((high - low).mean()),
                "converged": fitted.converged,
            }
        )
    return found


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Means of each way of fitting, and how much lower the CRPS of the joint fit is, with its paired standard error."""
    table = rows.groupby("way", sort=False)[["crps", "mae", "coverage_90", "width_90", "converged"]].mean()
    wide = rows.pivot_table(index="replication", columns="way", values="crps")
    gain = wide["alone"] - wide["joint"]
    return table.assign(
        replications=len(wide),
        joint_is_better=(gain > 0).mean(),
        gain=gain.mean(),
        gain_error=gain.std(ddof=1) / np.sqrt(len(wide)) if len(wide) > 1 else np.nan,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study from the command line; see the module."""
    parser = argparse.ArgumentParser(prog="python tests/studies/pooling.py", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="CSV with two rows a replication")
    parser.add_argument("--replications", type=int, default=20)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--tune", type=int, default=1000)
    parser.add_argument("--chains", type=int, default=4)
    options = parser.parse_args(arguments)
    settings = {"draws": options.draws, "tune": options.tune, "chains": options.chains}
    done = set(pd.read_csv(options.out, comment="#")["replication"]) if options.out.exists() else set()
    for number in range(options.replications):
        if number in done:
            continue
        new = not options.out.exists()
        words = " ".join(f"--{name} {value}" for name, value in settings.items())
        head = f"# Made by: python tests/studies/pooling.py {words} --out {options.out.name}\n" if new else ""
        rows = pd.DataFrame(replicate(number, **settings)).to_csv(index=False, header=new, float_format="%.6g")
        with options.out.open("a", encoding="utf-8") as file:
            file.write(head + rows)
        print(f"{number + 1}/{options.replications}", flush=True)
    print(summarise(pd.read_csv(options.out, comment="#")).round(4).to_string())


if __name__ == "__main__":
    main()
