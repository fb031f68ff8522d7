"""Failures at every attempt: equations in k of the laws of pass@k."""

from typing import Any

from .numerics import np

#: Keeps quotients of two vanishing numbers at their limit; far below every value that is not 0.
_LEAST = 1e-290
_TINY = 1e-30
#: Error (nats) that remains where Q is 1 to the last bit.
_CLOSEST_TO_CERTAIN = 1e-15
_MOST_LOG_HAZARD = 6.0  # beyond it Q is 1 to the last bit
_LEAST_SPREAD = 1e-6  # of problems, where the curve in k bends late
#: Error (nats) above which a beta distribution has no shapes that floats can hold.
_MOST_HOPELESS = 600.0


def log_hazard(error: Any) -> Any:
    r"""``log(-log(1 - Q))`` of ``error``, :math:`-\log Q`: log of the rate at which attempts would solve one problem.

    Parameters
    ----------
    error : array
        :math:`-\log Q` (nats), positive.

    Returns
    -------
    array
        Of the same shape; near ``-error`` where Q is small.

    Examples
    --------
    >>> float(round(log_hazard(-np.log(0.3)), 6)) == round(float(np.log(-np.log(0.7))), 6)
    True
    """
    q = np.exp(-error - _CLOSEST_TO_CERTAIN) + _TINY
    return -error + np.log(-np.log1p(-q) / q)


def with_log_hazard_raised(error: Any, by: Any) -> Any:
    r"""Return the error (nats), :math:`-\log Q`, whose `log_hazard` is higher by so much.

    Parameters
    ----------
    error : array
        :math:`-\log Q` (nats), positive.
    by : array
        Added to the log hazard.

    Returns
    -------
    array
        Positive, of the broadcast shape.

    Examples
    --------
    >>> doubled = with_log_hazard_raised(-np.log(0.001), np.log(2.0))
    >>> float(np.exp(-doubled).round(5))  # of few solved problems about twice as many
    0.002
    """
    raised = log_hazard(error) + by
    within = raised < _MOST_LOG_HAZARD
    hazard = np.exp(raised * within + _MOST_LOG_HAZARD * (1 - within)) + _LEAST
    return -np.log(-np.expm1(-hazard)) + _CLOSEST_TO_CERTAIN


def tail_log_hazard(first: Any, log_bend: Any, k: Any, curvature: Any = None) -> Any:
    r"""``log(-log(1 - pass@k))`` of the tail form.

    With per-problem failure rates :math:`e^{-\lambda k}` and :math:`\lambda` gamma-distributed with rate `bend` b,
    :math:`-\log(1 - pass@k)` is proportional to :math:`\log(1 + k/b)`. More generally it is proportional to
    :math:`g(k/b)` with :math:`g(u) = ((1 + u)^h - 1) / h` and h = 1 - `curvature`, so that pass@k rises with k and is
    concave whatever the coefficients.

    Parameters
    ----------
    first : array
        ``log(-log(1 - pass@1))``.
    log_bend : array
        Log of the number of attempts at which the curve bends.
    k : array
        Attempts.
    curvature : array, optional
        Positive; by default 1, the gamma distribution.

    Returns
    -------
    array
        Of the broadcast shape; `first` at k = 1.

    Examples
    --------
    >>> float(tail_log_hazard(-2.0, np.log(50.0), 1.0, 1.3))
    -2.0
    >>> float(round(tail_log_hazard(-2.0, 40.0, 8.0) - np.log(8.0), 6))  # far below the bend: proportional to k
    -2.0
    """
    scale = 1 / (np.exp(log_bend) + _LEAST) + _LEAST  # of a bend far out of sight neither 0 nor infinite
    one, many = np.log1p(scale), np.log1p(k * scale)
    risen = first + np.log(many / one)
    if curvature is None:
        return risen
    return risen + np.log(_relative_expm1((1 - curvature) * many) / _relative_expm1((1 - curvature) * one))


def _relative_expm1(t: Any) -> Any:
    """``(e^t - 1) / t``, 1 at 0."""
    return np.expm1(t + _TINY) / (t + _TINY)


def beta_shapes(error: Any, log_bend: Any) -> tuple[Any, Any]:
    r"""Shapes of the beta distribution of the problems' success rates that belongs to a curve of the tail form.

    Parameters
    ----------
    error : array
        :math:`-\log` pass@1 (nats).
    log_bend : array
        Log of the number of attempts at which the curve bends.

    Returns
    -------
    a, b : array
        With mean pass@1, and with the exponent of the gamma distribution: 1 - pass@k falls like :math:`k^{-a}`. The
        two curves in k differ by at most .013, where nearly all problems are certain or hopeless, and mostly by far
        less.

    Examples
    --------
    >>> a, b = beta_shapes(-np.log(0.3), np.log(5.0))
    >>> float(round(a / (a + b), 6))
    0.3
    """
    error = error * (error <= _MOST_HOPELESS) + _MOST_HOPELESS * (error > _MOST_HOPELESS)
    # Beyond a million attempts a bend shows in no table; shapes without bound drown the likelihood in rounding.
    a = np.exp(log_hazard(error)) / (np.log1p(np.exp(-log_bend)) + _LEAST_SPREAD)
    return a, a * np.expm1(error)


def beta_log_hazard(error: Any, log_bend: Any, k: Any) -> Any:
    r"""``log(-log(1 - pass@k))`` where the problems' success rates have the distribution of `beta_shapes`.

    Parameters
    ----------
    error, log_bend : array
        As of `beta_shapes`; NumPy only.
    k : array
        Attempts.

    Returns
    -------
    array
        Of the broadcast shape.

    Notes
    -----
    :math:`1 - pass@k = B(a, b + k) / B(a, b)`.

    Examples
    --------
    >>> rate = 1 - np.exp(-np.exp(beta_log_hazard(-np.log(0.3), np.log(5.0), np.array([1.0, 10.0]))))
    >>> rate.round(3).tolist()
    [0.3, 0.883]
    """
    from scipy.special import betaln

    a, b = beta_shapes(error, log_bend)
    return np.log(np.maximum(betaln(a, b) - betaln(a, b + k), np.finfo(float).tiny))


def log_linear_log_error(first: Any, x: Any, log_k: Any, gain: Any, interaction: Any) -> Any:
    r"""Log error of the published form, :math:`\eta_1 - gain \log k + interaction\, x \log k`.

    Parameters
    ----------
    first : array
        Log error at k = 1.
    x : array
        Log FLOPs less the benchmark's reference.
    log_k : array
        Log of the attempts.
    gain, interaction : array
        Fall of the log error per log attempt at the reference budget, and its change with log compute.

    Returns
    -------
    array
        Of the broadcast shape.

    Notes
    -----
    Krajewski et al., arXiv 2512.08894: log(-log Q(C, k)) = log A + alpha log C + beta log k + delta log C log k.

    Examples
    --------
    >>> float(round(log_linear_log_error(1.5, 2.0, 3.0, 0.2, 0.05), 6))
    1.2
    """
    return first - (gain - interaction * x) * log_k
