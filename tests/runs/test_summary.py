"""What is said of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.runs.checkpoints import LearningRates
from bayes_scaling.runs.published import load_dataset
from bayes_scaling.runs.reading.problems import show
from bayes_scaling.runs.table import BenchmarkSummary, Runs, Span
from bayes_scaling.wording import brief


@pytest.fixture
def runs() -> Runs:
    frame = pd.DataFrame(
        {
            "run": ["a-1", "a-1", "a-2", "a-2", "b", "b"],
            "trajectory": ["a", "a", "a", "a", None, None],
            "family": ["x", "x", "x", "x", "y", "y"],
            "params": [1e9] * 4 + [2e9] * 2,
            "tokens": [1e10, 1e10, 2e10, 2e10, 4e10, 4e10],
            "flops": [None] * 4 + [5e20] * 2,
            "loss": [3.0, 3.0, 2.8, 2.8, None, None],
            "benchmark": ["piqa", "gsm8k"] * 3,
            "accuracy": [0.6, 0.1, 0.65, 0.2, 0.7, 0.3],
            "n_items": [1838, None, 1838, 1319, 1838, 1319],
            "stderr": [0.01] * 5 + [None],
            "seed": 1,
        }
    )
    return Runs(frame)


def test_the_counts_and_ranges(runs: Runs) -> None:
    summary = runs.summary()
    assert (summary.rows, summary.runs, summary.trajectories) == (6, 3, 2)
    assert summary.families == (("x", 2), ("y", 1))
    assert summary.params == Span(1e9, 2e9, 3)
    assert summary.flops == Span(6e19, 5e20, 3)
    assert summary.ratio == Span(10, 20, 3)
    assert summary.loss == Span(2.8, 3.0, 2)
    assert (summary.flops_given, summary.flops_derived) == (1, 2)
    assert summary.other_columns == ("seed",)
    assert not summary.planned


def test_a_benchmark(runs: Runs) -> None:
    piqa, gsm8k = runs.summary().benchmarks
    assert piqa == BenchmarkSummary(
        benchmark="piqa",
        metric="",
        shots=None,
        runs=3,
        rows=3,
        accuracy_low=0.6,
        accuracy_high=0.7,
        chance=0.5,
        chance_source="known benchmark",
        n_items=1838,
        n_items_rows=3,
        stderr_rows=3,
    )
    assert gsm8k.n_items is None
    assert runs.summary() == Runs(runs.frame).summary()
    assert (gsm8k.n_items_rows, gsm8k.stderr_rows, gsm8k.chance_source) == (2, 2, "generative")


def test_the_table_has_a_row_for_each_benchmark_metric_and_shots(runs: Runs) -> None:
    table = runs.summary().table()
    assert table["benchmark"].tolist() == ["piqa", "gsm8k"]
    assert list(table.columns) == list(BenchmarkSummary.__dataclass_fields__)
    split = Runs(runs.frame.assign(shots=[0, 0, 5, 5, 5, 5])).summary().table()
    assert split[["benchmark", "shots", "rows"]].to_numpy().tolist() == [
        ["piqa", 0, 1],
        ["gsm8k", 0, 1],
        ["piqa", 5, 2],
        ["gsm8k", 5, 2],
    ]


def test_the_words(runs: Runs) -> None:
    assert runs.summary().text.splitlines() == [
        "Runs: 6 scores of 2 training runs (3 checkpoints) on 2 benchmarks",
        "  families     x (2 runs), y (1 run)",
        "  checkpoints  2, behind which 1 training run stands; 1 finished run beside them",
        "  benchmarks   piqa, gsm8k",
        "  FLOPs        6e19 to 5e20; given for 1 run, 6 * params * tokens for 2",
        "  params       1e9 to 2e9",
        "  tokens       1e10 to 4e10",
        "  tokens/param 10 to 20",
        "  chance       1 / choices for piqa (well-known); 0 for gsm8k (generative)",
        "  n_items      1 of 2 benchmarks; not, or not always, for gsm8k",
        "  stderr       1 of 2 benchmarks; not, or not always, for gsm8k",
        "  loss         2.8 to 3 (known for 2 of 3 runs)",
        "  also kept    seed",
    ]


def test_what_learning_rates_did_is_said_where_it_is_known(runs: Runs) -> None:
    assert runs.summary().learning_rates is None
    frame = runs.frame.assign(annealed=[0, 0, 1, 1, None, None])
    said = dict(Runs(frame).summary().facts)["decay"]
    assert said == "learning rate decayed at the end of 1, not known for 1 of 2 training runs"
    frame = runs.frame.assign(lr_fraction=[1, 1, 0.4, 0.4, 1, 1])
    assert Runs(frame).summary().learning_rates == LearningRates(decayed=0, on_the_way=1, at_peak=1, unknown=0)


def test_several_training_runs_stand_behind_their_checkpoints(runs: Runs) -> None:
    frame = runs.frame.assign(trajectory=["a", "a", "a", "a", "b", "b"])
    more = frame[frame["run"] != "b"].assign(run=lambda rows: "c" + rows["run"], trajectory="c", family="x")
    third = more[more["run"] == "ca-2"].assign(run="ca-3", tokens=5e10, flops=3e20)
    summary = Runs(pd.concat([frame, more, third], ignore_index=True)).summary()
    assert summary.checkpoints == Span(2, 3, 2)
    assert dict(summary.facts)["checkpoints"] == (
        "5, behind which 2 training runs stand (2 to 3 each); 1 finished run beside them"
    )
    assert "checkpoints" not in dict(Runs(frame.assign(trajectory=frame["run"])).summary().facts)


def test_the_words_on_planned_runs(runs: Runs) -> None:
    text = Runs(runs.frame.drop(columns=["accuracy", "stderr", "loss"])).summary().text
    assert text.startswith("Runs: 6 planned scores of 2 training runs (3 checkpoints) on 2 benchmarks")
    assert "stderr       none" in text
    assert "loss         unknown" in text


def test_a_budget_of_flops_alone() -> None:
    frame = pd.DataFrame({"run": ["a"], "flops": [1e20], "benchmark": ["piqa"], "accuracy": [0.6]})
    summary = Runs(frame).summary()
    assert summary.ratio is None
    assert "params       unknown" in summary.text


def test_long_lists_are_cut() -> None:
    n = 60
    names = [f"a benchmark with a name of forty letters and more {i}" for i in range(n)]
    frame = pd.DataFrame({"run": "a", "flops": 1e20, "benchmark": names, "accuracy": 0.5, "chance": 0.25})
    text = Runs(frame).summary().text
    assert "and 54 more" in text
    assert max(len(line) for line in text.splitlines()) < 320


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (1234567, "1.234567e6"),
        (3e-5, "3e-5"),
        (-2.5e20, "-2.5e20"),
        (1e5, "100000"),
    ],
)
def test_numbers_are_brief(number: float, text: str) -> None:
    assert brief(number) == text
    assert float(brief(number)) == number


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, "empty"), (np.nan, "empty"), (" ", "empty"), ("x", "'x'"), (True, "True"), (1, "1")],
)
def test_cells_are_shown(cell: object, text: str) -> None:
    assert show(cell) == text


def test_the_text_is_made_of_facts() -> None:
    summary = load_dataset("cerebras_gpt").summary()
    title, *lines = summary.text.splitlines()
    assert title == summary.title == "Runs: 49 scores of 7 runs on 7 benchmarks"
    assert [(line[2:15].rstrip(), line[15:]) for line in lines] == list(summary.facts)
    assert dict(summary.facts)["families"] == "Cerebras-GPT (7 runs)"
