"""Pooling over benchmarks and families: from a model's vectors to named parameters, and their prior.

Written for PyTensor vectors and for NumPy arrays with leading sample axes alike, so that the sampled graph and the
forecast share it.
"""

from collections.abc import Mapping

import numpy as np

from ..arrays import Array, Floats
from ..laws.base import Law
from ..laws.coefficients import Coefficient
from ..laws.surroundings import DEGREES_OF_FREEDOM
from .effects import Layout
from .noise import relative_precisions
from .reference import Reference

#: What benchmarks have of their own, pooled on the log scale.
_OF_BENCHMARKS = ("law_noise", "chance_jitter", "items", "annealing")
#: What runs, sets and trajectories have of their own, beside deviations.
_AS_THEY_ARE = (
    *("run_effect", "trajectory_deviation", "series_luck", "series_deviation"),
    *("set_effect", "set_effect_in_k", "sampling_effect", "k_deviation"),
)


def pooled_effects(layout: Layout, vectors: Mapping[str, Array]) -> dict[str, Array]:
    """Effects of benchmarks, families and runs, shape (..., members), on the scale they are pooled on."""
    c = layout.centredness
    population = layout.population(vectors["hyper"])
    stretch = np.exp((1 - c) * layout.scale(vectors["hyper"]))
    members = layout.spread(population + stretch * (vectors["raw"] - c * population))
    pooled, start = {}, 0
    for effect in layout.effects:
        stop = start + len(effect.centredness)
        pooled[effect.name] = members[..., start:stop]
        start = stop
    return pooled


def hyperparameters(layout: Layout, hyper: Array) -> dict[str, Array]:
    """Populations and scales, shape (...), on their own scale, the fixed ones included."""
    named = {h.name: _own_scale(hyper[..., i], h.positive) for i, h in enumerate(layout.hypers)}
    return named | {name: value + 0.0 * hyper[..., 0] for name, value in layout.constants.items()}


def benchmark_values(
    law: Law, reference: Reference, named: Mapping[str, Array], pooled: Mapping[str, Array]
) -> dict[str, Array]:
    """What coefficients of each benchmark are pooled by, shape (..., benchmark), on the scale of the pooling."""
    return {c.name: _by_benchmark(c, reference, named, pooled) for c in law.coefficients}


def curve_parents(
    name: str, reference: Reference, by_benchmark: Mapping[str, Array], pooled: Mapping[str, Array]
) -> Array:
    """What a coefficient's curves vary around: benchmark plus family, shape (..., curve), on the pooled scale."""
    value = by_benchmark[name][..., np.array(reference.curve_benchmark)]
    if f"{name}_family" in pooled:
        value = value + pooled[f"{name}_family"][..., np.array(reference.curve_family)]
    return value


def curve_spread(scale: Array, power: Floats) -> Array:
    """Scale of curves raised to a power of each, shape (..., curve); by an exponential, far faster than by a power."""
    return np.exp(power * np.log(scale)[..., None])


def unpack(law: Law, reference: Reference, layout: Layout, vectors: Mapping[str, Array]) -> dict[str, Array]:
    """Named parameters of a model from its vectors.

    Parameters
    ----------
    law : Law
        The law.
    reference : Reference
        What was read off the table.
    layout : Layout
        Layout of the vectors.
    vectors : mapping of str to array
        ``hyper`` of shape (..., hypers), ``raw`` of shape (..., size), ``{coefficient}_raw`` of shape (..., curve) for
        each of the layout's curve effects, ``fold`` of shape (..., benchmarks) unless ceilings are left out, and
        ``run_precision`` of shape (..., runs) where runs are Student-t.

    Returns
    -------
    dict of str to array
        Hyperparameters, shape (...); coefficients, shape (..., curve); what benchmarks and runs have of their own,
        shape (..., benchmark) and (..., run): all on their own scale, but effects of families, which are differences on
        the scale they are pooled on.
    """
    named = hyperparameters(layout, vectors["hyper"])
    pooled = pooled_effects(layout, vectors)
    by_benchmark = benchmark_values(law, reference, named, pooled)
    shifts = law.at_reference(by_benchmark, reference.per_benchmark("spread"))
    for coefficient in law.coefficients:
        name, positive = coefficient.name, coefficient.positive
        value = curve_parents(name, reference, by_benchmark, pooled)
        if name in layout.curve_effects:
            effect = layout.curve_effects[name]
            c = effect.centredness
            stretch = curve_spread(named[effect.scale], 1 - c)
            value = value + stretch * (vectors[f"{name}_raw"] - c * value)
        of_benchmark = by_benchmark[name]
        if name in shifts:
            value = value + shifts[name][..., np.array(reference.curve_benchmark)]
            of_benchmark = of_benchmark + shifts[name]
        named[f"{name}_benchmark"] = _own_scale(of_benchmark, positive)
        if f"{name}_family" in pooled:
            named[f"{name}_family"] = pooled[f"{name}_family"]
        named[name] = _own_scale(value, positive)
    named |= {name: np.exp(pooled[name]) for name in _OF_BENCHMARKS if name in pooled}
    for name in ("chance_jitter", "annealing"):
        if f"{name}_population" in named and name not in named:  # one for all benchmarks
            named[name] = named[f"{name}_population"][..., None] + np.zeros(len(reference.benchmarks))
    as_they_are = (
        *_AS_THEY_ARE,
        *(f"{what}{sharing}_deviation" for what in law.deviations for sharing in reference.bases),
    )
    named |= {name: pooled[name] for name in as_they_are if name in pooled}
    if "run_precision" in vectors:
        # Student-t: normal effects, each stretched by a precision of its own. The members of the zero sum are stretched
        # after it, so that a run that lies far off does not push the others.
        named["run_precision"] = vectors["run_precision"]
        named["run_effect"] = named["run_effect"] / np.sqrt(vectors["run_precision"])
    if "fold" in vectors:
        named["ceiling"] = named["ceiling_population"][..., None] * vectors["fold"]
        if law.ceiling_power:
            named["ceiling"] = named["ceiling"] * np.exp(law.ceiling_power * named["level_benchmark"])
    return named


def _by_benchmark(
    coefficient: Coefficient, reference: Reference, named: Mapping[str, Array], pooled: Mapping[str, Array]
) -> Array:
    name = coefficient.name
    if f"{name}_benchmark" in pooled:
        return pooled[f"{name}_benchmark"]
    centre = named[f"{name}_population"]
    return (np.log(centre) if coefficient.positive else centre)[..., None] + np.zeros(len(reference.benchmarks))


def _own_scale(value: Array, positive: bool) -> Array:
    return np.exp(value) if positive else value


def prior_vectors(
    law: Law, layout: Layout, reference: Reference, rng: np.random.Generator, size: int
) -> dict[str, Floats]:
    """Draw the vectors of `unpack` from the prior, with a leading axis of `size` samples."""
    mean, sd = np.array([(h.mean, h.sd) for h in layout.hypers]).T
    vectors: dict[str, Floats] = {"hyper": rng.normal(mean, sd, (size, len(mean)))}
    raw_mean, raw_sd = raw_moments(layout, vectors["hyper"])
    vectors["raw"] = raw_mean + raw_sd * rng.standard_normal(raw_mean.shape)
    named, pooled = hyperparameters(layout, vectors["hyper"]), pooled_effects(layout, vectors)
    by_benchmark = benchmark_values(law, reference, named, pooled)
    for coefficient in law.coefficients:
        if effect := layout.curve_effects.get(coefficient.name):
            centre = effect.centredness * curve_parents(coefficient.name, reference, by_benchmark, pooled)
            spread = curve_spread(named[effect.scale], effect.centredness)
            vectors[f"{coefficient.name}_raw"] = centre + spread * rng.standard_normal(centre.shape)
    if not law.leaves_out("ceiling"):
        vectors["fold"] = np.abs(rng.standard_normal((size, len(reference.benchmarks))))
    if DEGREES_OF_FREEDOM in named and "run_effect" in pooled:
        shape = (size, len(reference.runs))
        vectors["run_precision"] = relative_precisions(rng, shape, named[DEGREES_OF_FREEDOM][:, None])
    return vectors


def raw_moments(layout: Layout, hyper: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each raw effect given the hyperparameters."""
    c = layout.centredness
    return c * layout.population(hyper), np.exp(c * layout.scale(hyper))
