"""Curves of a law at fitted rows: what scores are expected, and how they scatter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Floats, Ints
from ..laws.base import Law
from .deviation import Basis
from .reference import Reference
from .response import accuracy_slope, ceiling_share, expected_accuracy, measurement_sd
from .rows import Rows
from .trajectories import Trajectory, shares


def fitted_moments(law: Law, reference: Reference, rows: Rows, named: Mapping[str, Any]) -> tuple[Any, Any]:
    """Expected accuracy of each fitted score, its run's effect included, and the spread of the score around it.

    Parameters
    ----------
    law : Law
        The law.
    reference : Reference
        What was read off the fitted table.
    rows : Rows
        The fitted rows.
    named : mapping of str to array
        Parameters, with any leading axes: PyTensor variables, or NumPy draws.

    Returns
    -------
    expected, sd : array, shape (..., rows)
        Accuracies.
    """
    curve, _ = fitted_curve(law, reference, rows, named)
    n_items = rows.n_items
    if "items" in named:
        known = ~np.isnan(n_items)
        n_items = known * np.nan_to_num(n_items) + ~known * named["items"][..., rows.benchmark]
    jitter = named["chance_jitter"][..., rows.benchmark] if "chance_jitter" in named else 0.0
    return curve.expected, sd_of_scores(curve, rows, n_items, new_scatter(rows, named), jitter, named)


def fitted_curve(
    law: Law, reference: Reference, rows: Rows, named: Mapping[str, Any]
) -> tuple["Curve", dict[str, Any]]:
    """Curve at each fitted row, its run's effect included, and the law's `terms` there, each of shape (..., rows).

    Parameters as of `fitted_moments`.
    """
    of_curves = law.terms(curve_coefficients(law, reference, named))
    at = {name: value[..., rows.curve] for name, value in of_curves.items()}
    log_error = law.log_error(law.inputs(reference, rows), at) + fitted_deviation(reference, rows, named)
    if "annealing" in named:
        log_error = log_error + named["annealing"][..., rows.benchmark] * rows.undecayed
    log_error = log_error + _luck(reference, rows, named)
    return Curve(log_error, rows.floor, at["ceiling"], at["share"]), at


def fitted_deviation(reference: Reference, rows: Rows, named: Mapping[str, Any], what: str = "") -> Any:
    """One of the law's `deviations` at each fitted row, shape (..., rows), or 0.0 where it has none."""
    total: Any = 0.0
    for sharing, bases in reference.bases.items():
        name = f"{what}{sharing}"
        if f"{name}_deviation" in named:
            table, index = deviation_table(bases, getattr(rows, sharing), rows.log_budgets(reference.deviates_in))
            deviation = _summed(named[f"{name}_deviation"], table, index)
            total = total + named[f"{name}_amplitude"][..., None] * deviation
    return total


def _luck(reference: Reference, rows: Rows, named: Mapping[str, Any]) -> Any:
    """Luck of each fitted row's run, and along trajectories its own on the benchmark, shape (..., rows) or 0."""
    luck: Any = 0.0
    along = rows.trajectory >= 0
    stays, fades = (part[..., None] for part in shares(named["fading"])) if "fading" in named else (1.0, 0.0)
    log_flops = rows.log_flops[:, None]
    if "run_effect" in named:
        luck = named["run_effect"][..., rows.run]
        luck = luck * (stays * along + ~along) if along.any() else luck
    if "trajectory_deviation" in named:
        table = deviation_table(reference.trajectories, rows.trajectory, log_flops)
        luck = luck + named["run_sd"][..., None] * fades * _summed(named["trajectory_deviation"], *table)
    own: Any = 0.0
    if "series_luck" in named:
        own = stays * along * named["series_luck"][..., np.maximum(rows.series, 0)]
    if "series_deviation" in named:
        bases = [reference.trajectories[code] for code, _ in reference.series]
        own = own + fades * _summed(named["series_deviation"], *deviation_table(bases, rows.series, log_flops))
    if "persistence" not in named:
        return luck
    _, kept = shares(named["persistence"])
    return luck + kept[..., None] * named["law_noise"][..., rows.benchmark] * own


def new_scatter(rows: Rows, named: Mapping[str, Any]) -> Any:
    """Scatter of single scores about the law that is new at each fitted row, shape (..., rows) or 0."""
    if "law_noise" not in named:
        return 0.0
    scatter = named["law_noise"][..., rows.benchmark]
    along = rows.trajectory >= 0
    if "persistence" not in named or not along.any():
        return scatter
    new, _ = shares(named["persistence"])
    return scatter * (new[..., None] * along + ~along)


def _summed(coefficients: Any, table: Floats, index: Ints) -> Any:
    """Deviation of each row: its coefficients times their values there, shape (..., rows)."""
    return (table * coefficients[..., index]).sum(axis=-1)


def curve_coefficients(law: Law, reference: Reference, named: Mapping[str, Any]) -> dict[str, Any]:
    """Coefficients of each fitted curve, its "ceiling" and the ceiling's "share" of the error, each (..., curves).

    They are what `Law.terms` and `Law.derived` take. Parameters as of `fitted_moments`.
    """
    ceiling, share = curve_ceilings(reference, named)
    return {**{c.name: named[c.name] for c in law.coefficients}, "ceiling": ceiling, "share": share}


def curve_ceilings(reference: Reference, named: Mapping[str, Any]) -> tuple[Any, Any]:
    """Ceiling of each fitted curve, 0 where the law has none, and its share of the error, each (..., curves)."""
    level, curves = named["level"], np.array(reference.curve_benchmark)
    ceiling = named["ceiling"][..., curves] if "ceiling" in named else 0.0 * level
    return ceiling, ceiling_share(ceiling, level)


def deviation_table(bases: Sequence[Basis | Trajectory], group: Ints, log_budgets: Floats) -> tuple[Floats, Ints]:
    """Values per coefficient, and the coefficients' positions, shape (rows, q); a row's deviation is their sum."""
    sizes = [basis.size for basis in bases]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    table = np.zeros((len(group), max(sizes)))
    index = np.zeros((len(group), max(sizes)), np.int64)
    for g, basis in enumerate(bases):
        at = group == g
        table[at, : basis.size] = basis.rows(log_budgets[at])
        index[at, : basis.size] = np.arange(starts[g], starts[g + 1])
    return table, index


@dataclass(frozen=True)
class Curve:
    """Draws of the curve at each point, each of shape (samples, points)."""

    log_error: Floats
    floor: Floats
    ceiling: Floats
    share: Floats

    @cached_property
    def expected(self) -> Floats:
        """Expected accuracy."""
        return expected_accuracy(self.log_error, self.floor, self.ceiling, self.share)

    def shifted(self, by: Floats) -> "Curve":
        """Return the same curve with its log error shifted."""
        return Curve(self.log_error + by, self.floor, self.ceiling, self.share)


def sd_of_scores(
    curve: "Curve", rows: Rows, n_items: Any, law_noise: Any, chance_jitter: Any, named: Mapping[str, Any]
) -> Any:
    """Standard deviations of measured scores around a curve."""
    return measurement_sd(
        curve.expected,
        accuracy_slope(curve.log_error, curve.floor, curve.ceiling, curve.share),
        rows.floor,
        rows.chance,
        n_items,
        dispersion=named["dispersion"][..., None],
        law_noise=law_noise,
        chance_jitter=chance_jitter,
    )
