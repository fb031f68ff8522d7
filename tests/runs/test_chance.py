"""Chance levels of well-known benchmarks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.runs.chance import Chance, canonical_name, known_chance

ARC_CHALLENGE = [
    *(
        "arc_challenge",
        "ARC-Challenge",
        "ARC Challenge",
        "arc_c",
        "ARC-C",
        "ai2_arc_challenge",
        "arc:challenge",
    ),
    *(
        "arc_challenge_test",
        "arc_challenge_val",
        "ARC-Challenge (25-shot)",
        "arc_challenge_5shot",
        "arc_challenge_zeroshot",
    ),
    *(
        "leaderboard_arc_challenge",
        "25-shot ARC-Challenge",
        "arc_challenge_mc",
        "arc_challenge:rc::olmes",
        "arc-c 0 shot",
    ),
]


@pytest.mark.parametrize("name", ARC_CHALLENGE)
def test_a_benchmark_goes_by_many_names(name: str) -> None:
    assert known_chance(name) == Chance(0.25, "known benchmark")


@pytest.mark.parametrize(
    ("names", "choices"),
    [
        (
            "piqa winogrande winograd WSC273 wsc boolq BoolQ_val copa rte WiC strategyqa xwinograd",
            2,
        ),
        ("winogender_mc_female winogender_mc_male story_cloze bigbench_strategy_qa", 2),
        ("cb SIQA social_iqa socialiqa_val mnli anli_r1", 3),
        (
            "ARC-Easy arc_e HellaSwag hellaswag_zeroshot SciQ OpenBookQA openbook_qa openbookqa_test",
            4,
        ),
        ("MMLU mmlu_test mmlu_val mmlu_fewshot mmlu_stem_test mmlu_social_sciences_val mmlu_other_val", 4),
        (
            "mmlu_abstract_algebra hendrycksTest-anatomy LogiQA logi_qa race RACE-high gpqa_diamond lb2_gpqa",
            4,
        ),
        ("agi_eval_sat_en agieval_sat_math medmcqa", 4),
        (
            "CommonsenseQA commonsense_qa csqa_val math_qa aqua agi_eval_lsat_ar agieval_lsat_rc lsat_lr",
            5,
        ),
        ("mmlu_pro MMLU-Pro lb2_mmlu_pro", 10),
    ],
)
def test_multiple_choice(names: str, choices: int) -> None:
    for name in names.split():
        for metric in (None, "", "acc", "acc_norm", "exact_match", "acc_per_char"):
            assert known_chance(name, metric) == Chance(1 / choices, "known benchmark"), (name, metric)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "lambada_openai",
            "LAMBADA",
            "TriviaQA",
            "triviaqa_sm_sub",
            "NaturalQuestions",
            "natural_questions",
            "nq_open",
        ),
        *(
            "WebQS",
            "web_questions",
            "SQuAD",
            "CoQA",
            "DROP",
            "GSM8K",
            "gsm8k_cot",
            "GSM8K (5-shot)",
            "MATH",
            "math_lvl5",
        ),
        *(
            "lb2_math_lvl5",
            "HumanEval",
            "HumanEval+",
            "humaneval_plus",
            "MBPP",
            "LBPP",
            "jeopardy",
            "lb2_ifeval",
        ),
        *(
            "bigbench_qa_wikidata",
            "bigbench_dyck_languages",
            "simple_arithmetic_nospaces",
            "svamp_cot",
            "arithmetic_3da",
        ),
        *("codex_humaneval", "minerva_math", "BIG-bench QA Wikidata".replace("BIG-bench", "bigbench")),
    ],
)
@pytest.mark.parametrize("metric", [None, "acc", "exact_match", "f1", "pass@1"])
def test_written_answers_have_no_chance(name: str, metric: str | None) -> None:
    assert known_chance(name, metric) == Chance(0.0, "generative")


@pytest.mark.parametrize(
    "metric",
    [
        *(
            "exact_match",
            "Exact Match",
            "em",
            "EM",
            "pass@k",
        ),
        *(
            "pass@1",
            "pass@10",
            "pass_at_1",
            "maj@8",
            "exact_match,flexible-extract",
            "quasi_exact_match",
            "strict_acc",
        ),
    ],
)
def test_a_metric_of_written_answers_says_so_where_the_name_does_not(metric: str) -> None:
    assert known_chance("my own test", metric) == Chance(0.0, "generative")


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("my own test", None),
        ("my own test", "acc"),
        ("my own test", "acc_norm"),
        ("", None),
        ("5-shot", None),
        # mixtures of tasks, and scores that are no share of right answers
        ("bbh", None),
        ("BBH", "exact_match"),
        ("lb2_musr", "acc_norm"),
        ("truthfulqa", None),
        ("truthfulqa_mc2", "mc2"),
        ("truthfulqa", "mc2"),
        ("bbq", "acc"),
        # F1 and the like: guessing scores more than nothing
        ("my own test", "f1"),
        ("my own test", "token_f1"),
        ("my own test", "bleu"),
        ("my own test", "rougeL"),
        ("cb", "macro_f1"),
        ("cb", "f1"),
        ("arc_easy", "bits_per_byte"),
        ("arc_easy", "soft_acc"),
        # another form of a known benchmark
        ("drop_mc", None),
        ("jeopardy:mc", "acc"),
        ("gsm8k_mc", None),
        ("mmlu_prox", None),
        ("mmlu_cot", None),
        ("aqua_cot", None),
    ],
)
def test_what_is_not_known_is_not_guessed(name: str, metric: str | None) -> None:
    assert known_chance(name, metric) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mmlu_pro_biology", 1 / 10),
        ("gpqa_diamond_cot_zeroshot", 1 / 4),
        ("gpqa_main_generative_n_shot", 1 / 4),
        ("bbh_cot_fewshot_boolean_expressions", 1 / 2),
        ("bbh_cot_zeroshot_logical_deduction_seven_objects", 1 / 7),
        ("arc_challenge_chat", 1 / 4),
        ("mmlu_flan_n_shot_generative_anatomy", 1 / 4),
        ("mmlu_llama", 1 / 4),
        ("kmmlu_direct_law", 1 / 4),
        ("mmlu_cot", 1 / 4),
        ("aqua_cot", 1 / 5),
        ("mmlu [subjects=law]", 1 / 4),
    ],
)
def test_a_letter_that_is_written_can_be_guessed(name: str, value: float) -> None:
    assert known_chance(name, "exact_match,custom-extract") == Chance(value, "known benchmark")


@pytest.mark.parametrize("name", ["bbh_cot_fewshot_word_sorting", "bbh_zeroshot_object_counting", "gsm8k_cot_llama"])
def test_answers_without_choices_in_another_form(name: str) -> None:
    assert known_chance(name, "exact_match") == Chance(0.0, "generative")


def test_spellings_of_one_benchmark() -> None:
    names = ["ARC-Challenge", "arc_challenge", "ARC-c", "arc_challenge (25-shot)", "leaderboard_arc_challenge"]
    assert len({canonical_name(name) for name in names}) == 1
    assert canonical_name("arc_easy") != canonical_name("arc_challenge")


def test_truthfulqa_by_its_metric() -> None:
    assert known_chance("truthfulqa", "mc1") == known_chance("truthfulqa_mc1") == Chance(0.226, "known benchmark")


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_has_an_answer(name: str, metric: str) -> None:
    found = known_chance(name, metric)
    assert found is None or 0 <= found.value < 1
