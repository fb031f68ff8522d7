"""Ask the five questions of a planner, from a table to answers, by the command alone.

    python tests/studies/five_questions.py [FOLDER]

The table is invented: six runs of 200M to 13B parameters, 77 to 1490 tokens per parameter, five benchmarks, one of them
at chance up to 2.8B, and two cells missing. Its fit, its backtest and two reports stay in the folder.
"""

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

RUNS = {
    "kestrel-200M": (2.016e8, 3e11),
    "kestrel-600M": (6e8, 3e11),
    "kestrel-1.3B": (1.3e9, 3e11),
    "kestrel-2.8B": (2.8e9, 3e11),
    "kestrel-7B": (7e9, 1e12),
    "kestrel-13B": (13e9, 1e12),
}
#: Chance, questions, log10 FLOPs at the middle of the rise, and its width in decades.
BENCHMARKS = {
    "MMLU": (0.25, 14042, 23.0, 0.35),
    "GSM8K": (0.0, 1319, 23.3, 0.9),
    "HellaSwag": (0.25, 10042, 21.0, 0.62),
    "ARC-Challenge": (0.25, 1172, 22.6, 0.62),
    "PIQA": (0.5, 1838, 20.6, 0.62),
}
MISSING = {("kestrel-600M", "PIQA"), ("kestrel-1.3B", "GSM8K")}
COST = "--flops-per-second 9.89e14 --price-per-hour 2 --accelerators 512"
QUESTIONS = f"""
plan probability fit.nc --flops 3e23 --ratio 77 --target GSM8K=70% {COST}
plan target fit.nc --benchmark GSM8K --target 70% --ratio 77 --beside direct {COST}
plan target fit.nc --benchmark GSM8K --target 50% --ratio 77 --probability 0.8 --recalibrate
plan continue fit.nc kestrel-2.8B --more-flops 2e22 --wanted 0.01
plan next-run fit.nc --flops 1e21,5e21,2e22 --ratio 77 --target-flops 3e23 --target-ratio 77 --target-benchmark GSM8K
plan train-or-sample fit.nc --target 70% --tokens-per-sample 300 --queries 1e6
plan allocate fit.nc --flops 3e23
"""


def table() -> pd.DataFrame:
    """The invented table."""
    rng = np.random.default_rng(3)
    rows = []
    for run, (params, tokens) in RUNS.items():
        for benchmark, (chance, questions, middle, width) in BENCHMARKS.items():
            rise = 1 / (1 + np.exp(-(np.log10(6 * params * tokens) - middle) / width))
            share = 0.0 if benchmark == "MMLU" and params < 3e9 else 0.87 * rise
            score = rng.binomial(questions, chance + (1 - chance) * share) / questions
            if (run, benchmark) not in MISSING:
                rows.append((run, "kestrel", params, tokens, benchmark, 100 * score, questions))
    return pd.DataFrame(rows, columns=["run", "family", "params", "tokens", "benchmark", "accuracy (%)", "n_items"])


def ask(words: str, folder: Path) -> None:
    """Run one command and print it with its first lines: the answer."""
    done = subprocess.run(
        ["bayes-scaling", *shlex.split(words)], cwd=folder, capture_output=True, text=True, check=False
    )
    said = done.stdout.strip() or done.stderr.strip()
    print(f"$ bayes-scaling {words}\n{said.partition(chr(10))[0]}\n", flush=True)


def main() -> None:
    """Fit, backtest, and ask."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    table().to_csv(folder / "runs.csv", index=False)
    ask("fit runs.csv --out fit.nc --seed 1 --no-progress", folder)
    ask("backtest fit.nc --no-progress --seed 1", folder)
    for words in QUESTIONS.strip().splitlines():
        ask(words, folder)
    ask(f"report fit.nc --flops 3e23,1e24 --ratio 77 --target GSM8K=0.7 {COST} --out report.html", folder)


if __name__ == "__main__":
    main()
