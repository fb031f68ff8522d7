"""The smooth curve of failures through the rates of one set, for the noise of its rates."""

import numpy as np

from ...arrays import Floats
from ...laws.hazards import log_hazard, tail_log_hazard
from ...laws.pass_at_k import PassAtKLaw
from ...runs.pass_rates import mean_rates, powers_up_to
from .noise import Failure

_LOG_BEND_PRIOR = (0.4, 1.5)  # mean at a log error of 0, and sd, where a set's own points say nothing
_LOG_ERROR_PRIOR = (1.0, 1.5)
_MOST_WEIGHT = 1e7


def smooth_failure(log_error: float, log_bend: float) -> Failure:
    """Share of problems that k attempts leave unsolved, of a tail form with curvature 1.

    Examples
    --------
    >>> float(round(smooth_failure(np.log(-np.log(0.2)), 2.0)(np.array(1.0)), 6))
    0.8
    """
    return lambda k: np.exp(-np.exp(_smooth_hazard(log_error, log_bend, k)))


def _smooth_hazard(log_error: float, log_bend: float, k: Floats) -> Floats:
    return tail_log_hazard(log_hazard(np.exp(log_error)), log_bend, k)


def smooth_curve(k: Floats, rate: Floats, n_samples: Floats, items: float, counts: bool) -> Floats:
    """Log error and log bend of a set, by a quasi-binomial fit that rates of 0 and 1 do not upset.

    A count of one problem has a rate of its own; for the curve the counts are turned into mean rates first.
    """
    from scipy.optimize import minimize

    if counts:
        right, k = np.round(rate * n_samples), powers_up_to(n_samples)
        rate, n_samples = mean_rates(n_samples, right, k), np.full(len(k), float(np.median(n_samples)))
    weight = np.minimum(items * n_samples / k, _MOST_WEIGHT)

    def loss(at: Floats) -> float:
        miss = np.exp(np.minimum(_smooth_hazard(at[0], at[1], k), 3.5))  # -log(1 - pass@k)
        hit = np.log(-np.expm1(-np.maximum(miss, 1e-300)))
        deviance = -(weight * (rate * hit - (1 - rate) * miss)).sum()
        prior = ((at[0] - _LOG_ERROR_PRIOR[0]) / _LOG_ERROR_PRIOR[1]) ** 2
        usual = _LOG_BEND_PRIOR[0] + PassAtKLaw.bend_moves(at[0], 0.0, at[0])
        return float(deviance + (prior + ((at[1] - usual) / _LOG_BEND_PRIOR[1]) ** 2) / 2)

    first = np.log(-np.log(np.clip(np.average(rate / k, weights=weight), 1e-7, 0.95)))
    start = np.array([first, _LOG_BEND_PRIOR[0] + PassAtKLaw.bend_moves(first, 0.0, first)])
    return np.asarray(minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4}).x)
