"""Where one stands today: the best fitted run on each benchmark, and the largest of all."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..evaluation.matching import rates_at
from ..posterior.fit import Fit
from ..runs.columns import score_labels


@dataclass(frozen=True)
class Best:
    """The highest score that a fitted run has."""

    run: str
    score: float
    flops: float


def best_so_far(fit: Fit, k: int | None = None) -> dict[tuple[str, str], Best]:
    """Find the best fitted run of each family and benchmark.

    Parameters
    ----------
    fit : Fit
        The fit.
    k : int, optional
        Of attempts: the k whose rates count; by default 1.

    Returns
    -------
    dict of (str, str) to Best
        By family and label of the benchmark; those without such scores are left out.
    """
    frame = _rates(fit, k)
    frame = frame[frame["accuracy"].notna()].assign(label=score_labels(frame))
    best = frame.loc[frame.groupby(["family", "label"], sort=False)["accuracy"].idxmax()]
    return {
        (str(row["family"]), str(row["label"])): Best(str(row["run"]), float(row["accuracy"]), float(row["flops"]))
        for row in best.to_dict("records")
    }


def _rates(fit: Fit, k: int | None) -> pd.DataFrame:
    """Fitted rows with a score each, at one k."""
    frame = rates_at(fit.runs.frame, np.array([1.0 if k is None else float(k)]))
    if "accuracy" not in frame:
        return frame.assign(accuracy=np.nan)
    if "k" in frame and frame["k"].notna().any():
        frame = frame[frame["k"].fillna(1) == (1 if k is None else k)]
    return frame.reset_index(drop=True)


def largest_fitted(fit: Fit) -> float:
    """FLOPs of the largest fitted run."""
    return float(np.exp(max(fit.reference.run_log_flops)))
