import numpy as np
import pytest
from attempt_tables import counts_runs, rates_runs
from drawn import count, legend, lines, texts, titles, values

import bayes_scaling as bs
from bayes_scaling.plots._pass_at_k import attempts_grid


@pytest.fixture(scope="module")
def figure(rates_fit):
    return bs.plots.pass_at_k(rates_fit)


def test_one_panel_a_benchmark_and_one_labelled_line_a_fitted_budget(figure, rates_fit):
    assert titles(figure) == ["code", "maths"]
    assert figure.get_supylabel() == "pass@k"
    assert figure.axes[-1].get_xlabel().startswith("k, attempts")
    for axes in figure.axes:
        assert texts(axes) == ["1e19", "3.2e19", "1e20", "3.2e20", "1e21"]
        assert len(axes.collections) == 5
    assert {"largest fitted k", "expected rate, 90%", "numbers: training FLOPs"} <= set(legend(figure))


def test_every_rate_of_these_budgets_is_drawn(figure, rates_fit):
    for axes, benchmark in zip(figure.axes, rates_fit.reference.labels, strict=True):
        np.testing.assert_allclose(
            values(axes, "scores"), np.sort(rates_fit.runs.select(benchmark=benchmark).frame["accuracy"])
        )


def test_lines_go_a_decade_beyond_the_largest_fitted_k_which_is_marked(figure):
    for axes in figure.axes:
        drawn = [line for line in axes.get_lines() if len(line.get_xdata()) > 10]
        assert {float(line.get_xdata()[0]) for line in drawn} == {1.0}
        assert {float(line.get_xdata()[-1]) for line in drawn} == {160.0}
        assert lines(axes, "largest fitted k")[0].get_xdata()[0] == 16
        solid, dashed = drawn[:2]
        assert np.nanmax(np.where(np.isnan(solid.get_ydata()), np.nan, solid.get_xdata())) == 16
        assert np.nanmin(np.where(np.isnan(dashed.get_ydata()), np.nan, dashed.get_xdata())) == 16


def test_lines_rise_with_k_and_with_the_budget(figure):
    for axes in figure.axes:
        solid = [line.get_ydata() for line in axes.get_lines() if len(line.get_xdata()) > 10][::2]
        inside = ~np.isnan(solid[0])
        assert all((np.diff(y[inside]) > 0).all() for y in solid)
        assert (np.diff([y[0] for y in solid]) > 0).all()


def test_budgets_that_are_asked_for_have_the_runs_near_them(rates_fit):
    figure = bs.plots.pass_at_k(rates_fit, [1.1e20, 1e23], benchmark="code", k_to=32)
    [axes] = figure.axes
    assert texts(axes) == ["1.1e20", "1e23"]
    assert count(axes, "scores") == 3
    assert max(line.get_xdata()[-1] for line in axes.get_lines() if len(line.get_xdata()) > 10) == 32


def test_held_out_rates_are_stars_with_a_line_of_their_own(rates_fit):
    held_out = rates_runs(flops=(1e22,), prefix="larger")
    figure = bs.plots.pass_at_k(rates_fit, held_out=held_out, benchmark="maths")
    [axes] = figure.axes
    assert texts(axes)[-1] == "1e22"
    np.testing.assert_allclose(values(axes, "held out"), np.sort(held_out.select(benchmark="maths").frame["accuracy"]))
    assert "held-out rates" in legend(figure)


def test_counts_are_drawn_as_rates_at_powers_of_two(counts_fit):
    figure = bs.plots.pass_at_k(counts_fit, [1e21], counts_runs(flops=(1e21,), prefix="other"), benchmark="code")
    [axes] = figure.axes
    assert count(axes, "scores") == count(axes, "held out") == 6
    frame = counts_fit.runs.frame.query("benchmark == 'code' and run == 'run4'")
    expected = [np.mean(bs.pass_at_k(frame["n_samples"], frame["n_correct"], k)) for k in (1, 2, 4, 8, 16, 32)]
    np.testing.assert_allclose(values(axes, "scores"), expected)
    assert lines(axes, "largest fitted k")[0].get_xdata()[0] == 32


def test_rates_at_other_ratios_are_hollow(sized_fit):
    figure = bs.plots.pass_at_k(sized_fit, ratio=10)
    [axes] = figure.axes
    faces = {line.get_markerfacecolor() for line in lines(axes, "scores")}
    assert "white" in faces
    assert len(faces) > 1
    assert {"hollow: tokens/param. over 2x off", "expected rate at 10 tokens/param."} <= set(legend(figure))


def test_the_grid_of_attempts_holds_the_largest_fitted_k():
    for largest, end in ((100, None), (16, 12), (1, 2)):
        grid = attempts_grid(largest, end)
        assert (np.diff(grid) > 0).all()
        assert (grid[0], grid[-1]) == (1, end or 10 * largest)
        assert min(largest, grid[-1]) in grid


def test_other_laws_and_attempts_are_refused(rates_fit, cerebras_fit):
    for draw in (bs.plots.pass_at_k, bs.plots.pass_rates, bs.plots.pass_contours):
        with pytest.raises(ValueError, match=rf"{draw.__name__}\(\) needs a law of attempts, PassAtKLaw\(\); this fit"):
            draw(cerebras_fit)
        with pytest.raises(ValueError, match="benchmark 'gsm8k' was not fitted"):
            draw(rates_fit, benchmark="gsm8k")
        with pytest.raises(ValueError, match="ratio=20 goes with a law of params and tokens; this fit's PassAtKLaw"):
            draw(rates_fit, ratio=20)
    for draw in (bs.plots.pass_at_k, bs.plots.pass_contours):
        with pytest.raises(ValueError, match=r"k_to is 1\.5; expected a whole number above 1"):
            draw(rates_fit, k_to=1.5)
