"""The law of the loss, the first stage of a two-stage law."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .base import Law, PriorLike
from .budget_laws import BUDGET_LAWS, INPUTS, Inputs
from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, Coefficient, Slot, logistic, slots_of, with_defaults
from .numerics import np
from .priors import Fixed, LogNormal, Normal
from .ratio import RatioLaw
from .surroundings import CHECKPOINT_SLOTS, CURVE_SLOTS, DEGREES_OF_FREEDOM, SCORE_SLOTS

#: What the names of stage one's priors begin with among those of the two-stage law.
LOSS_PREFIX = "loss_"
_REDUCIBLE = Coefficient("reducible", positive=False, pooled=("benchmark", "family"))
_LOSS_EXPONENT_SCALES = {**EXPONENT_SCALES, "benchmark": LogNormal(0.15, 0.5), "interaction": LogNormal(0.03, 0.7)}
_LOSS_SLOTS = (
    *slots_of(
        LEVEL,
        Normal(1.0, 0.7),
        {"benchmark": LogNormal(0.3, 0.5), "family": LogNormal(0.03, 0.7), "interaction": LogNormal(0.01, 0.7)},
        "log loss at the reference budget",
        "log loss",
    ),
    *slots_of(
        EXPONENT,
        LogNormal(0.06, 0.4),
        _LOSS_EXPONENT_SCALES,
        "local exponent of compute of the loss at the reference budget",
    ),
    *slots_of(
        _REDUCIBLE,
        Normal(0.0, 0.7),
        {"benchmark": LogNormal(0.2, 0.5), "family": LogNormal(0.1, 0.7)},
        "logit of the share of the loss at the reference budget that budgets can remove",
        "logit",
    ),
)
_LOSS_CURVE_SLOTS = with_defaults(
    CURVE_SLOTS,
    {
        "benchmark_amplitude": (
            LogNormal(0.003, 0.7),
            "smooth deviation from the law, per (log FLOPs)^1.5 (log loss)",
        ),
        "curve_amplitude": (
            LogNormal(0.001, 0.7),
            "smooth deviation of each family of its own (log loss); with several families",
        ),
        "run_sd": (
            LogNormal(0.002, 0.7),
            "luck of a run that its losses share (log loss); with several losses a run",
        ),
    },
)
_LOSS_CHECKPOINT_SLOTS = (
    *(slot for slot in CHECKPOINT_SLOTS if slot.name in ("fading", "persistence")),
    *with_defaults(
        CHECKPOINT_SLOTS,
        {
            "annealing": (
                LogNormal(0.03, 0.7),
                "fall of the log loss as the learning rate is decayed from its peak",
            ),
            "annealing_spread": (LogNormal(0.3, 0.5), "how much that differs over losses (log scale)"),
        },
    ),
)
_LOSS_NOISE_SLOTS = with_defaults(
    SCORE_SLOTS,
    {
        "law_noise": (LogNormal(0.004, 0.8), "typical scatter of losses about the law (log loss)"),
        "law_noise_spread": (LogNormal(0.3, 0.5), "how much that scatter differs over losses (log scale)"),
        DEGREES_OF_FREEDOM: (Fixed(0.0), "degrees of freedom of a Student-t noise of losses; left out, it is normal"),
    },
)


@dataclass(frozen=True, init=False, repr=False)
class LossLaw(Law):
    r"""Stage one: :math:`L = E + A / C^a`, or :math:`L = E + A / N^a + B / D^b`, in log loss.

    Parameters
    ----------
    inputs : {"compute", "ratio"}
        What the loss follows from.
    **priors : Prior, Between, float or None
        Changes to the priors by name.

    Notes
    -----
    :math:`\log L = level + \log(1 - r + r e^{g})` with :math:`g` the log of the reducible part over its reference,
    that of the direct or the ratio law, and :math:`r` the reducible share of the loss at the reference budget. The
    exponent is the local one of the whole loss there: the table shows it well, whatever it says of E.
    """

    inputs_from: Inputs

    name = "loss"
    about = "from the budget to the loss, stage one of the two-stage law"
    observes = "losses"
    options = (INPUTS,)
    headline = RatioLaw.headline
    target_accept = 0.99  # few losses, which the deviation follows all but exactly, leave a funnel of their scatter
    usual_scatter = 0.004
    noise = ()

    def __init__(self, inputs: Inputs = "compute", **priors: PriorLike) -> None:
        self._choose(inputs=inputs)
        super().__init__(**priors)

    @property
    def reduced(self) -> Law:
        """The law of the reducible part."""
        return BUDGET_LAWS[self.inputs_from]

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads."""
        return self.reduced.needs

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which the deviation runs."""
        return self.reduced.deviates_in

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Level, exponent and reducible share, and what the law of the reducible part has beside level and exponent."""
        return (LEVEL, EXPONENT, _REDUCIBLE, *self._shape)

    @property
    def _shape(self) -> tuple[Coefficient, ...]:
        return tuple(c for c in self.reduced.coefficients if c not in (LEVEL, EXPONENT))

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients."""
        names = [name for c in self._shape for name in (c.name, *(c.scale(which) for which in c.pooled))]
        return _LOSS_SLOTS + tuple(slot for slot in self.reduced.coefficient_slots if slot.name in names)

    @property
    def curve_slots(self) -> tuple[Slot, ...]:
        """Priors of what stands around the law; a loss has its irreducible part in place of a ceiling."""
        return _LOSS_CURVE_SLOTS

    @property
    def checkpoint_slots(self) -> tuple[Slot, ...]:
        """Priors of what checkpoints of one training run share."""
        return _LOSS_CHECKPOINT_SLOTS

    @property
    def noise_slots(self) -> tuple[Slot, ...]:
        """Priors of the scatter of losses."""
        return _LOSS_NOISE_SLOTS

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return the inputs of the law of the reducible part, shape (rows,)."""
        return self.reduced.inputs(reference, rows)

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coefficients, the reducible share, and the terms of the law of the reducible part."""
        r = logistic(coefficients["reducible"])
        # The ceiling of the law of the reducible part is the irreducible loss, whose share is 1 - r.
        of_part = self.reduced.terms({**coefficients, "share": 1 - r})
        return {**of_part, "reducible_share": r}

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return the log loss, of inputs and terms that share a shape."""
        r = terms["reducible_share"]
        part = {**terms, "level": 0.0 * terms["level"]}
        return terms["level"] + np.log(1 - r + r * np.exp(self.reduced.log_error(inputs, part)))

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the irreducible loss, and the exponents of the reducible part."""
        r = logistic(coefficients["reducible"])
        of_part = self.reduced.derived({**coefficients, "share": 1 - r})
        return {"irreducible": np.exp(coefficients["level"]) * (1 - r), **of_part}
