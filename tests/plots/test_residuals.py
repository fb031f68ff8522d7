import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.plots._residuals import standardised_residuals


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes}


def scores(axes):
    return [line for line in axes.get_lines() if line.get_label() == "scores"]


@pytest.fixture(scope="module")
def figure(families_fit):
    return bs.plots.residuals(families_fit)


def test_a_panel_each_benchmark_and_one_for_the_runs(figure, families_fit):
    titles = list(panels(figure))
    assert titles == [*families_fit.reference.labels, "effects of runs, shared by all their benchmarks"]


def test_every_residual_and_every_run_is_drawn(figure, families_fit):
    *benchmarks, runs = panels(figure).values()
    drawn = np.concatenate([line.get_ydata() for axes in benchmarks for line in scores(axes)])
    np.testing.assert_allclose(np.sort(drawn), np.sort(standardised_residuals(families_fit)))
    assert len(scores(runs)) == len(families_fit.reference.runs)
    for axes in benchmarks:
        assert axes.get_ylim()[0] < drawn.min()
        assert drawn.max() < axes.get_ylim()[1]


def test_run_effects_are_the_posterior_medians(figure, families_fit):
    drawn = [line.get_ydata()[0] for line in scores(list(panels(figure).values())[-1])]
    np.testing.assert_allclose(drawn, families_fit.posterior["run_effect"].median(("chain", "draw")))


def test_families_can_be_chosen(families_fit):
    figure = bs.plots.residuals(families_fit, family="OPT", benchmark="piqa")
    benchmark, runs = figure.axes
    of_family = families_fit.runs.frame.query("family == 'OPT'")
    assert len(scores(runs)) == of_family["run"].nunique()
    assert len(scores(benchmark)[0].get_xdata()) == (of_family["benchmark"] == "piqa").sum()


def test_residuals_of_a_good_fit_are_of_the_order_of_1(cerebras_fit):
    z = standardised_residuals(cerebras_fit)
    assert z.shape == (len(cerebras_fit.runs),)
    assert 0.2 < z.std() < 1.5
    assert np.abs(z).max() < 4


def test_a_law_without_run_effects_has_no_panel_for_them(cerebras_fit):
    from bayes_scaling.posterior import Fit

    tree = cerebras_fit.tree.copy()
    tree["posterior"] = tree["posterior"].to_dataset().drop_vars("run_effect")
    law = cerebras_fit.law.with_priors(run_sd=None)
    fit = Fit(law, cerebras_fit.runs, cerebras_fit.reference, tree, cerebras_fit.provenance)
    assert list(panels(bs.plots.residuals(fit))) == list(cerebras_fit.reference.labels)
