"""Whether the law that is taken where none is chosen will do for a table, and when it would not, in words."""

import pandas as pd

from ..laws import DEFAULT, LAWS
from ..laws.base import Law
from ..model.ladder_notes import unsized
from ..runs.budget_columns import SIZES
from ..runs.table import Runs
from ..runs.token_ratios import drifting, ladders, ladders_in_words, spread_of_sizes, tokens_per_param
from ..wording import ratios_in_words

#: Share of the CRPS that a quick backtest does not tell from luck.
HARDLY_WORSE = 0.1


def ratios_vary(runs: Runs) -> bool:
    """Whether a law of params and tokens says more than one of FLOPs; along a drift its priors tell the two apart."""
    frame = runs.frame
    if frame[[*SIZES]].isna().to_numpy().any():
        return False
    return any(one.kind != "one ratio" for one in ladders(frame)) or spread_of_sizes(frame).told_apart


def of_default(reasons: pd.Series, runs: Runs, found: pd.DataFrame | None = None) -> str:
    """Whether the default law will do, and when it would not, in a sentence; nothing where there is no such law."""
    if DEFAULT not in LAWS:
        return ""
    law = LAWS[DEFAULT]()
    why = _why_default_fails(reasons, found)
    if why:
        return f" The default, {law!r}, will not do: {why}."
    return f" The default, {law!r}, will do; it would not {_limit(law, runs)}."


def _why_default_fails(reasons: pd.Series, found: pd.DataFrame | None) -> str:
    if DEFAULT not in reasons:
        return "it describes single scores, and the table has attempts at each problem"
    if reasons[DEFAULT] or found is None:
        return str(reasons[DEFAULT])
    own, best = found.loc[DEFAULT], str(found["crps"].idxmin())
    if own["converged"] < found["converged"].max():
        return "not all of its fits converged"
    if own["worse_by"] > max(own["standard_error"], HARDLY_WORSE * found["crps"].min()):
        return f"its CRPS is {own['crps']:.4f}, that of {best} {found['crps'].min():.4f}, clearly less"
    return ""


def _limit(law: Law, runs: Runs) -> str:
    """What a law that will do would not do for, by what of params and tokens the table shows."""
    frame = runs.frame
    if not law.resolve(frame).reads_sizes:
        lacking = unsized(frame)
        without = f", since {lacking.sum()} of {len(lacking)} runs lack params or tokens" * bool(lacking.any())
        return f"where tokens per parameter move otherwise than in the table: it reads FLOPs alone{without}"
    if drift := drifting(frame):
        apart = spread_of_sizes(frame).told_apart
        return (
            "for several attempts at each problem"
            if apart
            else f"off the line of the table, along which {ladders_in_words(drift)}: there its priors decide"
        )
    if ratios_vary(runs):
        return "for several attempts at each problem"
    seen = ratios_in_words(*tokens_per_param(frame).agg(["min", "max"]))
    return f"at other tokens per parameter than the table's ({seen}): there its priors decide"
