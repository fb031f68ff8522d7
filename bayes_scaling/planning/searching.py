"""Search budgets: whose, where, and where a curve first passes."""

import numpy as np

from ..arrays import Floats
from ..posterior.fit import Fit
from ..wording import listed

_BELOW = 2.0  # decades below the fitted budgets at which the search starts
_SMOOTH = 5  # neighbouring budgets over which the probability is smoothed: it is counted from draws


def one_family(fit: Fit, family: str | None) -> str:
    """The family that is asked for; the only one where none is.

    Raises
    ------
    ValueError
        Where it was not fitted, or none is named and there are several.
    """
    return _one("family", fit.reference.families, family)


def one_benchmark(fit: Fit, benchmark: str | None) -> str:
    """The benchmark that is asked for; as of `one_family`."""
    return _one("benchmark", fit.reference.labels, benchmark)


def _one(kind: str, known: tuple[str, ...], asked: str | None) -> str:
    if asked is None and len(known) == 1:
        return known[0]
    if asked is None or asked not in known:
        said = f"{kind} is left out" if asked is None else f"{kind} {asked!r} was not fitted"
        raise ValueError(f"{said}; the fit knows {listed(known, 8)}, expected one of them")
    return asked


def search_grid(fit: Fit, at_most: float, per_decade: int, farther: float = 0.0) -> Floats:
    """Budgets to search, from below the fitted ones up to `at_most` and some decades farther, even on the log scale."""
    low = np.log10(np.exp(min(fit.reference.run_log_flops))) - _BELOW
    most = np.log10(at_most) if np.isfinite(at_most) and at_most > 0 else np.nan
    if not most > low + _BELOW:
        raise ValueError(
            f"at_most is {at_most!r}; expected FLOPs above the smallest fitted run's, {10 ** (low + _BELOW):.3g}"
        )
    parts = [(low, most), (most, most + farther)]
    grids = [np.linspace(*ends, int(np.ceil((ends[1] - ends[0]) * per_decade)) + 1) for ends in parts]
    return np.asarray(10 ** np.concatenate([grids[0], grids[1][1:]]))


def smoothed(values: Floats, over: int = _SMOOTH) -> Floats:
    """Means over neighbours, fewer of them at the ends."""
    kernel = np.ones(over)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def first_passing(x: Floats, gain: Floats) -> Floats:
    """Where each row of gains first reaches 0, between its points; the first point where it starts above, else inf.

    Examples
    --------
    >>> gains = np.array([[-1.0, -0.5, 0.5], [1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]])
    >>> first_passing(np.array([0.0, 1.0, 2.0]), gains).tolist()
    [1.5, 0.0, inf]
    """
    above = gain >= 0
    first = np.where(above.any(axis=1), above.argmax(axis=1), -1)
    right = np.maximum(first, 1)
    rows = np.arange(len(gain))
    low, high = gain[rows, right - 1], gain[rows, right]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = x[right - 1] + (x[right] - x[right - 1]) * (-low / (high - low))
    return np.where(first < 0, np.inf, np.where(first == 0, x[0], between))
