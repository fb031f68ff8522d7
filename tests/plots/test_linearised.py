import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.plots._linearised import item_sd, log_error


def count(figure, label):
    return sum(len(line.get_xdata()) for axes in figure.axes for line in axes.get_lines() if line.get_label() == label)


@pytest.fixture(scope="module")
def figure(cerebras_fit):
    return bs.plots.linearised(cerebras_fit)


def test_no_score_is_dropped(figure, cerebras_fit):
    below = int((cerebras_fit.runs.frame["accuracy"].to_numpy() <= cerebras_fit.rows.floor).sum())
    assert below > 0
    assert count(figure, "off scale") == below
    assert count(figure, "scores") == len(cerebras_fit.runs) - below
    assert "at or below the floor (no finite value)" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_points_are_the_law_s_log_errors(figure, cerebras_fit):
    frame = cerebras_fit.runs.frame.query("benchmark == 'lambada_openai'")
    axes = figure.axes[cerebras_fit.reference.labels.index("lambada_openai")]
    [drawn] = [line for line in axes.get_lines() if line.get_label() == "scores"]
    np.testing.assert_allclose(drawn.get_ydata(), np.log(-np.log(frame["accuracy"])))
    np.testing.assert_allclose(drawn.get_xdata(), frame["flops"])


def test_panels_are_labelled(figure, cerebras_fit):
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(cerebras_fit.reference.labels)
    assert "log(−log Q)" in figure.get_supylabel()
    assert figure.axes[-1].get_xlabel() == "training FLOPs"


def test_limits_stay_finite_where_bars_do_not(figure):
    for axes in figure.axes:
        assert np.isfinite(axes.get_ylim()).all()
        assert np.ptp(axes.get_ylim()) < 10


def test_log_error_of_the_edges():
    np.testing.assert_array_equal(log_error(np.array([0.2, 0.25, 1.0]), 0.25), [np.inf, np.inf, -np.inf])


def test_item_sd_falls_with_the_number_of_items(cerebras_fit):
    sd, n = item_sd(cerebras_fit), cerebras_fit.rows.n_items
    assert sd.shape == n.shape
    assert sd[n > 5000].mean() < sd[n < 1500].mean()
