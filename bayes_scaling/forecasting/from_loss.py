"""Posterior draws of a two-stage law at new points: losses from budgets, and scores from losses.

Stage two at a loss is a curve of its own in each draw: coefficients, ceiling and deviation are drawn once for a set of
points (`stage_two`), and then read at as many losses as are asked for.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..laws.two_stage import TwoStageLaw, stages_of
from ..model.curve import Curve
from ..model.loss_table import loss_measures
from ..model.observed import Fitted
from ..model.reference import Reference
from ..model.scores import Losses
from ..posterior.draws import Draws
from .luck import own_or_drawn, run_effects, scatter_at_each
from .points import Points, encode_points
from .prediction import deviations, point_coefficients, predict_curve

_GRID = 61  # losses at which a deviation is drawn; it is smooth between them
_TAIL = 1e-3  # share of the losses at either end beyond which a deviation goes on straight


@dataclass(frozen=True)
class LogLosses:
    """Draws of the log loss at each point, each of shape (samples, points).

    Attributes
    ----------
    expected : array
        On the curve of stage one.
    measured : array
        Of a run: its luck and the scatter of its losses added.
    """

    expected: Floats
    measured: Floats


def predict_losses(fitted: Fitted, draws: Draws, frame: pd.DataFrame) -> LogLosses:
    """Draw the log loss of each row of a frame; rows of a run that share a loss have the same draws.

    Parameters
    ----------
    fitted : Fitted
        Table of a two-stage law.
    draws : Draws
        Those of the law.
    frame : DataFrame
        Points in the columns of `Runs.frame`; losses are not read.

    Returns
    -------
    LogLosses
        A law whose stage one is a "point" has the median of the curve in every draw, and nothing else.
    """
    law, losses = stages_of(draws.law), fitted.stage_one
    assert losses is not None
    assert draws.stage_one is not None
    measures, code = loss_measures(law, shared_loss(law, losses), frame)
    points = encode_points(losses.reference, measures)
    of_losses = draws.stage_one
    curve = predict_curve(losses.reference, of_losses, points).log_error
    if law.propagates == "point":
        point = np.broadcast_to(np.median(curve, axis=0), curve.shape)
        return LogLosses(point[:, code], point[:, code])
    luck = run_effects(losses.reference, of_losses, points)
    scatter = loss_scatter(losses, of_losses, points) * of_losses.noise(len(measures))
    return LogLosses(curve[:, code], (curve + luck + scatter)[:, code])


def shared_loss(law: TwoStageLaw, losses: Fitted) -> bool:
    """Whether all benchmarks of a run share one loss."""
    return losses.reference.labels == (law.loss,)


def loss_scatter(losses: Fitted, draws: Draws, points: Points) -> Floats:
    """Draws of the spread of a measured log loss about its curve and its run's luck, shape (samples, points)."""
    assert isinstance(losses.observed, Losses)
    named = {} if draws.law.leaves_out("law_noise") else {"law_noise": own_or_drawn(draws, "law_noise", points)}
    if named:
        named["law_noise"] = named["law_noise"] * scatter_at_each(losses.reference, draws, points)
    # What is new at each checkpoint is in the scatter already.
    finished = np.full(len(points), -1)
    of_points = replace(points.rows, benchmark=np.arange(len(points)), trajectory=finished)
    return losses.observed.sd(of_points, named) + np.zeros((draws.size, len(points.rows)))


@dataclass(frozen=True)
class ScoreOfLoss:
    """Draws of stage two at points, to be read at any losses; made by `stage_two`.

    Attributes
    ----------
    law : TwoStageLaw
        The law.
    reference : Reference
        That of stage two.
    points : Points
        The points, whose losses are open.
    coefficients : dict of str to array, shape (samples, points)
        Level, exponent, ceiling and share.
    paths : array, shape (samples, paths, grid)
        Deviation of each curve (log error) along its grid.
    path : int array, shape (points,)
        Which path is a point's.
    first, step : array, shape (paths,)
        Where each grid begins (loss index), and how far it goes in a step.
    """

    law: TwoStageLaw
    reference: Reference
    points: Points
    coefficients: dict[str, Floats]
    paths: Floats
    path: Ints
    first: Floats
    step: Floats

    def at(self, log_loss: Floats) -> Curve:
        """Return the curve, without run, at log losses of shape (samples, points)."""
        rows = self.points.rows
        index = self.reference.loss_index(log_loss, rows.benchmark)
        inputs = self.law.inputs(self.reference, replace(rows, log_proxy=index))
        log_error = self.law.log_error(inputs, self.law.terms(self.coefficients)) + self._deviation(index)
        return Curve(log_error, rows.floor, self.coefficients["ceiling"], self.coefficients["share"])

    def take(self, samples: Ints) -> "ScoreOfLoss":
        """Return some of the samples, in the order asked for."""
        coefficients = {name: value[samples] for name, value in self.coefficients.items()}
        return replace(self, coefficients=coefficients, paths=self.paths[samples])

    def _deviation(self, index: Floats) -> Floats:
        """Deviation at loss indices, straight between the losses of the grid and beyond its ends."""
        position = (index - self.first[self.path]) / self.step[self.path]
        left = np.clip(np.floor(position), 0, self.paths.shape[-1] - 2).astype(np.int64)
        sample = np.arange(len(self.paths))[:, None]
        low, high = (self.paths[sample, self.path, left + by] for by in (0, 1))
        return low + (position - left) * (high - low)


def stage_two(reference: Reference, draws: Draws, points: Points, log_losses: list[Floats]) -> ScoreOfLoss:
    """Draw stage two at points, to be read at losses near the given ones.

    Parameters
    ----------
    reference : Reference
        That of stage two.
    draws : Draws
        Those of a two-stage law.
    points : Points
        The points.
    log_losses : list of array, shape (samples, points)
        Log losses that span those at which it will be read.

    Returns
    -------
    StageTwo
        Its draws.
    """
    law = stages_of(draws.law)
    coefficients = point_coefficients(reference, draws, points)
    benchmark, path, representative = _groups(points)
    indices = [reference.loss_index(values, points.rows.benchmark) for values in log_losses]
    first, last = np.array([_ends(indices, benchmark == b) for b in range(benchmark.max() + 1)]).T
    grids = np.linspace(first, last, _GRID, axis=-1)[benchmark[representative]]
    along = _along(points, np.repeat(representative, _GRID), grids.ravel())
    paths = deviations(reference, draws, along).reshape(draws.size, len(representative), _GRID)
    step = (last - first)[benchmark[representative]] / (_GRID - 1)
    starts = first[benchmark[representative]]
    return ScoreOfLoss(law, reference, points, coefficients, paths, path, starts, step)


def _groups(points: Points) -> tuple[Ints, Ints, Ints]:
    """Benchmark and curve of each point, new ones included, as codes; and the first point of each curve."""
    of_benchmark = np.c_[points.rows.benchmark, points.new_benchmark]
    of_curve = np.c_[of_benchmark, points.rows.curve, points.new_curve, points.rows.family, points.new_family]
    _, benchmark = np.unique(of_benchmark, axis=0, return_inverse=True)
    _, first, curve = np.unique(of_curve, axis=0, return_index=True, return_inverse=True)
    return benchmark.ravel(), curve.ravel(), first


def _ends(indices: list[Floats], chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """Ends of a grid that spans nearly all of the chosen loss indices."""
    values = np.concatenate([index[..., chosen].ravel() for index in indices])
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    widened = max(0.05 * (high - low), 1e-3)
    return float(low - widened), float(high + widened)


def _along(points: Points, which: Ints, index: Floats) -> Points:
    """Points at loss indices in place of budgets."""
    taken = points.take(which)
    return replace(taken, rows=replace(taken.rows, log_proxy=index))
