"""The general law: from parameters and tokens, or FLOPs alone, to accuracy, by an exponent that may grow once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from .base import Law, PriorLike
from .budget_laws import INPUTS, Inputs
from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, logistic, slots_of, softplus
from .direct import direct_log_error
from .numerics import np
from .priors import LogNormal, Normal
from .ratio import ratio_log_error
from .shown import Story, Template
from .surroundings import SHARED_CURVE_SLOTS

if TYPE_CHECKING:
    import pandas as pd

_SPLIT = Coefficient("split", positive=False, pooled=("benchmark",))
_TILT = Coefficient("tilt", positive=False, pooled=("benchmark",))
_CHANGE = Coefficient("change", positive=True, pooled=("benchmark",))
_BREAK = Coefficient("break_point", positive=False, pooled=("benchmark",))
_WIDTH = 1.0  # of the turn (log FLOPs): 80% of the change happens within two decades
_OPTIMAL_RATIO = 20.0  # tokens per parameter where both terms fall alike: compute-optimal training
_USUAL_EXPONENT = 0.35  # of parameters and of tokens, by which the terms part away from it
_SPLIT_PRIOR = Normal(0.0, 0.4)

_SIZE_SLOTS = (
    *slots_of(
        _SPLIT,
        _SPLIT_PRIOR,
        {"benchmark": LogNormal(0.3, 0.5)},
        "log ratio of the slopes of the log error in log parameters and in log tokens; 0 at 20 tokens per parameter",
    ),
    *slots_of(
        _TILT,
        Normal(0.0, 0.05),
        {"benchmark": LogNormal(0.03, 0.5)},
        "half the log ratio of the two exponents, parameters over tokens",
    ),
)
_LEVEL_AND_EXPONENT = (
    *LEVEL_SLOTS,
    *slots_of(
        EXPONENT,
        LogNormal(0.18, 0.4),
        EXPONENT_SCALES,
        "exponent of compute of a typical benchmark, at a fixed ratio of tokens to parameters",
    ),
)
_TURN_SLOTS = (
    *slots_of(
        _CHANGE,
        LogNormal(0.01, 1.5),
        {"benchmark": LogNormal(0.6, 0.3)},
        "log of the exponent after the turn over that before it",
    ),
    *slots_of(
        _BREAK,
        Normal(0.0, 1.5),
        {"benchmark": LogNormal(0.5, 0.5)},
        "log FLOPs of the turn of a typical benchmark, less the reference",
        "log FLOPs",
    ),
)


def turned_log_error(steady: Any, x: Any, before: Any, after: Any, break_point: Any) -> Any:
    r"""Log error of a law whose exponent of compute grows once, around its steady form.

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
    >>> far = turned_log_error(0.5 - 0.1 * np.array([0.0, 29.0, 30.0]), np.array([0.0, 29.0, 30.0]), 0.1, 0.3, 1.0)
    >>> float(far[0]), float((far[2] - far[1]).round(3))
    (0.5, -0.3)
    """
    turned = _WIDTH * (softplus((x - break_point) / _WIDTH) - softplus(-break_point / _WIDTH))
    return steady - (after - before) * turned


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
        Changes to the priors by name; ``GeneralLaw().priors`` lists them. A number fixes a parameter.

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
    reference budget. Priors with reasons:

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
        if not self._reads_sizes or self.prior("split") != _SPLIT_PRIOR:
            return self
        sizes = frame.reindex(columns=["params", "tokens"]).dropna()
        if len(sizes) < len(frame):  # refused where the law is put on the table
            return self
        mean = float(np.log(sizes["tokens"] / sizes["params"]).mean())
        centre = round(_USUAL_EXPONENT * (mean - float(np.log(_OPTIMAL_RATIO))), 3)
        return self.with_priors(split=Normal(centre, _SPLIT_PRIOR.sd)) if centre else self

    @property
    def _reads_sizes(self) -> bool:
        return self.inputs_from == "ratio"

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads; FLOPs of those that it may."""
        return ("params", "tokens", "flops") if self._reads_sizes else ("flops",)

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which the law's deviation runs."""
        return ("flops", "ratio") if self._reads_sizes else ("flops",)

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Level, exponent and turn, with the split and the tilt of parameters and tokens."""
        return (LEVEL, EXPONENT, *((_SPLIT, _TILT) if self._reads_sizes else ()), _CHANGE, _BREAK)

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients; where the table is to choose the inputs, those of both."""
        return (*_LEVEL_AND_EXPONENT, *(() if self.inputs_from == "compute" else _SIZE_SLOTS), *_TURN_SLOTS)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x``, and ``x_params`` and ``x_tokens``: logs less the benchmark's references, shape (rows,)."""
        budgets = {"x": "flops", **({"x_params": "params", "x_tokens": "tokens"} if self._reads_sizes else {})}
        return {
            name: getattr(rows, f"log_{budget}") - reference.centre_of(budget, rows.benchmark)
            for name, budget in budgets.items()
        }

    def log_error(self, inputs: Mapping[str, Any], coefficients: Mapping[str, Any]) -> Any:
        """Return `turned_log_error` of inputs and coefficients that share a shape."""
        of, level = self.derived(coefficients), coefficients["level"]
        if self._reads_sizes:
            sizes = (of["params_exponent"], of["tokens_exponent"], of["params_share"])
            steady = ratio_log_error(inputs["x_params"], inputs["x_tokens"], level, *sizes)
        else:
            steady = direct_log_error(inputs["x"], level, of["exponent_before"])
        turn = (of["exponent_before"], of["exponent_after"], coefficients["break_point"])
        return turned_log_error(steady, inputs["x"], *turn)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return exponents of compute before and after the turn, and of params and tokens before it."""
        slope = coefficients["exponent"] / (1 - coefficients["share"])
        ratio = np.exp(coefficients["change"])
        turned = logistic(-coefficients["break_point"] / _WIDTH)  # share of the change that is done at the reference
        before = slope / (1 + turned * (ratio - 1))
        found = {"exponent_before": before, "exponent_after": before * ratio}
        if not self._reads_sizes:
            return found
        of_params = logistic(coefficients["split"])  # share of the slope
        share = logistic(coefficients["split"] - 2 * coefficients["tilt"])  # share of the error
        return found | {
            "params_exponent": 2 * before * of_params / share,
            "tokens_exponent": 2 * before * (1 - of_params) / (1 - share),
            "params_share": share,
        }
