import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs, rates_runs

import bayes_scaling as bs
from bayes_scaling.model.specification import specify
from bayes_scaling.model.thin_data import thin_data

PILE = bs.load_dataset("pile_suite").select(benchmark=["hellaswag", "piqa"])


def said(law, runs):
    return thin_data(specify(law, runs))


def sized(params, tokens):
    frame = {"run": [f"r{i}" for i in range(len(params))], "params": params, "tokens": tokens, "benchmark": "piqa"}
    return bs.Runs(pd.DataFrame(frame | {"accuracy": np.linspace(0.6, 0.7, len(params)), "n_items": 1838}))


def test_a_full_table_needs_no_words():
    assert said(bs.DirectLaw(), PILE) == said(bs.RatioLaw(), PILE) == []
    assert said(bs.PassAtKLaw(), rates_runs()) == said(bs.PassAtKLaw(), counts_runs()) == []


@pytest.mark.parametrize(
    ("family", "what", "seen"),
    [
        ("Cerebras-GPT", "tokens per parameter hardly vary", "19.6 to 20.2"),
        ("GPT-J", "params and tokens hardly vary", "78.7"),
    ],
)
def test_what_stands_still_is_named(family, what, seen):
    *_, sentence = said(bs.RatioLaw(), PILE.select(family=family))
    assert sentence.startswith(f"{what}: the table does not tell what params do from what tokens do")
    assert f"(tokens per parameter {seen}); DirectLaw() reads FLOPs alone" in sentence


@pytest.mark.parametrize(("family", "moves"), [("Pythia", "fall from 4280 to 25"), ("OPT", "fall from 4370 to 26.6")])
def test_along_a_drift_the_priors_are_named_and_no_law_of_flops(family, moves):
    [sentence] = said(bs.RatioLaw(), PILE.select(family=family))
    assert sentence.startswith(
        "tokens hardly vary: the table does not tell what params do from what tokens do, and the"
    )
    assert f"the priors of RatioLaw settle it; tokens per parameter {moves} along {family}, and" in sentence
    assert "FLOPs alone" not in sentence


def test_a_law_that_reads_what_a_table_has_needs_no_words_at_one_ratio():
    cerebras = PILE.select(family="Cerebras-GPT")
    assert said(bs.GeneralLaw(), cerebras) == []
    assert said(bs.GeneralLaw("ratio"), cerebras) == []
    assert len(said(bs.GeneralLaw(), PILE.select(family="Pythia"))) == 1


def test_checkpoints_of_one_size_and_other_lines_are_named():
    grid = np.geomspace(1, 100, 6)
    [one_size] = said(bs.RatioLaw(), sized(np.full(6, 1e9), 1e10 * grid))
    assert one_size.startswith("params hardly vary: ")
    [power] = said(bs.RatioLaw(), sized(1e8 * grid, 1e10 * grid**0.5))
    assert power.startswith("tokens follow from params (like their power 0.5): ")


def test_ratios_that_differ_between_families_only_do_not_help():
    two = PILE.select(family=["Cerebras-GPT", "Cerebras-GPT-muP"]).frame
    other = two.assign(tokens=two["tokens"] * np.where(two["family"] == "Cerebras-GPT", 1.0, 10.0))
    [sentence] = said(bs.RatioLaw(), bs.Runs(other))
    assert sentence.startswith("tokens per parameter hardly vary within a family: ")
    assert "19.6 to 202" in sentence


def test_scores_without_a_loss_are_named():
    frame = PILE.select(family="Cerebras-GPT").frame
    lost = frame["run"].isin(["Cerebras-111M", "Cerebras-13B"])
    sentences = said(bs.TwoStageLaw(), bs.Runs(frame.assign(loss=frame["loss"].mask(lost))))
    assert sentences == [
        "4 of 14 scores are not used, since the loss (loss) of run 'Cerebras-111M', 'Cerebras-13B' is unknown"
    ]


def test_a_law_of_attempts_is_told_of_the_drift_too():
    [sentence] = said(bs.PassAtKLaw(inputs="ratio"), bs.load_dataset("codex_humaneval"))
    assert "the priors of PassAtKLaw settle it; tokens per parameter fall from 8330 to 8.33 along Codex" in sentence


def test_missing_attempts_and_problems_are_said_once_each():
    frame = rates_runs().frame
    [samples] = said(bs.PassAtKLaw(), bs.Runs(frame.assign(n_samples=frame["n_samples"].where(frame["k"] > 1))))
    assert samples == "n_samples is missing in 10 of 30 rows: the largest k of each run and benchmark stands in"
    samples, items = said(bs.PassAtKLaw(), bs.Runs(frame.drop(columns=["n_items", "n_samples"])))
    assert samples.startswith("n_samples is missing in 30 of 30 rows")
    assert items.startswith("n_items is missing for code, maths: the number of problems is learned")


def test_a_single_budget_is_said():
    one = PILE.frame
    kept = (one["benchmark"] == "piqa") | (one["run"] == "Pythia-1B")
    assert said(bs.DirectLaw(), bs.Runs(one[kept])) == [
        "a single budget for hellaswag: the exponent there is the population's, not the benchmark's own"
    ]


def test_rates_without_k_are_named():
    frame = rates_runs().frame
    first = frame["k"] == 1
    assert said(bs.PassAtKLaw(), bs.Runs(frame.assign(k=frame["k"].mask(first)))) == [
        f"k is missing in {first.sum()} of {len(frame)} rows: these rates are taken as those of k = 1"
    ]
    assert said(bs.PassAtKLaw(), counts_runs()) == []


def checkpoints(families):
    """Of each family two checkpoints of one training run, or of several."""
    rows = [
        {"run": f"{family}{i} at {n}", "trajectory": f"{family}{i}", "family": family, "params": p, "tokens": n * 1e10}
        for family, count in families.items()
        for i, p in zip(range(count), np.geomspace(1e8, 1e10, count), strict=True)
        for n in (2, 4, 8)
    ]
    frame = pd.DataFrame(rows).assign(benchmark="piqa", n_items=1838)
    return bs.Runs(frame.assign(accuracy=np.linspace(0.6, 0.7, len(frame))))


def of_runs(runs):
    return [note for note in said(bs.DirectLaw(), runs) if "training run" in note]


def test_training_runs_are_counted_and_not_their_checkpoints():
    assert of_runs(checkpoints({"a": 1})) == [
        "all 3 checkpoints are of one training run: how far another lies from it, the prior says"
    ]
    assert of_runs(checkpoints({"a": 1, "b": 3, "c": 1})) == [
        "checkpoints of a, c are of one training run each: how far another lies from it, the other families and the "
        "prior say"
    ]
    assert of_runs(checkpoints({"a": 2})) == []
    finished = checkpoints({"a": 1}).frame
    assert of_runs(bs.Runs(finished.assign(trajectory=finished["run"]))) == []
