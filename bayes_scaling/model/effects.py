"""Effects of groups: their vectors, scales and the table that looks them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Array, Floats, Ints


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
