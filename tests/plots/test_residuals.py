import numpy as np
import pytest
from drawn import lines

import bayes_scaling as bs
from bayes_scaling.plots._residuals import standardised_residuals


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes}


@pytest.fixture(scope="module")
def figure(families_fit):
    return bs.plots.residuals(families_fit)


def test_a_panel_each_benchmark_and_one_for_the_runs(figure, families_fit):
    titles = list(panels(figure))
    assert titles == [*families_fit.reference.labels, "effects of runs, shared by all their benchmarks"]


def test_every_residual_and_every_run_is_drawn(figure, families_fit):
    *benchmarks, runs = panels(figure).values()
    drawn = np.concatenate([line.get_ydata() for axes in benchmarks for line in lines(axes, "scores")])
    np.testing.assert_allclose(np.sort(drawn), np.sort(standardised_residuals(families_fit).z))
    assert len(lines(runs, "scores")) == len(families_fit.reference.runs)
    for axes in benchmarks:
        assert axes.get_ylim()[0] < drawn.min()
        assert drawn.max() < axes.get_ylim()[1]


def test_run_effects_are_the_posterior_medians(figure, families_fit):
    drawn = [line.get_ydata()[0] for line in lines(list(panels(figure).values())[-1], "scores")]
    np.testing.assert_allclose(drawn, families_fit.posterior["run_effect"].median(("chain", "draw")))


def test_families_can_be_chosen(families_fit):
    figure = bs.plots.residuals(families_fit, family="OPT", benchmark="piqa")
    benchmark, runs = figure.axes
    of_family = families_fit.runs.frame.query("family == 'OPT'")
    assert len(lines(runs, "scores")) == of_family["run"].nunique()
    assert len(lines(benchmark, "scores")[0].get_xdata()) == (of_family["benchmark"] == "piqa").sum()


def test_residuals_of_a_good_fit_are_of_the_order_of_1(cerebras_fit):
    z = standardised_residuals(cerebras_fit).z
    assert z.shape == (len(cerebras_fit.runs),)
    assert 0.2 < z.std() < 1.5
    assert np.abs(z).max() < 4


def test_a_law_without_run_effects_has_no_panel_for_them(cerebras_fit):
    from bayes_scaling.posterior.fit import Fit

    tree = cerebras_fit.tree.copy()
    tree["posterior"] = tree["posterior"].to_dataset().drop_vars("run_effect")
    law = cerebras_fit.law.with_priors(run_sd=None)
    fit = Fit(law, cerebras_fit.runs, cerebras_fit.fitted, tree, cerebras_fit.provenance)
    assert list(panels(bs.plots.residuals(fit))) == list(cerebras_fit.reference.labels)


def test_residuals_of_rates_are_those_of_the_values_that_the_likelihood_sees(rates_fit):
    found = standardised_residuals(rates_fit)
    observed = rates_fit.fitted.observed
    assert found.z.shape == found.row.shape == observed.values.shape
    assert set(found.row) == set(range(len(observed.sets)))
    assert np.abs(found.z).max() < 4
    code, maths, _ = panels(bs.plots.residuals(rates_fit)).values()
    drawn = np.concatenate([line.get_ydata() for axes in (code, maths) for line in lines(axes, "scores")])
    np.testing.assert_allclose(np.sort(drawn), np.sort(found.z))


def test_residuals_of_counts_are_those_of_their_rates_at_the_ends(counts_fit):
    found = standardised_residuals(counts_fit)
    np.testing.assert_array_equal(found.row, np.repeat(np.arange(10), 2))
    assert 0.05 < found.z.std() < 1.5
    assert list(panels(bs.plots.residuals(counts_fit)))[:2] == ["code", "maths"]


def test_a_law_of_sizes_has_a_residual_a_score(ratio_fit):
    assert len(standardised_residuals(ratio_fit).z) == len(ratio_fit.runs)
