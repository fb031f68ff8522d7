"""The broken power law: a direct law whose exponent changes at some compute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, slots_of
from .compute import ComputeLaw
from .priors import LogNormal, Normal
from .shown import Template
from .turn import BREAK, exponents_around, from_line_to_reference, turn_terms, turned_log_error

_CHANGE = Coefficient("change", positive=False, pooled=("benchmark",))
_WIDTH = 0.5  # of the break (log FLOPs): 80% of the change happens within one decade


def broken_log_error(x: Any, level: Any, before: Any, after: Any, break_point: Any, at_reference: Any) -> Any:
    r"""Log error of the broken power law, a line in log compute with a rounded corner.

    Parameters
    ----------
    x : array
        Log FLOPs less the benchmark's reference log FLOPs.
    level : array
        Log error at the reference budget.
    before, after : array
        Exponents far before and far after the break.
    break_point : array
        Log FLOPs of the break, less the benchmark's reference.
    at_reference : array
        How far past the break the reference is (`turn_terms`).

    Returns
    -------
    array
        Log error, of the broadcast shape.

    Notes
    -----
    :math:`-\log Q = A C^{-c_0} (1 + (C / C_b)^{1/f})^{-c_1 f}` of Caballero et al., "Broken Neural Scaling Laws", arXiv
    2210.14891, with one break: :math:`c_0` is `before`, :math:`c_0 + c_1` is `after`, and the width :math:`f` is held.

    Examples
    --------
    >>> import numpy as np
    >>> past = turn_terms({"break_point": 1.0}, _WIDTH)["turned_at_reference"]
    >>> float(broken_log_error(0.0, 0.5, 0.1, 0.3, 1.0, past))
    0.5
    >>> far = broken_log_error(np.array([-30.0, -29.0, 29.0, 30.0]), 0.5, 0.1, 0.3, 1.0, past)
    >>> np.diff(far)[[0, 2]].round(3).tolist()
    [-0.1, -0.3]
    """
    return turned_log_error(level - before * x, x, before, after, break_point, at_reference, _WIDTH)


@dataclass(frozen=True, init=False, repr=False)
class BrokenPowerLaw(ComputeLaw):
    r"""A broken power law: :math:`-\log Q` falls as a power of compute, whose exponent changes once.

    Each benchmark has its own change of exponent and its own break. Around the law stand the same floor, ceiling,
    deviation, effect of the run and noise as around the direct law: an alternative to compare and to stack with it.

    Parameters
    ----------
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``BrokenPowerLaw().priors`` lists them.

    Notes
    -----
    Caballero et al., "Broken Neural Scaling Laws", arXiv 2210.14891 (`broken_log_error`). ``exponent`` is the local one
    of the whole error at the reference budget, as of the direct law, and ``change`` is the log of the exponent after
    the break over that before it.

    Examples
    --------
    >>> BrokenPowerLaw(change=0.0).priors.loc["change", "prior"]
    'Fixed(value=0.0)'
    """

    name = "broken-power"
    about = "from training FLOPs to accuracy, by an exponent that changes once"
    simplicity = 3
    fewest_budgets = 8
    shows = "a break"
    templates = (Template(first_seed=600_000),)
    target_accept = 0.95  # a break may lie where no run is
    coefficients: tuple[Coefficient, ...] = (LEVEL, EXPONENT, _CHANGE, BREAK)
    coefficient_slots: tuple[Slot, ...] = (
        *LEVEL_SLOTS,
        *slots_of(EXPONENT, LogNormal(0.18, 0.4), EXPONENT_SCALES, "exponent of a typical benchmark"),
        *slots_of(
            _CHANGE,
            Normal(0.0, 0.4),
            {"benchmark": LogNormal(0.2, 0.5)},
            "log of the exponent after the break over that before it",
        ),
        *slots_of(
            BREAK,
            Normal(0.0, 1.5),
            {"benchmark": LogNormal(0.5, 0.5)},
            "log FLOPs of the break of a typical benchmark, less the reference",
            "log FLOPs",
        ),
    )

    def at_reference(self, pooled: Mapping[str, Any], spread: Any) -> dict[str, Any]:
        """Return level and log exponent at the reference less those of the line through a benchmark's runs."""
        return from_line_to_reference(pooled, pooled["change"], spread, _WIDTH)

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coefficients, the exponents around the turn, and how far past it the reference is."""
        return {**super().terms(coefficients), **turn_terms(coefficients, _WIDTH)}

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `broken_log_error` of inputs and terms that share a shape."""
        turn = (terms["exponent_before"], terms["exponent_after"], terms["break_point"], terms["turned_at_reference"])
        return broken_log_error(inputs["x"], terms["level"], *turn)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``exponent_before`` and ``exponent_after`` the break, both far from the ceiling."""
        slope = coefficients["exponent"] / (1 - coefficients["share"])
        return exponents_around(slope, coefficients["change"], coefficients["break_point"], _WIDTH)
