import pytest
from ladder_tables import constant_tokens, one_ratio
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import quiet_forecast


@pytest.fixture(scope="module")
def fit():
    return prior_fit(bs.GeneralLaw(), one_ratio(), draws=20)


def test_flops_alone_are_taken_at_the_one_ratio_of_a_family(fit):
    alone = quiet_forecast(fit, bs.budgets(flops=[1e22, 1e23]), 1)
    given = quiet_forecast(fit, bs.budgets(flops=[1e22, 1e23], ratio=20), 1)
    assert alone.array("score") == pytest.approx(given.array("score"))
    assert (alone.points["tokens"] / alone.points["params"]).to_numpy() == pytest.approx(20)
    note = "budgets of FLOPs alone are taken at the tokens per parameter of the fitted runs: 20 along suite"
    assert note in alone.notes
    assert note not in given.notes


def test_a_ladder_without_one_ratio_needs_it_said():
    fit = prior_fit(bs.GeneralLaw(), constant_tokens(), draws=20)
    said = r"FLOPs alone, .* GeneralLaw reads params and tokens too: give ratio= .* from 3000 to 30 along suite"
    with pytest.raises(ValueError, match=said):
        quiet_forecast(fit, bs.budgets(flops=1e23), 1)


def test_planning_asks_at_the_same_ratio(fit):
    alone, given = (bs.budget_for(fit, "piqa", 0.7, 0.5, ratio=ratio) for ratio in (None, 20))
    assert alone.flops == pytest.approx(given.flops)


def test_a_law_of_flops_alone_needs_no_sizes():
    fit = prior_fit(bs.GeneralLaw("compute"), one_ratio(), draws=20)
    found = quiet_forecast(fit, bs.budgets(flops=1e23), 1)
    assert "params" not in found.points
    assert not any("FLOPs alone" in note for note in found.notes)
