"""An argument in its range, or an error that says what was expected."""

from collections.abc import Iterable
from math import isfinite
from numbers import Integral, Real
from typing import TypeGuard


def check_probability(name: str, value: float) -> float:
    """Return a probability as a float.

    Raises
    ------
    ValueError
        Where it does not lie between 0 and 1, both excluded.

    Examples
    --------
    >>> check_probability("prob", 0.9)
    0.9
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value!r}; expected a probability between 0 and 1, such as 0.9")
    return float(value)


def checked_probs(probs: float | Iterable[float]) -> tuple[float, ...]:
    """Probabilities of intervals, each once, in their order.

    Raises
    ------
    ValueError
        Where one does not lie between 0 and 1, both excluded.

    Examples
    --------
    >>> checked_probs([0.5, 0.9, 0.5])
    (0.5, 0.9)
    """
    each = [probs] if isinstance(probs, int | float) else probs
    found = tuple(dict.fromkeys(float(prob) for prob in each))
    for prob in found:
        if not 0 < prob < 1:
            raise ValueError(f"probs holds {prob!r}; expected probabilities between 0 and 1, such as (0.5, 0.9)")
    return found


def checked_widths(probs: float | Iterable[float]) -> list[float]:
    """Probabilities of the bands of a figure, widest first; a figure has one at least.

    Examples
    --------
    >>> checked_widths([0.5, 0.9])
    [0.9, 0.5]
    """
    found = checked_probs(probs)
    if not found:
        raise ValueError("probs is empty; expected probabilities between 0 and 1, such as (0.5, 0.9)")
    return sorted(found, reverse=True)


def check_target(name: str, value: object) -> float:
    """Return a wanted score as a float.

    Raises
    ------
    ValueError
        Where it is no number between 0 and 1.

    Examples
    --------
    >>> check_target("target", 0.7)
    0.7
    """
    if not (_is_number(value) and 0 <= value <= 1):
        raise ValueError(f"{name} is {value!r}; expected a score between 0 and 1, such as 0.7")
    return float(value)


def check_positive(name: str, value: object) -> float:
    """Return a positive number as a float.

    Raises
    ------
    ValueError
        Where it is no positive number.

    Examples
    --------
    >>> check_positive("flops", 1e22)
    1e+22
    """
    if not (_is_number(value) and isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value!r}; expected a positive number")
    return float(value)


def check_count(name: str, value: object, least: int) -> None:
    """Refuse what is no whole number, or smaller than the least.

    Examples
    --------
    >>> check_count("draws", 0, least=1)
    Traceback (most recent call last):
    ValueError: draws is 0; expected a whole number, at least 1
    """
    if not (isinstance(value, Integral) and _is_number(value) and value >= least):
        raise ValueError(f"{name} is {value!r}; expected a whole number, at least {least}")


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a real number; truth values are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def check_sampling(draws: int | None, tune: int | None, chains: int) -> None:
    """Refuse numbers of draws, of tuning and of chains that a fit cannot have; None is for the usual.

    Raises
    ------
    ValueError
        Naming the first that is no whole number, or too small.

    Examples
    --------
    >>> check_sampling(None, 500, 4)
    """
    for name, value, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 2)):
        if value is not None:
            check_count(name, value, least)
