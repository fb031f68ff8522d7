"""Two-stage forecasts taken apart: stage two alone at known losses, and stage one as if it were known."""

from dataclasses import replace

import numpy as np

from ..laws.two_stage import stages_of
from ..model.loss_table import read_losses_at
from ..posterior.fit import Fit
from ..runs.table import Runs
from .forecast import Forecast
from .from_fit import forecast_at_points
from .from_loss import shared_loss, stage_two
from .notes import convergence_notes, loss_notes
from .points import make_points
from .prediction import predict_scores


def plug_in(fit: Fit) -> Fit:
    """Return a two-stage fit whose forecasts take stage one at its point estimate, as most people do.

    Parameters
    ----------
    fit : Fit
        Of a `TwoStageLaw`.

    Returns
    -------
    Fit
        The same posterior, with the law's option ``stage_one="point"``: every draw of a forecast has the median of the
        curve of the loss, without the run's luck.

    Raises
    ------
    ValueError
        For a fit of another law.
    """
    law = stages_of(fit.law)
    return replace(fit, law=law.with_options(stage_one="point"))


def forecast_at_loss(fit: Fit, at: Runs, random_seed: int | None = None) -> Forecast:
    """Forecast scores of runs whose losses are known: stage two alone.

    Parameters
    ----------
    fit : Fit
        Of a `TwoStageLaw`.
    at : Runs
        Runs with the loss that the law reads, one point a row in the rows' order. Scores are never read.
    random_seed : int, optional
        Seed of what is drawn anew: run effects, noise and what lies between the fitted losses.

    Returns
    -------
    Forecast
        As of `forecast`; ``draws["loss"]`` is the given loss in every draw.

    Raises
    ------
    ValueError
        For a fit of another law, for runs without a loss, and for labels that were not fitted.
    TypeError
        Where `at` is no Runs.
    """
    law = stages_of(fit.law)
    if not isinstance(at, Runs):
        raise TypeError(f"forecast_at_loss() got a {type(at).__name__}; expected Runs with the column {law.loss!r}")
    frame, fitted = at.frame, fit.fitted
    assert fitted.stage_one is not None
    points = make_points(fit, frame, needs=())
    loss = read_losses_at(law, frame, shared=shared_loss(law, fitted.stage_one))
    draws = fit.draws(np.random.default_rng(random_seed))
    log_loss = np.broadcast_to(np.log(loss), (draws.size, len(loss)))
    curve = stage_two(fit.reference, draws, points, [log_loss]).at(log_loss)
    values = {
        "expected": curve.expected,
        "score": predict_scores(curve, fit.reference, draws, points),
        "loss": np.exp(log_loss),
    }
    notes = (*convergence_notes(fit), *loss_notes(law, fitted, loss))
    return forecast_at_points(values, fitted, points, notes=notes, converged=fit.converged)
