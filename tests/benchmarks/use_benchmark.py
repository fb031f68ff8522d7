"""How long one waits in use: start, forecasts of a saved fit, refits, backtests and a million points.

    python tests/benchmarks/use_benchmark.py

Each measurement is a process of its own, from the start of Python on, and so is what stands beside it; memory is its
peak. The best of three for what takes less than ten seconds.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = """
import json, resource, time, warnings
warnings.simplefilter("ignore")
{code}
seconds = locals().get("seconds")
print("RESULT", json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6]))
"""
TIMED = "start = time.perf_counter()\n{}\nseconds = time.perf_counter() - start"
FIT = "fit = bs.fit(bs.DirectLaw(), {table}, random_seed=1, progressbar=False{more})"
TABLES = """
import bayes_scaling as bs, bayes_scaling.sampling.fitting
one, other = (bs.simulate_runs(bs.DirectLaw(), random_seed=seed).runs for seed in (1, 2))
"""
BACKTEST = """
import bayes_scaling as bs, bayes_scaling.sampling.fitting
runs = bs.load_dataset("cerebras_gpt")
"""
MILLION = """
import numpy as np, bayes_scaling as bs
fit = bs.load_fit({path!r})
flops = np.geomspace(1e20, 1e26, {points} // len(fit.reference.labels))
"""


def main() -> None:
    print("| what | seconds | GB | beside | seconds | GB | ratio |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "fit.nc")
        save_fit(path)
        compare("`import bayes_scaling`", "import bayes_scaling", "`import pandas`", "import pandas")
        command = [str(Path(sys.executable).parent / "bayes-scaling")]
        compare("`bayes-scaling --help`, cold", [*command, "--help"], "`import pandas`", "import pandas")
        cold = [*command, "forecast", path, "--flops", "1e23,1e24"]
        compare("`bayes-scaling forecast fit.nc`, cold", cold, "`import pymc`", "import pymc")
        refit()
        backtests()
        million(path)


def save_fit(path: str) -> None:
    """Save a fit of 12 benchmarks and 40 runs with 4 x 250 draws, in a process of its own: children inherit peaks."""
    code = (
        f"import bayes_scaling as bs\none = bs.simulate_runs(bs.DirectLaw(), random_seed=1).runs\n{FIT}.save({path!r})"
    )
    run([sys.executable, "-W", "ignore", "-c", code.format(table="one", more=", draws=250")])


def refit() -> None:
    first = FIT.format(table="one", more=", reuse=True")
    again = FIT.format(table="other", more=", reuse=True")
    fresh = FIT.format(table="other", more="")
    compare(
        "fit of another table of that shape, `reuse=True`, 12 x 40",
        f"{TABLES}\n{first}\n{TIMED.format(again)}",
        "the same fit, compiled",
        f"{TABLES}\n{TIMED.format(fresh)}",
        once=True,
    )


def backtests() -> None:
    folds = TIMED.format("found = bs.backtest(bs.DirectLaw(), runs, random_seed=1, progressbar=False)")
    compare(
        "a fold of `bs.backtest` on Cerebras-GPT, 1,000 draws",
        f"{BACKTEST}\n{folds}\nseconds /= len(found.timings)",
        "one fit of Cerebras-GPT",
        f"{BACKTEST}\n{TIMED.format(FIT.format(table='runs', more=''))}",
        once=True,
    )


def million(path: str) -> None:
    many, few = MILLION.format(path=path, points=1_000_000), MILLION.format(path=path, points=40_000)
    compare(
        "`bs.forecast_table`, 1,000,000 points x 1,000 draws",
        f"{many}\n{TIMED.format('bs.forecast_table(fit, bs.budgets(flops=flops), random_seed=1)')}",
        "`bs.forecast(...).table()`, 40,000 points x 1,000 draws",
        f"{few}\n{TIMED.format('bs.forecast(fit, bs.budgets(flops=flops), random_seed=1).table()')}",
        once=True,
    )


def compare(what: str, code: str | list[str], beside: str, other: str | list[str], once: bool = False) -> None:
    """Print a row: a measurement, what stands beside it, and the first's seconds over the second's."""
    (seconds, peak), (seconds_beside, peak_beside) = (measure(part, once) for part in (code, other))
    cells = (what, f"{seconds:.2f}", f"{peak:.2f}", beside, f"{seconds_beside:.2f}", f"{peak_beside:.2f}")
    print("| " + " | ".join(cells) + f" | {seconds / seconds_beside:.2f} |", flush=True)


def measure(part: str | list[str], once: bool) -> tuple[float, float]:
    """Seconds and peak memory (GB) of a command, or of Python code in a process of its own."""
    return min(run(part) for _ in range(1 if once else 3))


def run(part: str | list[str]) -> tuple[float, float]:
    if isinstance(part, str):
        code = CHILD.format(code=part)
    else:  # a child that runs the command, to know its memory
        code = f"import subprocess, resource, json\nsubprocess.run({part!r}, check=True, capture_output=True)\n"
        code += "print('RESULT', json.dumps([None, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6]))"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    whole = time.perf_counter() - start
    [line] = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    seconds, peak = json.loads(line.removeprefix("RESULT"))
    return whole if seconds is None else seconds, peak


if __name__ == "__main__":
    main()
