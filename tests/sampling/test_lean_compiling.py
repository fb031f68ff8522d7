import numba
import numpy as np
import pytest

from bayes_scaling.sampling.lean_compiling import short_shape_errors


def assign():
    """A function afresh: numba compiles it when it is first called."""

    @numba.njit
    def into(place, value):
        place[...] = value
        return place

    return into


def test_assignments_are_the_same_and_misfits_still_raise():
    with short_shape_errors():
        into = assign()
        assert into(np.zeros(3), np.arange(3.0)).tolist() == [0, 1, 2]
        with pytest.raises(ValueError, match="the shape of a value differs from that of its place"):
            into(np.zeros(3), np.arange(4.0))


def test_code_compiled_afterwards_has_numbas_own_message():
    with short_shape_errors():
        pass
    with pytest.raises(ValueError, match="cannot assign slice"):
        assign()(np.zeros(3), np.arange(4.0))
