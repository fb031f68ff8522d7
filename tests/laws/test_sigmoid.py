import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.sigmoid import logistic_log_error

LEVELS = st.floats(-2.5, 1.4)
SLOPES = st.floats(0.02, 0.8)


@given(level=LEVELS, steepness=SLOPES)
def test_the_logit_of_a_logistic_is_a_line(level, steepness):
    x = np.array([-3.0, -1.0, 0.0, 2.0])
    q = np.exp(-np.exp(logistic_log_error(x, level, steepness)))
    assert np.diff(np.log(q / (1 - q))) / np.diff(x) == pytest.approx([steepness] * 3, rel=1e-6)


@given(level=LEVELS, steepness=SLOPES)
def test_near_a_perfect_score_the_error_falls_by_the_steepness(level, steepness):
    law = bs.SigmoidLaw()
    at = {"level": level, "exponent": steepness, "share": 0.0}
    far = law.log_error({"x": np.array([30.0, 31.0]) / steepness}, law.terms(at))
    assert np.diff(far)[0] == pytest.approx(-1.0, rel=1e-6)
    assert law.derived(at)["asymptotic_exponent"] == steepness


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_local_exponent_is_that_of_the_whole_error(share):
    law = bs.SigmoidLaw()
    at = {"level": np.array(0.4), "exponent": np.array(0.3), "share": share}
    low, high = (
        (1 - share) * np.exp(law.log_error({"x": np.array(x)}, law.terms(at))) + share * np.exp(0.4)
        for x in (-1e-4, 1e-4)
    )
    local = -(np.log(high) - np.log(low)) / 2e-4
    assert law.derived(at)["local_exponent"] == pytest.approx(local, rel=1e-5)
    assert law.exponent_per_local(0.4) * local == pytest.approx(0.3, rel=1e-5)


def test_law_survives_json():
    law = bs.SigmoidLaw(exponent=bs.between(0.2, 0.5))
    assert law_from_json(law.to_json()) == law
    assert repr(bs.SigmoidLaw()) == "SigmoidLaw()"
