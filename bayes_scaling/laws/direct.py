"""The direct law: from training compute to downstream accuracy in one step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, slots_of
from .compute import ComputeLaw
from .priors import LogNormal
from .shown import Template


def direct_log_error(x: Any, level: Any, slope: Any) -> Any:
    r"""Log error of the direct law, :math:`\eta = level - slope \cdot x`.

    Parameters
    ----------
    x : array
        Log FLOPs less the benchmark's reference log FLOPs.
    level : array
        Log error at the reference budget.
    slope : array
        Exponent of the curve far from its ceiling, ``exponent / (1 - r)``.

    Returns
    -------
    array
        Log error, of the broadcast shape.

    Notes
    -----
    :math:`-\log Q = A / C^{\alpha}` of Krajewski et al., arXiv 2512.08894, in logarithms.

    Examples
    --------
    >>> direct_log_error(2.0, 0.5, 0.25)
    0.0
    """
    return level - slope * x


@dataclass(frozen=True, init=False, repr=False)
class DirectLaw(ComputeLaw):
    r"""The direct law :math:`-\log Q = A / C^{\alpha}`, with benchmark-specific levels and exponents.

    Each (family, benchmark) curve has its own level and exponent, drawn from a population that all curves share.
    Around the law stand a floor, a ceiling, a smooth deviation, an effect of the run and the noise of a score.

    Parameters
    ----------
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``DirectLaw().priors`` lists them. A number fixes a parameter, None leaves its
        part out: ``DirectLaw(ceiling=None)``.

    Notes
    -----
    Krajewski et al., "Revisiting the Scaling Properties of Downstream Metrics in Large Language Model Training",
    arXiv 2512.08894.

    Examples
    --------
    >>> from bayes_scaling import between
    >>> law = DirectLaw(exponent=between(0.05, 0.4), ceiling=None)
    >>> law.priors.loc["exponent", "95%"].round(3).item()
    0.4
    """

    name = "direct"
    about = "from training FLOPs to accuracy in one step"
    simplicity = 0
    templates = (
        Template(),
        Template(
            {"n_benchmarks": 3, "n_runs": 5, "checkpoints": [1, 5], "annealed_ends": True}, 1_000_000, "checkpoints"
        ),
    )
    coefficients: tuple[Coefficient, ...] = (LEVEL, EXPONENT)
    coefficient_slots: tuple[Slot, ...] = LEVEL_SLOTS + slots_of(
        EXPONENT, LogNormal(0.18, 0.4), EXPONENT_SCALES, "exponent of a typical benchmark"
    )

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `direct_log_error` of inputs and terms that share a shape."""
        return direct_log_error(inputs["x"], terms["level"], terms["asymptotic_exponent"])

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``asymptotic_exponent``, the exponent far from the ceiling."""
        return {"asymptotic_exponent": coefficients["exponent"] / (1 - coefficients["share"])}
