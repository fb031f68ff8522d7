"""Budgets to forecast at, before any benchmark is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Numbers = float | Sequence[float]
Labels = str | Sequence[str] | None


@dataclass(frozen=True)
class Budgets:
    """Planned runs, to be crossed with benchmarks and families; made by `budgets`.

    Attributes
    ----------
    flops, params, tokens : tuple of float
        One entry a planned run; NaN where left to the fit's own rule.
    benchmark, family : tuple of str or None
        Labels to forecast; None for all that were fitted.
    """

    flops: tuple[float, ...]
    params: tuple[float, ...]
    tokens: tuple[float, ...]
    benchmark: tuple[str, ...] | None
    family: tuple[str, ...] | None

    def __len__(self) -> int:
        return len(self.flops)


def budgets(
    flops: Numbers | None = None,
    *,
    params: Numbers | None = None,
    tokens: Numbers | None = None,
    benchmark: Labels = None,
    family: Labels = None,
) -> Budgets:
    """Budgets to forecast at: every benchmark and family at every budget.

    Parameters
    ----------
    flops : float or sequence of float
        Training FLOPs of the planned runs.
    params, tokens : float or sequence of float
        Parameters and training tokens of the planned runs, in pairs, instead of `flops`.
    benchmark, family : str or sequence of str, optional
        Labels to forecast; by default all that were fitted.

    Returns
    -------
    Budgets
        Give it to `forecast`. A budget or label that is given twice counts once.

    Raises
    ------
    ValueError
        Where a budget is not a positive number, a list is empty, a label is no text, or neither `flops` nor pairs of
        `params` and `tokens` are given.

    Examples
    --------
    >>> budgets(flops=[1e23, 1e24], benchmark="hellaswag").flops
    (1e+23, 1e+24)
    >>> len(budgets(params=[7e9, 13e9], tokens=[1e12, 2e12]))
    2
    """
    if flops is not None and (params is not None or tokens is not None):
        raise ValueError("budgets() got flops with params or tokens; expected flops, or params and tokens in pairs")
    if flops is None and (params is None or tokens is None):
        raise ValueError("budgets() needs flops, or params and tokens in pairs")
    c, n, d = (_positive(name, value) for name, value in (("flops", flops), ("params", params), ("tokens", tokens)))
    if flops is None and len(n) != len(d):
        raise ValueError(f"budgets() got {len(n)} params and {len(d)} tokens; expected pairs")
    unknown = (np.nan,) * max(len(c), len(n))
    runs = dict.fromkeys(zip(c or unknown, n or unknown, d or unknown, strict=True))
    each_c, each_n, each_d = zip(*runs, strict=True)
    return Budgets(each_c, each_n, each_d, _labels("benchmark", benchmark), _labels("family", family))


def _positive(name: str, values: Numbers | None) -> tuple[float, ...]:
    if values is None:
        return ()
    try:
        found = tuple(float(value) for value in np.atleast_1d(np.asarray(values, float)))
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {values!r}; expected a positive number, or a list of them") from None
    if not found:
        raise ValueError(f"{name} is empty; expected at least one budget")
    for value in found:
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} holds {value!r}; expected positive numbers")
    return found


def _labels(name: str, labels: Labels) -> tuple[str, ...] | None:
    if labels is None:
        return None
    found: Iterable[object] = (labels,) if isinstance(labels, str) else tuple(labels)
    for label in found:
        if not isinstance(label, str):
            raise ValueError(f"{name} holds {label!r}; expected names")
    if not found:
        raise ValueError(f"{name} is empty; expected at least one name, or None for all that were fitted")
    return tuple(dict.fromkeys(str(label) for label in found))
