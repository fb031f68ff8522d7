"""Fractions and percentages by metric and benchmark; what guessing scores, by benchmark and metric."""

import pytest
from logs import harness, inspect, manifest

import bayes_scaling as bs


def said(folder, **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs("lm-eval", folder, **{"manifest": manifest(), **options})
    return runs, str(caught[0].message)


def ladder(folder, task, metric, values, **sections):
    """One file a model."""
    for model, value in zip(manifest()["model"], values, strict=True):
        harness(folder, {task: {metric: value}}, model=model, **sections)
    return folder


class TestScale:
    def test_a_percent_metric_is_one_for_weak_models_too(self, tmp_path):
        runs, message = said(ladder(tmp_path, "squadv2", "f1,none", [0.42, 0.88, 6.5, 21.3]), chance={"squadv2": 0})
        assert runs.frame["accuracy"].tolist() == pytest.approx([0.0042, 0.0088, 0.065, 0.213])
        assert "f1 of squadv2 is read as a percentage (values from 0.42 to 21.3)" in message

    def test_a_task_that_is_scored_from_0_to_100_whatever_its_values(self, tmp_path):
        runs, _ = said(
            ladder(tmp_path, "scrolls_qasper", "f1,none", [0.1, 0.2, 0.5, 0.9]), chance={"scrolls_qasper": 0}
        )
        assert runs.frame["accuracy"].max() == pytest.approx(0.009)

    def test_points_of_no_share_are_left_out_for_every_model(self, tmp_path):
        ladder(tmp_path, "eq_bench", "eqbench,none", [0.5, 0.9, 12.0, 41.5])
        for model in manifest()["model"]:
            harness(tmp_path, {"piqa": {"acc,none": 0.6}}, model=model, time="2026-02-01T00-00-00.000000")
        runs, message = said(tmp_path)
        assert runs.benchmarks == ("piqa",)
        assert (
            "outside 0 to 1, so no share of right answers: eqbench,none of eq_bench, values from 0.5 to 41.5" in message
        )

    def test_the_standard_error_is_scaled_with_its_score(self, tmp_path):
        for model, value in zip(manifest()["model"], (2.0, 5.0, 10.0, 20.0), strict=True):
            harness(tmp_path, {"mine": {"acc": value, "acc_stderr": 1.0}}, model=model)
        runs, _ = said(tmp_path, chance={"mine": 0})
        assert runs.frame["stderr"].tolist() == pytest.approx([0.01] * 4)


class TestChance:
    def test_written_multiple_choice_is_multiple_choice(self, tmp_path):
        results = {
            "mmlu_pro_biology": {"exact_match,custom-extract": 0.2},
            "gpqa_diamond_cot_zeroshot": {"exact_match,flexible-extract": 0.27},
            "bbh_cot_fewshot_boolean_expressions": {"exact_match,get-answer": 0.56},
            "arc_challenge_chat": {"exact_match,remove_whitespace": 0.37},
        }
        harness(tmp_path, results)
        frame = bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert frame["chance"].tolist() == [0.1, 0.25, 0.5, 0.25]

    def test_f1_of_an_unknown_task_is_asked_for(self, tmp_path):
        config = {"output_type": "multiple_choice", "doc_to_choice": ["against", "neutral", "favor"]}
        harness(tmp_path, {"vaxx_stance": {"f1,none": 0.42}}, configs={"vaxx_stance": config})
        with pytest.raises(bs.RunsError, match=r"not known for 'vaxx_stance' \(f1\)"):
            bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))

    def test_the_logs_own_answers_say_what_guessing_scores(self, tmp_path):
        config = {"output_type": "multiple_choice", "doc_to_choice": ["against", "neutral", "favor"]}
        harness(tmp_path, {"vaxx_stance": {"acc,none": 0.42}}, configs={"vaxx_stance": config})
        runs, message = said(tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["chance"].tolist() == [pytest.approx(1 / 3)]
        assert "chance of vaxx_stance (acc) is 0.333, by the answers that its own log offers" in message

    @pytest.mark.parametrize("choices", ["['A', 'B', 'C', 'D', 'E']", ["A", "B", "C", "D", "E"]])
    def test_a_letter_that_is_written_too(self, tmp_path, choices):
        config = {"output_type": "generate_until", "doc_to_choice": choices}
        harness(tmp_path, {"my_exam": {"exact_match,strict": 0.3}}, configs={"my_exam": config})
        runs, _ = said(tmp_path, manifest=manifest("lab/toy-1b"))
        assert runs.frame["chance"].tolist() == [0.2]

    def test_a_template_of_answers_says_nothing(self, tmp_path):
        harness(tmp_path, {"mine": {"acc,none": 0.3}}, configs={"mine": {"doc_to_choice": "{{choices.text}}"}})
        with pytest.raises(bs.RunsError, match="not known for 'mine'"):
            bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"))

    def both(self, folder):
        harness(folder, {"mrpc": {"acc,none": 0.62, "f1,none": 0.79}})
        return {"manifest": manifest("lab/toy-1b"), "metric": "all"}

    def test_what_is_asked_for_names_the_metric(self, tmp_path):
        with pytest.raises(bs.RunsError, match=r"not known for 'mrpc' \(f1\).*NAME:METRIC=VALUE"):
            bs.import_runs("lm-eval", tmp_path, **self.both(tmp_path))

    def test_one_metric_of_a_benchmark(self, tmp_path):
        runs = bs.import_runs("lm-eval", tmp_path, **self.both(tmp_path), chance={"mrpc:f1": 0.68})
        assert runs.frame.set_index("metric")["chance"].to_dict() == {"acc": 0.5, "f1": 0.68}

    def test_a_name_alone_leaves_what_is_known(self, tmp_path):
        runs, message = said(tmp_path, **self.both(tmp_path), chance={"mrpc": 0.68})
        assert runs.frame.set_index("metric")["chance"].to_dict() == {"acc": 0.5, "f1": 0.68}
        assert "by acc it is known" in message

    def test_a_known_chance_of_one_metric_is_changed_by_name(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.62}})
        runs = bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"), chance={"piqa": 0.4})
        assert runs.frame["chance"].tolist() == [0.4]

    def test_a_pattern_for_a_whole_group(self, tmp_path):
        harness(tmp_path, {"exam_a": {"acc,none": 0.3}, "exam_b": {"acc,none": 0.3}, "piqa": {"acc,none": 0.6}})
        frame = bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b"), chance={"exam_*": 0.2}).frame
        assert frame["chance"].tolist() == [0.2, 0.2, 0.5]

    def test_of_a_benchmark_that_was_left_out_it_is_a_note(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}, "mine": {"ppl,none": 9.0}})
        runs, message = said(tmp_path, manifest=manifest("lab/toy-1b"), chance={"mine": 0.25})
        assert runs.benchmarks == ("piqa",)
        assert "chance of 'mine' was given, but its scores were left out" in message

    def test_a_name_with_arguments_in_brackets(self, tmp_path):
        for part, score in (("law", 0.3), ("bio", 0.4)):
            inspect(tmp_path, f"{part}.json", task="exam", accuracy=score, args={"part": part})
        chance = {"exam [part=law]": 0.2, "exam [part=bio]": 0.25}
        frame = bs.import_runs("inspect", tmp_path, manifest=manifest("lab/toy-1b"), chance=chance).frame
        assert dict(zip(frame["benchmark"], frame["chance"], strict=True)) == chance
