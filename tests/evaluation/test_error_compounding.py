import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.evaluation.compounding import AVERAGE, SOURCES
from bayes_scaling.evaluation.error_compounding import FACTORS


@pytest.fixture(scope="module")
def result(two_stage_fit, cerebras_fit, cerebras_held_out):
    return bs.compounding(two_stage_fit, cerebras_held_out, direct=cerebras_fit, random_seed=1)


def test_first_order_shares_and_the_rest_sum_to_one(result):
    keys = ["run", "benchmark"]
    assert result.shares.groupby(keys)["first"].sum().to_numpy() == pytest.approx(np.ones(16))
    of_sources = result.shares[result.shares["source"] != "interaction"]
    assert set(of_sources["source"]) == set(SOURCES)
    slack = 4 * (of_sources["first_error"] + of_sources["total_error"])
    assert (of_sources["first"] <= of_sources["total"] + slack).all()
    assert (result.shares["benchmark"] == AVERAGE).sum() == 2 * (len(SOURCES) + 1)


def test_the_variance_is_that_of_the_forecast(result, two_stage_fit, cerebras_held_out):
    forecast = bs.forecast(two_stage_fit, cerebras_held_out, random_seed=2)
    stated = result.shares.query("source == 'loss curve' and benchmark != 'average'")["variance"].to_numpy()
    assert stated == pytest.approx(forecast.draws["score"].var("sample").to_numpy(), rel=0.5)
    averaged = result.shares.query("source == 'loss curve' and benchmark == 'average'")["variance"].to_numpy()
    assert averaged == pytest.approx(forecast.average().draws["score"].var("sample").to_numpy(), rel=0.5)


def test_parts_of_the_error_are_those_of_two_forecasts_and_sum_to_it(result, two_stage_fit, cerebras_held_out):
    medians = [
        np.median(make(two_stage_fit, cerebras_held_out, random_seed=1).draws["score"], axis=0)
        for make in (bs.forecast, bs.forecast_at_loss)
    ]
    accuracy = cerebras_held_out.frame["accuracy"].to_numpy()
    assert result.errors["error"].to_numpy() == pytest.approx(medians[0] - accuracy)
    assert result.errors["from_map"].to_numpy() == pytest.approx(medians[1] - accuracy)
    assert (result.errors["from_loss"] + result.errors["from_map"]).to_numpy() == pytest.approx(
        result.errors["error"].to_numpy(), abs=1e-15
    )
    assert (result.errors["from_loss_low_90"] < result.errors["from_loss_high_90"]).all()


def test_the_mean_square_error_is_the_sum_of_its_parts(result):
    table = result.error_table(("run",))
    assert table["mse"].to_numpy() == pytest.approx(table[["loss_square", "map_square", "cross"]].sum(axis=1))
    assert result.error_table(()).loc[0, "mse"] == pytest.approx((result.errors["error"] ** 2).mean())


def test_methods_stand_side_by_side_on_the_same_rows(result, two_stage_fit, cerebras_held_out):
    table = result.table().set_index("method")
    assert list(table.index) == ["two-stage", "plug-in", "stage two at the true loss", "direct"]
    assert (table["n"] == 14).all()
    forecast = bs.forecast(two_stage_fit, cerebras_held_out, random_seed=1)
    overall = bs.score_forecast(forecast, cerebras_held_out).overall
    for name in ("coverage_50", "coverage_90", "crps", "mae", "bias"):
        assert table.loc["two-stage", name] == pytest.approx(overall[name])
    by_factor = result.table(("method", "factor"))
    assert set(by_factor["factor"]) == {"5 to 10", "10 to 30"}


def test_the_variance_grows_over_to_the_curves(result):
    growth = result.growth.pivot_table(index="factor", columns="source", values="first")
    assert list(growth.index) == list(FACTORS)
    assert growth.sum(axis=1).to_numpy() == pytest.approx(np.ones(len(FACTORS)))
    assert growth.loc[2, "accuracy noise"] > growth.loc[100, "accuracy noise"]
    assert growth.loc[2, "loss curve"] < growth.loc[100, "loss curve"]


def test_what_was_found_is_said(result):
    assert result.sentence.startswith("Of the variance of a held-out score the loss curve ")
    assert "direct" in result.sentence
    assert result.sentence in repr(result)


def test_rows_without_a_loss_are_left_out_and_named(two_stage_fit, cerebras_held_out):
    frame = cerebras_held_out.frame
    lost = frame.assign(loss=frame["loss"].where(frame["run"] != "Cerebras-13B"))
    found = bs.compounding(two_stage_fit, bs.Runs(lost), random_seed=1)
    assert set(found.errors["run"]) == {"Cerebras-6.7B"}
    assert found.notes[0] == "7 of 14 held-out rows lack a score or a loss: left out"


def test_tables_are_saved_with_the_figure(result, tmp_path):
    files = result.save(tmp_path / "found")
    assert {path.name for path in files} == {
        *("shares.csv", "errors.csv", "intervals.csv", "growth.csv", "compounding.png", "compounding.svg")
    }
    assert pd.read_csv(tmp_path / "found" / "errors.csv")["error"].to_numpy() == pytest.approx(result.errors["error"])


def test_wrong_input_is_refused(two_stage_fit, cerebras_fit, cerebras_held_out, result):
    with pytest.raises(ValueError, match="which has one stage"):
        bs.compounding(cerebras_fit, cerebras_held_out)
    with pytest.raises(ValueError, match="stage one of the fit is a point"):
        bs.compounding(bs.plug_in(two_stage_fit), cerebras_held_out)
    with pytest.raises(ValueError, match="no held-out row has both"):
        bs.compounding(two_stage_fit, bs.Runs(cerebras_held_out.frame.drop(columns="accuracy")))
    with pytest.raises(ValueError, match="by names 'colour'; expected columns out of run, family, benchmark"):
        result.error_table(("colour",))
