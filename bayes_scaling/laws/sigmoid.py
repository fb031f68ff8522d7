"""The sigmoid law: a logistic curve in log compute, as an alternative to the direct law."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, slots_of, softplus
from .compute import ComputeLaw
from .numerics import np
from .priors import LogNormal
from .shown import Template


def logistic_log_error(x: Any, level: Any, steepness: Any) -> Any:
    r"""Log error of a logistic, :math:`Q = 1 / (1 + e^{-z})` with :math:`z` linear in x.

    Parameters
    ----------
    x : array
        Log FLOPs less the benchmark's reference; of a stage two the loss index, minus the log of the loss in units in
        which it grows as log FLOPs.
    level : array
        Log error at the reference.
    steepness : array
        Growth of :math:`z`, the logit of Q, per unit of x. Where Q nears 1 the log error falls as fast.

    Returns
    -------
    array
        :math:`\log(-\log Q)`, of the broadcast shape.

    Notes
    -----
    The level fixes :math:`z_0 = -\log(e^{e^{level}} - 1)`. In the loss it is the published form, accuracy =
    a / (1 + exp(-k (L - L0))) + b (Bhagia et al., arXiv 2412.04403), in its log, whose range in a table is narrow.

    Examples
    --------
    >>> float(round(logistic_log_error(0.0, 0.4, 0.2), 6))
    0.4
    >>> q = np.exp(-np.exp(logistic_log_error(np.array([0.0, 1.0]), 0.4, 0.2)))
    >>> np.diff(np.log(q / (1 - q))).round(6).tolist()
    [0.2]
    """
    error = np.exp(level)
    wrong = -np.expm1(-error)  # 1 - Q at the reference
    return np.log(softplus(error + np.log(wrong) - steepness * x))


def logistic_exponent_per_local(level: Any) -> Any:
    """Steepness of a logistic over the local exponent of its error where the log error is `level`.

    Examples
    --------
    >>> float(logistic_exponent_per_local(-20.0).round(3))
    1.0
    """
    error = np.exp(level)
    return error / -np.expm1(-error)


#: Steepnesses differ less over benchmarks than local exponents, which also differ with the level.
STEEPNESS_SLOTS = LEVEL_SLOTS + slots_of(
    EXPONENT,
    LogNormal(0.33, 0.4),
    {**EXPONENT_SCALES, "benchmark": LogNormal(0.12, 0.3)},
    "steepness of a typical benchmark: exponent of its error where that is small",
)


@dataclass(frozen=True, init=False, repr=False)
class SigmoidLaw(ComputeLaw):
    r"""A sigmoid in log compute: :math:`Q = 1 / (1 + (C_{50} / C)^k)`, with benchmark-specific steepness and midpoint.

    Near chance accuracy takes off faster than by the direct law, and near the ceiling the error falls as a power of
    compute as there. Around it stand the same floor, ceiling, deviation, effect of the run and noise: an alternative
    to compare and to stack with the direct law.

    Parameters
    ----------
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``SigmoidLaw().priors`` lists them.

    Notes
    -----
    The usual curve of downstream accuracy against log compute, between chance and a ceiling; as in Owen, "How
    predictable is language model benchmark performance?", arXiv 2401.04757. ``exponent`` is the steepness :math:`k`,
    the growth of the logit of Q per unit of log FLOPs.

    Examples
    --------
    >>> SigmoidLaw().priors.loc["exponent", "50%"].round(2).item()
    0.33
    """

    name = "sigmoid"
    about = "from training FLOPs to accuracy along a sigmoid in their log"
    simplicity = 2
    templates = (Template(first_seed=700_000),)
    target_accept = 0.93  # a sigmoid leaves its floor abruptly
    coefficients: tuple[Coefficient, ...] = (LEVEL, EXPONENT)
    coefficient_slots: tuple[Slot, ...] = STEEPNESS_SLOTS

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `logistic_log_error` of inputs and terms that share a shape."""
        return logistic_log_error(inputs["x"], terms["level"], terms["asymptotic_exponent"])

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``local_exponent``, that of the whole error at the reference, and ``asymptotic_exponent``."""
        return {
            "local_exponent": coefficients["exponent"] / self.exponent_per_local(coefficients["level"]),
            "asymptotic_exponent": coefficients["exponent"] / (1 - coefficients["share"]),
        }

    def exponent_per_local(self, level: Any) -> Any:
        """Steepness over the local exponent, where the log error is `level`."""
        return logistic_exponent_per_local(level)
