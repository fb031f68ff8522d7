import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.loss import LossLaw
from bayes_scaling.laws.two_stage import linear_log_error

FORMS = ("logistic", "linear", "gompertz")
LEVELS = st.floats(-2.5, 1.4)
SLOPES = st.floats(0.02, 0.8)


def share_right(log_error):
    return np.exp(-np.exp(log_error))


@pytest.mark.parametrize("form", FORMS)
@given(level=LEVELS, slope=SLOPES)
def test_every_form_has_its_level_at_the_reference_and_falls(form, level, slope):
    law = bs.TwoStageLaw(stage_two=form)
    x = np.linspace(-6, 6, 49)
    log_error = law.log_error({"x": x}, law.terms({"level": level, "exponent": slope, "share": 0.0}))
    assert log_error[24] == pytest.approx(level, abs=1e-6)
    assert (np.diff(log_error) < 0).all()
    assert np.isfinite(log_error).all()


@given(level=st.floats(-1.0, 0.7), slope=st.floats(0.02, 0.3))
def test_a_line_of_accuracy_has_the_slope_of_its_exponent(level, slope):
    x = np.array([-1e-3, 0.0, 1e-3])
    log_error = linear_log_error(x, level, slope)
    assert (log_error[2] - log_error[0]) / 2e-3 == pytest.approx(-slope, rel=1e-3)
    wide = share_right(linear_log_error(np.array([-60.0, 60.0]) / slope, level, slope))
    assert wide == pytest.approx([0.0, 1.0], abs=0.01)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_local_exponent_is_that_of_the_whole_error(form, share):
    law = bs.TwoStageLaw(stage_two=form)
    at = {"level": np.array(0.4), "exponent": np.array(0.3), "share": share}
    low, high = (
        (1 - share) * np.exp(law.log_error({"x": np.array(x)}, law.terms(at))) + share * np.exp(0.4)
        for x in (-1e-4, 1e-4)
    )
    local = -(np.log(high) - np.log(low)) / 2e-4
    assert local * law.exponent_per_local(0.4) == pytest.approx(0.3, rel=1e-5)
    if form == "logistic":
        assert law.derived(at)["local_exponent"] == pytest.approx(local, rel=1e-5)
    else:
        assert law.derived(at) == {}


@given(level=st.floats(-0.5, 2.0), exponent=st.floats(0.02, 0.15), reducible=st.floats(-1.5, 1.5))
def test_stage_one_is_an_irreducible_loss_and_a_power_law(level, exponent, reducible):
    law = LossLaw()
    at = {"level": level, "exponent": exponent, "reducible": reducible}
    x = np.array([0.0, 1.0, 5.0, 400.0])
    loss = np.exp(law.log_error({"x": x}, law.terms(at)))
    derived = law.derived({name: np.array(value) for name, value in at.items()})
    irreducible, far = derived["irreducible"], derived["asymptotic_exponent"]
    assert loss[0] == pytest.approx(np.exp(level))
    assert (loss - irreducible)[:3] == pytest.approx((loss[0] - irreducible) * np.exp(-far * x[:3]), rel=1e-6)
    step = np.diff(law.log_error({"x": np.array([-1e-4, 1e-4])}, law.terms(at)))[0] / 2e-4
    assert step == pytest.approx(-exponent, rel=1e-5)  # the exponent is that of the whole loss at the reference


def test_stage_one_of_params_and_tokens_is_the_published_sum():
    law = LossLaw("ratio")
    at = {"level": 1.0, "exponent": 0.06, "reducible": 0.4, "split": 0.3, "tilt": 0.2}
    n, d = np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0])
    reference, rows = _RatioReference(), _RatioRows(n.ravel(), d.ravel())
    inputs = law.inputs(reference, rows)
    loss = np.exp(law.log_error(inputs, law.terms(at))).reshape(3, 3)
    derived = law.derived({name: np.array(value) for name, value in at.items()})
    excess = loss - derived["irreducible"]
    # A / N^a + B / D^b has no interaction: rows and columns add up.
    assert excess - excess[1] - excess[:, [1]] + excess[1, 1] == pytest.approx(np.zeros((3, 3)), abs=1e-9)
    of_params = excess[1, :] - excess[1, 1]
    a = derived["params_exponent"]
    assert of_params[0] / of_params[2] == pytest.approx((np.exp(a) - 1) / (np.exp(-a) - 1), rel=1e-6)


class _RatioReference:
    """Reference budgets of 1, whatever the benchmark."""

    def centre_of(self, _, benchmark):
        return np.zeros(len(benchmark))


class _RatioRows:
    """Rows at given log params and tokens."""

    def __init__(self, log_params, log_tokens):
        self.log_params, self.log_tokens = log_params, log_tokens
        self.log_flops = log_params + log_tokens
        self.benchmark = np.zeros(len(log_params), int)


def test_priors_of_stage_one_stand_behind_their_prefix():
    law = bs.TwoStageLaw(loss_law_noise=0.01, run_sd=None, inputs="ratio")
    assert law.stage_one == LossLaw("ratio", law_noise=0.01)
    assert law.leaves_out("run_sd")
    assert not law.stage_one.leaves_out("run_sd")
    assert law.stage_one.leaves_out("ceiling")
    assert {"loss_level", "loss_exponent", "loss_reducible", "loss_split", "level"} <= set(law.priors.index)
    assert law.priors["meaning"]["loss_level"].startswith("stage one: ")
    assert law.with_priors(loss_level=0.5).stage_one.prior("level") == bs.Fixed(0.5)


@pytest.mark.parametrize("law", [bs.TwoStageLaw("ratio", "linear", "bpb", loss_exponent=0.1), LossLaw("ratio")])
def test_both_stages_survive_json(law):
    assert law_from_json(law.to_json()) == law


def test_options_change_and_are_checked():
    law = bs.TwoStageLaw(loss="loss_c4", level=0.5)
    point = law.with_options(stage_one="point")
    assert point.propagates == "point"
    assert (point.loss, point.prior("level")) == ("loss_c4", bs.Fixed(0.5))
    with pytest.raises(ValueError, match="stage_two='cubic'; expected 'logistic' or 'linear' or 'gompertz'"):
        bs.TwoStageLaw(stage_two="cubic")
    with pytest.raises(ValueError, match="inputs='flops'; expected 'compute' or 'ratio'"):
        bs.TwoStageLaw("flops")
    with pytest.raises(TypeError, match="loss=3; expected the name of a column"):
        bs.TwoStageLaw(loss=3)
    with pytest.raises(TypeError, match="no prior named 'loss_ceiling'"):
        bs.TwoStageLaw(loss_ceiling=None)
