import numpy as np
import pytest
from attempt_tables import counts_frame, rates_frame

import bayes_scaling as bs

K = [1, 4, 16, 64, 256]
FITS = ["rates_fit", "counts_fit", "linear_fit"]


@pytest.fixture(params=FITS)
def any_fit(request):
    return request.getfixturevalue(request.param)


def medians(forecast, of="expected"):
    return forecast.table(of=of)["median"].to_numpy()


def test_expected_rates_rise_with_k(rates_fit, counts_fit):
    for fit in (rates_fit, counts_fit):
        forecast = bs.forecast(fit, bs.budgets(flops=1e22, k=K, benchmark="code"), random_seed=1)
        expected = forecast.draws["expected"].to_numpy()
        assert (np.diff(expected, axis=1) >= 0).all()
        assert forecast.points["k"].tolist() == K


def test_expected_at_one_is_the_law_at_one(rates_fit):
    at = bs.budgets(flops=[1e20, 1e22], benchmark="code")
    without, with_k = (
        bs.forecast(rates_fit, budget, random_seed=1)
        for budget in (at, bs.budgets(flops=[1e20, 1e22], benchmark="code", k=1))
    )
    assert np.array_equal(without.draws["expected"], with_k.draws["expected"])
    assert (without.points["k"] == 1).all()


def test_points_of_one_run_share_their_luck(any_fit):
    draws = bs.forecast(any_fit, bs.budgets(flops=1e22, k=[1, 4], benchmark="code"), random_seed=1).draws
    luck = (draws["score"] - draws["expected"]).to_numpy()
    assert np.corrcoef(luck.T)[0, 1] > 0.25


def test_scores_are_rates(any_fit):
    score = bs.forecast(any_fit, bs.budgets(flops=[1e18, 1e26], k=K), random_seed=1).draws["score"].to_numpy()
    assert ((score >= 0) & (score <= 1)).all()


@pytest.mark.parametrize("name", ["rates_fit", "counts_fit"])
def test_more_samples_of_a_fitted_run_are_known_better_than_a_new_run(name, request):
    fit = request.getfixturevalue(name)
    one = rates_frame(counts_frame((1e20,)), (8,)).assign(run="run2").drop(columns="accuracy")
    fitted, new = (
        bs.forecast(fit, bs.Runs(one.assign(run=run, n_samples=64)), random_seed=1) for run in ("run2", "another")
    )
    width = [np.ptp(f.table(probs=(0.9,))[["low_90", "high_90"]].to_numpy(), axis=1) for f in (fitted, new)]
    assert (width[0] < width[1]).all()


def test_rates_that_were_fitted_come_back_for_the_same_samples(counts_fit, counts_runs_of_five):
    """All attempts were counted: the rate at any k up to their number is known."""
    rates = rates_frame(counts_runs_of_five.frame, (1, 4, 16))
    planned = bs.Runs(rates.drop(columns="accuracy"))
    score = bs.forecast(counts_fit, planned, random_seed=1).draws["score"].to_numpy()
    assert score.std(axis=0).max() < 1e-12
    assert score[0] == pytest.approx(rates["accuracy"].to_numpy())


def test_a_fitted_rate_is_nearly_known(rates_fit, rates_runs_of_five):
    frame = rates_runs_of_five.frame
    score = bs.forecast(rates_fit, bs.Runs(frame.drop(columns="accuracy")), random_seed=1).draws["score"].to_numpy()
    assert np.abs(np.median(score, axis=0) - frame["accuracy"].to_numpy()).max() < 0.05


def test_outcomes_of_the_planned_rows_are_never_read(rates_fit, rates_runs_of_five):
    frame = rates_runs_of_five.frame
    honest, lying = (
        bs.forecast(rates_fit, bs.Runs(f), random_seed=1).draws["score"]
        for f in (frame.drop(columns="accuracy"), frame.assign(accuracy=0.123))
    )
    assert np.array_equal(honest, lying)


def test_far_k_is_marked_and_fitted_k_is_not(rates_fit):
    far = bs.forecast(rates_fit, bs.budgets(flops=1e20, k=[1, 10_000]), random_seed=1)
    near = bs.forecast(rates_fit, bs.budgets(flops=1e20, k=[1, 16]), random_seed=1)
    assert any("extrapolates in k: up to 10000, fitted up to 16" in note for note in far.notes)
    assert not any("extrapolates in k" in note for note in near.notes)


def test_log_linear_says_where_rates_fall_with_k(linear_fit):
    notes = bs.forecast(linear_fit, bs.budgets(flops=[1e11, 1e40], k=[1, 16]), random_seed=1).notes
    assert any("rates fall with k" in note for note in notes)


def test_saved_fits_forecast_the_same_numbers(any_fit, tmp_path):
    at = bs.budgets(flops=1e22, k=[1, 8])
    loaded = bs.load_fit(any_fit.save(tmp_path / "fit.nc"))
    assert loaded.law == any_fit.law
    one, two = (bs.forecast(fit, at, random_seed=3).draws["score"] for fit in (any_fit, loaded))
    assert np.array_equal(one, two)


def test_averages_are_made_at_each_k(rates_fit):
    forecast = bs.forecast(rates_fit, bs.budgets(flops=[1e21, 1e22], k=[1, 16]), random_seed=1)
    average = forecast.average()
    assert average.points["k"].tolist() == [1, 16, 1, 16]
    both = forecast.draws["score"].to_numpy()[:, (forecast.points["k"] == 16) & (forecast.points["flops"] == 1e21)]
    assert average.draws["score"].to_numpy()[:, 1] == pytest.approx(both.mean(axis=1))


def test_scores_of_a_forecast_match_rows_by_k(rates_fit):
    held_out = bs.Runs(rates_frame(counts_frame((1e22,), prefix="new"), (4, 1, 16)))
    planned = bs.Runs(held_out.frame.drop(columns="accuracy").iloc[::-1])
    scores = bs.score_forecast(bs.forecast(rates_fit, planned, random_seed=1), held_out)
    assert scores.overall["n"] == 6
    assert scores.overall["mae"] < 0.3


def test_prior_forecasts_know_nothing_of_the_rates(rates_runs_of_five):
    prior = bs.sample_prior(bs.PassAtKLaw(), rates_runs_of_five, draws=300, random_seed=1)
    spread = prior.draws["score"].to_numpy().std(axis=0)
    assert (spread > 0.1).mean() > 0.9


def test_a_law_of_scores_refuses_k(cerebras_fit):
    with pytest.raises(ValueError, match="k goes up to 10, but DirectLaw describes k = 1; PassAtKLaw takes k"):
        bs.forecast(cerebras_fit, bs.budgets(flops=1e23, k=[1, 10]))


def test_arviz_takes_the_trees(any_fit):
    import arviz as az

    replicated = any_fit.with_posterior_predictive(random_seed=1)
    name = any_fit.fitted.observed.name
    assert replicated.tree["posterior_predictive"][name].dims == ("chain", "draw", "observation")
    assert any_fit.tree["log_likelihood"][name].dims == ("chain", "draw", "set")
    assert np.isfinite(any_fit.tree["log_likelihood"][name]).all()
    assert "level" in az.summary(any_fit.tree, var_names=["level"], ci_prob=0.9).index[0]
