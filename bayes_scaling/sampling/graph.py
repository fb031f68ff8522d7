"""From a law and a table of runs to a PyMC model; the only module that builds PyMC graphs."""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from ..arrays import Floats
from ..laws.surroundings import DEGREES_OF_FREEDOM
from ..model.attempts.likelihood import Counts
from ..model.pooling import (
    benchmark_values,
    curve_parents,
    curve_spread,
    hyperparameters,
    pooled_effects,
    raw_moments,
    unpack,
)
from ..model.specification import Specification


def build_model(spec: Specification, counts: Floats | None = None) -> pm.Model:
    """Build the PyMC model of a specification.

    Parameters
    ----------
    spec : Specification
        A law on a table of runs.
    counts : array, shape (rows,), optional
        How often the likelihood of each row counts (`padding.Padded`); by default once.

    Returns
    -------
    pymc.Model
        With free variables ``hyper`` (populations and scales on the real line), ``raw`` (effects), ``level_raw`` and
        the like (curves, where there are several families), ``fold`` (ceilings over their population, unless left out)
        and ``run_precision`` (where the noise is Student-t), and the observed ``accuracy``, or the potential
        ``counts``. Few, large vectors: PyMC compiles many small ones several times slower.
    """
    law, reference, layout, rows = spec.law, spec.reference, spec.layout, spec.rows
    coords: dict[str, Any] = {
        "hyperparameter": [hyper.name for hyper in layout.hypers],
        "effect": np.arange(layout.size),
        "curve": list(reference.curve_labels),
        "benchmark": list(reference.labels),
        "run": list(reference.runs),
    }
    with pm.Model(coords=coords, check_bounds=False) as model:
        mean, sd = np.array([(hyper.mean, hyper.sd) for hyper in layout.hypers]).T
        hyper = pm.Normal("hyper", mean, sd, dims="hyperparameter")
        vectors = {"hyper": hyper, "raw": pm.Normal("raw", *raw_moments(layout, hyper), dims="effect")}
        scales, pooled = hyperparameters(layout, hyper), pooled_effects(layout, vectors)
        by_benchmark = benchmark_values(law, reference, scales, pooled)
        for coefficient in law.coefficients:
            if effect := layout.curve_effects.get(coefficient.name):
                parents = curve_parents(coefficient.name, reference, by_benchmark, pooled)
                name, c = f"{coefficient.name}_raw", effect.centredness
                vectors[name] = pm.Normal(name, c * parents, curve_spread(scales[effect.scale], c), dims="curve")
        if not law.leaves_out("ceiling"):
            vectors["fold"] = pm.HalfNormal("fold", 1.0, dims="benchmark")
        df = scales.get(DEGREES_OF_FREEDOM)
        if df is not None and "run_effect" in pooled:
            vectors["run_precision"] = pm.Gamma("run_precision", df / 2, df / 2, dims="run")
        named = unpack(law, reference, layout, vectors)
        if isinstance(spec.observed, Counts):
            terms = spec.observed.terms(reference, rows, named, pt.gammaln)
            pm.Potential("counts", terms.sum())
            return model
        mean, sd = spec.observed.moments(reference, rows, named)
        if counts is not None:
            noise = pm.Normal.dist(mean, sd) if df is None else pm.StudentT.dist(nu=df, mu=mean, sigma=sd)
            pm.Potential(spec.observed.name, (counts * pm.logp(noise, spec.observed.values)).sum())
        elif df is None:
            pm.Normal(spec.observed.name, mean, sd, observed=spec.observed.values)
        else:
            pm.StudentT(spec.observed.name, nu=df, mu=mean, sigma=sd, observed=spec.observed.values)
    return model
