"""One change of the exponent of compute: what laws with a turn share."""

from collections.abc import Mapping
from typing import Any

from .coefficients import Coefficient, logistic, softplus
from .numerics import np

BREAK = Coefficient("break_point", positive=False, pooled=("benchmark",))


def turned_log_error(
    steady: Any, x: Any, before: Any, after: Any, break_point: Any, at_reference: Any, width: float
) -> Any:
    r"""Log error of a law whose exponent of compute changes once, around its steady form.

    Parameters
    ----------
    steady : array
        Log error of the law with the exponent before the turn everywhere.
    x : array
        Log FLOPs less the benchmark's reference log FLOPs.
    before, after : array
        Exponents of compute far before and far after the turn.
    break_point : array
        Log FLOPs of the turn, less the benchmark's reference.
    at_reference : array
        `softened` where `x` is 0, the same for all rows of a curve.
    width : float
        Width of the turn (log FLOPs); at 1, 80% of the change happens within two decades.

    Returns
    -------
    array
        Log error, of the broadcast shape; at the reference that of the steady form.

    Notes
    -----
    A factor :math:`(1 + (C / C_b)^{1/f})^{-(c_1 - c_0) f}` on the error, as in Caballero et al., "Broken Neural Scaling
    Laws", arXiv 2210.14891, with a width :math:`f` that is held.

    Examples
    --------
    >>> x = np.array([0.0, 29.0, 30.0])
    >>> far = turned_log_error(0.5 - 0.1 * x, x, 0.1, 0.3, 1.0, softened(0.0, 1.0, 1.0), width=1.0)
    >>> float(far[0]), float((far[2] - far[1]).round(3))
    (0.5, -0.3)
    """
    return steady - (after - before) * (softened(x, break_point, width) - at_reference)


def softened(x: Any, break_point: Any, width: float) -> Any:
    """Log FLOPs past a turn: 0 far before it, ``x - break_point`` far after it.

    Examples
    --------
    >>> [round(float(softened(x, 1.0, width=1.0)), 3) for x in (-20.0, 1.0, 21.0)]
    [0.0, 0.693, 20.0]
    """
    return width * softplus((x - break_point) / width)


def from_line_to_reference(pooled: Mapping[str, Any], change: Any, spread: Any, width: float) -> dict[str, Any]:
    r"""Level and log exponent at the reference of a curve with a turn, less those of the line through its runs.

    What a table shows well is the line through a benchmark's runs; level and slope at one budget depend on where the
    curve turns. So the line is what is pooled and sampled, and a turn only bends the curve around it.

    Parameters
    ----------
    pooled : mapping of str to array, shape (..., benchmarks)
        ``level`` and log ``exponent`` of the line, and ``break_point``.
    change : array, shape (..., benchmarks)
        Log of the exponent after the turn over that before it.
    spread : array, shape (benchmarks,)
        Standard deviation of the log FLOPs that the line goes through; 0 has the line at the reference itself.
    width : float
        Width of the turn.

    Notes
    -----
    The mean of the turn over normal log FLOPs of a spread :math:`s` is nearly a turn of the width
    :math:`\sqrt{f^2 + 3 s^2 / \pi^2}`: a logistic distribution of scale f has the variance :math:`\pi^2 f^2 / 3`.

    Examples
    --------
    >>> line = {"level": 0.0, "exponent": np.log(0.2), "break_point": 1.0}
    >>> shift = from_line_to_reference(line, np.log(3), np.array([0.0, 2.0]), 1.0)
    >>> {name: values.round(3).tolist() for name, values in shift.items()}
    {'level': [0.0, 0.072], 'exponent': [-0.0, -0.086]}
    """
    wide = np.sqrt(width**2 + 3 * spread**2 / np.pi**2)
    break_point = pooled["break_point"]
    line = exponents_around(np.exp(pooled["exponent"]), change, break_point, wide)
    before, gain = line["exponent_before"], line["exponent_after"] - line["exponent_before"]
    bent = softened(0.0, break_point, wide) - softened(0.0, break_point, width)
    slope = before + gain * logistic(-break_point / width)
    return {"level": gain * bent, "exponent": np.log(slope) - pooled["exponent"]}


def turn_terms(coefficients: Mapping[str, Any], width: float) -> dict[str, Any]:
    """Return what rows of a curve need of its turn beside its exponents: how far past it the reference is."""
    return {"turned_at_reference": softened(0.0, coefficients["break_point"], width)}


def exponents_around(slope: Any, change: Any, break_point: Any, width: float) -> dict[str, Any]:
    """Return ``exponent_before`` and ``exponent_after`` a turn from the slope at the reference.

    Parameters
    ----------
    slope : array
        Exponent at the reference.
    change : array
        Log of the exponent after the turn over that before it.
    break_point, width : array, float
        As of `turned_log_error`.

    Examples
    --------
    >>> far_ahead = exponents_around(0.2, np.log(2), 40.0, width=1.0)
    >>> float(far_ahead["exponent_before"]), round(float(far_ahead["exponent_after"]), 6)
    (0.2, 0.4)
    """
    ratio = np.exp(change)
    turned = logistic(-break_point / width)  # share of the change that is done at the reference
    before = slope / (1 + turned * (ratio - 1))
    return {"exponent_before": before, "exponent_after": before * ratio}
