"""What random guessing scores on well-known benchmarks. An unknown one is asked for, never guessed.

A name is read as its letters and digits without case, without shots, splits and harness prefixes:
"ARC-Challenge (25-shot)", "arc_c", "leaderboard_arc_challenge" and "arc_challenge_test" are one benchmark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

# Multiple choice with the same number of answers throughout: 1 / choices.
_CHOICES: dict[float, str] = {
    1 / 2: """
        piqa winogrande winogrande_xl winograd winograd_wsc wsc wsc273 superglue_wsc winogender_male
        winogender_female xwinograd boolq copa balanced_copa xcopa storycloze xstorycloze rte wic qnli mrpc
        qqp sst2 wnli paws paws_x strategyqa bigbench_strategy_qa bigbench_misconceptions
        musr_murder_mysteries
    """,
    1 / 3: "cb commitmentbank siqa social_iqa mnli snli xnli anli anli_r1 anli_r2 anli_r3 pubmedqa",
    1 / 4: """
        arc arc_e arc_c arc_easy arc_challenge ai2_arc ai2_arc_easy ai2_arc_challenge hellaswag swag sciq
        openbookqa obqa mmlu mmlu_redux global_mmlu cmmlu ceval hendrycks_test logiqa logiqa2 race race_high
        race_middle race_h race_m gpqa gpqa_main gpqa_diamond gpqa_extended medqa_4options medmcqa prost
        parsinlu_qa agieval_sat_en agieval_sat_en_without_passage agieval_sat_math agieval_logiqa_en
        agieval_logiqa_zh
    """,
    1 / 5: """
        commonsenseqa csqa mathqa aqua aqua_rat agieval_aqua_rat lsat_ar lsat_lr lsat_rc agieval_lsat_ar
        agieval_lsat_lr agieval_lsat_rc
    """,
    1 / 8: "qasc",
    1 / 10: "mmlu_pro",
    # TruthfulQA's questions have different numbers of answers: the mean of 1 / answers.
    0.226: "truthfulqa_mc1",
}

# The answer is written, and blind guessing is not right: 0.
_GENERATIVE = """
    lambada lambada_openai lambada_standard lambada_cloze lambada_openai_cloze lambada_standard_cloze triviaqa
    triviaqa_wiki triviaqa_sm_sub naturalquestions naturalqs nq nq_open webqs webquestions squad squad_v1 coqa
    drop quac hotpotqa popqa simpleqa narrativeqa jeopardy jeopardy_all bigbench_qa_wikidata qa_wikidata
    bigbench_dyck_languages dyck_languages bigbench_conlang_translation conlang_translation bigbench_operators
    bigbench_repeat_copy_logic repeat_copy_logic word_unscrambling ipa_transliterate ifeval gsm gsm8k gsm1k
    gsm_hard gsm_plus gsm_symbolic gsm8k_platinum mgsm svamp asdiv mawps multiarith math math500 math_lvl5
    math_hard minerva_math minerva_math500 hendrycks_math competition_math aime aime24 aime25 aime_2024
    aime_2025 olympiadbench simple_arithmetic simple_arithmetic_nospaces simple_arithmetic_withspaces
    arithmetic arithmetic_1dc arithmetic_2da arithmetic_2dm arithmetic_2ds arithmetic_3da arithmetic_3ds
    arithmetic_4da arithmetic_4ds arithmetic_5da arithmetic_5ds humaneval humaneval_plus codex_humaneval mbpp
    mbpp_plus lbpp apps ds1000 livecodebench bigcodebench multipl_e cruxeval code_contests swebench
    swebench_verified
"""

# Tasks with different numbers of choices, or scores that are no share of right answers: always asked for.
_MIXED = """
    bbh bigbench_hard big_bench_hard bigbench big_bench musr truthfulqa truthfulqa_mc2 agieval agieval_en
    superglue glue bbq multirc record squad_v2
"""

_MMLU_PARTS = """
    stem humanities social_sciences other abstract_algebra anatomy astronomy business_ethics
    clinical_knowledge college_biology college_chemistry college_computer_science college_mathematics
    college_medicine college_physics computer_security conceptual_physics econometrics electrical_engineering
    elementary_mathematics formal_logic global_facts high_school_biology high_school_chemistry
    high_school_computer_science high_school_european_history high_school_geography
    high_school_government_and_politics high_school_macroeconomics high_school_mathematics
    high_school_microeconomics high_school_physics high_school_psychology high_school_statistics
    high_school_us_history high_school_world_history human_aging human_sexuality international_law
    jurisprudence logical_fallacies machine_learning management marketing medical_genetics miscellaneous
    moral_disputes moral_scenarios nutrition philosophy prehistory professional_accounting professional_law
    professional_medicine professional_psychology public_relations security_studies sociology
    us_foreign_policy virology world_religions
"""

# Benchmarks of many parts with the same number of answers: whatever follows the name is a part or a language.
_WITH_PARTS: dict[float, str] = {
    1 / 2: "xcopa xwinograd xstorycloze paws_x pawsx",
    1 / 3: "xnli",
    1 / 4: "cmmlu ceval kmmlu mmmlu global_mmlu belebele gpqa race arc_challenge_mt",
    1 / 10: "mmlu_pro",
}

# Tasks of BIG-Bench Hard by the answers that each offers; those that are not here are asked for.
_BBH: dict[float, str] = {
    0: "dyck_languages multistep_arithmetic_two object_counting word_sorting",
    1 / 2: """
        boolean_expressions causal_judgement formal_fallacies hyperbaton navigate snarks sports_understanding
        web_of_lies
    """,
    1 / 3: "disambiguation_qa logical_deduction_three_objects tracking_shuffled_objects_three_objects",
    1 / 4: "temporal_sequences",
    1 / 5: """
        penguins_in_a_table logical_deduction_five_objects tracking_shuffled_objects_five_objects
    """,
    1 / 6: "date_understanding salient_translation_error_detection",
    1 / 7: "logical_deduction_seven_objects tracking_shuffled_objects_seven_objects",
    1 / 18: "reasoning_about_colored_objects",
}

# Metrics of written answers. One says so only where the name of the benchmark does not. F1 and the like are no shares
# of right answers: guessing a class or a few words scores above 0 by them.
_GENERATIVE_METRIC = re.compile(
    r"(quasi_|prefix_|strict_|flexible_)?(exact_?match|em|strict_acc|(pass|maj)(@|_at_)(\d+|k))"
    r"(,.*|_(strict|flexible|mean|score))?"
)
# Metrics that are no share of right answers, so that 1 / choices is not their chance.
_OTHER_METRIC = re.compile(
    r"((macro|micro|weighted)_?)?(f1|mcc|matthews\w*|bleu|chrf|rouge\w*|mc2|brier\w*|bpb|ece|auc|auroc)"
    r"|.*(bits|loss|nll|prob|calibration).*|soft.*"
)

# Short and long names of one benchmark, squeezed.
_SAME = {
    **dict.fromkeys(("arcc", "ai2arcchallenge"), "arcchallenge"),
    **dict.fromkeys(("arce", "ai2arceasy"), "arceasy"),
    **dict.fromkeys(("obqa",), "openbookqa"),
    **dict.fromkeys(("csqa",), "commonsenseqa"),
    **dict.fromkeys(("siqa", "socialiqa"), "socialiqa"),
    **dict.fromkeys(("nq", "nqopen", "naturalqs"), "naturalquestions"),
    **dict.fromkeys(("webqs",), "webquestions"),
    **dict.fromkeys(("gsm",), "gsm8k"),
    **dict.fromkeys(("codexhumaneval",), "humaneval"),
    **dict.fromkeys(("wsc", "winogradwsc"), "wsc273"),
    **dict.fromkeys(("hendryckstest",), "mmlu"),
}

# Words of splits, shots and harnesses, which do not change what guessing scores.
_EXTRA_WORDS = "test val valid validation dev zeroshot fewshot zero few shot shots rc mc olmes leaderboard lb lb2"
_EXTRA = frozenset(_EXTRA_WORDS.split())
# Words of how a question is put or an answer read: a letter that is written can be guessed as one that is chosen can.
_FORM_WORDS = "chat generative gen generation llama cot flan n direct instruct loglikelihood continuation hard prompt"
_FORM = frozenset(_FORM_WORDS.split())


@dataclass(frozen=True)
class Chance:
    """A chance level and where it comes from."""

    value: float
    source: Literal["known benchmark", "generative"]


def known_chance(benchmark: str, metric: str | None = None) -> Chance | None:
    """Return what random guessing scores on a well-known benchmark.

    Parameters
    ----------
    benchmark : str
        Its name, in any of the usual spellings.
    metric : str, optional
        The metric. It tells MC1 from MC2, and a written answer (exact_match, pass@k: chance 0) from a choice where the
        name is not known. By F1 and the like guessing scores no known share.

    Returns
    -------
    Chance or None
        The level, between 0 and 1, and whether it comes from the name of a multiple-choice benchmark ("known
        benchmark", 1 / choices) or from answers that are written ("generative", 0). None where it is not
        known.

    Examples
    --------
    >>> known_chance("ARC-Challenge (25-shot)")
    Chance(value=0.25, source='known benchmark')
    >>> known_chance("gsm8k")
    Chance(value=0.0, source='generative')
    >>> known_chance("my_new_test", metric="exact_match")
    Chance(value=0.0, source='generative')
    >>> known_chance("my_new_test", metric="acc") is None
    True
    """
    measure = (metric or "").strip().lower().replace(" ", "_").replace("-", "_")
    words = _words(benchmark)
    if measure in ("mc1", "mc2"):
        words = [*words, measure]
    plain = [word for word in words if word not in _EXTRA]
    for name in ("".join(words), "".join(plain)):
        if name in _table():
            return _listed(_table()[name], words, measure)
    value = _in_another_form(plain)
    if value == 0.0 and "mc" not in words:
        return Chance(0.0, "generative")
    if value:  # a chain of thought says nothing of how its answer is read; a metric does
        return None if "cot" in words and not measure else _listed(value, words, measure)
    return Chance(0.0, "generative") if _GENERATIVE_METRIC.fullmatch(measure) else None


def _in_another_form(words: list[str]) -> float | None:
    """Chance of a known benchmark whose name stands with words of its form, its parts or its language."""
    rest = [word for word in words if word not in _FORM]
    known = _table().get("".join(rest))
    if known is not None:
        return known if known or "cot" in words else None
    for length in range(len(rest), 0, -1):
        if (value := _with_parts().get("".join(rest[:length]))) is not None:
            return value
    if rest[:1] == ["bbh"]:
        return _bbh().get("".join(rest[1:]))
    return None


def is_other(metric: str) -> bool:
    """Whether a metric is none of right answers, so that 1 / choices is not its chance: F1, BLEU, calibration.

    Examples
    --------
    >>> is_other("f1"), is_other("macro_f1"), is_other("acc_norm")
    (True, True, False)
    """
    return _OTHER_METRIC.fullmatch(metric.strip().lower().replace(" ", "_").replace("-", "_")) is not None


def _listed(value: float | None, words: list[str], measure: str) -> Chance | None:
    """Chance of a benchmark in the table, unless it is one asked in another form than the table's."""
    if value is None:
        return None
    if value == 0.0:  # "drop_mc", "jeopardy:mc": a written benchmark made into multiple choice
        return None if "mc" in words else Chance(0.0, "generative")
    return None if _OTHER_METRIC.fullmatch(measure) else Chance(value, "known benchmark")


def _words(name: str) -> list[str]:
    """Split a name into words in lower case, without the number of shots and a task's arguments in brackets."""
    text = re.sub(r"\[[^\]]*\]", " ", name).lower().replace("_", " ").replace("+", " plus ")
    return re.findall(r"[a-z0-9]+", re.sub(r"\b\d+[\s-]*shots?\b", " ", text))


def _squeeze(name: str) -> str:
    return name.replace("_", "")


@lru_cache(maxsize=1)
def _table() -> dict[str, float | None]:
    """Map every known name, squeezed, to its chance; None for those that are always asked for."""
    table: dict[str, float | None] = {}
    for value, names in _CHOICES.items():
        table.update(dict.fromkeys((_squeeze(name) for name in names.split()), value))
    for part in _MMLU_PARTS.split():
        table.update(dict.fromkeys((prefix + _squeeze(part) for prefix in ("mmlu", "hendryckstest")), 0.25))
    table.update(dict.fromkeys((_squeeze(name) for name in _GENERATIVE.split()), 0.0))
    table.update(dict.fromkeys((_squeeze(name) for name in _MIXED.split()), None))
    return table


@lru_cache(maxsize=1)
def _with_parts() -> dict[str, float]:
    return {_squeeze(name): value for value, names in _WITH_PARTS.items() for name in names.split()}


@lru_cache(maxsize=1)
def _bbh() -> dict[str, float]:
    return {_squeeze(name): value for value, names in _BBH.items() for name in names.split()}


def canonical_name(benchmark: str) -> str:
    """Name under which every usual spelling of a benchmark is one.

    Examples
    --------
    >>> canonical_name("ARC-c"), canonical_name("arc_challenge (25-shot)"), canonical_name("my Test")
    ('arcchallenge', 'arcchallenge', 'my')
    """
    words = [word for word in _words(benchmark) if word not in _EXTRA]
    name = "".join(words) or benchmark.strip().lower()
    return _SAME.get(name, name)
