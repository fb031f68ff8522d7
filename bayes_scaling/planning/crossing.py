"""Where the probability of reaching a target passes what was asked, without the bias of smoothed counts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .searching import first_passing
from .wanted import Wanted

_PER_DECADE = 8
_BELOW = 2.0  # decades below the fitted budgets at which the search starts
_HIGHEST = 40.0  # log10 of the largest FLOPs that are looked at, whatever is allowed: the answer does not depend on it
_ROUGH = 3  # neighbouring budgets whose mean says where to look closely
_POINTS, _REPEATS, _BATCHES = 25, 4, 10
_RISE = 0.15  # change of the probability to each side that is looked at closely
_NARROWEST, _WIDEST = 0.03, 0.75  # decades to each side


@dataclass(frozen=True)
class Search:
    """What budgets reach, far beyond those that may be.

    Attributes
    ----------
    flops, chance : array, shape (budgets,)
        Budgets, and with which probability each reaches the target.
    passes : array, shape (samples,)
        FLOPs at which the expected curve of each draw passes the target; infinite where it does not.
    needed : float
        FLOPs from which the probability is high enough; infinite where it never is.
    relative_error : float
        Standard error of `needed` by the number of draws, relative to it; infinite where it is not known.
    """

    flops: Floats
    chance: Floats
    passes: Floats
    needed: float
    relative_error: float


def lattice(wanted: Wanted) -> Floats:
    """Budgets that are looked at: even on the log scale, the same whatever is allowed."""
    low = np.floor(_PER_DECADE * (np.log10(wanted.smallest_fitted) - _BELOW))
    return np.asarray(10 ** (np.arange(low, _PER_DECADE * _HIGHEST + 1) / _PER_DECADE))


def search(wanted: Wanted, probability: float, seed: int | None) -> Search:
    """Find where a target is reached with a probability: roughly along a lattice, then closely around that place."""
    seeds = _seeds(seed)
    flops = lattice(wanted)
    found = wanted.searched(flops.tolist(), seeds[0])
    chance = wanted.reached(found).mean(axis=0)
    passes = np.exp(first_passing(np.log(flops), found.array("expected") - wanted.target))
    x = np.log10(flops)
    if chance[0] >= probability:
        return Search(flops, chance, passes, float(flops[0]), np.inf)
    needed, error = np.inf, np.inf
    for rough, half in _places(x, chance, probability):
        closely = _closely(wanted, rough, half, probability, seeds[1:])
        if closely is not None:
            needed, error = closely
            break
        needed = min(needed, float(10**rough))
    return Search(flops, chance, passes, needed, error)


def _seeds(seed: int | None) -> list[int | None]:
    if seed is None:
        return [None] * (_REPEATS + 1)
    return [int(value) for value in np.random.SeedSequence(seed).generate_state(_REPEATS + 1)]


def _places(x: Floats, chance: Floats, probability: float) -> Iterator[tuple[float, float]]:
    """Where rough probabilities pass the asked one, and how far to each side to look, in decades."""
    smooth = np.convolve(np.pad(chance, _ROUGH // 2, "edge"), np.ones(_ROUGH) / _ROUGH, "valid")
    for right in np.flatnonzero((smooth[1:] >= probability) & (smooth[:-1] < probability)) + 1:
        rise = smooth[right] - smooth[right - 1]
        place = x[right - 1] + (x[right] - x[right - 1]) * (probability - smooth[right - 1]) / rise
        slope = rise / (x[right] - x[right - 1])
        yield float(place), float(np.clip(_RISE / slope, _NARROWEST, _WIDEST))


def _closely(
    wanted: Wanted, rough: float, half: float, probability: float, seeds: list[int | None]
) -> tuple[float, float] | None:
    """FLOPs at which a cubic through many counts passes the probability, and their relative error; None if nowhere."""
    x = np.linspace(rough - half, min(rough + half, _HIGHEST), _POINTS)
    counts = [wanted.reached(wanted.searched((10**x).tolist(), seed)) for seed in seeds]
    reached = np.mean(counts, axis=0)
    scaled = (x - rough) / half
    fitted = np.polynomial.polynomial.polyfit(scaled, reached.mean(axis=0), 3)
    fine = np.linspace(scaled[0], scaled[-1], 801)
    values = np.asarray(np.polynomial.polynomial.polyval(fine, fitted), np.float64)
    place = float(first_passing(fine, values[None] - probability)[0])
    if not np.isfinite(place) or place == fine[0]:
        return None
    slope = float(np.polynomial.polynomial.polyval(place, np.polynomial.polynomial.polyder(fitted)))
    # Draws of a chain follow one another: parts of it vary as much as the whole would over its length.
    parts = np.stack([part.mean(axis=0) for part in np.array_split(reached, _BATCHES)], axis=1)
    at = np.polynomial.polynomial.polyval(place, np.polynomial.polynomial.polyfit(scaled, parts, 3))
    error = float(np.std(at, ddof=1)) / np.sqrt(_BATCHES) / slope * half * np.log(10) if slope > 0 else np.inf
    return float(10 ** (rough + half * place)), error
