import numpy as np
import pytest
from attempt_tables import rates_runs

import bayes_scaling as bs
from bayes_scaling.plots.parts.measured import held_out_points, measured, sampling_sd


def test_scores_are_those_of_the_table(cerebras_fit):
    points = measured(cerebras_fit)
    frame = cerebras_fit.runs.frame
    np.testing.assert_array_equal(points.accuracy, frame["accuracy"])
    np.testing.assert_allclose(points.flops, frame["flops"])
    np.testing.assert_allclose(points.ratio, frame["tokens"] / frame["params"])
    assert set(points.k) == {1}


def test_rates_are_those_of_the_table_and_can_be_chosen_by_k(rates_fit):
    frame = rates_fit.runs.frame
    np.testing.assert_array_equal(measured(rates_fit).accuracy, frame["accuracy"])
    np.testing.assert_array_equal(measured(rates_fit).k, frame["k"])
    np.testing.assert_array_equal(measured(rates_fit, [4]).accuracy, frame.query("k == 4")["accuracy"])
    assert len(measured(rates_fit, [3])) == 0


def test_counts_give_unbiased_rates_up_to_their_attempts(counts_fit):
    points = measured(counts_fit, [3, 33])
    assert set(points.k) == {3}
    for unit in (0, 9):
        rows = counts_fit.runs.frame.iloc[30 * unit : 30 * unit + 30]
        rate = np.mean(bs.pass_at_k(rows["n_samples"], rows["n_correct"], 3))
        assert points.accuracy[points.unit == unit] == pytest.approx(rate)
    assert sorted(set(measured(counts_fit).k)) == [1, 2, 4, 8, 16, 32]


def test_points_far_from_a_ratio_are_hollow(sized_fit):
    points = measured(sized_fit, [1])
    np.testing.assert_array_equal(points.against("flops", 40.0).hollow, np.abs(np.log(points.ratio / 40)) > np.log(2))
    assert not points.against("flops").hollow.any()
    np.testing.assert_array_equal(points.against("params").x, points.params)


def test_held_out_runs_must_be_scored_known_and_at_a_k_that_the_law_describes(cerebras_fit, rates_fit):
    held_out = rates_runs(flops=(1e22,), prefix="larger")
    assert len(held_out_points(rates_fit, held_out, [1, 16])) == 4
    assert len(held_out_points(rates_fit, None)) == 0
    with pytest.raises(ValueError, match="no accuracy column"):
        held_out_points(rates_fit, bs.Runs(held_out.frame.drop(columns="accuracy")))
    with pytest.raises(ValueError, match="'code', 'maths' was not fitted"):
        held_out_points(cerebras_fit, held_out)


def test_item_noise_falls_with_the_number_of_items(cerebras_fit):
    sd, n = sampling_sd(cerebras_fit, measured(cerebras_fit)), cerebras_fit.rows.n_items
    assert sd.shape == n.shape
    assert sd[n > 5000].mean() < sd[n < 1500].mean()


def test_noise_of_rates_is_about_that_of_their_problems(counts_fit, rates_fit):
    for fit in (counts_fit, rates_fit):
        points = measured(fit)
        sd = sampling_sd(fit, points)
        inside = (points.accuracy > 0.05) & (points.accuracy < 0.95)
        binomial = np.sqrt(points.accuracy * (1 - points.accuracy) / 30)[inside]
        assert (sd > 0).all()
        assert 0.2 < np.median(sd[inside] / binomial) < 1.3
