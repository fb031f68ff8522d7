"""Sections of a report, each out of a fit, a forecast and what was asked beside them."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import plots
from ..evaluation.compounding import Compounding
from ..evaluation.error_compounding import compounding
from ..evaluation.scoring import score_forecast
from ..forecasting.budget_rows import named_by_budgets
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..laws.two_stage import stages_of
from ..plots.parts.style import look
from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..runs.table import Runs
from ..wording import percent, times_in_words
from .answer_cells import answer_cells
from .blocks import Block, Bullets, Facts, FigureBlock, Paragraph, Section, Swatch, TableBlock
from .cells import benchmark_cells, compounding_cells, exponent_cells, forecast_cells, score_cells
from .today import best_so_far

if TYPE_CHECKING:
    from ..evaluation.backtest import Backtest
    from ..planning.answers import Answer


_COLUMNS = ("run", "family", "benchmark", "metric", "shots", "k", "flops", "tokens/param", "decades_beyond")
_SELDOM = ("metric", "shots", "k")  # columns that say nothing where all points share them
_MOST_PANELS = 24
_NARROW = 5.2  # inches of a figure that a small screen shows whole
_BEYOND = "beyond the fitted runs"
_FOLDED = 30  # rows from which a table is folded away
_HOW_TO_READ = (
    "Dots are fitted scores, stars held-out ones, diamonds forecasts with the {prob}% interval of a new run's measured "
    "score. The line is the median of the expected score, dashed beyond the fitted budgets; the darker bands hold it, "
    "the palest band the score of a new run. The dashed grey line is chance, the dotted one the highest accuracy that "
    "the curve approaches; where it is grey, the runs say next to nothing of that, and it is assumed."
)
_RULES = (
    "Intervals are central: 90% of the draws lie in the 90% interval. They hold the uncertainty of the curve, its "
    "smooth deviation from the law, the luck of a run and the noise of finitely many questions.",
    "New runs are taken to follow the recipe of their family: data, architecture, tokenizer, prompt and annealing as "
    "in the fitted runs.",
    "Nothing can check a forecast further than the longest extrapolation that was audited.",
)


def forecast_section(fit: Fit, found: Forecast, held_out: Runs | None, probs: tuple[float, ...]) -> Section:
    """The forecast: its table, its curves and its intervals."""
    columns = _COLUMNS if not named_by_budgets(found.points) else _COLUMNS[1:]
    cells = _in_times(found, _telling(forecast_cells(found, columns, probs)))
    cells = _with_today(fit, found, cells)
    drawn = tuple(sorted({0.5, max(probs)}))

    widths = " and ".join(f"{percent(prob)}%" for prob in drawn)
    blocks: list[Block] = [
        FigureBlock(
            "forecast",
            "Forecast scores",
            f"Dots are medians, bars the {widths} intervals of a new run's measured score.",
            partial(plots.forecast_intervals, found, drawn),
            (("", partial(plots.forecast_intervals, found, drawn, width=_NARROW)),),
        ),
        TableBlock("Forecast of measured scores", cells, folded=len(cells) > _FOLDED),
    ]
    blocks.append(_curves_block(fit, found, held_out, probs))
    return Section("Forecast", "forecast", tuple(blocks))


def _in_times(found: Forecast, cells: pd.DataFrame) -> pd.DataFrame:
    """Write how far each point lies beyond the fitted runs as a multiple, in place of powers of ten."""
    words = [
        times_in_words(value) if value > 0 else "within" if value == 0 else "below"
        for value in found.points["decades_beyond"]
    ]
    shown = cells.rename(columns={"decades beyond": _BEYOND})
    return shown.assign(**{_BEYOND: words}) if _BEYOND in shown else shown


def _with_today(fit: Fit, found: Forecast, cells: pd.DataFrame) -> pd.DataFrame:
    """Put the best fitted run on each benchmark beside the forecast."""
    points = found.points
    best = best_so_far(fit, int(points["k"].dropna().iloc[0]) if "k" in points and points["k"].notna().any() else None)
    families = points["family"] if "family" in points else pd.Series("", points.index)
    pairs = zip(families.astype(str), score_labels(points), strict=True)
    known = [best.get((family, str(label))) for family, label in pairs]
    if not any(known):
        return cells
    return cells.assign(**{"best run today": ["" if one is None else f"{one.score:.3f} ({one.run})" for one in known]})


def _telling(cells: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns that say nothing, since all rows share them."""
    return cells[[name for name in cells if name not in _SELDOM or len(set(cells[name])) > 1]]


def _sentence(note: str) -> str:
    """Write a note as a sentence; a name at its beginning stays as it is."""
    first = note.split()[0]
    return f"{note[0].upper() if first.isalpha() else note[0]}{note[1:]}."


def _curves_block(fit: Fit, found: Forecast, held_out: Runs | None, probs: tuple[float, ...]) -> FigureBlock:
    reference = fit.reference
    forecast = set(found.points["benchmark"])
    asked = [b.label for b in reference.benchmarks if forecast & {b.name, b.label}] or list(reference.labels)
    families = [name for name in reference.families if name in set(found.points.get("family", ()))]
    chosen: Any = {"family": families[:6] or None, "planned": found, "probs": tuple(sorted({0.5, max(probs)}))}
    if fit.law.takes_attempts and "k" in found.points:
        chosen["k"] = int(found.points["k"].iloc[0])
    chosen["held_out"] = _drawable(fit, held_out)

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
        tuple((label, partial(plots.curves, fit, benchmark=label, compact=True, **chosen)) for label in shown),
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


def answers_section(answers: "Sequence[Answer]") -> Section:
    """Answers to planning questions, each with its numbers and its figure."""
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
    """Whether there is a figure of such an answer."""
    return plots.draw.dispatch(type(answer)) is not plots.draw.dispatch(object)


def audit_section(
    fit: Fit, found: Forecast, held_out: Runs | None, backtest: "Backtest | None", random_seed: int | None
) -> Section:
    """How forecasts like this one held: a backtest, and runs that were held out."""
    blocks: list[Block] = []
    if backtest is not None:
        blocks += _backtest_blocks(fit, found, backtest)
    usable = _drawable(fit, held_out)
    if usable is not None and "accuracy" in usable.frame:
        blocks += _held_out_blocks(fit, usable, random_seed)
    if not blocks:
        blocks.append(
            Paragraph(
                "No audit was made: neither a backtest nor held-out runs were given. A backtest (--backtest make, or "
                "bs.backtest) fits the law to the smaller runs and scores its forecasts of the larger ones."
            )
        )
    return Section("Audit of past extrapolations", "audit", tuple(blocks))


def _backtest_blocks(fit: Fit, found: Forecast, backtest: "Backtest") -> list[Block]:
    """How the law's forecasts of held-out runs did, and those about as far out as this one."""
    blocks: list[Block] = []
    laws = set(backtest.rows["law"])
    law = fit.law.name if fit.law.name in laws else None
    if law is not None or len(laws) == 1:
        longest = max(float(found.points["decades_beyond"].max()), 0.0)
        sentences = dict.fromkeys((backtest.audit(law), backtest.record(law, longest).sentence))
        blocks.append(Paragraph(" ".join(_sentence(text) for text in sentences), "strong"))
    for caption, by in (
        ("Forecasts of held-out scores", ["law"]),
        ("By decades beyond the fitted budgets", ["law", "decades"]),
    ):
        blocks.append(TableBlock(caption, score_cells(backtest.table(by), by)))
    caption = (
        "Left: nominal against measured coverage, calibrated along the diagonal. Right: 90% intervals by distance."
    )
    blocks.append(FigureBlock("calibration", "Calibration of past forecasts", caption, backtest.plot))
    return [*blocks, Bullets(tuple(backtest.failed))] if backtest.failed else blocks


def _held_out_blocks(fit: Fit, held_out: Runs, random_seed: int | None) -> list[Block]:
    """Forecast of runs that were not fitted, beside what they scored."""
    scored = held_out.select("accuracy == accuracy") if "n_correct" not in held_out.frame else held_out
    predicted = quiet_forecast(fit, scored, random_seed)
    cells, scores = forecast_cells(predicted, _COLUMNS, (0.9,)), score_forecast(predicted, scored)
    if len(scores.rows) == len(cells):  # a point without a score has no row
        cells["measured"] = scores.rows["accuracy"].map("{:.3f}".format)
    cells, overall = _telling(cells), scores.overall
    sentence = (
        f"Of {overall['n']:.0f} held-out scores the 90% intervals held {overall['coverage_90']:.0%}, the 50% intervals "
        f"{overall['coverage_50']:.0%}; the mean absolute error of the medians was {overall['mae']:.3f}."
    )
    return [
        Paragraph(sentence, "strong"),
        TableBlock("Held-out runs: forecast and measured", cells, folded=len(cells) > _FOLDED),
    ]


def two_stage_sections(
    fit: Fit, held_out: Runs | None, result: Compounding | None, random_seed: int | None
) -> list[Section]:
    """How the errors of two stages compound, where a two-stage law was fitted."""
    if result is None and fit.law.has_stages and held_out is not None:
        usable = _drawable(fit, held_out)
        if usable is not None and "accuracy" in usable.frame and usable.frame[stages_of(fit.law).loss].notna().any():
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


def assumptions_section(found: Forecast) -> Section:
    """Notes of the forecast, and what is assumed of every one."""
    notes = tuple(_sentence(note) for note in found.notes)
    blocks: list[Block] = [Bullets(notes), Paragraph("Assumed of every forecast:")] if notes else []
    return Section("Assumptions and warnings", "assumptions", (*blocks, Bullets(_RULES)))


def diagnostics_section(fit: Fit) -> Section:
    """Diagnostics of the sampler and of the parameters."""
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


def fitted_section(fit: Fit) -> Section:
    """What was fitted: the table, its benchmarks and the exponents."""
    summary = fit.runs.summary()
    cells = benchmark_cells(summary)
    exponents = exponent_cells(fit)
    return Section(
        "What was fitted",
        "fitted",
        (
            Paragraph(summary.title),
            Facts(summary.facts),
            TableBlock("Benchmarks of the fitted runs", cells, folded=len(cells) > _FOLDED),
            TableBlock("Exponents", exponents, folded=len(exponents) > _FOLDED),
        ),
    )


def provenance_section(known: dict[str, Any]) -> Section:
    """What the report was made of: law, data, seeds and versions."""
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
