"""How a report opens: its first lines, the slider over budgets, and the budgets that targets need."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..forecasting.forecast import Forecast
from ..planning.targets import budget_for
from ..posterior.fit import Fit
from ..wording import known_flops, times_in_words
from .asked import Beside
from .blocks import Paragraph, Section, SliderBlock
from .headline import Headline, answer_sentences, costs_in_words, record_in_words
from .next_step import next_step
from .slider import make_slider

if TYPE_CHECKING:
    from ..planning.targets import BudgetForTarget

_MOST_FAMILIES = 3
_ALIKE = 0.02


def make_headline(fit: Fit, found: Forecast, beside: Beside) -> Headline:
    """Write the first lines of a report."""
    answer = list(answer_sentences(fit, found, beside.targets, beside.probability))
    answer += [enough for one in beside.answers if (enough := _enough(one))]
    record = None
    if beside.backtest is not None:
        record = beside.backtest.record(fit.law.name, max(float(found.points["decades_beyond"].max()), 0.0))
    said, warning = record_in_words(record, widened=beside.recalibrate)
    step = next_step(fit, found, beside.targets, beside.cost, beside.random_seed) if found.has_draws else ""
    return Headline(tuple(answer), said, warning, costs_in_words(found, beside.cost), step)


def target_answers(fit: Fit, found: Forecast, beside: Beside) -> "tuple[BudgetForTarget, ...]":
    """Find which budgets the wanted scores need, for runs like those that are forecast, in each family."""
    if not beside.targets:
        return ()
    points = found.points
    families = list(dict.fromkeys(points["family"]))[:_MOST_FAMILIES]
    asked: dict[str, Any] = {"cost": beside.cost, "audit": beside.backtest, "recalibrate": beside.recalibrate}
    first = points.iloc[0]
    if fit.law.reads_sizes and {"params", "tokens"} <= set(points) and np.isfinite(first["params"] * first["tokens"]):
        asked["ratio"] = float(first["tokens"] / first["params"])
    if fit.law.takes_attempts and "k" in points:
        asked["k"] = int(first["k"])
    return tuple(
        budget_for(fit, name, score, beside.probability, family=family, random_seed=beside.random_seed, **asked)
        for family in families
        for name, score in beside.targets.items()
    )


def _enough(answer: object) -> str:
    """What budget a target needs, in a short sentence; nothing of another question."""
    from ..planning.targets import BudgetForTarget

    if not isinstance(answer, BudgetForTarget):
        return ""
    row = answer.table().iloc[0]
    asked = f"{100 * row['target']:.3g}% on {row['benchmark']}"
    if answer.outcome != "reached":
        return f"Which budget is enough for {asked}: none that was searched ({answer.outcome})."
    known = known_flops(answer.flops, row["relative_error"])
    far = row["decades_beyond"]
    times = f", {times_in_words(far)} the largest fitted run," if far > _ALIKE else ""
    return f"About {known} FLOPs{times} are enough for {asked}."


def budget_section(fit: Fit, found: Forecast, beside: Beside) -> list[Section]:
    """The slider; no section where budgets cannot be moved."""
    longest = None
    if beside.backtest is not None:
        longest = beside.backtest.record(fit.law.name).longest
    slider = make_slider(
        fit,
        found,
        beside.targets,
        beside.cost,
        beside.backtest,
        longest,
        recalibrate=beside.recalibrate,
        seed=beside.random_seed,
    )
    if slider is None:
        return []
    said = "What each budget would score, and how probable a target is there: move the budget, or write a target."
    return [Section("Move the budget", "budget", (Paragraph(said), SliderBlock(slider)))]
