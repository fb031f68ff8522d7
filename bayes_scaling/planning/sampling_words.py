"""What to train and how often to ask, in words, beside training alone and asking alone."""

import numpy as np
import pandas as pd

from ..forecasting.quantities import Quantity
from ..wording import flops_in_words
from .cost import Cost, priced
from .surfaces import Surface


def bounds(table: pd.DataFrame, most: int) -> tuple[str, ...]:
    """Say where the search itself decided."""
    notes = []
    if (table["k"] == most).any():
        notes.append(f"k = {most} is the largest that was searched; most_attempts searches more")
    if "most_probable" in table and table["flops"].isna().any():
        highest = table["most_probable"].item()
        notes.append(f"the most probable choice that was searched reaches it with probability {highest:.0%}")
    return tuple(notes)


def sampling_sentence(table: pd.DataFrame, cost: Cost | None) -> str:
    """Say what to train and how often to ask."""
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


def pure_choices(
    table: pd.DataFrame, frontier: pd.DataFrame, surface: Surface, largest_fitted: float, of: Quantity
) -> str:
    """Say what the ends of the choice would take: one attempt of a larger model, or many of the largest there is."""
    row = table.iloc[-1]
    once = frontier.loc[frontier["k"] == 1, "flops"]
    flops = float(once.iloc[0]) if len(once) else np.nan
    single = (
        f"takes {flops_in_words(flops)} FLOPs of training" if np.isfinite(flops) else "no run that was searched does"
    )
    said = f" With one attempt it {single}" if np.isfinite(flops) else f" With one attempt {single}"
    place = int(np.argmin(np.abs(np.log(surface.flops / largest_fitted))))
    rates = surface.score if of == "score" else surface.expected
    enough = (rates[:, place] >= row["target"]).mean(axis=0) >= row["probability"]
    if enough.any():
        return f"{said}; a run of the size of the largest fitted one does at k = {surface.k[enough.argmax()]:g}."
    return f"{said}; a run of the size of the largest fitted one does not at any k up to {surface.k[-1]:g}."
