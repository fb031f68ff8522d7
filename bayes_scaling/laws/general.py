"""The general law: from parameters and tokens, or FLOPs alone, to accuracy, by an exponent that may change once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .base import Law, PriorLike
from .broken_power import broken_log_error
from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, logistic, slots_of, softplus
from .numerics import np
from .priors import LogNormal, Normal
from .ratio import ratio_log_error
from .shown import Option, Story, Template
from .surroundings import CURVE_SLOTS

if TYPE_CHECKING:
    import pandas as pd

_SPLIT = Coefficient("split", positive=False, pooled=("benchmark",))
_TILT = Coefficient("tilt", positive=False, pooled=("benchmark",))
_CHANGE = Coefficient("change", positive=False, pooled=("benchmark",))
_BREAK = Coefficient("break_point", positive=False, pooled=("benchmark",))
_WIDTH = 0.5
_OPTIMAL = 20.0
_USUAL = 0.35


@dataclass(frozen=True, init=False, repr=False)
class GeneralLaw(Law):
    """The general law."""

    inputs_from: str

    name = "general"
    about = "from parameters and tokens, or FLOPs alone, to accuracy, by an exponent that may change once"
    options = (Option("inputs", ("auto", "compute", "ratio"), "Budgets that scores depend on", attribute="inputs_from"),)
    simplicity = 0
    templates = (Template(first_seed=800_000),)
    target_accept = 0.95

    def __init__(self, inputs: str = "auto", **priors: PriorLike) -> None:
        self._choose(inputs=inputs)
        super().__init__(**priors)

    def resolve(self, frame: "pd.DataFrame") -> "Law":
        if self.inputs_from != "auto":
            law = self
        else:
            known = frame.reindex(columns=["params", "tokens"]).notna().to_numpy().all()
            law = self.with_options(inputs="ratio" if known else "compute")
        if law.inputs_from == "ratio" and law.prior("split") == Normal(0.0, 0.4):
            r = np.log(frame["tokens"] / frame["params"]).mean()
            law = law.with_priors(split=Normal(float(_USUAL * (r - np.log(_OPTIMAL))), 0.4))
        return law

    @property
    def _sizes(self) -> bool:
        return self.inputs_from == "ratio"

    @property
    def needs(self) -> tuple[str, ...]:
        return ("params", "tokens", "flops") if self._sizes else ("flops",)

    @property
    def trades_sizes(self) -> bool:
        return self._sizes

    @property
    def deviates_in(self) -> tuple[str, ...]:
        return DEV if self._sizes else ("flops",)

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        return (LEVEL, EXPONENT, *((_SPLIT, _TILT) if self._sizes else ()), *((_CHANGE, _BREAK) if TURN else ()))

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        sizes = (
            *slots_of(_SPLIT, Normal(0.0, 0.4), {"benchmark": LogNormal(0.3, 0.5)}, "split"),
            *slots_of(_TILT, Normal(0.0, 0.1), {"benchmark": LogNormal(0.03, 0.5)}, "tilt"),
        )
        return (
            *LEVEL_SLOTS,
            *slots_of(EXPONENT, LogNormal(0.18, 0.4), EXPONENT_SCALES, "exponent"),
            *(sizes if self._sizes else ()),
            *(slots_of(_CHANGE, *CHANGE, "change") if TURN else ()),
            *(slots_of(_BREAK, *BREAK, "break", "log FLOPs") if TURN else ()),
        )

    @property
    def curve_slots(self) -> tuple[Slot, ...]:
        return tuple(replace(slot, default=CURVE[slot.name]) if slot.name in CURVE else slot for slot in CURVE_SLOTS)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        found = {"x": rows.log_flops - reference.centre_of("flops", rows.benchmark)}
        if self._sizes:
            found["x_params"] = rows.log_params - reference.centre_of("params", rows.benchmark)
            found["x_tokens"] = rows.log_tokens - reference.centre_of("tokens", rows.benchmark)
        return found

    def log_error(self, inputs: Mapping[str, Any], coefficients: Mapping[str, Any]) -> Any:
        of = self.derived(coefficients)
        level = coefficients["level"]
        x = inputs["x"]
        if self._sizes:
            eta = ratio_log_error(inputs["x_params"], inputs["x_tokens"], level, of["params_exponent"], of["tokens_exponent"], of["params_share"])
        else:
            eta = level - of["exponent_before"] * x
        if not TURN:
            return eta
        b = coefficients["break_point"]
        turned = _WIDTH * (softplus((x - b) / _WIDTH) - softplus(-b / _WIDTH))
        return eta - (of["exponent_after"] - of["exponent_before"]) * turned

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        slope = coefficients["exponent"] / (1 - coefficients["share"])
        found = {"exponent_before": slope}
        if TURN:
            ratio = np.exp(coefficients["change"])
            turned = logistic(-coefficients["break_point"] / _WIDTH)
            before = slope / (1 + turned * (ratio - 1))
            found = {"exponent_before": before, "exponent_after": before * ratio}
        if self._sizes:
            of_params = logistic(coefficients["split"])
            share = logistic(coefficients["split"] - 2 * coefficients["tilt"])
            found |= {
                "params_exponent": 2 * found["exponent_before"] * of_params / share,
                "tokens_exponent": 2 * found["exponent_before"] * (1 - of_params) / (1 - share),
                "params_share": share,
            }
        return found


import os, ast  # noqa
_X = ast.literal_eval(os.environ.get("GEN", "{}"))
DEV = tuple(_X.get("dev", ("flops", "ratio")))
TURN = _X.get("turn", True)
CHANGE = (Normal(0.0, _X.get("change", .4)), {"benchmark": LogNormal(*_X.get("change_b", (0.2, 0.5)))})
BREAK = (Normal(0.0, _X.get("break", 1.5)), {"benchmark": LogNormal(*_X.get("break_b", (0.5, 0.5)))})
_WIDTH = _X.get("width", 0.5)
CURVE = {"family_amplitude": LogNormal(*_X.get("fam", (0.0125, 0.5)))}
for k, v in _X.get("curve", {}).items():
    CURVE[k] = LogNormal(*v)
GeneralLaw.target_accept = _X.get("accept", .95)
