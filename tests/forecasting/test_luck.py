"""Luck at points: of fitted runs along their checkpoints, and of new ones."""

import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.forecasting.luck import run_effects, scatter_at_each
from bayes_scaling.forecasting.points import encode_points
from bayes_scaling.forecasting.prediction import predict_curve

SPREAD = {"run_sd": 0.2, "law_noise": 0.2, "law_noise_spread": 1e-9, "fading": 1.0, "persistence": 1.0}
LAW = bs.DirectLaw(**SPREAD, benchmark_amplitude=None, family_amplitude=None)


def simulated(**table):
    table = {"n_benchmarks": 2, "n_runs": 3, "checkpoints": [1, 4, 4], "random_seed": 1} | table
    return bs.simulate_runs(LAW, **table).runs


@pytest.fixture(scope="module")
def mixed():
    """A finished run and two of four checkpoints, the draws being the prior's."""
    return prior_fit(LAW, simulated(), draws=2000)


def rows(**columns):
    size = max(len(np.atleast_1d(value)) for value in columns.values())
    usual = {"run": "new", "family": "family-1", "benchmark": "benchmark-01", "chance": 0.25, "n_items": 1000.0}
    return pd.DataFrame(usual | columns, index=range(size))


def luck(fit, frame):
    points = encode_points(fit.reference, frame)
    return run_effects(fit.reference, fit.draws(np.random.default_rng(1)), points)


def end_of(fit, run):
    return float(fit.runs.frame.query("trajectory == @run")["flops"].max())


def test_a_fitted_run_goes_on_from_where_it_stands(mixed):
    end = end_of(mixed, "run-03")
    multiples = np.array([1, 1.01, 2, 100])
    names = [f"at {by:g}" for by in multiples]
    along = luck(mixed, rows(run=names, trajectory="run-03", flops=end * multiples, annealed=0.0))
    correlation = np.corrcoef(along.T)[0]
    # Half of the luck stays, half fades by 1/e a doubling; what stays of three runs sums to zero. Of the scatter, half.
    of_run, of_score = 0.2**2, 0.2**2 / 2
    whole = of_run * (0.5 * 2 / 3 + 0.5) + of_score
    assert correlation[1] > 0.97
    for by, fades in ((2, np.exp(-1)), (3, np.exp(-np.log2(100)))):
        left = of_run * (0.5 * 2 / 3 + 0.5 * fades) + of_score * (0.5 + 0.5 * fades)
        assert correlation[by] == pytest.approx(left / whole, abs=0.05)


def test_a_new_run_of_its_name_draws_its_own(mixed):
    end = end_of(mixed, "run-03")
    frame = rows(run=["a", "b"], trajectory=["run-03", "another"], flops=end)
    assert abs(np.corrcoef(luck(mixed, frame).T)[0, 1]) < 0.1


def test_checkpoints_of_a_new_run_share_its_luck(mixed):
    frame = rows(run=["a 1", "a 2", "b"], trajectory=["a", "a", "b"], flops=[1e22, 2e22, 2e22])
    drawn = luck(mixed, frame)
    correlation = np.corrcoef(drawn.T)
    assert correlation[0, 1] == pytest.approx(0.5 + 0.5 * np.exp(-1), abs=0.06)
    assert abs(correlation[1, 2]) < 0.1


def test_a_score_scatters_as_much_whether_its_run_has_checkpoints_or_not(mixed):
    """What a run keeps of its scatter moves from the noise to its luck; the whole stays."""
    frame = rows(run=["a 1", "a 2", "b"], trajectory=["a", "a", "b"], flops=[1e22, 2e22, 2e22])
    points = encode_points(mixed.reference, frame)
    draws = mixed.draws(np.random.default_rng(1))
    luck_sd = run_effects(mixed.reference, draws, points).std(axis=0)
    new = np.broadcast_to(scatter_at_each(mixed.reference, draws, points), (draws.size, 3)).mean(axis=0)
    whole = np.sqrt(luck_sd**2 + (0.2 * new) ** 2)
    assert new == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), 1.0])
    assert whole[:2] == pytest.approx(whole[2], rel=0.1)


def test_two_benchmarks_of_a_run_share_its_luck_and_have_their_own(mixed):
    frame = rows(run=["a 1", "a 2"] * 2, trajectory="a", flops=[1e22, 2e22] * 2)
    frame["benchmark"] = ["benchmark-01"] * 2 + ["benchmark-02"] * 2
    correlation = np.corrcoef(luck(mixed, frame).T)
    shared = 0.2**2 / (0.2**2 + 0.5 * 0.2**2)
    finite = 1 + 1 / 3  # a new run lies about a mean of three
    assert correlation[0, 2] == pytest.approx(shared * finite / (shared * finite + 1 - shared), abs=0.06)


def test_a_new_run_differs_more_where_luck_sums_to_zero():
    every = prior_fit(LAW, simulated(checkpoints=4), draws=200)
    points = encode_points(every.reference, rows(flops=[1e23]))
    found = scatter_at_each(every.reference, every.draws(np.random.default_rng(1)), points)
    assert found == pytest.approx(np.sqrt(1 + 0.25 / 3))


def test_an_unknown_learning_rate_may_go_down_yet(mixed):
    end = end_of(mixed, "run-03")
    names = ["now", "later", "far"]
    frame = rows(run=names, trajectory="run-03", flops=end * np.array([1.0, 2.0, 50.0]))
    unknown = luck(mixed, frame)
    known = luck(mixed, frame.assign(annealed=0.0))
    gains = (known - unknown).mean(axis=0)
    # Half of the step on average, as much of it as may be gone by then.
    step = float(mixed.law.prior("annealing").sample(np.random.default_rng(1), 100_000).mean())
    assert gains[0] == pytest.approx(0, abs=0.02)
    assert gains[1] == pytest.approx(0.5 * step * (1 - np.exp(-1)), abs=0.02)
    assert gains[2] == pytest.approx(0.5 * step, abs=0.03)


def test_without_an_annealing_step_nothing_is_ahead():
    law = LAW.with_priors(annealing=None)
    fit = prior_fit(law, simulated(), draws=500)
    end = end_of(fit, "run-03")
    frame = rows(run=["later"], trajectory="run-03", flops=[20 * end])
    assert np.array_equal(luck(fit, frame), luck(fit, frame.assign(annealed=0.0)))


@pytest.mark.parametrize("ends", [True, False])
def test_an_annealed_run_scores_higher_where_rates_are_known(ends):
    runs = simulated(annealed_ends=True)
    if not ends:
        runs = bs.Runs(runs.frame.query("annealed == 0"))
    fit = prior_fit(LAW, runs, draws=2000)
    frame = rows(run=["annealed", "not", "unsaid"], flops=1e23, annealed=[1.0, 0.0, np.nan])
    points = encode_points(fit.reference, frame)
    log_error = predict_curve(fit.reference, fit.draws(np.random.default_rng(1)), points).log_error
    step = (log_error[:, 1] - log_error[:, 0]).mean()
    assert step == pytest.approx(float(np.exp(np.log(0.1) + 0.7**2 / 2 + 0.4**2 / 2)), rel=0.25)
    usual = 0 if ends else 1
    assert np.array_equal(log_error[:, 2], log_error[:, usual])


def test_losses_of_a_fitted_run_go_on_where_their_luck_is_in_their_scatter():
    """A run of one loss has no luck beside its scatter; along its checkpoints it keeps a part of that."""
    law = bs.TwoStageLaw(loss_law_noise=0.1, loss_law_noise_spread=1e-9, loss_fading=0.01)
    runs = bs.simulate_runs(law, n_benchmarks=2, n_runs=2, checkpoints=[1, 6], random_seed=1).runs
    fit = prior_fit(law, runs, draws=500)
    losses, draws = fit.fitted.stage_one, fit.draws(np.random.default_rng(1)).stage_one
    end = float(runs.frame["flops"].max())
    frame = rows(run=["x", "y"], trajectory="run-02", flops=[end, 1.1 * end]).assign(benchmark="loss", chance=0.0)
    points = encode_points(losses.reference, frame)
    effects = run_effects(losses.reference, draws, points)
    assert effects.std() > 0.02
    assert np.corrcoef(effects.T)[0, 1] > 0.95
