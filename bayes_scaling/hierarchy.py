"""Pooling over benchmarks and families: from one flat vector of effects to named parameters.

A model has two vectors: `hyper`, the populations and scales on the real line (log scale where positive), and `raw`,
every effect. A `Layout` says which entries of `raw` belong to which effect, around which population and with which
scale. `unpack` turns the vectors into named parameters; it is written for PyTensor vectors and for NumPy arrays with
leading sample axes alike, so that the sampled graph and the forecast share it.

Effects are sampled between their centred and their non-centred form: with centredness c in [0, 1], raw effects have
the spread ``sd^c`` and are scaled by ``sd^(1 - c)``. Effects that the data pin down want c near 1, effects that the
prior pins down want c near 0; either extreme on the wrong data makes a funnel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .laws.base import Coefficient, Law
from .priors import Fixed, LogNormal, Normal
from .reference import Reference, Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = Any  # a NumPy array or a PyTensor variable

_NOISE_BENEATH = 0.05  # scatter about the law (log error) that caps what one score says, for the centredness


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
        index = np.array([position.get(name, 0) for name in names], np.int64)
        known = np.array([name in position for name in names], float)
        return Lookup(index, known, np.array([self.fixed.get(name, 0.0) for name in names]))


@dataclass(frozen=True)
class Lookup:
    """Entries of a vector by position, or constants where `known` is 0; free of concatenation, which compiles slowly."""

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


def make_layout(law: Law, reference: Reference, rows: Rows, weights: Floats) -> Layout:
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
        Information of each row about its log error (`row_information`), which decides the centredness.

    Returns
    -------
    Layout
        Populations, scales and effects; parts that are fixed at 0 or that the table cannot show are left out.
    """
    effects = [effect for c in law.coefficients for effect in _coefficient_effects(law, c, reference, rows, weights)]
    n = len(reference.benchmarks)
    if not law.leaves_out("run_sd"):
        total = np.bincount(rows.run, weights, len(reference.runs))
        groups = np.array(reference.run_family)
        effects.append(_zero_sum("run_effect", "run", "run_sd", law, total, groups))
    for sharing, bases in reference.bases.items():
        if not law.leaves_out(f"{sharing}_amplitude"):
            size = sum(basis.size for basis in bases)
            effects.append(Effect(f"{sharing}_deviation", f"{sharing}_deviation_coefficient", "", "", np.zeros(size)))
    if not law.leaves_out("law_noise"):
        relative = 0.5 * np.bincount(rows.benchmark, minlength=n) * law.prior("law_noise_spread").median ** 2
        effects.append(
            Effect(
                "law_noise",
                "benchmark",
                "law_noise_population",
                "law_noise_spread",
                relative / (1 + relative),
            )
        )
    if np.isnan(rows.n_items).any():
        effects.append(Effect("items", "benchmark", "items_population", "items_spread", np.zeros(n)))
    effects = [effect for effect in effects if effect.free]
    of_curves = {
        c.name: effect for c in law.coefficients if (effect := _curve_effect(law, c, reference, rows, weights))
    }
    hypers, fixed = _hyperparameters(law, reference, [*effects, *of_curves.values()])
    positive = frozenset(slot.parameter for slot in law.slots() if slot.positive)
    return Layout(hypers, fixed, positive, tuple(effects), of_curves)


def pooled_effects(layout: Layout, vectors: Mapping[str, Array]) -> dict[str, Array]:
    """Effects of benchmarks, families and runs, shape (..., members), on the scale they are pooled on."""
    spread = 1 - layout.centredness
    free = (
        spread * layout.population(vectors["hyper"]) + np.exp(spread * layout.scale(vectors["hyper"])) * vectors["raw"]
    )
    members = layout.spread(free)
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


def curve_parents(
    coefficient: Coefficient, reference: Reference, named: Mapping[str, Array], pooled: Mapping[str, Array]
) -> Array:
    """What a coefficient's curves vary around: benchmark plus family, shape (..., curve), on the pooled scale."""
    name = coefficient.name
    value = _by_benchmark(coefficient, reference, named, pooled)[..., np.array(reference.curve_benchmark)]
    if f"{name}_family" in pooled:
        value = value + pooled[f"{name}_family"][..., np.array(reference.curve_family)]
    return value


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
        ``hyper`` of shape (..., hypers), ``raw`` of shape (..., size), ``{coefficient}_raw`` of shape (..., curve) for each
        of the layout's curve effects, ``fold`` of shape (..., benchmarks) unless ceilings are left out.

    Returns
    -------
    dict of str to array
        Hyperparameters, shape (...); coefficients, shape (..., curve); what benchmarks and runs have of their own,
        shape (..., benchmark) and (..., run): all on their own scale, but effects of families, which are differences on
        the scale they are pooled on.
    """
    named = hyperparameters(layout, vectors["hyper"])
    pooled = pooled_effects(layout, vectors)
    for coefficient in law.coefficients:
        name, positive = coefficient.name, coefficient.positive
        value = curve_parents(coefficient, reference, named, pooled)
        if name in layout.curve_effects:
            effect = layout.curve_effects[name]
            c = effect.centredness
            value = (1 - c) * value + named[effect.scale][..., None] ** (1 - c) * vectors[f"{name}_raw"]
        named[f"{name}_benchmark"] = _own_scale(_by_benchmark(coefficient, reference, named, pooled), positive)
        if f"{name}_family" in pooled:
            named[f"{name}_family"] = pooled[f"{name}_family"]
        named[name] = _own_scale(value, positive)
    named |= {name: np.exp(pooled[name]) for name in ("law_noise", "items") if name in pooled}
    as_they_are = ("run_effect", *(f"{sharing}_deviation" for sharing in reference.bases))
    named |= {name: pooled[name] for name in as_they_are if name in pooled}
    if "fold" in vectors:
        named["ceiling"] = named["ceiling_population"][..., None] * vectors["fold"]
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
    vectors = {"hyper": rng.normal(mean, sd, (size, len(mean)))}
    vectors["raw"] = rng.normal(*raw_moments(layout, vectors["hyper"]))
    named, pooled = hyperparameters(layout, vectors["hyper"]), pooled_effects(layout, vectors)
    for coefficient in law.coefficients:
        if effect := layout.curve_effects.get(coefficient.name):
            centre = effect.centredness * curve_parents(coefficient, reference, named, pooled)
            vectors[f"{coefficient.name}_raw"] = rng.normal(centre, named[effect.scale][:, None] ** effect.centredness)
    if not law.leaves_out("ceiling"):
        vectors["fold"] = np.abs(rng.standard_normal((size, len(reference.benchmarks))))
    return vectors


def raw_moments(layout: Layout, hyper: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each raw effect given the hyperparameters."""
    c = layout.centredness
    return c * layout.population(hyper), np.exp(c * layout.scale(hyper))


def _coefficient_effects(
    law: Law, coefficient: Coefficient, reference: Reference, rows: Rows, weights: Floats
) -> list[Effect]:
    name = coefficient.name
    curves = _curve_information(law, coefficient, reference, rows, weights)
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
    law: Law, coefficient: Coefficient, reference: Reference, rows: Rows, weights: Floats
) -> Effect | None:
    scale = coefficient.scale("interaction")
    if len(reference.families) == 1 or "interaction" not in coefficient.pooled or law.leaves_out(scale):
        return None
    curves = _curve_information(law, coefficient, reference, rows, weights)
    return Effect(coefficient.name, "curve", "", scale, _centredness(law, scale, curves))


def _curve_information(law: Law, coefficient: Coefficient, reference: Reference, rows: Rows, weights: Floats) -> Floats:
    capped = weights / (1 + weights * _NOISE_BENEATH**2)
    info = law.information(coefficient, reference, rows, capped)
    return np.bincount(rows.curve, info, len(reference.curve_family))


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
    used |= {"dispersion", "chance_jitter", "ceiling_population"} | {
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
