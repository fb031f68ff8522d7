"""An argument in its range, or an error that says what was expected."""

from collections.abc import Sequence

import numpy as np


def checked_probs(probs: Sequence[float]) -> tuple[float, ...]:
    """Probabilities of intervals, each once, in their order; ValueError for one outside (0, 1)."""
    found = tuple(dict.fromkeys(float(prob) for prob in np.atleast_1d(np.asarray(probs, float))))
    for prob in found:
        if not 0 < prob < 1:
            raise ValueError(f"probs holds {prob!r}; expected probabilities between 0 and 1")
    return found


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
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= float(value) <= 1:
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
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not (np.isfinite(float(str(value))) and float(str(value)) > 0):
        raise ValueError(f"{name} is {value!r}; expected a positive number")
    return float(str(value))


def check_probability(value: float) -> float:
    """Return a probability.

    Raises
    ------
    ValueError
        Where it does not lie between 0 and 1, both excluded.
    """
    if not 0 < value < 1:
        raise ValueError(f"probability is {value!r}; expected a number between 0 and 1, such as 0.9")
    return float(value)


def check_probs(probs: Sequence[float]) -> list[float]:
    """Probabilities of intervals, widest first."""
    if not len(probs) or not all(0 < prob < 1 for prob in probs):
        raise ValueError(f"probs is {tuple(probs)!r}; expected probabilities between 0 and 1, such as (0.5, 0.9)")
    return sorted(probs, reverse=True)


def check_prob(prob: float) -> float:
    """Return the probability of an interval."""
    if not 0 < prob < 1:
        raise ValueError(f"prob is {prob!r}; expected a probability between 0 and 1, such as 0.9")
    return prob


def check_count(name: str, value: int, least: int) -> None:
    """Refuse what is no whole number, or smaller than the least."""
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value}; expected a whole number, at least {least}")
