"""From right attempts to pass@k, the share of problems that at least one of k attempts solves."""

from __future__ import annotations

import math
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..arrays import Floats
from .columns import SET_KEY

__all__ = ["pass_at_k"]


@overload
def pass_at_k(n: float, c: float, k: float) -> float: ...


@overload
def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> float | Floats: ...


def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> float | Floats:
    r"""Estimate without bias how often one of k attempts at a problem is right, from n attempts.

    .. math::

        1 - \binom{n - c}{k} \Big/ \binom{n}{k}

    the share of all choices of k among the n attempts that hold at least one of the c right ones (Chen et al. 2021,
    arXiv 2107.03374). The pass@k of a benchmark is its mean over problems.

    Parameters
    ----------
    n : int or array of int
        Attempts made at the problem, at least 1.
    c : int or array of int
        Right ones among them, from 0 to n.
    k : int or array of int
        Attempts that count as one, from 1 to n.

    Returns
    -------
    float or array
        Estimates in [0, 1], of the broadcast shape; a float where all three are single numbers. Exactly 0 where no
        attempt is right, and exactly 1 where fewer than k are wrong. Elsewhere the relative error is below
        1e-13, however small the estimate and however large the counts. The time grows with the smaller of c and k.

    Raises
    ------
    ValueError
        A count is not a whole number or out of range, or the shapes do not go together.

    Examples
    --------
    >>> round(pass_at_k(200, 20, 10), 6)
    0.660226
    >>> pass_at_k([200, 200, 50], [0, 1, 45], 10).round(6)
    array([0.  , 0.05, 1.  ])
    """
    attempts, right, counted = np.broadcast_arrays(_whole("n", n), _whole("c", c), _whole("k", k))
    _refuse("n", attempts, attempts < 1, "at least 1")
    _refuse("c", right, right < 0, "at least 0")
    _refuse("k", counted, counted < 1, "at least 1")
    _refuse("c", right, right > attempts, "at most n =", attempts)
    _refuse("k", counted, counted > attempts, "at most n =", attempts)
    certain = right > attempts - counted
    # The ratio of the binomials is the product of 1 - larger / (n - i) over i < smaller: c and k change places in it.
    smaller = np.where(certain, 0.0, np.minimum(right, counted))
    larger = np.maximum(right, counted)
    log_all_wrong = _log_ratios(attempts, larger, smaller)
    passed = np.where(certain, 1.0, np.abs(np.expm1(log_all_wrong)))
    return passed if passed.ndim else float(passed)


def _log_ratios(n: Floats, larger: Floats, factors: Floats) -> Floats:
    """Sum log(1 - larger / (n - i)) over i from 0 to below factors, once for each different triple of counts."""
    counts = np.stack([n, larger, factors], axis=-1)
    different, place = np.unique(counts.reshape(-1, 3), axis=0, return_inverse=True)
    sums = [np.log1p(-big / (of - np.arange(few))).sum() for of, big, few in different]
    return np.array(sums)[place].reshape(n.shape)


def _whole(name: str, values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    _refuse(name, numbers, ~np.isfinite(numbers) | (numbers != np.floor(numbers)), "a whole number")
    return numbers


def _refuse(name: str, values: Floats, wrong: NDArray[np.bool_], expected: str, bound: Floats | None = None) -> None:
    """Raise an error that names the first wrong value, where there is one."""
    if wrong.any():
        limit = "" if bound is None else f" {bound[wrong][0]:.15g}"
        raise ValueError(f"{name} is {values[wrong][0]:.15g}; expected {expected}{limit}")


def mean_rates(n: Floats, c: Floats, k: Floats) -> Floats:
    """Unbiased pass@k of a benchmark at several k: the mean over its problems.

    Parameters
    ----------
    n, c : array, shape (problems,)
        Attempts at each problem, and right ones among them.
    k : array, shape (ks,)
        Attempts that count as one, at most the fewest of `n`.

    Returns
    -------
    array, shape (ks,)
        Rates.

    Examples
    --------
    >>> mean_rates(np.array([4.0, 4.0]), np.array([1.0, 4.0]), np.array([1.0, 2.0])).tolist()
    [0.625, 0.75]
    """
    rates: Floats = np.asarray(pass_at_k(n[None, :], c[None, :], np.asarray(k, float)[:, None])).mean(axis=1)
    return rates


def powers_up_to(n: Floats) -> Floats:
    """Powers of two up to the fewest attempts at a problem.

    Examples
    --------
    >>> powers_up_to(np.array([9.0, 40.0])).tolist()
    [1.0, 2.0, 4.0, 8.0]
    """
    powers: Floats = 2.0 ** np.arange(int(np.log2(n.min())) + 1, dtype=np.float64)
    return powers


def rates_of_counts(frame: pd.DataFrame, k: Floats | None = None) -> pd.DataFrame:
    """Unbiased rates of a table that counts attempts at single problems.

    Parameters
    ----------
    frame : DataFrame
        Rows of `Runs.frame`, each the count of a problem.
    k : array, optional
        Attempts that count as one; by default powers of two.

    Returns
    -------
    DataFrame
        One row for each run, benchmark and k up to the fewest attempts at a problem, with the rate as accuracy, the
        number of problems, and the median number of attempts.

    Examples
    --------
    >>> of_problems = {"problem": ["p", "q"], "n_samples": 4, "n_correct": [1, 4]}
    >>> rates_of_counts(pd.DataFrame({"run": "a", "benchmark": "x", **of_problems}))[["k", "accuracy", "n_items"]]
         k  accuracy  n_items
    0  1.0     0.625      2.0
    1  2.0     0.750      2.0
    2  4.0     1.000      2.0
    """
    keys = [name for name in SET_KEY if name in frame]
    parts = []
    for _, rows in frame.groupby(keys, sort=False, dropna=False):
        n, right = rows["n_samples"].to_numpy(float), rows["n_correct"].to_numpy(float)
        at = powers_up_to(n) if k is None else np.unique(k[k <= n.min()])
        first = rows.head(1).drop(columns=["problem", "n_correct"])
        part = first.loc[first.index.repeat(len(at))].assign(k=at, accuracy=mean_rates(n, right, at))
        parts.append(part.assign(n_samples=float(np.median(n)), n_items=float(len(rows))))
    return pd.concat(parts, ignore_index=True)


def binomial_stderr(accuracy: float, items: float) -> float:
    """Standard error of a share of right answers, never 0: at 0 and 1 as if half an answer more had gone the other way.

    Parameters
    ----------
    accuracy : float
        The share.
    items : float
        Number of questions; NaN where unknown.

    Returns
    -------
    float
        NaN where the number of questions is unknown.

    Examples
    --------
    >>> binomial_stderr(0.5, 100.0), round(binomial_stderr(0.0, 100.0), 5)
    (0.05, 0.00702)
    """
    share = min(max(accuracy, 0.5 / (items + 1)), 1 - 0.5 / (items + 1))
    return math.sqrt(share * (1 - share) / items)
