import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladder_tables import constant_tokens, one_ratio, partly_missing

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.direct import direct_log_error
from bayes_scaling.laws.ratio import ratio_log_error
from bayes_scaling.model.specification import specify

SIZES = bs.GeneralLaw(inputs="ratio")
FLOPS = bs.GeneralLaw(inputs="compute")
OWN_SPLIT = bs.Normal(0.2, 0.1)

log_budgets = st.floats(-8, 8)
coefficients = st.fixed_dictionaries(
    {
        "level": st.floats(-2, 2),
        "exponent": st.floats(0.02, 1.0),
        "split": st.floats(-3, 3),
        "tilt": st.floats(-0.3, 0.3),
        "change": st.floats(0, 2.5),
        "break_point": st.floats(-6, 6),
        "share": st.floats(0, 0.5),
    }
)


def at(law, known, params, tokens):
    """Log error where FLOPs are proportional to params times tokens, all as logs less the reference."""
    inputs = {"x": params + tokens} | ({"x_params": params, "x_tokens": tokens} if law.reads_sizes else {})
    return law.log_error(inputs, law.terms(known))


# The equation ---------------------------------------------------------------------------------------------------------


@given(coefficients, log_budgets, log_budgets)
def test_without_a_turn_it_is_the_ratio_law(known, params, tokens):
    known = {**known, "change": 0.0}
    of = bs.RatioLaw().derived(known)
    sizes = (of["params_exponent"], of["tokens_exponent"], of["params_share"])
    expected = ratio_log_error(params, tokens, known["level"], *sizes)
    assert at(SIZES, known, params, tokens) == pytest.approx(expected, abs=1e-9)


@given(coefficients, log_budgets)
def test_of_flops_without_a_turn_it_is_the_direct_law(known, x):
    known = {**known, "change": 0.0}
    expected = direct_log_error(x, known["level"], known["exponent"] / (1 - known["share"]))
    assert FLOPS.log_error({"x": x}, FLOPS.terms(known)) == pytest.approx(expected, abs=1e-9)


@given(coefficients, st.sampled_from([SIZES, FLOPS]))
def test_exponent_is_that_of_compute_at_a_fixed_ratio_at_the_reference_wherever_the_turn_lies(known, law):
    step = 1e-5
    slope = (at(law, known, step, step) - at(law, known, -step, -step)) / (4 * step) * (1 - known["share"])
    assert -slope == pytest.approx(known["exponent"], rel=1e-4)
    assert at(law, known, 0.0, 0.0) == pytest.approx(known["level"], abs=1e-12)


@given(coefficients, log_budgets, log_budgets, st.floats(0.1, 3), st.sampled_from([SIZES, FLOPS]))
def test_larger_models_longer_training_and_more_flops_leave_less_error(known, params, tokens, step, law):
    here = at(law, known, params, tokens)
    assert at(law, known, params + step, tokens) < here
    assert at(law, known, params, tokens + step) < here
    if law.reads_sizes:
        more_flops = {"x": params + tokens + step, "x_params": params, "x_tokens": tokens}
        assert law.log_error(more_flops, law.terms(known)) <= here


@given(coefficients, st.sampled_from([SIZES, FLOPS]))
def test_what_follows_from_the_coefficients(known, law):
    of = law.derived(known)
    assert of["exponent_after"] / of["exponent_before"] == pytest.approx(np.exp(known["change"]))
    local = known["exponent"] / (1 - known["share"])
    assert of["exponent_before"] <= local * (1 + 1e-12) <= of["exponent_after"] * (1 + 1e-9)
    if law.reads_sizes:
        assert of["params_exponent"] / of["tokens_exponent"] == pytest.approx(np.exp(2 * known["tilt"]))
        assert 0 < of["params_share"] < 1


# What it reads of a table ---------------------------------------------------------------------------------------------


def test_it_reads_sizes_where_every_row_has_them_and_flops_of_all_elsewhere():
    frame = one_ratio().frame
    assert bs.GeneralLaw().resolve(frame).needs == ("params", "tokens", "flops")
    one_missing = frame.assign(tokens=frame["tokens"].mask(frame.index == 3))
    for lacking in (one_missing, partly_missing().frame, frame.drop(columns=["params", "tokens"])):
        assert bs.GeneralLaw().resolve(lacking) == FLOPS
    assert FLOPS.needs == ("flops",)
    assert specify(bs.GeneralLaw(), partly_missing()).law == FLOPS


@pytest.mark.parametrize("ratio", [2.0, 20.0, 700.0])
def test_the_split_is_centred_by_the_mean_ratio(ratio):
    params = np.array([1e8, 1e9])
    frame = pd.DataFrame({"params": params, "tokens": params * ratio * np.array([0.5, 2.0])})
    law = bs.GeneralLaw().resolve(frame)
    assert law.prior("split").mean == pytest.approx(0.35 * np.log(ratio / 20), abs=1e-3)
    assert law.prior("split").sd == bs.GeneralLaw().prior("split").sd
    assert law.resolve(frame) == law


def test_it_becomes_part_of_the_fitted_law():
    spec = specify(bs.GeneralLaw(), constant_tokens())
    ratio = constant_tokens().frame.eval("tokens / params")
    assert spec.law.prior("split").mean == pytest.approx(0.35 * np.log(ratio / 20).mean(), abs=1e-3)
    assert law_from_json(spec.law.to_json()) == spec.law
    assert f"split={spec.law.prior('split')!r}" in repr(spec.law)


@pytest.mark.parametrize("inputs", [None, "ratio"])
def test_a_users_own_split_is_kept(inputs):
    law = bs.GeneralLaw(inputs=inputs, split=OWN_SPLIT, ceiling=None).resolve(constant_tokens().frame)
    assert law.reads_sizes
    assert law.prior("split") == OWN_SPLIT
    assert law.leaves_out("ceiling")


def test_of_flops_alone_a_users_split_has_no_place():
    law = bs.GeneralLaw(split=OWN_SPLIT, ceiling=None).resolve(partly_missing().frame)
    assert law == bs.GeneralLaw(inputs="compute", ceiling=None)


def test_sizes_that_are_asked_for_and_missing_are_named():
    with pytest.raises(ValueError, match="GeneralLaw needs params in every row; empty in row 2, 3"):
        specify(bs.GeneralLaw(inputs="ratio"), partly_missing())


# Values ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", [bs.GeneralLaw(), FLOPS, SIZES, bs.GeneralLaw(split=OWN_SPLIT, change=bs.Fixed(0.3))])
def test_it_survives_json_and_repr(law):
    assert law_from_json(law.to_json()) == law
    assert eval(repr(law), vars(bs) | {"GeneralLaw": bs.GeneralLaw, "Normal": bs.Normal, "Fixed": bs.Fixed}) == law


def test_inputs_are_checked():
    with pytest.raises(ValueError, match="inputs='loss'; expected 'compute' or 'ratio'"):
        bs.GeneralLaw(inputs="loss")
    assert repr(bs.GeneralLaw()) == "GeneralLaw()"


def test_it_is_the_first_law_of_all_lists():
    assert next(iter(bs.laws.LAWS)) == bs.laws.DEFAULT == "general"
