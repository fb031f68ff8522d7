"""Ceilings of benchmarks, and what the data say of them beyond the prior."""

from collections.abc import Mapping

import numpy as np

from ..arrays import Floats
from ..laws.base import Law
from ..laws.priors import Normal, Prior
from ..model.curve import curve_ceilings
from ..model.reference import Reference
from ..model.response import highest_accuracy

_PARTS = 10  # equally likely parts of a prior, over which it is compared with the posterior
_NODES = 400  # quantiles that stand for a distribution where two are multiplied


def prior_share(draws: Floats, prior_quantiles: Floats) -> float:
    """How much of a prior survives in a posterior: the overlap of the two, in [0.1, 1].

    The prior is cut into ten equally likely parts; the overlap is the sum over them of the smaller of the prior's
    tenth and the posterior's share. It is the same on every monotone scale (of E and of the accuracy it allows).

    Parameters
    ----------
    draws : array, shape (samples,)
        Posterior draws.
    prior_quantiles : array, shape (n,)
        Equally spaced quantiles of the prior, many, in order (`quantiles`).

    Returns
    -------
    float
        1 where the posterior is the prior; at least 0.1, where the posterior lies within one tenth of the prior.

    Examples
    --------
    >>> from bayes_scaling.laws.priors import Normal
    >>> prior = quantiles(Normal(0, 1))
    >>> round(prior_share(prior, prior), 2), round(prior_share(0.1 * prior, prior), 2)
    (1.0, 0.21)
    """
    edges = np.quantile(prior_quantiles, np.arange(1, _PARTS) / _PARTS)
    shares = np.bincount(np.searchsorted(edges, draws), minlength=_PARTS) / len(draws)
    return float(np.minimum(shares, 1 / _PARTS).sum())


def quantiles(prior: Prior) -> Floats:
    """Quantiles of a prior in the middle of 400 equally likely parts, in order.

    Parameters
    ----------
    prior : Prior
        The prior.

    Returns
    -------
    array, shape (400,)
        They stand for the prior in sums and products.

    Examples
    --------
    >>> from bayes_scaling.laws.priors import LogNormal
    >>> quantiles(LogNormal(0.1, 0.5))[[0, -1]].round(2).tolist()
    [0.02, 0.45]
    """
    masses = (2 * np.arange(_NODES // 2) + 1) / _NODES
    bounds = np.array([prior.interval(float(mass)) for mass in masses])
    return np.concatenate([bounds[::-1, 0], bounds[:, 1]])


def ceiling_prior(population: Prior) -> Floats:
    """Quantiles of the prior of one benchmark's ceiling E, a half-normal whose scale is the population's.

    Parameters
    ----------
    population : Prior
        Prior of the population's scale (nats).

    Returns
    -------
    array, shape (160000,)
        In order.

    Examples
    --------
    >>> from bayes_scaling.laws.priors import Fixed
    >>> round(float(np.median(ceiling_prior(Fixed(0.1)))), 3)
    0.067
    """
    return np.sort(np.outer(quantiles(population), np.abs(quantiles(Normal(0.0, 1.0)))), axis=None)


def ceiling_shares(reference: Reference, law: Law, draws: Mapping[str, Floats]) -> list[float]:
    """How much of what is said of each benchmark's ceiling is the prior (`prior_share`); 1 without a ceiling."""
    if "ceiling" not in draws:
        return [1.0] * len(reference.labels)
    prior = ceiling_prior(law.prior("ceiling"))
    return [prior_share(draws["ceiling"][:, b], prior * scale) for b, scale in enumerate(ceiling_scales(law, draws))]


def ceiling_scales(law: Law, draws: Mapping[str, Floats]) -> Floats:
    """Factor of the prior of each benchmark's ceiling that follows from its median level, shape (benchmarks,)."""
    return np.asarray(np.exp(law.ceiling_power * np.median(draws["level_benchmark"], axis=0)))


def highest_accuracies(reference: Reference, draws: Mapping[str, Floats]) -> Floats:
    """Draws of the accuracy that each curve approaches, shape (samples, curves).

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    draws : dict of str to array
        Posterior draws: ``level``, shape (samples, curves), and, unless left out, ``ceiling``, shape (samples,
        benchmarks).

    Returns
    -------
    array, shape (samples, curves)
        Accuracies; 1 where the law has no ceiling.
    """
    floor = reference.per_benchmark("floor")[np.array(reference.curve_benchmark)]
    return highest_accuracy(floor, *curve_ceilings(reference, draws))
