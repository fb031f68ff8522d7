import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.points import encode_points
from bayes_scaling.forecasting.prediction import deviations, predict_curve, predict_scores, run_effects
from bayes_scaling.model.curve import fitted_moments
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.response import expected_accuracy
from bayes_scaling.model.specification import specify
from bayes_scaling.posterior.draws import Draws


def prior_draws(spec, size=2000, seed=1):
    rng = np.random.default_rng(seed)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, size)
    return Draws(spec.law, unpack(spec.law, spec.reference, spec.layout, vectors), rng)


def at(spec, **columns):
    """Points of new runs on the first fitted curve, with some columns changed."""
    first = spec.runs.frame.iloc[[0]].drop(columns=["accuracy", "trajectory"])
    size = max(len(np.atleast_1d(value)) for value in columns.values())
    frame = pd.concat([first] * size, ignore_index=True).assign(run=[f"new {i}" for i in range(size)])
    return encode_points(spec.reference, frame.assign(**columns))


@pytest.mark.parametrize("which", ["cerebras_spec", "families_spec"])
def test_forecast_of_fitted_rows_is_their_fitted_curve(which, request):
    """The forecast's path and the likelihood's path give the same expected accuracy, but for dropped eigenvectors."""
    spec = request.getfixturevalue(which)
    draws = prior_draws(spec, 50)
    points = encode_points(spec.reference, spec.runs.frame)
    curve = predict_curve(spec.reference, draws, points).shifted(run_effects(spec.reference, draws, points))
    expected, _ = fitted_moments(spec.law, spec.reference, spec.rows, draws.values)
    assert np.abs(curve.expected - expected).max() < 0.02
    assert np.abs(curve.expected - expected).mean() < 1e-3


def test_a_plain_law_is_the_formula(cerebras_train):
    law = bs.DirectLaw(ceiling=None, benchmark_amplitude=None, family_amplitude=None, run_sd=None)
    spec = specify(law, cerebras_train)
    draws = prior_draws(spec, 20)
    points = at(spec, flops=[1e22, 1e24])
    curve = predict_curve(spec.reference, draws, points)
    x = np.log([1e22, 1e24]) - spec.reference.centre("flops")[0]
    log_error = draws.values["level"][:, [0]] - draws.values["exponent"][:, [0]] * x
    assert curve.expected == pytest.approx(expected_accuracy(log_error, spec.reference.benchmarks[0].floor, 0.0, 0.0))


def test_new_runs_draw_one_effect_for_all_their_benchmarks(cerebras_spec):
    draws = prior_draws(cerebras_spec)
    names = list(cerebras_spec.reference.labels)[:2]
    points = at(cerebras_spec, run=["a", "a", "b"], benchmark=[*names, names[0]])
    effects = run_effects(cerebras_spec.reference, draws, points)
    assert np.array_equal(effects[:, 0], effects[:, 1])
    assert abs(np.corrcoef(effects[:, 0], effects[:, 2])[0, 1]) < 0.1
    relative = effects[:, 0] / draws.values["run_sd"]
    assert relative.std() == pytest.approx(np.sqrt(1 + 1 / 5), rel=0.05)


def test_fitted_runs_keep_their_effect(cerebras_spec):
    draws = prior_draws(cerebras_spec, 10)
    third = {"run": cerebras_spec.reference.runs[2], "flops": np.exp(cerebras_spec.reference.run_log_flops[2])}
    effects = run_effects(cerebras_spec.reference, draws, at(cerebras_spec, **third))
    assert np.array_equal(effects[:, 0], draws.values["run_effect"][:, 2])
    elsewhere = run_effects(cerebras_spec.reference, draws, at(cerebras_spec, **{**third, "flops": 1e25}))
    assert not np.array_equal(elsewhere, effects)


def test_spread_grows_with_the_distance(cerebras_spec):
    draws = prior_draws(cerebras_spec)
    points = at(cerebras_spec, flops=[1e21, 1e22, 1e23, 1e24])
    log_error = predict_curve(cerebras_spec.reference, draws, points).log_error
    trend = draws.values["level"][:, [0]] - draws.values["exponent"][:, [0]] * (
        points.rows.log_flops - cerebras_spec.reference.centre("flops")[0]
    )
    deviation = (log_error - trend).std(axis=0)
    assert np.all(np.diff(deviation) > 0)


def test_points_of_one_curve_are_joint(cerebras_spec):
    """Two forecasts a hair apart differ by a hair: the deviation is one smooth curve, not one draw a point."""
    draws = prior_draws(cerebras_spec, 200)
    curve = predict_curve(cerebras_spec.reference, draws, at(cerebras_spec, flops=[1e24, 1.0001e24]))
    assert np.abs(np.diff(curve.log_error, axis=1)).max() < 1e-2


def test_a_new_family_is_less_certain_than_a_known_one(families_spec):
    draws = prior_draws(families_spec)
    points = at(families_spec, family=["Cerebras-GPT", "another"], flops=1e21)
    known, new = predict_curve(families_spec.reference, draws, points).log_error.T
    parent = draws.values["level_benchmark"][:, 0]
    # Scales have heavy tails, so that standard deviations of so many draws say little.
    of_new, of_known = (np.ptp(np.quantile(values - parent, [0.1, 0.9])) for values in (new, known))
    assert of_new > of_known


def test_new_benchmark_takes_its_own_chance_and_the_population(families_spec):
    draws = prior_draws(families_spec)
    points = at(families_spec, benchmark="brand new", chance=0.5, n_items=1000.0, flops=1e21)
    curve = predict_curve(families_spec.reference, draws, points)
    scores = predict_scores(curve, families_spec.reference, draws, points)
    assert curve.expected.min() >= 0.5
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_families_of_a_single_family_fit_use_the_prior(cerebras_spec):
    draws = prior_draws(cerebras_spec)
    points = at(cerebras_spec, family="another", flops=1e21)
    new = predict_curve(cerebras_spec.reference, draws, points).log_error[:, 0]
    assert np.isfinite(new).all()
    assert "level_family_sd" in draws.values


def test_unknown_item_counts_still_give_scores(cerebras_train):
    spec = specify(bs.DirectLaw(), bs.Runs(cerebras_train.frame.drop(columns="n_items")))
    draws = prior_draws(spec, 300)
    points = at(spec, flops=1e22)
    scores = predict_scores(predict_curve(spec.reference, draws, points), spec.reference, draws, points)
    assert np.isfinite(scores).all()


def test_a_new_benchmark_of_a_single_family_draws_no_interaction(cerebras_spec):
    """The one-family model has benchmarks, and no interactions with families: nor has its forecast."""
    draws = prior_draws(cerebras_spec)
    points = at(cerebras_spec, benchmark="brand new", chance=0.0, n_items=1000.0, flops=1e21)
    predict_curve(cerebras_spec.reference, draws, points)
    assert "curve_amplitude" not in draws.values


def test_benchmarks_of_a_family_share_what_the_law_misses(families_runs):
    """Far from the data all benchmarks of a family are off together, and those of another family by something else."""
    law = bs.DirectLaw(table_amplitude=None, benchmark_amplitude=None, curve_amplitude=None, family_amplitude=0.1)
    spec = specify(law, families_runs)
    draws = prior_draws(spec)
    frame = families_runs.frame.drop_duplicates(["family", "benchmark"]).assign(flops=1e25)
    off = deviations(spec.reference, draws, encode_points(spec.reference, frame.assign(run="new " + frame["family"])))
    assert off.std() > 0.5
    first = frame["family"].iloc[0]
    same = (frame["family"] == first).to_numpy()
    assert np.ptp(off[:, same], axis=1).max() == 0
    other = np.corrcoef(off[:, same][:, 0], off[:, ~same][:, 0])[0, 1]
    assert abs(other) < 0.1


def test_a_new_family_misses_by_a_draw_of_its_own(cerebras_spec):
    law = bs.DirectLaw(table_amplitude=None, benchmark_amplitude=None, curve_amplitude=None, family_amplitude=0.1)
    spec = specify(law, cerebras_spec.runs)
    draws = prior_draws(spec)
    frame = spec.runs.frame.drop(columns="accuracy").iloc[:3].assign(flops=1e25)
    both = pd.concat([frame, frame.assign(family="another")], ignore_index=True)
    off = deviations(spec.reference, draws, encode_points(spec.reference, both))
    assert np.ptp(off[:, 3:], axis=1).max() == 0
    assert abs(np.corrcoef(off[:, 0], off[:, 3])[0, 1]) < 0.1
    assert off[:, 3].std() > 0.5
