"""What budget a wanted score needs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_probability, check_target
from ..forecasting.from_fit import forecast_from, planned_points, quiet_forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..laws.surroundings import DEVIATES_BY
from ..posterior.ceilings import ceiling_shares, highest_accuracies
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.planned import Budgets, budgets
from ..wording import flops_in_words, listed, percent
from .answers import Answer, interval_of
from .cost import Cost, cost_columns
from .searching import first_passing, one_family, search_grid, smoothed

Outcome = Literal["reached", "not within at_most", "barred by the ceiling", "too far to tell"]
_PER_DECADE = 16
_FARTHER = 6.0  # decades above at_most that are looked at, to say why a target is out of reach
_PASSES = 0.8  # of the interval of the budget at which the curve passes


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
    wanted, probability = check_target("target", target), check_probability(probability)
    family = one_family(fit, family)
    grid = search_grid(fit, at_most, _PER_DECADE, _FARTHER)
    asked = budgets(flops=grid.tolist(), ratio=ratio, k=k, benchmark=benchmark, family=family)
    found = quiet_forecast(fit, asked, random_seed)
    if len(found) != len(grid):
        names = listed(dict.fromkeys(found.points["metric"].astype(str)), 8)
        raise ValueError(f"benchmark {benchmark!r} was fitted in several ways ({names}); expected a fit to one of them")
    log_flops = np.log(found.points["flops"].to_numpy(float))
    draws = {name: found.array(name) for name in ("score", "expected")}
    chance = smoothed((draws[of] >= wanted).mean(axis=0))
    passes = np.exp(first_passing(log_flops, draws["expected"] - wanted))
    place = float(first_passing(log_flops, chance[None] - probability)[0])
    within = log_flops <= np.log(at_most) + 1e-9
    at_most_chance = float(chance[within][-1])
    reached = np.isfinite(place) and place <= np.log(at_most)
    flops, outcome = (float(np.exp(place)) if reached else np.nan), "reached"
    end = flops if reached else float(at_most)
    at_end = budgets(flops=end, ratio=ratio, k=k, benchmark=benchmark, family=family)
    notes = list(quiet_forecast(fit, at_end, random_seed).notes)  # the search itself went farther, on either side
    if not reached:
        outcome, why = _why_not(fit, asked, wanted, probability, of, random_seed)
        if np.isfinite(place):
            outcome, why = "not within at_most", f"it takes {flops_in_words(float(np.exp(place)))} FLOPs"
        notes += [why, f"with {flops_in_words(float(at_most))} FLOPs the probability is {at_most_chance:.0%}"]
    row = {"benchmark": benchmark, "family": family, "target": wanted, "probability": probability, "of": of}
    row |= {name: value for name, value in (("ratio", ratio), ("k", k)) if value is not None}
    row |= {"outcome": outcome, "flops": flops, "at_most": float(at_most), "probability_at_most": at_most_chance}
    row |= interval_of("passes", passes, (_PASSES,)) | {"never_passes": float(np.isinf(passes).mean())}
    table = pd.DataFrame([row]).assign(**cost_columns(cost, np.array([flops])))
    sentence = _sentence(row, cost)
    curve = pd.DataFrame({"flops": np.exp(log_flops), "probability": chance})[within]
    answer: Outcome = outcome  # type: ignore[assignment]
    return BudgetForTarget(table, sentence, tuple(notes), fit.converged, flops, answer, passes, curve)


def _why_not(
    fit: Fit, asked: Budgets, target: float, probability: float, of: Quantity, seed: int | None
) -> tuple[Outcome, str]:
    """Why no budget that was looked at is enough, and in words."""
    points = planned_points(fit, asked)
    draws = fit.draws(np.random.default_rng(seed))
    curve = int(points.rows.curve[0])
    highest = highest_accuracies(fit.reference, draws.values)[:, curve] if curve >= 0 else np.ones(draws.size)
    several = asked.k is not None and max(asked.k) > 1  # a ceiling is that of one attempt
    open_to = 1.0 if several else float((highest >= target).mean())
    if open_to < probability:
        share = ceiling_shares(fit.reference, fit.law, draws.values)[fit.reference.curve_benchmark[curve]]
        return "barred by the ceiling", (
            f"the ceiling of the benchmark lies above {target:g} with probability {open_to:.0%} only "
            f"({share:.0%} of what is said of the ceiling is the prior)"
        )
    law_alone = forecast_from(without_deviation(draws), fit.fitted, points, notes=())
    if (smoothed((law_alone.array(of) >= target).mean(axis=0)) >= probability).any():
        return "too far to tell", (
            "the law alone would reach it, but only where what it may miss, which grows with the distance, decides"
        )
    return "not within at_most", f"nor with {flops_in_words(max(asked.flops))}"


def without_deviation(draws: Draws) -> Draws:
    """The same draws of a law that misses nothing: the amplitudes of its smooth deviations are 0."""
    none = np.zeros(draws.size)
    values = {**draws.values, **dict.fromkeys((f"{group}_amplitude" for group in DEVIATES_BY), none)}
    stage_one = None if draws.stage_one is None else without_deviation(draws.stage_one)
    return Draws(draws.law, values, draws.rng, stage_one)


def _sentence(row: dict[str, object], cost: Cost | None) -> str:
    """The answer in words."""
    asked = f"{row['target']:g} on {row['benchmark']}"
    reaches = "scores" if row["of"] == "score" else "is expected to score"
    wanted = f"{percent(float(str(row['probability'])))}% probability"
    if row["outcome"] == "reached":
        flops = float(str(row["flops"]))
        price = "" if cost is None else f" ({cost.in_words(flops)})"
        said = f"A run of {flops_in_words(flops)} FLOPs{price} {reaches} at least {asked} with {wanted}"
    elif row["outcome"] == "barred by the ceiling":
        said = f"No run {reaches} at least {asked} with {wanted}: the ceiling of the benchmark bars it"
    elif row["outcome"] == "too far to tell":
        said = f"Too far to tell which run {reaches} at least {asked} with {wanted}"
    else:
        most = flops_in_words(float(str(row["at_most"])))
        said = f"No run of at most {most} FLOPs {reaches} at least {asked} with {wanted}"
    return f"{said}; {_passing(row)}."


def _passing(row: dict[str, object]) -> str:
    """Where the expected curve passes the target, in words."""
    name = percent(_PASSES)
    middle, low, high = (float(str(row[column])) for column in ("passes", f"passes_low_{name}", f"passes_high_{name}"))
    if np.isinf(middle):
        never = f"in {float(str(row['never_passes'])):.0%} of the draws"
        return f"the expected curve does not pass {row['target']:g} {never}"
    ends = [flops_in_words(end) if np.isfinite(end) else "beyond" for end in (low, high)]
    return (
        f"the expected curve passes {row['target']:g} at {flops_in_words(middle)} ({name}% interval {ends[0]} to "
        f"{ends[1]})"
    )
