"""What is the same measurement, which is the newest, and on how many questions it rests."""

import json

import pytest
from logs import harness, inspect, manifest

import bayes_scaling as bs


def said(source, folder, **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs(source, folder, **options)
    return runs, str(caught[0].message)


class TestNewest:
    def test_a_limited_run_never_replaces_a_full_one(self, tmp_path):
        harness(tmp_path, {"arc_easy": {"acc,none": 0.51}}, items={"arc_easy": (2376, 2376)})
        harness(
            tmp_path,
            {"arc_easy": {"acc,none": 0.3}},
            time="2026-01-11T09-00-00.000000",
            items={"arc_easy": (2376, 10)},
            config={"limit": 10.0},
        )
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame[["accuracy", "n_items"]].to_numpy().tolist() == [[0.51, 2376]]
        assert "only the first 10 of 2,376 questions" in message

    def test_a_limited_run_alone_stays_and_is_named(self, tmp_path):
        harness(tmp_path, {"arc_easy": {"acc,none": 0.3}}, items={"arc_easy": (2376, 10)})
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["n_items"].tolist() == [10]
        assert "arc_easy by lab/toy-1b rests on the first 10 of 2,376 questions" in message

    def test_a_limit_of_an_old_file_says_how_many_were_asked(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc": 0.6, "acc_stderr": 0.05}}, config={"limit": 100})
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["n_items"].tolist() == [100]
        assert "the first 100 of its questions" in message

    def test_time_counts_over_folders_and_not_their_names(self, tmp_path):
        for folder, hour, score in (("zz_old", "09", 0.4), ("aa_new", "11", 0.6)):
            harness(tmp_path / folder, {"piqa": {"acc,none": score}}, time=f"2026-01-10T{hour}-00-00.000000")
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.6]
        assert "measured again in results_2026-01-10T11" in message

    def test_the_time_in_the_document_where_the_name_has_none(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}}, name="a_new.json", date=1.8e9)
        harness(tmp_path, {"piqa": {"acc,none": 0.4}}, name="z_old.json", date=1.7e9)
        runs, _ = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.6]

    def test_inspect_by_the_time_in_the_header(self, tmp_path):
        inspect(tmp_path, "wrong-prompt.json", accuracy=0.02, created="2025-02-01T10:00:00+00:00")
        inspect(tmp_path, "retry.json", accuracy=0.3, created="2026-02-01T10:00:00+00:00")
        runs, _ = said("inspect", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.3]

    def test_time_zones_are_read(self, tmp_path):
        inspect(tmp_path, "a.json", accuracy=0.2, created="2026-02-01T12:00:00+09:00")
        inspect(tmp_path, "b.json", accuracy=0.4, created="2026-02-01T10:00:00-05:00")
        runs, _ = said("inspect", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.4]


class TestKey:
    def test_shots_among_the_arguments_make_two_measurements(self, tmp_path):
        inspect(tmp_path, "a.json", accuracy=0.1, args={"fewshot": 0})
        inspect(tmp_path, "b.json", accuracy=0.2, args={"fewshot": 10})
        frame = bs.import_runs("inspect", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert dict(zip(frame["shots"], frame["accuracy"], strict=True)) == {0: 0.1, 10: 0.2}

    def test_other_arguments_make_benchmarks_of_their_own(self, tmp_path):
        for subject, score in (("law", 0.3), ("physics", 0.4)):
            inspect(tmp_path, f"{subject}.json", task="mmlu", accuracy=score, args={"subjects": subject, "seed": 1})
        frame = bs.import_runs("inspect", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert set(frame["benchmark"]) == {"mmlu [subjects=law]", "mmlu [subjects=physics]"}
        assert set(frame["chance"]) == {0.25}

    def test_shots_of_a_file_make_two_measurements(self, tmp_path):
        for shots, score in ((0, 0.5), (5, 0.6)):
            harness(tmp_path, {"piqa": {"acc": score}}, name=f"toy-1b_{shots}shot.json", **{"n-shot": {"piqa": shots}})
        frame = bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert dict(zip(frame["shots"], frame["accuracy"], strict=True)) == {0: 0.5, 5: 0.6}

    def test_shots_of_a_group_are_those_of_its_tasks(self, tmp_path):
        harness(
            tmp_path,
            {"mmlu": {"acc,none": 0.3}, "mmlu_law": {"acc,none": 0.3}},
            group_subtasks={"mmlu": ["mmlu_law"]},
            **{"n-shot": {"mmlu": 0, "mmlu_law": 5}},
        )
        runs, _ = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["shots"].tolist() == [5]

    def test_majority_votes_stand_apart_and_are_no_attempts(self, tmp_path):
        scores = {"exact_match,score-first": 0.3, "exact_match,maj@8": 0.4}
        harness(tmp_path, {"gsm8k": scores}, configs={"gsm8k": {"repeats": 8}})
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"), metric="gsm8k=exact_match,maj@8")
        assert runs.frame["accuracy"].tolist() == [0.4]
        assert "n_samples" not in runs.frame
        assert "is the maj@8 of 8 attempts at each problem" in message

    def test_of_several_reducers_the_mean_counts(self, tmp_path):
        document = json.loads(inspect(tmp_path, "a.json", task="gpqa_diamond", config={"epochs": 4}).read_text())
        entry = document["results"]["scores"][0]
        scores = {"mode": 0.4, "mean": 0.3, "max": 0.6, "pass_at_2": 0.45}
        document["results"]["scores"] = [
            {**entry, "reducer": name, "metrics": {"accuracy": {"value": value}}} for name, value in scores.items()
        ]
        (tmp_path / "a.json").write_text(json.dumps(document))
        runs, message = said("inspect", tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["accuracy"].tolist() == [0.3]
        assert "several attempts at answers that can be guessed: match of gpqa_diamond at k = 2" in message
        assert "match,mode of gpqa_diamond" in message


class TestQuestions:
    def test_of_an_older_log_those_that_were_asked_and_not_the_whole_set(self, tmp_path):
        inspect(
            tmp_path,
            "a.json",
            task="capitals",
            accuracy=0.7,
            stderr=0.15,
            size=1400,
            config={"limit": 10},
            results={"total_samples": 10, "completed_samples": 10},
        )
        runs, message = said("inspect", tmp_path, manifest=manifest("lab/toy-1b"), chance={"capitals": 0})
        assert runs.frame["n_items"].tolist() == [10]
        assert "the first 10 of 1,400 questions" in message

    def test_all_right_of_five_has_the_error_of_five(self, tmp_path):
        inspect(
            tmp_path,
            "a.json",
            task="rivers",
            accuracy=1.0,
            stderr=0.0,
            size=1400,
            results={"total_samples": 5, "completed_samples": 5},
        )
        runs, _ = said("inspect", tmp_path, manifest=manifest("lab/toy-1b"), chance={"rivers": 0})
        assert 0.08 < runs.frame["stderr"].item() < 0.15

    def test_epochs_do_not_multiply_questions(self, tmp_path):
        inspect(
            tmp_path,
            "a.json",
            accuracy=0.5,
            stderr=0.03,
            config={"epochs": 4},
            size=200,
            results={"total_samples": 800, "completed_samples": 800},
        )
        runs = bs.import_runs("inspect", tmp_path, manifest=manifest("lab/toy-1b"), samples=False)
        assert runs.frame["n_items"].tolist() == [200]

    def test_a_standard_error_that_denies_the_questions_wins(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6, "acc_stderr,none": 0.155}}, items={"piqa": (1838, 1838)})
        runs, message = said("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))
        assert "n_items" not in runs.frame
        assert "lab/toy-1b has stderr 0.15, that of 10 questions, not of 1838" in message

    def test_one_that_agrees_leaves_them(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6, "acc_stderr,none": 0.0114}}, items={"piqa": (1838, 1838)})
        assert bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b")).frame["n_items"].tolist() == [1838]
