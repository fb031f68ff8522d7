"""The tables that ship, against the figures they were taken from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bayes_scaling.datasets import available, load_dataset
from bayes_scaling.runs import Runs

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "data" / "cerebras_pile_suite.csv"


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


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ValueError, match="no data set 'imagenet'; known are 'cerebras_gpt', 'pile_suite'"):
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
