"""The general law: from parameters and tokens, or FLOPs alone, to accuracy, by an exponent that may grow once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from .base import Law, PriorLike
from .budget_laws import INPUTS, Inputs
from .coefficients import EXPONENT, LEVEL, Coefficient, Slot, slots_of
from .direct import direct_log_error
from .numerics import np
from .priors import LogNormal, Normal
from .ratio import LEVEL_AND_EXPONENT_SLOTS, SPLIT, TILT, ratio_log_error, size_exponents
from .shown import Story, Template
from .surroundings import SHARED_CURVE_SLOTS
from .turn import BREAK, exponents_around, from_line_to_reference, turn_terms, turned_log_error

if TYPE_CHECKING:
    import pandas as pd

_CHANGE = Coefficient("change", positive=True, pooled=("benchmark",))
_WIDTH = 1.0  # of the turn (log FLOPs): 80% of the change happens within two decades
_OPTIMAL_RATIO = 20.0  # tokens per parameter where both terms fall alike: compute-optimal training
_USUAL_EXPONENT = 0.35  # of parameters and of tokens, by which the terms part away from it
_SPLIT_PRIOR = Normal(0.0, 0.4)

_SIZE_SLOTS = (
    *slots_of(
        SPLIT,
        _SPLIT_PRIOR,
        {"benchmark": LogNormal(0.3, 0.5)},
        "log ratio of the slopes of the log error in log parameters and in log tokens; 0 at 20 tokens per parameter",
    ),
    *slots_of(
        TILT,
        Normal(0.0, 0.05),
        {"benchmark": LogNormal(0.03, 0.5)},
        "half the log ratio of the two exponents, parameters over tokens",
    ),
)
_CHANGE_SLOTS = slots_of(
    _CHANGE,
    LogNormal(0.01, 1.5),
    {"benchmark": LogNormal(0.6, 0.3)},
    "log of the exponent after the turn over that before it",
)
_TURN_SLOTS = (
    replace(_CHANGE_SLOTS[0], may_vanish=True),  # the law without a turn
    *_CHANGE_SLOTS[1:],
    *slots_of(
        BREAK,
        Normal(0.0, 1.5),
        {"benchmark": LogNormal(0.5, 0.5)},
        "log FLOPs of the turn of a typical benchmark, less the reference",
        "log FLOPs",
    ),
)


@dataclass(frozen=True, init=False, repr=False)
class GeneralLaw(Law):
    r"""The general law: :math:`-\log Q = (A / N^{\alpha} + B / D^{\beta}) \cdot T(C)`, with one turn :math:`T`.

    With FLOPs alone it is :math:`A / C^{\alpha} \cdot T(C)`. The direct law, the ratio law and a power law whose
    exponent grows once are its special cases, and what a table leaves open between them its priors settle: it is the
    law to take without a reason for another one. Around it stand the same floor, ceiling, deviation, effect of the run
    and noise as around these.

    Parameters
    ----------
    inputs : {"compute", "ratio"}, optional
        Whether scores follow from training FLOPs, or from parameters and tokens. By default from both sizes where every
        row of the table has them, else from FLOPs alone.
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``GeneralLaw().priors`` lists them. A number fixes a parameter;
        ``change=None`` is the law without a turn.

    Raises
    ------
    TypeError
        For a name that is no prior of the law.
    ValueError
        For unknown inputs, or a prior that does not fit the parameter's range.

    Notes
    -----
    Its parts are published: the direct and the ratio law in Krajewski et al., arXiv 2512.08894; the turn in Caballero
    et al., arXiv 2210.14891. ``exponent`` is the local one of compute at a fixed ratio of tokens to parameters, at the
    reference budget; benchmarks are pooled by the mean slope over their runs (``exponent_population``), which is the
    same where nothing turns. Priors with reasons:

    - ``split``: where training is compute-optimal, near 20 tokens per parameter (Hoffmann et al., arXiv 2203.15556),
      the error falls as fast with parameters as with tokens. Away from it the terms part by their exponents, about .35
      each: at a ratio r the prior is centred at .35 log(r / 20). With r the mean ratio of the runs it becomes part of
      the fitted law.
    - ``tilt``: published exponents of parameters and tokens differ by a tenth or two.
    - ``change``: none for a typical benchmark, but on a log scale so wide that tasks which jump may turn by a factor
      of several, and shared by benchmarks, so that one task's turn makes another's likelier. Exponents only grow: that
      they shrink is what ceiling and tokens are for.

    Examples
    --------
    >>> GeneralLaw(inputs="ratio").needs
    ('params', 'tokens', 'flops')
    >>> GeneralLaw(inputs="compute").needs
    ('flops',)
    """

    inputs_from: Inputs | None

    name = "general"
    about = "from parameters and tokens, or FLOPs alone, to accuracy, by an exponent that may grow once"
    options = (replace(INPUTS, by_table=True),)
    simplicity = 0
    curve_slots = SHARED_CURVE_SLOTS
    trades_sizes = True
    headline: ClassVar[Mapping[str, str]] = {"exponent_after": "after a turn"}
    templates = (
        Template(first_seed=800_000),
        Template({"n_benchmarks": 4, "n_runs": 16, "n_families": 2, "ratio": 20.0}, 900_000, "one-ratio"),
    )
    story = Story(
        title="Cerebras-GPT, Pythia and OPT, published 0-shot scores",
        dataset="pile_suite",
        families=("Cerebras-GPT", "Pythia", "OPT"),
        largest=5e9,
        beyond={"flops": (10,), "ratio": (20, 200), "family": "Pythia"},
        words="One decade",
        figure="ratios",
    )
    target_accept = 0.95  # a turn may lie where no run is

    def __init__(self, inputs: Inputs | None = None, **priors: PriorLike) -> None:
        self._choose(inputs=inputs)
        super().__init__(**priors)

    def resolve(self, frame: "pd.DataFrame") -> "Law":
        """Return the law that reads what every row of the table has, with its split centred at the table's ratios."""
        if self.inputs_from is None:
            known = frame.reindex(columns=["params", "tokens"]).notna().to_numpy().all()
            return self.with_options(inputs="ratio" if known else "compute").resolve(frame)
        if not self.reads_sizes or self.prior("split") != _SPLIT_PRIOR:
            return self
        sizes = frame.reindex(columns=["params", "tokens"]).dropna()
        if len(sizes) < len(frame):  # refused where the law is put on the table
            return self
        mean = float(np.log(sizes["tokens"] / sizes["params"]).mean())
        centre = round(_USUAL_EXPONENT * (mean - float(np.log(_OPTIMAL_RATIO))), 3)
        return self.with_priors(split=Normal(centre, _SPLIT_PRIOR.sd)) if centre else self

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads; FLOPs of those that it may."""
        return ("params", "tokens", "flops") if self.inputs_from == "ratio" else ("flops",)

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which the law's deviation runs."""
        return ("flops", "ratio") if self.reads_sizes else ("flops",)

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Level, exponent and turn, with the split and the tilt of parameters and tokens."""
        turn = () if self.leaves_out("change") else (_CHANGE, BREAK)
        return (LEVEL, EXPONENT, *((SPLIT, TILT) if self.reads_sizes else ()), *turn)

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients; where the table is to choose the inputs, those of both."""
        return (*LEVEL_AND_EXPONENT_SLOTS, *(() if self.inputs_from == "compute" else _SIZE_SLOTS), *_TURN_SLOTS)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x``, and ``x_params`` and ``x_tokens``: logs less the benchmark's references, shape (rows,)."""
        budgets = {"x": "flops", **({"x_params": "params", "x_tokens": "tokens"} if self.reads_sizes else {})}
        return {
            name: getattr(rows, f"log_{budget}") - reference.centre_of(budget, rows.benchmark)
            for name, budget in budgets.items()
        }

    def at_reference(self, pooled: Mapping[str, Any], spread: Any) -> dict[str, Any]:
        """Return level and log exponent at the reference less those of the line through a benchmark's runs."""
        if "change" not in pooled:
            return {}
        return from_line_to_reference(pooled, np.exp(pooled["change"]), spread, _WIDTH)

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coefficients, the exponents, and how far past its turn the reference of a curve is."""
        turn = turn_terms(coefficients, _WIDTH) if "change" in coefficients else {}
        return {**super().terms(coefficients), **turn}

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `turned_log_error` of inputs and terms that share a shape."""
        level, before = terms["level"], terms["exponent_before"]
        if self.reads_sizes:
            sizes = (terms["params_exponent"], terms["tokens_exponent"], terms["params_share"])
            steady = ratio_log_error(inputs["x_params"], inputs["x_tokens"], level, *sizes)
        else:
            steady = direct_log_error(inputs["x"], level, before)
        if "change" not in terms:
            return steady
        turn = (terms["exponent_after"], terms["break_point"], terms["turned_at_reference"])
        return turned_log_error(steady, inputs["x"], before, *turn, _WIDTH)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return exponents of compute before and after the turn, and of params and tokens before it."""
        slope = coefficients["exponent"] / (1 - coefficients["share"])
        if "change" in coefficients:
            found = exponents_around(slope, coefficients["change"], coefficients["break_point"], _WIDTH)
        else:
            found = {"exponent_before": slope, "exponent_after": slope}
        if not self.reads_sizes:
            return found
        return found | size_exponents(found["exponent_before"], coefficients["split"], coefficients["tilt"])
