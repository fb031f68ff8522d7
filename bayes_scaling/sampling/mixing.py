"""R-hat and effective sample sizes of many entries at once, as ArviZ has them one by one.

The definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and
localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2); the steps are those of
ArviZ, to which a test holds them. ArviZ takes milliseconds an entry, most of them outside its arithmetic.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri

from ..arrays import Bools, Floats, Ints

FEWEST_DRAWS = 4  # of a chain; with fewer there is nothing to split
_TAILS = (0.11, 0.89)  # quantiles of the tail ESS, those of ArviZ's usual 89% interval
_MOST_VALUES = 2_000_000  # of a block of entries, which bounds the memory
_RESOLUTION = 1e-15


class Mixing(NamedTuple):
    """How well chains have mixed, each of shape (entries,).

    Attributes
    ----------
    r_hat : array
        The larger one of the split R-hats of rank-normalised and of folded draws.
    ess_bulk, ess_tail : array
        Effective sample size of rank-normalised draws, and the smaller one of those of the 11% and the 89% quantile.
    """

    r_hat: Floats
    ess_bulk: Floats
    ess_tail: Floats


def mixing(draws: Floats) -> Mixing:
    """R-hat, bulk ESS and tail ESS of every entry.

    Parameters
    ----------
    draws : array, shape (chain, draw, entries)
        At least two chains of four draws.

    Returns
    -------
    Mixing
        NaN where a draw is not finite or there are fewer draws; of an entry that never varies the R-hat is NaN.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 500, 3))
    >>> found = mixing(draws)
    >>> bool((found.r_hat < 1.01).all()), bool((found.ess_bulk > 1000).all())
    (True, True)
    """
    chains, length, entries = draws.shape
    if length < FEWEST_DRAWS or not entries:
        return Mixing(*np.full((3, entries), np.nan))
    size = max(1, _MOST_VALUES // (chains * length))
    blocks = [_of_block(draws[..., start : start + size]) for start in range(0, entries, size)]
    return Mixing(*np.concatenate(blocks, axis=-1))


def _of_block(draws: Floats) -> Floats:
    """R-hat, bulk and tail ESS, shape (3, entries)."""
    values = np.ascontiguousarray(np.moveaxis(draws, -1, 0))
    finite = np.isfinite(values).all(axis=(1, 2))
    values[~finite] = 0.0
    normalised, folded = _normal_scores(_split(values))
    with np.errstate(divide="ignore", invalid="ignore"):  # entries that never vary
        r_hat = np.fmax(_r_hat(normalised), _r_hat(folded))
        quantiles = np.quantile(values, _TAILS, axis=(1, 2))
        tails = [_ess(_split(values <= quantile[:, None, None])) for quantile in quantiles]
        found = np.stack([r_hat, _ess(normalised), np.minimum(*tails)])
    found[:, ~finite] = np.nan
    return found


def _split[Values: np.generic](values: NDArray[Values]) -> NDArray[Values]:
    """Halves of chains as chains, shape (entries, 2 chains, draws // 2), without the middle one of an odd number."""
    half = values.shape[-1] // 2
    return np.concatenate([values[..., :half], values[..., -half:]], axis=1)


def _normal_scores(values: Floats) -> tuple[Floats, Floats]:
    """Normal scores of the ranks over all chains, of the values and of their distances from the median."""
    flat = values.reshape(len(values), -1)
    order = np.argsort(flat, axis=-1)
    ordered = np.take_along_axis(flat, order, axis=-1)
    middle = flat.shape[-1] // 2
    median = (ordered[:, middle] + ordered[:, (flat.shape[-1] - 1) // 2]) / 2
    distances = np.abs(ordered - median[:, None])
    # A falling run and a rising one, which a stable sort merges.
    nearest = np.argsort(distances, axis=-1, kind="stable")
    of_distances = np.take_along_axis(order, nearest, axis=-1)
    distances = np.take_along_axis(distances, nearest, axis=-1)
    return _scores_at(order, ordered, values.shape), _scores_at(of_distances, distances, values.shape)


def _scores_at(order: Ints, ordered: Floats, shape: tuple[int, ...]) -> Floats:
    """Normal scores by Blom's formula, equal values at their mean rank; put where the values stood."""
    entries, n = ordered.shape
    position = np.arange(n)
    steps = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((entries, 1), bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, steps]), position, 0), axis=-1)
    last = np.minimum.accumulate(np.where(np.hstack([steps, edge]), position, n)[:, ::-1], axis=-1)[:, ::-1]
    table = ndtri((np.arange(2 * n - 1) / 2 + 1 - 3 / 8) / (n + 1 / 4))  # of whole and half ranks
    scores = np.empty((entries, n))
    np.put_along_axis(scores, order, table[first + last], axis=-1)
    return scores.reshape(shape)


def _r_hat(values: Floats) -> Floats:
    n = values.shape[-1]
    between = n * values.mean(axis=-1).var(axis=-1, ddof=1)
    within = values.var(axis=-1, ddof=1).mean(axis=-1)
    return np.asarray(np.sqrt((between / within + n - 1) / n))


def _ess(values: Floats | Bools) -> Floats:
    """Effective sample size of the mean, by Geyer's initial monotone sequence."""
    _, chains, n = values.shape
    size = chains * n
    means = values.mean(axis=-1)
    covariance = _autocovariance(values - means[..., None])
    within = covariance[:, 0] * n / (n - 1)
    total = covariance[:, 0] + means.var(axis=-1, ddof=1)
    rho = 1 - (within[:, None] - covariance) / total[:, None]
    rho[:, 0] = 1.0
    tau = np.maximum(_autocorrelation_time(rho), 1 / np.log10(size))
    constant = np.ptp(values.astype(float), axis=(1, 2)) < _RESOLUTION
    return np.where(constant, float(size), size / tau)


def _autocovariance(centred: Floats) -> Floats:
    """Autocovariance at every lag, the mean over chains, shape (entries, draws)."""
    n = centred.shape[-1]
    padded = next_fast_len(2 * n, real=True)
    power = np.abs(rfft(centred, n=padded, axis=-1)) ** 2
    return np.asarray(irfft(power.mean(axis=1), n=padded, axis=-1)[:, :n] / n)


def _autocorrelation_time(rho: Floats) -> Floats:
    """Sum over the autocorrelations of each entry, shape (entries, lags), as far as their pairs stay positive."""
    n = rho.shape[-1]
    last = max(0, (n - 1) // 2 - 1)  # the last pair that is looked at
    even, odd = rho[:, : 2 * last + 1 : 2], rho[:, 1 : 2 * last + 2 : 2]
    pairs = even + odd
    ends = pairs <= 0
    ends[:, -1] = True
    end = ends.argmax(axis=1)
    falling = np.minimum.accumulate(pairs, axis=1)
    before = np.arange(pairs.shape[1]) < end[:, None]
    at_end = even[np.arange(len(rho)), end]
    kept = (at_end > 0) | (pairs[np.arange(len(rho)), end] >= 0)
    return np.asarray(-1 + 2 * np.where(before, falling, 0.0).sum(axis=1) + np.where(kept, at_end, 0.0))
