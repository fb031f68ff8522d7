"""Where each parameter stands in a model's vectors.

A model has two main vectors: `hyper`, the populations and scales on the real line (log scale where positive), and
`raw`, the effects of benchmarks, families and runs. A `Layout` says which entries of `raw` belong to which effect,
around which population and with which scale.

Effects are sampled between their centred and their non-centred form: with centredness c in [0, 1], a raw effect has
the mean ``c mean`` and the spread ``sd^c``, and stands for ``mean + sd^(1 - c) (raw - c mean)``. Effects that the data
pin down want c near 1, effects that the prior pins down want c near 0; either extreme on the wrong data makes a funnel.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Floats, Ints
from ..laws.attempts import AttemptsLaw, attempts_of
from ..laws.base import Law
from ..laws.coefficients import Coefficient
from ..laws.priors import Fixed, LogNormal, Normal
from ..laws.surroundings import DEGREES_OF_FREEDOM
from .deviation import Basis
from .effects import Effect, Hyper, Layout
from .reference import Reference
from .rows import Rows


def make_layout(
    law: Law, reference: Reference, rows: Rows, weights: Floats, information: Mapping[str, Floats]
) -> Layout:
    """Lay out the parameters of a law on a table of runs.

    Parameters
    ----------
    law : Law
        The law and its priors.
    reference : Reference
        What was read off the table.
    rows : Rows
        The table's rows in the reference's codes.
    weights : array, shape (rows,)
        Information of each row about its log error (`information`).
    information : mapping of str to array, shape (rows,)
        Information of each row about each coefficient (`coefficient_information`). Both decide the centredness.

    Returns
    -------
    Layout
        Populations, scales and effects; parts that are fixed at 0 or that the table cannot show are left out.
    """
    effects = [
        effect
        for c in law.coefficients
        for effect in _coefficient_effects(law, c, reference, rows, information[c.name])
    ]
    n = len(reference.benchmarks)
    if not law.leaves_out("run_sd"):
        total = _information_of_runs(law, reference, rows, weights)
        groups = np.array(reference.run_family)
        effects.append(_zero_sum("run_effect", "run", "run_sd", law, total, groups))
    effects += [_deviation(name, bases) for name, bases in _deviating(law, reference)]
    if law.takes_attempts:
        effects += _attempt_effects(attempts_of(law), weights, information)
    else:
        effects += [*_scatter_effects(law, rows, n), *_jitter_effects(law, reference)]
        effects += [*_trajectory_effects(law, reference), *_annealing_effects(law, reference)]
    if np.isnan(rows.n_items).any() and not law.leaves_out("items"):
        effects.append(Effect("items", "benchmark", "items_population", "items_spread", np.zeros(n)))
    effects = [effect for effect in effects if effect.free]
    of_curves = {
        c.name: effect
        for c in law.coefficients
        if (effect := _curve_effect(law, c, reference, rows, information[c.name]))
    }
    hypers, fixed = _hyperparameters(law, reference, [*effects, *of_curves.values()])
    if not hypers:
        raise ValueError("every parameter is fixed, so there is nothing to fit; give one of them a prior")
    positive = frozenset(slot.parameter for slot in law.slots() if slot.positive)
    return Layout(hypers, fixed, positive, tuple(effects), of_curves)


def _deviating(law: Law, reference: Reference) -> list[tuple[str, tuple[Basis, ...]]]:
    """Names and bases of the smooth deviations that a law has on a table."""
    found = [
        (f"{what}{sharing}", bases)
        for what in law.deviations
        for sharing, bases in reference.bases.items()
        if sharing in law.sharing(what)
    ]
    return found if law.leaves_out("k_amplitude") else [*found, ("k", reference.bases_in_k)]


def _deviation(name: str, bases: Sequence[Basis]) -> Effect:
    return Effect(f"{name}_deviation", f"{name}_deviation_coefficient", "", "", np.zeros(_size(bases)))


def _size(bases: Sequence[Basis]) -> int:
    return sum(basis.size for basis in bases)


def _scatter_effects(law: Law, rows: Rows, n_benchmarks: int) -> list[Effect]:
    if law.leaves_out("law_noise"):
        return []
    relative = 0.5 * np.bincount(rows.benchmark, minlength=n_benchmarks) * law.prior("law_noise_spread").median ** 2
    centredness = relative / (1 + relative)
    return [Effect("law_noise", "benchmark", "law_noise_population", "law_noise_spread", centredness)]


def _jitter_effects(law: Law, reference: Reference) -> list[Effect]:
    if law.leaves_out("chance_jitter") or law.leaves_out("chance_jitter_spread"):
        return []
    n = len(reference.benchmarks)
    return [Effect("chance_jitter", "benchmark", "chance_jitter_population", "chance_jitter_spread", np.zeros(n))]


def _information_of_runs(law: Law, reference: Reference, rows: Rows, weights: Floats) -> Floats:
    """Information about the luck of each run; of a run of several checkpoints no more than what fades leaves of it."""
    total = np.bincount(rows.run, weights, len(reference.runs))
    along = reference.trajectory_of_run >= 0
    return np.where(along, np.minimum(total, 1 / law.prior("run_sd").median ** 2), total)


def _trajectory_effects(law: Law, reference: Reference) -> list[Effect]:
    """What fades along each training run, and what it has of its own on each benchmark, staying and fading."""
    along, found = reference.trajectories, []
    fades, persists = (not law.leaves_out(name) for name in ("fading", "persistence"))
    if fades and not law.leaves_out("run_sd"):
        found.append(_standard("trajectory_deviation", sum(one.size for one in along)))
    if persists and not law.leaves_out("law_noise"):
        luck = Effect("series_luck", "series", "", "", np.zeros(len(reference.series)), reference.series_sums)
        found.append(luck)
        if fades:
            found.append(_standard("series_deviation", sum(along[code].size for code, _ in reference.series)))
    return found


def _standard(name: str, size: int) -> Effect:
    return Effect(name, f"{name}_coefficient", "", "", np.zeros(size))


def _annealing_effects(law: Law, reference: Reference) -> list[Effect]:
    if not reference.decay.varies or law.leaves_out("annealing") or law.leaves_out("annealing_spread"):
        return []
    n = len(reference.benchmarks)
    return [Effect("annealing", "benchmark", "annealing_population", "annealing_spread", np.zeros(n))]


def _attempt_effects(law: AttemptsLaw, weights: Floats, information: Mapping[str, Floats]) -> list[Effect]:
    """Effects of each run on each benchmark, of its log error at k = 1 and of its curve in k."""
    found = {
        "set_effect": ("set", "set_sd", weights),
        "set_effect_in_k": ("set", law.scatter, information["set_effect_in_k"]),
        "sampling_effect": ("way", "sampling_sd", information.get("sampling_effect", np.zeros(0))),
    }
    return [
        Effect(name, dim, "sampling_shift" if dim == "way" else "", scale, _centredness(law, scale, info))
        for name, (dim, scale, info) in found.items()
        if not law.leaves_out(scale)
    ]


def _coefficient_effects(
    law: Law, coefficient: Coefficient, reference: Reference, rows: Rows, information: Floats
) -> list[Effect]:
    name = coefficient.name
    curves = np.bincount(rows.curve, information, len(reference.curve_family))
    families, benchmarks = np.array(reference.curve_family), np.array(reference.curve_benchmark)
    found = []
    if not law.leaves_out(scale := coefficient.scale("benchmark")):
        centredness = _centredness(law, scale, np.bincount(benchmarks, curves))
        found.append(Effect(f"{name}_benchmark", "benchmark", f"{name}_population", scale, centredness))
    if "family" in coefficient.pooled and not law.leaves_out(scale := coefficient.scale("family")):
        total, together = np.bincount(families, curves), np.zeros(len(reference.families), np.int64)
        found.append(_zero_sum(f"{name}_family", "family", scale, law, total, together))
    return found


def _curve_effect(
    law: Law, coefficient: Coefficient, reference: Reference, rows: Rows, information: Floats
) -> Effect | None:
    scale = coefficient.scale("interaction")
    if len(reference.families) == 1 or "interaction" not in coefficient.pooled or law.leaves_out(scale):
        return None
    curves = np.bincount(rows.curve, information, len(reference.curve_family))
    return Effect(coefficient.name, "curve", "", scale, _centredness(law, scale, curves))


def _zero_sum(name: str, dim: str, scale: str, law: Law, total: Floats, groups: Ints) -> Effect:
    level = _centredness(law, scale, total).mean()
    return Effect(name, dim, "", scale, np.full(len(total), level), groups)


def _centredness(law: Law, scale: str, information: Floats) -> Floats:
    relative = information * law.prior(scale).median ** 2
    return relative / (1 + relative)


def _hyperparameters(
    law: Law, reference: Reference, effects: Sequence[Effect]
) -> tuple[tuple[Hyper, ...], dict[str, float]]:
    used = {name for effect in effects for name in (effect.population, effect.scale)}
    names = {effect.name for effect in effects}
    used |= {"fading"} if names & {"trajectory_deviation", "series_deviation"} else set()
    used |= {"run_sd"} if "trajectory_deviation" in names else set()
    used |= {"annealing_population"} if reference.decay.varies else set()
    used |= {"persistence"} if names & {"series_luck", "series_deviation"} else set()
    used |= {*law.noise, "chance_jitter_population", "ceiling_population", DEGREES_OF_FREEDOM}
    used |= {f"{name}_amplitude" for name, bases in _deviating(law, reference) if name != "k" or _size(bases)}
    used |= {f"{c.name}_population" for c in law.coefficients}
    hypers, fixed = [], {}
    for slot in law.slots():
        if slot.parameter not in used or law.leaves_out(slot.name):
            continue
        match law.prior(slot.name):
            case Normal(mean, sd):
                hypers.append(Hyper(slot.parameter, mean, sd, slot.positive))
            case LogNormal(median, log_sd):
                hypers.append(Hyper(slot.parameter, float(np.log(median)), log_sd, slot.positive))
            case Fixed(value):
                fixed[slot.parameter] = float(np.log(value)) if slot.positive else value
    return tuple(hypers), fixed
