"""What a reader of a forecast must know, in words: how far it reaches, and what was assumed."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .budget_grid import Budgets
from .points import flops_rule, score_labels, unseen_pairs
from .prediction import Points
from .reference import Reference
from .runs import Runs
from .wording import listed

_FAR = 1.0  # decades beyond the fitted budgets from which a forecast says so
_MOST_NAMED = 12


def forecast_notes(points: Points, frame: pd.DataFrame, decades: NDArray[np.float64], fitted: Runs) -> list[str]:
    """Say what a reader must know of the points of a forecast.

    Parameters
    ----------
    points : Points
        The points.
    frame : DataFrame
        The rows they were made from.
    decades : array, shape (points,)
        As of `extrapolation_decades`.
    fitted : Runs
        The runs that were fitted.

    Returns
    -------
    list of str
        One sentence each, without a full stop; none where nothing needs saying.
    """
    notes = []
    flops = fitted.frame["flops"]
    if (far := decades.max(initial=0.0)) >= _FAR:
        notes.append(f"extrapolates up to {far:.1f} decades above the fitted budgets (largest {flops.max():.2g} FLOPs)")
    if (below := -decades.min(initial=0.0)) >= _FAR:
        notes.append(
            f"extrapolates up to {below:.1f} decades below the fitted budgets (smallest {flops.min():.2g} FLOPs)"
        )
    if unseen := unseen_pairs(points.rows, frame):
        notes.append(f"drawn from the population, for want of fitted scores: {_named(unseen)}")
    return [*notes, *_item_notes(points, frame)]


def rule_notes(reference: Reference, frame: pd.DataFrame) -> list[str]:
    """Say where FLOPs of planned runs are 6ND while the fitted runs count them by another rule."""
    rule = flops_rule(reference)
    derived = "flops_source" in frame and (frame["flops_source"] == "6ND").any()
    if not derived or abs(rule / 6 - 1) < 0.05:
        return []
    return [
        f"FLOPs of planned runs are 6 * params * tokens, but those of the fitted runs {rule:.3g} * params * tokens; "
        "give flops counted as in the fitted runs"
    ]


def budget_notes(reference: Reference, at: Budgets) -> list[str]:
    """Say where FLOPs follow from params and tokens by another rule than 6ND."""
    rule = flops_rule(reference)
    if not np.isnan(at.flops).any() or abs(rule / 6 - 1) < 0.005:
        return []
    return [f"FLOPs are {rule:.3g} * params * tokens, as in the fitted runs"]


def _item_notes(points: Points, frame: pd.DataFrame) -> list[str]:
    """Say which numbers of items were not given, and what was assumed in their place."""
    missing = frame["n_items"].isna().to_numpy() if "n_items" in frame else np.ones(len(frame), bool)
    assumed = pd.Series(points.rows.n_items, index=score_labels(frame))[missing].groupby(level=0, sort=False).first()
    known, unknown = assumed.dropna(), assumed.index[assumed.isna()]
    notes = []
    if len(known):
        items = _named(f"{label} {count:g}" for label, count in known.items())
        notes.append(f"n_items was not given; scores assume that of the fitted runs: {items}")
    if len(unknown):
        notes.append(f"n_items is not known, and the noise of scores is what the fit inferred: {_named(unknown)}")
    return notes


def _named(names: Iterable[str]) -> str:
    return listed(names, _MOST_NAMED)
