"""Where to forecast: rows as encoded points, with codes for labels that were not fitted."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..model.reference import Reference
from ..model.rows import Rows
from ..runs.columns import score_labels


@dataclass(frozen=True)
class Points:
    """Where to predict: encoded rows, with codes for the labels that were not fitted.

    Attributes
    ----------
    rows : Rows
        The points in the reference's codes.
    new_benchmark, new_family, new_curve, new_run : int array, shape (points,)
        Codes of labels that were not fitted, from 0; -1 where the label was fitted.
    """

    rows: Rows
    new_benchmark: Ints
    new_family: Ints
    new_curve: Ints
    new_run: Ints


def make_points(reference: Reference, frame: pd.DataFrame) -> Points:
    """Encode the rows of a frame; points that share a label that was not fitted share its code.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`; outcomes are not read.

    Returns
    -------
    Points
        The points, in the rows' order.

    Raises
    ------
    ValueError
        Where a benchmark that was not fitted has no chance.
    """
    rows = reference.encode(frame)
    if (lacking := np.isnan(rows.chance)).any():
        names = ", ".join(map(repr, dict.fromkeys(frame["benchmark"].astype(str)[lacking])))
        raise ValueError(
            f"what random guessing scores on {names} is not known; forecast planned Runs with a column chance"
        )
    scored = np.where(rows.benchmark >= 0, rows.benchmark.astype(str), "new " + score_labels(frame).to_numpy(str))
    family = frame["family"].astype(str).to_numpy(str)
    run = frame["run"].astype(str).to_numpy(str)
    return Points(
        rows,
        new_benchmark=_codes(scored.tolist(), rows.benchmark < 0),
        new_family=_codes(family.tolist(), rows.family < 0),
        new_curve=_codes(_pairs(family, scored), rows.curve < 0),
        new_run=_codes(_pairs(family, run), rows.run < 0),
    )


def unseen_pairs(rows: Rows, frame: pd.DataFrame) -> list[str]:
    """Names of the (family, benchmark) curves of a frame that were not fitted."""
    pairs = frame["family"].astype(str) + " | " + score_labels(frame)
    return list(dict.fromkeys(pairs[rows.curve < 0]))


def extrapolation_decades(reference: Reference, points: Points) -> Floats:
    """Powers of ten between each point's FLOPs and the fitted budgets of its curve; 0 between them, negative below.

    A point of a family that was not fitted is measured from its benchmark's budgets, one of a new benchmark from all.
    """
    rows = points.rows
    of_curve, curve_benchmark = np.array(reference.curve_log_flops), np.array(reference.curve_benchmark)
    of_benchmark = np.array([_span(of_curve[curve_benchmark == b]) for b in range(len(reference.benchmarks))])
    everything = np.array(_span(of_curve))
    known = np.where(rows.benchmark[:, None] >= 0, of_benchmark[rows.benchmark], everything)
    low, high = np.where(rows.curve[:, None] >= 0, of_curve[rows.curve], known).T
    distance = np.maximum(rows.log_flops - high, 0.0) + np.minimum(rows.log_flops - low, 0.0)
    return np.where(np.abs(distance) < 1e-6, 0.0, distance / np.log(10))


def _span(spans: Floats) -> tuple[float, float]:
    """Smallest lower and largest upper end of spans, shape (n, 2)."""
    return float(spans[:, 0].min()), float(spans[:, 1].max())


def _pairs(first: NDArray[np.str_], second: NDArray[np.str_]) -> list[tuple[str, str]]:
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _codes(labels: Sequence[Hashable], new: NDArray[np.bool_]) -> Ints:
    """Codes of new labels in order of appearance, -1 of the others.

    Pairs are no joined texts: pandas 3.0 takes texts with a zero byte for equal where they agree up to it.
    """
    known: dict[Hashable, int] = {}
    codes = [known.setdefault(label, len(known)) if unseen else -1 for label, unseen in zip(labels, new, strict=True)]
    return np.array(codes, np.int64)
