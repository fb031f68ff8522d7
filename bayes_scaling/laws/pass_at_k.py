"""The pass@k law: from compute and the number of attempts to the share of problems solved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .base import ITEM_SLOTS, Coefficient, Law, PriorLike, Slot, slots_of
from .budget_laws import BUDGET_LAWS, Inputs, check_option
from .priors import Fixed, LogNormal, Normal

Form = Literal["tail", "log-linear"]

_BEND = Coefficient("bend", positive=True)
_BEND_SLOPE = Coefficient("bend_slope", positive=False, pooled=("benchmark",))
_CURVATURE = Coefficient("curvature", positive=True, pooled=("benchmark",))
_GAIN = Coefficient("gain", positive=True)
_INTERACTION = Coefficient("interaction", positive=False, pooled=("benchmark",))

#: Change of the log bend with the log error between benchmarks: hard problems need many attempts before any is lucky
#: twice. Seen from GSM8K at rates of .001 to that of strong models at .4, and on HumanEval.
_USUAL_BEND_SLOPE = 1.5
#: Keeps quotients of two vanishing numbers at their limit; far below every value that is not 0.
_LEAST = 1e-290
_TINY = 1e-30
#: Error (nats) that remains where Q is 1 to the last bit.
_CLOSEST_TO_CERTAIN = 1e-15
_LEAST_SPREAD = 1e-6  # of problems, where the curve in k bends late
#: Error (nats) above which a beta distribution has no shapes that floats can hold.
_MOST_HOPELESS = 600.0

_TAIL_SLOTS: tuple[Slot, ...] = (
    *slots_of(
        _BEND,
        LogNormal(1.5, 1.5),
        {"benchmark": LogNormal(0.7, 0.5), "family": LogNormal(0.2, 0.7), "interaction": LogNormal(0.2, 0.7)},
        "attempts at which pass@k bends, of a benchmark whose level is 0; 4.5 times as many for each unit of level",
    ),
    *slots_of(
        _BEND_SLOPE,
        Normal(1.5, 0.8),
        {"benchmark": LogNormal(0.3, 0.5)},
        "change of log bend with the log error at k = 1",
        "per unit of log error",
    ),
    *slots_of(
        _CURVATURE,
        LogNormal(1.0, 0.15),
        {"benchmark": LogNormal(0.05, 0.5)},
        "1 for difficulties that are gamma-distributed; above 1 some problems stay unsolved",
    ),
)
_LINEAR_SLOTS: tuple[Slot, ...] = (
    *slots_of(
        _GAIN,
        LogNormal(0.25, 0.7),
        {"benchmark": LogNormal(0.3, 0.5), "family": LogNormal(0.1, 0.7), "interaction": LogNormal(0.1, 0.7)},
        "fall of the log error per log attempt, at the reference budget",
    ),
    *slots_of(
        _INTERACTION,
        Normal(0.0, 0.05),
        {"benchmark": LogNormal(0.02, 0.5)},
        "change of the gain with log compute",
        "log error per log attempt and log FLOPs",
    ),
)
_NOISE_SLOTS: tuple[Slot, ...] = (
    Slot("set_sd", LogNormal(0.05, 0.7), True, "scatter of a run's pass@1 on one benchmark about the law (log error)"),
    Slot(
        "attempts_dispersion",
        LogNormal(1.0, 0.1),
        True,
        "sd of the sampling of attempts as a multiple of the binomial's",
        may_vanish=False,
    ),
    Slot(
        "problems_dispersion",
        LogNormal(0.6, 0.35),
        True,
        "sd of what runs differ by in their problems, as a multiple of fresh problems for each run",
        may_vanish=False,
    ),
)
_TAIL_SCATTER = Slot("bend_sd", LogNormal(0.25, 0.6), True, "scatter of a run's bend on one benchmark (log scale)")
_LINEAR_SCATTER = Slot("gain_sd", LogNormal(0.1, 0.7), True, "scatter of a run's gain on one benchmark (log scale)")


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


@dataclass(frozen=True, init=False, repr=False)
class PassAtKLaw(Law):
    r"""The pass@k law: the share of problems that at least one of k attempts solves, from compute and k.

    At k = 1 it is the direct law, or with ``inputs="ratio"`` the ratio law, with floor 0. Each (family, benchmark)
    curve has coefficients of its own in k too, and each run scatters about them on each benchmark.

    Parameters
    ----------
    form : {"tail", "log-linear"}
        ``"tail"`` follows from how hard the problems are: their failure rates :math:`e^{-\lambda k}` have a gamma-like
        distribution, so that pass@k rises with k and is concave (`tail_log_hazard`). ``"log-linear"`` is the published
        law, :math:`\log(-\log Q(C, k))` linear in log C, log k and their product (`log_linear_log_error`); real curves
        bend, and it may fall with k far from the fitted budgets.
    inputs : {"compute", "ratio"}
        Whether pass@1 follows from training FLOPs, or from parameters and tokens.
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``PassAtKLaw().priors`` lists them.

    Raises
    ------
    TypeError
        For a name that is no prior of the law.
    ValueError
        For an unknown form or inputs, or a prior that does not fit the parameter's range.

    Notes
    -----
    Krajewski et al., arXiv 2512.08894, for the log-linear form. Data are either rates at several k, whose points at one
    run and benchmark come from the same samples and are fitted with their joint covariance, or counts of each problem
    (columns problem, n_samples, n_correct), which are beta-binomial (`beta_shapes`): curvature has no place there,
    and the log-linear form turns them into rates.

    Examples
    --------
    >>> PassAtKLaw(inputs="ratio").needs
    ('params', 'tokens', 'flops')
    >>> PassAtKLaw(form="log-linear")
    PassAtKLaw(form='log-linear')
    """

    form: Form
    inputs_from: Inputs

    name = "pass-at-k"
    observes = "attempts"
    noise = ("attempts_dispersion", "problems_dispersion")

    def __init__(self, form: Form = "tail", inputs: Inputs = "compute", **priors: PriorLike) -> None:
        check_option("form", form, ("tail", "log-linear"))
        check_option("inputs", inputs, tuple(BUDGET_LAWS))
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "inputs_from", inputs)
        super().__init__(**priors)

    @property
    def first(self) -> Law:
        """The law at k = 1, with its default priors."""
        return BUDGET_LAWS[self.inputs_from]

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads."""
        return self.first.needs

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which the deviation at k = 1 runs."""
        return self.first.deviates_in

    @property
    def curve_coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients of the law at k = 1."""
        return self.first.coefficients

    @property
    def attempt_coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients of the curve in k."""
        return (_BEND, _BEND_SLOPE, _CURVATURE) if self.form == "tail" else (_GAIN, _INTERACTION)

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients at k = 1, then those in k."""
        return self.curve_coefficients + self.attempt_coefficients

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients."""
        return self.first.coefficient_slots + (_TAIL_SLOTS if self.form == "tail" else _LINEAR_SLOTS)

    @property
    def noise_slots(self) -> tuple[Slot, ...]:
        """Priors of the scatter of runs and of the sampling of problems and attempts."""
        return (*_NOISE_SLOTS, _TAIL_SCATTER if self.form == "tail" else _LINEAR_SCATTER, *ITEM_SLOTS)

    @property
    def scatter(self) -> str:
        """Name of the scale of what a run has of its own in k."""
        return (_TAIL_SCATTER if self.form == "tail" else _LINEAR_SCATTER).name

    @property
    def options(self) -> dict[str, str]:
        """Form and inputs."""
        return {"form": self.form, "inputs": self.inputs_from}

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return the inputs of the law at k = 1, shape (rows,)."""
        return self.first.inputs(reference, rows)

    def log_error(self, inputs: Mapping[str, Any], coefficients: Mapping[str, Any]) -> Any:
        """Return the log error at k = 1."""
        return self.first.log_error(inputs, coefficients)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the law at k = 1 derives, and of the tail form where curves bend at the reference budget."""
        found = self.first.derived(coefficients)
        if self.form == "tail":
            level = coefficients["level"]
            found["bend_at_reference"] = coefficients["bend"] * np.exp(self.bend_moves(level, 0.0, level))
        return found

    def log_hazard(self, x: Any, k: Any, error: Any, effect: Any, coefficients: Mapping[str, Any]) -> Any:
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
            What the run has of its own in k: of the log bend, or of the log gain.
        coefficients : mapping of str to array
            Those of `attempt_coefficients`, and ``level``.

        Returns
        -------
        array
            Of the broadcast shape.
        """
        if self.form == "log-linear":
            gain = coefficients["gain"] * np.exp(effect)
            return log_hazard(
                np.exp(log_linear_log_error(np.log(error), x, np.log(k), gain, coefficients["interaction"]))
            )
        curvature = None if self._gamma else coefficients["curvature"]
        return tail_log_hazard(log_hazard(error), self.log_bend(error, effect, coefficients), k, curvature)

    def log_bend(self, error: Any, effect: Any, coefficients: Mapping[str, Any]) -> Any:
        """Log of the attempts at which a run's curve of the tail form bends; arguments as of `log_hazard`."""
        level = coefficients["level"]
        return np.log(coefficients["bend"]) + self.bend_moves(level, coefficients["bend_slope"], np.log(error)) + effect

    @staticmethod
    def bend_moves(level: Any, slope: Any, log_error: Any) -> Any:
        """Move the log bend: over benchmarks as is usual with their level, over runs with the slope from there on."""
        return _USUAL_BEND_SLOPE * level + slope * (log_error - level)

    @property
    def _gamma(self) -> bool:
        """Whether the difficulties are gamma-distributed for certain, so that there is no curvature to compute."""
        parts = (self.prior("curvature"), self.prior("curvature_benchmark_sd"))
        return parts == (Fixed(1.0), Fixed(0.0))
