import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.laws.priors import Fixed, LogNormal, Normal, between, from_dict, resolve, to_dict


@given(st.floats(0.001, 10), st.floats(1.1, 20), st.floats(0.5, 0.99))
def test_between_gives_back_its_interval(low, factor, mass):
    prior = resolve("exponent", between(low, low * factor, mass), positive=True)
    assert prior.interval(mass) == pytest.approx((low, low * factor))
    real = resolve("level", between(-low, low * factor, mass), positive=False)
    assert real.interval(mass) == pytest.approx((-low, low * factor))


@pytest.mark.parametrize("prior", [Normal(0.3, 1.0), LogNormal(0.18, 0.4)])
def test_interval_holds_its_share_of_the_draws(prior):
    draws = prior.sample(np.random.default_rng(1), 20_000)
    low, high = prior.interval(0.8)
    assert np.mean((draws > low) & (draws < high)) == pytest.approx(0.8, abs=0.01)
    assert np.median(draws) == pytest.approx(prior.median, abs=0.03)


@pytest.mark.parametrize("prior", [Normal(0.1, 2.0), LogNormal(0.18, 0.4), Fixed(0.5)])
def test_plain_form(prior):
    assert from_dict(to_dict(prior)) == prior


def test_numbers_and_none_fix_a_parameter():
    assert resolve("run_sd", 0.02, positive=True) == Fixed(0.02)
    assert resolve("run_sd", None, positive=True) == Fixed(0.0)
    assert np.array_equal(Fixed(0.3).sample(np.random.default_rng(1), 3), [0.3, 0.3, 0.3])


@pytest.mark.parametrize(
    ("value", "positive", "error", "message"),
    [
        ("wide", True, TypeError, "'wide'"),
        (True, True, TypeError, "True"),
        (Normal(0, 1), True, ValueError, "is positive; expected LogNormal"),
        (-0.1, True, ValueError, "-0.1: expected a non-negative number"),
        (between(-1, 1), True, ValueError, "bounds above 0"),
    ],
)
def test_wrong_priors_are_refused(value, positive, error, message):
    with pytest.raises(error, match=message):
        resolve("exponent", value, positive=positive)


@pytest.mark.parametrize(
    "make",
    [
        lambda: between(0.4, 0.05),
        lambda: between(0.1, 0.2, mass=90),
        lambda: Normal(0, 0),
        lambda: LogNormal(-1, 0.5),
        lambda: LogNormal(0.1, float("nan")),
        lambda: Normal(0, 1).interval(0),
    ],
)
def test_impossible_values_are_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()
