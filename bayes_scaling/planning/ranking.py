"""Which recipe is better at a budget, and whether a ranking of small runs holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..model.scores import Scores
from ..posterior.fit import Fit
from ..runs.planned import Budgets
from ..runs.table import Runs
from ..wording import flops_in_words
from .answers import Answer
from .cost import Cost, priced, with_costs


@dataclass(frozen=True, eq=False, repr=False)
class FamilyRanking(Answer):
    """Families in order, and how sure that is; made by `rank_families`.

    Attributes
    ----------
    beats : DataFrame
        Probability that the family of a row scores higher than that of a column.
    """

    beats: pd.DataFrame


def rank_families(
    fit: Fit,
    at: Runs | Budgets,
    of: Quantity = "expected",
    *,
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> FamilyRanking:
    """Rank families (recipes) at a budget, with the probability that one beats another.

    Parameters
    ----------
    fit : Fit
        Of several families.
    at : Runs or Budgets
        One budget, such as ``budgets(flops=1e22, benchmark="arc_easy")``, at which every family is forecast; of several
        benchmarks their mean counts.
    of : {"expected", "score"}
        Whether recipes are ranked by their curves (the default: which recipe is better), or by the measured scores of
        one run of each (which run will look better).
    cost : Cost, optional
        Adds hours, days and money of a run.
    random_seed : int, optional
        Seed of the forecast.

    Returns
    -------
    FamilyRanking
        Table: one row a family, the best first: median and 80% interval of its mean score, ``mean_rank``, ``best``, the
        probability that it is the best of all. Of laws of single scores also ``small_scale``, the mean score of its
        fitted run nearest to the largest budget that all families have, the ``small_scale_rank`` that follows, and
        ``holds``, the mean probability that it and another family come in the same order as there.

    Raises
    ------
    ValueError
        For fewer than two families, and for several budgets of one family.
    """
    check_quantity(of)
    found = quiet_forecast(fit, at, random_seed)
    draws, families, flops = _by_family(found, of)
    order = np.argsort(-np.median(draws, axis=0), kind="stable")
    draws, families = draws[:, order], [families[i] for i in order]
    above = (draws[:, :, None] > draws[:, None, :]).mean(axis=0)
    different = ~np.eye(len(families), dtype=bool)
    beats = pd.DataFrame(np.where(different, above, np.nan), index=families, columns=families)
    ranks = (draws[:, None, :] > draws[:, :, None]).sum(axis=2) + 1
    table = pd.DataFrame({"family": families, "flops": flops}).join(_quantiles(draws))
    table = table.assign(mean_rank=ranks.mean(axis=0), best=(ranks == 1).mean(axis=0))
    seen = _small_scale(fit, found, families)
    if not np.isnan(seen).any():
        same = np.where(seen[:, None] > seen[None, :], above, np.where(seen[:, None] < seen[None, :], above.T, 0.5))
        np.fill_diagonal(same, 0.0)
        table["small_scale"] = seen
        table["small_scale_rank"] = table["small_scale"].rank(ascending=False).astype(int)
        table["holds"] = same.sum(axis=1) / (len(seen) - 1)
    notes = (
        *found.notes,
        f"families are ranked by {'their curves' if of == 'expected' else 'one measured run of each'}",
    )
    sentence = _sentence(table, beats, cost)
    return FamilyRanking(with_costs(table, cost), sentence, notes, found.converged, beats)


def _quantiles(draws: Floats) -> pd.DataFrame:
    """Median and 80% interval of the score of each family."""
    low, median, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return pd.DataFrame({"score": median, "score_low_80": low, "score_high_80": high})


def _by_family(found: Forecast, of: Quantity) -> tuple[Floats, list[str], float]:
    """Draws of the mean score of each family, shape (samples, families)."""
    points = found.points
    families = list(dict.fromkeys(points["family"]))
    if len(families) < 2:
        raise ValueError(f"there is one family to rank, {families[0]!r}; expected several at one budget")
    values = found.array(of)
    columns, asked = [], ""
    for family in families:
        own = points[points["family"] == family]
        if len(set(own["run"])) > 1:
            raise ValueError(f"family {family!r} is forecast at several budgets; expected one, at which all are ranked")
        names = [name for name in ("benchmark", "metric", "shots", "k") if name in points]
        labels = ", ".join(sorted(own[names].astype(str).agg(" ".join, axis=1)))
        if asked and labels != asked:
            raise ValueError(
                f"family {family!r} is forecast on {labels}, {families[0]!r} on {asked}; expected the same"
            )
        asked = labels
        columns.append(values[:, own.index].mean(axis=1))
    return np.stack(columns, axis=1), families, float(points["flops"].iloc[0])


def _small_scale(fit: Fit, found: Forecast, families: list[str]) -> Floats:
    """Mean score of each family's fitted run nearest to the largest common budget; NaN of one without the scores."""
    reference, rows = fit.reference, fit.rows
    if not isinstance(fit.fitted.observed, Scores):
        return np.full(len(families), np.nan)
    asked = np.unique(reference.encode(found.points).benchmark)
    score = fit.fitted.observed.values
    largest = {f: rows.log_flops[rows.family == f].max() for f in range(len(reference.families))}
    codes = [reference.families.index(family) for family in families]
    common = min(largest[f] for f in codes)
    means = []
    for f in codes:
        own = rows.family == f
        run = rows.run[own][np.abs(rows.log_flops[own] - common).argmin()]
        at = [np.flatnonzero(own & (rows.run == run) & (rows.benchmark == b)) for b in asked]
        means.append(np.mean([score[rows_of][0] for rows_of in at]) if all(len(r) for r in at) else np.nan)
    return np.array(means)


def _sentence(table: pd.DataFrame, beats: pd.DataFrame, cost: Cost | None) -> str:
    first, second = table["family"].iloc[0], table["family"].iloc[1]
    flops = float(table["flops"].iloc[0])
    said = (
        f"At {flops_in_words(flops)} FLOPs{priced(cost, flops)} {first} beats {second} with probability "
        f"{beats.loc[first, second]:.0%}, and is the best of {len(table)} with {table['best'].iloc[0]:.0%}"
    )
    if "holds" in table:
        said += f"; two families keep their order of small runs with probability {table['holds'].mean():.0%} on average"
    return f"{said}."
