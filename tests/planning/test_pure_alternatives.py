import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.planning.pure_alternatives import NO_TRAINING, ONE_ATTEMPT
from bayes_scaling.planning.surfaces import Prices

ASKED = {"tokens_per_sample": 300.0, "queries": 1e5, "benchmark": "code", "ratio": 20.0}
PRICES = Prices(6.0, 20.0, 300.0, 1e5)


@pytest.fixture(scope="module")
def for_target(rates_fit):
    return bs.train_or_sample(rates_fit, 0.25, probability=0.5, at_most=1e26, of="expected", **ASKED)


@pytest.fixture(scope="module")
def for_totals(rates_fit):
    return bs.train_or_sample(rates_fit, flops=[1e18, 1e20], of="expected", **ASKED)


def ways(answer):
    rows = answer.alternatives
    return rows[rows["way"] == ONE_ATTEMPT], rows[rows["way"] == NO_TRAINING]


def test_one_attempt_is_the_frontier_at_one(for_target):
    one, _ = ways(for_target)
    first = for_target.frontier.iloc[0]
    assert first["k"] == one["k"].item() == 1
    assert one["flops"].item() == first["flops"]
    assert one["total_flops"].item() == pytest.approx(first["total_flops"])


def test_without_training_the_largest_run_attempts_until_it_reaches_the_target(rates_fit, for_target):
    _, sampled = ways(for_target)
    row = sampled.iloc[0]
    largest = rates_fit.runs.frame.sort_values("flops").iloc[-1]
    assert (row["run"], row["flops"], row["params"]) == (largest["run"], 0.0, largest["params"])
    assert row["total_flops"] == pytest.approx(2 * largest["params"] * 300 * row["k"] * 1e5)
    one = rates_fit.runs.frame[lambda f: (f["run"] == largest["run"]) & (f["benchmark"] == "code")].head(1)
    k = np.arange(1, row["k"] + 1)
    at = one.drop(columns=["accuracy", "n_samples"]).loc[one.index.repeat(len(k))].assign(k=k)
    reached = (bs.forecast(rates_fit, bs.Runs(at), random_seed=1).array("expected") >= 0.25).mean(axis=0)
    assert reached[-1] >= 0.45
    assert (reached[:-1] < 0.55).all()


def test_totals_buy_training_or_attempts(for_totals):
    one, sampled = ways(for_totals)
    assert one["total_flops"].to_numpy() == pytest.approx([1e18, 1e20])
    assert (sampled["total_flops"] <= sampled["budget"]).all()
    assert (np.diff(sampled["k"]) > 0).all()
    best = for_totals.table()
    assert (best["rate"].to_numpy() >= one["rate"].to_numpy() - 0.02).all()  # training at one attempt is among them


def test_they_are_said(for_target, for_totals):
    assert "With one attempt it takes " in for_target.sentence
    assert "; without further training run4 takes k = " in for_target.sentence
    assert "With one attempt, 1e20 FLOPs of training solve " in for_totals.sentence or "With one" in for_totals.sentence
    assert "without further training run4 solves " in for_totals.sentence


def test_what_cannot_be_reached_is_said(rates_fit):
    answer = bs.train_or_sample(rates_fit, 0.999, at_most=1e21, most_attempts=2, **ASKED)
    one, sampled = ways(answer)
    assert one["flops"].isna().all()
    assert sampled["k"].isna().all()
    assert "With one attempt no training that was searched reaches it; without further training run4 does not" in (
        answer.sentence
    )
    dear = bs.train_or_sample(rates_fit, flops=1e19, **ASKED | {"queries": 1e9, "tokens_per_sample": 0.01})
    assert ways(dear)[1]["k"].notna().all()


def test_it_says_where_it_is_beyond_what_was_fitted(rates_fit):
    far = bs.train_or_sample(rates_fit, flops=1e24, most_attempts=64, **ASKED)
    notes = " ".join(far.notes)
    assert "times that of the largest run fitted on code" in notes
    near = bs.train_or_sample(rates_fit, flops=1e20, most_attempts=4, **ASKED)
    assert "the training is" not in " ".join(near.notes)
    cheap = bs.train_or_sample(rates_fit, flops=1e20, most_attempts=512, **ASKED | {"queries": 1.0})
    assert "is beyond the fitted k, of which the largest is 16" in " ".join(cheap.notes)


def test_inference_of_a_model_follows_its_parameters():
    assert PRICES.generated(1e9, np.array(10.0)) == pytest.approx(2 * 1e9 * 300 * 10 * 1e5)
