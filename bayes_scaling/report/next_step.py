"""A cheaper step before the run in question: a smaller run that would tell enough of it, or none."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..forecasting.forecast import Forecast
from ..planning.cost import Cost
from ..planning.run_selection import next_run
from ..planning.wanted import MEAN
from ..posterior.fit import Fit
from ..runs.planned import budgets
from ..wording import brief_number, counted, percent
from .today import largest_fitted

_SHARES = (0.03, 0.1, 0.3)  # of the budget in question
_LEAST = 0.1  # share of the variance that is worth a run


def next_step(fit: Fit, found: Forecast, targets: Mapping[str, float], cost: Cost | None, seed: int | None) -> str:
    """Say whether a smaller run first would make the forecast surer.

    Parameters
    ----------
    fit : Fit
        The fit.
    found : Forecast
        What was forecast; of its runs the largest is in question.
    targets : mapping of str to float
        Wanted scores: the forecast of these benchmarks is to get surer; without any that of all.
    cost : Cost or None
        What FLOPs cost.
    seed : int or None
        Seed of the draws.

    Returns
    -------
    str
        A sentence; empty where the runs are not budgets of one family, or lie within the fitted ones.
    """
    points = found.points
    last = points.iloc[int(points["flops"].to_numpy().argmax())]
    flops = float(last["flops"])
    if len(set(points.get("family", ("",)))) > 1 or flops <= largest_fitted(fit) * 1.05 or fit.law.takes_attempts:
        return ""
    names = [name for name in targets if name != MEAN] if MEAN not in targets else []
    sized = fit.law.reads_sizes and {"params", "tokens"} <= set(points)
    runs: dict[str, Any] = {"ratio": float(last["tokens"] / last["params"])} if sized else {}
    runs |= {"family": str(last["family"])} if "family" in points else {}
    labels = names or list(dict.fromkeys(points["benchmark"]))
    at = budgets(flops=flops, benchmark=labels, **runs)
    smaller = budgets(flops=[share * flops for share in _SHARES], **runs)
    chosen = next_run(fit, smaller, at, least=_LEAST, random_seed=seed).table()
    best = chosen[chosen["chosen"].notna()]
    of = f"the forecast at {brief_number(flops)} FLOPs"
    if best.empty:
        sizes = " or ".join(f"{percent(share)}%" for share in _SHARES)
        return (
            f"No cheaper step tells enough first: none of {counted(len(_SHARES), 'run')} of {sizes} of the budget "
            f"would remove {_LEAST:.0%} of the variance of {of}."
        )
    row = best.iloc[0]
    spent = "" if cost is None else f" ({cost.in_words(float(row['flops']))})"
    share = row["variance_removed"]
    return (
        f"The next cheaper step: a run of {brief_number(row['flops'])} FLOPs, {row['flops'] / flops:.0%} of the "
        f"budget{spent}, would remove about {share:.0%} of the variance of {of}, and narrow its intervals by "
        f"{1 - np.sqrt(max(1 - share, 0.0)):.0%}."
    )
