"""Whether to train a larger model, or to ask a smaller one more often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_positive, check_probability, check_target
from ..forecasting.budget_rows import flops_rule
from ..forecasting.from_fit import quiet_forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..posterior.fit import Fit
from ..runs.budget_columns import SIZES
from ..runs.planned import budgets
from ..wording import flops_in_words
from .answers import Answer, interval_of, intervals_of
from .cost import Cost, with_costs
from .pure_alternatives import (
    LargestRun,
    alternatives_for_target,
    alternatives_for_total,
    alternatives_in_words,
    largest_run,
)
from .repeated_sampling_words import assumptions, beyond_the_fitted, bounds_of_the_search, sentence_of
from .searching import first_passing, one_benchmark, one_family, search_grid, smoothed
from .surfaces import Prices, Surface, surface_of, surface_table

_PER_DECADE = 8
_PER_OCTAVE = 4
_SMOOTH = 3  # neighbouring budgets over which a probability is smoothed


@dataclass(frozen=True, eq=False, repr=False)
class TrainOrSample(Answer):
    """The best training budget and number of attempts; made by `train_or_sample`.

    Attributes
    ----------
    frontier : DataFrame
        For each k (and each total budget): the training FLOPs that reach the target, or that the total leaves; the
        parameters, FLOPs of inference and of both; of a target ``passes``, the FLOPs at which the expected curve
        reaches it, of a budget the ``rate`` (median and 80% interval).
    surface : DataFrame
        Median pass rate (``rate``) over training ``flops`` and ``k``, with ``total_flops``.
    alternatives : DataFrame
        For each target or budget the two pure ways: "more training, one attempt", and "no training, more attempts" of
        today's largest ``run`` of the family, whose training is paid; with training ``flops``, ``k``, ``params``, FLOPs
        of inference and in total, and the ``rate`` (median and 80% interval). NaN where that way does not lead there.
    largest_fitted : float
        Training FLOPs of the largest fitted run.
    """

    frontier: pd.DataFrame
    surface: pd.DataFrame
    alternatives: pd.DataFrame
    largest_fitted: float


def train_or_sample(
    fit: Fit,
    target: float | None = None,
    *,
    flops: float | Sequence[float] | None = None,
    tokens_per_sample: float,
    queries: float,
    probability: float = 0.9,
    ratio: float | None = None,
    benchmark: str | None = None,
    family: str | None = None,
    most_attempts: int | None = None,
    at_most: float = 1e28,
    of: Quantity = "score",
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> TrainOrSample:
    r"""Choose training FLOPs and attempts k together, under a total cost that counts inference.

    A larger model solves more at each attempt; a smaller one may attempt more often. The total cost of a choice is
    :math:`C + 2 N \cdot tokens\_per\_sample \cdot k \cdot queries`.

    Parameters
    ----------
    fit : Fit
        A fitted `PassAtKLaw`.
    target : float, optional
        A wanted pass rate: the cheapest choice that reaches it is found. Either this or `flops`.
    flops : float or sequence of float, optional
        Total budgets: the choice with the highest expected pass rate is found for each.
    tokens_per_sample, queries : float
        Tokens that an attempt generates, and problems that will be put to the model in its life.
    probability : float
        How probable the target is to be.
    ratio : float, optional
        Training tokens per parameter, from which the parameters of a training budget follow; by default that of the
        typical fitted run.
    benchmark, family : str, optional
        Needed where several were fitted.
    most_attempts : int, optional
        Largest k; by default the largest fitted one.
    at_most : float
        Largest training FLOPs that are searched for a target.
    of : {"score", "expected"}
        Whether the measured rate of a run is to reach the target (the default), or the curve.
    cost : Cost, optional
        Adds hours, days and money of the total.
    random_seed : int, optional
        Seed of the forecasts.

    Returns
    -------
    TrainOrSample
        Table: one row a target or budget, with the training ``flops``, ``k``, ``params``, ``tokens``, FLOPs of
        inference and in total, the ``rate`` of such a run (median and 80% interval of what `of` says), and the best
        ``flops_best`` and ``k_best`` of the draws' expected curves (median and 80% interval). NaN where no choice
        reaches the target.

    Raises
    ------
    TypeError
        Where the fit is of another law.
    ValueError
        For numbers out of range, both or none of `target` and `flops`, labels that were not fitted, or a ratio that the
        fit does not know.

    Notes
    -----
    pass@k counts a problem as solved when one of k attempts is right (Chen et al., arXiv 2107.03374): it is of use
    where a test or a proof checker tells which. That inference costs 2 FLOPs a parameter and token leaves attention and
    the reading of the question out. Between whole k that are tried (all up to 8, then four an octave) nothing is.
    """
    _check_question(fit, target, flops, probability, of)
    prices = _prices(fit, ratio, tokens_per_sample, queries)
    asked = {"benchmark": one_benchmark(fit, benchmark), "family": one_family(fit, family)}
    most = _largest_k(fit) if most_attempts is None else most_attempts
    totals = [] if flops is None else [check_positive("flops", value) for value in np.atleast_1d(flops).tolist()]
    grid = search_grid(fit, _largest_budget(fit, totals, at_most), _PER_DECADE)
    surface = surface_of(fit, prices, grid, _attempts(most), **asked)
    largest = largest_run(fit, prices, surface.k, **asked)
    wanted = None if target is None else {"target": check_target("target", target), "probability": probability}
    found, other = _search(surface, prices, largest, wanted, totals, of)
    seen = [_seen(fit, row, {**asked, "ratio": prices.ratio}, of, random_seed) for row, _ in found]
    table = _table([row for row, _ in found], [rates for rates, _ in seen], asked["benchmark"], of, cost)
    notes = [
        *assumptions(prices, most),
        *bounds_of_the_search(table, most),
        *(note for _, notes in seen for note in notes),
        *beyond_the_fitted(fit, table, asked["benchmark"], _largest_k(fit)),
    ]
    alternatives = with_costs(pd.DataFrame(other), cost, "total_flops")
    sentence = f"{sentence_of(table, cost)} {alternatives_in_words(alternatives)}"
    frontier = pd.concat([part for _, part in found], ignore_index=True)
    parts = (frontier, surface_table(surface, prices), alternatives, float(np.exp(max(fit.reference.run_log_flops))))
    return TrainOrSample(table, sentence, tuple(dict.fromkeys(notes)), fit.converged, *parts)


def _check_question(
    fit: Fit, target: float | None, flops: float | Sequence[float] | None, probability: float, of: Quantity
) -> None:
    if not fit.law.takes_attempts:
        raise TypeError(
            f"train_or_sample() got a fit of {type(fit.law).__name__}, which knows of one attempt; expected one of "
            "PassAtKLaw(). It needs a table with the rates at several k (a column k), or with n_samples and n_correct "
            "of each problem. Fit it: bs.fit(bs.PassAtKLaw(), runs)"
        )
    if (target is None) == (flops is None):
        raise ValueError("train_or_sample() needs a target or a total budget (flops), and not both")
    check_quantity(of)
    check_probability("probability", probability)


def _search(
    surface: Surface,
    prices: Prices,
    largest: LargestRun,
    wanted: dict[str, float] | None,
    totals: list[float],
    of: Quantity,
) -> tuple[list[tuple[dict[str, float], pd.DataFrame]], list[dict[str, Any]]]:
    """Best choices with their frontiers, and the pure alternatives to them."""
    if wanted is not None:
        found = [_for_target(surface, prices, wanted["target"], wanted["probability"], of)]
        return found, alternatives_for_target(surface, found[0][1], largest, prices, wanted, of)
    other = [row for total in totals for row in alternatives_for_total(surface, largest, prices, total, of)]
    return [_for_total(surface, prices, total) for total in totals], other


def _prices(fit: Fit, ratio: float | None, tokens_per_sample: float, queries: float) -> Prices:
    for name, value in {"tokens_per_sample": tokens_per_sample, "queries": queries}.items():
        check_positive(name, value)
    ratio = _usual_ratio(fit) if ratio is None else check_positive("ratio", ratio)
    return Prices(flops_rule(fit.reference), ratio, float(tokens_per_sample), float(queries))


def _usual_ratio(fit: Fit) -> float:
    centres = {name: fit.reference.centre(name).mean() for name in SIZES}
    ratio = float(np.exp(centres["tokens"] - centres["params"]))
    if np.isnan(ratio):
        raise ValueError("the fitted runs do not say their tokens per parameter; give ratio, which sets what k costs")
    return ratio


def _largest_budget(fit: Fit, totals: list[float], at_most: float) -> float:
    """Largest training budget to search: below the largest total, or as large as may be for a target."""
    smallest = float(np.exp(min(fit.reference.run_log_flops)))
    return max(*totals, 10 * smallest) if totals else at_most


def _largest_k(fit: Fit) -> int:
    frame = fit.runs.frame
    return int(frame["k"].max()) if "k" in frame and frame["k"].notna().any() else int(frame["n_samples"].max())


def _attempts(most: int) -> Floats:
    if isinstance(most, bool) or not float(most).is_integer() or most < 1:
        raise ValueError(f"most_attempts is {most!r}; expected a whole number of at least 1")
    octaves = np.log2(max(most, 8))
    spaced = np.round(np.geomspace(8, max(most, 8), int(np.ceil(_PER_OCTAVE * (octaves - 3))) + 1))
    return np.unique(np.concatenate([np.arange(1.0, min(most, 8) + 1), spaced[spaced <= most]]))


def _for_target(
    surface: Surface, prices: Prices, target: float, probability: float, of: Quantity
) -> tuple[dict[str, float], pd.DataFrame]:
    """Cheapest choice that reaches a target, and the cost of each k."""
    log_flops, k = np.log(surface.flops), surface.k
    counted = (surface.score if of == "score" else surface.expected) >= target
    chance = np.stack([smoothed(column, _SMOOTH) for column in counted.mean(axis=0).T])
    needed = np.exp(first_passing(log_flops, chance - probability))
    passes = np.stack([np.exp(first_passing(log_flops, column.T - target)) for column in surface.expected.T], axis=1)
    total, best_totals = prices.total(needed, k), prices.total(passes, k)
    flops = np.where(np.isfinite(needed), needed, np.nan)
    frontier = pd.DataFrame({"target": target, "k": k.astype(int), "flops": flops, "params": prices.params(flops)})
    frontier = frontier.assign(inference_flops=prices.inference(flops, k), total_flops=prices.total(flops, k))
    frontier = frontier.join(intervals_of("passes", passes)).join(intervals_of("passes_total", best_totals))
    cheapest = best_totals.argmin(axis=1)
    each = np.arange(len(passes))
    row = {"target": target, "probability": probability, "most_probable": float(chance.max())}
    row |= _choice(prices, float(needed[total.argmin()]), float(k[total.argmin()]))
    row |= interval_of("flops_best", passes[each, cheapest])
    row |= interval_of("k_best", np.where(np.isfinite(best_totals[each, cheapest]), k[cheapest], np.inf))
    return row, frontier


def _for_total(surface: Surface, prices: Prices, total: float) -> tuple[dict[str, float], pd.DataFrame]:
    """Best choice under a total budget, and what each k reaches."""
    flops = prices.training(total, surface.k)
    inside = flops >= surface.flops[0]
    if not inside.any():
        raise ValueError(
            f"flops is {total!r}, which leaves less than {flops_in_words(float(surface.flops[0]))} FLOPs to training "
            "even at k = 1; expected a larger total budget, or fewer queries"
        )
    part = Surface(surface.flops, surface.k[inside], surface.expected[:, :, inside], surface.score[:, :, inside])
    flops, k = flops[inside], part.k
    rates = part.at(flops)
    frontier = pd.DataFrame({"budget": total, "k": k.astype(int), "flops": flops, "params": prices.params(flops)})
    frontier = frontier.assign(inference_flops=prices.inference(flops, k), total_flops=total)
    frontier = frontier.join(intervals_of("rate", rates))
    decided, best = int(rates.mean(axis=0).argmax()), rates.argmax(axis=1)
    row = {"budget": total} | _choice(prices, float(flops[decided]), float(k[decided]))
    row |= interval_of("flops_best", flops[best]) | interval_of("k_best", k[best])
    return row, frontier


def _choice(prices: Prices, flops: float, k: float) -> dict[str, float]:
    if not np.isfinite(flops):
        flops = k = np.nan
    at = np.array(flops)
    params = float(prices.params(at))
    inference = float(prices.inference(at, np.array(k)))
    sizes = {"flops": flops, "k": k, "params": params, "tokens": prices.ratio * params}
    return sizes | {"inference_flops": inference, "total_flops": flops + inference}


def _seen(
    fit: Fit, row: dict[str, float], planned: dict[str, Any], of: Quantity, seed: int | None
) -> tuple[dict[str, float], tuple[str, ...]]:
    """What a run of the chosen size reaches, and the notes of its forecast."""
    if np.isnan(row["flops"]):
        return dict.fromkeys(("rate", "rate_low_80", "rate_high_80"), np.nan), ()
    found = quiet_forecast(fit, budgets(flops=row["flops"], k=row["k"], **planned), seed)
    return interval_of("rate", found.array(of).ravel()), found.notes


def _table(
    rows: list[dict[str, float]], rates: list[dict[str, float]], benchmark: str, of: Quantity, cost: Cost | None
) -> pd.DataFrame:
    """One row a target or budget: what was chosen, and what it reaches."""
    table = pd.DataFrame([row | {"of": of} | seen for row, seen in zip(rows, rates, strict=True)])
    table.insert(0, "benchmark", benchmark)
    return with_costs(table, cost, "total_flops")
