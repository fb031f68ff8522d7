"""What budget a wanted score needs."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_probability, check_target
from ..forecasting.emergence import rests_on_prior
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import forecast_from, planned_points, quiet_forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..laws.surroundings import DEVIATES_BY
from ..posterior.ceilings import ceiling_shares, highest_accuracies
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.planned import Budgets, budgets
from ..wording import flops_in_words, listed, percent
from .answers import BAND, Answer, interval_of
from .cost import Cost, priced, with_costs
from .searching import first_passing, one_family, search_grid, smoothed

Outcome = Literal["reached", "not within at_most", "barred by the ceiling", "too far to tell"]
_PER_DECADE = 16
_FARTHER = 6.0  # decades above at_most that are looked at, to say why a target is out of reach


@dataclass(frozen=True, eq=False, repr=False)
class BudgetForTarget(Answer):
    """The budget that a wanted score needs; made by `budget_for`.

    Attributes
    ----------
    flops : float
        The smallest training FLOPs with which a run reaches the target with the wanted probability; NaN unless the
        outcome is "reached".
    outcome : {"reached", "not within at_most", "barred by the ceiling", "too far to tell"}
        How it ended.
    passes : array, shape (samples,)
        FLOPs at which the expected curve of each draw first passes the target; infinite where it does not within six
        decades above ``at_most``.
    curve : DataFrame
        ``flops`` and ``probability`` along the budgets up to ``at_most``.
    """

    flops: float
    outcome: Outcome
    passes: Floats
    curve: pd.DataFrame


def budget_for(
    fit: Fit,
    benchmark: str,
    target: float,
    probability: float = 0.9,
    at_most: float = 1e28,
    *,
    of: Quantity = "score",
    family: str | None = None,
    ratio: float | None = None,
    k: int | None = None,
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> BudgetForTarget:
    r"""Find the budget that a wanted score needs.

    Two things are answered. ``flops`` is the smallest budget :math:`C` with
    :math:`P(score(C) \ge target) \ge probability`, for the measured score of one new run at that budget.
    ``passes`` is the distribution over draws of the budget at which the expected curve first passes the target.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    benchmark : str
        The benchmark.
    target, probability : float
        The wanted score, and how probable it is to be.
    at_most : float
        Largest training FLOPs that are searched.
    of : {"score", "expected"}
        Whether the measured score of a run is to reach the target (the default), or the curve.
    family : str, optional
        The family; needed where several were fitted.
    ratio : float, optional
        Tokens per parameter, of laws that read both.
    k : int, optional
        Attempts at each problem, of pass@k.
    cost : Cost, optional
        Adds hours, days and money.
    random_seed : int, optional
        Seed of the forecasts.

    Returns
    -------
    BudgetForTarget
        With one of four outcomes. "reached": there is such a budget. "barred by the ceiling": even a run of any size
        reaches the target less often, because the ceiling of the benchmark may lie below it; a note says how much of
        that is the prior. "too far to tell": the law alone would get there, but with what the law may miss, which grows
        with the distance, the probability never gets so high. "not within at_most": not with these FLOPs.

    Raises
    ------
    ValueError
        For arguments out of range or labels that were not fitted, and of several families unless one is named.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> fit = bs.load_fit("fit.nc")  # doctest: +SKIP
    >>> bs.budget_for(fit, "hellaswag", 0.7).sentence  # doctest: +SKIP
    """
    check_quantity(of)
    wanted, probability = check_target("target", target), check_probability("probability", probability)
    planned = {"ratio": ratio, "k": k, "benchmark": benchmark, "family": one_family(fit, family)}
    asked = _Question(fit, wanted, probability, at_most, of, planned, random_seed)
    found = _search(asked)
    curve = found.up_to(at_most)
    outcome, flops, notes = _outcome(asked, found)
    row = {"benchmark": benchmark, "family": planned["family"], "target": wanted, "probability": probability, "of": of}
    row |= {name: value for name, value in (("ratio", ratio), ("k", k)) if value is not None}
    row |= {"outcome": outcome, "flops": flops, "at_most": float(at_most)}
    row |= {"probability_at_most": float(curve["probability"].iloc[-1])}
    row |= interval_of("passes", found.passes) | {"never_passes": float(np.isinf(found.passes).mean())}
    table = with_costs(pd.DataFrame([row]), cost)
    return BudgetForTarget(
        table,
        _sentence(row, cost, rests_on_prior(fit.fitted)),
        notes,
        fit.converged,
        flops,
        outcome,
        found.passes,
        curve,
    )


@dataclass(frozen=True)
class _Question:
    """What is to be reached, and by which runs: `planned` are arguments of `budgets` beside the FLOPs."""

    fit: Fit
    target: float
    probability: float
    at_most: float
    of: Quantity
    planned: dict[str, Any]
    seed: int | None

    def budgets(self, flops: float | list[float]) -> Budgets:
        return budgets(flops, **self.planned)

    def forecast(self, flops: float | list[float]) -> Forecast:
        return quiet_forecast(self.fit, self.budgets(flops), self.seed)


@dataclass(frozen=True)
class _Search:
    """What budgets reach, up to far above the largest that may be.

    Attributes
    ----------
    log_flops, chance : array, shape (budgets,)
        Logs of the budgets, and with which probability each reaches the target.
    passes : array, shape (samples,)
        FLOPs at which the curve of each draw passes the target.
    log_needed : float
        Log FLOPs from which the probability is high enough; infinite where it never is.
    """

    log_flops: Floats
    chance: Floats
    passes: Floats
    log_needed: float

    def up_to(self, at_most: float) -> pd.DataFrame:
        """FLOPs and probability of the budgets that may be."""
        found = pd.DataFrame({"flops": np.exp(self.log_flops), "probability": self.chance})
        return found[self.log_flops <= np.log(at_most) + 1e-9]


def _search(asked: _Question) -> _Search:
    grid = search_grid(asked.fit, asked.at_most, _PER_DECADE, _FARTHER)
    found = asked.forecast(grid.tolist())
    if len(found) != len(grid):
        names = listed(dict.fromkeys(found.points["metric"].astype(str)), 8)
        raise ValueError(
            f"benchmark {asked.planned['benchmark']!r} was fitted in several ways ({names}); expected a fit to one of "
            "them"
        )
    log_flops = np.log(found.points["flops"].to_numpy(float))
    chance = smoothed((found.array(asked.of) >= asked.target).mean(axis=0))
    passes = np.exp(first_passing(log_flops, found.array("expected") - asked.target))
    needed = first_passing(log_flops, chance[None] - asked.probability)
    return _Search(log_flops, chance, passes, float(needed[0]))


def _outcome(asked: _Question, found: _Search) -> tuple[Outcome, float, tuple[str, ...]]:
    """How the search ended, the FLOPs that are enough, and notes: of the forecast at its end, and why there is none."""
    if found.log_needed <= np.log(asked.at_most):
        flops = float(np.exp(found.log_needed))
        return "reached", flops, asked.forecast(flops).notes
    most = float(asked.at_most)
    if np.isfinite(found.log_needed):
        outcome: Outcome = "not within at_most"
        why = f"it takes {flops_in_words(float(np.exp(found.log_needed)))} FLOPs"
    else:
        outcome, why = _why_not(asked, np.exp(found.log_flops))
    chance = found.up_to(most)["probability"].iloc[-1]
    that = f"with {flops_in_words(most)} FLOPs the probability is {chance:.0%}"
    return outcome, np.nan, (*asked.forecast(most).notes, why, that)  # notes of the search itself go too far


def _why_not(asked: _Question, flops: Floats) -> tuple[Outcome, str]:
    """Why no budget that was looked at is enough, and in words."""
    fit, planned = asked.fit, asked.budgets(flops.tolist())
    points = planned_points(fit, planned)
    draws = fit.draws(np.random.default_rng(asked.seed))
    curve = int(points.rows.curve[0])
    highest = highest_accuracies(fit.reference, draws.values)[:, curve] if curve >= 0 else np.ones(draws.size)
    several = planned.k is not None and max(planned.k) > 1  # a ceiling is that of one attempt
    open_to = 1.0 if several else float((highest >= asked.target).mean())
    if open_to < asked.probability:
        share = ceiling_shares(fit.reference, fit.law, draws.values)[fit.reference.curve_benchmark[curve]]
        return "barred by the ceiling", (
            f"the ceiling of the benchmark lies above {asked.target:g} with probability {open_to:.0%} only "
            f"({share:.0%} of what is said of the ceiling is the prior)"
        )
    law_alone = forecast_from(without_deviation(draws), fit.fitted, points, notes=())
    if (smoothed((law_alone.array(asked.of) >= asked.target).mean(axis=0)) >= asked.probability).any():
        return "too far to tell", (
            "the law alone would reach it, but only where what it may miss, which grows with the distance, decides"
        )
    return "not within at_most", f"nor with {flops_in_words(max(planned.flops))}"


def without_deviation(draws: Draws) -> Draws:
    """The same draws of a law that misses nothing: the amplitudes of its smooth deviations are 0."""
    none = np.zeros(draws.size)
    amplitudes = [f"{what}{group}_amplitude" for what in draws.law.deviations for group in DEVIATES_BY]
    values = {**draws.values, **dict.fromkeys((*amplitudes, "k_amplitude"), none)}
    stage_one = None if draws.stage_one is None else without_deviation(draws.stage_one)
    return Draws(draws.law, values, draws.rng, stage_one)


def _sentence(row: dict[str, Any], cost: Cost | None, alone: bool) -> str:
    """The answer in words; with a word of it where it rests on the prior alone."""
    asked = f"{row['target']:g} on {row['benchmark']}"
    reaches = "scores" if row["of"] == "score" else "is expected to score"
    wanted = f"{percent(row['probability'])}% probability"
    if row["outcome"] == "reached":
        said = f"A run of {flops_in_words(row['flops'])} FLOPs{priced(cost, row['flops'])} {reaches} at least {asked}"
        said += f" with {wanted}"
    elif row["outcome"] == "barred by the ceiling":
        said = f"No run {reaches} at least {asked} with {wanted}: the ceiling of the benchmark bars it"
    elif row["outcome"] == "too far to tell":
        said = f"Too far to tell which run {reaches} at least {asked} with {wanted}"
    else:
        most = flops_in_words(row["at_most"])
        said = f"No run of at most {most} FLOPs {reaches} at least {asked} with {wanted}"
    guess = "By the prior alone, since no fitted score is above chance: " if alone else ""
    return f"{guess}{said[0].lower() if guess else said[0]}{said[1:]}; {_passing(row)}."


def _passing(row: dict[str, Any]) -> str:
    """Where the expected curve passes the target, in words."""
    name = percent(BAND)
    middle, low, high = (row[column] for column in ("passes", f"passes_low_{name}", f"passes_high_{name}"))
    if np.isinf(middle):
        return f"the expected curve does not pass {row['target']:g} in {row['never_passes']:.0%} of the draws"
    ends = [flops_in_words(end) if np.isfinite(end) else "beyond" for end in (low, high)]
    return (
        f"the expected curve passes {row['target']:g} at {flops_in_words(middle)} ({name}% interval {ends[0]} to "
        f"{ends[1]})"
    )
