import numpy as np
import pytest

import bayes_scaling as bs


@pytest.fixture(scope="module")
def predicted(two_stage_fit, cerebras_held_out):
    return bs.forecast(two_stage_fit, cerebras_held_out, random_seed=1)


@pytest.fixture(scope="module")
def at_loss(two_stage_fit, cerebras_held_out):
    return bs.forecast_at_loss(two_stage_fit, cerebras_held_out, random_seed=1)


def test_a_forecast_never_reads_the_loss_of_its_runs(two_stage_fit, cerebras_held_out, predicted):
    without = bs.Runs(cerebras_held_out.frame.drop(columns=["loss", "accuracy"]))
    assert bs.forecast(two_stage_fit, without, random_seed=1).draws.equals(predicted.draws)


def test_a_forecast_has_the_losses_it_rests_on(predicted, cerebras_held_out):
    losses = predicted.draws["loss"]
    assert losses.dims == ("sample", "point")
    truth = cerebras_held_out.frame["loss"].to_numpy()
    low, high = np.quantile(losses.to_numpy(), [0.005, 0.995], axis=0)
    assert ((low < truth) & (truth < high)).all()


def test_losses_are_saved_with_the_draws(predicted, tmp_path):
    predicted.to_netcdf(tmp_path / "forecast.nc")
    again = bs.read_forecast(tmp_path / "forecast.nc")
    np.testing.assert_array_equal(again.draws["loss"], predicted.draws["loss"])


def test_budgets_are_forecast_too(two_stage_fit):
    found = bs.forecast(two_stage_fit, bs.budgets(flops=[1e22, 1e23], benchmark="piqa"), random_seed=1)
    assert found.table()["median"].is_monotonic_increasing
    assert (found.draws["loss"].median("sample").diff("point") < 0).all()


def test_stage_two_alone_is_at_the_given_losses(at_loss, cerebras_held_out):
    assert (at_loss.draws["loss"] == cerebras_held_out.frame["loss"].to_numpy()).all()
    assert at_loss.notes[1] == "scores at given losses (loss): stage two alone"
    assert at_loss.notes[2] == "losses down to 1.572, below the fitted 1.834 to 2.608"


def test_stage_two_reads_losses_and_not_scores(two_stage_fit, cerebras_held_out, at_loss):
    frame = cerebras_held_out.frame
    other = bs.Runs(frame.assign(accuracy=0.5))
    assert bs.forecast_at_loss(two_stage_fit, other, random_seed=1).draws.equals(at_loss.draws)
    lower = bs.Runs(frame.assign(loss=frame["loss"] - 0.1))
    found = bs.forecast_at_loss(two_stage_fit, lower, random_seed=1)
    assert (found.table()["median"] > at_loss.table()["median"]).all()


def test_a_known_loss_leaves_less_open(predicted, at_loss):
    widths = [f.table((0.9,)).eval("high_90 - low_90").mean() for f in (predicted, at_loss)]
    assert widths[1] < widths[0]


def test_the_plug_in_leaves_stage_one_no_variance(two_stage_fit, cerebras_held_out, predicted):
    found = bs.forecast(bs.plug_in(two_stage_fit), cerebras_held_out, random_seed=1)
    losses = found.draws["loss"].to_numpy()
    assert (losses == losses[0]).all()
    widths = [f.table((0.9,)).eval("high_90 - low_90").mean() for f in (found, predicted)]
    assert widths[0] < widths[1]


def test_the_plug_in_is_saved_as_such(two_stage_fit, cerebras_held_out, tmp_path):
    point = bs.plug_in(two_stage_fit)
    loaded = bs.load_fit(point.save(tmp_path / "point.nc"))
    one, two = (bs.forecast(fit, cerebras_held_out, random_seed=1) for fit in (point, loaded))
    assert one.draws.equals(two.draws)


def test_stage_one_is_forecast_with_the_whole(two_stage_fit):
    with pytest.raises(ValueError, match="the fit is stage one of a two-stage fit; forecast that one"):
        bs.forecast(two_stage_fit.stage_one, bs.budgets(flops=1e22))


def test_wrong_input_is_refused(two_stage_fit, cerebras_fit, cerebras_held_out):
    with pytest.raises(ValueError, match="which has one stage"):
        bs.plug_in(cerebras_fit)
    with pytest.raises(ValueError, match=r"the loss \(loss\) of run 'Cerebras-6.7B', 'Cerebras-13B' is empty"):
        bs.forecast_at_loss(two_stage_fit, bs.Runs(cerebras_held_out.frame.assign(loss=np.nan)))
    with pytest.raises(TypeError, match="expected Runs with the column 'loss'"):
        bs.forecast_at_loss(two_stage_fit, bs.budgets(flops=1e22))
    with pytest.raises(ValueError, match="benchmark 'boolq' was not fitted"):
        bs.forecast_at_loss(
            two_stage_fit, bs.Runs(cerebras_held_out.select(benchmark="piqa").frame.assign(benchmark="boolq"))
        )
