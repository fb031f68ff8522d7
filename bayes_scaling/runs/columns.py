"""Columns of a table that several readers share: numbers, labels and the key of a set of samples."""

import numpy as np
import pandas as pd

from ..arrays import Floats


def score_labels(frame: pd.DataFrame) -> pd.Series:
    """Label of each row's benchmark, with metric and shots added where the frame has several of them.

    Examples
    --------
    >>> score_labels(pd.DataFrame({"benchmark": ["arc", "arc", "piqa"], "metric": ["acc", "acc_norm", "acc"]})).tolist()
    ['arc (acc)', 'arc (acc_norm)', 'piqa']
    """
    labels = frame["benchmark"].astype(str)
    parts = []
    for name in ("metric", "shots"):
        if name in frame:
            several = frame.groupby("benchmark", dropna=False)[name].transform("nunique", dropna=False) > 1
            parts.append(metric_or_shots(frame[name], name).where(several, ""))
    extra = [", ".join(filter(None, words)) for words in zip(*parts, strict=True)] or [""] * len(frame)
    return labels + pd.Series([f" ({words})" if words else "" for words in extra], frame.index, dtype="str")


def metric_or_shots(values: pd.Series, name: str) -> pd.Series:
    """Metrics or shots in words, and whether they are stated."""
    if name == "shots":
        return values.map(lambda v: "shots not stated" if pd.isna(v) else f"{v:g}-shot").astype(str)
    return values.map(lambda v: "metric not stated" if pd.isna(v) else str(v)).astype(str)


SET_KEY = ("run", "benchmark", "metric", "shots")


def counts_problems(frame: pd.DataFrame) -> bool:
    """Whether the rows of a table, or some of them, count attempts at single problems."""
    return "problem" in frame and bool(frame["problem"].notna().any())


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a numeric column, NaN throughout where the frame has none."""
    return frame[name].to_numpy(float) if name in frame else np.full(len(frame), np.nan)
