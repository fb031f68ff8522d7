"""Evaluation output in the form of several tools, with invented values."""

import json

import pandas as pd

MODELS = {
    "lab/toy-70m": (7e7, 1.4e9),
    "lab/toy-160m": (1.6e8, 3.2e9),
    "lab/toy-410m": (4.1e8, 8.2e9),
    "lab/toy-1b": (1e9, 2e10),
}
TIME = "2026-01-10T10-00-00.000000"


def manifest(*models, **columns):
    """Models with their budgets."""
    rows = [(name, *MODELS[name]) for name in models or MODELS]
    return pd.DataFrame(rows, columns=["model", "params", "tokens"]).assign(**columns)


def harness(folder, results, *, model="lab/toy-1b", time=TIME, name=None, items=None, config=None, **sections):
    """One file of lm-evaluation-harness' results."""
    path = folder / model.replace("/", "__") / (name or f"results_{time}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = (
        {}
        if items is None
        else {
            "n-samples": {task: dict(zip(("original", "effective"), pair, strict=True)) for task, pair in items.items()}
        }
    )
    general = {"model": "hf", "model_args": f"pretrained={model}", "limit": None, **(config or {})}
    path.write_text(json.dumps({"results": results, "config": general, **counts, **sections}))
    return path


def inspect(
    folder,
    name,
    *,
    model="lab/toy-1b",
    task="inspect_evals/gsm8k",
    accuracy=0.5,
    stderr=0.01,
    created="2026-01-10T10:00:00+00:00",
    args=None,
    config=None,
    size=1319,
    results=None,
    score=None,
    samples=None,
):
    """One log of Inspect."""
    metrics = {"accuracy": {"name": "accuracy", "value": accuracy}, "stderr": {"name": "stderr", "value": stderr}}
    entry = {"name": "match", "scorer": "match", "params": {}, "metrics": metrics, **(score or {})}
    document = {
        "version": 2,
        "status": "success",
        "eval": {
            "created": created,
            "task": task,
            "task_args": args or {},
            "dataset": {"name": task, "samples": size},
            "model": model,
            "config": config or {},
        },
        "results": {"total_samples": size, "completed_samples": size, **(results or {}), "scores": [entry]},
    }
    if samples is not None:
        document["samples"] = samples
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document))
    return folder / name


def lighteval(folder, results, *, model="lab/toy-1b", tasks=None, time=TIME, **general):
    """One file of lighteval's results."""
    path = folder / model / f"results_{time}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    configs = {
        key: {"original_num_docs": size, "effective_num_docs": asked} for key, (size, asked) in (tasks or {}).items()
    }
    document = {"config_general": {"model_name": model, **general}, "results": results, "config_tasks": configs}
    path.write_text(json.dumps(document))
    return path


def evalplus(path, *, passing, problems=10, attempts=4):
    """One file of evalplus: so many of the problems are solved at every attempt."""
    path.parent.mkdir(parents=True, exist_ok=True)
    of = {
        f"HumanEval/{i}": [
            {"base_status": "pass" if i < passing else "fail", "plus_status": "fail"} for _ in range(attempts)
        ]
        for i in range(problems)
    }
    path.write_text(json.dumps({"date": "2026-01-10 10:00", "hash": "0", "eval": of}))


def foundry(path, model, scores):
    """One table of llm-foundry."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [("any", task, "", score, "10-shot", model) for task, score in scores.items()]
    names = ["Category", "Benchmark", "Subtask", "Accuracy", "Number few shot", "Model"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)


def dclm(path, model, scores):
    """One evaluation of DCLM."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "name": "heavy",
        "uuid": "0",
        "model": model,
        "creation_date": "2026_01_10-10_00_00",
        "eval_metrics": {"icl": scores},
    }
    path.write_text(json.dumps(document | {"Core": 0.2}))
