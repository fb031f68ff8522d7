"""The tables that ship, against the figures they were taken from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bayes_scaling.runs.published import available, load_dataset
from bayes_scaling.runs.table import Runs

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PUBLISHED = DATA / "cerebras_pile_suite.csv"
PUBLISHED_PASS_RATES = DATA / "humaneval_size_table.csv"


def test_cerebras_gpt() -> None:
    runs = load_dataset("cerebras_gpt")
    frame = runs.frame
    assert len(runs) == 49
    assert runs.families == ("Cerebras-GPT",)
    assert len(runs.benchmarks) == 7
    assert frame["run"].nunique() == 7
    assert set(frame["flops_source"]) == {"given"}
    assert frame["loss"].notna().all()
    assert ((frame["tokens"] / frame["params"]).between(19, 21)).all()
    largest = frame[frame["run"] == "Cerebras-13B"].set_index("benchmark")
    assert largest["accuracy"].to_dict() == {
        "hellaswag": 0.513,
        "piqa": 0.766,
        "winogrande": 0.646,
        "lambada_openai": 0.696,
        "arc_easy": 0.714,
        "arc_challenge": 0.367,
        "openbookqa": 0.286,
    }


def test_pile_suite() -> None:
    runs = load_dataset("pile_suite")
    assert len(runs) == 252
    assert runs.families == (
        *("Cerebras-GPT", "Cerebras-GPT-muP", "Pythia", "Pythia-deduped", "GPT-NeoX", "GPT-J", "OPT"),
    )
    assert runs.select(family="Cerebras-GPT") == load_dataset("cerebras_gpt")
    assert runs.frame["tokens"].notna().all()
    assert Runs(runs.frame) == runs


def test_codex_humaneval() -> None:
    runs = load_dataset("codex_humaneval")
    frame = runs.frame
    assert len(runs) == 24
    assert frame["run"].nunique() == 8
    assert runs.families == ("Codex",)
    assert runs.benchmarks == ("humaneval",)
    assert (frame["tokens"] == 1e11).all()
    assert set(frame["flops_source"]) == {"6ND"}
    assert (frame["n_samples"] == 200).all()
    rates = frame.pivot_table(index="params", columns="k", values="accuracy").sort_index()
    assert rates.loc[6.79e8].to_dict() == {1: 0.1622, 10: 0.257, 100: 0.4095}
    assert (rates.diff().dropna() > 0).all(axis=None)


def test_code_pass_at_k() -> None:
    runs = load_dataset("code_pass_at_k")
    frame = runs.frame
    assert len(runs) == 108
    assert frame.groupby("family", sort=False)["run"].nunique().to_dict() == {
        "Codex": 8,
        "GPT-Neo": 3,
        "GPT-J": 1,
        "Llama-2": 4,
        "Code-Llama": 4,
        "Code-Llama-Python": 4,
    }
    assert runs.select(family="Codex") == load_dataset("codex_humaneval")
    assert set(frame["metric"]) == {"pass@k"}
    assert (frame["chance"] == 0).all()
    assert frame.groupby("benchmark")["n_items"].unique().map(list).to_dict() == {"humaneval": [164], "mbpp": [500]}
    rates = frame.pivot_table(index=["run", "benchmark"], columns="k", values="accuracy")
    assert rates.columns.tolist() == [1, 10, 100]
    assert (rates.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert rates.loc["GPT-Neo-2.7B", "humaneval"].tolist() == [0.0641, 0.1127, 0.2137]
    assert rates.loc["Llama-2-34B", "mbpp"].tolist() == [0.338, 0.569, 0.776]
    assert rates.loc["Code-Llama-13B", "humaneval"].tolist() == [0.36, 0.694, 0.898]
    assert rates.loc["Code-Llama-Python-70B", "humaneval"].tolist() == [0.573, 0.893, 0.984]
    tokens = frame.groupby("run")["tokens"].first()
    assert tokens["Code-Llama-34B"] == 2.5e12
    assert tokens["Code-Llama-70B"] == 3e12


def test_greedy_answers_are_one_sample_and_solve_whole_problems() -> None:
    frame = load_dataset("code_pass_at_k").frame
    greedy = frame[frame["n_samples"] == 1]
    assert (greedy["k"] == 1).all()
    assert greedy["family"].str.contains("Llama").all()
    solved = (greedy["accuracy"] * greedy["n_items"]).round()
    assert (solved / greedy["n_items"]).round(3).to_numpy() == pytest.approx(greedy["accuracy"].to_numpy())


def test_an_unknown_name_lists_the_known() -> None:
    known = "'cerebras_gpt', 'pile_suite', 'codex_humaneval', 'code_pass_at_k'"
    with pytest.raises(ValueError, match=f"no data set 'imagenet'; known are {known}"):
        load_dataset("imagenet")


def test_every_table_is_described_and_loads() -> None:
    for name, sentence in available().items():
        assert len(load_dataset(name)) > 0
        assert sentence.endswith(".")


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published figures are not beside the repository")
def test_the_figures_are_the_published_ones() -> None:
    published = pd.read_csv(PUBLISHED).query("shots == 0").reset_index(drop=True)
    order = ["run", "benchmark"]
    pd.testing.assert_frame_equal(
        load_dataset("pile_suite").frame.sort_values(order, ignore_index=True),
        Runs(published).frame.sort_values(order, ignore_index=True),
        check_exact=True,
    )


@pytest.mark.skipif(not PUBLISHED_PASS_RATES.exists(), reason="the published figures are not beside the repository")
def test_the_pass_rates_are_the_published_ones() -> None:
    columns = ["run", "benchmark", "k", "params", "accuracy"]
    published = pd.read_csv(PUBLISHED_PASS_RATES).query("family == 'Codex'")[columns].reset_index(drop=True)
    shipped = load_dataset("codex_humaneval").frame
    shipped = shipped[shipped["run"].isin(published["run"])][columns].reset_index(drop=True)
    assert len(published) == 9
    pd.testing.assert_frame_equal(shipped, published, check_exact=True, check_dtype=False)
