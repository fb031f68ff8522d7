import numpy as np
import pytest
from drawn import legend, lines, titles
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.contour import ContourSet

import bayes_scaling as bs
from bayes_scaling.plots._pass_contours import _refined


def parts(axes, kind):
    return [part for part in axes.collections if type(part) is kind or (kind is ContourSet and isinstance(part, kind))]


@pytest.fixture(scope="module")
def figure(rates_fit):
    return bs.plots.pass_contours(rates_fit)


def test_one_plane_of_budgets_and_attempts_a_benchmark(figure):
    assert titles(figure) == ["code", "maths"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert axes.get_ylim()[1] == 160
        budget, attempts = lines(axes, "end of what was fitted")
        assert budget.get_xdata()[0] == pytest.approx(1e21)
        assert attempts.get_ydata()[0] == 16
    assert figure.axes[-1].get_xlabel() == "training FLOPs"
    assert figure.get_supylabel().startswith("k, attempts")
    assert "fitted rates, in the same colours" in legend(figure)


def test_every_rate_is_drawn_in_its_colour(figure, rates_fit):
    for axes, benchmark in zip(figure.axes, rates_fit.reference.labels, strict=True):
        frame = rates_fit.runs.select(benchmark=benchmark).frame
        [dots] = parts(axes, PathCollection)
        [plane] = parts(axes, QuadMesh)
        np.testing.assert_allclose(dots.get_offsets(), frame[["flops", "k"]])
        np.testing.assert_allclose(dots.get_array(), frame["accuracy"])
        assert dots.get_clim() == plane.get_clim()


def test_lines_of_equal_rate_stand_at_the_levels_and_are_labelled(rates_fit):
    [axes] = bs.plots.pass_contours(rates_fit, benchmark="code", levels=[0.6, 0.4], flops_to=1e22, k_to=64).axes
    [contours] = [part for part in axes.collections if hasattr(part, "levels")]
    assert list(contours.levels) == [0.4, 0.6]
    assert {text.get_text() for text in axes.texts} >= {"0.4", "0.6"}
    assert axes.get_xlim()[1] == pytest.approx(1e22)
    with pytest.raises(ValueError, match=r"levels is \(40,\); expected rates between 0 and 1"):
        bs.plots.pass_contours(rates_fit, levels=[40])


def test_the_plane_is_the_expected_rate(rates_fit):
    [axes] = bs.plots.pass_contours(rates_fit, benchmark="code").axes
    [plane] = parts(axes, QuadMesh)
    flops, k = plane.get_coordinates()[0, 60, 0], plane.get_coordinates()[0, 60, 1]
    assert k == pytest.approx(1)
    at = bs.budgets(flops=flops, k=1, benchmark="code")
    expected = bs.forecast(rates_fit, at, random_seed=1).draws["expected"].median().item()
    assert plane.get_array().reshape(120, 120)[0, 60] == pytest.approx(expected, abs=0.01)


def test_refined_rates_meet_the_given_ones():
    flops, ks = np.geomspace(1e20, 1e22, 6), np.array([1.0, 4.0])
    rate = 1 - np.exp(-0.1 * np.outer(flops / 1e21, ks) ** 0.3)
    fine_flops, fine_ks, fine = _refined(flops, ks, rate)
    np.testing.assert_allclose(fine[[0, -1]][:, [0, -1]], rate[[0, -1]][:, [0, -1]], rtol=1e-6)
    assert (np.diff(fine, axis=0) > 0).all()
    assert (fine_flops[-1], fine_ks[-1]) == (pytest.approx(1e22), pytest.approx(4))
