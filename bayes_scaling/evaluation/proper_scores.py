"""Scores of draws against what was measured: CRPS, log score and PIT; pure functions of arrays.

Draws have shape (samples, rows), measured accuracies shape (rows,).
"""

import numpy as np

from ..arrays import Floats
from ..model.response import RESOLUTION

_ROWS_AT_ONCE = 64  # bounds the memory of kernel sums


def crps(draws: Floats, accuracy: Floats) -> Floats:
    r"""Continuous ranked probability score of each row (accuracy; lower is better).

    That of the draws' empirical distribution, :math:`E|X - y| - E|X - X'|/2` (Gneiting and Raftery 2007, Strictly
    Proper Scoring Rules, Prediction, and Estimation, JASA 102), as the mean of the quantile losses of the sorted draws.

    Examples
    --------
    >>> crps(np.array([[0.2], [0.4]]), np.array([0.3])).round(3).tolist()
    [0.05]
    """
    levels = (np.arange(len(draws)) + 0.5)[:, None] / len(draws)
    above = accuracy - np.sort(draws, axis=0)
    losses: Floats = np.where(above >= 0, levels, levels - 1) * above
    return 2 * losses.mean(axis=0)


def log_score(draws: Floats, accuracy: Floats) -> Floats:
    r"""Logarithmic score of each row: minus the log predictive density at what was measured (nats; lower is better).

    The density is a mixture of Gaussian kernels on the draws, with Silverman's bandwidth
    :math:`0.9 \min(sd, IQR/1.34)\, n^{-1/5}` but at least 0.001, the resolution of a published score. Kernels are
    reflected at 0 and 1, so that the density integrates to one there and draws at a bound count as density beside
    it. One more draw, uniform on [0, 1], joins the n: beyond all draws the kernels' tails say nothing, and the
    score of a complete miss is log(n + 1).

    Examples
    --------
    >>> log_score(np.ones((999, 1)), np.array([1.0])).round(2).tolist()
    [-6.68]
    >>> log_score(np.ones((999, 1)), np.array([0.5])).round(2).tolist()
    [6.91]
    """
    size = len(draws)
    found = np.empty(len(accuracy))
    for start in range(0, len(accuracy), _ROWS_AT_ONCE):
        at = slice(start, start + _ROWS_AT_ONCE)
        x, y = draws[:, at], accuracy[at]
        width = _bandwidth(x)
        kernels = np.zeros(len(y))
        for mirrored in (x, -x, 2.0 - x):
            kernels += np.exp(-0.5 * ((y - mirrored) / width) ** 2).sum(axis=0)
        found[at] = -np.log((kernels / (width * np.sqrt(2 * np.pi)) + 1.0) / (size + 1))
    return found


def pit(draws: Floats, accuracy: Floats) -> Floats:
    """Probability integral transform of each row: mid-rank of what was measured among the draws, within (0, 1).

    Uniform over rows where forecasts are calibrated; draws that equal the measured value count half.

    Examples
    --------
    >>> pit(np.array([[0.1], [0.2], [0.4]]), np.array([0.3])).tolist()
    [0.625]
    """
    below, equal = (draws < accuracy).sum(axis=0), (draws == accuracy).sum(axis=0)
    return (below + 0.5 * (equal + 1)) / (len(draws) + 1)


def _bandwidth(draws: Floats) -> Floats:
    sd = draws.std(axis=0)
    low, high = np.quantile(draws, [0.25, 0.75], axis=0)
    spread = np.where(high > low, np.minimum(sd, (high - low) / 1.34), sd)
    return np.maximum(0.9 * spread * len(draws) ** -0.2, RESOLUTION)
