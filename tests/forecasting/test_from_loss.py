import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.from_loss import _along, predict_losses, stage_two
from bayes_scaling.forecasting.points import encode_points
from bayes_scaling.forecasting.prediction import deviations


@pytest.fixture(scope="module")
def points(two_stage_fit, cerebras_held_out):
    return encode_points(two_stage_fit.reference, cerebras_held_out.frame)


@pytest.fixture(scope="module")
def second(two_stage_fit, points):
    draws = two_stage_fit.draws(np.random.default_rng(1))
    span = [np.full((draws.size, len(points.rows)), np.log(loss)) for loss in (1.4, 2.6)]
    return stage_two(two_stage_fit.reference, draws, points, span)


def at(second, loss):
    return second.at(np.full_like(second.coefficients["ceiling"], np.log(loss))).expected


def test_benchmarks_of_a_run_share_its_loss(two_stage_fit, cerebras_held_out):
    draws = two_stage_fit.draws(np.random.default_rng(1))
    found = predict_losses(two_stage_fit.fitted, draws, cerebras_held_out.frame)
    for losses in (found.expected, found.measured):
        assert losses.shape == (draws.size, 14)
        assert (losses[:, :7] == losses[:, [0]]).all()
        assert (losses[:, 7:] == losses[:, [7]]).all()
    assert (found.measured != found.expected).all()
    assert np.corrcoef(found.expected[:, 0], found.expected[:, 7])[0, 1] > 0.5
    assert (np.median(found.expected, axis=0)[7:] < np.median(found.expected, axis=0)[:7]).all()


def test_the_median_of_stage_one_is_a_point_in_every_draw(two_stage_fit, cerebras_held_out):
    point = bs.plug_in(two_stage_fit)
    frame = cerebras_held_out.frame
    whole = predict_losses(two_stage_fit.fitted, two_stage_fit.draws(np.random.default_rng(1)), frame)
    found = predict_losses(point.fitted, point.draws(np.random.default_rng(1)), frame)
    assert (found.measured == np.median(whole.expected, axis=0)).all()
    assert (found.expected == found.measured).all()


def test_a_smaller_loss_goes_with_higher_scores(second):
    values = [at(second, loss) for loss in (2.4, 2.0, 1.7)]
    assert (np.mean(values[0], axis=0) < np.mean(values[1], axis=0)).all()
    assert (np.mean(values[1], axis=0) < np.mean(values[2], axis=0)).all()


def test_the_curve_is_smooth_in_the_loss_and_grows_wider_outside(second, two_stage_fit):
    near, far = at(second, 2.1), at(second, 1.4)
    assert (near.std(axis=0) < far.std(axis=0)).all()
    step = at(second, 2.1001) - near
    assert np.abs(step).max() < 1e-3


def test_some_samples_are_those_of_the_whole(second):
    chosen = np.array([5, 0, 5])
    loss = np.log(np.linspace(1.5, 2.5, 14)) + np.zeros_like(second.coefficients["ceiling"])
    whole, some = second.at(loss), second.take(chosen).at(loss[chosen])
    np.testing.assert_array_equal(whole.expected[chosen], some.expected)


def test_paths_of_the_deviation_have_the_law_of_its_draws(two_stage_fit, points):
    """Interpolated between the points of its grid, a deviation varies as one drawn where it is asked for."""
    draws = two_stage_fit.draws(np.random.default_rng(1)).every(1)
    reference = two_stage_fit.reference
    losses = np.log(np.where(np.arange(14) < 7, 1.9, 1.5))
    index = reference.loss_index(losses, points.rows.benchmark)
    many = [deviations(reference, draws, _along(points, np.arange(14), index)) for _ in range(20)]
    span = [np.broadcast_to(np.log(loss), (draws.size, 14)) for loss in (1.3, 2.8)]
    paths = [
        stage_two(reference, draws, points, span)._deviation(np.broadcast_to(index, (draws.size, 14)))
        for _ in range(20)
    ]
    direct, read = (np.concatenate(found) for found in (many, paths))
    np.testing.assert_allclose(read.mean(axis=0), direct.mean(axis=0), atol=4 * direct.std(axis=0).max() / 50)
    np.testing.assert_allclose(read.std(axis=0), direct.std(axis=0), rtol=0.1)
