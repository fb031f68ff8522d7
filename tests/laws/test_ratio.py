import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.ratio import ratio_log_error
from bayes_scaling.model.specification import specify
from bayes_scaling.model.thin_data import thin_data

exponents = st.floats(0.05, 0.8)


@given(st.floats(0.1, 5), st.floats(0.1, 5), exponents, exponents, st.floats(1e7, 1e12), st.floats(1e8, 1e13))
def test_equation_is_the_sum_of_two_power_laws(a, b, alpha, beta, params, tokens):
    """With A and B the errors at a billion parameters and twenty billion tokens."""
    log_error = ratio_log_error(np.log(params / 1e9), np.log(tokens / 2e10), np.log(a + b), alpha, beta, a / (a + b))
    assert np.exp(log_error) == pytest.approx(a * (params / 1e9) ** -alpha + b * (tokens / 2e10) ** -beta)


@given(exponents, st.floats(-3, 3), st.floats(-0.5, 0.5), st.floats(-1, 1), st.floats(0, 0.5))
def test_exponent_is_that_of_compute_at_a_fixed_ratio_and_split_that_of_the_slopes(exponent, split, tilt, level, share):
    law = bs.RatioLaw()
    known = {"level": level, "exponent": exponent, "split": split, "tilt": tilt, "share": share}

    def slope(params, tokens):
        up, down = (
            law.log_error({"x_params": sign * 1e-5 * params, "x_tokens": sign * 1e-5 * tokens}, law.terms(known))
            for sign in (1, -1)
        )
        return (up - down) / 2e-5 * (1 - share)

    assert -slope(0.5, 0.5) == pytest.approx(exponent, rel=1e-5)
    assert slope(1, 0) / slope(0, 1) == pytest.approx(np.exp(split), rel=1e-5)
    derived = law.derived(known)
    assert derived["params_exponent"] / derived["tokens_exponent"] == pytest.approx(np.exp(2 * tilt))


def test_law_survives_json():
    law = bs.RatioLaw(tilt=bs.between(-0.2, 0.2), ceiling=None)
    assert law_from_json(law.to_json()) == law
    assert law.needs == ("params", "tokens", "flops")


def test_rows_without_tokens_are_named():
    frame = bs.load_dataset("cerebras_gpt").frame.assign(tokens=np.nan, params=np.nan)
    with pytest.raises(ValueError, match=r"RatioLaw needs params in every row; empty in row 1, 2, 3, 4, 5 and 44 more"):
        bs.fit(bs.RatioLaw(), bs.Runs(frame))


def test_one_ratio_is_said_in_words():
    [sentence] = thin_data(specify(bs.RatioLaw(), bs.load_dataset("cerebras_gpt")))
    assert sentence.startswith("tokens per parameter hardly vary")
    assert "DirectLaw() reads FLOPs alone" in sentence
