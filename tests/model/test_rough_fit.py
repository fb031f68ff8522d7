import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.model.rough_fit import coefficient_information, pooled_median, rough_effects, sensitivities


def test_effects_of_groups_and_their_spreads_are_found():
    rng = np.random.default_rng(1)
    true_sd, n_groups = np.array([0.1, 0.4]), 400
    group = np.repeat(np.arange(n_groups), 4)
    x = np.tile([-2.0, -1.0, 1.0, 2.0], n_groups)
    slopes = np.stack([np.ones(len(x)), -0.2 * x], axis=-1)
    true = true_sd * rng.standard_normal((n_groups, 2))
    residual = (slopes * true[group]).sum(axis=-1) + 0.02 * rng.standard_normal(len(x))
    effects, sd = rough_effects(slopes, residual, np.full(len(x), 0.02**-2), group, 3 * true_sd)
    assert sd == pytest.approx(true_sd, rel=0.1)
    assert np.abs(effects - true).mean() < 0.03


def test_a_group_that_says_nothing_keeps_no_effect():
    slopes, group = np.array([[1.0], [1.0], [0.0]]), np.array([0, 1, 2])
    effects, _ = rough_effects(slopes, np.array([0.2, -0.2, 5.0]), np.ones(3), group, np.array([0.3]))
    assert effects[2] == 0.0
    assert effects[0] == -effects[1] > 0.0


@pytest.mark.parametrize("law", [bs.DirectLaw(), bs.SigmoidLaw(), bs.BrokenPowerLaw()])
def test_information_is_the_square_of_the_slope(law):
    x = np.linspace(-3.0, 3.0, 7)
    centre = {c.name: pooled_median(law, c) for c in law.coefficients}
    slopes = sensitivities(law, {"x": x}, centre)
    information = coefficient_information(law, {"x": x}, np.full(7, 1e12))  # no more than the usual scatter lets it say
    for name, slope in slopes.items():
        assert information[name] * law.usual_scatter**2 == pytest.approx(slope**2, rel=1e-6, abs=1e-12)
