"""Tails of noise around a curve: normal, or Student-t, by which single scores and runs may lie far off.

Everything takes degrees of freedom, or None for the normal. Spreads are those of the middle of the distribution: of a
Student-t its scale, which its standard deviation exceeds.
"""

from typing import Any

import numpy as np

from ..arrays import Floats

_HALF_LOG_2_PI = 0.5 * np.log(2 * np.pi)


def log_density(values: Floats, mean: Floats, sd: Floats, degrees_of_freedom: Any = None) -> Floats:
    """Log density of values around their means, of the broadcast shape.

    Examples
    --------
    >>> log_density(np.array([0.0, 5.0]), np.zeros(2), np.ones(2)).round(2).tolist()
    [-0.92, -13.42]
    >>> log_density(np.array([0.0, 5.0]), np.zeros(2), np.ones(2), 4.0).round(2).tolist()
    [-0.98, -5.93]
    """
    z = (values - mean) / sd
    if degrees_of_freedom is None:
        return -0.5 * z**2 - np.log(sd) - _HALF_LOG_2_PI
    from scipy.special import gammaln

    df = np.asarray(degrees_of_freedom, float)
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * np.log(np.pi * df)
    return np.asarray(constant - np.log(sd) - (df + 1) / 2 * np.log1p(z**2 / df))


def standard_noise(rng: np.random.Generator, shape: tuple[int, ...], degrees_of_freedom: Any = None) -> Floats:
    """Draws around 0 of scale 1; degrees of freedom broadcast against the shape.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> far = [float((abs(standard_noise(rng, (10_000,), df)) > 4).mean()) for df in (None, 4.0)]
    >>> far[0] < 0.001 < 0.01 < far[1]
    True
    """
    normal = rng.standard_normal(shape)
    if degrees_of_freedom is None:
        return normal
    return normal / np.sqrt(relative_precisions(rng, shape, degrees_of_freedom))


def relative_precisions(rng: np.random.Generator, shape: tuple[int, ...], degrees_of_freedom: Any) -> Floats:
    """Draws of the precision of normal noise that make it Student-t: gamma distributed, with mean 1."""
    half = np.broadcast_to(np.asarray(degrees_of_freedom, float) / 2, shape)
    return np.maximum(rng.gamma(half, 1 / half), 1e-12)  # of few degrees of freedom some are 0 by rounding
