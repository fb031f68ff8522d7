import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.model.curve import fitted_moments
from bayes_scaling.model.pooling import unpack
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.starting import rough_coefficients, starting_vectors


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
    simulated = bs.simulate_runs(
        bs.DirectLaw(), n_benchmarks=3, n_runs=30, chance=0.0, exponent=0.15, ceiling=0.0, random_seed=2
    )
    spec = specify(bs.DirectLaw(), simulated.runs)
    assert np.exp(rough_coefficients(spec)["exponent"]) == pytest.approx(0.15, rel=0.25)


def test_a_single_score_starts_at_the_prior(cerebras_train):
    one = bs.Runs(cerebras_train.frame.head(1))
    spec = specify(bs.DirectLaw(), one)
    assert np.exp(rough_coefficients(spec)["exponent"]) == pytest.approx(spec.law.prior("exponent").median)


def test_curves_start_as_far_apart_as_their_slopes_say(many_recipes):
    spec = specify(bs.DirectLaw(), many_recipes)
    start = dict(zip([hyper.name for hyper in spec.layout.hypers], starting_vectors(spec)["hyper"], strict=True))
    assert np.exp(start["exponent_interaction_sd"]) == pytest.approx(0.35, rel=0.3)  # seven times its prior's median
    named = unpack(spec.law, spec.reference, spec.layout, starting_vectors(spec) | {"fold": np.full(4, 1e-6)})
    log_exponents = np.log(named["exponent"]).reshape(4, -1)
    assert np.std(log_exponents - log_exponents.mean(axis=1, keepdims=True)) == pytest.approx(0.35, rel=0.3)


def test_a_fixed_spread_of_curves_is_what_they_start_with(many_recipes):
    spec = specify(bs.DirectLaw(exponent_interaction_sd=0.2), many_recipes)
    free = specify(bs.DirectLaw(), many_recipes)
    exponents = [
        np.log(unpack(s.law, s.reference, s.layout, starting_vectors(s) | {"fold": np.full(4, 1e-6)})["exponent"])
        for s in (spec, free)
    ]
    assert exponents[0] == pytest.approx(exponents[1], abs=0.05)


@pytest.fixture(scope="module")
def many_recipes():
    """Scores of 40 recipes whose exponents differ more than the prior expects, on four benchmarks."""
    rng = np.random.default_rng(3)
    flops = np.geomspace(1e19, 1e22, 4)
    rows = []
    for recipe in range(40):
        for b in range(4):
            exponent = 0.2 * np.exp(0.35 * rng.standard_normal())
            error = np.exp(0.3 - exponent * np.log(flops / 3e20) + 0.02 * rng.standard_normal(4))
            rows += [
                {"run": f"{recipe}-{i}", "family": f"recipe {recipe}", "flops": c, "benchmark": f"b{b}", "accuracy": q}
                for i, (c, q) in enumerate(zip(flops, np.exp(-error), strict=True))
            ]
    return bs.Runs(pd.DataFrame(rows).assign(n_items=10_000, chance=0.0))


def test_a_benchmark_with_a_single_run_among_families_starts_off_the_centre_of_its_exponent():
    """The sampler refuses a start where an entry of the gradient is exactly 0, as it was there."""
    frame = bs.load_dataset("code_pass_at_k").frame
    few = frame[(frame["flops"] <= 1e23) & (frame["k"] <= 10)]  # of MBPP one run
    spec = specify(bs.PassAtKLaw(), bs.Runs(few.reset_index(drop=True)))
    effect, vectors = spec.layout.curve_effects["exponent"], starting_vectors(spec)
    nothing = effect.centredness == 0
    assert nothing.any()
    assert (vectors["exponent_raw"][nothing] != 0).all()
    assert np.abs(vectors["exponent_raw"][nothing]).max() < 0.1
