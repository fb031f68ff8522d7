"""What is to be reached: a score of a benchmark or of a mean, by runs of some kind, and forecasts of such runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Floats
from ..checks import check_target
from ..evaluation.record import Record
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import Audit, forecast_from, planned_points, quiet_forecast, with_record
from ..forecasting.quantities import Quantity
from ..posterior.fit import Fit
from ..runs.planned import Budgets, budgets
from ..wording import closest, listed, percent

#: How the mean over all fitted benchmarks is asked for, unless a benchmark has that name.
MEAN = "mean"
_MOST_CELLS = 8_000_000  # draws times points that a search holds
_FEWEST_DRAWS = 500


@dataclass(frozen=True)
class Wanted:
    """A score that is to be reached, and by which runs.

    Attributes
    ----------
    fit : Fit
        The fit.
    benchmarks : tuple of str
        Labels whose mean is meant; of one it is the score itself.
    target : float
        The score.
    of : {"score", "expected"}
        What is to reach it.
    planned : dict
        Arguments of `budgets` beside FLOPs and benchmarks.
    audit : Backtest or None
        Past forecasts of the law.
    recalibrate : bool
        Whether forecasts are widened by what those missed.
    """

    fit: Fit
    benchmarks: tuple[str, ...]
    target: float
    of: Quantity
    planned: dict[str, Any]
    audit: Audit | None = None
    recalibrate: bool = False

    @property
    def name(self) -> str:
        """Of what the score is, in words."""
        if len(self.benchmarks) == 1:
            return self.benchmarks[0]
        every = len(self.benchmarks) == len(self.fit.reference.labels) or len(self.benchmarks) > 3
        return f"the mean over {len(self.benchmarks) if every else listed(self.benchmarks, 3)}" + (
            " benchmarks" if every else ""
        )

    def budgets(self, flops: float | list[float]) -> Budgets:
        """Budgets of such runs."""
        return budgets(flops, benchmark=list(self.benchmarks), **self.planned)

    def forecast(self, flops: float | list[float], seed: int | None) -> Forecast:
        """Forecast such runs with all draws, one point a budget; with its notes."""
        found = self._averaged(quiet_forecast(self.fit, self.budgets(flops), seed), flops)
        return with_record(self.fit, found, self.audit, recalibrate=self.recalibrate)

    def searched(self, flops: list[float], seed: int | None) -> Forecast:
        """Forecast such runs without notes, with as many draws as a search can hold."""
        points = planned_points(self.fit, self.budgets(flops))
        draws = self.fit.draws(np.random.default_rng(seed))
        step = min(int(np.ceil(draws.size * len(points) / _MOST_CELLS)), max(draws.size // _FEWEST_DRAWS, 1))
        with np.errstate(over="ignore", under="ignore"):
            found = forecast_from(draws.every(max(step, 1)), self.fit.fitted, points, notes=())
        found = self._averaged(found, flops)
        if self.recalibrate and self.audit is not None:
            found = self.audit.recalibrated(found, self.fit.law.name)
        return found

    def reached(self, found: Forecast) -> np.ndarray:
        """Whether each draw of a forecast reaches the target, shape (samples, points)."""
        return found.array(self.of) >= self.target

    def record(self, decades: float) -> Record | None:
        """The record of past forecasts that went about as far; None where none was given."""
        found = None if self.audit is None else self.audit.record(self.fit.law.name, decades)
        assert found is None or isinstance(found, Record)
        return found

    @property
    def largest_fitted(self) -> float:
        """FLOPs of the largest fitted run on these benchmarks."""
        return float(np.exp(max(self._spans()[:, 1])))

    @property
    def smallest_fitted(self) -> float:
        """FLOPs of the smallest one."""
        return float(np.exp(min(self._spans()[:, 0])))

    def _spans(self) -> Floats:
        """Log FLOPs between which each curve that is meant was fitted; of a new pair of family and benchmark all."""
        reference = self.fit.reference
        codes = [reference.labels.index(name) for name in self.benchmarks]
        family = self.planned.get("family")
        own = np.isin(reference.curve_benchmark, codes)
        mine = own & (np.array(reference.families)[np.array(reference.curve_family)] == family)
        spans = np.array(reference.curve_log_flops)
        return spans[mine] if mine.any() else spans[own]

    def _averaged(self, found: Forecast, flops: float | list[float]) -> Forecast:
        if len(self.benchmarks) > 1:
            return found.average()
        if len(found) != len(np.atleast_1d(flops)):
            names = listed(dict.fromkeys(found.points["metric"].astype(str)), 8)
            raise ValueError(
                f"benchmark {self.benchmarks[0]!r} was fitted in several ways ({names}); expected a fit to one of them"
            )
        return found


def wanted_labels(fit: Fit, benchmark: str | Sequence[str]) -> tuple[str, ...]:
    """Labels of the benchmarks that are asked for; "mean" is for all, unless one has that name.

    Raises
    ------
    ValueError
        For names that were not fitted.
    """
    labels = fit.reference.labels
    names = {found.name: found.label for found in fit.reference.benchmarks}
    asked = [benchmark] if isinstance(benchmark, str) else list(benchmark)
    if asked == [MEAN] and MEAN not in {*labels, *names}:
        return tuple(labels)
    for name in asked:
        if name not in labels and name not in names:
            near = closest(name, (*labels, *names))
            raise ValueError(
                f"benchmark {name!r} was not fitted; the fit knows {listed(labels, 12)}, or {MEAN!r} for the mean over "
                f"all{near}"
            )
    return tuple(dict.fromkeys(name if name in labels else names[name] for name in asked))


def check_above_chance(fit: Fit, labels: Sequence[str], target: float, name: str = "target") -> float:
    """Return a wanted score, where guessing does not reach it.

    Raises
    ------
    ValueError
        For a score that is none, or that random guessing reaches.
    """
    wanted = check_target(name, target)
    chances = [found.chance for found in fit.reference.benchmarks if found.label in set(labels)]
    chance = float(np.nanmean(chances)) if np.isfinite(chances).any() else 0.0
    if wanted <= chance:
        of = labels[0] if len(labels) == 1 else f"the mean over {len(labels)} benchmarks"
        raise ValueError(
            f"{name} is {wanted:g}, and random guessing scores {chance:.3g} on {of}; expected a score above chance, "
            f"such as {chance + 0.5 * (1 - chance):.2g}"
        )
    return wanted


def asked_with(probability: float) -> str:
    """How sure one wants to be, in words."""
    return f"{percent(probability)}% probability"
