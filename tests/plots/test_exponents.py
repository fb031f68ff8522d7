import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.plots._exponents import new_benchmark


def markers(axes):
    return [line for line in axes.get_lines() if line.get_label() == "scores"]


def test_one_row_a_benchmark_the_largest_on_top(cerebras_fit):
    [axes] = bs.plots.exponents(cerebras_fit).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    medians = cerebras_fit.posterior["exponent"].median(("chain", "draw"))
    drawn = [line.get_xdata()[0] for line in markers(axes)]
    np.testing.assert_allclose(drawn, [medians.sel(curve=name) for name in names])
    assert sorted(names) == sorted(cerebras_fit.reference.labels)
    assert drawn == sorted(drawn)
    assert axes.get_xlim()[0] == 0
    assert axes.get_xlabel() == "exponent at the reference budget"


def test_families_have_a_mark_each(families_fit):
    figure = bs.plots.exponents(families_fit)
    [axes] = figure.axes
    assert len(markers(axes)) == 9
    assert len({line.get_marker() for line in markers(axes)}) == 3
    assert set(families_fit.reference.families) <= {text.get_text() for text in figure.legends[0].get_texts()}


def test_the_population_s_bands_hold_its_median(cerebras_fit):
    [axes] = bs.plots.exponents(cerebras_fit).axes
    wide, narrow = (patch.get_x() + np.array([0, patch.get_width()]) for patch in axes.patches[:2])
    median = float(cerebras_fit.posterior["exponent_population"].median())
    assert wide[0] < narrow[0] < median < narrow[1] < wide[1]


def test_a_new_benchmark_spreads_about_the_population():
    draws = {"exponent_population": np.full(20_000, 0.2), "exponent_benchmark_sd": np.full(20_000, 0.3)}
    values = np.log(new_benchmark(draws, np.random.default_rng(1)))
    assert values.mean() == pytest.approx(np.log(0.2), abs=0.01)
    assert values.std() == pytest.approx(0.3, abs=0.01)
