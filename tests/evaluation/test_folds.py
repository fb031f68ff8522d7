import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.evaluation.folds import REST, default_cutoffs, make_folds

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


# Checkpoints ----------------------------------------------------------------------------------------------------------


def checkpoints():
    """Each run of a ladder by its last and two earlier checkpoints, and one finished run."""
    frame = CEREBRAS.frame
    early = [
        frame.assign(
            run=frame["run"] + f" at {share}",
            trajectory=frame["run"],
            flops=share * frame["flops"],
            tokens=share * frame["tokens"],
        )
        for share in (0.2, 0.5)
    ]
    every = pd.concat([*early, frame], ignore_index=True)
    return bs.Runs(every[every["trajectory"].ne("Cerebras-111M") | every["run"].eq("Cerebras-111M")])


def test_in_compute_training_runs_stay_whole():
    runs = checkpoints()
    ends = runs.frame.groupby("trajectory")["flops"].max()
    for fold in make_folds(runs, "flops"):
        fitted, held_out = fold.train.frame, fold.held_out.frame
        assert set(fitted["trajectory"]) == set(ends.index[ends <= fold.cutoff])
        assert set(held_out["trajectory"]) == set(ends.index[ends > fold.cutoff])
        assert held_out["flops"].min() > fold.cutoff
        assert fold.cutoff in ends.to_numpy()


def test_along_the_run_the_rest_of_what_was_fitted_is_held_out():
    runs = checkpoints()
    for share, fold in zip((0.25, 0.5, 0.75), make_folds(runs, "run"), strict=True):
        ends = runs.frame.groupby("trajectory")["flops"].max()
        assert (fold.cutoff, fold.left_out) == (share, REST)
        several = fold.train.frame[fold.train.frame["run"] != "Cerebras-111M"]
        assert (several["flops"] <= share * several["trajectory"].map(ends) * (1 + 1e-9)).all()
        assert "Cerebras-111M" in set(fold.train.frame["run"])  # finished: known as a whole
        assert set(fold.held_out.frame["trajectory"]) == set(several["trajectory"])
        assert len(fold.train) + len(fold.held_out) == len(runs)


def test_a_run_without_a_first_part_is_on_neither_side():
    frame = checkpoints().frame
    late = frame[~((frame["trajectory"] == "Cerebras-13B") & (frame["run"] != "Cerebras-13B"))]
    later = frame[frame["run"] == "Cerebras-13B"].assign(run="later", flops=2.4e22, tokens=2.7e11)
    [fold] = make_folds(bs.Runs(pd.concat([late, later], ignore_index=True)), "run", [0.5])
    for part in (fold.train, fold.held_out):
        assert "Cerebras-13B" not in set(part.frame["trajectory"])


def test_a_horizon_goes_with_the_run():
    [fold] = make_folds(checkpoints(), "run", [0.25], horizon=0.35)
    assert set(fold.held_out.frame["run"].str.contains(" at 0.5")) == {True}
    with pytest.raises(ValueError, match=r"keep_from=.* not with by='run'"):
        make_folds(checkpoints(), "run", keep_from=[1e19])


def test_few_training_runs_are_told_how_else():
    frame = checkpoints().frame
    few = bs.Runs(frame[frame["trajectory"].isin(["Cerebras-13B", "Cerebras-6.7B"])])
    with pytest.raises(ValueError, match=r"the training runs have 2 distinct budgets, .* by='run' fits the first part"):
        make_folds(few, "flops")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tokens",), "by='tokens'; expected 'flops', 'params', 'family', 'run'"),
        (("run", [0.5]), "cutoff 0.5: no training run has checkpoints on both sides of that share of its FLOPs; give"),
        (("run", [1e21]), r"cutoff 1e\+21: by='run' takes shares of each run, between 0 and 1, such as 0.5"),
        (("run", []), "cutoffs is empty; expected shares of each run"),
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
