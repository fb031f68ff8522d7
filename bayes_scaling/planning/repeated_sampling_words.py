"""What `train_or_sample` answers in words: the choice, what it assumes, where it is beyond what was fitted."""

import numpy as np
import pandas as pd

from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..wording import flops_in_words, ratio_in_words
from .cost import Cost, priced
from .surfaces import Prices


def assumptions(prices: Prices, most: int) -> tuple[str, ...]:
    """What prices and search take for granted."""
    return (
        f"a model has {ratio_in_words(prices.ratio)} training tokens per parameter, and a run costs {prices.rule:.3g} "
        "FLOPs a parameter and token",
        f"each of {prices.queries:.3g} queries is attempted k times, at most {most}, with {prices.tokens_per_sample:g} "
        "tokens an attempt at 2 FLOPs a parameter",
        "pass@k needs a test that tells which of the k attempts is right",
    )


def bounds_of_the_search(table: pd.DataFrame, most: int) -> tuple[str, ...]:
    """Where the search itself decided."""
    notes = []
    if (table["k"] == most).any():
        notes.append(f"k = {most} is the largest that was searched; most_attempts searches more")
    if "most_probable" in table and table["flops"].isna().any():
        highest = table["most_probable"].item()
        notes.append(f"the most probable choice that was searched reaches it with probability {highest:.0%}")
    return tuple(notes)


def beyond_the_fitted(fit: Fit, table: pd.DataFrame, benchmark: str, largest_k: int) -> tuple[str, ...]:
    """Where a choice lies beyond the fitted budgets or attempts, where forecasts are less sure."""
    frame, notes = fit.runs.frame, []
    known = frame["flops"][score_labels(frame) == benchmark].max()
    if (factor := float(table["flops"].max()) / known) > 1:
        notes.append(f"the training is {factor:.3g} times that of the largest run fitted on {benchmark}")
    if (k := float(table["k"].max())) > largest_k:
        notes.append(f"k = {k:g} is beyond the fitted k, of which the largest is {largest_k}")
    return tuple(notes)


def sentence_of(table: pd.DataFrame, cost: Cost | None) -> str:
    """The last choice in words."""
    row = table.iloc[-1]
    if np.isnan(row["flops"]):
        return (
            f"No choice that was searched solves {row['target']:g} of {row['benchmark']} with "
            f"{100 * row['probability']:g}% probability."
        )
    total = f"{flops_in_words(row['total_flops'])} FLOPs in all{priced(cost, row['total_flops'])}"
    choice = f"{flops_in_words(row['flops'])} FLOPs of training ({row['params']:.3g} parameters) and k = {row['k']:g}"
    share = f"inference takes {row['inference_flops'] / row['total_flops']:.0%}"
    if "target" in table:
        return (
            f"The cheapest way to solve {row['target']:g} of {row['benchmark']} with {100 * row['probability']:g}% "
            f"probability is {choice}: {total}, of which {share}."
        )
    interval = f"80% interval {row['rate_low_80']:.3g} to {row['rate_high_80']:.3g}"
    return f"With {total}, {choice} solve {row['rate']:.3g} of {row['benchmark']} ({interval}); {share}."
