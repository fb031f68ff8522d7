"""Where the sampler starts: at rough fits of each benchmark, since chains that start far off can get stuck there."""

import numpy as np
from numpy.typing import NDArray

from .laws.pass_at_k import PassAtKLaw
from .likelihood import Counts, Rates
from .rough import pooled_median, rough_fit
from .specification import Specification

Floats = NDArray[np.float64]

_JITTER = 0.02


def starting_vectors(spec: Specification) -> dict[str, Floats]:
    """Values of the model's effects at a rough fit, with populations and scales at their priors' centres.

    Parameters
    ----------
    spec : Specification
        A law on a table of runs.

    Returns
    -------
    dict of str to array
        ``raw``, and ``level_raw`` and the like where there are several families; the sampler jitters ``hyper`` only.
    """
    layout, reference = spec.layout, spec.reference
    hyper = np.array([h.mean for h in layout.hypers])
    centre, log_scale = layout.population(hyper), layout.scale(hyper)
    rough = rough_coefficients(spec)
    # A little off the prior's centre: the sampler refuses a start where an entry of the gradient is exactly 0, as that
    # of an exponent with a single budget is.
    raw = layout.centredness * centre + _JITTER * np.random.default_rng(0).standard_normal(layout.size)
    start = 0
    for effect in layout.effects:
        stop = start + effect.free
        name = effect.name.removesuffix("_benchmark")
        if name in rough:
            stretch = np.exp((1 - effect.centredness) * log_scale[start:stop])
            raw[start:stop] += (rough[name] - centre[start:stop]) / stretch
        start = stop
    vectors = {"raw": raw}
    for name, of_curves in layout.curve_effects.items():
        vectors[f"{name}_raw"] = of_curves.centredness * rough[name][list(reference.curve_benchmark)]
    return vectors


def rough_coefficients(spec: Specification) -> dict[str, Floats]:
    """Coefficients of each benchmark by least squares, on the scale they are pooled on, shape (benchmarks,)."""
    rows = spec.rows
    inputs = spec.law.inputs(spec.reference, rows)
    found = []
    for b in range(len(spec.reference.benchmarks)):
        at = rows.benchmark == b
        of_benchmark = {name: x[at] for name, x in inputs.items()}
        found.append(rough_fit(spec.law, of_benchmark, spec.response[at], spec.weights[at]))
    rough = {c.name: np.array([values[c.name] for values in found]) for c in spec.law.curve_coefficients}
    return rough | _rough_in_k(spec)


def _rough_in_k(spec: Specification) -> dict[str, Floats]:
    """Coefficients in k at their priors' medians, but bends at those of the smooth curves of the sets."""
    if not isinstance(spec.observed, Rates | Counts):
        return {}
    n = len(spec.reference.benchmarks)
    rough = {c.name: np.full(n, pooled_median(spec.law, c)) for c in spec.law.attempt_coefficients}
    if "bend" in rough:
        sets = spec.observed.sets
        of_level = sets.log_bend - PassAtKLaw.bend_moves(sets.log_error, 0.0, sets.log_error)
        rough["bend"] = np.bincount(spec.rows.benchmark, of_level, n) / np.bincount(spec.rows.benchmark, minlength=n)
    return rough
