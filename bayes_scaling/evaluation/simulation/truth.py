"""What simulated runs were drawn from, restated as a fit would report it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...arrays import Floats
from ...laws.attempts import attempts_of
from ...laws.base import Law
from ...laws.hazards import with_log_hazard_raised
from ...model.curve import curve_ceilings
from ...model.reference import Reference
from ...model.response import highest_accuracy, negative_log_q
from ...model.rows import half_log_ratio
from ...runs.budget_columns import SIZES

PerBenchmark = float | Sequence[float] | Floats
_BUDGETS = ("flops", *SIZES, "proxy")
_STEP = 1e-4


@dataclass(frozen=True)
class _At:
    """Log budgets at which curves are looked at, one of each curve; what laws read of encoded rows."""

    benchmark: NDArray[np.int64]
    log_flops: Floats
    log_params: Floats
    log_tokens: Floats
    log_proxy: Floats

    @property
    def log_ratio(self) -> Floats:
        """As `Rows.log_ratio`."""
        return half_log_ratio(self.log_params, self.log_tokens)

    def moved(self, params: float, tokens: float) -> "_At":
        """Budgets with other parameters and tokens, and the compute, or the loss index, that follows."""
        return _At(
            self.benchmark,
            self.log_flops + params + tokens,
            self.log_params + params,
            self.log_tokens + tokens,
            self.log_proxy + params + tokens,
        )


@dataclass(frozen=True, eq=False, repr=False)
class Truth:
    """What simulated runs were drawn from.

    Attributes
    ----------
    law : Law
        The law and the priors that its parameters were drawn from.
    reference : Reference
        Of the planned table: every floor is the chance, and the reference budget of a benchmark is the geometric mean
        of its runs' budgets.
    parameters : dict of str to array
        Every parameter by its name in a fit: scalars, or of shape (curve,), (benchmark,), (family,), (run,) or (set,).
    expected, held_out_expected : array, shape (rows,)
        Expected accuracy of the curve, without the run's effect, at each row of the runs and of the held-out runs; of
        counts the expected pass@1.
    run_effects : Series
        Effect of each run (log error), held-out ones included where there are no attempts.
    stage_one : Truth or None
        Of a two-stage law: that of the losses, of which ``expected`` has the loss of the curve, one row a run.
    """

    law: Law
    reference: Reference
    parameters: Mapping[str, Floats]
    expected: Floats
    held_out_expected: Floats
    run_effects: pd.Series
    stage_one: "Truth | None" = None

    def __repr__(self) -> str:
        return f"Truth of {self.law!r}: {len(self.reference.curve_family)} curves, {len(self.reference.runs)} runs"

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Level, exponent, ceiling, floor and highest accuracy of each curve at its own reference budget."""
        return self._curves(_centres(self.reference), None)

    def curves_at(self, flops: PerBenchmark) -> pd.DataFrame:
        r"""Level and local exponent of each curve at another reference budget, of the law without its deviation.

        Parameters
        ----------
        flops : float or sequence of float
            Reference budgets in FLOPs; one for all benchmarks, or one each. Tokens per parameter stay those of the
            benchmark's own reference budgets.

        Returns
        -------
        DataFrame
            One row a curve: ``family``, ``benchmark``, ``level`` :math:`\log(-\log Q)` and ``exponent``
            :math:`-d \log(-\log Q) / d \log C` at the budget ``flops`` and a fixed ratio, the ``ceiling`` E that
            belongs to them, ``floor``, and ``highest_accuracy``; of laws of params and tokens ``split``, the log ratio
            of the slopes in their logs; of laws of attempts at k = 1, with the bend or the gain in k there.
        """
        if self.law.has_stages:
            raise ValueError(
                "curves of a two-stage law run in the loss, not in FLOPs; stage_one.curves_at() has losses"
            )
        own = self.reference.centre("flops")
        moved = np.broadcast_to(np.log(np.asarray(flops, float)), len(own)) - own
        params, tokens = (self.reference.centre(name) + moved / 2 for name in SIZES)
        return self._curves([own + moved, params, tokens, np.full(len(own), np.nan)], None)

    def curves_for(self, reference: Reference) -> pd.DataFrame:
        """Level and local exponent of each curve as a fit with this Reference defines them.

        A fit measures level and exponent at reference budgets of its own, and its deviations have no trend under
        weights of its own. So the trend that the true deviation has under those weights is counted into the law. The
        conversion is exact for a fit whose floor is the true one. Where scores below chance made the fit's floor lower
        than chance, the truth is still stated on the true floor.

        Parameters
        ----------
        reference : Reference
            Of a fit to these runs, or to some of them.

        Returns
        -------
        DataFrame
            As from `curves_at`.

        Raises
        ------
        ValueError
            Where the fit has other curves.
        """
        own = self.reference
        if reference.curve_labels != own.curve_labels:
            raise ValueError(
                f"the fit has the curves {', '.join(reference.curve_labels)}; "
                f"expected those that were simulated: {', '.join(own.curve_labels)}"
            )
        if self.law.has_stages and not np.allclose(
            own.per_benchmark("loss_slope"), reference.per_benchmark("loss_slope")
        ):
            raise ValueError("the fit measures losses in other units; expected a fit to all of the simulated runs")
        return self._curves(_centres(reference), reference)

    @cached_property
    def _ceiling(self) -> tuple[Floats, Floats]:
        """Ceiling of each curve and its share of the error at the curve's own reference budget."""
        return curve_ceilings(self.reference, self.parameters)

    def _log_error(self, at: _At, fitted: Reference | None) -> Floats:
        """Log of ``-log Q`` of each curve at budgets, with the trend of its deviation under a fit's weights."""
        ceiling, share = self._ceiling
        known = {c.name: self.parameters[c.name] for c in self.law.curve_coefficients}
        log_error = self.law.log_error(self.law.inputs(self.reference, at), self.law.terms(known | {"share": share}))
        if fitted is None:
            return np.log(negative_log_q(log_error, ceiling, share))
        error = negative_log_q(log_error + self._trend(at, fitted), ceiling, share)
        if self.law.sharing("hazard_"):
            error = with_log_hazard_raised(error, self._trend(at, fitted, "hazard_"))
        return np.log(error)

    def _trend(self, at: _At, fitted: Reference, what: str = "") -> Floats:
        """Trend under a fit's weights of one of the law's `deviations`, which goes into the fit's coefficients."""
        own, total = self.reference, np.zeros(len(at.benchmark))
        place = np.stack([getattr(at, f"log_{name}") for name in own.deviates_in], axis=-1)
        for sharing, bases in own.bases.items():
            if f"{what}{sharing}_deviation" not in self.parameters:
                continue
            starts = np.concatenate([[0], np.cumsum([basis.size for basis in bases])])
            for curve, benchmark in enumerate(at.benchmark):
                g = {"table": 0, "benchmark": benchmark, "family": own.curve_family[curve], "curve": curve}[sharing]
                # What a fit's law has no deviation for goes into the benchmark's level and exponent.
                weights = fitted.bases[sharing][g] if sharing in fitted.bases else fitted.bases["benchmark"][benchmark]
                coefficients = self.parameters[f"{what}{sharing}_deviation"][starts[g] : starts[g + 1]]
                deviation = bases[g].rows(weights.points + weights.centre) @ coefficients
                intercept, *slopes = weights.trend @ deviation
                value = intercept + np.dot(slopes, place[curve] - weights.centre)
                total[curve] += self.parameters[f"{what}{sharing}_amplitude"] * value
        return total

    def _curves(self, centres: Sequence[Floats], fitted: Reference | None) -> pd.DataFrame:
        own, benchmark = self.reference, np.array(self.reference.curve_benchmark)
        at = _At(benchmark, *(centre[benchmark] for centre in centres))
        level = self._log_error(at, fitted)

        def slope(params: float, tokens: float) -> Floats:
            up, down = (
                self._log_error(at.moved(sign * _STEP * params, sign * _STEP * tokens), fitted) for sign in (1, -1)
            )
            return (up - down) / (2 * _STEP)

        ceiling, share = self._ceiling
        lowest = ceiling * (1 - share)
        floor = own.per_benchmark("floor")[benchmark]
        columns = {
            "family": np.array(own.families)[list(own.curve_family)],
            "benchmark": np.array(own.labels)[benchmark],
            "level": level,
            "exponent": -slope(0.5, 0.5) * self.law.exponent_per_local(level),
            "ceiling": lowest * np.exp(level) / (np.exp(level) - lowest),
            "floor": floor,
            "highest_accuracy": highest_accuracy(floor, ceiling, share),
            "flops": np.exp(at.log_flops),
        }
        if self.law.reads_sizes:
            columns["split"] = np.log(slope(1.0, 0.0) / slope(0.0, 1.0))
        return pd.DataFrame(columns | self._in_k(level, at, fitted), index=pd.Index(own.curve_labels, name="curve"))

    def _in_k(self, level: Floats, at: _At, fitted: Reference | None) -> dict[str, Floats]:
        """What each curve is in k, such as its bend or gain, where its log error at k = 1 is the level."""
        if not self.law.takes_attempts:
            return {}
        x = at.log_flops - self.reference.centre("flops")[at.benchmark]
        drifted = 1.0 if fitted is None else np.exp(self._trend(at, fitted, "drift_"))
        return {
            name: values * drifted for name, values in attempts_of(self.law).in_k(x, level, self.parameters).items()
        }


def _centres(reference: Reference) -> list[Floats]:
    """Reference log budgets by budget, each of shape (benchmarks,); NaN of what the law does not read."""
    return [np.array([b.centre.get(name, np.nan) for b in reference.benchmarks]) for name in _BUDGETS]
