import numpy as np
import pytest
from attempt_tables import rates_runs
from drawn import count, legend, lines, texts, titles, values

import bayes_scaling as bs


@pytest.fixture(scope="module")
def figure(rates_fit):
    return bs.plots.pass_rates(rates_fit)


def test_one_panel_a_benchmark_and_one_labelled_line_a_measured_k(figure):
    assert titles(figure) == ["code", "maths"]
    assert figure.get_supylabel() == "pass@k"
    for axes in figure.axes:
        assert texts(axes) == ["k = 1", "k = 4", "k = 16"]
        assert len(axes.collections) == 3
        assert lines(axes, "end of fitted budgets")[0].get_xdata()[0] == pytest.approx(1e21)
    assert {"fitted rates", "expected rate, median", "expected rate, 90%"} <= set(legend(figure))


def test_every_rate_is_drawn_within_its_panel(figure, rates_fit):
    for axes, benchmark in zip(figure.axes, rates_fit.reference.labels, strict=True):
        drawn = values(axes, "scores")
        np.testing.assert_allclose(drawn, np.sort(rates_fit.runs.select(benchmark=benchmark).frame["accuracy"]))
        assert axes.get_ylim()[0] < drawn[0]
        assert drawn[-1] < axes.get_ylim()[1]


def test_a_k_that_was_not_measured_has_a_line_without_points(rates_fit):
    [axes] = bs.plots.pass_rates(rates_fit, [2, 2, 16], benchmark="code").axes
    assert texts(axes) == ["k = 2", "k = 16"]
    assert count(axes, "scores") == 5


def test_held_out_rates_are_stars_and_the_lines_reach_them(rates_fit):
    held_out = rates_runs(flops=(2e22,), prefix="larger")
    figure = bs.plots.pass_rates(rates_fit, held_out=held_out, benchmark="code")
    [axes] = figure.axes
    assert count(axes, "held out") == 3
    assert max(line.get_xdata()[-1] for line in axes.get_lines()) == pytest.approx(2.6e22)
    assert "held-out rates" in legend(figure)


def test_counts_are_drawn_at_any_k_that_they_allow(counts_fit):
    [axes] = bs.plots.pass_rates(counts_fit, [1, 10, 100], benchmark="maths").axes
    assert count(axes, "scores") == 10
    frame = counts_fit.runs.frame.query("benchmark == 'maths' and run == 'run0'")
    expected = np.mean(bs.pass_at_k(frame["n_samples"], frame["n_correct"], 10))
    assert np.isclose(values(axes, "scores"), expected).any()


def test_a_law_of_sizes_is_drawn_at_the_typical_ratio(sized_fit):
    figure = bs.plots.pass_rates(sized_fit, [1])
    assert "expected rate at 40 tokens/param." in legend(figure)
    assert "expected rate at 10 tokens/param." in legend(bs.plots.pass_rates(sized_fit, [1], ratio=10))
    with pytest.raises(ValueError, match="k holds 0"):
        bs.plots.pass_rates(sized_fit, [0])
