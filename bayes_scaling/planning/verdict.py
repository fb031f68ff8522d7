"""Whether to go on with a run: what its continuation reaches, beside a new run of the same FLOPs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..checks import check_target
from ..wording import brief_number, listed, ratio_in_words

_MOST_NAMED = 8
_LIKELY = 0.5  # probability from which a wish is worth the FLOPs
_MARGIN = 0.05  # by how much more often a new run must reach the targets to be preferred


@dataclass(frozen=True)
class Verdict:
    """Whether to go on with a run, for one amount of compute.

    Attributes
    ----------
    gains : float
        Probability of the wanted gain.
    new_better : float
        Probability that a new run of the same FLOPs scores more than the continued one.
    reaches, new_reaches : float or None
        Probability that the continued run, or the new one, reaches every target; None without targets.
    reached : bool
        Whether the run has measured every target already.
    """

    gains: float
    new_better: float
    reaches: float | None
    new_reaches: float | None
    reached: bool

    @property
    def go_on(self) -> bool:
        """Whether going on is the better use of the FLOPs.

        With targets: they are not reached yet, they will be with a probability of at least 50%, and a new run is not
        more probable to reach them by more than 5 points. Without: the wanted gain has a probability of at least 50%,
        and the new run scores more with one of at most 50%.
        """
        if self.reaches is None or self.new_reaches is None:
            return self.gains >= _LIKELY and self.new_better <= _LIKELY
        return not self.reached and self.reaches >= _LIKELY and self.new_reaches <= self.reaches + _MARGIN

    def why(self, wanted: float) -> str:
        """Say what decides, in words."""
        if self.reaches is None or self.new_reaches is None:
            if self.gains < _LIKELY:
                return f"a gain of at least {wanted:g} is not likely"
            return "a new run of as many FLOPs would score more" if not self.go_on else ""
        if self.reached:
            return "it has measured that already"
        if self.reaches >= _LIKELY and not self.go_on:
            return "a new run of as many FLOPs is more likely to reach that"
        return "" if self.go_on else "it is not likely to reach that"


def targets_of(target: float | Mapping[str, float] | None, labels: list[str]) -> dict[str, float]:
    """Wanted scores by label.

    Parameters
    ----------
    target : float, mapping of str to float, or None
        One for every label, or one for each of some.
    labels : list of str
        What can be wanted.

    Raises
    ------
    ValueError
        For a score outside [0, 1], a label that is not known, or an empty mapping.

    Examples
    --------
    >>> targets_of(0.5, ["piqa", "arc"]), targets_of({"piqa": 0.6}, ["piqa", "arc"]), targets_of(None, ["piqa"])
    ({'piqa': 0.5, 'arc': 0.5}, {'piqa': 0.6}, {})
    """
    if target is None:
        return {}
    if not isinstance(target, Mapping):
        return dict.fromkeys(labels, check_target("target", target))
    if not target:
        raise ValueError("target is empty; expected wanted scores by benchmark")
    if unknown := [name for name in target if name not in labels]:
        known = listed(labels, _MOST_NAMED)
        raise ValueError(f"target names {', '.join(map(repr, unknown))}; the run has {known}")
    return {name: check_target(f"target of {name!r}", value) for name, value in target.items()}


def all_reached(scores: Mapping[str, Floats], targets: Mapping[str, float]) -> NDArray[np.bool_]:
    """Whether scores, by label, reach every target, draw by draw.

    Examples
    --------
    >>> all_reached({"a": np.array([0.4, 0.6]), "b": np.array([0.9, 0.9])}, {"a": 0.5, "b": 0.5}).tolist()
    [False, True]
    """
    return np.logical_and.reduce([scores[name] >= value for name, value in targets.items()])


def new_run_in_words(row: pd.Series, params: float) -> str:
    """What a new run of the same FLOPs is, beside one of so many parameters.

    Examples
    --------
    >>> new_run_in_words(pd.Series({"params": 2e9, "tokens": 4e10}), 1e9)
    'A new, larger run of as many FLOPs (2e9 params, 20 tokens per parameter)'
    """
    size = "larger" if row["params"] > params else "smaller"
    sizes = (
        f"{brief_number(row['params'])} params, {ratio_in_words(row['tokens'] / row['params'])} tokens per parameter"
    )
    return f"A new, {size} run of as many FLOPs ({sizes})"
