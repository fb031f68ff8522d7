"""What stands in a report of a forecast: the question and its answer, what they rest on, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import plots
from ..evaluation.error_compounding import Compounding, compounding
from ..forecasting.files import checked_probs
from ..forecasting.forecast import Forecast, quiet_forecast
from ..laws.two_stage import TwoStageLaw
from ..plots.parts.style import look
from ..posterior.fit import Fit
from ..runs.held_out import check_held_out
from ..runs.planned import Budgets, budgets
from ..runs.table import Runs
from ..runs.token_ratios import tell_apart, tokens_per_param
from ..wording import bound_names, listed, percent
from .blocks import Block, Bullets, Facts, FigureBlock, Paragraph, Section, Swatch, TableBlock
from .cells import (
    answer_cells,
    benchmark_cells,
    brief_number,
    compounding_cells,
    exponent_cells,
    forecast_cells,
    score_cells,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..evaluation.backtesting import Backtest
    from ..planning.answers import Answer

_COLUMNS = ("run", "family", "benchmark", "metric", "shots", "k", "flops", "tokens/param", "decades_beyond")
_SELDOM = ("metric", "shots", "k")  # columns that say nothing where all points share them
_MOST_PANELS = 24
_MOST_SENTENCES = 3
_FOLDED = 30  # rows from which a table is folded away
_HOW_TO_READ = (
    "Dots are fitted scores, stars held-out ones, diamonds forecasts with the {prob}% interval of a new run's measured "
    "score. The line is the median of the expected score, dashed beyond the fitted budgets; the darker bands hold it, "
    "the palest band the score of a new run. The dashed grey line is chance, the dotted one the highest accuracy that "
    "the curve approaches."
)
_RULES = (
    "Intervals are central: 90% of the draws lie in the 90% interval. They hold the uncertainty of the curve, its "
    "smooth deviation from the law, the luck of a run and the noise of finitely many questions.",
    "New runs are taken to follow the recipe of their family: data, architecture, tokenizer, prompt and annealing as "
    "in the fitted runs.",
    "Nothing can check a forecast further than the longest extrapolation that was audited.",
)


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


def gather(
    fit: Fit,
    at: "Runs | Budgets | Forecast | None" = None,
    *,
    flops: float | Sequence[float] | None = None,
    params: float | Sequence[float] | None = None,
    tokens: float | Sequence[float] | None = None,
    ratio: float | Sequence[float] | None = None,
    k: int | Sequence[int] | None = None,
    benchmark: str | Sequence[str] | None = None,
    family: str | Sequence[str] | None = None,
    held_out: Runs | None = None,
    backtest: "Backtest | None" = None,
    answers: "Sequence[Answer]" = (),
    two_stage: Compounding | None = None,
    title: str | None = None,
    question: str | None = None,
    probs: Sequence[float] = (0.5, 0.8, 0.9),
    random_seed: int | None = 0,
) -> Contents:
    """Gather what a report says; `write_report` describes the parameters.

    Raises
    ------
    ValueError
        Where it is not said what to forecast, or twice; and as of `forecast`.
    """
    widths = checked_probs(probs)
    sizes = {"flops": flops, "params": params, "tokens": tokens, "ratio": ratio, "k": k}
    given: dict[str, Any] = {name: value for name, value in sizes.items() if value is not None}
    labels: dict[str, Any] = {
        name: value for name, value in (("benchmark", benchmark), ("family", family)) if value is not None
    }
    if at is None and not given:
        raise ValueError(
            "expected what to forecast: flops=, params= with tokens=, or at= with runs, budgets or a forecast"
        )
    if at is not None and (given or labels):
        raise ValueError(f"got at= and {', '.join([*given, *labels])}; expected one of them")
    if held_out is not None:
        check_held_out(fit.fitted.runs, held_out)
    points = budgets(**given, **labels) if at is None else at
    found = points if isinstance(points, Forecast) else quiet_forecast(fit, points, random_seed)
    sections = [
        _forecast_section(fit, found, held_out, widths),
        *([_answers_section(answers)] if answers else []),
        _audit_section(fit, found, held_out, backtest, random_seed),
        *_two_stage_sections(fit, held_out, two_stage, random_seed),
        _assumptions_section(found),
        _diagnostics_section(fit),
        _fitted_section(fit),
        _provenance_section(provenance := _provenance(fit, random_seed)),
    ]
    return Contents(
        title or f"Forecast of {_scores_in_words(found)}",
        question or _question(found),
        answer_sentences(found),
        fit.converged and found.converged,
        fit.verdict,
        tuple(sections),
        found,
        widths,
        provenance,
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


def _forecast_section(fit: Fit, found: Forecast, held_out: Runs | None, probs: tuple[float, ...]) -> Section:
    columns = _COLUMNS if not _named_after_budgets(found) else _COLUMNS[1:]
    cells = forecast_cells(found, columns, probs)
    cells = _telling(cells)
    drawn = tuple(sorted({0.5, max(probs)}))

    def narrow() -> "Figure":
        figure = plots.forecast_intervals(found, drawn)
        figure.set_size_inches(5.2, figure.get_figheight())
        return figure

    widths = " and ".join(f"{percent(prob)}%" for prob in drawn)
    blocks: list[Block] = [
        FigureBlock(
            "forecast",
            "Forecast scores",
            f"Dots are medians, bars the {widths} intervals of a new run's measured score.",
            partial(plots.forecast_intervals, found, drawn),
            (("", narrow),),
        ),
        TableBlock("Forecast of measured scores", cells, folded=len(cells) > _FOLDED),
    ]
    blocks.append(_curves_block(fit, found, held_out, probs))
    return Section("Forecast", "forecast", tuple(blocks))


def _telling(cells: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns that say nothing, since all rows share them."""
    return cells[[name for name in cells if name not in _SELDOM or len(set(cells[name])) > 1]]


def _sentence(note: str) -> str:
    """Write a note as a sentence; a name at its beginning stays as it is."""
    first = note.split()[0]
    return f"{note[0].upper() if first.isalpha() else note[0]}{note[1:]}."


def _named_after_budgets(found: Forecast) -> bool:
    """Whether runs have no names of their own."""
    return bool(found.points["run"].str.contains(r"FLOPs|params|tokens").all())


def _curves_block(fit: Fit, found: Forecast, held_out: Runs | None, probs: tuple[float, ...]) -> FigureBlock:
    reference = fit.reference
    asked = [label for label in reference.labels if label.split(" (")[0] in set(found.points["benchmark"])]
    asked = asked or list(reference.labels)
    families = [name for name in reference.families if name in set(found.points.get("family", ()))]
    chosen: Any = {"family": families[:6] or None, "planned": found, "probs": tuple(sorted({0.5, max(probs)}))}
    if fit.law.observes != "scores" and "k" in found.points:
        chosen["k"] = int(found.points["k"].iloc[0])
    chosen["held_out"] = _drawable(fit, held_out)

    def drawn(label: str) -> "Figure":
        figure = plots.curves(fit, benchmark=label, **chosen)
        for legend in list(figure.legends):
            legend.remove()
        figure.set_size_inches(4.4, 3.0)
        figure.set_layout_engine(None)  # measuring every letter twice would take half of the time
        figure.subplots_adjust(left=0.15, right=0.985, top=0.915, bottom=0.185)
        figure.axes[0].set_ylabel(figure.get_supylabel(), fontsize=9)
        figure.supylabel("")
        return figure

    shown = asked[:_MOST_PANELS]
    caption = _HOW_TO_READ.format(prob=percent(max(probs)))
    if len(asked) > len(shown):
        caption += f" The first {len(shown)} of {len(asked)} benchmarks are drawn."
    names = families[:6] if len(families) > 1 else []
    swatches = tuple(Swatch(look(reference.families.index(name)).colour, name) for name in names)
    return FigureBlock(
        "curves",
        "Curves",
        caption,
        partial(plots.curves, fit, benchmark=shown, **chosen),
        tuple((label, partial(drawn, label)) for label in shown),
        swatches,
    )


def _drawable(fit: Fit, held_out: Runs | None) -> Runs | None:
    """Held-out rows on curves that were fitted."""
    if held_out is None:
        return None
    frame = held_out.frame
    names = {benchmark.name for benchmark in fit.reference.benchmarks}
    known = frame["benchmark"].isin(names) & frame["family"].isin(fit.reference.families)
    return Runs(frame[known].reset_index(drop=True)) if known.any() else None


def _answers_section(answers: "Sequence[Answer]") -> Section:
    blocks: list[Block] = []
    for number, answer in enumerate(answers, start=1):
        blocks.append(Paragraph(answer.sentence, "strong" if answer.converged else "alarm"))
        blocks.append(TableBlock(f"Answer {number} in numbers", answer_cells(answer.table())))
        if _draws(answer):
            title = f"Answer {number}"
            blocks.append(FigureBlock(f"answer_{number}", title, answer.sentence, answer.plot))
        if answer.notes:
            blocks.append(Bullets(answer.notes))
    return Section("Planning answers", "planning", tuple(blocks))


def _draws(answer: "Answer") -> bool:
    from ..planning.answers import Answer

    return type(answer).plot is not Answer.plot


def _audit_section(
    fit: Fit, found: Forecast, held_out: Runs | None, backtest: "Backtest | None", random_seed: int | None
) -> Section:
    blocks: list[Block] = []
    if backtest is not None:
        law = fit.law.name if fit.law.name in set(backtest.rows["law"]) else None
        if law is not None or len(set(backtest.rows["law"])) == 1:
            longest = max(float(found.points["decades_beyond"].max()), 0.0)
            near = backtest.audit(law, decades=(max(longest - 0.5, 0.0), longest + 0.5))
            sentences = (backtest.audit(law), near)
            blocks.append(Paragraph(" ".join(_sentence(text) for text in dict.fromkeys(sentences)), "strong"))
        by_distance = ["law", "decades"]
        blocks.append(TableBlock("Forecasts of held-out scores", score_cells(backtest.table(["law"]), ["law"])))
        blocks.append(
            TableBlock("By decades beyond the fitted budgets", score_cells(backtest.table(by_distance), by_distance))
        )
        caption = (
            "Left: nominal against measured coverage, calibrated along the diagonal. Right: 90% intervals by distance."
        )
        blocks.append(FigureBlock("calibration", "Calibration of past forecasts", caption, backtest.plot))
        blocks += [Bullets(tuple(backtest.failed))] if backtest.failed else []
    usable = _drawable(fit, held_out)
    if usable is not None and "accuracy" in usable.frame:
        blocks += _held_out_blocks(fit, usable, random_seed)
    if not blocks:
        blocks.append(
            Paragraph(
                "No audit was made: neither a backtest nor held-out runs were given. bayes_scaling.backtest fits the "
                "law to the smaller runs and scores its forecasts of the larger ones."
            )
        )
    return Section("Audit of past extrapolations", "audit", tuple(blocks))


def _held_out_blocks(fit: Fit, held_out: Runs, random_seed: int | None) -> list[Block]:
    """Forecast of runs that were not fitted, beside what they scored."""
    scored = held_out.select("accuracy == accuracy") if "n_correct" not in held_out.frame else held_out
    predicted = quiet_forecast(fit, scored, random_seed)
    cells = forecast_cells(predicted, _COLUMNS, (0.9,))
    if fit.law.observes != "scores":  # of counts the measured rates are worked out where forecasts are scored
        from ..evaluation.scoring import score_forecast

        overall = score_forecast(predicted, scored).overall
        n, inside = int(overall["n"]), {prob: float(overall[f"coverage_{prob}"]) for prob in (50, 90)}
        error = float(overall["mae"])
    else:
        measured, table = scored.frame["accuracy"].to_numpy(), predicted.table((0.5, 0.9))
        n, error = len(table), float(np.abs(table["median"] - measured).mean())
        inside = {
            prob: float(((table[f"low_{prob}"] <= measured) & (measured <= table[f"high_{prob}"])).mean())
            for prob in (50, 90)
        }
        cells["measured"] = [f"{value:.3f}" for value in measured]
    cells = _telling(cells)
    sentence = (
        f"Of {n} held-out scores the 90% intervals held {inside[90]:.0%}, the 50% intervals {inside[50]:.0%}; the mean "
        f"absolute error of the medians was {error:.3f}."
    )
    return [
        Paragraph(sentence, "strong"),
        TableBlock("Held-out runs: forecast and measured", cells, folded=len(cells) > _FOLDED),
    ]


def _two_stage_sections(
    fit: Fit, held_out: Runs | None, result: Compounding | None, random_seed: int | None
) -> list[Section]:
    if result is None and isinstance(fit.law, TwoStageLaw) and held_out is not None:
        usable = _drawable(fit, held_out)
        if usable is not None and "accuracy" in usable.frame and usable.frame[fit.law.loss].notna().any():
            result = compounding(fit, usable, random_seed=random_seed)
    if result is None:
        return []
    methods, errors = compounding_cells(result)
    blocks: list[Block] = [
        Paragraph(result.sentence, "strong"),
        TableBlock("Forecasts side by side", methods),
        TableBlock("Mean error of the held-out forecasts, and what each stage adds", errors),
        FigureBlock("compounding", "How the errors compound", result.sentence, result.plot),
    ]
    blocks += [Bullets(result.notes)] if result.notes else []
    return [Section("Two stages", "two-stage", tuple(blocks))]


def _assumptions_section(found: Forecast) -> Section:
    notes = tuple(_sentence(note) for note in found.notes)
    blocks: list[Block] = [Bullets(notes), Paragraph("Assumed of every forecast:")] if notes else []
    return Section("Assumptions and warnings", "assumptions", (*blocks, Bullets(_RULES)))


def _diagnostics_section(fit: Fit) -> Section:
    table = fit.diagnostics()
    sampler = table["divergences"].dropna()
    shown = table[table["divergences"].isna()].sort_values("ess_bulk")
    cells = pd.DataFrame(
        {
            "parameter": shown.index.astype(str),
            "R-hat": shown["r_hat"].map("{:.3f}".format),
            "bulk ESS": shown["ess_bulk"].map("{:.0f}".format),
            "tail ESS": shown["ess_tail"].map("{:.0f}".format),
            "worst entry": shown["worst"].astype(str),
            "decides": shown["decides"].map({True: "yes", False: "no"}),
        }
    ).reset_index(drop=True)
    verdict = f"The fit has {fit.verdict}."
    draws = fit.posterior.sizes["chain"] * fit.posterior.sizes["draw"]
    facts = Facts((("draws", f"{draws}"), ("divergent draws", f"{sampler.sum():.0f}"), ("E-BFMI", _ebfmi(table))))
    tone = "plain" if fit.converged else "alarm"
    return Section(
        "Diagnostics",
        "diagnostics",
        (Paragraph(verdict, tone), facts, TableBlock("Parameters, the least effective first", cells, folded=True)),
    )


def _ebfmi(table: pd.DataFrame) -> str:
    values = table["e_bfmi"].dropna()
    return f"{values.min():.2f}" if len(values) else "unknown"


def _fitted_section(fit: Fit) -> Section:
    summary = fit.runs.summary()
    cells = benchmark_cells(summary)
    exponents = exponent_cells(fit)
    text = summary.text.splitlines()
    facts = tuple((line[:14].strip(), line[14:].strip()) for line in text[1:] if line.startswith("  "))
    return Section(
        "What was fitted",
        "fitted",
        (
            Paragraph(text[0]),
            Facts(facts),
            TableBlock("Benchmarks of the fitted runs", cells, folded=len(cells) > _FOLDED),
            TableBlock("Exponents", exponents, folded=len(exponents) > _FOLDED),
        ),
    )


def _provenance(fit: Fit, random_seed: int | None) -> dict[str, Any]:
    kept = dict(fit.provenance)
    from .. import __version__

    return {
        "law": repr(fit.law),
        "data_hash": fit.runs.data_hash,
        "fit": kept,
        "forecast_seed": random_seed,
        "bayes_scaling": __version__,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "priors": {str(name): str(prior) for name, prior in fit.law.priors["prior"].items()},
    }


def _provenance_section(known: dict[str, Any]) -> Section:
    fit = known["fit"]
    versions = fit.get("versions", {})
    pairs = (
        ("law", known["law"]),
        ("data (SHA-256)", known["data_hash"]),
        ("seed of the fit", str(fit.get("random_seed", "unknown"))),
        ("seed of the forecast", str(known["forecast_seed"])),
        ("chains, draws, tuning", ", ".join(str(fit.get(name, "unknown")) for name in ("chains", "draws", "tune"))),
        ("fitted with", ", ".join(f"{name} {version}" for name, version in versions.items()) or "unknown"),
        ("written with", f"bayes-scaling {known['bayes_scaling']}"),
        ("written", known["written"]),
    )
    priors = pd.DataFrame({"parameter": list(known["priors"]), "prior": list(known["priors"].values())})
    return Section("Provenance", "provenance", (Facts(pairs), TableBlock("Priors", priors, folded=True)))
