import numpy as np
import pandas as pd
import pytest

from bayes_scaling.evaluation.record import record_of


def rows(held, decades, runs=2):
    return pd.DataFrame(
        {
            "trajectory": [f"run {i % runs}" for i in range(len(held))],
            "decades_beyond": decades,
            "inside_90": held,
        }
    )


def test_forecasts_that_went_about_as_far_are_counted():
    found = record_of(rows([True] * 4 + [False] * 4, [0.2] * 4 + [1.0] * 4), 1.1)
    assert (found.scores, found.runs, found.coverage) == (4, 2, 0.0)
    assert found.too_few
    assert not found.farther
    assert "10 times beyond the fitted budgets, held 0% of 4 scores of 2 runs: too few" in found.sentence


def test_what_goes_farther_than_any_says_so():
    found = record_of(rows([True] * 4, [0.2, 0.2, 1.0, 1.0]), 2.0)
    assert found.farther
    assert found.scores == 2  # the farthest
    assert "this one goes farther, 100 times, where nothing was ever checked" in found.sentence
    assert "too few" not in found.sentence


def test_a_record_that_is_fine_gives_no_warning():
    found = record_of(rows([True] * 18 + [False] * 2, np.linspace(0.1, 1, 20), runs=10))
    assert not found.too_few
    assert found.sentence.endswith("held 90% of 20 scores of 10 runs")


def test_few_that_held_may_be_chance_but_are_said(past_forecasts):
    found = past_forecasts.record("direct", 0.5)
    assert found.too_few
    assert found.said(widened=True).endswith("these intervals were widened for it")


def test_a_backtest_knows_its_own_table(past_forecasts, cerebras_fit, families_runs):
    assert past_forecasts.belongs_to("direct", cerebras_fit.runs.frame)
    assert not past_forecasts.belongs_to("ratio", cerebras_fit.runs.frame)
    assert not past_forecasts.belongs_to("direct", families_runs.frame)
    altered = cerebras_fit.runs.frame.assign(accuracy=lambda t: t["accuracy"] + 0.01)
    assert not past_forecasts.belongs_to("direct", altered)


def test_the_law_must_be_one_of_several(past_forecasts):
    two = type(past_forecasts)(
        pd.concat([past_forecasts.rows, past_forecasts.rows.assign(law="ratio")]),
        past_forecasts.failures,
        past_forecasts.timings,
    )
    with pytest.raises(ValueError, match="law='general'; expected one of 'direct', 'ratio'"):
        two.record("general")
    assert past_forecasts.record("general").scores == len(past_forecasts.rows)


def test_distances_are_in_order():
    found = pd.concat([rows([True] * 2, [1.2, 1.2]), rows([True] * 2, [0.1, 0.2])])
    found = found.assign(law="direct", decades=["1 to 1.5"] * 2 + ["0 to 0.3"] * 2, benchmark="a", accuracy=0.5)
    found = found.assign(inside_50=True, inside_80=True, error=0.0, crps=0.0, log_score=0.0)
    from bayes_scaling.evaluation.backtest import Backtest

    table = Backtest(found, pd.DataFrame(), pd.DataFrame()).table(["law", "decades"])
    assert table["decades"].tolist() == ["0 to 0.3", "1 to 1.5"]
