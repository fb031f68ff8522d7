import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.direct import direct_log_error


@given(st.floats(0.01, 5), st.floats(0.01, 0.6), st.floats(1e18, 1e25), st.floats(1e18, 1e25))
def test_equation_is_the_power_law(scale, exponent, flops, reference):
    level = np.log(scale) - exponent * np.log(reference)
    log_error = direct_log_error(np.log(flops / reference), level, exponent)
    assert np.exp(log_error) == pytest.approx(scale / flops**exponent)


def test_priors_are_a_readable_table():
    table = bs.DirectLaw().priors
    assert {"level", "exponent", "ceiling", "benchmark_amplitude", "run_sd", "dispersion"} <= set(table.index)
    spread = table.drop(index="degrees_of_freedom")  # left out, as long as nobody asks for it
    assert (spread["5%"] < spread["50%"]).all()
    assert (spread["50%"] < spread["95%"]).all()
    assert table["meaning"].str.len().min() > 10


def test_priors_change_by_keyword_and_interval():
    law = bs.DirectLaw(exponent=bs.between(0.05, 0.4), ceiling=None, run_sd=0.02)
    assert law.prior("exponent").interval(0.9) == pytest.approx((0.05, 0.4))
    assert law.leaves_out("ceiling")
    assert law.prior("run_sd") == bs.Fixed(0.02)
    assert law.with_priors(run_sd=0.03).prior("exponent") == law.prior("exponent")
    assert "exponent=LogNormal" in repr(law)
    assert repr(bs.DirectLaw()) == "DirectLaw()"


def test_law_survives_json_and_compares_by_value():
    law = bs.DirectLaw(exponent=bs.between(0.05, 0.4), level=bs.Normal(0.1, 0.5))
    assert law_from_json(law.to_json()) == law
    assert law != bs.DirectLaw()


def test_law_is_frozen():
    with pytest.raises(AttributeError):
        bs.DirectLaw().name = "other"


def test_wrong_names_and_values_are_refused():
    with pytest.raises(TypeError, match="no prior named 'exponnet'; it has level, "):
        bs.DirectLaw(exponnet=0.1)
    with pytest.raises(ValueError, match=r"dispersion=0\.0: expected a positive number"):
        bs.DirectLaw(dispersion=0)
    with pytest.raises(ValueError, match="exponent is positive"):
        bs.DirectLaw(exponent=bs.Normal(0.2, 0.1))
