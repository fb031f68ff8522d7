"""Luck along trajectories: its correlations, and its place in a model."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.model.curve import fitted_curve
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.reference import Reference
from bayes_scaling.model.specification import specify
from bayes_scaling.model.trajectories import fading_covariance, further_along, make_trajectory, rate_gone, shares

budgets = st.lists(st.floats(40, 56), min_size=2, max_size=40, unique_by=lambda x: round(x, 2)).map(np.array)


def checkpoints(*numbers, **table):
    """Simulated runs of so many checkpoints each."""
    table = {"n_benchmarks": 2, "random_seed": 1} | table
    return bs.simulate_runs(bs.DirectLaw(), n_runs=len(numbers), checkpoints=list(numbers), **table)


@given(budgets)
def test_a_basis_keeps_the_spread_of_every_checkpoint(log_flops):
    one = make_trajectory(0, log_flops)
    assert (one.vectors**2).sum(axis=1) == pytest.approx(1)
    assert one.size <= min(10, len(log_flops))
    assert (np.diff(one.log_flops) > 0).all()


@given(budgets, st.floats(40, 56))
def test_a_fitted_run_goes_on_from_where_it_stands_and_fades(log_flops, end):
    one = make_trajectory(0, log_flops)
    last = one.log_flops[-1]
    weights, left = further_along(one, np.array([last + 1e-6, max(last, end) + 20]))
    variance = (weights**2).sum(axis=1) + np.diagonal(left)
    assert variance == pytest.approx(1, abs=0.05)
    assert np.diagonal(left)[1] > 0.999  # long after, nothing is left of what was
    assert weights[1] == pytest.approx(0, abs=1e-3)


def test_few_checkpoints_are_carried_exactly():
    one = make_trajectory(0, np.log([1e20, 2e20, 4e20]))
    carried = one.vectors @ one.vectors.T
    assert carried == pytest.approx(fading_covariance(one.log_flops, one.log_flops), abs=1e-6)
    weights, left = further_along(one, one.log_flops)
    assert weights == pytest.approx(one.vectors, abs=1e-6)
    assert left == pytest.approx(0, abs=1e-6)


def test_a_rate_goes_down_after_the_last_checkpoint_alone():
    one = make_trajectory(0, np.log([1e20, 2e20]))
    gone = rate_gone(one, np.log([1e20, 2e20, 3e20, 1e24]))
    assert gone[:2] == pytest.approx(0, abs=1e-8)
    assert 0 < gone[2] < gone[3] <= 1


@given(st.floats(0, 100))
def test_shares_are_of_one_whole(fading):
    stays, fades = shares(np.array(fading))
    assert stays**2 + fades**2 == pytest.approx(1)


# In a model -----------------------------------------------------------------------------------------------------------


def test_checkpoints_are_one_run_and_finished_runs_are_what_they_were():
    spec = specify(bs.DirectLaw(), checkpoints(1, 1, 4).runs)
    assert spec.reference.runs == ("run-01", "run-02", "run-03")
    assert spec.rows.run.tolist() == [0, 0, 1, 1, *[2] * 8]
    assert spec.rows.trajectory.tolist() == [-1] * 4 + [0] * 8
    assert spec.rows.series.tolist() == [-1] * 4 + [0, 1] * 4
    assert spec.reference.series_labels == ("run-03 | benchmark-01", "run-03 | benchmark-02")


def test_a_table_of_finished_runs_has_nothing_of_checkpoints(cerebras_spec):
    names = {hyper.name for hyper in cerebras_spec.layout.hypers}
    assert not names & {"fading", "persistence", "annealing_population", "annealing_spread"}
    assert not {"trajectory_deviation", "series_luck"} & {effect.name for effect in cerebras_spec.layout.effects}
    assert cerebras_spec.reference.trajectories == ()


def test_where_all_runs_have_checkpoints_luck_on_a_benchmark_sums_to_zero():
    every, some = (specify(bs.DirectLaw(), checkpoints(*n).runs) for n in ((3, 3, 3), (1, 3, 3)))
    luck = [next(e for e in spec.layout.effects if e.name == "series_luck") for spec in (every, some)]
    assert [effect.free for effect in luck] == [4, 4]  # 3 x 2 less one for each benchmark; 2 x 2
    assert [effect.groups is None for effect in luck] == [False, True]


def test_one_run_alone_has_what_fades_and_no_luck_beside_the_level():
    spec = specify(bs.DirectLaw(), checkpoints(6).runs)
    names = {effect.name for effect in spec.layout.effects}
    assert {"trajectory_deviation", "series_deviation"} <= names
    assert not {"run_effect", "series_luck"} & names
    assert {"run_sd", "fading", "persistence"} <= {hyper.name for hyper in spec.layout.hypers}


@pytest.mark.parametrize("law", [bs.DirectLaw(), bs.BrokenPowerLaw(), bs.SigmoidLaw(), bs.RatioLaw(), bs.GeneralLaw()])
def test_scores_of_a_run_are_correlated_along_it_as_the_model_says(law):
    """By prior draws: what remains of a score beside curve and deviation has the correlations of the module's text."""
    law = law.with_priors(run_sd=0.3, law_noise=0.3, law_noise_spread=1e-9, fading=1.0, persistence=1.0)
    law = law.with_priors(benchmark_amplitude=None, family_amplitude=None, curve_amplitude=None, ceiling=None)
    spec = specify(law, checkpoints(4, 4, 4, 4, 4, 4, n_benchmarks=2).runs)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, np.random.default_rng(1), 4000)
    with_luck = unpack(spec.law, spec.reference, spec.layout, vectors)
    own = ("run_effect", "trajectory_deviation", "series_luck", "series_deviation")
    without = {name: value for name, value in with_luck.items() if name not in own}

    curves = [fitted_curve(spec.law, spec.reference, spec.rows, named)[0].log_error for named in (with_luck, without)]
    luck = curves[0] - curves[1]
    at = np.flatnonzero((spec.rows.run == 0) & (spec.rows.benchmark == 0))
    other = np.flatnonzero((spec.rows.run == 0) & (spec.rows.benchmark == 1))
    covariance = np.cov(luck[:, [*at, *other]].T)
    members = 6  # sums to zero: the luck that stays is less by a sixth
    d = np.log(4 / 1)  # from the first checkpoint to the last
    steady, kept = 0.5 * (1 - 1 / members), 0.5 * np.exp(-d / np.log(2))
    of_run, of_score = 0.3**2, 0.3**2 * 0.5
    assert covariance[0, 0] == pytest.approx((of_run + of_score) * (0.5 + steady), rel=0.1)
    assert covariance[0, 3] == pytest.approx((of_run + of_score) * (kept + steady), rel=0.15)
    assert covariance[0, 4] == pytest.approx(of_run * (0.5 + steady), rel=0.15)


def test_a_reference_of_checkpoints_survives_json():
    reference = specify(bs.DirectLaw(), checkpoints(1, 5, annealed_ends=True).runs).reference
    again = Reference.from_json(reference.to_json())
    assert again.to_json() == reference.to_json()
    assert again.trajectories[0].vectors.tolist() == reference.trajectories[0].vectors.tolist()
    assert again.decay == reference.decay


def test_attempts_take_each_checkpoint_for_a_run():
    frame = bs.simulate_runs(bs.PassAtKLaw(), n_benchmarks=1, n_runs=4, random_seed=1).runs.frame
    spec = specify(bs.PassAtKLaw(), bs.Runs(frame.assign(trajectory="one")))
    assert len(spec.reference.runs) == 4
    assert spec.reference.trajectories == ()


def test_losses_follow_runs_too():
    simulated = bs.simulate_runs(bs.TwoStageLaw(), n_benchmarks=2, n_runs=3, checkpoints=4, random_seed=1)
    spec = specify(bs.TwoStageLaw(), simulated.runs)
    assert len(spec.reference.trajectories) == len(spec.stage_one.reference.trajectories) == 3
    assert "persistence" in {hyper.name for hyper in spec.stage_one.layout.hypers}


def test_a_run_is_known_again_by_its_trajectory():
    spec = specify(bs.DirectLaw(), checkpoints(1, 4).runs)
    frame = pd.DataFrame(
        {
            "run": ["x", "run-02, checkpoint 9", "run-01", "run-01"],
            "trajectory": ["run-02", "run-02", "run-01", "run-01"],
            "family": "family-1",
            "benchmark": "benchmark-01",
            "flops": [1e24, 1e24, 1e24, 1e18],
        }
    )
    assert spec.reference.encode(frame).run.tolist() == [1, 1, -1, 0]
