"""How long planning answers take from saved fits: loading, then each question, in a process without a sampler.

    python tests/benchmarks/planning_benchmark.py

The fits are made first, on the tables that ship. next_run compares 200 candidates on seven benchmarks.
"""

import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import bayes_scaling as bs

FAMILIES = ["Cerebras-GPT", "Pythia", "OPT"]


def make_fits(folder: Path) -> None:
    """Fit the direct, the ratio and the pass@k law, and save them."""
    tables = {
        "direct": (bs.DirectLaw(), bs.load_dataset("cerebras_gpt")),
        "ratio": (bs.RatioLaw(), bs.load_dataset("pile_suite").select(family=FAMILIES)),
        "passes": (bs.PassAtKLaw(), bs.load_dataset("codex_humaneval")),
    }
    warnings.simplefilter("ignore")
    for name, (law, runs) in tables.items():
        bs.fit(law, runs, random_seed=1, progressbar=False).save(folder / f"{name}.nc")


def answer(folder: Path) -> None:
    """Answer each question, and print how long it took."""
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    fits = {name: bs.load_fit(folder / f"{name}.nc") for name in ("direct", "ratio", "passes")}
    direct, ratio, passes = fits["direct"], fits["ratio"], fits["passes"]
    first = bs.forecast(direct, bs.budgets(flops=[1e23, 1e24]), 1)
    print(f"{time.perf_counter() - start:6.2f} s  loading three fits, and a first forecast")
    many = bs.budgets(flops=np.geomspace(1e20, 1e23, 20).tolist(), ratio=np.geomspace(5, 200, 10).tolist())
    questions = {
        "probability_of": lambda: bs.probability_of(first, {"hellaswag": 0.6, "piqa": 0.8}),
        "budget_for": lambda: bs.budget_for(direct, "hellaswag", 0.6),
        "allocate, one benchmark": lambda: bs.allocate(ratio, 1e23, "piqa", family="Pythia"),
        "allocate, mean of seven, 7 budgets": lambda: bs.allocate(ratio, np.geomspace(1e21, 1e24, 7), family="Pythia"),
        "rank_families": lambda: bs.rank_families(ratio, bs.budgets(flops=1e23, ratio=20.0)),
        "train_or_sample, a target": lambda: bs.train_or_sample(
            passes, 0.6, tokens_per_sample=400, queries=1e8, ratio=20.0
        ),
        "train_or_sample, three totals": lambda: bs.train_or_sample(
            passes, flops=[1e22, 1e23, 1e24], tokens_per_sample=400, queries=1e8, ratio=20.0
        ),
        "next_run, 200 candidates": lambda: bs.next_run(direct, many, bs.budgets(flops=1e24, ratio=20.0)),
        "next_run, 200 candidates, three chosen": lambda: bs.next_run(
            direct, many, bs.budgets(flops=1e24, ratio=20.0), several=3
        ),
        "continue_run": lambda: bs.continue_run(ratio, "Cerebras-13B", [1e21, 1e22, 1e23]),
    }
    for name, ask in questions.items():
        start = time.perf_counter()
        ask()
        print(f"{time.perf_counter() - start:6.2f} s  {name}")
    loaded = {"pymc", "pytensor", "nutpie", "numba", "arviz"} & set(sys.modules)
    print(f"samplers loaded: {', '.join(sorted(loaded)) or 'none'}")


def main() -> None:
    if len(sys.argv) > 1:
        answer(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        make_fits(Path(folder))
        subprocess.run([sys.executable, __file__, folder], check=True)


if __name__ == "__main__":
    main()
