import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.broken_power import broken_log_error
from bayes_scaling.laws.turn import softened

LEVELS = st.floats(-2.0, 1.5)
SLOPES = st.floats(0.02, 0.8)
BREAKS = st.floats(-4.0, 4.0)


@given(level=LEVELS, before=SLOPES, after=SLOPES, break_point=BREAKS)
def test_equation_is_the_published_one(level, before, after, break_point):
    """Caballero et al., arXiv 2210.14891, eq. 1 with one break, in logarithms."""
    x = np.linspace(-8, 8, 33)
    width = 0.5
    published = -before * x - (after - before) * width * np.log1p(np.exp((x - break_point) / width))
    ours = broken_log_error(x, level, before, after, break_point, softened(0.0, break_point, width))
    assert ours == pytest.approx(published - published[16] + level, abs=1e-9)


@given(
    level=LEVELS, exponent=SLOPES, change=st.floats(-1.5, 1.5), break_point=BREAKS, share=st.sampled_from([0.0, 0.3])
)
def test_the_exponent_is_the_local_one_at_the_reference(level, exponent, change, break_point, share):
    law = bs.BrokenPowerLaw()
    at = {"level": level, "exponent": exponent, "change": change, "break_point": break_point, "share": share}
    low, middle, high = law.log_error({"x": np.array([-1e-4, 0.0, 1e-4])}, law.terms(at))
    assert middle == pytest.approx(level)
    assert (low - high) / 2e-4 * (1 - share) == pytest.approx(exponent, rel=1e-4)
    derived = law.derived(at)
    assert np.log(derived["exponent_after"] / derived["exponent_before"]) == pytest.approx(change, abs=1e-9)


@given(level=LEVELS, exponent=SLOPES, break_point=BREAKS)
def test_without_a_change_it_is_the_direct_law(level, exponent, break_point):
    x = np.linspace(-6, 6, 13)
    at = {"level": level, "exponent": exponent, "change": 0.0, "break_point": break_point, "share": 0.2}
    direct = bs.DirectLaw().log_error({"x": x}, bs.DirectLaw().terms(at))
    assert bs.BrokenPowerLaw().log_error({"x": x}, bs.BrokenPowerLaw().terms(at)) == pytest.approx(direct, abs=1e-9)


def test_a_break_without_change_fits_as_the_direct_law(cerebras_train):
    """Given the prior, the law with its change held at 0 expects what the direct law expects."""
    broken = bs.sample_prior(bs.BrokenPowerLaw(change=0.0, change_benchmark_sd=None), cerebras_train, random_seed=1)
    direct = bs.sample_prior(bs.DirectLaw(), cerebras_train, random_seed=2)
    for forecast in (broken, direct):
        assert forecast.draws["expected"].shape[0] == 1000
    gap = np.abs(broken.table()["median"] - direct.table()["median"])
    assert gap.max() < 0.06


def test_law_survives_json():
    law = bs.BrokenPowerLaw(change=bs.Normal(0.0, 0.1))
    assert law_from_json(law.to_json()) == law
    assert repr(bs.BrokenPowerLaw()) == "BrokenPowerLaw()"
