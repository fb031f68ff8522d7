"""Coefficients of a law and the slots of their priors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .numerics import np
from .priors import LogNormal, Normal, Prior


@dataclass(frozen=True)
class Slot:
    """One prior of a law: its default, its range and what it means."""

    name: str
    default: Prior
    positive: bool
    meaning: str
    may_vanish: bool = True
    population: bool = False

    @property
    def parameter(self) -> str:
        """Name of the parameter in a fit: the slot's own, with "_population" where members bear it already."""
        return f"{self.name}_population" if self.population else self.name


@dataclass(frozen=True)
class Coefficient:
    """A number that each curve has its own of, drawn from a population shared by all curves.

    Attributes
    ----------
    name : str
        Name of the coefficient, and of its population's prior.
    positive : bool
        Whether it is pooled on the log scale.
    pooled : tuple of str
        What it varies over, out of "benchmark", "family" and "interaction"; each has a scale ``{name}_{which}_sd``.
    """

    name: str
    positive: bool
    pooled: tuple[str, ...] = ("benchmark", "family", "interaction")

    def scale(self, which: str) -> str:
        """Name of the scale of one kind of variation."""
        return f"{self.name}_{which}_sd"


def slots_of(
    coefficient: Coefficient, population: Prior, scales: Mapping[str, Prior], meaning: str, unit: str = "log scale"
) -> tuple[Slot, ...]:
    """Return the slots of a coefficient: its population and the scales it varies with.

    Parameters
    ----------
    coefficient : Coefficient
        The coefficient.
    population : Prior
        Prior of a typical benchmark's.
    scales : mapping of str to Prior
        Priors of its standard deviations over "benchmark", "family" and "interaction", those that it is pooled over.
    meaning, unit : str
        What it means, and on which scale it varies.

    Returns
    -------
    tuple of Slot
        The population's first.
    """
    over = {"benchmark": "benchmarks", "family": "families", "interaction": "their combinations"}
    centre = Slot(coefficient.name, population, coefficient.positive, meaning, may_vanish=False, population=True)
    spreads = [
        Slot(coefficient.scale(which), scales[which], True, f"sd of the {coefficient.name} over {over[which]} ({unit})")
        for which in coefficient.pooled
    ]
    return (centre, *spreads)


def with_defaults(slots: Sequence[Slot], changes: Mapping[str, tuple[Prior, str]]) -> tuple[Slot, ...]:
    """Return those of the slots that are named, with other defaults and meanings.

    Examples
    --------
    >>> from bayes_scaling.laws.surroundings import CURVE_SLOTS
    >>> [slot] = with_defaults(CURVE_SLOTS, {"run_sd": (LogNormal(0.01, 0.5), "luck of a run")})
    >>> slot.name, slot.default, slot.positive
    ('run_sd', LogNormal(median=0.01, log_sd=0.5), True)
    """
    named = {slot.name: slot for slot in slots}
    return tuple(replace(named[name], default=prior, meaning=meaning) for name, (prior, meaning) in changes.items())


LEVEL = Coefficient("level", positive=False)
LEVEL_SLOTS = slots_of(
    LEVEL,
    Normal(0.3, 1.0),
    {"benchmark": LogNormal(0.5, 0.5), "family": LogNormal(0.1, 0.7), "interaction": LogNormal(0.08, 0.7)},
    "log error of a typical benchmark at the reference budget",
    "log error",
)
EXPONENT = Coefficient("exponent", positive=True)
EXPONENT_SCALES = {
    "benchmark": LogNormal(0.25, 0.5),
    "family": LogNormal(0.07, 0.7),
    "interaction": LogNormal(0.05, 0.7),
}


def softplus(y: Any) -> Any:
    """``log(1 + e^y)`` without overflow."""
    return y * (y > 0) + np.log1p(np.exp(-abs(y)))


def logistic(y: Any) -> Any:
    """``1 / (1 + e^-y)``."""
    return 1 / (1 + np.exp(-y))
