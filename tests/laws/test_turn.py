import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.laws.turn import softened, turned_log_error


@given(st.floats(0.02, 1), st.floats(0.02, 2), st.floats(-6, 6))
def test_the_turn_goes_from_one_exponent_to_the_other(before, after, break_point):
    far = np.array([-61.0, -60.0, 0.0, 60.0, 61.0])
    past = softened(0.0, break_point, width=1.0)
    error = turned_log_error(-before * far, far, before, after, break_point, past, width=1.0)
    assert error[2] == pytest.approx(0.0, abs=1e-12)
    assert error[0] - error[1] == pytest.approx(before, rel=1e-6)
    assert error[3] - error[4] == pytest.approx(after, rel=1e-6)
