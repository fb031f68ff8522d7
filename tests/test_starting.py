import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.hierarchy import unpack
from bayes_scaling.prediction import fitted_moments
from bayes_scaling.specification import specify
from bayes_scaling.starting import rough_coefficients, starting_vectors


def at_start(spec):
    vectors = starting_vectors(spec) | {"hyper": np.array([h.mean for h in spec.layout.hypers])}
    vectors["fold"] = np.full(len(spec.reference.benchmarks), 1e-6)
    return unpack(spec.law, spec.reference, spec.layout, vectors)


@pytest.mark.parametrize("which", ["cerebras_spec", "families_spec"])
def test_chains_start_near_the_scores(which, request):
    spec = request.getfixturevalue(which)
    expected, _ = fitted_moments(spec.law, spec.reference, spec.rows, at_start(spec))
    assert np.abs(expected - spec.observed.values).mean() < 0.03


def test_start_is_the_rough_fit_whatever_the_centredness(cerebras_spec):
    rough, named = rough_coefficients(cerebras_spec), at_start(cerebras_spec)
    assert named["level"] == pytest.approx(rough["level"], abs=0.1)
    assert np.log(named["exponent"]) == pytest.approx(rough["exponent"], abs=0.1)
    assert np.abs(named["run_effect"]).max() < 0.01


def test_rough_fit_finds_the_law_of_noiseless_scores():
    simulated = bs.simulate_runs(n_benchmarks=3, n_runs=30, chance=0.0, exponent=0.15, ceiling=0.0, random_seed=2)
    spec = specify(bs.DirectLaw(), simulated.runs)
    assert np.exp(rough_coefficients(spec)["exponent"]) == pytest.approx(0.15, rel=0.25)


def test_a_single_score_starts_at_the_prior(cerebras_train):
    one = bs.Runs(cerebras_train.frame.head(1))
    spec = specify(bs.DirectLaw(), one)
    assert np.exp(rough_coefficients(spec)["exponent"]) == pytest.approx(spec.law.prior("exponent").median)
