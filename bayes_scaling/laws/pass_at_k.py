"""The pass@k law: from compute and the number of attempts to the share of problems solved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .attempt_slots import (
    BEND,
    BEND_SLOPE,
    CURVATURE,
    CURVE_SLOTS_OF,
    FIRST_PRIORS,
    GAIN,
    INTERACTION,
    LINEAR_SCATTER,
    LINEAR_SLOTS,
    NOISE_SLOTS,
    SHARED_LUCK,
    TAIL_SCATTER,
    TAIL_SLOTS,
    USUAL_BEND_SLOPE,
)
from .attempts import AttemptsLaw
from .base import Law, PriorLike
from .budget_laws import Inputs
from .coefficients import Coefficient, Slot
from .general import GeneralLaw
from .hazards import log_hazard, log_linear_log_error, tail_log_hazard
from .numerics import np
from .priors import Fixed
from .ratio import RatioLaw
from .shown import Option, Story, Template
from .surroundings import ITEM_SLOTS

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["tail", "log-linear"]
#: The law at k = 1 by what it reads, with default priors; made once.
_FIRST: dict[Inputs | None, GeneralLaw] = {inputs: GeneralLaw(inputs) for inputs in (None, "compute", "ratio")}


@dataclass(frozen=True, init=False, repr=False)
class PassAtKLaw(AttemptsLaw):
    r"""The pass@k law: the share of problems that at least one of k attempts solves, from compute and k.

    At k = 1 it is the general law, with floor 0. Each (family, benchmark) curve has coefficients of its own in k too,
    and each run scatters about them on each benchmark.

    Parameters
    ----------
    form : {"tail", "log-linear"}
        ``"tail"`` follows from how hard the problems are: their failure rates :math:`e^{-\lambda k}` have a gamma-like
        distribution, so that pass@k rises with k and is concave (`tail_log_hazard`). ``"log-linear"`` is the published
        law, :math:`\log(-\log Q(C, k))` linear in log C, log k and their product (`log_linear_log_error`); real curves
        bend, and it may fall with k far from the fitted budgets.
    inputs : {"compute", "ratio"}, optional
        Whether pass@1 follows from training FLOPs, or from parameters and tokens. By default from both sizes where
        every row of the table has them, else from FLOPs alone.
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

    What a table leaves open its priors settle, with reasons:

    - ``hazard_benchmark_amplitude``: deviations from the law run in :math:`\log(-\log(1 - pass@1))`, so that a rate
      that doubles from .002 counts as much as one that doubles from .1; over log N and log D, since rates of
      checkpoints stop growing along a run, whatever its size.
    - ``ceiling``, ``ceiling_power``: answers that are sampled word by word keep an irreducible error. Its scale is that
      of single scores where :math:`-\log` pass@1 is 1 at the reference, and grows with its square: rates of GSM8K and
      MATH by Pythia level off at .01, where it is 5; those of code models, where it is 1, do not.
    - ``exponent``: .1 on GSM8K and MATH by Pythia, .1 to .2 on HumanEval and MBPP by Codex and Llama.
    - ``drift_benchmark_amplitude``: how a curve bends in k may move by a factor of 1.2 over a decade of compute beyond
      the fitted budgets, beside what follows from its level.
    - ``sampling_shift``, ``sampling_sd``: greedy answers, or a temperature that is best for one attempt, solve more at
      k = 1 than the samples from which pass@100 comes, by a tenth to a half.

    Examples
    --------
    >>> PassAtKLaw(inputs="ratio").needs
    ('params', 'tokens', 'flops')
    >>> PassAtKLaw(form="log-linear")
    PassAtKLaw(form='log-linear')
    """

    form: Form
    inputs_from: Inputs | None

    name = "pass-at-k"
    about = "from training FLOPs, or parameters and tokens, and attempts k to the share of problems solved"
    options = (Option("form", ("tail", "log-linear"), "How scores depend on k"), *GeneralLaw.options)
    simplicity = 0
    headline: ClassVar[Mapping[str, str]] = {
        **RatioLaw.headline,
        **GeneralLaw.headline,
        "bend_at_reference": "bends at k",
        "gain": "gain per log k",
    }
    templates = (
        Template({"n_benchmarks": 2, "n_runs": 12}, 300_000),
        Template(
            {"n_benchmarks": 2, "n_runs": 10, "counts": True, "k": (1,), "n_items": 40, "n_samples": 32},
            400_000,
            "counts",
        ),
    )
    story = Story(
        title="Llama-2, Code-Llama and Code-Llama-Python, published pass rates",
        dataset="code_pass_at_k",
        families=("Llama-2", "Code-Llama", "Code-Llama-Python"),
        largest=5e10,
        beyond={"flops": (10,), "ratio": (60,), "k": (1, 10, 100), "family": "Llama-2"},
        words="One decade",
        figure="pass_at_k",
    )
    target_accept = 0.95  # bends and curvatures form a ridge in which longer steps diverge

    def __init__(self, form: Form = "tail", inputs: Inputs | None = None, **priors: PriorLike) -> None:
        self._choose(form=form, inputs=inputs)
        super().__init__(**priors)

    @classmethod
    def candidates(cls, *, sizes_vary: bool) -> tuple[Law, ...]:  # noqa: ARG003
        """Return both forms."""
        return (cls(), cls("log-linear"))

    def resolve(self, frame: "pd.DataFrame") -> "Law":
        """Return the law that reads what every row of the table has, as `GeneralLaw` does.

        On a single benchmark what a run's luck shares with other benchmarks is left out: it cannot be told from what
        the run has of its own there.
        """
        split = {} if self.inputs_from == "compute" else {"split": self.prior("split")}
        first = GeneralLaw(self.inputs_from, **split).resolve(frame)
        inputs = first.chosen["inputs"]
        law = self if inputs is None else self.with_options(inputs=inputs)
        if first.reads_sizes:
            law = law.with_priors(split=first.prior("split"))
        alone = len(frame.reindex(columns=["benchmark", "metric", "shots"]).drop_duplicates()) == 1
        return law.with_priors(run_sd=None) if alone and law.prior("run_sd") == SHARED_LUCK else law

    @property
    def first(self) -> GeneralLaw:
        """The law at k = 1, with its default priors."""
        return _FIRST[self.inputs_from]

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads."""
        return self.first.needs

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which deviations run: most tables are of checkpoints, whose rates stop growing along a run."""
        return ("params", "tokens") if self.reads_sizes else ("flops",)

    @property
    def curve_coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients of the law at k = 1."""
        return self.first.coefficients

    @property
    def attempt_coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients of the curve in k."""
        return (BEND, BEND_SLOPE, CURVATURE) if self.form == "tail" else (GAIN, INTERACTION)

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Coefficients at k = 1, then those in k."""
        return self.curve_coefficients + self.attempt_coefficients

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients."""
        own = {slot.name: FIRST_PRIORS.get(slot.name, slot.default) for slot in self.first.coefficient_slots}
        first = tuple(replace(slot, default=own[slot.name]) for slot in self.first.coefficient_slots)
        return first + (TAIL_SLOTS if self.form == "tail" else LINEAR_SLOTS)

    @property
    def curve_slots(self) -> tuple[Slot, ...]:
        """Priors of what stands around the law, at k = 1 and in k."""
        return CURVE_SLOTS_OF[self.form]

    @property
    def noise_slots(self) -> tuple[Slot, ...]:
        """Priors of the scatter of runs and of the sampling of problems and attempts."""
        return (*NOISE_SLOTS, TAIL_SCATTER if self.form == "tail" else LINEAR_SCATTER, *ITEM_SLOTS)

    @property
    def ceiling_power(self) -> float:
        """Power of the error at the reference budget to which the scale of ceilings is proportional."""
        return self.prior("ceiling_power").median

    @property
    def scatter(self) -> str:
        """Name of the scale of what a run has of its own in k."""
        return (TAIL_SCATTER if self.form == "tail" else LINEAR_SCATTER).name

    @property
    def takes_counts(self) -> bool:
        """Whether it describes counts of each problem: the tail form does."""
        return self.form == "tail"

    @property
    def may_fall(self) -> bool:
        """Whether rates may fall with k: those of the log-linear form."""
        return self.form == "log-linear"

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return the inputs of the law at k = 1, shape (rows,)."""
        return self.first.inputs(reference, rows)

    def at_reference(self, pooled: Mapping[str, Any], spread: Any) -> dict[str, Any]:
        """Return what the law at k = 1 says of it."""
        return self.first.at_reference(pooled, spread)

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the terms of the law at k = 1, and the coefficients in k."""
        return self.first.terms(coefficients)

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return the log error at k = 1, of inputs and terms that share a shape."""
        return self.first.log_error(inputs, terms)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the law at k = 1 derives, and of the tail form where curves bend at the reference budget."""
        found = self.first.derived(coefficients)
        if self.form == "tail":
            level = coefficients["level"]
            found["bend_at_reference"] = coefficients["bend"] * np.exp(self.bend_moves(level, 0.0, level))
        return found

    def log_hazard(
        self, x: Any, k: Any, error: Any, effect: Any, coefficients: Mapping[str, Any], missed: Any = 0.0
    ) -> Any:
        """Return ``log(-log(1 - pass@k))``; the effect is that of the log bend, or of the log gain.

        What the tail form misses adds to this, what the log-linear form misses to the log error.
        """
        if self.form == "log-linear":
            gain = coefficients["gain"] * np.exp(effect)
            linear = log_linear_log_error(np.log(error), x, np.log(k), gain, coefficients["interaction"])
            return log_hazard(np.exp(linear + missed))
        curvature = None if self._gamma else coefficients["curvature"]
        return tail_log_hazard(log_hazard(error), self.log_bend(error, effect, coefficients), k, curvature) + missed

    def log_bend(self, error: Any, effect: Any, coefficients: Mapping[str, Any]) -> Any:
        """Log of the attempts at which a run's curve of the tail form bends; arguments as of `log_hazard`."""
        level = coefficients["level"]
        return np.log(coefficients["bend"]) + self.bend_moves(level, coefficients["bend_slope"], np.log(error)) + effect

    def rough_coefficients(self, log_error: Any, log_bend: Any) -> dict[str, Any]:
        """Bend of sets, at level 0, of the tail form."""
        return {"bend": log_bend - self.bend_moves(log_error, 0.0, log_error)} if self.form == "tail" else {}

    def in_k(self, x: Any, level: Any, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the bend, which a fit states at its own level, moved to level 0 as is usual; or the gain."""
        if self.form == "log-linear":
            return {"gain": coefficients["gain"] - coefficients["interaction"] * x}
        moves = self.bend_moves(coefficients["level"], coefficients["bend_slope"], level)
        return {"bend": coefficients["bend"] * np.exp(moves - self.bend_moves(level, 0.0, level))}

    def falls(self, x: Any, coefficients: Mapping[str, Any]) -> Any:
        """Whether the gain has turned negative."""
        return coefficients["gain"] <= coefficients["interaction"] * x

    @staticmethod
    def bend_moves(level: Any, slope: Any, log_error: Any) -> Any:
        """Move the log bend: over benchmarks as is usual with their level, over runs with the slope from there on."""
        return USUAL_BEND_SLOPE * level + slope * (log_error - level)

    @property
    def _gamma(self) -> bool:
        """Whether the difficulties are gamma-distributed for certain, so that there is no curvature to compute."""
        parts = (self.prior("curvature"), self.prior("curvature_benchmark_sd"))
        return parts == (Fixed(1.0), Fixed(0.0))
