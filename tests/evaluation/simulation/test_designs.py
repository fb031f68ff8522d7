"""Designs of simulated tables: checkpoints, annealed ends, runs that go on, ladders of constant tokens."""

import numpy as np
import pytest

import bayes_scaling as bs


def simulated(**table):
    return bs.simulate_runs(bs.DirectLaw(), **({"n_benchmarks": 1, "n_runs": 3, "random_seed": 1} | table))


def test_checkpoints_lie_evenly_up_to_the_end_of_their_run():
    frame = simulated(checkpoints=[1, 4]).runs.frame
    assert frame["trajectory"].tolist() == ["run-01", *["run-02"] * 4, "run-03"]
    assert frame["run"].tolist()[:2] == ["run-01", "run-02, checkpoint 1"]
    own = frame.query("trajectory == 'run-02'")
    assert own["params"].nunique() == 1
    assert (own["tokens"] / own["tokens"].max()).tolist() == [0.25, 0.5, 0.75, 1]
    assert (own["flops"] / own["tokens"]).to_numpy() == pytest.approx(own["flops"].iloc[0] / own["tokens"].iloc[0])
    assert "annealed" not in frame


def test_ends_are_annealed_where_asked():
    found = simulated(checkpoints=3, annealed_ends=True)
    assert found.runs.frame["annealed"].tolist() == [0, 0, 1] * 3
    assert (found.held_out.frame["annealed"] == 1).all()


def test_fitted_runs_go_on_before_new_ones():
    frame = simulated(checkpoints=[1, 2, 2], further=[1.5, 2]).held_out.frame
    assert frame["trajectory"].tolist()[:4] == ["run-02", "run-03"] * 2
    assert frame["run"].tolist()[0] == "run-02, 1.5 times"
    assert frame["run"].str.startswith("held-out").sum() == 2


def test_a_ladder_of_constant_tokens_drifts():
    frame = simulated(tokens=3e11, flops=(1e20, 1e23)).runs.frame
    assert frame["tokens"].tolist() == [3e11] * 3
    assert np.allclose(6 * frame["params"] * frame["tokens"], frame["flops"])


def test_a_general_law_is_simulated_as_it_is_fitted():
    """Its split is centred at the ratios of the simulated table, as a fit to that table has it."""
    found = bs.simulate_runs(n_benchmarks=1, n_runs=8, random_seed=1)
    assert found.truth.law == bs.GeneralLaw().resolve(found.runs.frame)
    assert found.truth.law.prior("split").mean == pytest.approx(0.35 * np.log(2), abs=1e-3)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"checkpoints": 0}, "checkpoints"),
        ({"checkpoints": [2, 1.5]}, "checkpoints"),
        ({"checkpoints": 2, "further": 0.5}, r"further is \[0.5\]; expected numbers above 1"),
        ({"ratio": 20.0, "tokens": 1e11}, "ratio and tokens; expected one of them"),
        ({"tokens": -1.0}, "tokens is -1.0; expected positive numbers"),
    ],
)
def test_wrong_designs_are_named(table, message):
    with pytest.raises((ValueError, TypeError), match=message):
        simulated(**table)
