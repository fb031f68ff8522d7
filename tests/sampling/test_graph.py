"""Checks of the graph without sampling: the model says what the pure functions say."""

import numpy as np
import pytensor
import pytest
from pytensor.graph.traversal import applys_between
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.model.curve import fitted_moments
from bayes_scaling.model.pooling import prior_vectors, raw_moments, unpack
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.graph import build_model


def evaluate(model, variables, point):
    """Values of graph variables at a point, without compiling."""
    inputs = {model.rvs_to_values[model[name]]: value for name, value in point.items()}
    function = pytensor.function(list(inputs), variables, mode="FAST_COMPILE", on_unused_input="ignore")
    return function(*inputs.values())


def unconstrained(vectors):
    """Values of the free variables on the sampler's scale: the fold is sampled by its logarithm."""
    return {name: np.log(value) if name == "fold" else value for name, value in vectors.items()}


def numpy_log_density(spec, vectors):
    hyper_mean, hyper_sd = np.array([(h.mean, h.sd) for h in spec.layout.hypers]).T
    raw_mean, raw_sd = raw_moments(spec.layout, vectors["hyper"])
    named = unpack(spec.law, spec.reference, spec.layout, vectors)
    expected, sd = fitted_moments(spec.law, spec.reference, spec.rows, named)
    return {
        "hyper": stats.norm.logpdf(vectors["hyper"], hyper_mean, hyper_sd),
        "raw": stats.norm.logpdf(vectors["raw"], raw_mean, raw_sd),
        "accuracy": stats.norm.logpdf(spec.observed.values, expected, sd),
    }


@pytest.mark.parametrize("which", ["cerebras_spec", "families_spec"])
def test_graph_and_numpy_agree(which, request):
    spec = request.getfixturevalue(which)
    model = build_model(spec)
    rng = np.random.default_rng(5)
    drawn = prior_vectors(spec.law, spec.layout, spec.reference, rng, 3)
    parts = {name: model.logp(vars=[model[name]], sum=False)[0] for name in ("hyper", "raw", "accuracy")}
    for i in range(3):
        vectors = {name: value[i] for name, value in drawn.items()}
        values = evaluate(model, list(parts.values()), unconstrained(vectors))
        for (name, expected), value in zip(numpy_log_density(spec, vectors).items(), values, strict=True):
            assert value == pytest.approx(expected, rel=1e-8, abs=1e-8), name


def test_gradient_is_finite_where_the_sampler_starts(families_spec):
    model = build_model(families_spec)
    point = model.initial_point()
    gradient = evaluate(model, [model.dlogp()], unconstrained_names(model, point))[0]
    assert np.isfinite(gradient).all()
    assert np.count_nonzero(gradient) > 0.9 * gradient.size


def unconstrained_names(model, point):
    return {rv.name: point[model.rvs_to_values[rv].name] for rv in model.free_RVs}


def test_no_scale_is_raised_to_a_power(families_spec):
    """A power of each curve's scale took a third of a gradient of many curves."""
    assert families_spec.layout.curve_effects
    nodes = applys_between([], [build_model(families_spec).logp()])
    powers = [node for node in nodes if type(getattr(node.op, "scalar_op", None)).__name__ == "Pow"]
    assert powers  # squares of the normal densities
    assert all(node.inputs[1].type.broadcastable == (True,) * node.outputs[0].ndim for node in powers)


def test_parts_that_are_left_out_leave_the_graph(cerebras_train):
    left_out = ("ceiling", "benchmark_amplitude", "family_amplitude", "run_sd", "law_noise", "chance_jitter")
    spec = specify(bs.DirectLaw(**dict.fromkeys(left_out)), cerebras_train)
    model = build_model(spec)
    assert {rv.name for rv in model.free_RVs} == {"hyper", "raw"}
    assert {e.name for e in spec.layout.effects} == {"level_benchmark", "exponent_benchmark"}
