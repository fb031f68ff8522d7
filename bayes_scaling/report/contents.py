"""What stands in a report of a forecast: the question and its answer, what they rest on, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Unpack

from ..checks import checked_probs
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..posterior.fit import Fit
from ..runs.held_out import check_held_out
from ..runs.planned import Budgets, budgets
from ..runs.table import Runs
from ..wording import brief_number, listed
from .asked import Asked, Beside
from .blocks import FigureBlock, Section
from .headline import Headline
from .moved import with_what_moved
from .opening import budget_section, make_headline, target_answers
from .sections import (
    answers_section,
    assumptions_section,
    audit_section,
    diagnostics_section,
    fitted_section,
    forecast_section,
    provenance_section,
    two_stage_sections,
)

#: What `budgets` takes.
_BUDGETS = tuple(Budgets.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Contents:
    """A report before it is written.

    Attributes
    ----------
    title, question : str
        What was asked.
    headline : Headline
        The first lines: the answer in sentences, how such forecasts held, costs, and a cheaper step.
    converged : bool
        Whether the fit converged.
    verdict : str
        The same in words.
    sections : tuple of Section
        What follows.
    forecast : Forecast
        The forecast.
    probs : tuple of float
        Probabilities of its intervals.
    provenance : dict
        Data, versions, seeds, law and priors.
    """

    title: str
    question: str
    headline: Headline
    converged: bool
    verdict: str
    sections: tuple[Section, ...]
    forecast: Forecast
    probs: tuple[float, ...]
    provenance: dict[str, Any]

    @property
    def answer(self) -> tuple[str, ...]:
        """The answer in sentences."""
        return self.headline.answer

    @property
    def figures(self) -> tuple[FigureBlock, ...]:
        """All figures in their order."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, FigureBlock))


def gather(fit: Fit, at: "Runs | Budgets | Forecast | None" = None, **asked: Unpack[Asked]) -> Contents:
    """Gather what a report says; `write_report` describes the parameters.

    Raises
    ------
    TypeError
        For something else to ask for.
    ValueError
        Where it is not said what to forecast, or twice; and as of `forecast`.
    """
    given = {name: value for name, value in asked.items() if name in _BUDGETS and value is not None}
    beside = Beside(**{name: value for name, value in asked.items() if name not in _BUDGETS})  # type: ignore[arg-type]
    widths = checked_probs(beside.probs)
    points = _points(at, given)
    if beside.held_out is not None:
        check_held_out(fit.fitted.runs, beside.held_out)
    found = points if isinstance(points, Forecast) else quiet_forecast(fit, points, beside.random_seed)
    if beside.recalibrate and beside.backtest is None:
        raise ValueError("recalibrate needs backtest, past forecasts of the law on these or like runs")
    if beside.recalibrate and beside.backtest is not None:
        found = beside.backtest.recalibrated(found, fit.law.name)
    answers = (*target_answers(fit, found, beside), *beside.answers)
    beside = replace(beside, answers=answers)
    provenance = _provenance(fit, beside.random_seed)
    question = beside.question or _question(found, beside.targets)
    contents = Contents(
        beside.title or f"Forecast of {_scores_in_words(found)}",
        question,
        make_headline(fit, found, beside),
        fit.converged and found.converged,
        fit.verdict,
        _sections(fit, found, beside, widths, provenance),
        found,
        widths,
        provenance,
    )
    return contents if beside.since is None else with_what_moved(contents, Path(beside.since))


def _points(at: "Runs | Budgets | Forecast | None", given: dict[str, Any]) -> "Runs | Budgets | Forecast":
    """What to forecast, or the forecast, said in one way."""
    if at is None and not given.keys() - {"benchmark", "family", "annealed"}:
        raise ValueError(
            "expected what to forecast: flops=, params= with tokens=, or at= with runs, budgets or a forecast"
        )
    if at is not None and given:
        raise ValueError(f"got at= and {', '.join(name for name in _BUDGETS if name in given)}; expected one of them")
    return budgets(**given) if at is None else at


def _sections(
    fit: Fit, found: Forecast, beside: Beside, widths: tuple[float, ...], provenance: dict[str, Any]
) -> tuple[Section, ...]:
    held_out, random_seed = beside.held_out, beside.random_seed
    return (
        *budget_section(fit, found, beside),
        forecast_section(fit, found, held_out, widths),
        *([answers_section(beside.answers)] if beside.answers else []),
        audit_section(fit, found, held_out, beside.backtest, random_seed),
        *two_stage_sections(fit, held_out, beside.two_stage, random_seed),
        assumptions_section(found),
        diagnostics_section(fit),
        fitted_section(fit),
        provenance_section(provenance),
    )


def _question(found: Forecast, targets: Mapping[str, float]) -> str:
    flops = list(dict.fromkeys(found.points["flops"]))
    named = listed([brief_number(value) for value in flops], 4)
    if targets:
        wanted = listed([f"{100 * value:.3g}% on {name}" for name, value in targets.items()], 4)
        return f"Are {named} training FLOPs enough for {wanted}?"
    return f"What will runs of {named} training FLOPs score on {_scores_in_words(found)}?"


def _scores_in_words(found: Forecast) -> str:
    names = list(dict.fromkeys(found.points["benchmark"]))
    return listed(names, 3) if len(names) <= 3 else f"{len(names)} benchmarks"


def _provenance(fit: Fit, random_seed: int | None) -> dict[str, Any]:
    kept = dict(fit.provenance)
    return {
        "law": repr(fit.law),
        "data_hash": fit.runs.data_hash,
        "fit": kept,
        "forecast_seed": random_seed,
        "bayes_scaling": version("bayes-scaling"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "priors": {str(name): str(prior) for name, prior in fit.law.priors["prior"].items()},
    }
