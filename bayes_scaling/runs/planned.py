"""Budgets to forecast at, before any benchmark is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from .budget_columns import BUDGET_COLUMNS

Numbers = float | Sequence[float]
Labels = str | Sequence[str] | None


@dataclass(frozen=True)
class Budgets:
    """Planned runs, to be crossed with benchmarks and families; made by `budgets`.

    Attributes
    ----------
    flops, params, tokens : tuple of float
        One entry a planned run; NaN where left to the fit's own rule.
    ratio : tuple of float
        Tokens per parameter, one entry a planned run; NaN where not given.
    k : tuple of int or None
        Attempts at each problem that count as one; every planned run is forecast at each. None where not given.
    benchmark, family : tuple of str or None
        Labels to forecast; None for all that were fitted.
    annealed : bool or None
        Whether their learning rates are decayed when they are scored; None for as those of the largest fitted runs.
    """

    flops: tuple[float, ...]
    params: tuple[float, ...]
    tokens: tuple[float, ...]
    ratio: tuple[float, ...]
    k: tuple[int, ...] | None
    benchmark: tuple[str, ...] | None
    family: tuple[str, ...] | None
    annealed: bool | None = None

    def __len__(self) -> int:
        return len(self.flops)


def budgets(
    flops: Numbers | None = None,
    *,
    params: Numbers | None = None,
    tokens: Numbers | None = None,
    ratio: Numbers | None = None,
    k: Numbers | None = None,
    benchmark: Labels = None,
    family: Labels = None,
    annealed: bool | None = None,
) -> Budgets:
    """Budgets to forecast at: every benchmark and family at every budget, ratio and k.

    Parameters
    ----------
    flops : float or sequence of float
        Training FLOPs of the planned runs.
    params, tokens : float or sequence of float
        Parameters and training tokens of the planned runs, in pairs, instead of `flops`.
    ratio : float or sequence of float, optional
        Training tokens per parameter, D / N; every one of `flops` is combined with every ratio. Parameters and tokens
        follow from both when the budgets are forecast, by the rule of the fitted runs (usually C = 6ND).
    k : int or sequence of int, optional
        Attempts at each problem, for pass@k. One planned run is forecast at every k.
    benchmark, family : str or sequence of str, optional
        Labels to forecast; by default all that were fitted.
    annealed : bool, optional
        Whether the learning rate is decayed when the planned runs are scored (True), or is still at its peak (False),
        as at a checkpoint in the midst of a run. By default as of the largest fitted runs.

    Returns
    -------
    Budgets
        Give it to `forecast`. A budget, k or label that is given twice counts once. Its length is the number of
        planned runs.

    Raises
    ------
    ValueError
        Where a budget or ratio is not a positive number, k is no whole number of at least 1, a list is empty, a label
        is no text, `annealed` is neither true nor false, neither `flops` nor pairs of `params` and `tokens` are given,
        or `ratio` stands beside `params` or `tokens`.

    Examples
    --------
    >>> budgets(flops=[1e23, 1e24], benchmark="hellaswag").flops
    (1e+23, 1e+24)
    >>> len(budgets(params=[7e9, 13e9], tokens=[1e12, 2e12]))
    2
    >>> at = budgets(flops=[1e22, 1e23], ratio=[20, 100], k=[1, 10])
    >>> at.flops, at.ratio, at.k
    ((1e+22, 1e+22, 1e+23, 1e+23), (20.0, 100.0, 20.0, 100.0), (1, 10))
    >>> budgets(flops=1e23, annealed=False).annealed
    False
    """
    sized = params is not None or tokens is not None
    if flops is not None and sized:
        raise ValueError("budgets() got flops with params or tokens; expected flops, or params and tokens in pairs")
    if ratio is not None and sized:
        raise ValueError("budgets() got ratio with params or tokens; expected ratio with flops only")
    if flops is None and (params is None or tokens is None):
        raise ValueError("budgets() needs flops, or params and tokens in pairs; ratio goes with flops")
    n, d = _positive("params", params), _positive("tokens", tokens)
    if len(n) != len(d):
        raise ValueError(f"budgets() got {len(n)} params and {len(d)} tokens; expected pairs")
    pairs = [(np.nan, *pair, np.nan) for pair in zip(n, d, strict=True)]
    crossed = product(_positive("flops", flops), (np.nan,), (np.nan,), _positive("ratio", ratio) or (np.nan,))
    each_c, each_n, each_d, each_ratio = zip(*dict.fromkeys(pairs or crossed), strict=True)
    attempts = None if k is None else _attempts(k)
    labels = _labels("benchmark", benchmark), _labels("family", family)
    if not (annealed is None or isinstance(annealed, bool | np.bool_)):
        raise ValueError(f"annealed is {annealed!r}; expected True, False, or None for as the largest fitted runs")
    return Budgets(each_c, each_n, each_d, each_ratio, attempts, *labels, None if annealed is None else bool(annealed))


#: Outside of these is no run but a unit that was not said; those of `Runs`, with room for searches far beyond.
_LIMITS = {name: column.limits for name, column in BUDGET_COLUMNS.items()} | {
    "flops": (BUDGET_COLUMNS["flops"].limits[0], 1e40),
    "ratio": (1e-3, 1e8),
}
_EXAMPLES = {name: column.planned for name, column in BUDGET_COLUMNS.items()} | {
    "ratio": "tokens per parameter such as 20"
}


def _positive(name: str, values: Numbers | None) -> tuple[float, ...]:
    if values is None:
        return ()
    found = _floats(name, values, "a positive number")
    for value in found:
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} holds {value!r}; expected positive numbers")
        low, high = _LIMITS[name]
        if not low <= value <= high:
            raise ValueError(
                f"{name} holds {value:.6g}, which no run has: looks like another unit; expected {_EXAMPLES[name]} "
                f"(from {low:g} to {high:g})"
            )
    return found


def _attempts(values: Numbers) -> tuple[int, ...]:
    found = _floats("k", values, "a whole number")
    for value in found:
        if not (value.is_integer() and value >= 1):
            raise ValueError(f"k holds {value:.10g}; expected whole numbers of at least 1")
    return tuple(dict.fromkeys(map(int, found)))


def _floats(name: str, values: Numbers, expected: str) -> tuple[float, ...]:
    try:
        found = tuple(float(value) for value in np.atleast_1d(np.asarray(values, float)))
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {values!r}; expected {expected}, or a list of them") from None
    except OverflowError:
        raise ValueError(f"{name} holds an integer beyond 1e308; expected {expected}, or a list of them") from None
    if not found:
        raise ValueError(f"{name} is empty; expected at least one number")
    return found


def _labels(name: str, labels: Labels) -> tuple[str, ...] | None:
    if labels is None:
        return None
    try:
        found: tuple[object, ...] = (labels,) if isinstance(labels, str) else tuple(labels)
    except TypeError:
        raise ValueError(f"{name} is {labels!r}; expected a name, or a list of them") from None
    for label in found:
        if not isinstance(label, str):
            raise ValueError(f"{name} holds {label!r}; expected names")
    if not found:
        raise ValueError(f"{name} is empty; expected at least one name, or None for all that were fitted")
    return tuple(dict.fromkeys(str(label) for label in found))
