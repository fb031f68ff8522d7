"""Make the fixtures of lm-evaluation-harness with the harness itself, offline.

From this folder, in an environment of its own::

    python -m venv harness && harness/bin/pip install "lm-eval==0.4.13"
    harness/bin/python make_lm_eval.py

The models are the harness' dummy model, taught to answer right with a given probability. The tasks are local: a group
of two multiple-choice tasks, a written answer graded under two filters, and one with eight attempts at each problem,
graded by pass@k. What depends on the machine is taken out of the results.
"""

import json
import random
import shutil
from math import comb
from pathlib import Path

import yaml
from lm_eval.api.registry import register_model
from lm_eval.evaluator import simple_evaluate
from lm_eval.loggers import EvaluationTracker
from lm_eval.models.dummy import DummyLM
from lm_eval.tasks import TaskManager

OUT = Path("../fixtures/lm_eval")
WORK = Path("lm_eval_tasks")
SKILLS = (0.05, 0.11, 0.20, 0.33, 0.48, 0.63)
MODELS = dict(zip([f"toy/ladder-{size}" for size in ("20M", "60M", "200M", "600M", "2B", "6B")], SKILLS, strict=True))
MACHINE = ("pretty_env_info", "git_hash", "upper_git_hash", "total_evaluation_time_seconds", "start_time", "end_time")


@register_model("taught")
class TaughtLM(DummyLM):
    """The dummy model, which knows the right answer with a given probability."""

    def __init__(self, skill: float) -> None:
        super().__init__()
        self.skill = skill

    def loglikelihood(self, requests, **_: object):
        known = random.Random(int(1000 * self.skill))
        knows = {request.doc_id: known.random() < self.skill for request in requests}
        return [
            (
                random.random()
                + (2.0 if knows[r.doc_id] and r.doc["choices"][r.doc["gold"]] in r.arguments[1] else 0.0)
                - 4,
                False,
            )
            for r in requests
        ]

    def generate_until(self, requests, **_: object):
        said = []
        for request in requests:
            right = random.random() < self.skill * (1.5 if request.doc["id"] % 2 else 0.5)
            said.append(f"The answer is {request.doc['answer'] if right else 'lol'}")
        return said


def pass_at_k(references, predictions, k=(1,)):
    """Estimate pass@k of one problem from its attempts, without bias."""
    attempts = predictions[0]
    right = sum(references[0] in attempt for attempt in attempts)
    n = len(attempts)
    return {f"pass@{m}": 1 - comb(n - right, m) / comb(n, m) for m in k}


def write_tasks() -> None:
    """Write the tasks and their questions."""
    WORK.mkdir(exist_ok=True)
    draw = random.Random(7)
    for name, n in (("toy_birds", 300), ("toy_fish", 200)):
        lines = [
            {
                "id": i,
                "question": f"Which is right in {name}, number {i}?",
                "choices": [f"{name} {c} {i}" for c in "abcd"],
                "gold": draw.randrange(4),
            }
            for i in range(n)
        ]
        (WORK / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        task = {
            "task": name,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(WORK / f"{name}.jsonl")}},
            "test_split": "test",
            "output_type": "multiple_choice",
            "doc_to_text": "{{question}}\nAnswer:",
            "doc_to_choice": "choices",
            "doc_to_target": "gold",
            "metric_list": [
                {"metric": m, "aggregation": "mean", "higher_is_better": True} for m in ("acc", "acc_norm")
            ],
        }
        (WORK / f"{name}.yaml").write_text(yaml.safe_dump(task))
    group = {
        "group": "toy",
        "task": ["toy_birds", "toy_fish"],
        "aggregate_metric_list": [{"metric": "acc", "aggregation": "mean", "weight_by_size": True}],
    }
    (WORK / "toy.yaml").write_text(yaml.safe_dump(group))
    sums = [{"id": i, "question": f"{i} + 17", "answer": str(i + 17)} for i in range(250)]
    for name in ("toy_sums", "toy_code"):
        (WORK / f"{name}.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in sums[: 250 if name == "toy_sums" else 12])
        )
    common = {
        "dataset_path": "json",
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{question}} =",
        "doc_to_target": "answer",
    }
    last = {"function": "regex", "regex_pattern": r"(\d+)"}
    strict = {"function": "regex", "regex_pattern": r"The answer is (\d+)"}
    written = common | {
        "task": "toy_sums",
        "dataset_kwargs": {"data_files": {"test": str(WORK / "toy_sums.jsonl")}},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
        "filter_list": [
            {"name": "strict-match", "filter": [strict, {"function": "take_first"}]},
            {"name": "flexible-extract", "filter": [last, {"function": "take_first"}]},
        ],
    }
    (WORK / "toy_sums.yaml").write_text(yaml.safe_dump(written))


def repeated() -> dict:
    """Give the task with several attempts, whose metric is a function."""
    return {
        "task": "toy_code",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(WORK / "toy_code.jsonl")}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{question}} =",
        "doc_to_target": "answer",
        "repeats": 8,
        "generation_kwargs": {"until": ["\n"], "do_sample": True, "temperature": 0.8},
        "metric_list": [{"metric": pass_at_k, "aggregation": "mean", "higher_is_better": True, "k": [1, 4]}],
        "filter_list": [{"name": "all", "filter": [{"function": "take_first_k", "k": 8}]}],
        "metadata": {"version": 1.0},
    }


def main() -> None:
    """Run the harness on each model and keep what it writes."""
    write_tasks()
    shutil.rmtree(OUT, ignore_errors=True)
    for seed, (name, skill) in enumerate(MODELS.items(), start=1):
        tracker = EvaluationTracker(output_path=str(OUT))
        results = simple_evaluate(
            model=TaughtLM(skill),
            model_args=f"pretrained={name}",
            tasks=["toy", "toy_sums", repeated()],
            task_manager=TaskManager(include_path=str(WORK), include_defaults=False),
            evaluation_tracker=tracker,
            log_samples=True,
            bootstrap_iters=10,
            random_seed=seed,
        )
        samples = results.pop("samples")
        tracker.save_results_aggregated(results=results, samples=samples)
        tracker.save_results_samples(task_name="toy_code", samples=samples["toy_code"])
    for path in OUT.rglob("results_*.json"):
        kept = {key: value for key, value in json.loads(path.read_text()).items() if key not in MACHINE}
        path.write_text(json.dumps(kept, indent=1) + "\n")
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
