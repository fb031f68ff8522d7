"""What scores say of a law's coefficients before the model is built: information, and rough fits to start from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .laws.base import Coefficient, Law
from .priors import Fixed

Floats = NDArray[np.float64]

_STEP = 1e-4
_SMALLEST_SD = 1e-6


def log_error_at(law: Law, inputs: Mapping[str, Floats], pooled: Mapping[str, Any]) -> Floats:
    """Log error of a law without ceiling, for coefficients on the scale they are pooled on.

    Examples
    --------
    >>> from bayes_scaling.laws import DirectLaw
    >>> inputs = {"x": np.array([0.0, 1.0])}
    >>> log_error_at(DirectLaw(), inputs, {"level": 0.5, "exponent": np.log(0.2)}).round(3).tolist()
    [0.5, 0.3]
    """
    own = {c.name: np.exp(pooled[c.name]) if c.positive else pooled[c.name] for c in law.curve_coefficients}
    return law.log_error(inputs, own | {"share": 0.0})


def coefficient_information(law: Law, inputs: Mapping[str, Floats], weights: Floats) -> dict[str, Floats]:
    r"""Information of each row about each coefficient at the prior's medians, on the scale it is pooled on.

    Parameters
    ----------
    law : Law
        The law.
    inputs : mapping of str to array, shape (rows,)
        The law's inputs.
    weights : array, shape (rows,)
        Information of each row about its log error.

    Returns
    -------
    dict of str to array, shape (rows,)
        :math:`w (\partial \eta / \partial \theta)^2` by coefficient; one row never says more than the usual scatter
        about a law lets it say.

    Examples
    --------
    >>> from bayes_scaling.laws import DirectLaw
    >>> found = coefficient_information(DirectLaw(), {"x": np.array([0.0, 2.0])}, np.array([1.0, 1.0]))
    >>> found["exponent"].round(3).tolist()
    [0.0, 0.129]
    """
    capped = weights / (1 + weights * law.usual_scatter**2)
    centre = {c.name: pooled_median(law, c) for c in law.curve_coefficients}
    found = {}
    for c in law.curve_coefficients:
        up, down = (
            log_error_at(law, inputs, centre | {c.name: centre[c.name] + sign * _STEP}) + np.zeros(len(weights))
            for sign in (1, -1)
        )
        found[c.name] = capped * ((up - down) / (2 * _STEP)) ** 2
    return found


def rough_fit(law: Law, inputs: Mapping[str, Floats], log_error: Floats, weights: Floats) -> dict[str, float]:
    """Coefficients of one benchmark by least squares, drawn towards the prior.

    Parameters
    ----------
    law : Law
        The law.
    inputs : mapping of str to array, shape (rows,)
        The law's inputs.
    log_error : array, shape (rows,)
        Measured log errors.
    weights : array, shape (rows,)
        Information of each row about its log error.

    Returns
    -------
    dict of str to float
        Coefficients on the scale they are pooled on.

    Examples
    --------
    >>> from bayes_scaling.laws import DirectLaw
    >>> x = np.linspace(-3, 3, 20)
    >>> found = rough_fit(DirectLaw(), {"x": x}, 0.5 - 0.3 * x, np.full(20, 400.0))
    >>> round(found["level"], 2), round(float(np.exp(found["exponent"])), 2)
    (0.5, 0.3)
    """
    from scipy.optimize import least_squares

    names = [c.name for c in law.curve_coefficients]
    centre = np.array([pooled_median(law, c) for c in law.curve_coefficients])
    sd = np.array([_pooled_sd(law, c) for c in law.curve_coefficients])
    root = np.sqrt(weights / (1 + weights * law.usual_scatter**2))

    def residuals(z: Floats) -> Floats:
        fitted = log_error_at(law, inputs, dict(zip(names, centre + sd * z, strict=True)))
        return np.concatenate([root * (log_error - fitted), z])

    found = centre + sd * least_squares(residuals, np.zeros(len(names)), method="trf", max_nfev=50).x
    return dict(zip(names, found.tolist(), strict=True))


def pooled_median(law: Law, coefficient: Coefficient) -> float:
    """Prior median of a coefficient on the scale it is pooled on.

    Examples
    --------
    >>> from bayes_scaling.laws import DirectLaw
    >>> law = DirectLaw(exponent=1.0)
    >>> pooled_median(law, law.coefficients[1])
    0.0
    """
    median = law.prior(coefficient.name).median
    return float(np.log(median)) if coefficient.positive else median


def _pooled_sd(law: Law, coefficient: Coefficient) -> float:
    """Prior spread of one benchmark's coefficient: of the population, and of benchmarks around it."""
    prior = law.prior(coefficient.name)
    low, high = (0.0, 0.0) if isinstance(prior, Fixed) else prior.interval(0.6827)
    of_population = float(np.log(high / low) if coefficient.positive and low else high - low) / 2
    return max(float(np.hypot(of_population, law.prior(coefficient.scale("benchmark")).median)), _SMALLEST_SD)
