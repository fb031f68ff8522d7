"""Options that belong together: declared once, and taken by a command as one argument."""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import (
    Annealed,
    AttemptsList,
    Benchmarks,
    FlopsList,
    Overwrite,
    ParamsList,
    RatioList,
    Seed,
    Strict,
    TokensList,
    check_figure,
    check_out,
    numbers_of,
    read_points,
    read_whole_numbers,
    refuse,
    stop_where,
)

if TYPE_CHECKING:
    from ..planning.answers import Answer
    from ..planning.cost import Cost
    from ..posterior.fit import Fit
    from ..runs.planned import Budgets
    from ..runs.table import Runs
    from .trust import RecordOptions, TrustOptions

_ANSWER_ENDINGS = (".csv", ".parquet", ".json", ".md", ".tex")


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of each dataclass among its keyword arguments, in the place of that argument."""
    signature = inspect.signature(command, eval_str=True)
    kinds: dict[str, Any] = {
        name: one.annotation for name, one in signature.parameters.items() if is_dataclass(one.annotation)
    }
    members = {name: _options_of(kind) for name, kind in kinds.items()}

    @wraps(command)
    def taking(**given: Any) -> None:
        groups = {
            name: kind(**{option.name: given.pop(option.name) for option in members[name]})
            for name, kind in kinds.items()
        }
        command(**given, **groups)

    parameters = [own for name, one in signature.parameters.items() for own in members.get(name, [one])]
    taking.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return taking


def _options_of(kind: Any) -> list[inspect.Parameter]:
    made = inspect.signature(kind, eval_str=True).parameters.values()
    return [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in made]


@dataclass(frozen=True)
class BudgetOptions:
    """What is to be forecast: budgets, or a table of planned runs."""

    flops: FlopsList = None
    params: ParamsList = None
    tokens: TokensList = None
    ratio: RatioList = None
    k: AttemptsList = None
    at: Annotated[
        Path | None, typer.Option("--at", metavar="RUNS", help="A table of planned runs; accuracies are not needed.")
    ] = None
    benchmark: Benchmarks = None
    family: Annotated[list[str] | None, typer.Option("--family", help="Only this one; may be repeated.")] = None
    annealed: Annealed = None

    def points(self) -> "Runs | Budgets":
        """Return the planned runs or the budgets."""
        sizes = {"flops": self.flops, "params": self.params, "tokens": self.tokens, "ratio": self.ratio}
        numbers: dict[str, Sequence[float]] = {
            name: numbers_of(f"--{name}", texts, "20,100" if name == "ratio" else "1e23,1e24")
            for name, texts in sizes.items()
            if texts
        }
        if self.k:
            numbers["k"] = read_whole_numbers("--k", self.k, "1,10,100")
        if self.annealed is not None and self.at is not None:
            refuse("--annealed", "it goes with budgets; expected a column annealed in the table of --at")
        return read_points(self.at, numbers, self.benchmark or None, self.family or None, self.annealed)


@dataclass(frozen=True)
class CostOptions:
    """What FLOPs cost."""

    flops_per_second: Annotated[
        float | None, typer.Option("--flops-per-second", help="Peak of one accelerator; turns FLOPs into hours.")
    ] = None
    utilisation: Annotated[float, typer.Option("--utilisation", help="Share of the peak that a training reaches.")] = (
        0.4
    )
    price_per_hour: Annotated[
        float | None, typer.Option("--price-per-hour", help="Price of an hour of one accelerator.")
    ] = None
    accelerators: Annotated[
        int | None, typer.Option("--accelerators", help="How many work side by side, for days.")
    ] = None

    def cost(self) -> "Cost | None":
        """Return the cost; none where no speed was given."""
        if self.flops_per_second is None:
            if self.price_per_hour is not None or self.accelerators is not None:
                refuse("--flops-per-second", "expected the peak of one accelerator beside its price or number")
            return None
        from ..planning.cost import Cost

        return Cost(self.flops_per_second, self.utilisation, self.price_per_hour, self.accelerators)


@dataclass(frozen=True)
class AnswerOptions:
    """Where the answer to a planning question goes, and what it depends on beside the question."""

    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; its ending says how: .csv .parquet .json .md .tex")
    ] = None
    figure: Annotated[Path | None, typer.Option("--figure", help="File to draw the figure into (.png or .svg).")] = None
    overwrite: Overwrite = False
    seed: Seed = 0
    strict: Strict = False

    def answer(
        self,
        ask: "Callable[..., Answer]",
        fit: Path,
        *given: Any,
        read: tuple[Path | None, ...] = (),
        trust: "TrustOptions | None" = None,
        record: "tuple[RecordOptions, float | None] | None" = None,
        later: "Mapping[str, Callable[[Fit], Any]]" = MappingProxyType({}),
        **named: Any,
    ) -> None:
        """Check the files that are to be written, put a question to a saved fit, and print, write and draw the answer.

        Parameters
        ----------
        ask : callable
            The question, of a fit and what is `given` and `named`.
        fit : Path
            The saved fit.
        read : tuple of Path or None
            Files that the command reads beside the fit.
        trust : TrustOptions, optional
            Of a question that takes a backtest itself.
        record : (RecordOptions, float or None), optional
            Of another: the record of forecasts as far out as these FLOPs (None: of all) is put behind its sentence.
        later : mapping of str to callable
            Arguments that are made of the fit.
        """
        check_out(self.out, "answer", _ANSWER_ENDINGS, overwrite=self.overwrite, inputs=(fit, *read))
        check_figure(self.figure, fit, *read, self.out, overwrite=self.overwrite)
        from ..posterior.fit import load_fit
        from .screen import Screen, draw_into, show_answer

        fitted, screen = load_fit(fit), Screen()
        if trust is not None:
            named |= {"audit": trust.audit(fit, fitted), "recalibrate": trust.recalibrate}
        made = {name: make(fitted) for name, make in later.items()}
        answer = ask(fitted, *given, **named, **made, random_seed=self.seed)
        if record is not None and (audit := record[0].audit(fit, fitted)) is not None:
            answer = answer.with_record(audit.record(fitted.law.name, _distance(fitted, record[1])))
        show_answer(screen, answer)
        if self.out is not None:
            from ..report.tables import write_table

            screen.remark(f"wrote {write_table(answer, self.out, overwrite=self.overwrite)}")
        draw_into(screen, answer, self.figure, overwrite=self.overwrite)
        stop_where(self.strict and not answer.converged)


def _distance(fit: "Fit", flops: float | None) -> float | None:
    """Decades between a budget and the largest fitted run."""
    if flops is None:
        return None
    return max(math.log10(flops) - max(fit.reference.run_log_flops) / math.log(10), 0.0)
