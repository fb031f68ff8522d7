"""What stands in a report of a forecast: the question and its answer, what they rest on, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pandas as pd

from ..checks import checked_probs
from ..evaluation.compounding import Compounding
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..posterior.fit import Fit
from ..runs.held_out import check_held_out
from ..runs.planned import Budgets, budgets
from ..runs.table import Runs
from ..runs.token_ratios import tell_apart, tokens_per_param
from ..wording import bound_names, brief_number, listed
from .blocks import FigureBlock, Section
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

if TYPE_CHECKING:
    from ..evaluation.backtest import Backtest
    from ..planning.answers import Answer


_MOST_SENTENCES = 3
#: What `budgets` takes.
_BUDGETS = tuple(Budgets.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Contents:
    """A report before it is written.

    Attributes
    ----------
    title, question : str
        What was asked.
    answer : tuple of str
        The answer in sentences.
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
    answer: tuple[str, ...]
    converged: bool
    verdict: str
    sections: tuple[Section, ...]
    forecast: Forecast
    probs: tuple[float, ...]
    provenance: dict[str, Any]

    @property
    def figures(self) -> tuple[FigureBlock, ...]:
        """All figures in their order."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, FigureBlock))


class Asked(TypedDict, total=False):
    """What a report may be asked for, by name; `write_report` describes it."""

    flops: "float | Sequence[float] | None"
    params: "float | Sequence[float] | None"
    tokens: "float | Sequence[float] | None"
    ratio: "float | Sequence[float] | None"
    k: "int | Sequence[int] | None"
    benchmark: "str | Sequence[str] | None"
    family: "str | Sequence[str] | None"
    held_out: "Runs | None"
    backtest: "Backtest | None"
    answers: "Sequence[Answer]"
    two_stage: "Compounding | None"
    title: "str | None"
    question: "str | None"
    probs: "Sequence[float]"
    random_seed: "int | None"


@dataclass(frozen=True)
class _Beside:
    """What is asked beside what to forecast."""

    held_out: Runs | None = None
    backtest: "Backtest | None" = None
    answers: "Sequence[Answer]" = ()
    two_stage: Compounding | None = None
    title: str | None = None
    question: str | None = None
    probs: Sequence[float] = (0.5, 0.8, 0.9)
    random_seed: int | None = 0


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
    beside = _Beside(**{name: value for name, value in asked.items() if name not in _BUDGETS})  # type: ignore[arg-type]
    widths = checked_probs(beside.probs)
    points = _points(at, given)
    if beside.held_out is not None:
        check_held_out(fit.fitted.runs, beside.held_out)
    found = points if isinstance(points, Forecast) else quiet_forecast(fit, points, beside.random_seed)
    provenance = _provenance(fit, beside.random_seed)
    return Contents(
        beside.title or f"Forecast of {_scores_in_words(found)}",
        beside.question or _question(found),
        answer_sentences(found),
        fit.converged and found.converged,
        fit.verdict,
        _sections(fit, found, beside, widths, provenance),
        found,
        widths,
        provenance,
    )


def _points(at: "Runs | Budgets | Forecast | None", given: dict[str, Any]) -> "Runs | Budgets | Forecast":
    """What to forecast, or the forecast, said in one way."""
    if at is None and not given.keys() - {"benchmark", "family"}:
        raise ValueError(
            "expected what to forecast: flops=, params= with tokens=, or at= with runs, budgets or a forecast"
        )
    if at is not None and given:
        raise ValueError(f"got at= and {', '.join(name for name in _BUDGETS if name in given)}; expected one of them")
    return budgets(**given) if at is None else at


def _sections(
    fit: Fit, found: Forecast, beside: _Beside, widths: tuple[float, ...], provenance: dict[str, Any]
) -> tuple[Section, ...]:
    held_out, random_seed = beside.held_out, beside.random_seed
    return (
        forecast_section(fit, found, held_out, widths),
        *([answers_section(beside.answers)] if beside.answers else []),
        audit_section(fit, found, held_out, beside.backtest, random_seed),
        *two_stage_sections(fit, held_out, beside.two_stage, random_seed),
        assumptions_section(found),
        diagnostics_section(fit),
        fitted_section(fit),
        provenance_section(provenance),
    )


def answer_sentences(found: Forecast) -> tuple[str, ...]:
    """Say in a sentence a budget what is forecast: the average over benchmarks, or the one there is.

    Parameters
    ----------
    found : Forecast
        The forecast, with draws or as a table.

    Returns
    -------
    tuple of str
        The first few budgets, and how many more there are.
    """
    table, what = _summary_table(found)
    low, high = bound_names(0.9)
    sentences = []
    for row in table.head(_MOST_SENTENCES).to_dict("records"):
        name = what or f"the score on {row['benchmark']}"
        interval = f"90% interval {row[low]:.3f} to {row[high]:.3f}"
        sentences.append(f"{_where(row, table)}, {name} is forecast at {row['median']:.3f} ({interval}).")
    more = len(table) - _MOST_SENTENCES
    return (*sentences, f"The table has {more} more.") if more > 0 else tuple(sentences)


def _summary_table(found: Forecast) -> tuple[pd.DataFrame, str]:
    """Averages over benchmarks where every run has the same ones, or the scores themselves."""
    n = found.points["benchmark"].nunique()
    if n > 1:
        try:
            return found.average().table((0.9,)), f"the mean score over {n} benchmarks"
        except ValueError:  # runs with other benchmarks, or a stored table without draws
            pass
    return found.table((0.9,)), ""


def _where(row: dict[Any, Any], table: pd.DataFrame) -> str:
    parts = [f"at {brief_number(row['flops'])} training FLOPs"]
    if "k" in row and row["k"] == row["k"]:
        parts.append(f"k = {row['k']:g}")
    if len(set(table.get("family", ()))) > 1:
        parts.append(f"{row['family']}")
    ratios = tokens_per_param(table)
    if tell_apart(ratios):
        parts.append(f"{row['tokens'] / row['params']:.3g} tokens per parameter")
    text = ", ".join(parts)
    return text[0].upper() + text[1:]


def _question(found: Forecast) -> str:
    flops = list(dict.fromkeys(found.points["flops"]))
    named = listed([brief_number(value) for value in flops], 4)
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
