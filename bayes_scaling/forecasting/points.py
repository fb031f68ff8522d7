"""Where to forecast: rows as encoded points, with codes for labels that were not fitted."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..model.reference import Reference
from ..model.rows import Rows
from ..posterior.fit import Fit
from ..runs.checkpoints import training_runs
from ..runs.columns import score_labels
from .checks import check_attempts, check_budgets, check_labels


@dataclass(frozen=True)
class Points:
    """Where to predict: rows of a table, encoded, with codes for the labels that were not fitted.

    Attributes
    ----------
    frame : DataFrame
        The points in the columns of `Runs.frame`; outcomes are not read.
    rows : Rows
        The points in the reference's codes.
    new_benchmark, new_family, new_curve, new_run : int array, shape (points,)
        Codes of labels that were not fitted, from 0; -1 where the label was fitted.
    """

    frame: pd.DataFrame
    rows: Rows
    new_benchmark: Ints
    new_family: Ints
    new_curve: Ints
    new_run: Ints

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def along(self) -> NDArray[np.bool_]:
        """Which points lie along the checkpoints of one training run: a fitted one, or a new one at several budgets."""
        of_run = pd.Series(self.rows.log_flops).groupby(self.new_run).transform("nunique").to_numpy()
        return (self.rows.trajectory >= 0) | ((self.new_run >= 0) & (of_run > 1))

    def take(self, chosen: Ints) -> "Points":
        """Return some of the points, in the order asked for, with the same codes."""
        codes = {name: getattr(self, name)[chosen] for name in _CODES}
        return Points(self.frame.iloc[chosen].reset_index(drop=True), self.rows.take(chosen), **codes)

    def recoded(self) -> "Points":
        """Return the same points, with the new labels counted anew, in order of appearance."""
        codes = {name: getattr(self, name) for name in _CODES}
        return Points(self.frame, self.rows, **{name: _codes(code.tolist(), code >= 0) for name, code in codes.items()})


_CODES = tuple(field.name for field in fields(Points) if field.name.startswith("new_"))


def make_points(
    fit: Fit, frame: pd.DataFrame, *, new_groups: bool = False, needs: Sequence[str] | None = None
) -> Points:
    """Check rows against what a fit needs and knows, and encode them.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    frame : DataFrame
        Rows in the columns of `Runs.frame`; outcomes are not read.
    new_groups : bool
        Whether benchmarks and families that were not fitted may come.
    needs : sequence of str, optional
        Columns that every row must have; by default what the law reads.

    Returns
    -------
    Points
        The points, in the rows' order.

    Raises
    ------
    ValueError
        Where there are no rows, one lacks what the law reads or asks for what it does not describe, or a label was not
        fitted.
    """
    check_budgets(fit.law.needs if needs is None else needs, frame)
    check_attempts(fit.law, frame)
    rows = fit.reference.encode(frame)
    if not new_groups:
        check_labels(fit.reference, frame, rows)
    return _with_new(fit.reference, frame, rows)


def encode_points(reference: Reference, frame: pd.DataFrame) -> Points:
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
    return _with_new(reference, frame, reference.encode(frame))


def _with_new(reference: Reference, frame: pd.DataFrame, rows: Rows) -> Points:
    """Add the codes of what was not fitted."""
    if (lacking := np.isnan(rows.chance)).any():
        names = ", ".join(map(repr, dict.fromkeys(frame["benchmark"].astype(str)[lacking])))
        raise ValueError(
            f"what random guessing scores on {names} is not known; forecast planned Runs with a column chance"
        )
    scored = np.where(rows.benchmark >= 0, rows.benchmark.astype(str), "new " + score_labels(frame).to_numpy(str))
    family = frame["family"].astype(str).to_numpy(str)
    run = (training_runs(frame) if reference.follows_runs else frame["run"].astype(str)).to_numpy(str)
    return Points(
        frame,
        rows,
        new_benchmark=_codes(scored.tolist(), rows.benchmark < 0),
        new_family=_codes(family.tolist(), rows.family < 0),
        new_curve=_codes(_pairs(family, scored), rows.curve < 0),
        new_run=_codes(_pairs(family, run), rows.run < 0),
    )


def unseen_pairs(points: Points) -> list[str]:
    """Names of the (family, benchmark) curves of points that were not fitted."""
    pairs = points.frame["family"].astype(str) + " | " + score_labels(points.frame)
    return list(dict.fromkeys(pairs[points.rows.curve < 0]))


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
