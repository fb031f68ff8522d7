"""A law that this file defines passes the checks of all laws, once it is among them: what CONTRIBUTING.md promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from law_checks import CHECKS, OnTable, the_command_takes_it_with_its_options

import bayes_scaling as bs
from bayes_scaling.laws import LAWS, law_from_json
from bayes_scaling.laws.base import Law, PriorLike
from bayes_scaling.laws.coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, slots_of
from bayes_scaling.laws.compute import ComputeLaw
from bayes_scaling.laws.priors import LogNormal, Normal
from bayes_scaling.laws.shown import Option
from bayes_scaling.model.specification import specify

_LEAN = Coefficient("lean", positive=False, pooled=("benchmark",))
_DIRECT_SLOTS = LEVEL_SLOTS + slots_of(EXPONENT, LogNormal(0.18, 0.4), EXPONENT_SCALES, "exponent of a benchmark")
_LEAN_SLOTS = slots_of(
    _LEAN,
    Normal(0.0, 0.05),
    {"benchmark": LogNormal(0.02, 0.5)},
    "fall of the log error per unit of log tokens per parameter",
    "log error",
)


def leaning_log_error(x: Any, ratio: Any, level: Any, slope: Any, lean: Any) -> Any:
    """Log error: a power of compute, and of the tokens per parameter."""
    return level - slope * x - lean * ratio


@dataclass(frozen=True, init=False, repr=False)
class LeaningLaw(ComputeLaw):
    """A direct law that leans on tokens per parameter too, where the table has them.

    Parameters
    ----------
    sizes : {"auto", "read", "leave"}
        Whether it reads params and tokens; "auto" where every row of the table has both.
    **priors : Prior, Between, float or None
        Changes to the priors by name.
    """

    sizes: str

    name = "leaning"
    about = "from training FLOPs, and tokens per parameter where they are known, to accuracy"
    options = (Option("sizes", ("auto", "leave", "read"), "Whether params and tokens are read"),)
    counterpart = "direct"
    headline = {"asymptotic_exponent": "far off"}  # noqa: RUF012

    def __init__(self, sizes: str = "auto", **priors: PriorLike) -> None:
        self._choose(sizes=sizes)
        super().__init__(**priors)

    def resolve(self, frame: pd.DataFrame) -> Law:
        """Return the law that reads sizes where every row has them."""
        known = bool(frame[["params", "tokens"]].notna().all(axis=None))
        return self.with_options(sizes="read" if known else "leave") if self.sizes == "auto" else self

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """Level and exponent, and how the curve leans where it reads sizes."""
        return (LEVEL, EXPONENT) if self.sizes == "leave" else (LEVEL, EXPONENT, _LEAN)

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients."""
        return _DIRECT_SLOTS if self.sizes == "leave" else _DIRECT_SLOTS + _LEAN_SLOTS

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads."""
        return ("params", "tokens", "flops") if self.sizes == "read" else ("flops",)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x``, and where it reads sizes ``ratio``, log tokens per parameter less 3."""
        of_compute = super().inputs(reference, rows)
        return of_compute | {"ratio": rows.log_tokens - rows.log_params - 3.0} if self.reads_sizes else of_compute

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `leaning_log_error` of inputs and terms that share a shape."""
        ratio, lean = inputs.get("ratio", 0.0), terms.get("lean", 0.0)
        return leaning_log_error(inputs["x"], ratio, terms["level"], terms["asymptotic_exponent"], lean)

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``asymptotic_exponent``, the exponent far from the ceiling."""
        return {"asymptotic_exponent": coefficients["exponent"] / (1 - coefficients["share"])}


@pytest.fixture(scope="module")
def on():
    """The law, registered by one line, on a table that has sizes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LAWS, LeaningLaw.name, LeaningLaw)
        yield OnTable(LeaningLaw())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_new_law_passes(check, on, tmp_path):
    check(on, tmp_path)


def test_the_command_takes_a_new_law_with_its_option(on, tmp_path, monkeypatch):
    the_command_takes_it_with_its_options(on, tmp_path, monkeypatch)


def test_what_it_reads_follows_from_the_table_and_is_saved(on):
    law, runs = on.law, on.runs
    assert on.spec.law == law.with_options(sizes="read")
    assert law_from_json(on.fit.law.to_json()).reads_sizes
    lean = bs.Runs(runs.frame.drop(columns=["params", "tokens"]))
    bare = specify(law, lean)
    assert bare.law == law.with_options(sizes="leave")
    assert bare.law.needs == ("flops",)
    assert "lean" not in bare.law.priors.index
    assert specify(type(law)(level=0.5), lean).law.prior("level") == type(law)(level=0.5).prior("level")
    assert np.isfinite(on.forecast(on.fit).array("score")).all()
    with pytest.raises(ValueError, match="LeaningLaw needs params in every row"):
        specify(law.with_options(sizes="read"), lean)
