"""What a report may be asked for beside what to forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ..checks import check_probability, check_target
from ..evaluation.compounding import Compounding
from ..planning.cost import Cost
from ..runs.table import Runs

if TYPE_CHECKING:
    from ..evaluation.backtest import Backtest
    from ..planning.answers import Answer


class Asked(TypedDict, total=False):
    """What a report may be asked for, by name; `write_report` describes it."""

    flops: "float | Sequence[float] | None"
    params: "float | Sequence[float] | None"
    tokens: "float | Sequence[float] | None"
    ratio: "float | Sequence[float] | None"
    k: "int | Sequence[int] | None"
    benchmark: "str | Sequence[str] | None"
    family: "str | Sequence[str] | None"
    annealed: "bool | None"
    targets: "Mapping[str, float]"
    probability: float
    cost: "Cost | None"
    held_out: "Runs | None"
    backtest: "Backtest | None"
    recalibrate: bool
    answers: "Sequence[Answer]"
    two_stage: "Compounding | None"
    since: "str | Path | None"
    title: "str | None"
    question: "str | None"
    probs: "Sequence[float]"
    random_seed: "int | None"


@dataclass(frozen=True)
class Beside:
    """What is asked beside what to forecast, in the words of `Asked`."""

    targets: Mapping[str, float] = field(default_factory=dict)
    probability: float = 0.9
    cost: Cost | None = None
    held_out: Runs | None = None
    backtest: "Backtest | None" = None
    recalibrate: bool = False
    answers: "Sequence[Answer]" = ()
    two_stage: Compounding | None = None
    since: "str | Path | None" = None
    title: str | None = None
    question: str | None = None
    probs: Sequence[float] = (0.5, 0.8, 0.9)
    random_seed: int | None = 0

    def __post_init__(self) -> None:
        check_probability("probability", self.probability)
        for name, value in self.targets.items():
            check_target(f"target of {name!r}", value)
