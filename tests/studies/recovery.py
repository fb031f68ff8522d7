"""Recovery of known truths: simulate runs from the prior, fit them, and count what the intervals cover.

Run it as a command; it goes on where it stopped, and prints the result of what the file holds::

    python tests/studies/recovery.py --law direct --out recovery.csv --replications 40

Each replication is one simulated table and one fit of it by `bayes_scaling.fit`, the reading of floors and reference
budgets off the scores included. The quantities of one replication share its truths, so the replication is the unit: the
standard error of a coverage is taken over replications.
"""

import argparse
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.evaluation.simulation.simulated import SimulatedRuns, simulate_runs
from bayes_scaling.forecasting.from_fit import forecast
from bayes_scaling.laws import LAWS
from bayes_scaling.laws.base import Law
from bayes_scaling.laws.known import (
    BrokenPowerLaw,
    DirectLaw,
    GeneralLaw,
    PassAtKLaw,
    RatioLaw,
    SigmoidLaw,
    TwoStageLaw,
)
from bayes_scaling.model.ladder_notes import RatioWarning
from bayes_scaling.posterior.fit import ConvergenceWarning, Fit
from bayes_scaling.sampling.fitting import ThinDataWarning, fit

Floats = NDArray[np.float64]

PROBABILITIES = (0.5, 0.9)
QUANTITIES = ("exponent", "level", "split", "bend", "expected", "new", "rest")


@dataclass(frozen=True)
class Scenario:
    """One kind of table to simulate; everything that is not said is drawn from the prior.

    Attributes
    ----------
    name : str
        Its name.
    first_seed : int
        Seed of replication 0; the next replications count on.
    law : Law
        The law, with default priors, that is simulated and fitted.
    table : mapping
        Arguments of `simulate_runs`. The fit always has the default priors.
    truth : Law, optional
        The law that is simulated where it is not that which is fitted: with something known that this has to find.
    """

    name: str
    first_seed: int
    law: Law
    table: Mapping[str, Any]
    truth: Law | None = None


_SMALL = {"n_benchmarks": 6, "n_runs": 16}
_ALONG = {"n_benchmarks": 6, "further": 2.0}
_LUCKY = DirectLaw(run_sd=0.15)
SCENARIOS = (
    Scenario("twelve-by-forty", 1000, DirectLaw(), {}),
    Scenario("three-families", 2000, DirectLaw(), {"n_families": 3}),
    Scenario("six-runs", 3000, DirectLaw(), {"n_runs": 6}),
    Scenario("no-ceiling", 4000, DirectLaw(), {"ceiling": 0.0}),
    Scenario("four-ratios", 5000, RatioLaw(), {}),
    Scenario("four-ratios, three-families", 6000, RatioLaw(), {"n_families": 3}),
    Scenario("one-ratio", 7000, RatioLaw(), {"ratio": 20.0}),
    Scenario("rates", 8000, PassAtKLaw(), {"n_benchmarks": 4, "n_runs": 24}),
    Scenario("counts", 9000, PassAtKLaw(), {"n_benchmarks": 3, "n_runs": 20, "counts": True, "n_items": 128}),
    Scenario(
        "one-benchmark, counts",
        24_000,
        PassAtKLaw(),
        {"n_benchmarks": 1, "n_runs": 24, "counts": True, "n_items": 128},
    ),
    Scenario("losses", 11_000, TwoStageLaw(), {}),
    Scenario("losses, three-families", 12_000, TwoStageLaw(), {"n_families": 3}),
    Scenario("broken", 13_000, BrokenPowerLaw(), {}),
    Scenario("sigmoid", 14_000, SigmoidLaw(), {}),
    Scenario("any table, no-ceiling", 15_000, GeneralLaw(), {**_SMALL, "ceiling": 0.0}),
    Scenario("a turn", 16_000, GeneralLaw(), _SMALL, GeneralLaw(change=0.8, break_point=0.0)),
    Scenario("a drift", 17_000, GeneralLaw(), {**_SMALL, "flops": (1e20, 1e23), "tokens": 3e11}),
    Scenario("two sizes a recipe", 18_000, GeneralLaw(), {**_SMALL, "n_families": 8, "ratio": 20.0}),
    Scenario("six runs of eight checkpoints", 19_000, DirectLaw(), {**_ALONG, "n_runs": 6, "checkpoints": 8}, _LUCKY),
    Scenario(
        "six runs of eight, annealed ends",
        20_000,
        DirectLaw(),
        {**_ALONG, "n_runs": 6, "checkpoints": 8, "annealed_ends": True},
        _LUCKY,
    ),
    Scenario(
        "a long run beside five",
        21_000,
        DirectLaw(),
        {**_ALONG, "n_runs": 6, "checkpoints": [1, 1, 1, 1, 1, 16]},
        _LUCKY,
    ),
    Scenario(
        "one run alone",
        22_000,
        DirectLaw(),
        {**_ALONG, "n_runs": 1, "checkpoints": 16, "flops": (1e21, 1e21), "held_out_flops": 1e22},
        _LUCKY,
    ),
    Scenario(
        "twenty runs of forty",
        23_000,
        DirectLaw(),
        {"n_benchmarks": 3, "further": 2.0, "n_runs": 20, "checkpoints": 40},
        _LUCKY,
    ),
    Scenario("one-benchmark", 10_000, PassAtKLaw(), {"n_benchmarks": 1, "n_runs": 24}),
)


@dataclass(frozen=True)
class Replication:
    """What one replication found: a row of the stored result.

    Attributes
    ----------
    scenario, replication : str, int
        Which one it is.
    exponent_50, exponent_90, level_50, level_90, expected_50, expected_90 : float
        Share of the curves' exponents and levels, and of the held-out runs' expected scores, that lie within their
        central 50% and 90% posterior intervals.
    split_50, split_90, bend_50, bend_90 : float
        The same of splits and bends; NaN of laws that have none.
    new_50, new_90, rest_50, rest_90 : float
        The same of measured scores: of new runs, and of fitted runs that are trained on; NaN where there are none.
    ceiling : float
        Posterior median of E (nats), the mean over benchmarks.
    converged : bool
        Whether the fit converged.
    r_hat, ess, divergences : float
        Worst of what decides convergence.
    seconds : float
        Time of the fit.
    """

    scenario: str
    replication: int
    exponent_50: float
    exponent_90: float
    level_50: float
    level_90: float
    expected_50: float
    expected_90: float
    ceiling: float
    converged: bool
    r_hat: float
    ess: float
    divergences: int
    seconds: float
    split_50: float = np.nan
    split_90: float = np.nan
    bend_50: float = np.nan
    bend_90: float = np.nan
    new_50: float = np.nan
    new_90: float = np.nan
    rest_50: float = np.nan
    rest_90: float = np.nan


def replicate(
    scenario: Scenario,
    replication: int,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    reuse: bool = False,
) -> Replication:
    """Simulate one table, fit it, and count what the intervals cover.

    Parameters
    ----------
    scenario : Scenario
        What to simulate.
    replication : int
        Number of the replication, which sets the seeds.
    draws, tune, chains : int
        Of the fit.
    reuse : bool
        Whether tables of one shape use one compiled model.

    Returns
    -------
    Replication
        Coverages and diagnostics.
    """
    seed = scenario.first_seed + replication
    simulated = simulate_runs(scenario.truth or scenario.law, **scenario.table, random_seed=seed)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the result says so
        warnings.simplefilter("ignore", ThinDataWarning)  # as the scenario has it
        fitted = fit(
            scenario.law,
            simulated.runs,
            draws=draws,
            tune=tune,
            chains=chains,
            random_seed=seed,
            reuse=reuse,
            progressbar=False,
        )
    seconds = time.perf_counter() - start
    table = fitted.diagnostics()
    deciding = table[table["decides"]]
    return Replication(
        scenario=scenario.name,
        replication=replication,
        **_coverages(fitted, simulated, seed),
        ceiling=float(fitted.posterior["ceiling"].median(("chain", "draw")).mean()),
        converged=fitted.converged,
        r_hat=float(deciding["r_hat"].max()),
        ess=float(deciding[["ess_bulk", "ess_tail"]].to_numpy().min()),
        divergences=int(table["divergences"].loc["sampler"]),
        seconds=seconds,
    )


def _coverages(fitted: Fit, simulated: SimulatedRuns, seed: int) -> dict[str, float]:
    true = simulated.truth.curves_for(fitted.reference)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RatioWarning)  # runs that go on see more tokens per parameter
        forecasts = forecast(fitted, simulated.held_out, random_seed=10_000 + seed)
    draws = forecasts.draws.transpose("sample", "point")
    held_out = draws["expected"]
    found = {name: (_flat(fitted, name), true[name].to_numpy()) for name in QUANTITIES if name in true}
    found["expected"] = (held_out.to_numpy(), simulated.truth.held_out_expected)
    if fitted.law.of_scores:
        rest = fitted.reference.encode(simulated.held_out.frame).run >= 0
        scores, measured = draws["score"].to_numpy(), simulated.held_out.frame["accuracy"].to_numpy(float)
        parts = {"new": ~rest, "rest": rest}
        found |= {name: (scores[:, part], measured[part]) for name, part in parts.items() if part.any()}
    return {
        f"{name}_{100 * prob:.0f}": covered(draws, truth, prob)
        for name, (draws, truth) in found.items()
        for prob in PROBABILITIES
    }


def _flat(fitted: Fit, name: str) -> Floats:
    draws = fitted.posterior[name].to_numpy()
    return draws.reshape(-1, *draws.shape[2:])


def covered(draws: Floats, truth: Floats, prob: float) -> float:
    """Share of truths inside the central interval of their draws.

    Parameters
    ----------
    draws : array, shape (samples, quantities)
        Posterior draws.
    truth : array, shape (quantities,)
        Known values.
    prob : float
        Probability of the interval.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> covered(np.linspace([0, 0], [1, 1], 101), np.array([0.5, 0.99]), 0.9)
    0.5
    """
    low, high = np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
    return float(np.mean((low <= truth) & (truth <= high)))


def summarise(replications: pd.DataFrame) -> pd.DataFrame:
    """Coverage of each scenario and quantity, with its error counted by replication.

    Parameters
    ----------
    replications : DataFrame
        One row a `Replication`.

    Returns
    -------
    DataFrame
        Columns ``scenario``, ``quantity``, ``nominal``, ``coverage``, ``standard_error`` (over replications), ``z``
        (deviation from nominal in standard errors) and ``replications``.
    """
    rows = []
    for scenario, group in replications.groupby("scenario", sort=False):
        for quantity in QUANTITIES:
            for prob in PROBABILITIES:
                shares = group[f"{quantity}_{100 * prob:.0f}"].dropna()
                if shares.empty:
                    continue
                error = shares.std(ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else np.nan
                z = (shares.mean() - prob) / error if error > 0 else np.nan
                rows.append((scenario, quantity, prob, shares.mean(), error, z, len(shares)))
    columns = ["scenario", "quantity", "nominal", "coverage", "standard_error", "z", "replications"]
    return pd.DataFrame(rows, columns=columns)


def summarise_fits(replications: pd.DataFrame) -> pd.DataFrame:
    """Say how each scenario's fits went: number not converged, divergences, median seconds and ceiling."""
    return (
        replications.assign(not_converged=~replications["converged"].astype(bool))
        .groupby("scenario", sort=False)
        .agg(
            fits=("replication", "size"),
            not_converged=("not_converged", "sum"),
            worst_r_hat=("r_hat", "max"),
            divergences=("divergences", "sum"),
            seconds=("seconds", "median"),
            ceiling=("ceiling", "median"),
        )
        .reset_index()
    )


def read_replications(path: str | Path) -> pd.DataFrame:
    """Read a stored result, in the order of scenarios and replications; without a file, an empty table.

    Columns that a file from before they were thought of lacks are NaN.
    """
    path, columns = Path(path), [field.name for field in fields(Replication)]
    if not path.exists():
        return pd.DataFrame(columns=columns)
    order = {scenario.name: i for i, scenario in enumerate(SCENARIOS)}
    frame = pd.read_csv(path, comment="#").reindex(columns=columns)
    return frame.sort_values(
        ["scenario", "replication"], key=lambda column: column.map(order) if column.name == "scenario" else column
    ).reset_index(drop=True)


def append(path: Path, found: Replication, settings: str = "") -> None:
    """Add one row to a stored result, with the command that makes it as the head where the file is new.

    Raises
    ------
    ValueError
        Where the file has other columns.
    """
    new = not path.exists()
    if not new and list(pd.read_csv(path, comment="#", nrows=0)) != list(asdict(found)):
        raise ValueError(f"{path} was made by another version of the study; expected a new file, or its own columns")
    head = f"# Made by: python tests/studies/recovery.py{settings} --out {path.name}\n" if new else ""
    row = pd.DataFrame([asdict(found)]).to_csv(index=False, header=new, float_format="%.6g")
    with path.open("a", encoding="utf-8") as file:
        file.write(head + row)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study from the command line; see the module."""
    parser = argparse.ArgumentParser(prog="python tests/studies/recovery.py", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="CSV with one row a replication; goes on where it stopped"
    )
    parser.add_argument("--replications", type=int, default=40, help="replications of each scenario")
    parser.add_argument("--law", choices=list(LAWS), default="direct", help="whose scenarios to run")
    parser.add_argument("--scenario", action="append", choices=[s.name for s in SCENARIOS], help="by default all")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--tune", type=int, default=1000)
    parser.add_argument("--chains", type=int, default=4)
    options = parser.parse_args(arguments)
    settings = f" --law {options.law} --draws {options.draws} --tune {options.tune} --chains {options.chains}"
    for scenario in SCENARIOS:
        if scenario.law.name != options.law or (options.scenario and scenario.name not in options.scenario):
            continue
        stored = read_replications(options.out)
        done = set(stored.loc[stored["scenario"] == scenario.name, "replication"])
        for number in range(options.replications):
            if number in done:
                continue
            sizes = {"draws": options.draws, "tune": options.tune, "chains": options.chains}
            found = replicate(scenario, number, **sizes, reuse=True)
            append(options.out, found, settings)
            state = "converged" if found.converged else f"not converged (R-hat {found.r_hat:.3f}, ESS {found.ess:.0f})"
            print(f"{scenario.name} {number + 1}/{options.replications}: {found.seconds:.0f} s, {state}", flush=True)
    stored = read_replications(options.out)
    print(summarise(stored).round(3).to_string(index=False))
    print(summarise_fits(stored).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
