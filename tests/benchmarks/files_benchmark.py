"""How long files take: a report and a bundle of a saved fit of 12 benchmarks, and a million rows by problem.

    python tests/benchmarks/files_benchmark.py

The fit (12 benchmarks, 40 runs) and the logs (ten models, 100,000 problems each, in the form of lm-evaluation-harness)
are made first. Each measurement is a process of its own, from the start of Python on; memory is its peak.
"""

import json
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

MEASURE = """
import resource, sys, time
start = time.perf_counter()
import bayes_scaling as bs
{code}
seconds, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"{{seconds:6.2f}} s  {{peak:5.2f}} GB  {name}")
"""
MODELS = 10
PROBLEMS = 100_000


def make_fit(folder: Path) -> None:
    """Fit 12 simulated benchmarks with 40 runs and save the fit and the runs that it has not seen."""
    import bayes_scaling as bs

    warnings.simplefilter("ignore")
    made = bs.simulate_runs(bs.DirectLaw(), random_seed=1)
    train, held_out = made.runs.split(flops=2e21)
    held_out.save(folder / "held_out.parquet")
    bs.fit(bs.DirectLaw(), train, random_seed=1, progressbar=False).save(folder / "fit.nc")


def make_logs(folder: Path) -> None:
    """Write logs of a million attempts, about a kilobyte each."""
    draw = random.Random(1)
    lines = [
        {
            "doc_id": number,
            "doc": {"question": "q" * 200, "answer": "42"},
            "arguments": {"gen_args_0": {"arg_0": "p" * 300, "arg_1": {"until": ["\\n"]}}},
            "resps": [["a" * 100]],
            "filtered_resps": ["a" * 60],
            "filter": "none",
            "metrics": ["exact_match"],
            "doc_hash": "0" * 64,
            "prompt_hash": "0" * 64,
            "target_hash": "0" * 64,
        }
        for number in range(PROBLEMS)
    ]
    heads = [json.dumps(line)[:-1] for line in lines]
    manifest = ["model,params,tokens"]
    for model in range(MODELS):
        own = folder / f"logs/org__m{model}"
        own.mkdir(parents=True)
        results = {
            "results": {"gsm8k": {"exact_match,none": 0.3}},
            "config": {"model_args": f"pretrained=org/m{model}"},
        }
        (own / "results_2026-01-01T00-00-00.0.json").write_text(json.dumps(results))
        with (own / "samples_gsm8k_2026-01-01T00-00-00.0.jsonl").open("w") as file:
            file.writelines(f'{head}, "exact_match": {float(draw.random() < 0.3)}}}\n' for head in heads)
        manifest.append(f"m{model},{1e8 * 2**model},{2e9 * 2**model}")
    (folder / "models.csv").write_text("\n".join(manifest) + "\n")


def measure(name: str, code: str) -> None:
    """Run some code in a process of its own and print what it took."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", MEASURE.format(name=name, code=code)], check=True)


def main() -> None:
    """Make the files and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_fit(folder)
        load = f"fit = bs.load_fit('{folder}/fit.nc'); held_out = bs.read_runs('{folder}/held_out.parquet')"
        asked = "flops=[1e23, 1e24], held_out=held_out"
        page, bundle = f"'{folder}/report.html'", f"'{folder}/bundle'"
        measure("load a fit and runs", load)
        measure("the same and a report as a page", f"{load}\nbs.write_report(fit, {page}, {asked})")
        measure("the same and a bundle", f"{load}\nbs.write_bundle(fit, {bundle}, {asked})")
        measure("read the bundle", f"bs.read_bundle({bundle})")
        print(f"{(folder / 'report.html').stat().st_size / 1e6:.2f} MB  the page")
        make_logs(folder)
        logs = f"'lm-eval', '{folder}/logs', manifest='{folder}/models.csv', samples=True"
        measure("import a million rows by problem", f"assert len(bs.import_runs({logs})) == {MODELS * PROBLEMS}")


if __name__ == "__main__":
    main()
