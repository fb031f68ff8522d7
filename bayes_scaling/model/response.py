"""From a law's log error to an expected accuracy, and from there to the spread of a measured score.

Pure functions of arrays. They use only operators and `numpy.exp`/`numpy.log`/`numpy.sqrt`, which act on NumPy arrays
and on PyTensor variables alike, so that the sampled graph and the forecast share one definition.
"""

import numpy as np

from ..arrays import Array

#: Spread that remains when every other source of noise vanishes: rounding to three decimals and the like.
RESOLUTION = 0.001
#: Scatter of runs about any law (log error) that is always there. Without it, benchmarks of many items and accuracies
#: near 0 pin their curves so tightly that the sampler diverges; runs that differ in their seed only scatter as much.
LEAST_LAW_NOISE = 0.02


def ceiling_share(ceiling: Array, level: Array) -> Array:
    r"""Share of the error at the reference budget that no budget removes, :math:`r = E / (E + e^{level})`.

    Parameters
    ----------
    ceiling : array
        Irreducible part :math:`E \ge 0` of :math:`-\log Q` (nats).
    level : array
        Log error at the reference budget, with the ceiling included.

    Returns
    -------
    array
        Values in [0, 1), of the broadcast shape.

    Examples
    --------
    >>> float(ceiling_share(0.0, 0.3))
    0.0
    """
    return ceiling / (ceiling + np.exp(level))


def negative_log_q(log_error: Array, ceiling: Array, share: Array) -> Array:
    r""":math:`-\log Q = (e^{\eta} + E)(1 - r)` of a law with a ceiling.

    Anchored so that at the reference budget, where :math:`\eta` is the level, :math:`-\log Q = e^{level}` whatever
    the ceiling: the ceiling adds curvature and nothing else.

    Parameters
    ----------
    log_error : array
        :math:`\eta`, the law's log error.
    ceiling, share : array
        :math:`E` and :math:`r` of `ceiling_share`.

    Returns
    -------
    array
        :math:`-\log Q` (nats), of the broadcast shape.

    Examples
    --------
    >>> float(round(negative_log_q(0.3, 0.1, ceiling_share(0.1, 0.3)), 6) == round(np.exp(0.3), 6))
    1.0
    """
    return (np.exp(log_error) + ceiling) * (1 - share)


def expected_accuracy(log_error: Array, floor: Array, ceiling: Array, share: Array) -> Array:
    r"""Expected accuracy, ``floor + (1 - floor) Q``.

    Parameters
    ----------
    log_error : array
        :math:`\eta`, the law's log error.
    floor : array
        Accuracy of a model that has learned nothing, in [0, 1).
    ceiling, share : array
        :math:`E` and :math:`r` of `ceiling_share`.

    Returns
    -------
    array
        Accuracies in (floor, 1), of the broadcast shape.

    Examples
    --------
    >>> float(round(expected_accuracy(np.log(np.log(2)), 0.25, 0.0, 0.0), 4))
    0.625
    """
    return floor + (1 - floor) * np.exp(-negative_log_q(log_error, ceiling, share))


def highest_accuracy(floor: Array, ceiling: Array, share: Array) -> Array:
    """Accuracy that the curve approaches as the budget grows without bound.

    Parameters
    ----------
    floor, ceiling, share : array
        As in `expected_accuracy`.

    Returns
    -------
    array
        Accuracies in (floor, 1], of the broadcast shape.

    Examples
    --------
    >>> float(highest_accuracy(0.25, 0.0, 0.0))
    1.0
    """
    return floor + (1 - floor) * np.exp(-ceiling * (1 - share))


def accuracy_slope(log_error: Array, floor: Array, ceiling: Array, share: Array) -> Array:
    r"""Slope of the expected accuracy in the log error, :math:`d\mu / d\eta` (never positive).

    Parameters
    ----------
    log_error, floor, ceiling, share : array
        As in `expected_accuracy`.

    Returns
    -------
    array
        Accuracy per unit of log error, of the broadcast shape.

    Examples
    --------
    >>> float(accuracy_slope(0.0, 0.0, 0.0, 0.0)) == -float(np.exp(-1.0))
    True
    """
    # As the error less its ceiling: a product of two exponentials would become further exponentials in the graph.
    error = negative_log_q(log_error, ceiling, share)
    return -(1 - floor) * np.exp(-error) * (error - ceiling * (1 - share))


def measurement_sd(
    accuracy: Array,
    slope: Array,
    floor: Array,
    chance: Array,
    n_items: Array,
    *,
    dispersion: Array,
    law_noise: Array,
    chance_jitter: Array,
) -> Array:
    r"""Standard deviation of one measured score around its expected accuracy.

    .. math::

        \phi^2 \mu (1-\mu)/n + (\tau^2 + 0.02^2) (d\mu/d\eta)^2 + [chance > 0]\,(j (1-Q))^2 + 0.001^2 + (0.5/n)^2

    the sampling of items (quasi-binomial), the scatter of runs about the law, the jitter of a score near chance,
    and the resolution of a published score.

    Parameters
    ----------
    accuracy, slope : array
        Expected accuracy and its slope in the log error (`accuracy_slope`).
    floor, chance : array
        Floor of the curve; nominal accuracy of guessing, which decides whether there is a jitter.
    n_items : array
        Number of questions.
    dispersion, law_noise, chance_jitter : array
        :math:`\phi`, :math:`\tau` (log error) and :math:`j` (accuracy).

    Returns
    -------
    array
        Standard deviations (accuracy), of the broadcast shape.

    Examples
    --------
    >>> sd = measurement_sd(0.5, 0.0, 0.0, 0.0, 10_000, dispersion=1.0, law_noise=0.0, chance_jitter=0.0)
    >>> float(round(sd, 4))
    0.0051
    """
    q = (accuracy - floor) / (1 - floor)
    per_item = 1 / n_items
    items = dispersion**2 * accuracy * (1 - accuracy) * per_item
    jitter = (chance > 0) * chance_jitter * (1 - q)
    scatter = (law_noise**2 + LEAST_LAW_NOISE**2) * slope**2
    return np.sqrt(items + scatter + jitter**2 + RESOLUTION**2 + (0.5 * per_item) ** 2)
