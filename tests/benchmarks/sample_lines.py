"""How many lines of judged samples are read a second: of human-eval, and of lm-evaluation-harness' samples.

    python tests/benchmarks/sample_lines.py

A line has about 1 kB. The seconds are those of the processor, so that other work on the machine does not count.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from bayes_scaling.runs.importers.lines import json_lines
from bayes_scaling.runs.importers.lm_eval_samples import problem_counts
from bayes_scaling.runs.importers.pass_at_k import samples_counted
from bayes_scaling.runs.importers.skipping import Skips


def of_human_eval(number: int) -> dict:
    """A line of human-eval's results."""
    return {"task_id": f"HumanEval/{number % 164}", "completion": "x" * 920, "result": "", "passed": number % 3 == 0}


def of_harness(number: int) -> dict:
    """A line of the harness' samples."""
    return {
        "doc_id": number // 8,
        "doc": {"question": "q" * 300, "answer": "a" * 250},
        "arguments": {"gen_args_0": {"arg_0": "p" * 200}},
        "resps": [["r" * 100]],
        "filter": "none",
        "metrics": ["exact_match"],
        "exact_match": float(number % 3 == 0),
    }


READERS = {
    "human-eval": (of_human_eval, lambda path: samples_counted(path, Skips())),
    "lm-eval samples": (of_harness, lambda path: problem_counts(path, {"none"}, Skips())),
    "lines alone": (of_harness, lambda path: sum(1 for _ in json_lines(path, Skips()))),
}


def main() -> None:
    """Print lines a second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, (line, read) in READERS.items():
            path = Path(folder) / "samples.jsonl"
            path.write_text("".join(f"{json.dumps(line(number))}\n" for number in range(asked.lines)))
            start = time.process_time()
            read(path)
            seconds = time.process_time() - start
            size = path.stat().st_size / asked.lines
            print(f"{name}: {asked.lines / seconds:,.0f} lines of {size:,.0f} bytes a second")


if __name__ == "__main__":
    main()
