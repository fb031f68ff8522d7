import numpy as np
import pytest
from drawn import legend, lines
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.plots._exponents import new_benchmark


def test_one_row_a_benchmark_the_largest_on_top(cerebras_fit):
    [axes] = bs.plots.exponents(cerebras_fit).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    medians = cerebras_fit.posterior["exponent"].median(("chain", "draw"))
    drawn = [line.get_xdata()[0] for line in lines(axes, "scores")]
    np.testing.assert_allclose(drawn, [medians.sel(curve=name) for name in names])
    assert sorted(names) == sorted(cerebras_fit.reference.labels)
    assert drawn == sorted(drawn)
    assert axes.get_xlim()[0] == 0
    assert axes.get_xlabel() == "exponent at the reference budget"


def test_families_have_a_mark_each(families_fit):
    figure = bs.plots.exponents(families_fit)
    [axes] = figure.axes
    assert len(lines(axes, "scores")) == 9
    assert len({line.get_marker() for line in lines(axes, "scores")}) == 3
    assert set(families_fit.reference.families) <= set(legend(figure))


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


def test_a_law_of_sizes_has_the_exponents_of_both_beside_that_of_compute(ratio_fit):
    figure = bs.plots.exponents(ratio_fit, family="OPT")
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "exponent of compute",
        "exponent of params",
        "exponent of tokens",
    ]
    summary = ratio_fit.summary().query("family == 'OPT'").set_index(["quantity", "benchmark"])["median"]
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    for axes, quantity in zip(figure.axes, ("exponent", "params_exponent", "tokens_exponent"), strict=True):
        drawn = [line.get_xdata()[0] for line in lines(axes, "scores")]
        np.testing.assert_allclose(drawn, summary.loc[quantity][names])
        assert axes.get_xlim()[0] == 0


def test_the_general_law_has_its_exponent_after_a_turn(families_runs):
    fit = prior_fit(bs.GeneralLaw(), families_runs, draws=50)
    first, after = bs.plots.exponents(fit, family="OPT").axes
    assert [first.get_xlabel(), after.get_xlabel()] == ["exponent at the reference budget", "exponent after a turn"]
    summary = fit.summary().query("family == 'OPT' and quantity == 'exponent_after'").set_index("benchmark")["median"]
    drawn = [line.get_xdata()[0] for line in lines(after, "scores")]
    np.testing.assert_allclose(drawn, summary[[label.get_text() for label in first.get_yticklabels()]])


def test_a_law_of_attempts_has_its_exponents_at_k_1(rates_fit):
    drawn = bs.plots.exponents(rates_fit).axes
    assert drawn[0].get_xlabel() == "exponent at the reference budget"
    assert all(len(lines(axes, "scores")) == 2 for axes in drawn)
