"""Make a forecast from the draws of a fit."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..model.ladder_notes import RatioWarning
from ..model.observed import Fitted
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.planned import Budgets
from ..runs.table import Runs
from .budget_rows import budget_frame
from .checks import check_sees_sizes
from .emergence import emergence_notes, emerging, rests_on_prior
from .forecast import Forecast, describe_points
from .learning_rates import decay_notes
from .notes import budget_notes, convergence_notes, forecast_notes, ratio_notes, rule_notes
from .points import Points, extrapolation_decades, make_points
from .predicting import predict
from .usual_ratios import usual_notes, usual_ratios


class Spoken(Protocol):
    """What says in a sentence how past intervals held: a `Record`."""

    def said(self, *, widened: bool = False) -> str:
        """Say it of a forecast that was widened for it, or was not."""
        ...


class Audit(Protocol):
    """What knows how intervals of a law held: a `Backtest`."""

    def record(self, law: str | None = None, decades: float | None = None) -> Spoken:
        """Count how often they held at some distance."""
        ...

    def recalibrated(self, forecast: Forecast, law: str | None = None) -> Forecast:
        """Widen a forecast by what past ones missed."""
        ...


def forecast(
    fit: Fit,
    at: "Runs | Budgets",
    random_seed: int | None = None,
    *,
    new_groups: Literal["sample"] | None = None,
    audit: Audit | None = None,
    recalibrate: bool = False,
) -> Forecast:
    """Forecast expected and measured scores at new budgets.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    at : Runs or Budgets
        Planned runs, one point a row in the rows' order, or `budgets`, crossed with benchmarks and families. Where the
        law reads params and tokens, budgets of FLOPs alone are taken at the tokens per parameter of the fitted runs, if
        the family keeps one ratio; a note says so.
        Accuracies, standard errors, counts of correct answers and losses of `at` are never read. A run without
        ``n_items`` is taken to be scored on as many questions as the fitted runs, of pass@k one without ``n_samples``
        on as many attempts, and one without ``k`` at k = 1; a note says so.
    random_seed : int, optional
        Seed of what is drawn anew: run effects, noise and what lies between the fitted budgets.
    new_groups : {"sample"}, optional
        What to do with a benchmark or family that was not fitted: by default an error; "sample" draws it from the
        population.
    audit : Backtest, optional
        A backtest of the law on these or like runs: the first note then says how often its 90% intervals held on
        extrapolations as long as the longest of this forecast.
    recalibrate : bool
        Whether to widen the forecast by what past ones of `audit` missed (`Backtest.recalibrated`).

    Returns
    -------
    Forecast
        Draws, one for each posterior draw. A run that was fitted keeps its fitted effect.

    Raises
    ------
    ValueError
        For labels that were not fitted (the known ones are listed), for points that lack a budget, for budgets of
        params and tokens where the law reads FLOPs alone, and for `recalibrate` without `audit`.
    TypeError
        Where `at` is neither Runs nor Budgets.

    Warns
    -----
    RatioWarning
        Where the law reads FLOPs alone, and tokens per parameter drift along the fitted runs of a family, or points
        have more than a factor 2 more or fewer than the fitted runs of their family, and than these would have had if
        they had gone on as they did.
    """
    points = planned_points(fit, at, new_groups=new_groups)
    of_ratios = warn_of_ratios(fit, points)
    found = _forecast_at(fit, at, points, of_ratios, random_seed)
    return with_record(fit, found, audit, recalibrate=recalibrate)


def with_record(fit: Fit, found: Forecast, audit: Audit | None, *, recalibrate: bool = False) -> Forecast:
    """Return a forecast with the record of past ones in its first note, widened by what they missed if so wanted.

    Raises
    ------
    ValueError
        Where it is to be widened without a record.
    """
    if audit is None:
        if recalibrate:
            raise ValueError("recalibrate needs audit, a backtest of the law on these or like runs")
        return found
    longest = max(float(found.points["decades_beyond"].max()), 0.0)
    said = audit.record(fit.law.name, longest).said(widened=recalibrate)
    wider = audit.recalibrated(found, fit.law.name) if recalibrate else found
    return replace(wider, notes=(said, *wider.notes))


def warn_of_ratios(fit: Fit, points: Points) -> list[str]:
    """Return notes on tokens per parameter; where the law does not see these, warn the caller's caller of them too."""
    notes = ratio_notes(fit.law, fit.runs.frame, points.frame)
    if not fit.law.reads_sizes:
        for note in notes:
            warnings.warn(note, RatioWarning, stacklevel=3)
    return notes


def quiet_forecast(
    fit: Fit, at: "Runs | Budgets", random_seed: int | None, *, new_groups: Literal["sample"] | None = None
) -> Forecast:
    """Forecast without a `RatioWarning`, for callers that show the notes, which say the same."""
    points = planned_points(fit, at, new_groups=new_groups)
    return _forecast_at(fit, at, points, ratio_notes(fit.law, fit.runs.frame, points.frame), random_seed)


def _forecast_at(
    fit: Fit, at: "Runs | Budgets", points: Points, of_ratios: Sequence[str], random_seed: int | None
) -> Forecast:
    notes = convergence_notes(fit)
    if isinstance(at, Budgets):
        of_rule = [*budget_notes(fit.reference, at), *usual_notes(usual_ratios(fit.law, fit.runs.frame, at))]
    else:
        of_rule = rule_notes(fit.reference, points.frame)
    of_rule += decay_notes(fit, points)
    draws = fit.draws(np.random.default_rng(random_seed))
    with np.errstate(over="ignore", under="ignore"):  # far out an error may be as large as it likes: Q is 0 there
        return forecast_from(draws, fit.fitted, points, notes=(*notes, *of_rule, *of_ratios), converged=fit.converged)


def planned_points(fit: Fit, at: "Runs | Budgets", *, new_groups: Literal["sample"] | None = None) -> Points:
    """Points of what is to be forecast, checked against what the law needs and, unless new ones may come, its labels.

    Raises
    ------
    TypeError, ValueError
        As of `forecast`.
    """
    if new_groups not in (None, "sample"):
        raise ValueError(f"new_groups={new_groups!r}; expected 'sample' or None")
    if not isinstance(at, Runs | Budgets):
        raise TypeError(f"forecast() got a {type(at).__name__} to forecast at; expected Runs or budgets()")
    if fit.law.of_losses:
        raise ValueError(
            'the fit is stage one of a two-stage fit; forecast that one, whose draws["loss"] has the losses'
        )
    frame = _planned_frame(fit, at) if isinstance(at, Budgets) else at.frame
    return make_points(fit, frame, new_groups=new_groups is not None)


def _planned_frame(fit: Fit, at: Budgets) -> pd.DataFrame:
    check_sees_sizes(fit.law, fit.runs.frame, at)
    return budget_frame(fit.reference, at, usual_ratios(fit.law, fit.runs.frame, at))


def forecast_from(
    draws: Draws,
    fitted: Fitted,
    points: Points,
    *,
    notes: tuple[str, ...],
    converged: bool = True,
    condition: bool = True,
) -> Forecast:
    """Forecast from draws at points; the given notes come first.

    Draws from the prior know nothing of the fitted rates of a set of samples: there `condition` is false.
    """
    found = predict(fitted, draws, points, condition=condition)
    notes = (*notes, *found.notes)
    return forecast_at_points(found.values, fitted, found.points, notes=notes, converged=converged)


def forecast_at_points(
    values: Mapping[str, Floats],
    fitted: Fitted,
    points: Points,
    *,
    notes: tuple[str, ...],
    converged: bool,
) -> Forecast:
    """Forecast of draws that were computed, each of shape (samples, points); the given notes come first."""
    import xarray as xr

    decades = extrapolation_decades(fitted.reference, points)
    described = describe_points(points, decades)
    dataset = xr.Dataset({name: (("sample", "point"), array) for name, array in values.items()})
    asked = set(points.rows.benchmark.tolist())
    late = [found for found in emerging(fitted) if found.benchmark in asked]
    emergence = emergence_notes(late, alone=rests_on_prior(fitted))
    notes = (*notes, *forecast_notes(points, decades, fitted.runs), *emergence)
    return Forecast(described, notes, converged, dataset)
