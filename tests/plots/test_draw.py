import pytest

import bayes_scaling as bs


def test_what_has_several_figures_or_none_is_refused(cerebras_fit):
    with pytest.raises(TypeError, match=r"draw\(\) got a Fit; expected one of Allocation, Backtest"):
        bs.plots.draw(cerebras_fit)
