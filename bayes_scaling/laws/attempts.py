"""What every law of several attempts at each problem is, beside being a law."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .base import Law
from .coefficients import Coefficient, Slot


@dataclass(frozen=True, init=False, repr=False)
class AttemptsLaw(Law):
    """A law of the share of problems that at least one of k attempts solves; made by its subclasses.

    Its `log_error` is that at k = 1. Each set, a run on a benchmark, scatters about the curve at k = 1 and has
    something of its own in k.
    """

    observes = "attempts"
    #: The log error; the log hazard at k = 1, in which a low rate that doubles counts as much as a high one; and what
    #: `scatter` is of, how curves run in k.
    deviations = ("", "hazard_", "drift_")
    noise: ClassVar[tuple[str, ...]] = ("attempts_dispersion", "problems_dispersion")

    @property
    def checkpoint_slots(self) -> tuple[Slot, ...]:
        """No priors: of attempts each checkpoint is a run of its own."""
        return ()

    @property
    def attempt_coefficients(self) -> tuple[Coefficient, ...]:
        """Those of the coefficients that make the curve in k."""
        raise NotImplementedError

    @property
    def scatter(self) -> str:
        """Name of the scale of what a run has of its own in k."""
        raise NotImplementedError

    @property
    def takes_counts(self) -> bool:
        """Whether it describes counts of each problem, by `log_bend`; else they are turned into rates."""
        return False

    def log_hazard(
        self, x: Any, k: Any, error: Any, effect: Any, coefficients: Mapping[str, Any], missed: Any = 0.0
    ) -> Any:
        r"""Return ``log(-log(1 - pass@k))``.

        Parameters
        ----------
        x : array
            Log FLOPs less the benchmark's reference.
        k : array
            Attempts.
        error : array
            :math:`-\log Q` at k = 1.
        effect : array
            What the run has of its own in k.
        coefficients : mapping of str to array
            Those of `attempt_coefficients`, and ``level``.
        missed : array
            What the curve misses at k, on the scale on which the law describes it.

        Returns
        -------
        array
            Of the broadcast shape.
        """
        raise NotImplementedError

    def log_bend(self, error: Any, effect: Any, coefficients: Mapping[str, Any]) -> Any:
        """Log of the attempts at which a run's curve bends; arguments as of `log_hazard`."""
        raise NotImplementedError

    def rough_coefficients(self, log_error: Any, log_bend: Any) -> dict[str, Any]:
        """Coefficients in k, on the scale they are pooled on, that follow from smooth curves of sets: none, or some.

        These have a log error at k = 1, and a log of the attempts at which they bend, each of shape (sets,).
        """
        raise NotImplementedError

    def in_k(self, x: Any, level: Any, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Coefficients in k as a fit states them that measures its level at `x`, log FLOPs less the reference."""
        raise NotImplementedError

    @property
    def may_fall(self) -> bool:
        """Whether its rates may fall with k, which none can, far from the fitted budgets."""
        return False

    def falls(self, x: Any, coefficients: Mapping[str, Any]) -> Any:
        """Whether rates fall with k at `x`, log FLOPs less the reference; asked where they may."""
        raise NotImplementedError


def attempts_of(law: Law) -> AttemptsLaw:
    """Return a law of attempts as what it is.

    Raises
    ------
    TypeError
        For another law.
    """
    if not isinstance(law, AttemptsLaw):
        raise TypeError(f"{law!r} describes {law.observes}, not attempts")
    return law
