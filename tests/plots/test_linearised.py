import numpy as np
import pytest
from drawn import count, legend, lines, titles

import bayes_scaling as bs
from bayes_scaling.plots._linearised import log_error


def total(figure, label):
    return sum(count(axes, label) for axes in figure.axes)


@pytest.fixture(scope="module")
def figure(cerebras_fit):
    return bs.plots.linearised(cerebras_fit)


def test_no_score_is_dropped(figure, cerebras_fit):
    below = int((cerebras_fit.runs.frame["accuracy"].to_numpy() <= cerebras_fit.rows.floor).sum())
    assert below > 0
    assert total(figure, "off scale") == below
    assert total(figure, "scores") == len(cerebras_fit.runs) - below
    assert "at or below the floor (no finite value)" in legend(figure)


def test_points_are_the_law_s_log_errors(figure, cerebras_fit):
    frame = cerebras_fit.runs.frame.query("benchmark == 'lambada_openai'")
    axes = figure.axes[cerebras_fit.reference.labels.index("lambada_openai")]
    [drawn] = lines(axes, "scores")
    np.testing.assert_allclose(drawn.get_ydata(), np.log(-np.log(frame["accuracy"])))
    np.testing.assert_allclose(drawn.get_xdata(), frame["flops"])


def test_panels_are_labelled(figure, cerebras_fit):
    assert titles(figure) == list(cerebras_fit.reference.labels)
    assert "log(−log Q)" in figure.get_supylabel()
    assert figure.axes[-1].get_xlabel() == "training FLOPs"


def test_limits_stay_finite_where_bars_do_not(figure):
    for axes in figure.axes:
        assert np.isfinite(axes.get_ylim()).all()
        assert np.ptp(axes.get_ylim()) < 10


def test_log_error_of_the_edges():
    np.testing.assert_array_equal(log_error(np.array([0.2, 0.25, 1.0]), 0.25), [np.inf, np.inf, -np.inf])


def test_a_law_of_sizes_is_drawn_at_one_ratio(ratio_fit):
    figure = bs.plots.linearised(ratio_fit, family="OPT", benchmark="piqa", ratio=50)
    assert "expected score at 50 tokens/param." in legend(figure)
    frame = ratio_fit.runs.select(family="OPT", benchmark="piqa").frame
    ratio = frame["tokens"] / frame["params"]
    hollow = [line for line in lines(figure.axes[0], "scores") if line.get_markerfacecolor() == "white"]
    assert sum(len(line.get_xdata()) for line in hollow) == (np.abs(np.log(ratio / 50)) > np.log(2)).sum() > 0


def test_rates_at_a_k_with_their_sampling_noise(rates_fit):
    figure = bs.plots.linearised(rates_fit, k=4)
    assert figure.get_supylabel() == "log(−log pass@4), lower is better"
    frame = rates_fit.runs.frame.query("benchmark == 'code' and k == 4")
    np.testing.assert_allclose(
        lines(figure.axes[0], "scores")[0].get_ydata(), np.log(-np.log(frame["accuracy"].to_numpy()))
    )
    assert {"fitted rates", "± 1 sd of sampling noise"} <= set(legend(figure))
    assert all(np.isfinite(axes.get_ylim()).all() for axes in figure.axes)
