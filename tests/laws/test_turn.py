import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.laws.turn import exponents_around, from_line_to_reference, softened, turned_log_error


@given(st.floats(0.02, 1), st.floats(0.02, 2), st.floats(-6, 6))
def test_the_turn_goes_from_one_exponent_to_the_other(before, after, break_point):
    far = np.array([-61.0, -60.0, 0.0, 60.0, 61.0])
    past = softened(0.0, break_point, width=1.0)
    error = turned_log_error(-before * far, far, before, after, break_point, past, width=1.0)
    assert error[2] == pytest.approx(0.0, abs=1e-12)
    assert error[0] - error[1] == pytest.approx(before, rel=1e-6)
    assert error[3] - error[4] == pytest.approx(after, rel=1e-6)


@given(
    st.floats(-2, 2), st.floats(0.05, 0.5), st.floats(0, 2), st.floats(-3, 3), st.floats(0.3, 2.5), st.floats(0.5, 1.0)
)
def test_what_is_pooled_is_the_line_through_the_runs(level, exponent, change, break_point, spread, width):
    """Over normal log FLOPs about the reference the curve's mean and slope are nearly the line's."""
    line = {"level": level, "exponent": np.log(exponent), "break_point": break_point}
    shift = from_line_to_reference(line, change, np.array([spread]), width)
    at = {name: line[name] + values for name, values in shift.items()}
    of = exponents_around(np.exp(at["exponent"]), change, break_point, width)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    x, weights = spread * nodes, weights / weights.sum()
    turn = (of["exponent_before"], of["exponent_after"], break_point, softened(0.0, break_point, width))
    curve = turned_log_error(at["level"] - of["exponent_before"] * x, x, *turn, width)
    gain = of["exponent_after"] - of["exponent_before"]
    assert weights @ curve == pytest.approx(level, abs=0.05 * gain[0] * (width + spread) + 1e-9)
    assert -(weights * nodes) @ curve / spread == pytest.approx(exponent, abs=0.05 * gain[0] + 1e-9)


def test_with_its_runs_at_one_budget_or_without_a_change_the_line_is_the_curve():
    line = {"level": 0.3, "exponent": np.log(0.2), "break_point": 0.5}
    for change, spread in ((1.0, 0.0), (0.0, 2.0)):
        shift = from_line_to_reference(line, change, np.array([spread]), 1.0)
        assert shift["level"] == pytest.approx(0.0, abs=1e-12)
        assert shift["exponent"] == pytest.approx(0.0, abs=1e-12)
