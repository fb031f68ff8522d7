import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.model import response

log_errors = st.floats(-6, 4)
levels = st.floats(-3, 3)
ceilings = st.floats(0, 1)
floors = st.floats(0, 0.6)


@given(levels, ceilings)
def test_anchor_holds_whatever_the_ceiling(level, ceiling):
    share = response.ceiling_share(ceiling, level)
    assert response.negative_log_q(level, ceiling, share) == pytest.approx(np.exp(level))


@given(levels, ceilings, st.floats(0.02, 1.0))
def test_local_exponent_at_the_reference_is_the_exponent(level, ceiling, exponent):
    share = response.ceiling_share(ceiling, level)

    def log_error(x):
        return np.log(response.negative_log_q(level - exponent / (1 - share) * x, ceiling, share))

    step = 1e-4
    assert (log_error(-step) - log_error(step)) / (2 * step) == pytest.approx(exponent, rel=1e-4)


@given(log_errors, log_errors, floors, ceilings, levels)
def test_accuracy_rises_as_the_log_error_falls_and_stays_in_range(a, b, floor, ceiling, level):
    share = response.ceiling_share(ceiling, level)
    low, high = (response.expected_accuracy(v, floor, ceiling, share) for v in (max(a, b), min(a, b)))
    assert floor <= low <= high <= response.highest_accuracy(floor, ceiling, share) + 1e-12 <= 1 + 1e-12


@given(log_errors, floors, ceilings, levels)
def test_slope_is_the_derivative(log_error, floor, ceiling, level):
    share = response.ceiling_share(ceiling, level)
    step = 1e-5
    ahead, behind = (response.expected_accuracy(log_error + s, floor, ceiling, share) for s in (step, -step))
    slope = response.accuracy_slope(log_error, floor, ceiling, share)
    assert slope == pytest.approx((ahead - behind) / (2 * step), abs=1e-6)
    assert slope <= 0


def test_curve_approaches_the_highest_accuracy():
    share = response.ceiling_share(0.1, 0.5)
    far = response.expected_accuracy(-30.0, 0.25, 0.1, share)
    assert far == pytest.approx(response.highest_accuracy(0.25, 0.1, share))


def test_noise_adds_up_from_its_sources():
    quiet = {"dispersion": 1.0, "law_noise": 0.0, "chance_jitter": 0.0}
    items = response.measurement_sd(0.5, 0.0, 0.25, 0.25, 400.0, **quiet)
    assert items == pytest.approx(np.sqrt(0.25 / 400 + response.RESOLUTION**2 + (0.5 / 400) ** 2))
    scatter = response.measurement_sd(0.5, -0.3, 0.25, 0.25, 400.0, **{**quiet, "law_noise": 0.1})
    assert scatter**2 - items**2 == pytest.approx((0.1**2 + response.LEAST_LAW_NOISE**2) * 0.3**2)


def test_jitter_acts_near_chance_and_only_where_there_is_a_chance():
    arguments = {"dispersion": 0.0, "law_noise": 0.0, "chance_jitter": 0.02}
    at_chance = response.measurement_sd(0.25, 0.0, 0.25, 0.25, 1e9, **arguments)
    at_top = response.measurement_sd(1.0, 0.0, 0.25, 0.25, 1e9, **arguments)
    generative = response.measurement_sd(0.0, 0.0, 0.0, 0.0, 1e9, **arguments)
    assert at_chance == pytest.approx(0.02, rel=0.01)
    assert at_top == pytest.approx(response.RESOLUTION)
    assert generative == pytest.approx(response.RESOLUTION)
