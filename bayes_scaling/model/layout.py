"""Where each parameter stands in a model's vectors.

A model has two main vectors: `hyper`, the populations and scales on the real line (log scale where positive), and
`raw`, the effects of benchmarks, families and runs. A `Layout` says which entries of `raw` belong to which effect,
around which population and with which scale.

Effects are sampled between their centred and their non-centred form: with centredness c in [0, 1], a raw effect has
the mean ``c mean`` and the spread ``sd^c``, and stands for ``mean + sd^(1 - c) (raw - c mean)``. Effects that the data
pin down want c near 1, effects that the prior pins down want c near 0; either extreme on the wrong data makes a funnel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..laws.base import Coefficient, Law
from ..laws.priors import Fixed, LogNormal, Normal
from .noise import DEGREES_OF_FREEDOM
from .reference import Reference, Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = Any  # a NumPy array or a PyTensor variable


@dataclass(frozen=True)
class Effect:
    """A block of the raw vector: one kind of effect, with an entry for each member.

    Attributes
    ----------
    name : str
        Name of the parameter that the block becomes.
    dim : str
        Dimension of its members.
    population, scale : str
        Hyperparameters it varies around and by; empty for 0 and for 1.
    centredness : array, shape (members,)
        Degree of centring of each member; one value for all members where they sum to zero.
    groups : int array, shape (members,), or None
        Codes of the groups within which members sum to zero; None for independent members.
    """

    name: str
    dim: str
    population: str
    scale: str
    centredness: Floats
    groups: Ints | None = None

    @cached_property
    def free(self) -> int:
        """Entries of the raw vector: the members, less one for each group."""
        return len(self.centredness) - (0 if self.groups is None else len(np.unique(self.groups)))


@dataclass(frozen=True)
class Hyper:
    """A population or scale: its name and its normal prior on the real line (of the logarithm where positive)."""

    name: str
    mean: float
    sd: float
    positive: bool


@dataclass(frozen=True)
class Layout:
    """The two vectors of a model, entry by entry; made by `make_layout`.

    Attributes
    ----------
    hypers : tuple of Hyper
        Entries of the hyper vector.
    fixed : dict of str to float
        Hyperparameters held at a value other than 0, on the real line.
    positive : frozenset of str
        Those of `fixed` whose logarithm is held.
    effects : tuple of Effect
        Blocks of the raw vector.
    curve_effects : dict of str to Effect
        Effects of curves around their benchmark and family, by coefficient; none where there is one family.
    """

    hypers: tuple[Hyper, ...]
    fixed: dict[str, float]
    positive: frozenset[str]
    effects: tuple[Effect, ...]
    curve_effects: dict[str, Effect]

    @cached_property
    def constants(self) -> dict[str, float]:
        """Fixed hyperparameters on their own scale."""
        return {name: float(np.exp(value)) if name in self.positive else value for name, value in self.fixed.items()}

    @cached_property
    def size(self) -> int:
        """Length of the raw vector."""
        return sum(effect.free for effect in self.effects)

    @cached_property
    def centredness(self) -> Floats:
        """Centredness of each raw entry."""
        return np.concatenate([effect.centredness[: effect.free] for effect in self.effects])

    @cached_property
    def population(self) -> "Lookup":
        """Population of each raw entry, on the real line."""
        return self._lookup("population")

    @cached_property
    def scale(self) -> "Lookup":
        """Logarithm of the scale of each raw entry."""
        return self._lookup("scale")

    @cached_property
    def spread(self) -> "Spread":
        """Map from raw entries to members, in which members of a group sum to zero."""
        return _make_spread(self.effects)

    def _lookup(self, which: str) -> "Lookup":
        names = [getattr(effect, which) for effect in self.effects for _ in range(effect.free)]
        position = {hyper.name: i for i, hyper in enumerate(self.hypers)}
        if unknown := set(names) - set(position) - set(self.fixed) - {""}:
            raise ValueError(f"effects vary by {', '.join(sorted(unknown))}, which the layout does not have")
        index = np.array([position.get(name, 0) for name in names], np.int64)
        known = np.array([name in position for name in names], float)
        return Lookup(index, known, np.array([self.fixed.get(name, 0.0) for name in names]))


@dataclass(frozen=True)
class Lookup:
    """Entries of a vector by position, or constants where `known` is 0; no concatenation, which compiles slowly."""

    index: Ints
    known: Floats
    constant: Floats

    def __call__(self, vector: Array) -> Array:
        """Look the entries up along the last axis."""
        return vector[..., self.index] * self.known + self.constant


@dataclass(frozen=True)
class Spread:
    """Free entries to members: each member its own entry, less its share of its group's total.

    Within a group of n members that sum to zero the map is an isometry of n - 1 free entries, so independent entries of
    unit variance give effects of variance 1 - 1/n that are correlated by nothing but their sum.
    """

    entry: Lookup
    group: Ints
    share: Floats
    last: Lookup
    before: Lookup

    def __call__(self, free: Array) -> Array:
        """Members along the last axis."""
        running = free.cumsum(axis=-1)
        total = self.last(running) - self.before(running)
        return self.entry(free) - total[..., self.group] * self.share


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
        Information of each row about its log error (`row_information`).
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
        total = np.bincount(rows.run, weights, len(reference.runs))
        groups = np.array(reference.run_family)
        effects.append(_zero_sum("run_effect", "run", "run_sd", law, total, groups))
    for sharing, bases in reference.bases.items():
        if sharing in law.deviates_by:
            size = sum(basis.size for basis in bases)
            effects.append(Effect(f"{sharing}_deviation", f"{sharing}_deviation_coefficient", "", "", np.zeros(size)))
    if law.observes == "attempts":
        effects += _attempt_effects(law, weights, information)
    else:
        effects += _scatter_effects(law, rows, n)
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


def _scatter_effects(law: Law, rows: Rows, n_benchmarks: int) -> list[Effect]:
    if law.leaves_out("law_noise"):
        return []
    relative = 0.5 * np.bincount(rows.benchmark, minlength=n_benchmarks) * law.prior("law_noise_spread").median ** 2
    centredness = relative / (1 + relative)
    return [Effect("law_noise", "benchmark", "law_noise_population", "law_noise_spread", centredness)]


def _attempt_effects(law: Law, weights: Floats, information: Mapping[str, Floats]) -> list[Effect]:
    """Effects of each run on each benchmark: of its log error at k = 1, and of its curve in k."""
    scales = {"set_effect": ("set_sd", weights), "set_effect_in_k": (law.scatter, information["set_effect_in_k"])}
    return [
        Effect(name, "set", "", scale, _centredness(law, scale, info))
        for name, (scale, info) in scales.items()
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
    used |= {*law.noise, "ceiling_population", DEGREES_OF_FREEDOM} | {
        f"{sharing}_amplitude" for sharing in reference.bases
    }
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


def _make_spread(effects: Sequence[Effect]) -> Spread:
    entry, group, share, first, stop, groups = [], [], [], [], [], 0
    start = 0
    for effect in effects:
        members = len(effect.centredness)
        codes = np.arange(members) if effect.groups is None else np.unique(effect.groups, return_inverse=True)[1]
        sizes = np.bincount(codes)
        free = np.ones(members, int) if effect.groups is None else sizes - 1
        begin = start + np.concatenate([[0], np.cumsum(free)])
        positions = np.full(members, -1)
        shares = np.zeros(members)
        for g, n in enumerate(sizes):
            at = np.flatnonzero(codes == g)
            positions[at[: free[g]]] = np.arange(begin[g], begin[g + 1])
            if effect.groups is not None:
                shares[at] = 1 / (np.sqrt(n) + n)
                shares[at[-1]] = 1 / np.sqrt(n)
        entry.append(positions)
        group.append(codes + groups)
        share.append(shares)
        first.append(begin[:-1])
        stop.append(begin[1:])
        groups += len(sizes)
        start = int(begin[-1])

    def lookup(parts: list[Any]) -> Lookup:
        index = np.concatenate(parts).astype(np.int64)
        return Lookup(np.maximum(index, 0), (index >= 0).astype(float), np.zeros(len(index)))

    last = [np.where(s > f, s - 1, -1) for f, s in zip(first, stop, strict=True)]
    before = [np.where(s > f, f - 1, -1) for f, s in zip(first, stop, strict=True)]
    return Spread(lookup(entry), np.concatenate(group), np.concatenate(share), lookup(last), lookup(before))
