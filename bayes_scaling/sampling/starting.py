"""Where the sampler starts: at rough fits of each benchmark and curve.

Chains that start far off can get stuck there. With hundreds of curves around a benchmark, those that start without
differences shrink the scale of these before they have found any, and do not come back for hundreds of draws.
"""

import numpy as np

from ..arrays import Floats
from ..laws.attempts import attempts_of
from ..model.observed import of_attempts
from ..model.rough_fit import capped_weights, log_error_at, pooled_median, rough_effects, rough_fit, sensitivities
from ..model.specification import Specification

_JITTER = 0.02


def starting_vectors(spec: Specification) -> dict[str, Floats]:
    """Values of the model's vectors at a rough fit.

    Parameters
    ----------
    spec : Specification
        A law on a table of runs.

    Returns
    -------
    dict of str to array
        ``hyper``, at the centres of the priors but for how curves differ; ``raw``; and ``level_raw`` and the like where
        there are several families.
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
    vectors = {"hyper": hyper, "raw": raw}
    effects, log_sd = _rough_curves(spec, rough)
    for name, of_curves in layout.curve_effects.items():
        c = of_curves.centredness
        vectors[f"{name}_raw"] = c * rough[name][list(reference.curve_benchmark)]
        # As above: of which nothing is known, as of the exponent of a benchmark with a single run.
        vectors[f"{name}_raw"] += _JITTER * (c == 0) * np.random.default_rng(1).standard_normal(len(c))
        if name in effects:
            hyper[[h.name == of_curves.scale for h in layout.hypers]] = log_sd[name]
            vectors[f"{name}_raw"] += np.exp((c - 1) * layout.fixed.get(of_curves.scale, log_sd[name])) * effects[name]
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


def _rough_curves(spec: Specification, rough: dict[str, Floats]) -> tuple[dict[str, Floats], dict[str, float]]:
    """How curves differ from their benchmark, shape (curves,), and the log of how widely; by coefficient."""
    law, rows = spec.law, spec.rows
    of_rows = {name: values[rows.benchmark] for name, values in rough.items()}
    inputs = law.inputs(spec.reference, rows)
    slopes = {
        name: slope for name, slope in sensitivities(law, inputs, of_rows).items() if name in spec.layout.curve_effects
    }
    if not slopes:
        return {}, {}
    effects, sd = rough_effects(
        np.stack(list(slopes.values()), axis=-1),
        spec.response - log_error_at(law, inputs, of_rows),
        capped_weights(law, spec.weights),
        rows.curve,
        # From above: below, the linear model takes differences of exponents for noise, round after round.
        np.array([law.prior(spec.layout.curve_effects[name].scale).interval(0.9)[1] for name in slopes]),
    )
    return dict(zip(slopes, effects.T, strict=True)), dict(zip(slopes, np.log(sd).tolist(), strict=True))


def _rough_in_k(spec: Specification) -> dict[str, Floats]:
    """Coefficients in k at their priors' medians, or where the smooth curves of the sets have them."""
    if not spec.law.takes_attempts:
        return {}
    law, sets, n = attempts_of(spec.law), of_attempts(spec.observed).sets, len(spec.reference.benchmarks)
    rough = {c.name: np.full(n, pooled_median(law, c)) for c in law.attempt_coefficients}
    of_sets = law.rough_coefficients(sets.log_error, sets.log_bend)
    members = np.bincount(spec.rows.benchmark, minlength=n)
    return rough | {name: np.bincount(spec.rows.benchmark, at, n) / members for name, at in of_sets.items()}
