"""The two-stage law: from budget to loss, and from loss to downstream accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from .base import Law, PriorLike
from .budget_laws import BUDGET_LAWS, INPUTS, Inputs
from .coefficients import Slot, logistic, softplus
from .direct import DirectLaw, direct_log_error
from .loss import LOSS_PREFIX, LossLaw
from .numerics import np
from .shown import Option, Story, Template
from .sigmoid import STEEPNESS_SLOTS, logistic_exponent_per_local, logistic_log_error

StageTwo = Literal["logistic", "linear", "gompertz"]
StageOne = Literal["draws", "point"]
_CORNER = 0.05  # width of the corners by which a line of accuracy turns into its floor and its ceiling (Q)
_TINY = 1e-9  # distance that the line of accuracy keeps from 0 and 1


def linear_log_error(x: Any, level: Any, slope: Any) -> Any:
    r"""Log error of a linear stage two: Q is a line in the loss index, with rounded corners at 0 and 1.

    Parameters
    ----------
    x, level : array
        As of `logistic_log_error`.
    slope : array
        Fall of the log error per unit of the index, at the reference loss.

    Returns
    -------
    array
        :math:`\log(-\log Q)`, of the broadcast shape.

    Notes
    -----
    :math:`Q = s [\log(1 + e^{v/s}) - \log(1 + e^{(v - 1)/s})]` with :math:`v` linear in the index and :math:`s` the
    width of the corners.

    Examples
    --------
    >>> float(round(linear_log_error(0.0, -0.5, 0.2), 6))
    -0.5
    >>> line = np.exp(-np.exp(linear_log_error(np.array([-2.0, 0.0, 2.0]), -0.5, 0.2)))
    >>> np.diff(line).round(3).tolist()
    [0.132, 0.132]
    """
    error = np.exp(level)
    q = np.exp(-error)
    start = np.log(np.expm1(q / _CORNER + _TINY)) - np.log(-np.expm1((q - 1) / _CORNER - _TINY))
    steepness = logistic(start) - logistic(start - 1 / _CORNER)  # of the corners' line at the reference
    at = start + slope * x * q * error / (steepness * _CORNER)
    line = _CORNER * (softplus(at) - softplus(at - 1 / _CORNER))
    return np.log(-np.log(_TINY + (1 - 2 * _TINY) * line))


_FORMS = {"logistic": logistic_log_error, "linear": linear_log_error, "gompertz": direct_log_error}


@dataclass(frozen=True, init=False, repr=False)
class TwoStageLaw(Law):
    r"""The two-stage law: a loss follows from the budget, and downstream accuracy from the loss.

    Stage one is :math:`L = E + A / C^a`, or with ``inputs="ratio"`` :math:`L = E + A / N^a + B / D^b`, hierarchical
    over families, with a smooth deviation and noise. Stage two leads from the loss to the accuracy of each benchmark,
    hierarchical over benchmarks and families, with the floor, ceiling, deviation, effect of the run and noise of the
    other laws.

    Parameters
    ----------
    inputs : {"compute", "ratio"}
        Whether the loss follows from training FLOPs, or from parameters and tokens.
    stage_two : {"logistic", "linear", "gompertz"}
        How accuracy follows from the loss, between floor and ceiling: by the usual logistic (`logistic_log_error`), by
        a line with rounded corners (`linear_log_error`), or by the Gompertz curve :math:`Q = e^{-e^{-z}}`, the direct
        law in place of compute with the loss, which does better near the floor.
    loss : str
        The column of the loss: of a validation loss, one number a run; or of a task loss, which differs over the
        benchmarks of a run and has a curve of its own for each. Positive.
    stage_one : {"draws", "point"}
        How a forecast passes the loss on: every draw of stage one through stage two (the cut posterior), or its median
        as if it were known, which is what most people do (`plug_in`).
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``TwoStageLaw().priors`` lists them, those of stage one behind ``loss_``.

    Raises
    ------
    TypeError
        For a name that is no prior of the law, or a `loss` that is no text.
    ValueError
        For an unknown option, or a prior that does not fit the parameter's range.

    Notes
    -----
    Stage two is fitted at the observed losses, and the priors of the stages are independent. So the joint likelihood is
    a product of one factor for each stage: the joint posterior is the product of both posteriors, and the cut
    posterior, in which scores cannot speak to stage one, is the same. A joint posterior of another kind needs the true
    loss of a run as an unknown of both stages.

    The published forms are in Krajewski et al., arXiv 2512.08894, and Bhagia et al., arXiv 2412.04403. The index of
    stage two is :math:`-\log L / s` with :math:`s` the least-squares slope of log loss on log FLOPs, so that level and
    exponent mean what they mean in the direct law and have its priors; of a logistic the exponent is the steepness.

    Examples
    --------
    >>> TwoStageLaw(inputs="ratio", loss="loss_c4_en").needs
    ('params', 'tokens', 'flops')
    >>> TwoStageLaw(loss_reducible=(0.0)).stage_one.priors.loc["reducible", "prior"]
    'Fixed(value=0.0)'
    """

    inputs_from: Inputs
    stage_two: StageTwo
    loss: str
    propagates: StageOne

    name = "two-stage"
    about = "from training FLOPs, or parameters and tokens, to a loss, and from the loss to accuracy"
    observes = "stages"
    options = (
        INPUTS,
        Option("stage_two", tuple(_FORMS), "How scores follow from the loss"),
        Option("loss", help="Column of the loss", metavar="COLUMN"),
        Option("stage_one", ("draws", "point"), attribute="propagates"),
    )
    simplicity = 4
    templates = (Template(first_seed=500_000),)
    story = Story(
        title="Cerebras-GPT, published 0-shot scores and Pile losses",
        beyond={"flops": (10,)},
        words="One decade",
        figure="compounding",
    )
    deviates_in = ("proxy",)
    coefficients = DirectLaw.coefficients

    def __init__(
        self,
        inputs: Inputs = "compute",
        stage_two: StageTwo = "logistic",
        loss: str = "loss",
        stage_one: StageOne = "draws",
        **priors: PriorLike,
    ) -> None:
        self._choose(inputs=inputs, stage_two=stage_two, loss=loss, stage_one=stage_one)
        super().__init__(**priors)

    @classmethod
    def candidates(cls, *, sizes_vary: bool) -> tuple[Law, ...]:
        """Return the law that reads what the table shows."""
        return (cls("ratio" if sizes_vary else "compute"),)

    @cached_property
    def stage_one(self) -> LossLaw:
        """The law of the loss, with its priors."""
        priors = {name.removeprefix(LOSS_PREFIX): prior for name, prior in self._priors if name.startswith(LOSS_PREFIX)}
        return LossLaw(self.inputs_from, **priors)

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that a forecast reads."""
        return BUDGET_LAWS[self.inputs_from].needs

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients of stage two."""
        return STEEPNESS_SLOTS if self.stage_two == "logistic" else DirectLaw.coefficient_slots

    @property
    def checkpoint_slots(self) -> tuple[Slot, ...]:
        """Priors of what checkpoints of one training run share; what decaying the learning rate does, the loss says."""
        return tuple(slot for slot in super().checkpoint_slots if not slot.name.startswith("annealing"))

    def slots(self) -> tuple[Slot, ...]:
        """Every prior: those of stage two, then those of stage one."""
        of_loss = (
            replace(slot, name=f"{LOSS_PREFIX}{slot.name}", meaning=f"stage one: {slot.meaning}")
            for slot in LossLaw(self.inputs_from).slots()
        )
        return (*super().slots(), *of_loss)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x``, the loss index less the benchmark's reference, shape (rows,) or (samples, rows)."""
        return {"x": rows.log_proxy - reference.centre_of("proxy", rows.benchmark)}

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coefficients, and the slope far from the ceiling."""
        return {**coefficients, "slope": coefficients["exponent"] / (1 - coefficients["share"])}

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return the log error of stage two, of inputs and terms that share a shape."""
        return _FORMS[self.stage_two](inputs["x"], terms["level"], terms["slope"])

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the local exponent of a logistic, whose exponent is its steepness; nothing of another form."""
        if self.stage_two != "logistic":
            return {}
        return {"local_exponent": coefficients["exponent"] / self.exponent_per_local(coefficients["level"])}

    def exponent_per_local(self, level: Any) -> Any:
        """Exponent of the law over the local exponent, where the log error is `level`: 1 but for a logistic."""
        logistic_form = self.stage_two == "logistic"
        return logistic_exponent_per_local(level) if logistic_form else super().exponent_per_local(level)


def stages_of(law: Law) -> TwoStageLaw:
    """Return a law of two stages as what it is.

    Raises
    ------
    ValueError
        For another law.
    """
    if not isinstance(law, TwoStageLaw):
        raise ValueError(f"the fit is of {law!r}, which has one stage; expected a fit of TwoStageLaw()")
    return law
