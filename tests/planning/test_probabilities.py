import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import quiet_forecast

TARGETS = {"hellaswag": 0.5, "piqa": 0.77}


@pytest.fixture(scope="module")
def ahead(cerebras_fit):
    at = bs.budgets(flops=[1e22, 1e23], benchmark=["hellaswag", "piqa", "arc_easy"])
    return bs.forecast(cerebras_fit, at, random_seed=1)


def test_it_counts_draws(ahead):
    for of in ("score", "expected"):
        table = bs.probability_of(ahead, 0.6, of).table()
        draws = ahead.draws[of].to_numpy()
        assert table["probability"].tolist() == (draws >= 0.6).mean(axis=0).tolist()
        assert table["target"].eq(0.6).all()
        assert table["of"].eq(of).all()
    p = table["probability"]
    assert table["standard_error"].tolist() == pytest.approx(np.sqrt(p * (1 - p) / len(draws)).tolist())


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=25)
def test_it_falls_with_the_target(ahead, one, other):
    low, high = (bs.probability_of(ahead, t).table()["probability"] for t in sorted([one, other]))
    assert (low >= high).all()


def test_several_targets_are_reached_by_one_run(ahead):
    table = bs.probability_of(ahead, TARGETS).table()
    assert table["benchmark"].tolist() == ["hellaswag", "piqa", "all targets"] * 2
    draws = ahead.draws["score"].to_numpy()
    labels = ahead.points["benchmark"]
    for run, rows in table.groupby("run", sort=False):
        own = (ahead.points["run"] == run).to_numpy()
        reached = [draws[:, np.flatnonzero(own & (labels == name))[0]] >= t for name, t in TARGETS.items()]
        single, both = rows["probability"].to_numpy()[:2], rows["probability"].to_numpy()[2]
        assert both == np.logical_and(*reached).mean()
        assert both <= single.min()
        assert both >= single.sum() - 1
    assert both > np.prod(single)  # what one run has in common, its luck and its curve's, goes for both


def test_averages_have_a_probability_of_their_own(ahead):
    average = ahead.average()
    found = bs.probability_of(average, 0.6).table()
    assert found["benchmark"].eq("average").all()
    assert found["probability"].tolist() == (average.draws["score"] >= 0.6).mean("sample").to_numpy().tolist()


def test_sentences_say_how_sure(ahead, cerebras_fit):
    one = bs.forecast(cerebras_fit, bs.budgets(flops=1e23, benchmark="hellaswag"), random_seed=1)
    answer = bs.probability_of(one, 0.6)
    shown = f"{answer.table()['probability'].item():.0%}"
    assert answer.sentence.startswith(
        "Not enough: a run of 1e23 FLOPs, 91 times the largest fitted run, scores at least 0.6 on hellaswag with "
        f"probability {shown} (90% was asked); "
    )
    assert "is expected to score at least 0.6" in bs.probability_of(one, 0.6, "expected").sentence
    assert bs.probability_of(one, 0.6, probability=0.05).sentence.startswith("Enough: ")
    several = bs.probability_of(ahead, TARGETS).sentence
    assert several.startswith("For 0.5 on hellaswag, 0.77 on piqa, with 90% probability asked: 1e22 FLOPs: not enough")
    assert answer.sentence in repr(answer)


def test_a_fit_is_asked_directly(cerebras_fit, past_forecasts):
    at = bs.budgets(flops=1e22)
    answer = bs.probability_of(cerebras_fit, TARGETS, at=at, random_seed=1, audit=past_forecasts)
    assert answer.table()["benchmark"].tolist() == [*TARGETS, "all targets"]  # no others are forecast
    assert answer.table()["enough"].tolist() == (answer.table()["probability"] >= 0.9).tolist()
    assert "Past 90% intervals of this law on this table" in answer.sentence
    assert not any(note.startswith("past 90%") for note in answer.notes)
    with pytest.raises(TypeError, match="got a fit, but not which runs; expected at="):
        bs.probability_of(cerebras_fit, TARGETS)
    with pytest.raises(TypeError, match="got a dict; expected a forecast, or a fit with at="):
        bs.probability_of({}, TARGETS)


def test_a_forecast_is_forecast_already(ahead):
    with pytest.raises(ValueError, match="at, audit and recalibrate go with a fit"):
        bs.probability_of(ahead, 0.5, at=bs.budgets(flops=1e22))


def test_the_mean_may_be_a_target(ahead):
    table = bs.probability_of(ahead, {"mean": 0.6, "piqa": 0.7}).table()
    average = ahead.average().array("score")
    assert table.loc[table["benchmark"] == "mean", "probability"].tolist() == (average >= 0.6).mean(axis=0).tolist()
    assert "all targets" in set(table["benchmark"])


def test_one_target_is_one_row_a_run(ahead):
    assert bs.probability_of(ahead, {"piqa": 0.7}).table()["benchmark"].tolist() == ["piqa", "piqa"]


def test_costs_stand_beside(ahead):
    table = bs.probability_of(ahead, 0.6, cost=bs.Cost(1e15, price_per_hour=2.0)).table()
    assert table["hours"].tolist() == pytest.approx((table["flops"] / 1e15 / 0.4 / 3600).tolist())
    assert table["money"].tolist() == pytest.approx((2 * table["hours"]).tolist())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (1.5, r"target is 1\.5; expected a score between 0 and 1"),
        ("high", "target is 'high'; expected a score"),
        ({"piqa": 70}, "target of 'piqa' is 70; expected a score"),
        ({"gsm8k": 0.5}, "target names 'gsm8k'; the forecast has hellaswag, piqa, arc_easy"),
        ({}, "target is empty; expected wanted scores by benchmark"),
    ],
)
def test_wrong_targets_are_named(ahead, target, message):
    with pytest.raises(ValueError, match=message):
        bs.probability_of(ahead, target)
    with pytest.raises(ValueError, match="of='median'; expected 'score' or 'expected'"):
        bs.probability_of(ahead, 0.5, "median")


def test_files_hold_the_answer(ahead, tmp_path):
    answer = bs.probability_of(ahead, TARGETS)
    document = json.loads(answer.to_json(tmp_path / "a.json").read_text())
    assert document["sentence"] == answer.sentence
    assert document["notes"] == list(answer.notes)
    assert [row["probability"] for row in document["table"]] == answer.table()["probability"].tolist()
    assert document["table"][2]["target"] is None
    for path in (answer.to_csv(tmp_path / "a.csv"), answer.to_parquet(tmp_path / "a.parquet")):
        back = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        assert back["probability"].tolist() == answer.table()["probability"].tolist()
        assert back["sentence"].eq(answer.sentence).all()
        assert json.loads(back["notes"][0]) == list(answer.notes)
    text = bs.write_table(answer, tmp_path / "a.md").read_text()
    assert text.startswith(answer.sentence)
    assert "| all targets" in text
    assert "standard_error" not in text  # words, and rounded numbers
    latex = bs.write_table(answer, tmp_path / "a.tex").read_text()
    assert latex.startswith(f"% {answer.sentence}")
    assert r"\toprule" in latex
    with pytest.raises(
        ValueError, match=r"a\.txt ends in '\.txt'; expected one of \.csv, \.parquet, \.json, \.md, \.tex"
    ):
        bs.write_table(answer, tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none; make it before saving"):
        answer.to_csv(tmp_path / "none" / "a.csv")


def test_a_fit_that_did_not_converge_is_marked(families_fit, tmp_path):
    at = bs.budgets(flops=1e22, benchmark="piqa", family="Pythia")
    answer = bs.probability_of(quiet_forecast(families_fit, at, random_seed=1), 0.7)
    assert not answer.converged
    assert "NOT CONVERGED" in repr(answer)
    assert "did not converge: do not rely on this answer" in bs.write_table(answer, tmp_path / "a.md").read_text()


def test_the_figure_has_a_line_a_target(ahead):
    axes = bs.probability_of(ahead, TARGETS).plot().axes[0]
    labels = [line.get_label() for line in axes.get_lines()]
    assert labels == ["hellaswag at least 0.5", "piqa at least 0.77", "all targets"]
    assert axes.get_xscale() == "log"
