"""Groups and their members, one metric a benchmark, tasks that are left out, and which files are read."""

import json
from typing import ClassVar

import pytest
from logs import harness, manifest

import bayes_scaling as bs

ONE = manifest("lab/toy-1b")
PARTS = {f"mmlu_{part}": {"acc,none": 0.3} for part in ("anatomy", "astronomy", "virology")}


def said(folder, source="lm-eval", **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs(source, folder, **{"manifest": ONE, **options})
    return runs, str(caught[0].message)


class TestGroups:
    ALIASES: ClassVar = {
        "arc_easy": {"acc,none": 0.5, "alias": "arc_easy"},
        "mmlu": {"acc,none": 0.3, "alias": "mmlu"},
        "mmlu_other": {"acc,none": 0.3, "alias": " - other"},
        "mmlu_anatomy": {"acc,none": 0.3, "alias": "  - anatomy"},
        "mmlu_virology": {"acc,none": 0.3, "alias": "  - virology"},
        "winogrande": {"acc,none": 0.6, "alias": "winogrande"},
    }

    def test_of_files_before_group_subtasks_by_the_indentation_of_aliases(self, tmp_path):
        groups = {name: self.ALIASES[name] for name in ("mmlu", "mmlu_other")}
        harness(tmp_path, self.ALIASES, groups=groups)
        runs, message = said(tmp_path)
        assert runs.benchmarks == ("arc_easy", "mmlu", "winogrande")
        assert "part of a group that is counted: mmlu_other (mmlu)" in message

    def test_by_names_where_aliases_say_nothing(self, tmp_path):
        results = {"exams": {"acc,none": 0.3}, "exams_law": {"acc,none": 0.2}, "exams_bio": {"acc,none": 0.4}}
        harness(tmp_path, results, groups={"exams": results["exams"]})
        runs, _ = said(tmp_path, chance={"exams": 0.25})
        assert runs.benchmarks == ("exams",)

    def test_where_that_cannot_be_told_it_is_said(self, tmp_path):
        harness(tmp_path, {"suite": {"acc,none": 0.5}, "piqa": {"acc,none": 0.6}}, groups={"suite": {"acc,none": 0.5}})
        _, message = said(tmp_path, chance={"suite": 0.5})
        assert (
            "suite of results_2026-01-10T10-00-00.000000.json is a group whose tasks the file does not tell" in message
        )

    def test_over_files_of_one_model(self, tmp_path):
        harness(tmp_path, {"mmlu": {"acc,none": 0.3}}, group_subtasks={"mmlu": list(PARTS)})
        harness(tmp_path, PARTS, time="2026-01-11T10-00-00.000000")
        runs, _ = said(tmp_path)
        assert runs.benchmarks == ("mmlu",)

    def test_a_mean_of_members_is_offered(self, tmp_path):
        harness(tmp_path, PARTS, group_subtasks={"mmlu": list(PARTS)})
        runs, message = said(tmp_path)
        assert len(runs.benchmarks) == 3
        assert "means=['mmlu'] (--mean mmlu) takes their mean" in message

    def test_and_is_over_their_questions(self, tmp_path):
        results = {
            "mmlu_law": {"acc,none": 0.2, "acc_stderr,none": 0.04},
            "mmlu_bio": {"acc,none": 0.5, "acc_stderr,none": 0.05},
        }
        harness(tmp_path, results, items={"mmlu_law": (200, 200), "mmlu_bio": (100, 100)})
        runs, message = said(tmp_path, means="mmlu")
        row = runs.frame.iloc[0]
        assert (row["benchmark"], row["n_items"]) == ("mmlu", 300)
        assert row["accuracy"] == pytest.approx(0.3)
        assert row["stderr"] == pytest.approx(((2 / 3 * 0.04) ** 2 + (1 / 3 * 0.05) ** 2) ** 0.5)
        assert "part of a mean that is counted: mmlu_law (mmlu)" in message

    def test_a_model_that_lacks_members_has_no_mean(self, tmp_path):
        harness(tmp_path, PARTS)
        harness(tmp_path, {"mmlu_anatomy": {"acc,none": 0.3}}, model="lab/toy-70m")
        runs, message = said(tmp_path, means="mmlu", manifest=manifest())
        assert set(runs.frame["run"]) == {"lab/toy-1b"}
        assert "lacks 2 of 3 tasks that others have: mean acc of mmlu by lab/toy-70m" in message

    def test_a_mean_of_nothing_is_an_error(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}})
        with pytest.raises(bs.RunsError, match="means: 'mmlu' has no tasks"):
            bs.import_runs("lm-eval", tmp_path, manifest=ONE, means=["mmlu"])


class TestMetric:
    RESULTS: ClassVar = {
        "arc_easy": {"acc,none": 0.56, "acc_norm,none": 0.55},
        "gsm8k": {"exact_match,strict-match": 0.03, "exact_match,flexible-extract": 0.045},
        "winogrande": {"acc,none": 0.59},
    }

    def chosen(self, folder, **options):
        harness(folder, self.RESULTS)
        runs, message = said(folder, **options)
        return runs.frame.groupby("benchmark", sort=False)["metric"].agg(tuple).to_dict(), message

    def test_one_by_default_and_said(self, tmp_path):
        chosen, message = self.chosen(tmp_path)
        assert chosen == {"arc_easy": ("acc_norm",), "gsm8k": ("exact_match,flexible-extract",), "winogrande": ("acc",)}
        assert (
            "acc_norm counts for the same questions; metric='all' (--metric all) keeps both: acc,none of arc_easy"
            in message
        )

    def test_of_a_task_by_name_and_the_others_by_default(self, tmp_path):
        chosen, _ = self.chosen(tmp_path, metric=["arc_easy=acc", "gsm8k=exact_match,strict-match"])
        assert chosen == {"arc_easy": ("acc",), "gsm8k": ("exact_match,strict-match",), "winogrande": ("acc",)}

    def test_by_a_pattern_of_tasks(self, tmp_path):
        chosen, _ = self.chosen(tmp_path, metric="arc_*=acc")
        assert chosen["arc_easy"] == ("acc",)

    def test_all(self, tmp_path):
        harness(tmp_path, self.RESULTS)
        assert len(bs.import_runs("lm-eval", tmp_path, manifest=ONE, metric="all")) == 5

    def test_the_one_that_every_model_has(self, tmp_path):
        harness(tmp_path, {"arc_easy": {"acc": 0.4}}, model="lab/toy-70m")
        harness(tmp_path, {"arc_easy": {"acc,none": 0.56, "acc_norm,none": 0.55}})
        runs, _ = said(tmp_path, manifest=manifest("lab/toy-70m", "lab/toy-1b"))
        assert runs.frame["metric"].tolist() == ["acc", "acc"]

    def test_a_model_without_it_keeps_its_own(self, tmp_path):
        harness(tmp_path, {"arc_easy": {"acc": 0.4}}, model="lab/toy-70m")
        harness(tmp_path, {"arc_easy": {"acc_norm,none": 0.55}})
        runs, message = said(tmp_path, manifest=manifest("lab/toy-70m", "lab/toy-1b"))
        assert runs.frame["metric"].tolist() == ["acc", "acc_norm"]
        assert "no metric of arc_easy is there for every model: acc, acc_norm count" in message

    def test_a_metric_that_a_task_lacks(self, tmp_path):
        harness(tmp_path, self.RESULTS)
        with pytest.raises(bs.RunsError, match="winogrande has no 'acc_norm'; expected one of acc"):
            bs.import_runs("lm-eval", tmp_path, manifest=ONE, metric="winogrande=acc_norm")

    def test_a_task_that_is_not_there(self, tmp_path):
        harness(tmp_path, self.RESULTS)
        with pytest.raises(bs.RunsError, match="asked for of 'wino', which has no scores; expected one of arc_easy"):
            bs.import_runs("lm-eval", tmp_path, manifest=ONE, metric="wino=acc")

    def test_prompts_of_one_task_are_ways_of_measuring_it(self, tmp_path):
        prompts = {
            f"boolq+{name}": {"acc": score, "task_name": "boolq", "prompt_name": name}
            for name, score in (("exam", 0.62), ("GPT-3 style", 0.59))
        }
        harness(tmp_path, prompts)
        runs, _ = said(tmp_path)
        assert runs.benchmarks == ("boolq",)
        assert len(runs) == 1


class TestLeftOut:
    def test_tasks_by_pattern(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}, **PARTS})
        runs, message = said(tmp_path, exclude="mmlu_*")
        assert runs.benchmarks == ("piqa",)
        assert "left out by exclude='mmlu_*' (--exclude mmlu_*)" in message

    def test_a_pattern_of_nothing_is_said(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}})
        assert "exclude='mnlu_*' (--exclude mnlu_*) matches no task" in said(tmp_path, exclude=["mnlu_*"])[1]

    @pytest.mark.parametrize(
        "metric", ["bleu", "word_perplexity", "bits_per_byte", "brier_score", "mcc", "rouge1", "ter"]
    )
    def test_what_is_no_share_of_right_answers_by_name(self, tmp_path, metric):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}, "x": {f"{metric},none": 0.4}})
        runs, message = said(tmp_path)
        assert runs.benchmarks == ("piqa",)
        assert f"no share of right answers: {metric},none of x" in message


class TestFinding:
    def test_files_of_any_name(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc": 0.6}}, name="toy-1b_step143000.json")
        assert len(bs.import_runs("lm-eval", tmp_path, manifest=ONE)) == 1

    def test_what_was_not_read_is_said_by_kind_once(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc": 0.6}})
        (tmp_path / "config.json").write_text('{"hidden_size": 512}')
        (tmp_path / "broken.json").write_text("{")
        (tmp_path / "notes.txt").write_text("x")
        (tmp_path / "more.txt").write_text("x")
        (tmp_path / "log.json").write_text(json.dumps({"eval": {"task": "t", "model": "m"}, "results": {}}))
        _, message = said(tmp_path)
        assert "no file of lm-evaluation-harness' results: config.json" in message
        assert "not JSON" in message
        assert "files of other kinds: 2 of .txt" in message
        assert "output of another tool: import inspect reads it: log.json" in message

    def test_a_document_without_a_configuration_is_named_by_its_file_or_folder(self, tmp_path):
        folder = tmp_path / "toy-1b"
        folder.mkdir()
        (folder / "evaluation.json").write_text(json.dumps({"results": {"piqa": {"acc": 0.6, "acc_stderr": 0.01}}}))
        assert len(bs.import_runs("lm-eval", tmp_path, manifest=ONE.assign(model="toy-1b"))) == 1
        assert len(bs.import_runs("lm-eval", tmp_path, manifest=ONE.assign(model="evaluation"))) == 1

    def test_results_that_lie_below_the_time_of_measurement(self, tmp_path):
        dated = {"2022-07-13-11-29-13": {"acc": 0.6}, "2022-07-15-11-47-34": {"acc": 0.7}}
        (tmp_path / "toy-1b.json").write_text(json.dumps({"results": {"piqa": dated}}))
        runs, message = said(tmp_path, manifest=ONE.assign(model="toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.7]
        assert "measured again" in message

    def test_an_aggregate_over_checkpoints(self, tmp_path):
        document = {
            "checkpoints": [1000, 2000],
            "tokens": [2e9, 4e9],
            "results": {"piqa": {"acc": [0.55, 0.6], "acc_stderr": [0.01, 0.01]}},
        }
        (tmp_path / "toy_agg.json").write_text(json.dumps(document))
        runs, _ = said(tmp_path, manifest=ONE.assign(model="toy"))
        assert runs.frame["accuracy"].tolist() == [0.55, 0.6]
        assert runs.frame["tokens"].tolist() == [2e9, 4e9]
        assert set(runs.frame["trajectory"]) == {"toy"}
