"""Whether a forecast is of runs whose learning rate was decayed."""

import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs


def fitted(annealed, law=None, **columns):
    frame = bs.load_dataset("cerebras_gpt").frame.assign(**columns)
    frame = frame if annealed is None else frame.assign(annealed=annealed)
    return prior_fit(bs.GeneralLaw() if law is None else law, bs.Runs(frame), draws=100)


def both_kinds(law=None):
    """The largest run decayed, the others not."""
    flops = bs.load_dataset("cerebras_gpt").frame["flops"]
    return fitted(np.where(flops == flops.max(), 1.0, 0.0), law)


def asked(fit, annealed, **options):
    return bs.forecast(fit, bs.budgets(1e23, annealed=annealed, **options), random_seed=1)


def said(forecast):
    return [note for note in forecast.notes if "learning" in note]


def test_a_forecast_is_of_the_kind_that_was_asked_for():
    fit = both_kinds()
    usual, decayed, not_decayed = (asked(fit, kind) for kind in (None, True, False))
    assert "annealed" not in usual.points
    assert set(decayed.points["annealed"]) == {1.0}
    assert set(not_decayed.points["annealed"]) == {0.0}
    np.testing.assert_array_equal(usual.array("expected"), decayed.array("expected"))
    assert (not_decayed.array("expected").mean(axis=0) < decayed.array("expected").mean(axis=0)).all()
    of = "scores are of runs whose learning rate "
    assert said(usual) == [f"{of}was decayed, as that of the largest fitted run"]
    assert said(decayed) == [f"{of}was decayed"]
    assert said(not_decayed) == [f"{of}is at its peak"]


def test_where_the_table_has_one_kind_the_step_is_the_priors():
    fit = fitted(0.0)
    usual, decayed = asked(fit, None), asked(fit, True)
    assert (decayed.array("expected").mean(axis=0) > usual.array("expected").mean(axis=0)).all()
    assert said(usual) == [
        "scores are of runs whose learning rate is at its peak, as that of the largest fitted run; annealed=True "
        "forecasts runs where it was decayed"
    ]
    assert "is the prior's: no fitted family has scores of both kinds" in said(decayed)[1]
    assert said(decayed)[1].endswith("the learning rate of its runs is at its peak")


@pytest.mark.parametrize("kind", [True, False])
def test_where_the_table_does_not_say_it_changes_nothing(kind):
    fit = fitted(None)
    usual, other = asked(fit, None), asked(fit, kind)
    assert said(usual) == []
    assert said(other) == [
        "the fitted table does not say whether learning rates were decayed: annealed= changes nothing"
    ]
    np.testing.assert_array_equal(usual.array("score"), other.array("score"))


def test_a_law_that_knows_no_learning_rates_says_so(rates_fit):
    assert said(asked(rates_fit, None, k=1)) == []
    assert said(asked(rates_fit, True, k=1)) == [
        "PassAtKLaw knows nothing of learning rates: annealed= changes nothing"
    ]
    fixed = both_kinds(bs.GeneralLaw(annealing=None))
    assert said(asked(fixed, False)) == ["GeneralLaw knows nothing of learning rates: annealed= changes nothing"]


def test_of_two_stages_the_first_reads_them():
    fit = both_kinds(bs.TwoStageLaw())
    decayed, not_decayed = asked(fit, True), asked(fit, False)
    assert said(not_decayed) == ["scores are of runs whose learning rate is at its peak"]
    assert (not_decayed.array("loss").mean(axis=0) > decayed.array("loss").mean(axis=0)).all()


def test_planned_runs_say_it_row_by_row():
    fit = both_kinds()
    planned = pd.DataFrame({"run": ["x", "y"], "flops": [1e23, 2e23], "params": [1e10, 2e10], "benchmark": "piqa"})
    planned = planned.assign(family="Cerebras-GPT", annealed=[0.0, np.nan])
    [note] = said(bs.forecast(fit, bs.Runs(planned), random_seed=1))
    assert note == (
        "scores are of runs whose learning rate is at 0% to 100% of its peak, as that of the largest fitted run (for 1 "
        "of 2 points)"
    )


def test_a_forecast_keeps_it_in_its_files(tmp_path):
    made = asked(both_kinds(), False)
    for ending, save in (("csv", made.to_csv), ("json", made.to_json), ("nc", made.to_netcdf)):
        save(tmp_path / f"forecast.{ending}")
        again = bs.read_forecast(tmp_path / f"forecast.{ending}")
        assert set(again.points["annealed"]) == {0.0}
        assert said(again) == said(made)
