"""Values that can hardly be right, and what should be known of a table."""

import pickle

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.plausibility import DoubtfulRunsWarning, doubts, falling, remarks

SIZES = np.array([1e8, 3e8, 1e9, 3e9, 1e10])


def table(accuracy=(0.55, 0.6, 0.65, 0.7, 0.75), **columns):
    frame = pd.DataFrame({"run": [f"r{i}" for i in range(5)], "params": SIZES, "tokens": 20 * SIZES})
    return bs.Runs(frame.assign(benchmark="piqa", accuracy=accuracy).assign(**columns)).frame


def only(found):
    [sentence] = found
    return sentence


def test_a_plain_table_has_none():
    assert doubts(table()) == remarks(table()) == ()


@pytest.mark.parametrize("name", ["cerebras_gpt", "pile_suite", "codex_humaneval", "code_pass_at_k"])
def test_published_tables_have_none(name):
    assert doubts(bs.load_dataset(name).frame) == ()


class TestBudgets:
    def test_params_and_tokens_swapped(self):
        said = only(doubts(table(params=20 * SIZES, tokens=SIZES)))
        assert "r0 has 2e9 params and 1e8 tokens" in said
        assert "swapped" in said

    def test_tokens_per_parameter_far_off_their_neighbours(self):
        tokens = 20 * SIZES * [1, 1, 100, 1, 1]
        assert "r2 has 2000 tokens per parameter, 100 times more" in only(doubts(table(tokens=tokens)))

    def test_of_the_largest_run(self):
        tokens = 20 * SIZES * [1, 1, 1, 1, 0.01]
        assert "r4 has 0.2 tokens per parameter, 100 times fewer" in only(doubts(table(tokens=tokens)))

    def test_a_ratio_that_drifts_is_none(self):
        assert doubts(table(tokens=np.full(5, 3e11))) == ()

    def test_flops_far_off_the_rule_of_the_others(self):
        flops = 6 * 20 * SIZES**2 * [1, 1, 10, 1, 1]
        assert "FLOPs of r2 are 10 times 6 * params * tokens, those of other runs 1 times" in only(
            doubts(table(flops=flops))
        )

    def test_a_perplexity_as_loss(self):
        assert "loss 23 of r0 is a perplexity" in only(doubts(table(loss=[23.0, 20, 18, 15, 13])))

    def test_checkpoints_taken_for_runs(self):
        names = ["toy-step1000", "toy-step2000", "toy-step3000", "toy-step4000", "toy"]
        assert "look like checkpoints of 'toy'" in only(doubts(table(run=names)))
        assert doubts(table(run=names, trajectory="toy")) == ()


class TestScores:
    def test_far_below_chance(self):
        assert "r0 scores 0.004 on piqa, far below its chance 0.5" in only(doubts(table([0.004, 0.6, 0.65, 0.7, 0.75])))

    def test_a_little_below_chance_is_none(self):
        assert doubts(table([0.47, 0.48, 0.5, 0.55, 0.6])) == ()

    def test_falling_in_every_step(self):
        said = only(falling(table([0.9, 0.8, 0.75, 0.7, 0.6])))
        assert "scores on piqa fall with compute in every step, from 0.9 to 0.6" in said

    def test_falling_nearly_throughout(self):
        assert "nearly throughout" in only(falling(table([0.9, 0.8, 0.81, 0.7, 0.6])))

    @pytest.mark.parametrize(
        "accuracy", [[0.5, 0.49, 0.51, 0.5, 0.49], [0.7, 0.6, 0.65, 0.8, 0.9], [0.5, 0.495, 0.49, 0.485, 0.48]]
    )
    def test_scatter_is_no_fall(self, accuracy):
        assert falling(table(accuracy)) == []

    def test_a_fit_is_warned_of(self):
        from bayes_scaling.model.specification import specify
        from bayes_scaling.model.thin_data import thin_data

        assert any(
            "fall with compute" in said
            for said in thin_data(specify(bs.DirectLaw(), bs.Runs(table([0.9, 0.8, 0.75, 0.7, 0.6]))))
        )

    def test_a_metric_of_which_lower_is_better_is_refused(self):
        with pytest.raises(bs.RunsError, match="metric: lower is better, so no share of right answers"):
            table([0.9, 0.8, 0.75, 0.7, 0.6], metric="bpb")

    def test_one_benchmark_in_several_spellings(self):
        names = ["ARC-Challenge", "arc_challenge", "ARC-c", "arc_challenge (25-shot)", "arc_challenge"]
        said = only(doubts(table([0.26, 0.3, 0.35, 0.4, 0.45], benchmark=names)))
        assert (
            said
            == "ARC-Challenge, arc_challenge, ARC-c, arc_challenge (25-shot) are one benchmark by name, and count as 4"
        )

    def test_two_ways_of_asking_that_a_run_has_are_two(self):
        both = pd.concat([table(benchmark="mmlu_zeroshot"), table(benchmark="mmlu_fewshot")])
        assert doubts(bs.Runs(both.drop(columns=["chance", "chance_source", "flops_source"])).frame) == ()


class TestRemarks:
    def test_few_runs(self):
        assert only(remarks(table().head(3))).startswith("3 runs: fewer than four")

    def test_families_of_one_run(self):
        assert "'b' has one run" in only(remarks(table(family=["a"] * 4 + ["b"])))

    def test_active_parameters(self):
        frame = table().drop(columns=["params", "flops", "flops_source", "chance", "chance_source"])
        both = bs.Runs(frame.assign(active_params=SIZES, total_params=SIZES * [1, 1, 4, 4, 8])).frame
        assert only(remarks(both)).startswith("params of 3 runs are the active ones of a mixture of experts")

    def test_k_and_attempts(self):
        frame = bs.load_dataset("codex_humaneval").frame
        assert any(said.startswith("k of the rates: 1, 10, 100") for said in remarks(frame))

    def test_scores_that_are_no_number_of_right_answers(self):
        said = only(remarks(table([0.5503333333333, 0.6, 0.65, 0.7, 0.75], n_items=1838)))
        assert said.startswith("0.5503333 of r0 on piqa is no multiple of 1 / 1838")

    def test_means_over_attempts_at_few_questions_are(self):
        assert remarks(table([9 / 32, 10 / 32, 0.5, 0.625, 0.75], n_items=8)) == ()

    def test_rounded_scores_tell_nothing(self):
        assert remarks(table([0.551, 0.6, 0.651, 0.7, 0.75], n_items=1838)) == ()

    def test_shots_in_some_rows_only(self):
        assert "piqa was scored at 5 shots, and in 1 row without" in only(remarks(table(shots=[5, 5, 5, 5, None])))


def test_an_import_warns_of_doubts(tmp_path):
    path = tmp_path / "runs.csv"
    table([0.9, 0.8, 0.75, 0.7, 0.6]).to_csv(path, index=False)
    with pytest.warns(DoubtfulRunsWarning, match="fall with compute"):
        bs.import_runs("long", path)


def test_the_warning_travels_between_processes():
    warning = pickle.loads(pickle.dumps(DoubtfulRunsWarning(["a", "b"])))
    assert warning.doubts == ("a", "b")
    assert str(warning) == "a; b"


def test_a_table_without_scores_says_what_is_none():
    frame = pd.DataFrame(
        {"run": ["a", "b"], "flops": [1e18, 1e19], "benchmark": "hellaswag", "bpb": [0.9, 0.8], "my score": 1.0}
    )
    text = bs.Runs(frame).summary().text
    assert "no column of scores; bpb: lower is better, so no share of right answers; is it my score?" in text
