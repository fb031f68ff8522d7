"""Priors as values: readable, set by interval, the same before and after a save.

A prior is one of three small frozen classes. `between` states one by its interval and leaves the family to the slot it
is put into: log-normal where the parameter is positive, normal where it is not.
"""

from dataclasses import asdict, dataclass
from math import isfinite
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from ..checks import check_probability
from .numerics import np

if TYPE_CHECKING:
    from ..arrays import Floats

_STANDARD = NormalDist()


def _half_width(mass: float) -> float:
    return _STANDARD.inv_cdf(0.5 + check_probability("mass", mass) / 2)


def _finite(name: str, value: float) -> None:
    if not isfinite(value):
        raise ValueError(f"{name} is {value!r}; expected a finite number")


def _positive(name: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value!r}; expected a positive number")


@dataclass(frozen=True)
class Normal:
    """Normal prior of a parameter that may have either sign.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation (> 0).

    Examples
    --------
    >>> [round(bound, 2) for bound in Normal(0, 1).interval(0.9)]
    [-1.64, 1.64]
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _finite("mean", self.mean)
        _positive("sd", self.sd)

    @property
    def median(self) -> float:
        """Median."""
        return self.mean

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """Central interval that holds `mass`."""
        half = _half_width(mass) * self.sd
        return self.mean - half, self.mean + half

    def sample(self, rng: "np.random.Generator", size: int) -> "Floats":
        """Independent draws, shape (size,)."""
        return rng.normal(self.mean, self.sd, size)


@dataclass(frozen=True)
class LogNormal:
    """Log-normal prior of a positive parameter.

    Parameters
    ----------
    median : float
        Median (> 0).
    log_sd : float
        Standard deviation of the natural logarithm (> 0).

    Examples
    --------
    >>> [round(bound, 3) for bound in LogNormal(0.18, 0.4).interval(0.9)]
    [0.093, 0.348]
    """

    median: float
    log_sd: float

    def __post_init__(self) -> None:
        _positive("median", self.median)
        _positive("log_sd", self.log_sd)

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """Central interval that holds `mass`."""
        factor = float(np.exp(_half_width(mass) * self.log_sd))
        return self.median / factor, self.median * factor

    def sample(self, rng: "np.random.Generator", size: int) -> "Floats":
        """Independent draws, shape (size,)."""
        return rng.lognormal(np.log(self.median), self.log_sd, size)


@dataclass(frozen=True)
class Fixed:
    """A parameter held at one value; 0 leaves its part of the model out.

    Parameters
    ----------
    value : float
        The value.

    Examples
    --------
    >>> Fixed(0.0).median
    0.0
    """

    value: float

    def __post_init__(self) -> None:
        _finite("value", self.value)

    @property
    def median(self) -> float:
        """The value."""
        return self.value

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """The value, twice."""
        _half_width(mass)
        return self.value, self.value

    def sample(self, rng: "np.random.Generator", size: int) -> "Floats":
        """The value, repeated, shape (size,)."""
        return rng.normal(self.value, 0.0, size)


@dataclass(frozen=True)
class Between:
    """An interval that is to become a prior; made by `between`."""

    low: float
    high: float
    mass: float


Prior = Normal | LogNormal | Fixed
_KINDS: dict[str, type] = {kind.__name__: kind for kind in (Normal, LogNormal, Fixed)}


def between(low: float, high: float, mass: float = 0.9) -> Between:
    """State a prior by its central interval: "90% between 0.05 and 0.4".

    Parameters
    ----------
    low, high : float
        Bounds of the interval.
    mass : float
        Prior probability of the interval.

    Returns
    -------
    Between
        Give it to a law: ``DirectLaw(exponent=between(0.05, 0.4))``.

    Raises
    ------
    ValueError
        Where `low` is not below `high`, or `mass` is not a probability.

    Examples
    --------
    >>> resolve("exponent", between(0.05, 0.4), positive=True)
    LogNormal(median=0.1414..., log_sd=0.632...)
    """
    _half_width(mass)
    if not low < high:
        raise ValueError(f"between({low!r}, {high!r}): expected the lower bound first")
    return Between(low, high, mass)


def resolve(name: str, value: Any, *, positive: bool, may_vanish: bool = True) -> Prior:
    """Turn what a user wrote for a prior into a prior.

    Parameters
    ----------
    name : str
        The parameter, for messages.
    value : Prior, Between, float or None
        A number fixes the parameter; None leaves its part out (fixes it at 0).
    positive : bool
        Whether the parameter lives on the positive half-line.
    may_vanish : bool
        Whether fixing it at 0 makes sense.

    Returns
    -------
    Prior
        The prior.

    Raises
    ------
    TypeError
        Where `value` is nothing that states a prior.
    ValueError
        Where it does not fit the parameter's range.

    Examples
    --------
    >>> resolve("run_sd", None, positive=True)
    Fixed(value=0.0)
    """
    if value is None and not may_vanish:
        raise ValueError(f"{name}=None: {name} cannot be left out; expected a prior, or a number to fix it at")
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        prior: Prior = Fixed(float(value or 0.0))
    elif isinstance(value, Between):
        prior = _from_interval(name, value, positive)
    elif isinstance(value, Normal | LogNormal | Fixed):
        prior = value
    else:
        raise TypeError(
            f"{name}={value!r}: expected between(low, high), Normal, LogNormal, a number to fix it at, or None"
        )
    if positive and isinstance(prior, Normal):
        raise ValueError(f"{name}={prior!r}: {name} is positive; expected LogNormal or between(low, high)")
    if isinstance(prior, Fixed) and (prior.value < 0 if may_vanish else prior.value <= 0) and positive:
        raise ValueError(f"{name}={prior.value!r}: expected a {'non-negative' if may_vanish else 'positive'} number")
    return prior


def _from_interval(name: str, stated: Between, positive: bool) -> Prior:
    z = _half_width(stated.mass)
    if not positive:
        return Normal((stated.low + stated.high) / 2, (stated.high - stated.low) / (2 * z))
    if stated.low <= 0:
        raise ValueError(
            f"{name}=between({stated.low!r}, {stated.high!r}): {name} is positive; expected bounds above 0"
        )
    low, high = np.log(stated.low), np.log(stated.high)
    return LogNormal(float(np.exp((low + high) / 2)), float((high - low) / (2 * z)))


def to_dict(prior: Prior) -> dict[str, Any]:
    """Plain form of a prior, for JSON.

    Examples
    --------
    >>> to_dict(Fixed(1.0))
    {'kind': 'Fixed', 'value': 1.0}
    """
    return {"kind": type(prior).__name__, **asdict(prior)}


def from_dict(plain: dict[str, Any]) -> Prior:
    """Prior from its plain form.

    Examples
    --------
    >>> from_dict({"kind": "Normal", "mean": 0.0, "sd": 2.0})
    Normal(mean=0.0, sd=2.0)
    """
    arguments = dict(plain)
    return _KINDS[arguments.pop("kind")](**arguments)
