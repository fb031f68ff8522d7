import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.model.noise import log_density, relative_precisions, standard_noise
from bayes_scaling.planning.continued import _precision
from bayes_scaling.posterior.draws import Draws

FINITE = st.floats(-50, 50)


@given(FINITE, FINITE, st.floats(0.01, 10), st.floats(0.5, 200))
def test_densities_are_those_of_scipy(value, mean, sd, df):
    normal, student = log_density(value, mean, sd), log_density(value, mean, sd, df)
    assert normal == pytest.approx(stats.norm.logpdf(value, mean, sd), rel=1e-9, abs=1e-9)
    assert student == pytest.approx(stats.t.logpdf(value, df, mean, sd), rel=1e-9, abs=1e-9)


def test_many_degrees_of_freedom_are_normal():
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(log_density(z, 0 * z, 1 + 0 * z, 1e8), log_density(z, 0 * z, 1 + 0 * z), atol=1e-6)


@pytest.mark.parametrize("df", [1.5, 4.0, None])
def test_draws_have_the_tails_they_should(df):
    drawn = standard_noise(np.random.default_rng(1), (20_000,), df)
    law = stats.norm() if df is None else stats.t(df)
    assert stats.kstest(drawn, law.cdf).pvalue > 0.01


def test_each_sample_has_its_own_degrees_of_freedom():
    df = np.array([[1.0], [1000.0]])
    drawn = standard_noise(np.random.default_rng(1), (2, 20_000), df)
    assert stats.kstest(drawn[0], stats.t(1).cdf).pvalue > 0.01
    assert stats.kstest(drawn[1], stats.norm.cdf).pvalue > 0.01


def test_precisions_have_mean_1():
    assert relative_precisions(np.random.default_rng(1), (50_000,), 4.0).mean() == pytest.approx(1, abs=0.02)


def test_precision_of_what_lies_far_off_is_low():
    """The posterior of a precision given its residual is a gamma distribution too."""
    draws = Draws(
        bs.DirectLaw(degrees_of_freedom=4), {"degrees_of_freedom": np.full(20_000, 4.0)}, np.random.default_rng(1)
    )
    off = np.tile([0.0, 6.0], (20_000, 1))
    near, far = _precision(draws, off).mean(axis=0)
    assert near == pytest.approx(5 / 4, rel=0.03)
    assert far == pytest.approx(5 / 40, rel=0.03)
    normal = Draws(bs.DirectLaw(), {"level": np.zeros((2, 1))}, np.random.default_rng(1))
    assert _precision(normal, off) == 1.0


def test_the_option_is_a_prior_like_any_other():
    law = bs.DirectLaw(degrees_of_freedom=4)
    assert repr(law) == "DirectLaw(degrees_of_freedom=Fixed(value=4.0))"
    assert bs.DirectLaw().leaves_out("degrees_of_freedom")
    assert law.with_priors(degrees_of_freedom=None) == bs.DirectLaw()
    with pytest.raises(ValueError, match="degrees_of_freedom=-1"):
        bs.DirectLaw(degrees_of_freedom=-1)
    assert bs.TwoStageLaw(loss_degrees_of_freedom=5).stage_one.prior("degrees_of_freedom").median == 5


def test_runs_of_such_a_law_lie_farther_off():
    far = []
    for law in (bs.DirectLaw(), bs.DirectLaw(degrees_of_freedom=2.0)):
        effects = [bs.simulate_runs(law, n_runs=40, random_seed=seed).truth.run_effects for seed in range(8)]
        far.append(max(float((abs(e) / abs(e).median()).max()) for e in effects))
    assert far[1] > 3 * far[0]
