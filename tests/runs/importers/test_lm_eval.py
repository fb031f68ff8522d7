import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.importers.lm_eval_samples import problem_counts
from bayes_scaling.runs.importers.skipping import Skips
from bayes_scaling.runs.pass_rates import binomial_stderr

FIXTURES = Path(__file__).parent / "fixtures"
MODELS = FIXTURES / "models.csv"
CHANCE = {"toy": 0.25, "toy_sums": 0, "toy_code": 0}


def load(folder=FIXTURES / "lm_eval", manifest=MODELS, chance=CHANCE, **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs("lm-eval", folder, manifest=manifest, chance=chance, **options)
    return runs, str(caught[0].message)


def results_file(folder, results, name="results_2025-01-01T00-00-00.000000.json", **sections):
    folder.mkdir(parents=True, exist_ok=True)
    document = {"results": results, "config": {"model_args": "pretrained=org/m"}, **sections}
    (folder / name).write_text(json.dumps(document))
    return folder


def one_model(**columns):
    return pd.DataFrame([{"model": "org/m", "params": 1e8, "tokens": 2e9, **columns}])


class TestRealFiles:
    def test_scores_counts_and_errors_are_those_of_the_files(self):
        runs, said = load(metric="all")
        frame = runs.frame
        [file] = (FIXTURES / "lm_eval" / "toy__ladder-2B").glob("results_*.json")
        results = json.loads(file.read_text())["results"]
        of_model = frame[frame["run"] == "ladder-2B"]
        toy = of_model[of_model["benchmark"] == "toy"].iloc[0]
        assert (toy["accuracy"], toy["stderr"]) == (results["toy"]["acc,none"], results["toy"]["acc_stderr,none"])
        assert toy["n_items"] == 500
        sums = of_model[of_model["benchmark"] == "toy_sums"].set_index("metric")["accuracy"]
        assert sums["exact_match,strict-match"] == results["toy_sums"]["exact_match,strict-match"]
        assert sums["exact_match,flexible-extract"] == results["toy_sums"]["exact_match,flexible-extract"]
        assert "part of a group that is counted: toy_birds (toy) (6 places)" in said

    def test_repeated_samples_become_counts_whose_mean_is_the_published_rate(self):
        runs, _ = load()
        code = runs.select(benchmark="toy_code").frame
        assert (code["n_samples"] == 8).all()
        assert code.groupby("run")["problem"].nunique().eq(12).all()
        rates, _ = load(samples=False)
        published = rates.select(benchmark="toy_code", k=1).frame.set_index("run")["accuracy"]
        np.testing.assert_allclose(code.groupby("run")["accuracy"].mean()[published.index], published)

    def test_rates_without_counts_have_k_and_attempts(self):
        runs, _ = load(samples=False)
        code = runs.select(benchmark="toy_code").frame
        assert set(code["k"]) == {1, 4}
        assert (code["n_samples"] == 8).all()
        assert set(code["metric"]) == {"pass@k"}

    def test_tasks_in_place_of_groups(self):
        runs, said = load(groups=False, chance={"toy_birds": 0.25, "toy_fish": 0.25, "toy_sums": 0, "toy_code": 0})
        assert {"toy_birds", "toy_fish"} <= set(runs.benchmarks)
        assert "toy" not in runs.benchmarks
        assert "a group whose tasks are counted: toy (6 places)" in said
        assert set(runs.select(benchmark="toy_fish").frame["metric"]) == {"acc_norm"}

    def test_one_metric_only(self):
        runs, said = load(metric="acc", chance={"toy": 0.25})
        assert runs.benchmarks == ("toy",)
        assert "another metric than was asked for" in said

    def test_runs_come_in_the_order_of_the_manifest(self):
        runs, _ = load()
        assert list(dict.fromkeys(runs.frame["run"])) == pd.read_csv(MODELS)["model"].tolist()

    def test_a_table_that_was_imported_is_saved_read_and_fitted(self, tmp_path):
        runs, _ = load(metric=["acc", "exact_match,strict-match"], chance={"toy": 0.25, "toy_sums": 0})
        for ending in ("csv", "parquet", "json"):
            again = bs.read_runs(runs.save(tmp_path / f"runs.{ending}"))
            pd.testing.assert_frame_equal(again.frame, runs.frame)
        train, held_out = runs.split(params=3e9)
        fit = bs.fit(bs.DirectLaw(), train, random_seed=1, progressbar=False)
        assert bs.score_forecast(bs.forecast(fit, held_out, random_seed=1), held_out).overall["mae"] < 0.2


class TestOldFiles:
    def test_keys_without_filters_and_revisions(self):
        folder = FIXTURES / "lm_eval_old"
        runs, said = load(folder, folder / "models.csv", None)
        assert set(runs.frame["run"]) == {"EleutherAI/pythia-70m@step1000", "EleutherAI/pythia-70m@step2000"}
        assert runs.frame["trajectory"].unique().tolist() == ["pythia-70m"]
        assert (runs.frame["shots"] == 5).all()
        assert "no share of right answers: ppl of lambada_openai (2 places)" in said

    def test_an_error_of_exactly_zero_without_the_number_of_questions_is_left_open(self):
        folder = FIXTURES / "lm_eval_old"
        runs, _ = load(folder, folder / "models.csv", None)
        zero = runs.select("accuracy == 0").frame
        assert zero["stderr"].isna().all()


class TestWhatIsLeftOut:
    def test_lower_is_better(self, tmp_path):
        results = {
            "piqa": {"acc,none": 0.6, "acc_stderr,none": 0.01},
            "w": {"brier,none": 0.2, "brier_stderr,none": 0.01},
        }
        results_file(tmp_path, results, higher_is_better={"w": {"brier": False}, "piqa": {"acc": True}})
        runs, said = load(tmp_path, one_model(), None)
        assert runs.benchmarks == ("piqa",)
        assert "lower is better: brier,none of w" in said

    def test_values_outside_a_share(self, tmp_path):
        results_file(tmp_path, {"piqa": {"acc,none": 0.6}, "x": {"points,none": 41.5}, "y": {"acc,none": float("nan")}})
        runs, said = load(tmp_path, one_model(), None)
        assert len(runs) == 1
        assert "outside 0 to 1, so no share of right answers: points,none of x" in said
        assert "not a number: acc,none of y" in said

    def test_the_newest_measurement_counts(self, tmp_path):
        results_file(tmp_path, {"piqa": {"acc,none": 0.6}})
        results_file(tmp_path, {"piqa": {"acc,none": 0.7}}, "results_2025-02-01T00-00-00.000000.json")
        runs, said = load(tmp_path, one_model(), None)
        assert runs.frame["accuracy"].tolist() == [0.7]
        assert "measured again in results_2025-02-01" in said

    @pytest.mark.parametrize("text", ["{", "[]", '{"results": 3}', "\x00", '{"results": {}}'])
    def test_files_that_are_no_results(self, tmp_path, text):
        results_file(tmp_path, {"piqa": {"acc,none": 0.6}})
        (tmp_path / "results_bad.json").write_text(text)
        if text == '{"results": {}}':
            assert len(bs.import_runs("lm-eval", tmp_path, manifest=one_model())) == 1
        else:
            _, said = load(tmp_path, one_model(), None)
            assert "results_bad.json" in said

    def test_models_and_manifest_rows_without_a_partner(self, tmp_path):
        results_file(tmp_path / "a", {"piqa": {"acc,none": 0.6}})
        results_file(tmp_path / "b", {"piqa": {"acc,none": 0.6}}, config={"model_args": {"pretrained": "org/other"}})
        manifest = pd.concat([one_model(), one_model(model="org/third")])
        _, said = load(tmp_path, manifest, None)
        assert "not in the manifest manifest: org/other" in said
        assert "in the manifest manifest without scores: org/third (row 2)" in said

    def test_a_log_that_lacks_the_samples(self, tmp_path):
        results = {"gsm8k": {"exact_match,none": 0.25, "exact_match_stderr,none": 0.01}}
        results_file(tmp_path, results, configs={"gsm8k": {"repeats": 4}})
        runs, said = load(tmp_path, one_model(), None)
        assert runs.frame["accuracy"].tolist() == [0.25]
        assert "no samples were logged beside the results" in said


class TestStandardErrors:
    def test_zero_is_recomputed_from_the_number_of_questions(self, tmp_path):
        results = {"piqa": {"acc,none": 0.5, "acc_stderr,none": 0.0}}
        results_file(tmp_path, results, **{"n-samples": {"piqa": {"original": 100, "effective": 100}}})
        runs = bs.import_runs("lm-eval", tmp_path, manifest=one_model())
        assert runs.frame[["n_items", "stderr"]].to_numpy().tolist() == [[100, 0.05]]

    @pytest.mark.parametrize("accuracy", [0.0, 1.0])
    def test_it_is_never_zero(self, accuracy):
        assert 0 < binomial_stderr(accuracy, 50) < 0.02

    def test_text_in_its_place(self, tmp_path):
        results_file(tmp_path, {"piqa": {"acc,none": 0.5, "acc_stderr,none": "N/A"}})
        assert bs.import_runs("lm-eval", tmp_path, manifest=one_model()).frame["stderr"].isna().all()


class TestGroups:
    SECTIONS: ClassVar = {
        "group_subtasks": {"mmlu": ["mmlu_stem"], "mmlu_stem": ["mmlu_physics", "mmlu_biology"], "suite": ["piqa"]},
        "n-samples": {"mmlu_physics": {"effective": 10}, "mmlu_biology": {"effective": 30}},
    }

    def test_the_highest_group_with_a_score_stands_for_all_below(self, tmp_path):
        scores = {name: {"acc,none": 0.3} for name in ("mmlu", "mmlu_stem", "mmlu_physics", "mmlu_biology", "piqa")}
        results_file(tmp_path, {**scores, "suite": {"alias": "suite", " ": " "}}, **self.SECTIONS)
        runs, said = load(tmp_path, one_model(), None)
        assert runs.benchmarks == ("mmlu", "piqa")
        assert runs.frame["n_items"].tolist()[0] == 40
        assert "mmlu_physics (mmlu)" in said

    def test_a_group_that_holds_itself_ends(self, tmp_path):
        results_file(tmp_path, {"mmlu": {"acc,none": 0.3}}, group_subtasks={"mmlu": ["part"], "part": ["mmlu", "part"]})
        assert len(bs.import_runs("lm-eval", tmp_path, manifest=one_model())) == 1


class TestSamples:
    def write(self, path, lines):
        path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
        return path

    def line(self, problem, **metrics):
        return {"doc_id": problem, "filter": "none", "metrics": list(metrics), "resps": [["a"] * 4], **metrics}

    def test_a_line_for_each_attempt(self, tmp_path):
        log = self.write(tmp_path / "s.jsonl", [self.line(1, exact_match=x) for x in (1.0, 0.0, 1.0)])
        counts = problem_counts(log, {"none"}, Skips())
        assert counts.to_dict("records") == [{"metric": "exact_match", "problem": "1", "n_samples": 3, "n_correct": 2}]

    def test_a_list_of_grades(self, tmp_path):
        log = self.write(tmp_path / "s.jsonl", [self.line(1, exact_match=[1, 0, 0, 1])])
        assert problem_counts(log, {"none"}, Skips())[["n_samples", "n_correct"]].to_numpy().tolist() == [[4, 2]]

    @pytest.mark.parametrize("right", range(5))
    def test_pass_rates_give_back_their_counts(self, tmp_path, right):
        rates = {f"pass@{k}": float(bs.pass_at_k(np.array([4]), np.array([right]), k)[0]) for k in (1, 2)}
        log = self.write(tmp_path / "s.jsonl", [self.line(1, **rates)])
        assert problem_counts(log, {"none"}, Skips())[["n_samples", "n_correct"]].to_numpy().tolist() == [[4, right]]

    def test_one_problem_without_a_count_takes_its_metric_out(self, tmp_path):
        log = self.write(tmp_path / "s.jsonl", [self.line(1, **{"pass@4": 0.0}), self.line(2, **{"pass@4": 1.0})])
        skips = Skips()
        assert problem_counts(log, {"none"}, skips).empty
        assert skips.found[0].why == "tells no number of right attempts at some problem"

    def test_lines_that_are_no_objects_are_said(self, tmp_path):
        log = self.write(
            tmp_path / "s.jsonl", [self.line(1, acc=1.0), "{broken\n", "\n", "[1]\n", {"metrics": ["acc"]}]
        )
        skips = Skips()
        assert len(problem_counts(log, {"none"}, skips)) == 1
        assert [one.what for one in skips.found] == ["line 2", "line 4", "line 5"]


class TestErrors:
    def test_no_folder(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            bs.import_runs("lm-eval", tmp_path / "nowhere")

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(bs.RunsError, match=r"no \.json in it; expected results of lm-evaluation-harness"):
            bs.import_runs("lm-eval", tmp_path)

    def test_no_manifest_names_the_models(self, tmp_path):
        results_file(tmp_path, {"piqa": {"acc,none": 0.6}})
        with pytest.raises(bs.RunsError, match=r"org/m, whose training budgets.*manifest="):
            bs.import_runs("lm-eval", tmp_path)

    def test_an_unknown_chance_names_the_benchmark_and_the_option(self, tmp_path):
        results_file(tmp_path, {"mine": {"acc,none": 0.6}})
        with pytest.raises(bs.RunsError, match=r"(?s)'mine'.*--chance NAME=VALUE"):
            bs.import_runs("lm-eval", tmp_path, manifest=one_model())

    def test_a_chance_of_no_benchmark(self, tmp_path):
        results_file(tmp_path, {"piqa": {"acc,none": 0.6}})
        with pytest.raises(bs.RunsError, match="'pika'; expected a benchmark of the table: piqa"):
            bs.import_runs("lm-eval", tmp_path, manifest=one_model(), chance={"pika": 0.5})

    def test_an_unknown_option_lists_the_known(self):
        with pytest.raises(TypeError, match="manifests='x'; it takes manifest, metric, groups, samples"):
            bs.import_runs("lm-eval", FIXTURES, manifests="x")

    def test_an_unknown_source_lists_the_known(self):
        with pytest.raises(ValueError, match="'harness'; expected one of lm-eval, inspect"):
            bs.import_runs("harness", FIXTURES)
