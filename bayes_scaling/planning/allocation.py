"""How to divide compute between parameters and tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_positive
from ..forecasting.budget_rows import flops_rule
from ..forecasting.forecast import Forecast, normalised
from ..forecasting.from_fit import planned_points, quiet_forecast
from ..forecasting.notes import convergence_notes
from ..forecasting.prediction import point_coefficients
from ..laws import DEFAULT, LAWS
from ..model.ladder_notes import fit_that_sees
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.budget_columns import BUDGET_COLUMNS
from ..runs.planned import budgets
from ..wording import brief, brief_number, flops_in_words
from .answers import Answer, interval_of, intervals_of
from .best_sizes import SizeCurves, SizeSearch
from .cost import Cost, priced, with_costs
from .searching import one_family

_BEYOND = 1.05  # times the largest fitted size from which an advice goes beyond it


@dataclass(frozen=True, eq=False, repr=False)
class Allocation(Answer):
    """The best division of budgets into parameters and tokens; made by `allocate`.

    Attributes
    ----------
    params, tokens : array, shape (samples, budgets)
        The best ones of each draw.
    fitted : dict of str to (float, float)
        Smallest and largest ``params``, ``tokens`` and ``ratio`` of the family's fitted runs.
    """

    params: Floats
    tokens: Floats
    fitted: Mapping[str, tuple[float, float]]


def allocate(
    fit: Fit,
    flops: float | Sequence[float],
    benchmark: str | Sequence[str] | Mapping[str, float] | None = None,
    *,
    family: str | None = None,
    round_ratio: float = 20.0,
    most_params: float | None = None,
    tokens_served: float = 0.0,
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> Allocation:
    r"""Divide budgets into parameters and tokens so that the expected score is highest.

    Parameters
    ----------
    fit : Fit
        A fitted law of params and tokens: `GeneralLaw` or `RatioLaw`.
    flops : float or sequence of float
        Budgets C; with `tokens_served` those of training and serving together.
    benchmark : str, sequence of str, mapping of str to float, optional
        What to maximise: a benchmark, the mean over several, or their weighted mean; by default the mean over all.
    family : str, optional
        The family; needed where several were fitted.
    round_ratio : float
        Tokens per parameter of the usual recipe, with which the best division is compared.
    most_params : float, optional
        A cap on the parameters, which ``params_decided`` keeps, and whose price is told.
    tokens_served : float
        Tokens that the model will read or write in its life; each costs 2 FLOPs a parameter.
    cost : Cost, optional
        Adds hours, days and money.
    random_seed : int, optional
        Seed of the forecast of the score.

    Returns
    -------
    Allocation
        Table: one row a budget, with the best ``params``, ``tokens`` and ``ratio`` of the draws (median and 80%
        interval); ``params_decided``, the size with the highest expected score over all draws, to be trained where one
        size must be chosen; ``score``, what a run of that size measures (mean over the benchmarks); and what is lost at
        the round ratio and under the cap, in accuracy.

    Raises
    ------
    TypeError
        Where the fit is of another law.
    ValueError
        For labels that were not fitted, and numbers that are not positive.

    Notes
    -----
    Minimising :math:`A / N^{\alpha} + B / D^{\beta}` under :math:`C = \kappa N D` gives
    :math:`N^* = (\alpha A / \beta B)^{1 / (\alpha + \beta)} (C / \kappa)^{\beta / (\alpha + \beta)}` (Hoffmann et al.,
    arXiv 2203.15556), here of each draw; :math:`\kappa` is that of the fitted runs, usually 6. A turn of the exponent
    in C, as `GeneralLaw` has it, changes the score and not the division. Means over benchmarks, and budgets with
    serving, :math:`C = \kappa N D + 2 N \cdot tokens\_served`, are maximised on a grid of sizes. The best
    size is that of the law: its smooth deviation, which knows nothing of sizes that were not trained, is left out
    there, and counted in ``score``.
    """
    if not (fit.law.trades_sizes and fit.law.reads_sizes):
        raise TypeError(_no_sizes(fit))
    family = one_family(fit, family)
    chosen = [float(value) for value in np.atleast_1d(np.asarray(flops, float))]
    named = {"flops": min(chosen), "round_ratio": round_ratio}
    named |= {} if most_params is None else {"most_params": most_params}
    for name, value in named.items():
        check_positive(name, value)
    if not tokens_served >= 0:
        raise ValueError(f"tokens_served is {tokens_served!r}; expected at least 0")
    weights = _weights(fit, benchmark)
    curves = _curves(fit, family, weights)
    rule = flops_rule(fit.reference)
    searches = [SizeSearch(curves, budget, tokens_served) for budget in chosen]
    best = [found.best() for found in searches]
    rows = [_row(found, sizes, round_ratio, most_params) for found, sizes in zip(searches, best, strict=True)]
    table = pd.DataFrame(rows)
    seen = _scored(fit, family, weights, table, random_seed)
    table = with_costs(table.join(intervals_of("score", seen.array("score"))), cost)
    tokens = [found.tokens(sizes) for found, sizes in zip(searches, best, strict=True)]
    params, tokens_of = (np.exp(np.stack(logs, axis=1)) for logs in (best, tokens))
    notes = (*_notes(fit, weights, rule, tokens_served, round_ratio), *_reach(fit, family, table), *seen.notes)
    notes = tuple(dict.fromkeys(notes))
    sentence = _sentence(table, weights, round_ratio, most_params, cost)
    return Allocation(table, sentence, notes, fit.converged, params, tokens_of, _fitted_sizes(fit, family))


def _no_sizes(fit: Fit) -> str:
    """Say why a law does not divide compute, and which does."""
    got = f"allocate() got a fit of {type(fit.law).__name__}"
    if fit.law.of_scores and not fit.law.reads_sizes:
        call = fit_that_sees(fit.law, fit.runs.frame)
        return f"{got}, which reads FLOPs alone and knows nothing of sizes. Fit a law that reads them: {call}"
    return f"{got}; expected one of a law of single scores that reads params and tokens, such as {LAWS[DEFAULT]()!r}"


def _weights(fit: Fit, benchmark: str | Sequence[str] | Mapping[str, float] | None) -> dict[str, float]:
    labels = fit.reference.labels
    if benchmark is None:
        given = dict.fromkeys(labels, 1.0)
    elif isinstance(benchmark, Mapping):
        given = dict(benchmark)
    else:
        given = dict.fromkeys([benchmark] if isinstance(benchmark, str) else benchmark, 1.0)
    if unknown := [name for name in given if name not in labels]:
        raise ValueError(f"benchmark {', '.join(map(repr, unknown))} was not fitted; the fit knows {', '.join(labels)}")
    return {name: value for name, value in normalised(given, list(given)).items() if value}


def _curves(fit: Fit, family: str, weights: Mapping[str, float]) -> SizeCurves:
    """Coefficients of the law on the chosen benchmarks in a family, draw by draw."""
    reference = fit.reference
    points = planned_points(fit, budgets(flops=1e21, ratio=20.0, family=family))
    place = {reference.labels[b]: i for i, b in enumerate(points.rows.benchmark)}
    chosen = [place[name] for name in weights]
    draws: Draws = fit.draws(np.random.default_rng(0))
    at = {name: values[:, chosen] for name, values in point_coefficients(reference, draws, points).items()}
    return SizeCurves(
        fit.law,
        reference,
        at,
        points.rows.benchmark[chosen],
        floor=points.rows.floor[chosen],
        weight=np.array(list(weights.values())),
        log_rule=float(np.log(flops_rule(reference))),
    )


def _row(found: SizeSearch, best: Floats, round_ratio: float, most_params: float | None) -> dict[str, float]:
    tokens = found.tokens(best)
    decided = found.decided(most_params)
    highest = found.utility(best)
    row: dict[str, float] = {"flops": found.flops}
    for name, log in (("params", best), ("tokens", tokens), ("ratio", tokens - best)):
        row |= interval_of(name, np.exp(log))
    row["params_decided"] = float(np.exp(decided))
    row["tokens_decided"] = float(np.exp(found.tokens(np.array(decided))))
    low, high = BUDGET_COLUMNS["tokens"].limits
    if most_params is not None and not low <= row["tokens_decided"] <= high:
        raise ValueError(
            f"most_params is {most_params:g}, which leaves {row['tokens_decided']:.2g} tokens to a run of "
            f"{found.flops:.3g} FLOPs, as no run has; expected a larger cap, or a smaller budget"
        )
    row |= interval_of("lost_at_round_ratio", highest - found.utility(np.array(found.at_ratio(round_ratio))))
    if most_params is not None:
        capped = np.minimum(best, np.log(most_params))
        row |= interval_of("lost_under_cap", highest - found.utility(capped))
    return row


def _scored(fit: Fit, family: str, weights: Mapping[str, float], table: pd.DataFrame, seed: int | None) -> Forecast:
    """What runs of the decided sizes measure, with the law's deviation, the luck of a run and its items."""
    params, tokens = table["params_decided"].tolist(), table["tokens_decided"].tolist()
    names = [fit.reference.benchmarks[fit.reference.labels.index(label)].name for label in weights]
    found = quiet_forecast(fit, budgets(params=params, tokens=tokens, benchmark=names, family=family), seed)
    return found.average(weights) if len(found) > len(table) else found


def _fitted_sizes(fit: Fit, family: str) -> dict[str, tuple[float, float]]:
    """Smallest and largest sizes of the fitted runs of a family, and of their ratios."""
    frame = fit.runs.frame
    own = frame[frame["family"].astype(str) == family]
    sizes = {"params": own["params"], "tokens": own["tokens"], "ratio": own["tokens"] / own["params"]}
    return {name: (float(values.min()), float(values.max())) for name, values in sizes.items()}


def _reach(fit: Fit, family: str, table: pd.DataFrame) -> list[str]:
    """Say where the sizes that are advised lie beyond those that were fitted."""
    notes = []
    for name, words in (("params", "parameters"), ("tokens", "tokens")):
        low, high = _fitted_sizes(fit, family)[name]
        asked = table[f"{name}_decided"]
        if asked.max() > high * _BEYOND or asked.min() < low / _BEYOND:
            ends = brief_number(float(asked.min())), brief_number(float(asked.max()))
            said = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
            notes.append(f"extrapolates in {words}: {said} advised, {brief_number(low)} to {brief_number(high)} fitted")
    return notes


def _notes(fit: Fit, weights: Mapping[str, float], rule: float, served: float, round_ratio: float) -> tuple[str, ...]:
    of = next(iter(weights)) if len(weights) == 1 else f"the mean over {len(weights)} benchmarks"
    notes = [
        f"maximises the expected score on {of}, by the law without its smooth deviation",
        f"a run costs {rule:.3g} FLOPs a parameter and token, as the fitted runs",
        f"the round ratio is {round_ratio:g} tokens per parameter",
    ]
    if served:
        notes.append(f"budgets include serving {served:.3g} tokens at 2 FLOPs a parameter")
    return (*notes, *convergence_notes(fit))


def _sentence(
    table: pd.DataFrame,
    weights: Mapping[str, float],
    round_ratio: float,
    most_params: float | None,
    cost: Cost | None,
) -> str:
    row = table.iloc[-1]
    of = next(iter(weights)) if len(weights) == 1 else "the mean score"
    size = f"{_two(row['params_decided'])} parameters on {_two(row['tokens_decided'])} tokens"
    best = f"{_two(row['params'])} parameters"
    low, high = (_two(row[f"ratio_{end}_80"]) for end in ("low", "high"))
    between = f"the best ratio lies between {low} and {high} tokens per parameter with 80% probability"
    lost = f"{100 * row['lost_at_round_ratio']:.2g} points of {of} are lost at {round_ratio:g} tokens per parameter"
    if most_params is not None and row["params_decided"] > 0.999 * most_params:
        between = f"the most that is allowed; about {best} would be best, and the cap costs "
        between += f"{100 * row['lost_under_cap']:.2g} points of {of}"
    elif most_params is not None:
        lost += f", and none by the cap of {_two(most_params)} parameters"
    spent = f"{flops_in_words(row['flops'])} FLOPs{priced(cost, row['flops'])}"
    return f"With {spent}, train {size} ({between}); {lost}."


def _two(value: float) -> str:
    return brief(float(f"{value:.2g}"))
