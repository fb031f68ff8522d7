"""Folders laid out as those of public repositories, with invented values: each is read with a manifest alone."""

import csv
import json

import pandas as pd
import pytest
from logs import inspect

import bayes_scaling as bs

SIZES = {"70m": (7e7, 1.4e9), "160m": (1.6e8, 3.2e9), "410m": (4.1e8, 8.2e9), "1b": (1e9, 2e10)}
SCORES = dict(zip(SIZES, (0.36, 0.42, 0.48, 0.54), strict=True))


def models(pattern, **columns):
    rows = [(pattern.format(size), *sizes) for size, sizes in SIZES.items()]
    return pd.DataFrame(rows, columns=["model", "params", "tokens"]).assign(**columns)


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))


def load(source, path, **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs(source, path, **options)
    return runs.frame, str(caught[0].message)


def test_checkpoints_of_pythia_by_gpt_neox(tmp_path):
    """EleutherAI/pythia, evals/pythia-v1/pythia-160m/zero-shot/160m_step1000.json."""
    for size, score in SCORES.items():
        for step in (1, 1000, 143000):
            args = {"distributed_backend": "nccl", "iteration": step, "eval_tasks": ["piqa", "lambada_openai"]}
            results = {
                "piqa": {"acc": score, "acc_stderr": 0.011},
                "lambada_openai": {"ppl": 80.0, "acc": score / 2, "acc_stderr": 0.006},
            }
            document = {
                "results": results,
                "versions": {"piqa": 0},
                "config": {"model": "neox", "model_args": args, "num_fewshot": 0},
            }
            write(tmp_path / f"pythia-{size}" / "zero-shot" / f"{size}_step{step}.json", document)
    frame, message = load("lm-eval", tmp_path, manifest=models("{}", tokens_per_step=2097152))
    assert len(frame) == 4 * 3 * 2
    assert frame["trajectory"].nunique() == 4
    assert frame.loc[frame["run"] == "70m@step1000", "tokens"].tolist() == [2097152e3] * 2
    assert "no share of right answers: ppl of lambada_openai" in message


def test_one_file_a_task_with_groups_told_by_aliases(tmp_path):
    """hitz-zentroa/latxa, evaluation/results/latxa/latxa-7b-v1/latxa-7b-v1_eus_exams_eu_5-shot.json, version 0.4.0."""
    for size, score in SCORES.items():
        name = f"latxa-{size}"
        config = {"model": "hf", "model_args": f"pretrained=HiTZ/{name},dtype=bfloat16", "limit": None}
        exams = {
            "eus_exams_eu": {"acc,none": score, "acc_stderr,none": 0.01, "alias": "eus_exams_eu"},
            "eus_exams_eu_a": {"acc,none": score - 0.02, "acc_stderr,none": 0.02, "alias": " - eus_exams_eu_a"},
            "eus_exams_eu_b": {"acc,none": score + 0.02, "acc_stderr,none": 0.02, "alias": " - eus_exams_eu_b"},
        }
        shots = {"n-shot": dict.fromkeys(exams, 5)}
        groups = {"eus_exams_eu": exams["eus_exams_eu"]}
        write(
            tmp_path / "latxa" / name / f"{name}_eus_exams_eu_5-shot.json",
            {"results": exams, "groups": groups, "config": config, **shots},
        )
        cloze = {"xstorycloze_eu": {"acc,none": score + 0.2, "acc_stderr,none": 0.01, "alias": "xstorycloze_eu"}}
        write(
            tmp_path / "latxa" / name / f"{name}_xstorycloze_eu_0-shot.json",
            {"results": cloze, "config": config, "n-shot": {"xstorycloze_eu": 0}},
        )
    frame, _ = load("lm-eval", tmp_path, manifest=models("HiTZ/latxa-{}"), chance={"eus_exams_eu": 0.25})
    assert len(frame) == 8
    assert dict(zip(frame["benchmark"], frame["shots"], strict=True)) == {"eus_exams_eu": 5, "xstorycloze_eu": 0}
    assert set(frame["chance"]) == {0.25, 0.5}


def test_results_below_their_dates_and_prompts_of_one_task(tmp_path):
    """bigscience-workshop/bigscience, evaluation/results/tr11/bloom1b3/bslmeval.json."""
    for size, score in SCORES.items():
        results = {
            "arc_easy": {
                "2022-07-13-11-29-13": {
                    "acc": score,
                    "acc_norm": score - 0.02,
                    "acc_stderr": 0.01,
                    "acc_norm_stderr": 0.01,
                }
            },
            **{
                f"boolq+{prompt}": {
                    "2022-07-15-11-47-34": {
                        "acc": score + 0.1,
                        "acc_stderr": 0.008,
                        "prompt_name": prompt,
                        "task_name": "boolq",
                    }
                }
                for prompt in ("GPT-3 Style", "exam", "yes_no_question")
            },
        }
        write(tmp_path / f"bloom{size}" / "bslmeval.json", {"results": results, "versions": {}})
    frame, _ = load("lm-eval", tmp_path, manifest=models("bloom{}"))
    assert frame.groupby("benchmark").size().to_dict() == {"arc_easy": 4, "boolq": 4}


def test_aggregates_over_checkpoints(tmp_path):
    """bigscience-workshop/bigscience, evaluation/results/tr12/tr12a-1B3-oscar-en-filtered_agg.json."""
    steps = [19500, 39000, 117000]
    for size, score in SCORES.items():
        results = {"arc_challenge": {"acc": [score - 0.1, score - 0.05, score], "acc_stderr": [0.012] * 3}}
        document = {"tokens": [step * 1048576 for step in steps], "checkpoints": steps, "results": results}
        write(tmp_path / f"tr12a-{size}-oscar_agg.json", document)
    frame, message = load("lm-eval", tmp_path, manifest=models("tr12a-{}-oscar"))
    assert len(frame) == 12
    assert frame["tokens"].max() == 117000 * 1048576
    assert "12 checkpoints of 4 training runs" in message


def test_the_first_open_llm_leaderboard(tmp_path):
    """open-llm-leaderboard-old/results: lab/MODEL/results_DATE.json of lighteval."""
    for size, score in SCORES.items():
        results = {
            "harness|arc:challenge|25": {
                "acc": score,
                "acc_stderr": 0.012,
                "acc_norm": score + 0.02,
                "acc_norm_stderr": 0.012,
            },
            "harness|hendrycksTest-anatomy|5": {
                "acc": 0.3,
                "acc_stderr": 0.04,
                "acc_norm": 0.3,
                "acc_norm_stderr": 0.04,
            },
            "harness|hendrycksTest-virology|5": {
                "acc": 0.28,
                "acc_stderr": 0.04,
                "acc_norm": 0.28,
                "acc_norm_stderr": 0.04,
            },
            "harness|truthfulqa:mc|0": {"mc1": 0.23, "mc1_stderr": 0.015, "mc2": 0.4, "mc2_stderr": 0.014},
            "all": {"acc": 0.3, "acc_stderr": 0.04},
        }
        write(
            tmp_path / "lab" / f"toy-{size}" / "results_2024-04-16T04-20-00.000000.json",
            {"config_general": {"model_name": f"lab/toy-{size}"}, "results": results},
        )
    options = {"manifest": models("lab/toy-{}"), "means": "hendrycksTest", "exclude": "truthfulqa*"}
    frame, message = load("lighteval", tmp_path, **options)
    assert frame.groupby("benchmark").size().to_dict() == {"arc_challenge": 4, "hendrycksTest": 4}
    assert frame.loc[frame["benchmark"] == "arc_challenge", "shots"].eq(25).all()
    assert "an average of tasks that count by themselves: all" in message


def test_lighteval_of_later_versions(tmp_path):
    """huggingface/lighteval, docs/source/saving-and-reading-results.mdx: keys TASK|SHOTS, the model in model_config."""
    for size, score in SCORES.items():
        results = {
            "gsm8k|0": {"em": score / 4, "em_stderr": 0.008, "maj@8": score / 3, "maj@8_stderr": 0.03},
            "all": {"em": 0.1},
        }
        document = {
            "config_general": {
                "max_samples": None,
                "model_config": {"model_name": f"lab/toy-{size}", "revision": "main"},
            },
            "results": results,
            "config_tasks": {"gsm8k|0": {"name": "gsm8k", "original_num_docs": 1319, "effective_num_docs": 1319}},
        }
        write(tmp_path / "results" / "lab" / f"toy-{size}" / "results_2025-06-01T10-00-00.000000.json", document)
    frame, message = load("lighteval", tmp_path, manifest=models("lab/toy-{}"))
    assert frame["metric"].unique().tolist() == ["em"]
    assert frame["n_items"].eq(1319).all()
    assert "em counts for the same questions" in message


def test_evaluations_of_dclm(tmp_path):
    """mlfoundations/dclm, exp_data/evals/evaluation_NAME_heavy.json."""
    for size, score in SCORES.items():
        document = {
            "name": "../eval/heavy",
            "uuid": f"uuid-{size}",
            "model": f"open_lm_{size}",
            "creation_date": "2024_06_12-07_07_17",
            "eval_metrics": {
                "icl": {"hellaswag": score, "piqa": score + 0.2, "jeopardy": score / 4},
                "perplexity": 2.9,
            },
            "aggregated_centered_results": 0.1,
            "Core": 0.2,
            "low_variance_datasets_centered": 0.15,
        }
        write(tmp_path / "exp_data" / "evals" / f"evaluation_open_lm_{size}_heavy.json", document)
    frame, message = load("dclm", tmp_path, manifest=models("open_lm_{}"))
    assert frame.groupby("benchmark").size().to_dict() == {"hellaswag": 4, "jeopardy": 4, "piqa": 4}
    assert "an aggregate, centred on chance or over other scores: aggregated_centered_results" in message
    assert "no scores of tasks: perplexity" in message


def test_samples_judged_by_evalplus(tmp_path):
    """evalplus/evalplus: humaneval/MODEL_vllm_temp_0.2/eval_results.json."""
    for place, size in enumerate(SIZES):
        attempts = {
            f"HumanEval/{i}": [
                {
                    "task_id": f"HumanEval/{i}",
                    "solution": "",
                    "base_status": "pass" if a <= place else "fail",
                    "plus_status": "pass" if a < place else "fail",
                }
                for a in range(5)
            ]
            for i in range(6)
        }
        write(
            tmp_path / "humaneval" / f"toy-{size}_vllm_temp_0.2" / "eval_results.json",
            {"date": "2024-05-01 10:00", "hash": "0", "eval": attempts},
        )
    runs = bs.import_runs("pass-at-k", tmp_path, manifest=models("toy-{}"))
    counts = runs.frame.groupby(["benchmark", "run"], sort=False)["n_correct"].sum()
    assert counts["humaneval"].tolist() == [6, 12, 18, 24]
    assert counts["humaneval_plus"].tolist() == [0, 6, 12, 18]
    assert runs.frame["n_samples"].eq(5).all()


def test_rates_at_several_k_and_temperatures(tmp_path):
    """bigscience-workshop/bigscience, evaluation/results/tr11/bloom1b3/humaneval_temp02.json."""
    for size, score in SCORES.items():
        for temperature, factor in (("02", 1.0), ("08", 0.8)):
            rates = {"pass@1": score / 10 * factor, "pass@10": score / 6, "pass@100": score / 4}
            write(tmp_path / f"bloom{size}" / f"humaneval_temp{temperature}.json", rates)
    frame, message = load("pass-at-k", tmp_path, manifest=models("bloom{}"))
    assert frame.groupby("run")["k"].agg(tuple).iloc[0] == (1, 10, 100)
    assert set(frame["metric"]) == {"pass@k,temp 0.2"}
    assert "pass@k,temp 0.8 of humaneval" in message


def test_logs_of_inspect_with_a_retry_and_a_trial(tmp_path):
    """UKGovernmentBEIS/inspect_ai: logs/TIME_TASK_ID.json, an error, a retry of it and a trial of ten questions."""
    for size, score in SCORES.items():
        model = f"lab/toy-{size}"
        path = inspect(tmp_path, f"2026-01-10T10-00-00-05-00_gsm8k_{size}a.json", model=model, accuracy=0.0)
        document = json.loads(path.read_text())
        path.write_text(json.dumps(document | {"status": "error"}))
        inspect(
            tmp_path,
            f"2026-01-10T11-00-00-05-00_gsm8k_{size}b.json",
            model=model,
            accuracy=score,
            created="2026-01-10T11:00:00-05:00",
        )
        trial = {"config": {"limit": 10}, "results": {"total_samples": 10, "completed_samples": 10}}
        inspect(
            tmp_path,
            f"2026-01-11T11-00-00-05-00_gsm8k_{size}c.json",
            model=model,
            accuracy=0.9,
            created="2026-01-11T11:00:00-05:00",
            **trial,
        )
    frame, message = load("inspect", tmp_path, manifest=models("lab/toy-{}"))
    assert frame["accuracy"].tolist() == list(SCORES.values())
    assert "its status is 'error'" in message
    assert "only the first 10 of 1,319 questions" in message


def test_a_wide_table_of_many_families_with_budgets_missing(tmp_path):
    """ryoungj/ObsScaling, eval_results/base_llm_benchmark_eval.csv: one row a model, FLOPs in units of 1e21."""
    rows = [
        [
            "Model",
            "Model Family",
            "Model Size (B)",
            "Pretraining Data Size (T)",
            "FLOPs (1E21)",
            "MMLU",
            "ARC-C",
            "HellaSwag",
            "TruthfulQA",
        ]
    ]
    for size, (params, tokens) in SIZES.items():
        score = SCORES[size]
        rows.append(
            [
                f"lab/toy-{size}",
                "toy",
                params / 1e9,
                tokens / 1e12,
                6 * params * tokens / 1e21,
                score,
                score,
                score,
                0.4,
            ]
        )
    rows.append(["lab/secret-70b", "secret", 70, "", "", 0.6, 0.5, 0.8, 0.4])
    with (tmp_path / "eval.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    frame, message = load(
        "wide", tmp_path / "eval.csv", budgets_only=True, columns={"tokens": "Pretraining Data Size (T)"}
    )
    assert frame.groupby("benchmark").size().to_dict() == {"ARC-C": 4, "HellaSwag": 4, "MMLU": 4}
    assert "no training budget: lab/secret-70b" in message
    assert "not read as such: TruthfulQA" in message


def test_a_table_of_runs_that_wandb_exported(tmp_path):
    """marin-community/marin and lm_eval --wandb_args: Name, State, config and lm_eval/TASK/METRIC."""
    path = tmp_path / "wandb_export_2026-01-10T10_00_00.000-05_00.csv"
    names = ["Name", "State", "Runtime", "trainer.seed", "parameter_count", "throughput/total_tokens"]
    tasks = [
        "lm_eval/piqa/acc",
        "lm_eval/piqa/acc_norm",
        "lm_eval/piqa/acc_norm_stderr",
        "lm_eval/averages/macro_avg_acc",
        "lm_eval/wikitext/bits_per_byte",
    ]
    rows = [[*names, *tasks]]
    for size, (params, tokens) in SIZES.items():
        rows.append(
            [
                f"run-{size}",
                "crashed" if size == "160m" else "finished",
                3600,
                0,
                params,
                tokens,
                0.6,
                SCORES[size] + 0.2,
                0.011,
                0.5,
                0.9,
            ]
        )
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    columns = {"params": "parameter_count", "tokens": "throughput/total_tokens"}
    frame, message = load("wandb", path, columns=columns)
    assert frame["metric"].unique().tolist() == ["acc_norm"]
    assert frame["stderr"].eq(0.011).all()
    assert "run-160m is 'crashed'" in message
    again = pd.read_csv(path)
    crashed = again[again["State"] == "crashed"].assign(State="finished", Created="2026-01-12T10:00:00.000Z")
    both = pd.concat(
        [again.assign(Created="2026-01-10T10:00:00.000Z"), crashed.assign(**{"lm_eval/piqa/acc_norm": 0.7})]
    )
    both.to_csv(tmp_path / "resumed.csv", index=False)
    resumed, message = load("wandb", tmp_path / "resumed.csv", columns=columns)
    assert resumed.set_index("run")["accuracy"]["run-160m"] == 0.7
    assert "a later run has the same name, by column Created: run-160m (row 2)" in message
    by_manifest, _ = load("wandb", path, manifest=models("run-{}"))
    assert by_manifest["accuracy"].tolist() == frame["accuracy"].tolist()


def test_the_table_that_an_evaluation_of_llm_foundry_ends_with(tmp_path):
    """mosaicml/llm-foundry: Category, Benchmark, Subtask, Accuracy, Number few shot, Model."""
    rows = [["Category", "Benchmark", "Subtask", "Accuracy", "Number few shot", "Model"]]
    for size, score in SCORES.items():
        name = f"mosaicml/mpt-{size}"
        rows += [
            ["world_knowledge", "jeopardy", part, value, "10-shot", name]
            for part, value in (("Average", score / 4), ("american_history", score / 4), ("science", score / 4))
        ]
        rows.append(["commonsense_reasoning", "piqa", "", score + 0.2, "10-shot", name])
    with (tmp_path / "eval.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    frame, message = load("llm-foundry", tmp_path, manifest=models("mosaicml/mpt-{}"))
    assert frame.groupby("benchmark").size().to_dict() == {"jeopardy": 4, "piqa": 4}
    assert frame["shots"].eq(10).all()
    assert "part of a group that is counted: jeopardy_american_history (jeopardy)" in message


def test_metrics_that_llm_foundry_logs(tmp_path):
    """mosaicml/llm-foundry: metrics/TASK/PART/N-shot/METRIC, one JSON a run."""
    for size, score in SCORES.items():
        metrics = {
            "metrics/jeopardy/science/10-shot/InContextLearningLMAccuracy": score / 4,
            "metrics/piqa/10-shot/InContextLearningMultipleChoiceAccuracy": score + 0.2,
            "metrics/piqa/10-shot/InContextLearningMCExpectedCalibrationError": 0.1,
            "time/batch": 1000,
        }
        write(tmp_path / f"mpt-{size}.json", metrics)
    frame, message = load("llm-foundry", tmp_path, manifest=models("mpt-{}"), chance={"jeopardy_science": 0})
    assert frame.groupby("benchmark").size().to_dict() == {"jeopardy_science": 4, "piqa": 4}
    assert "no share of right answers: ece of piqa" in message
