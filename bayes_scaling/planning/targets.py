"""What budget a wanted score needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_positive, check_probability
from ..forecasting.emergence import rests_on_prior
from ..forecasting.from_fit import Audit, forecast_from, planned_points
from ..forecasting.quantities import Quantity, check_quantity
from ..laws.surroundings import DEVIATES_BY
from ..posterior.ceilings import ceiling_shares, highest_accuracies
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..wording import flops_in_words
from .answers import Answer, interval_of, without_record
from .cost import Cost, with_costs
from .crossing import Search, search
from .searching import one_family
from .target_words import beside_in_words, target_sentence
from .wanted import Wanted, check_above_chance, wanted_labels

Outcome = Literal["reached", "not within at_most", "barred by the ceiling", "too far to tell"]
_ASSUMED = 0.8  # share of the prior from which a ceiling is assumed, rather than found


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
        FLOPs at which the expected curve of each draw first passes the target; infinite where it does not below 1e40.
    curve : DataFrame
        ``flops`` and ``probability`` along the budgets up to ``at_most``.
    fitted : (float, float)
        FLOPs of the smallest and the largest fitted run on the benchmark.
    """

    flops: float
    outcome: Outcome
    passes: Floats
    curve: pd.DataFrame
    fitted: tuple[float, float]


def budget_for(
    fit: Fit,
    benchmark: str | Sequence[str],
    target: float,
    probability: float = 0.9,
    at_most: float = 1e28,
    *,
    of: Quantity = "score",
    family: str | None = None,
    ratio: float | None = None,
    k: int | None = None,
    annealed: bool | None = None,
    cost: Cost | None = None,
    audit: Audit | None = None,
    recalibrate: bool = False,
    beside: Mapping[str, Fit] | None = None,
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
    benchmark : str or sequence of str
        The benchmark; of several their mean, and of "mean" that of all.
    target, probability : float
        The wanted score, above chance, and how probable it is to be.
    at_most : float
        Largest training FLOPs that may be spent. What is found below does not depend on it.
    of : {"score", "expected"}
        Whether the measured score of a run is to reach the target (the default), or the curve.
    family : str, optional
        The family; needed where several were fitted.
    ratio : float, optional
        Tokens per parameter, of laws that read both.
    k : int, optional
        Attempts at each problem, of pass@k.
    annealed : bool, optional
        Whether the learning rate is decayed at the end of the run; by default as of the largest finished runs.
    cost : Cost, optional
        Adds hours, days and money.
    audit : Backtest, optional
        Past forecasts of the law on these or like runs: the sentence then says how often their intervals held at such
        a distance.
    recalibrate : bool
        Whether to widen forecasts by what those of `audit` missed.
    beside : mapping of str to Fit, optional
        Fits of other laws to the same runs, by name: the same question is put to each. `ratio` and `k` go to the laws
        that read them.
    random_seed : int, optional
        Seed of the forecasts.

    Returns
    -------
    BudgetForTarget
        With one of four outcomes. "reached": there is such a budget. "barred by the ceiling": even a run of any size
        reaches the target less often, because the ceiling of the benchmark may lie below it; a note says how much of
        that is the prior, and the sentence that a ceiling which is mostly prior is assumed. "too far to tell": the law
        alone would get there, but with what the law may miss, which grows with the distance, the probability never gets
        so high. "not within at_most": not with these FLOPs. Where the smallest budget that is looked at is enough, a
        hundredth of the smallest fitted one, it is the answer.

    Raises
    ------
    ValueError
        For arguments out of range, a target that guessing reaches, labels that were not fitted, of several families
        unless one is named, and for `recalibrate` without `audit`.

    Notes
    -----
    Probabilities are counted along a lattice of budgets, and closely around the place where they pass what was asked:
    there a cubic through 100 counts says where. ``relative_error`` in the table is the standard error of the budget by
    the number of draws; the sentence has as many digits as it leaves.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> fit = bs.load_fit("fit.nc")  # doctest: +SKIP
    >>> bs.budget_for(fit, "hellaswag", 0.7).sentence  # doctest: +SKIP
    """
    check_quantity(of)
    probability, at_most = check_probability("probability", probability), check_positive("at_most", at_most)
    labels = wanted_labels(fit, benchmark)
    goal = check_above_chance(fit, labels, target)
    planned = {"ratio": ratio, "k": k, "annealed": annealed, "family": one_family(fit, family)}
    wanted = Wanted(fit, labels, goal, of, planned, audit, recalibrate)
    if not at_most > wanted.smallest_fitted:
        raise ValueError(
            f"at_most is {at_most!r}; expected FLOPs above the smallest fitted run's, {wanted.smallest_fitted:.3g}"
        )
    found = search(wanted, probability, random_seed)
    answer = _answer(wanted, found, probability, at_most, cost, random_seed)
    if not beside:
        return answer
    asked: dict[str, Any] = {"target": target, "probability": probability, "at_most": at_most, "of": of, "cost": cost}
    others = {
        name: budget_for(other, labels, **asked, **_read(other, planned), random_seed=random_seed)
        for name, other in beside.items()
    }
    return _beside(fit, answer, others)


def _read(other: Fit, planned: dict[str, Any]) -> dict[str, Any]:
    """What a law reads of how runs are planned."""
    read = {"family": True, "annealed": True, "ratio": other.law.reads_sizes, "k": other.law.takes_attempts}
    return {name: value for name, value in planned.items() if read[name]}


def _answer(
    wanted: Wanted, found: Search, probability: float, at_most: float, cost: Cost | None, seed: int | None
) -> BudgetForTarget:
    outcome, flops, notes, share = _outcome(wanted, found, probability, at_most, seed)
    at = flops if outcome == "reached" else at_most
    allowed = found.flops <= at_most * (1 + 1e-9)
    curve = pd.DataFrame({"flops": found.flops[allowed], "probability": found.chance[allowed]})
    row: dict[str, Any] = {"benchmark": wanted.name, "family": wanted.planned["family"], "target": wanted.target}
    row |= {"probability": probability, "of": wanted.of}
    row |= {name: wanted.planned[name] for name in ("ratio", "k") if wanted.planned[name] is not None}
    row |= {"outcome": outcome, "flops": flops, "relative_error": found.relative_error}
    row |= {"decades_beyond": max(float(np.log10(at / wanted.largest_fitted)), 0.0), "at_most": at_most}
    row |= {"probability_at_most": float(curve["probability"].iloc[-1])}
    row |= interval_of("passes", found.passes) | {"never_passes": float(np.isinf(found.passes).mean())}
    table = with_costs(pd.DataFrame([row]), cost)
    record = wanted.record(row["decades_beyond"])
    sentence = target_sentence(row, cost, record, wanted, assumed=share >= _ASSUMED)
    if rests_on_prior(wanted.fit.fitted):
        sentence = f"By the prior alone, since no fitted score is above chance: {sentence[0].lower()}{sentence[1:]}"
    fitted = (wanted.smallest_fitted, wanted.largest_fitted)
    return BudgetForTarget(table, sentence, notes, wanted.fit.converged, flops, outcome, found.passes, curve, fitted)


def _outcome(
    wanted: Wanted, found: Search, probability: float, at_most: float, seed: int | None
) -> tuple[Outcome, float, tuple[str, ...], float]:
    """How the search ended, the FLOPs that are enough, notes of the forecast there, and the ceiling's prior share."""
    if found.needed <= at_most:
        return "reached", found.needed, without_record(wanted.forecast(found.needed, seed).notes), 0.0
    share = 0.0
    if np.isfinite(found.needed):
        outcome: Outcome = "not within at_most"
        why = f"it takes {flops_in_words(found.needed)} FLOPs"
    else:
        outcome, why, share = _why_not(wanted, found.flops, probability, seed)
    last = wanted.forecast(at_most, seed)  # notes of the search itself go too far
    that = f"with {flops_in_words(at_most)} FLOPs the probability is {wanted.reached(last).mean():.0%}"
    return outcome, np.nan, (*without_record(last.notes), why, that), share


def _why_not(wanted: Wanted, flops: Floats, probability: float, seed: int | None) -> tuple[Outcome, str, float]:
    """Why no budget that was looked at is enough, in words, and how much of the ceiling is the prior."""
    fit, planned = wanted.fit, wanted.budgets(flops.tolist())
    points = planned_points(fit, planned)
    draws = fit.draws(np.random.default_rng(seed))
    curves = np.unique(points.rows.curve[points.rows.curve >= 0])
    highest = highest_accuracies(fit.reference, draws.values)[:, curves].mean(axis=1) if len(curves) else np.ones(1)
    several = planned.k is not None and max(planned.k) > 1  # a ceiling is that of one attempt
    open_to = 1.0 if several else float((highest >= wanted.target).mean())
    if open_to < probability:
        shares = ceiling_shares(fit.reference, fit.law, draws.values)
        share = float(np.mean([shares[fit.reference.curve_benchmark[curve]] for curve in curves]))
        return (
            "barred by the ceiling",
            f"the ceiling lies above {wanted.target:g} with probability {open_to:.0%} only ({share:.0%} of what is "
            "said of the ceiling is the prior)",
            share,
        )
    alone = forecast_from(without_deviation(draws), fit.fitted, points, notes=())
    alone = alone.average() if len(wanted.benchmarks) > 1 else alone
    if (wanted.reached(alone).mean(axis=0) >= probability).any():
        why = "the law alone would reach it, but only where what it may miss, which grows with the distance, decides"
        return "too far to tell", why, 0.0
    return "not within at_most", f"nor with {flops_in_words(max(planned.flops))}", 0.0


def without_deviation(draws: Draws) -> Draws:
    """The same draws of a law that misses nothing: the amplitudes of its smooth deviations are 0."""
    none = np.zeros(draws.size)
    amplitudes = [f"{what}{group}_amplitude" for what in draws.law.deviations for group in DEVIATES_BY]
    values = {**draws.values, **dict.fromkeys((*amplitudes, "k_amplitude"), none)}
    stage_one = None if draws.stage_one is None else without_deviation(draws.stage_one)
    return Draws(draws.law, values, draws.rng, stage_one)


def _beside(fit: Fit, answer: BudgetForTarget, others: Mapping[str, BudgetForTarget]) -> BudgetForTarget:
    """The answer with those of other laws below it, in the table, and in the sentence."""
    tables = {f"{fit.law.name} (asked)": answer.table()} | {name: other.table() for name, other in others.items()}
    table = pd.concat([part.assign(law=name) for name, part in tables.items()], ignore_index=True)
    table.insert(0, "law", table.pop("law"))
    notes = [f"{name}: {note}" for name, other in others.items() for note in other.notes if note not in answer.notes]
    sentence = f"{answer.sentence} {beside_in_words(tables)}"
    converged = answer.converged and all(other.converged for other in others.values())
    return replace(answer, _table=table, sentence=sentence, notes=(*answer.notes, *notes), converged=converged)
