"""Small output of evaluation tools, with invented values, changed by a seeded generator."""

import json

import numpy as np
import pandas as pd

import fuzzing.mutating as mutate
from bayes_scaling.runs.importers import options_of

_PROBLEMS = {f"HumanEval/{i}": [{"base_status": "pass", "plus_status": "fail"}] * 3 for i in range(4)}
OUTPUT: dict[str, dict] = {
    "lighteval": {
        "config_general": {"model_name": "lab/m", "max_samples": None},
        "results": {
            "leaderboard|arc:challenge|25": {"acc": 0.3, "acc_stderr": 0.01, "acc_norm": 0.35, "acc_norm_stderr": 0.01},
            "gsm8k|5": {"em": 0.1, "em_stderr": 0.01, "maj@8": 0.2},
            "all": {"acc": 0.3},
        },
        "config_tasks": {"leaderboard|arc:challenge": {"original_num_docs": 1172, "effective_num_docs": 1172}},
    },
    "dclm": {
        "model": "lab/m",
        "uuid": "0",
        "creation_date": "2024_06_12-07_07_17",
        "eval_metrics": {"icl": {"piqa": 0.7, "arc_easy": 0.6, "gsm8k_cot": 0.1}},
        "Core": 0.2,
    },
    "pass-at-k": {"eval": _PROBLEMS, "hash": "0"},
    "rates": {"humaneval": {"pass@1": 0.1, "pass@10": 0.3}, "config": {"model": "lab/m", "n_samples": 20}},
    "llm-foundry": {
        "metrics/piqa/10-shot/InContextLearningMultipleChoiceAccuracy": 0.7,
        "metrics/jeopardy/science/10-shot/InContextLearningLMAccuracy": 0.2,
    },
    "aggregate": {
        "checkpoints": [1000, 2000],
        "tokens": [2e9, 4e9],
        "results": {
            "piqa": {"acc": [0.6, 0.65], "acc_stderr": [0.01, 0.01]},
            "arc_easy": {"2022-07-13-11-29-13": {"acc": 0.5}},
        },
    },
    "plain": {
        "results": {"piqa": {"acc": 0.6, "acc_norm": 0.62}, "mmlu": {"acc": 0.3, "alias": "mmlu"}},
        "config": {"model_args": "pretrained=lab/m,revision=step1000", "limit": 10, "model_num_parameters": 10**9},
        "configs": {"piqa": {"doc_to_choice": "['A', 'B']", "num_fewshot": 0, "repeats": 2}},
        "n-samples": {"piqa": {"original": 1838, "effective": 1838}},
        "group_subtasks": {"mmlu": ["mmlu_law"]},
    },
}
_SOURCE = {"rates": "pass-at-k", "aggregate": "lm-eval", "plain": "lm-eval"}
_NAMES = ("lab/m.json", "m/results_2026-01-10T10-00-00.json", "m/m_agg.json", "m_temp02.json")
_OPTIONS = {
    "metric": ("all", "acc", "piqa=acc", "x=y", "=", ["*=acc", "all"]),
    "exclude": ("*", "pi*", "[", ["a", "b"]),
    "means": ("arc", "x", "", ["leaderboard", "jeopardy"]),
    "suite": ("mine", ""),
    "groups": (True, False),
    "samples": (True, False, None),
}
_CHANCE = ({}, {}, {}, {"*": 0.1}, {"piqa:acc": 0.5}, {"nowhere": 0.2})


def changed_output(rng, folder):
    """Write changed output: the source that reads it, where it lies, and options."""
    kind = mutate.pick(rng, list(OUTPUT))
    changed = mutate.document(OUTPUT[kind], rng) if rng.random() < 0.8 else OUTPUT[kind]
    path = folder / "in" / mutate.pick(rng, _NAMES)
    path.parent.mkdir(parents=True)
    text = json.dumps(changed).encode()
    path.write_bytes(mutate.content(text, rng) if rng.random() < 0.15 else text)
    source = _SOURCE.get(kind, kind)
    known = options_of(source)
    given = {name: mutate.pick(rng, of) for name, of in _OPTIONS.items() if name in known and rng.random() < 0.15}
    models = pd.DataFrame({"model": ["lab/m", "m_temp02", "lab/m@step1000", "lab/m@step2000"], "params": 1e9})
    manifest = models.assign(tokens=[2e10, 4e10, 2e9, 4e9])
    return (
        source,
        folder / "in",
        {
            "manifest": manifest,
            "chance": mutate.pick(rng, _CHANCE),
            "budgets_only": bool(rng.integers(2)),
            **given,
        },
    )


def changed_wide_table(rng, folder):
    """Write a changed table with a column a benchmark: the source that reads it, the file, and options."""
    sizes = np.array([1e8, 3e8, 1e9, 3e9])
    frame = pd.DataFrame({"Name": list("abcd"), "params": sizes, "tokens": 20 * sizes, "State": "finished"})
    scores = {"piqa": [0.6, 0.65, 0.7, 0.75], "MMLU (5-shot)": ["26%", "30%", "35%", "40%"], "piqa_stderr": 0.01}
    frame = frame.assign(**scores, **{"lm_eval/arc_easy/acc": 0.5, "lm_eval/arc_easy/acc_norm": 0.4})
    changed = mutate.table(frame, rng)
    source = mutate.pick(rng, ("wide", "wandb"))
    mark, encoding = mutate.pick(rng, ((",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")))
    path = folder / "table.csv"
    changed.to_csv(path, sep=mark, encoding=encoding, index=False, errors="replace")
    if rng.random() < 0.1:
        path.write_bytes(mutate.content(path.read_bytes(), rng))
    return source, path, {"budgets_only": bool(rng.integers(2))}
