import numpy as np
import pytest
from attempt_tables import counts_runs
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.evaluation.folds import default_cutoffs, make_folds

CEREBRAS = bs.load_dataset("cerebras_gpt")
PILE = bs.load_dataset("pile_suite")


@given(st.lists(st.floats(1e18, 1e24), min_size=5, max_size=40, unique=True))
def test_default_cutoffs_leave_enough_on_both_sides(budgets):
    every = np.unique(budgets)
    apart = every[np.append(np.diff(np.log(every)) > np.log(1.02), True)]
    if len(apart) < 5:
        with pytest.raises(ValueError, match="distinct budgets, too few to choose cutoffs from"):
            default_cutoffs(every)
        return
    chosen = default_cutoffs(every)
    assert 1 <= len(chosen) <= 5
    for cutoff in chosen:
        assert (apart <= cutoff).sum() >= max(4, len(apart) / 3)
        assert (apart > cutoff).any()


def test_every_row_is_on_one_side():
    for fold in make_folds(CEREBRAS, "flops"):
        assert fold.train.frame["flops"].max() <= fold.cutoff < fold.held_out.frame["flops"].min()
        assert len(fold.train) + len(fold.held_out) == len(CEREBRAS)


def test_a_horizon_bounds_what_is_held_out_and_the_lowest_budget_what_is_fitted():
    [whole, later] = make_folds(CEREBRAS, "flops", [1.2e21], horizon=0.9, keep_from=[1e19])
    assert whole.held_out.frame["run"].unique().tolist() == ["Cerebras-6.7B"]
    assert np.isnan(whole.keep_from)
    assert (later.keep_from, later.train.frame["flops"].min()) == (1e19, 1.3e19)
    assert whole.held_out == later.held_out


def test_each_family_is_left_out_once():
    runs = PILE.select(family=["Cerebras-GPT", "Pythia", "OPT"])
    folds = make_folds(runs, "family")
    assert [fold.left_out for fold in folds] == list(runs.families)
    for fold in folds:
        assert fold.held_out.families == (fold.left_out,)
        assert fold.left_out not in fold.train.families


def test_counts_are_held_out_as_rates():
    runs = counts_runs()
    cutoff = sorted(runs.frame["flops"].unique())[2]
    [fold] = make_folds(runs, "flops", [cutoff])
    assert "problem" in fold.train.frame
    assert fold.held_out.frame["accuracy"].between(0, 1).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tokens",), "by='tokens'; expected 'flops', 'params', 'family'"),
        (("flops", [1e30]), r"cutoff 1e\+30: no run has flops above it; they go from 2.6e\+18 to 2.3e\+22"),
        (("flops", [1e10]), r"cutoff 1e\+10: no run has flops at or below it"),
        (("flops", []), "cutoffs is empty"),
        (("family", [1e21]), r"cutoffs=\[1e\+21\] goes with by='flops' or 'params'"),
        (("family",), "by='family' leaves one family out; the runs have Cerebras-GPT only"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_folds(CEREBRAS, *arguments)
    with pytest.raises(ValueError, match="horizon=0; expected decades above 0"):
        make_folds(CEREBRAS, "flops", horizon=0)
