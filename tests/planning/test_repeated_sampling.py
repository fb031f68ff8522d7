import re

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.planning.repeated_sampling import _attempts
from bayes_scaling.planning.surfaces import Prices

ASKED = {"tokens_per_sample": 300.0, "queries": 1e5, "benchmark": "code", "ratio": 20.0}
PRICES = Prices(6.0, 20.0, 300.0, 1e5)


@pytest.fixture(scope="module")
def for_target(rates_fit):
    return bs.train_or_sample(rates_fit, 0.6, probability=0.7, at_most=1e24, **ASKED)


@pytest.fixture(scope="module")
def for_totals(rates_fit):
    return bs.train_or_sample(rates_fit, flops=[1e20, 1e22], of="expected", **ASKED)


def test_a_total_is_spent():
    k = np.array([1.0, 8.0, 128.0])
    for total in (1e15, 1e20, 1e25):
        flops = PRICES.training(total, k)
        assert PRICES.total(flops, k) == pytest.approx(np.full(3, total), rel=1e-12)
    assert PRICES.params(np.array(1.2e20)) == pytest.approx(1e9)
    assert PRICES.inference(np.array(1.2e20), np.array(10.0)) == pytest.approx(2 * 1e9 * 300 * 10 * 1e5)


def test_units_cancel(rates_fit, for_totals):
    """Twice the tokens an attempt for half of the queries is the same."""
    other = ASKED | {"tokens_per_sample": 600.0, "queries": 5e4}
    again = bs.train_or_sample(rates_fit, flops=[1e20, 1e22], of="expected", **other)
    assert again.table().equals(for_totals.table())


def test_the_choice_is_the_best_of_a_fine_grid(rates_fit, for_totals):
    k = np.arange(1, 17)
    for row in for_totals.table().itertuples():
        budgets = PRICES.training(row.budget, k.astype(float))
        rates = []
        for flops, attempts in zip(budgets, k, strict=True):
            at = bs.budgets(flops=flops, ratio=20, k=int(attempts), benchmark="code")
            rates.append(bs.forecast(rates_fit, at, random_seed=3).draws["expected"].to_numpy().mean())
        best = int(np.argmax(rates))
        assert rates[best] - rates[int(row.k) - 1] < 0.01  # nearly as good as the best of all k
        assert row.flops == pytest.approx(budgets[int(row.k) - 1], rel=1e-9)
        assert row.rate == pytest.approx(rates[int(row.k) - 1], abs=0.02)
        assert row.total_flops == pytest.approx(row.budget)


def test_every_k_of_a_frontier_reaches_the_target(rates_fit, for_target):
    frontier = for_target.frontier.dropna()
    assert len(frontier) > 3
    assert np.all(np.diff(frontier["flops"]) < 0)  # more attempts need a smaller run
    for row in frontier.iloc[[0, -1]].itertuples():
        found = bs.forecast(rates_fit, bs.budgets(flops=row.flops, ratio=20, k=row.k, benchmark="code"), random_seed=4)
        assert bs.probability_of(found, 0.6).table()["probability"].item() == pytest.approx(
            0.7, abs=0.08
        )  # of 400 draws
        assert row.total_flops == pytest.approx(PRICES.total(np.array(row.flops), np.array(row.k)))
    cheapest = frontier.loc[frontier["total_flops"].idxmin()]
    row = for_target.table().iloc[0]
    assert (row["flops"], row["k"]) == (cheapest["flops"], cheapest["k"])


def test_dear_queries_make_fewer_attempts(rates_fit):
    k = [
        bs.train_or_sample(rates_fit, 0.6, probability=0.5, **ASKED | {"queries": q}).table()["k"].item()
        for q in (1e3, 1e7, 1e10)
    ]
    assert k[0] > k[2]
    assert k == sorted(k, reverse=True)


def test_it_says_what_it_assumed(for_target, for_totals):
    row = for_target.table().iloc[0]
    assert f"{row['flops']:.3g}".replace("e+", "e") in for_target.sentence
    assert f"k = {row['k']:g}" in for_target.sentence
    text = " ".join(for_target.notes)
    assert "20 training tokens per parameter" in text
    assert "tells which of the k attempts is right" in text
    rate = for_totals.table().iloc[-1]
    assert rate["rate_low_80"] < rate["rate"] < rate["rate_high_80"]
    assert f"solve {rate['rate']:.3g} of code" in for_totals.sentence


def test_what_is_out_of_reach_is_said(rates_fit):
    answer = bs.train_or_sample(rates_fit, 0.999, at_most=1e22, most_attempts=2, **ASKED)
    assert answer.table()["flops"].isna().all()
    assert answer.sentence.startswith("No choice that was searched solves 0.999 of code with 90% probability")
    assert re.search(r"most probable choice that was searched reaches it with probability \d+%", " ".join(answer.notes))
    answer.plot()


def test_of_counts_too(counts_fit):
    answer = bs.train_or_sample(counts_fit, flops=1e21, **ASKED)
    assert answer.table()["k"].item() >= 1
    assert "k = 32 is the largest" in " ".join(answer.notes) or answer.table()["k"].item() < 32


def test_figures_show_what_was_found(for_target, for_totals):
    for answer, lines in ((for_target, 1), (for_totals, 2)):
        plane, along = answer.plot().axes
        assert along.get_title("left") == ("total FLOPs" if lines == 1 else "pass rate")
        best = next(line for line in plane.lines if line.get_label() == "best choice")
        assert list(best.get_xdata()) == answer.table()["flops"].tolist()
        assert list(best.get_ydata()) == answer.table()["k"].tolist()


def test_k_that_are_tried():
    assert _attempts(1).tolist() == [1]
    assert _attempts(5).tolist() == [1, 2, 3, 4, 5]
    assert _attempts(128)[-1] == 128
    assert np.diff(np.log2(_attempts(1024))).max() <= 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs a target or a total budget"),
        ({"target": 0.5, "flops": 1e22}, "needs a target or a total budget"),
        ({"target": 1.5}, "target is 1.5; expected a score between 0 and 1"),
        ({"flops": -1.0}, "flops is -1.0; expected a positive number"),
        ({"target": 0.5, "queries": 0}, "queries is 0; expected a positive number"),
        ({"target": 0.5, "most_attempts": 2.5}, "most_attempts is 2.5; expected a whole number"),
        ({"target": 0.5, "benchmark": "piqa"}, "benchmark 'piqa' was not fitted; the fit knows code, maths"),
        ({"target": 0.5, "benchmark": None}, "benchmark is left out; the fit knows code, maths"),
        ({"flops": 1e12}, "leaves less than"),
    ],
)
def test_wrong_questions_are_refused(rates_fit, options, message):
    with pytest.raises(ValueError, match=message):
        bs.train_or_sample(rates_fit, **ASKED | options)


def test_other_laws_are_refused(cerebras_fit):
    with pytest.raises(
        TypeError, match=r"expected one of PassAtKLaw\(\)\. It needs a table with the rates at several k"
    ):
        bs.train_or_sample(cerebras_fit, 0.5, **ASKED)
