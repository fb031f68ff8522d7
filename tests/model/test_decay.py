"""Learning rates: what is read off a table, and what a model makes of it."""

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.model.decay import Decay, read_decay
from bayes_scaling.model.specification import specify


def table(annealed=None, lr_fraction=None):
    frame = bs.simulate_runs(bs.DirectLaw(), n_benchmarks=1, n_runs=2, checkpoints=2, random_seed=1).runs.frame
    columns = {"annealed": annealed, "lr_fraction": lr_fraction}
    return frame.assign(**{name: values for name, values in columns.items() if values is not None})


@pytest.mark.parametrize(
    ("columns", "held", "varies", "usual"),
    [
        ({"annealed": [False, True, False, True]}, 0, True, 0),
        ({"annealed": [False, True, False, False]}, 0, True, 1),
        ({"annealed": [True] * 4}, 0, False, 0),
        ({"annealed": [False] * 4}, 1, False, 1),
        ({"lr_fraction": [0.9, 0.1, 0.9, 0.2]}, 0, True, 0.2),
        ({"annealed": [None, None, False, None]}, 1, False, 1),
        ({"annealed": [False, None, None, None]}, 1, False, 1),
    ],
)
def test_what_a_table_says(columns, held, varies, usual):
    found = read_decay(bs.Runs(table(**columns)).frame)
    assert found == Decay(pytest.approx(held), varies, pytest.approx(usual))


def test_families_that_differ_say_nothing_of_annealing():
    frame = table([True, True, False, False]).assign(family=["a", "a", "b", "b"])
    assert not read_decay(bs.Runs(frame).frame).varies


def test_a_table_without_rates_moves_nothing():
    assert np.isnan(read_decay(table()).held)
    assert read_decay(table()).relative(np.array([0.0, 1.0, np.nan])).tolist() == [0, 0, 0]


def test_the_step_is_in_a_model_where_the_table_shows_it():
    shown, hidden = (specify(bs.DirectLaw(), bs.Runs(table(rates))) for rates in ([0, 1, 0, 1], [0, 0, 0, 0]))
    assert {"annealing_population", "annealing_spread"} <= {hyper.name for hyper in shown.layout.hypers}
    assert not any(hyper.name.startswith("annealing") for hyper in hidden.layout.hypers)
    assert shown.rows.undecayed.tolist() == [1, 0, 1, 0]
    assert hidden.rows.undecayed.tolist() == [0, 0, 0, 0]


def test_one_step_for_all_benchmarks():
    law = bs.DirectLaw(annealing_spread=None)
    layout = specify(law, bs.Runs(table([0, 1, 0, 1]))).layout
    assert "annealing_population" in {hyper.name for hyper in layout.hypers}
    assert "annealing" not in {effect.name for effect in layout.effects}
