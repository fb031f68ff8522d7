import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.model.specification import specify

FORMS = ("logistic", "linear", "gompertz")


def test_runs_have_one_loss_each_and_scores():
    simulated = bs.simulate_runs(bs.TwoStageLaw(), n_benchmarks=3, n_runs=6, random_seed=1)
    for runs in (simulated.runs, simulated.held_out):
        assert (runs.frame.groupby("run")["loss"].nunique() == 1).all()
        assert runs.frame["accuracy"].between(0, 1).all()
    low, high = (runs.frame["loss"].median() for runs in (simulated.held_out, simulated.runs))
    assert low < high


def test_the_loss_stands_in_the_column_of_the_law():
    law = bs.TwoStageLaw(loss="c4")
    frame = bs.simulate_runs(law, n_benchmarks=2, n_runs=4, random_seed=1).runs.frame
    assert frame["c4"].notna().all()
    assert frame["loss"].isna().all()


def test_the_same_seed_gives_the_same_runs():
    one, two, other = (bs.simulate_runs(bs.TwoStageLaw(), n_runs=4, random_seed=seed) for seed in (1, 1, 2))
    assert one.runs == two.runs
    assert one.held_out == two.held_out
    assert one.runs != other.runs


@pytest.mark.parametrize("form", FORMS)
def test_the_truth_is_what_was_asked_for(form):
    law = bs.TwoStageLaw(stage_two=form, benchmark_amplitude=None)
    simulated = bs.simulate_runs(law, n_benchmarks=2, n_runs=8, level=[0.2, 0.6], exponent=[0.2, 0.3], random_seed=2)
    truth = simulated.truth
    assert truth.curves["level"].to_numpy() == pytest.approx([0.2, 0.6])
    assert truth.curves["exponent"].to_numpy() == pytest.approx([0.2, 0.3], rel=1e-4)
    assert truth.stage_one.parameters["level"].shape == (1,)


@pytest.mark.parametrize("form", FORMS)
def test_a_fit_has_its_truth_at_its_own_reference(form):
    law = bs.TwoStageLaw(stage_two=form, benchmark_amplitude=None)
    simulated = bs.simulate_runs(law, n_benchmarks=2, n_runs=12, chance=0.25, ceiling=0.0, random_seed=3)
    spec = specify(law, simulated.runs)
    true = simulated.truth.curves_for(spec.reference)
    at = {name: true[name].to_numpy()[spec.rows.curve] for name in ("level", "exponent")} | {"share": 0.0}
    moved = law.log_error(law.inputs(spec.reference, spec.rows), law.terms(at))
    own = simulated.truth
    rows = {name: own.parameters[name][spec.rows.curve] for name in ("level", "exponent")} | {"share": 0.0}
    original = law.log_error(law.inputs(own.reference, spec.rows), law.terms(rows))
    np.testing.assert_allclose(moved, original, atol=2e-3)


def test_curves_in_the_loss_are_not_asked_for_at_budgets():
    simulated = bs.simulate_runs(bs.TwoStageLaw(), n_benchmarks=1, n_runs=6, random_seed=1)
    with pytest.raises(ValueError, match="curves of a two-stage law run in the loss, not in FLOPs"):
        simulated.truth.curves_at(1e21)
    some = specify(bs.TwoStageLaw(), simulated.runs.split(flops=1e20)[0]).reference
    with pytest.raises(ValueError, match="measures losses in other units"):
        simulated.truth.curves_for(some)


def test_the_truth_is_shown_in_a_line():
    simulated = bs.simulate_runs(bs.TwoStageLaw(), n_benchmarks=2, n_runs=6, random_seed=1)
    assert repr(simulated).splitlines()[0] == "SimulatedRuns: 12 scores to fit, 4 held out"
    assert repr(simulated.truth).endswith(": 2 curves, 6 runs")
