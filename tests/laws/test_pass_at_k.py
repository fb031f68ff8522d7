import numpy as np
import pytest
from attempt_tables import rates_runs
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

import bayes_scaling as bs
from bayes_scaling.laws import law_from_json
from bayes_scaling.laws.general import GeneralLaw
from bayes_scaling.laws.hazards import (
    beta_log_hazard,
    beta_shapes,
    log_hazard,
    log_linear_log_error,
    tail_log_hazard,
    with_log_hazard_raised,
)
from bayes_scaling.model.specification import specify

firsts = st.floats(-14, 1)
log_bends = st.floats(-6, 9)
curvatures = st.floats(0.5, 2.0)
K = np.geomspace(1, 1e5, 60)


def rate(hazard):
    return -np.expm1(-np.exp(hazard))


@given(firsts, log_bends, curvatures)
def test_tail_starts_at_the_first_and_rises_concavely(first, log_bend, curvature):
    hazard = tail_log_hazard(first, log_bend, K, curvature)
    assert hazard[0] == pytest.approx(first)
    assert np.isfinite(hazard).all()
    passed = rate(hazard)
    assert (np.diff(passed) >= -1e-12).all()
    slopes = np.diff(passed) / np.diff(K)
    assert (np.diff(slopes) <= 1e-12).all()


@given(firsts, log_bends)
def test_curvature_of_one_is_the_gamma_distribution(first, log_bend):
    gamma = tail_log_hazard(first, log_bend, K)
    assert np.allclose(tail_log_hazard(first, log_bend, K, 1 + 1e-9), gamma, atol=1e-6)
    shape = np.exp(first) / np.log1p(np.exp(-log_bend))
    assert np.allclose(rate(gamma), 1 - (1 + K * np.exp(-log_bend)) ** -shape, atol=1e-9)


def test_tail_is_the_mean_over_problems_of_gamma_distributed_rates():
    rng = np.random.default_rng(1)
    shape, bend = 0.6, 20.0
    rates = rng.gamma(shape, 1 / bend, 400_000)
    first = np.log(shape * np.log1p(1 / bend))
    k = np.array([1.0, 10.0, 100.0])
    assert rate(tail_log_hazard(first, np.log(bend), k)) == pytest.approx(
        [(1 - np.exp(-rates * n)).mean() for n in k], rel=0.01
    )


@given(st.floats(0.01, 12), st.floats(-4, 7))
def test_beta_curve_is_close_to_the_tail_and_equal_at_one(error, log_bend):
    tail = rate(tail_log_hazard(log_hazard(error), log_bend, K))
    beta = rate(beta_log_hazard(error, log_bend, K))
    assert beta[0] == pytest.approx(np.exp(-error), rel=1e-6)
    assert np.abs(tail - beta).max() < 0.0135
    a, b = beta_shapes(error, log_bend)
    assert a / (a + b) == pytest.approx(np.exp(-error))


@given(st.floats(0, 600))
def test_log_hazard_holds_from_certain_to_hopeless(error):
    found = log_hazard(error)
    assert np.isfinite(found)
    if 0.01 < error < 30:
        assert found == pytest.approx(np.log(-np.log1p(-np.exp(-error))), rel=1e-9)
    if error > 30:
        assert found == pytest.approx(-error, abs=1e-9)


@given(st.floats(600, 1e300), log_bends)
def test_beta_shapes_stay_within_what_floats_hold(error, log_bend):
    a, b = beta_shapes(error, log_bend)
    assert 0 < a < b < np.inf
    assert np.isfinite(beta_log_hazard(error, log_bend, K)).all()


def test_log_linear_form_is_the_published_law():
    """log(-log Q) = log A + alpha log C + beta log k + delta log C log k, with alpha and beta negative."""
    log_a, alpha, beta, delta, x, log_k = 1.0, -0.2, -0.3, 0.01, 2.0, 3.0
    first = log_a + alpha * x
    found = log_linear_log_error(first, x, log_k, gain=-beta, interaction=delta)
    assert found == pytest.approx(log_a + alpha * x + beta * log_k + delta * x * log_k)


@pytest.mark.parametrize("form", ["tail", "log-linear"])
@pytest.mark.parametrize("inputs", [None, "compute", "ratio"])
def test_law_survives_json_and_changes_of_priors(form, inputs):
    law = bs.PassAtKLaw(form, inputs, set_sd=0.1)
    assert law_from_json(law.to_json()) == law
    changed = law.with_priors(set_sd=0.2)
    assert (changed.form, changed.inputs_from) == (form, inputs)
    assert changed != law
    assert law.priors["meaning"].str.len().min() > 10


@pytest.mark.parametrize(("arguments", "message"), [({"form": "log"}, "form='log'"), ({"inputs": "N"}, "inputs='N'")])
def test_unknown_options_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.PassAtKLaw(**arguments)


@pytest.mark.parametrize("log_bend", [-60.0, 0.0, 14.0, 31.0, 60.0])
def test_counts_are_smooth_in_the_bend_however_late_it_comes(log_bend):
    """Rounding of large shapes would make the likelihood jump, and chains get stuck."""
    bends = log_bend + np.linspace(0, 1e-3, 21)
    a, b = beta_shapes(13.0, bends)
    n, c = 64, 0
    terms = gammaln(a + c) + gammaln(b + n - c) - gammaln(a + b + n) + gammaln(a + b) - gammaln(a) - gammaln(b)
    assert np.isfinite(terms).all()
    assert np.abs(np.diff(terms, 2)).max() < 1e-7
    assert terms == pytest.approx(-n * np.exp(-13.0), abs=1e-3)


def test_bends_far_out_of_sight_give_numbers():
    """Found by simulation: such a bend made the rates of one simulation in two hundred no numbers."""
    with np.errstate(over="ignore"):
        late = tail_log_hazard(-2.0, np.array([800.0, 1e4]), 8.0, 1.1)
        early = tail_log_hazard(-2.0, np.array([-800.0, -1e4]), 8.0, 1.1)
    np.testing.assert_allclose(late, np.log(8.0) - 2.0)
    assert np.isfinite(early).all()
    assert ((early >= -2.0) & (early <= late)).all()


# The law at k = 1 -----------------------------------------------------------------------------------------------------


@given(st.floats(0.01, 500), st.floats(-5, 3))
def test_a_raised_log_hazard_is_higher_by_so_much(error, by):
    raised = with_log_hazard_raised(error, by)
    assert raised > 0
    wanted = log_hazard(error) + by
    if wanted < 3 and raised > 1e-9:
        assert log_hazard(raised) == pytest.approx(wanted, abs=1e-5)


@given(st.floats(5, 300), st.floats(-2, 2))
def test_low_rates_are_multiplied(error, by):
    """A deviation of the log hazard counts as much at a rate of .005 as at one of .05."""
    assert error - with_log_hazard_raised(error, by) == pytest.approx(by, abs=0.06)


def test_raised_log_hazards_are_numbers_from_certain_to_hopeless():
    raised = with_log_hazard_raised(np.array([1e-12, 0.1, 10.0, 700.0]), np.array([[-50.0], [0.0], [50.0]]))
    assert np.isfinite(raised).all()
    assert (raised > 0).all()


def test_pass_at_1_follows_the_general_law():
    law, first = bs.PassAtKLaw(inputs="ratio"), GeneralLaw(inputs="ratio")
    assert law.curve_coefficients == first.coefficients
    known = {
        "level": 1.5,
        "exponent": 0.12,
        "split": 0.3,
        "tilt": 0.02,
        "change": 0.5,
        "break_point": 1.0,
        "share": 0.2,
    }
    inputs = {"x": np.array([0.0, 2.0]), "x_params": np.array([0.0, 1.0]), "x_tokens": np.array([0.0, 1.0])}
    assert law.log_error(inputs, law.terms(known)) == pytest.approx(first.log_error(inputs, first.terms(known)))


def test_it_reads_what_the_table_has_unless_told():
    frame = rates_runs().frame
    law = bs.PassAtKLaw().resolve(frame)
    assert law.inputs_from == "ratio"
    assert law.prior("split") == GeneralLaw().resolve(frame).prior("split")
    assert law.resolve(frame) == law
    assert bs.PassAtKLaw().resolve(frame.drop(columns=["params", "tokens"])).inputs_from == "compute"
    assert bs.PassAtKLaw(inputs="compute").resolve(frame).inputs_from == "compute"
    own = bs.PassAtKLaw(split=bs.Normal(0.1, 0.2), set_sd=0.1).resolve(frame)
    assert own.prior("split") == bs.Normal(0.1, 0.2)
    assert own.prior("set_sd").median == 0.1


def test_luck_that_benchmarks_share_is_left_out_where_there_is_one():
    """It could not be told from the scatter of the run on that benchmark."""
    several = rates_runs()
    one = several.select(benchmark="code")
    assert not bs.PassAtKLaw().resolve(several.frame).leaves_out("run_sd")
    assert bs.PassAtKLaw().resolve(one.frame).leaves_out("run_sd")
    assert not bs.PassAtKLaw(run_sd=0.05).resolve(one.frame).leaves_out("run_sd")
    assert "run_effect" not in [effect.name for effect in specify(bs.PassAtKLaw(), one).layout.effects]


@pytest.mark.parametrize("form", ["tail", "log-linear"])
def test_it_deviates_in_the_log_hazard_in_how_it_bends_and_in_k(form):
    layout = specify(bs.PassAtKLaw(form), rates_runs()).layout
    names = [effect.name for effect in layout.effects]
    assert {"hazard_benchmark_deviation", "drift_benchmark_deviation"} <= set(names)
    assert ("k_deviation" in names) is (form == "log-linear")
    assert "benchmark_deviation" not in names
    changed = bs.PassAtKLaw(form, hazard_benchmark_amplitude=None, k_amplitude=bs.LogNormal(0.01, 0.3))
    names = [effect.name for effect in specify(changed, rates_runs()).layout.effects]
    assert "hazard_benchmark_deviation" not in names
    assert "k_deviation" in names
