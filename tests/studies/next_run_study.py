"""Whether `next_run` ranks candidates as real refits do: on simulated ladders, and on published runs.

    python tests/studies/next_run_study.py --data FOLDER --out tests/studies

On a simulated ladder each of 14 candidates is "trained" several times: its scores are drawn from the fit's own
forecast, the law is fitted again with them, and the variance of the forecast at the target is averaged. On
gadre_openlm.csv (Gadre et al., arXiv 2403.08540) candidates are runs that exist, left out of the fit and put back one
at a time, with the scores that they have. --out takes next_run.csv: one row a candidate, the share of the variance that
`next_run` expects it to remove, and the share that the refits removed. The study goes on where it stopped.
"""

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from keeping import Kept

import bayes_scaling as bs
from bayes_scaling.laws.base import Law
from bayes_scaling.runs.planned import Budgets

CANDIDATES = 14
OF_RUN = ["params", "tokens", "flops", "accuracy"]
OUTCOMES = 4
HEAD = "# Made by: python tests/studies/next_run_study.py --data FOLDER --out tests/studies\n"
FITTING = {"draws": 1000, "tune": 600, "chains": 4, "progressbar": False}
COLUMNS = ("study", "candidate", "flops", "ratio", "expected", "refitted")
GADRE = ("arc_easy", "hellaswag", "lambada_openai", "piqa", "bigbench_qa_wikidata", "coqa")


def rows_of(path: Path | None = None) -> Kept:
    """Rows of the study, in a file or in memory."""
    return Kept(COLUMNS, 2, path, HEAD)


def simulated_budgets(runs: bs.Runs) -> np.ndarray:
    """FLOPs of the candidates of a simulated ladder."""
    top = float(runs.frame["flops"].max())
    return np.geomspace(top / 100, 30 * top, CANDIDATES)


def refit(law: Law, frame: pd.DataFrame, seed: int) -> bs.Fit:
    """Fit a table; candidates of one study give tables of one shape, which share a compiled model."""
    return bs.fit(law, bs.Runs(frame), random_seed=seed, reuse=True, **FITTING)


def variance(fit: bs.Fit, target: Budgets) -> float:
    """Variance of the forecast of the mean over benchmarks."""
    draws = bs.forecast(fit, target, 1).array("score")
    return float(draws.mean(axis=1).var(ddof=1))


def simulated(
    law: Law,
    name: str,
    seed: int,
    ratio: np.ndarray | None,
    chosen: Sequence[int] = range(CANDIDATES),
    outcomes: int = OUTCOMES,
    kept: Kept | None = None,
) -> pd.DataFrame:
    """Predicted and refitted shares of the chosen candidates on a simulated ladder, of those not yet kept."""
    kept = rows_of() if kept is None else kept
    runs = bs.simulate_runs(law, n_benchmarks=5, n_runs=12, random_seed=seed).runs
    of_benchmarks = runs.frame.drop_duplicates("benchmark")[["benchmark", "chance", "n_items"]]
    top, budgets = float(runs.frame["flops"].max()), simulated_budgets(runs)
    missing = [number for number in chosen if not kept.has(name, f"{budgets[number]:.2e}")]
    if not missing:
        return kept.table()
    first = refit(law, runs.frame, seed)
    sizes = [20.0] * CANDIDATES if ratio is None else ratio.tolist()
    at = [bs.budgets(flops=c, ratio=r) for c, r in zip(budgets, sizes, strict=True)]
    target = bs.budgets(flops=100 * top, ratio=20.0)
    before = variance(first, target)
    for number in missing:
        flops, planned = budgets[number], at[number]
        expected = bs.next_run(first, planned, target).table()["variance_removed"].item()
        found = bs.forecast(first, planned, seed)
        draws = found.array("score")
        after = []
        for outcome in range(outcomes):
            scores = draws[(number * outcomes + outcome) * len(draws) // (CANDIDATES * outcomes)]
            points = found.points.assign(run="candidate", accuracy=scores)[["run", "family", "benchmark", *OF_RUN]]
            new = points.merge(of_benchmarks, on="benchmark")
            both = pd.concat([runs.frame, new], ignore_index=True)
            after.append(variance(refit(law, both, seed + outcome), target))
        kept.add(name, f"{flops:.2e}", flops, sizes[number], expected, 1 - np.mean(after) / before)
        print(name, f"{flops:.2e}", flush=True)
    return kept.table()


def gadre(folder: Path, kept: Kept) -> None:
    """Predicted and refitted shares of published runs, each put back into a table that lacks them all."""
    name = "Gadre et al."
    frame = pd.read_csv(folder / "gadre_openlm.csv", low_memory=False)
    frame = (
        bs.Runs(frame.dropna(subset=["accuracy", "flops"]))
        .select("family == 'C4'" if (frame["family"] == "C4").any() else "", benchmark=list(GADRE))
        .frame
    )
    family = str(frame["family"].iloc[0])
    one = frame[frame["family"] == family]
    sizes = one.drop_duplicates("run").sort_values("flops")
    chosen = sizes["run"].iloc[np.linspace(0, len(sizes) - 2, CANDIDATES).round().astype(int)].tolist()
    missing = [run for run in chosen if not kept.has(name, run)]
    if not missing:
        return
    law = bs.RatioLaw()
    rest = one[~one["run"].isin([*chosen, sizes["run"].iloc[-1]])]
    first = refit(law, rest, 1)
    largest = sizes.iloc[-1]
    target = bs.budgets(flops=10 * float(largest["flops"]), ratio=20.0)
    before = variance(first, target)
    for run in missing:
        own = one[one["run"] == run].drop(columns=[c for c in one if c in ("accuracy", "stderr", "loss")])
        expected = bs.next_run(first, bs.Runs(own), target).table()["variance_removed"].item()
        after = variance(refit(law, pd.concat([rest, one[one["run"] == run]], ignore_index=True), 1), target)
        size = own.iloc[0]
        kept.add(name, run, size["flops"], size["tokens"] / size["params"], expected, 1 - after / before)
        print(name, run, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--data", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    ratios = np.geomspace(5, 200, CANDIDATES)[np.random.default_rng(0).permutation(CANDIDATES)]
    kept = rows_of(options.out / "next_run.csv")
    simulated(bs.DirectLaw(), "simulated, direct law", 11, None, kept=kept)
    simulated(bs.RatioLaw(), "simulated, ratio law", 12, ratios, kept=kept)
    gadre(options.data, kept)
    for name, rows in kept.table().groupby("study", sort=False):
        rank = rows["expected"].corr(rows["refitted"], method="spearman")
        print(f"{name}: Spearman {rank:.2f} over {len(rows)} candidates")


if __name__ == "__main__":
    main()
