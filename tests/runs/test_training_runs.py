"""Training runs of rows, and what columns of learning rates hold."""

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.checkpoints import checkpoints_of, training_runs, undecayed, usual_undecayed

BASE = pd.DataFrame({"run": ["a", "b", "c"], "flops": 1e20, "benchmark": "piqa", "accuracy": [0.6, 0.7, 0.65]})


@pytest.mark.parametrize("header", ["annealed", "lr_annealed", "LR annealed"])
@pytest.mark.parametrize(
    "cells", [[True, False, None], ["true", "False", ""], [1, 0, np.nan], ["yes", "no", "n/a"], ["1", "0", None]]
)
def test_yes_and_no_are_read_in_many_forms(header, cells):
    found = bs.Runs(BASE.assign(**{header: cells})).frame["annealed"]
    assert found.fillna(-1).tolist() == [1, 0, -1]


def test_what_is_neither_is_named():
    with pytest.raises(bs.RunsError, match=r"neither true nor false; expected true or false(.|\n)*row 1: 'mostly'"):
        bs.Runs(BASE.assign(annealed=["mostly", True, False]))
    with pytest.raises(bs.RunsError, match="neither true nor false"):
        bs.Runs(BASE.assign(annealed=[0.5, True, False]))


def test_rates_are_shares_of_the_peak():
    runs = bs.Runs(BASE.assign(lr_fraction=[0.1, 1.0, None]))
    assert undecayed(runs.frame)[:2].tolist() == [0.1, 1.0]
    with pytest.raises(bs.RunsError, match="learning rate over its peak above 1 looks like percent"):
        bs.Runs(BASE.assign(lr_fraction=[10, 100, 50]))


def test_a_column_lr_is_not_read():
    runs = bs.Runs(BASE.assign(lr=[3e-4, 1e-4, 1e-5]))
    assert np.isnan(undecayed(runs.frame)).all()
    assert "lr" in runs.frame


def test_a_run_has_one_rate():
    frame = pd.concat([BASE, BASE.assign(benchmark="sciq")], ignore_index=True)
    with pytest.raises(bs.RunsError, match="a run with different annealed in its rows"):
        bs.Runs(frame.assign(annealed=[1, 0, 0, 0, 0, 0]))


def test_planned_rows_may_lack_a_trajectory():
    assert training_runs(BASE).tolist() == ["a", "b", "c"]
    frame = BASE.assign(trajectory=["x", "x", None], family="f")
    assert training_runs(frame).tolist() == ["x", "x", "c"]
    assert checkpoints_of(frame).tolist() == [2, 2, 1]


def test_a_trajectory_of_the_same_name_in_another_family_is_another():
    frame = BASE.assign(trajectory="x", family=["f", "g", "f"])
    assert checkpoints_of(frame).tolist() == [2, 1, 2]


def test_the_largest_run_says_what_is_usual():
    frame = BASE.assign(annealed=[0.0, 1.0, np.nan], flops=[1e20, 3e20, 2e20])
    assert usual_undecayed(frame) == 0
    assert np.isnan(usual_undecayed(frame.assign(flops=[1e20, 2e20, 3e20])))
