"""Draws of a law at points: one way for each kind of observation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Floats
from ..laws.base import Observes
from ..model.observed import Fitted
from ..posterior.draws import Draws
from .attempts import make_attempts
from .from_loss import predict_losses, stage_two
from .in_k import predict_rates
from .notes import attempt_notes
from .points import Points
from .prediction import predict_curve, predict_scores


@dataclass(frozen=True)
class Predicted:
    """Draws at points.

    Attributes
    ----------
    values : dict of str to array, shape (samples, points)
        ``expected`` and ``score``, and of a two-stage law ``loss``.
    points : Points
        The points, with what was assumed of their attempts.
    notes : tuple of str
        What a reader must know of the attempts; none of other laws.
    """

    values: dict[str, Floats]
    points: Points
    notes: tuple[str, ...] = ()


def predict(fitted: Fitted, draws: Draws, points: Points, *, condition: bool) -> Predicted:
    """Draw expected and measured values at points.

    Parameters
    ----------
    fitted : Fitted
        What was fitted.
    draws : Draws
        Those of its law.
    points : Points
        Where.
    condition : bool
        Whether fitted sets of samples are told from new ones.
    """
    return _PREDICT[draws.law.observes](fitted, draws, points, condition)


def _predict_scores(fitted: Fitted, draws: Draws, points: Points, _: bool) -> Predicted:
    curve = predict_curve(fitted.reference, draws, points)
    scores = predict_scores(curve, fitted.reference, draws, points)
    return Predicted({"expected": curve.expected, "score": scores}, points)


def _predict_attempts(fitted: Fitted, draws: Draws, points: Points, condition: bool) -> Predicted:
    attempts = make_attempts(fitted, points, condition=condition)
    curve = predict_curve(fitted.reference, draws, points)
    expected, scores = predict_rates(curve, draws, points, attempts, fitted)
    notes = attempt_notes(draws, points, attempts, fitted)
    assumed = replace(points, frame=points.frame.assign(k=attempts.k, n_samples=attempts.n_samples))
    return Predicted({"expected": expected, "score": scores}, assumed, tuple(notes))


def _predict_stages(fitted: Fitted, draws: Draws, points: Points, _: bool) -> Predicted:
    losses = predict_losses(fitted, draws, points.frame)
    second = stage_two(fitted.reference, draws, points, [losses.expected, losses.measured])
    expected = second.at(losses.expected).expected
    scores = predict_scores(second.at(losses.measured), fitted.reference, draws, points)
    return Predicted({"expected": expected, "score": scores, "loss": np.exp(losses.measured)}, points)


_PREDICT: dict[Observes, Callable[[Fitted, Draws, Points, bool], Predicted]] = {
    "scores": _predict_scores,
    "attempts": _predict_attempts,
    "stages": _predict_stages,
}
