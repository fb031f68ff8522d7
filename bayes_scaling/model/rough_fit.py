"""What scores say of a law's coefficients before the model is built: information, and rough fits to start from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays import Floats, Ints
from ..laws.base import Law
from ..laws.coefficients import Coefficient
from ..laws.priors import Fixed

_STEP = 1e-4
_ROUNDS = 50
_SMALLEST_SD = 1e-6


def log_error_at(law: Law, inputs: Mapping[str, Floats], pooled: Mapping[str, Any]) -> Floats:
    """Log error of a law without ceiling, for coefficients on the scale they are pooled on.

    Examples
    --------
    >>> from bayes_scaling import DirectLaw
    >>> inputs = {"x": np.array([0.0, 1.0])}
    >>> log_error_at(DirectLaw(), inputs, {"level": 0.5, "exponent": np.log(0.2)}).round(3).tolist()
    [0.5, 0.3]
    """
    own = {c.name: np.exp(pooled[c.name]) if c.positive else pooled[c.name] for c in law.curve_coefficients}
    return law.log_error(inputs, law.terms(own | {"share": 0.0}))


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
    >>> from bayes_scaling import DirectLaw
    >>> found = coefficient_information(DirectLaw(), {"x": np.array([0.0, 2.0])}, np.array([1.0, 1.0]))
    >>> found["exponent"].round(3).tolist()
    [0.0, 0.129]
    """
    centre = {c.name: pooled_median(law, c) for c in law.curve_coefficients}
    capped = capped_weights(law, weights)
    return {name: capped * slope**2 for name, slope in sensitivities(law, inputs, centre).items()}


def capped_weights(law: Law, weights: Floats) -> Floats:
    """Information of each row about its log error, less what the usual scatter about a law takes from it."""
    return weights / (1 + weights * law.usual_scatter**2)


def sensitivities(law: Law, inputs: Mapping[str, Floats], pooled: Mapping[str, Any]) -> dict[str, Floats]:
    """Slope of the log error in each coefficient, on the scale the coefficient is pooled on.

    Parameters
    ----------
    law : Law
        The law.
    inputs : mapping of str to array, shape (rows,)
        The law's inputs.
    pooled : mapping of str to float or array, shape (rows,)
        Coefficients on that scale.

    Returns
    -------
    dict of str to array, shape (rows,)
        Slopes by coefficient.

    Examples
    --------
    >>> from bayes_scaling import DirectLaw
    >>> found = sensitivities(DirectLaw(), {"x": np.array([0.0, 2.0])}, {"level": 0.5, "exponent": np.log(0.2)})
    >>> found["exponent"].round(3).tolist()
    [0.0, -0.4]
    """
    found = {}
    for c in law.curve_coefficients:
        up, down = (log_error_at(law, inputs, {**pooled, c.name: pooled[c.name] + sign * _STEP}) for sign in (1, -1))
        found[c.name] = (up - down) / (2 * _STEP)
    return found


def rough_effects(slopes: Floats, residual: Floats, weights: Floats, group: Ints, sd: Floats) -> tuple[Floats, Floats]:
    """Effects of groups on several coefficients, and how widely they spread.

    A linear model with normal effects, by a few rounds of expectation and maximisation.

    Parameters
    ----------
    slopes : array, shape (rows, coefficients)
        Slope of each row's log error in each coefficient (`sensitivities`).
    residual, weights : array, shape (rows,)
        What the effects are to explain of each row's log error, and its information.
    group : int array, shape (rows,)
        Group of each row, from 0.
    sd : array, shape (coefficients,)
        Spreads to begin with.

    Returns
    -------
    effects : array, shape (groups, coefficients)
        Means of the effects.
    sd : array, shape (coefficients,)
        Their spreads.

    Examples
    --------
    >>> slopes, group = np.ones((6, 1)), np.array([0, 0, 1, 1, 2, 2])
    >>> residual = np.array([-1.1, -0.9, 0.1, -0.1, 1.0, 1.0])
    >>> effects, sd = rough_effects(slopes, residual, np.full(6, 100.0), group, np.array([0.3]))
    >>> effects.round(2).ravel().tolist(), sd.round(2).tolist()
    ([-0.99, 0.0, 0.99], [0.81])
    """
    n_groups = int(group.max()) + 1
    information = np.zeros((n_groups, len(sd), len(sd)))
    np.add.at(information, group, weights[:, None, None] * slopes[:, :, None] * slopes[:, None, :])
    pull = np.zeros((n_groups, len(sd)))
    np.add.at(pull, group, (weights * residual)[:, None] * slopes)
    effects = np.zeros_like(pull)
    for _ in range(_ROUNDS):
        covariance = np.linalg.inv(information + np.diag(1 / sd**2))
        effects = np.einsum("gij,gj->gi", covariance, pull)
        sd = np.sqrt((effects**2 + np.diagonal(covariance, axis1=1, axis2=2)).mean(axis=0))
    return effects, sd


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
    >>> from bayes_scaling import DirectLaw
    >>> x = np.linspace(-3, 3, 20)
    >>> found = rough_fit(DirectLaw(), {"x": x}, 0.5 - 0.3 * x, np.full(20, 400.0))
    >>> round(found["level"], 2), round(float(np.exp(found["exponent"])), 2)
    (0.5, 0.3)
    """
    from scipy.optimize import least_squares

    names = [c.name for c in law.curve_coefficients]
    centre = np.array([pooled_median(law, c) for c in law.curve_coefficients])
    sd = np.array([_pooled_sd(law, c) for c in law.curve_coefficients])
    root = np.sqrt(capped_weights(law, weights))

    def residuals(z: Floats) -> Floats:
        fitted = log_error_at(law, inputs, dict(zip(names, centre + sd * z, strict=True)))
        return np.concatenate([root * (log_error - fitted), z])

    found = centre + sd * least_squares(residuals, np.zeros(len(names)), method="trf", max_nfev=50).x
    return dict(zip(names, found.tolist(), strict=True))


def pooled_median(law: Law, coefficient: Coefficient) -> float:
    """Prior median of a coefficient on the scale it is pooled on.

    Examples
    --------
    >>> from bayes_scaling import DirectLaw
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
