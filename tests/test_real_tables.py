"""Real published tables: the fine ones load, also as planned runs; the others are told what is wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.reading.empty_scores import EmptyScoresWarning
from bayes_scaling.runs.table import Problem, Runs, RunsError, read_runs

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OUTCOMES = ("accuracy", "stderr", "n_correct", "loss", "task_bpb", "soft_acc", "task_loss")
FINE = {
    "gadre_openlm.csv": (4784, 104, 46, "given"),
    "olmo_ladder.csv": (704, 32, 22, "given"),
    "dclm_openlm.csv": (7011, 133, 53, "given"),
    "cerebras_pile_suite.csv": (504, 36, 7, "given"),
    "pythia_gsm8k_passk.csv": (972, 80, 1, "given"),
    "pythia_gsm8k_passk_counts.csv": (10273, 81, 1, "generative"),
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published tables are not beside the repository")


@cache
def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, low_memory=False)


def problems_of(frame: pd.DataFrame) -> tuple[Problem, ...]:
    with pytest.raises(RunsError) as caught:
        Runs(frame)
    return caught.value.problems


@pytest.mark.parametrize("name", FINE)
def test_a_fine_table_loads(name: str) -> None:
    rows, n_runs, benchmarks, chance_source = FINE[name]
    runs = read_runs(DATA / name)
    summary = runs.summary()
    assert (len(runs), summary.runs, len(runs.benchmarks)) == (rows, n_runs, benchmarks)
    assert set(runs.frame["chance_source"]) == {chance_source}
    assert runs == Runs(read(name))
    assert Runs(runs.frame) == runs
    assert Runs.from_json(runs.to_json()) == runs
    given = read(name).rename(columns={"lr_annealed": "annealed"})  # its header is read as annealed
    others = [column for column in given if column not in runs.frame or column in summary.other_columns]
    assert set(others) == set(summary.other_columns)
    pd.testing.assert_frame_equal(runs.frame[others], given[others])
    for column in ("accuracy", "flops", "params", "n_items", "stderr", "k", "n_samples"):
        if column in given:
            expected = given[column].astype(float)
            pd.testing.assert_series_equal(runs.frame[column], expected, check_exact=True)


@pytest.mark.parametrize("name", FINE)
def test_a_fine_table_without_its_outcomes_is_one_of_planned_runs(name: str) -> None:
    planned = read(name)[[column for column in read(name) if not column.startswith(OUTCOMES)]]
    runs = Runs(planned)
    assert len(runs) == len(planned)
    assert runs.summary().planned
    assert runs.frame["loss"].isna().all()


def test_without_chance_the_known_benchmarks_are_filled_as_published() -> None:
    published = read("olmo_ladder.csv")
    filled = Runs(published.drop(columns="chance")).frame
    assert set(filled["chance_source"]) == {"known benchmark"}
    pd.testing.assert_series_equal(filled["chance"], published["chance"], rtol=1e-6)


def test_runs_without_a_budget_are_named() -> None:
    chance, budget = problems_of(read("obs_scaling.csv"))
    assert "'truthfulqa_mc2', 'lb2_bbh', 'lb2_musr'" in chance.message
    assert "the training budget is unknown" in budget.message
    empty = read("obs_scaling.csv")["flops"].isna().to_numpy().nonzero()[0] + 1
    assert budget.rows == tuple(empty)
    assert str(budget.values[0]) == "run 'Qwen/Qwen1.5-110B': flops and tokens are empty"


@pytest.mark.parametrize("name", ["obs_scaling.csv", "sloth_leaderboard.csv"])
def test_leaderboards_load_once_the_gaps_are_filled(name: str) -> None:
    frame = read(name).dropna(subset=["flops"])
    frame = frame.assign(chance=frame["chance"].fillna(0.3))
    assert len(Runs(frame)) == len(frame)


def test_checkpoints_at_step_0_have_no_budget() -> None:
    tokens, flops = problems_of(read("pythia_evals.csv"))
    assert (tokens.column, tokens.message) == ("tokens", "not positive")
    assert (flops.column, flops.message) == ("flops", "not positive")
    assert tokens.rows == flops.rows
    assert len(tokens.rows) == 224
    frame = read("pythia_evals.csv").query("step > 0")
    runs = Runs(frame)
    assert len(runs) == len(frame)
    assert runs.frame["model"].tolist() == frame["model"].tolist()


def test_sizes_alone_are_no_budget() -> None:
    (problem,) = problems_of(read("humaneval_size_table.csv"))
    assert problem.message == "the training budget is missing, there is only params"


def test_some_rows_without_a_score() -> None:
    frame = read("olmo_ladder.csv").copy()
    frame.loc[[3, 700], "accuracy"] = None
    with pytest.warns(EmptyScoresWarning, match=r"2 scores left out, the cell is empty: rows 4 \(.*\), 701 \(.*\)"):
        runs = Runs(frame)
    assert len(runs) == len(frame) - 2
    assert runs.frame["accuracy"].notna().all()


def test_the_same_table_in_other_units_is_the_same() -> None:
    frame = read("cerebras_pile_suite.csv")
    renamed = frame.rename(columns={"run": "Model", "params": "Size (M)", "accuracy": "acc (%)", "benchmark": "Task"})
    renamed["Size (M)"] /= 1e6
    renamed["acc (%)"] *= 100
    runs, same = Runs(frame).frame, Runs(renamed).frame
    pd.testing.assert_frame_equal(runs, same, rtol=1e-15)


def test_mmlu_at_chance_is_forecast_with_wide_intervals() -> None:
    """Fitted where MMLU is at chance (six runs), it is forecast 2 decades on: wide, marked, and right."""
    benchmarks = ["mmlu_test", "arc_easy_test", "hellaswag_val", "piqa_val"]
    ladder = Runs(read("olmo_ladder.csv").query("family == 'OLMo2-ladder'")).select(benchmark=benchmarks)
    train, held_out = ladder.split(flops=1.3e19)
    fit = bs.fit(bs.DirectLaw(), train, random_seed=1, progressbar=False)
    with pytest.warns(bs.RatioWarning):
        forecast = bs.forecast(fit, held_out, random_seed=2)
    assert any(note.startswith("at chance at every fitted budget: mmlu_test") for note in forecast.notes)
    table = forecast.table((0.9,)).assign(accuracy=held_out.frame["accuracy"])
    far = table[(table["benchmark"] == "mmlu_test") & (table["flops"] > 5e21)]
    assert len(far) == 2
    assert (far["high_90"] - far["low_90"] > 0.2).all()
    assert far["accuracy"].between(far["low_90"], far["high_90"]).all()
