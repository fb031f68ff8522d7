"""Scores of a run that is trained on, and of a new run in its stead: rows and draws."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.budget_rows import flops_rule
from ..forecasting.luck import run_effects
from ..forecasting.points import Points, encode_points
from ..forecasting.prediction import predict_curve, score_noise
from ..laws.surroundings import DEGREES_OF_FREEDOM
from ..model.curve import Curve
from ..model.reference import Reference
from ..model.scores import Scores
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.checkpoints import filled_undecayed, training_runs
from ..wording import listed

_MOST_NAMED = 8


def last_scores(fit: Fit, run: str, benchmark: str | Sequence[str] | None) -> pd.DataFrame:
    """Fitted rows of a run, or of the last checkpoint of a trajectory; what is known of its learning rate is filled in.

    Raises
    ------
    ValueError
        For a run that was not fitted, or a benchmark that it was not scored on.
    """
    frame = fit.runs.frame
    own = frame[frame["run"].astype(str) == run]
    if own.empty:
        checkpoints = frame[frame["trajectory"].astype(str) == run]
        if checkpoints.empty:
            known = listed(dict.fromkeys(frame["run"].astype(str)), _MOST_NAMED)
            raise ValueError(f"run {run!r} was not fitted; the fit knows {known}")
        own = checkpoints[checkpoints["flops"] == checkpoints["flops"].max()]
    if benchmark is not None:
        own = _chosen(fit, own, run, [benchmark] if isinstance(benchmark, str) else list(benchmark))
    if not np.isnan(fit.reference.decay.held):
        own = own.assign(annealed=np.nan, lr_fraction=filled_undecayed(frame)[own.index])
    return own.reset_index(drop=True)


def _chosen(fit: Fit, own: pd.DataFrame, run: str, asked: list[str]) -> pd.DataFrame:
    """Rows of some benchmarks, by name or label."""
    labels = np.array(fit.reference.labels)[fit.rows.benchmark[own.index]]
    chosen = (own["benchmark"].astype(str).isin(asked) | pd.Series(labels, own.index).isin(asked)).to_numpy()
    found = {*own["benchmark"].astype(str)[chosen], *labels[chosen]}
    if lacking := [name for name in asked if name not in found]:
        known = listed(labels, _MOST_NAMED)
        raise ValueError(f"run {run!r} has no score on {listed(lacking, _MOST_NAMED)}; it has {known}")
    return own[chosen]


def trained_on(fit: Fit, now: pd.DataFrame, more: float, annealed: bool | None) -> pd.DataFrame:
    """The rows of a run once it was trained on, its learning rate being decayed at the end, or not."""
    tokens = now["tokens"] + more / (_rule(fit, now) * now["params"])
    return _with_rate(now.assign(flops=now["flops"] + more, tokens=tokens), annealed)


def new_run(fit: Fit, now: pd.DataFrame, flops: float, ratio: float, annealed: bool | None) -> pd.DataFrame:
    """The same rows of a new run of some FLOPs, at some tokens per parameter."""
    params = np.sqrt(flops / (_rule(fit, now) * ratio))
    name = f"new run of {flops!r} FLOPs instead of {now['run'].iloc[0]}"
    sizes = {"flops": flops, "params": params, "tokens": ratio * params}
    return _with_rate(now.assign(run=name, trajectory=name, **sizes), annealed)


def _with_rate(frame: pd.DataFrame, annealed: bool | None) -> pd.DataFrame:
    return frame.assign(annealed=np.nan if annealed is None else float(annealed), lr_fraction=np.nan)


def _rule(fit: Fit, now: pd.DataFrame) -> float:
    """FLOPs per parameter and token of a run; of all of them where it does not say."""
    first = now.iloc[0]
    own = float(first["flops"] / (first["params"] * first["tokens"]))
    return own if np.isfinite(own) else flops_rule(fit.reference)


def usual_ratio(frame: pd.DataFrame, family: str) -> float:
    """Tokens per parameter that new runs of a family have: the median of its training runs at their ends.

    Of a family of one size that of all training runs.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`, with params and tokens.
    family : str
        The family.

    Examples
    --------
    >>> frame = pd.DataFrame({"run": ["a1", "a2", "b", "c"], "trajectory": ["a", "a", "b", "c"], "family": "f"})
    >>> frame = frame.assign(flops=[1.0, 2.0, 4.0, 9.0], params=[1.0, 1.0, 2.0, 3.0], tokens=[10.0, 20.0, 50.0, 90.0])
    >>> usual_ratio(frame, "f")
    25.0
    """
    ends = frame.assign(of=training_runs(frame)).sort_values("flops").groupby(["family", "of"]).tail(1)
    ends = ends.drop_duplicates(["family", "of"])
    own = ends[ends["family"] == family]
    chosen = own if len(own["params"].unique()) > 1 else ends
    return float((chosen["tokens"] / chosen["params"]).median())


def draw_scores(fit: Fit, draws: Draws, frame: pd.DataFrame, n: int, fresh: int = 0) -> tuple[Floats, Floats]:
    """Draws of measured and expected scores of a run, now and later, and of new runs, shape (samples, rows).

    Parameters
    ----------
    fit : Fit
        The fit.
    draws : Draws
        Its draws.
    frame : DataFrame
        First the n rows of the run as it is, as measured; then those of later, as many each time; the last `fresh` rows
        are of new runs.
    n, fresh : int
        Numbers of rows.

    Returns
    -------
    score, expected : array, shape (samples, rows)
        The luck of the run is in both.
    """
    reference, own = fit.reference, len(frame) - fresh
    points = _going_on(encode_points(reference, frame), own)
    curve = predict_curve(reference, draws, points)
    curve = curve.shifted(run_effects(reference, draws, points))
    expected = curve.expected
    items, rest = _noise(reference, curve, draws, points)
    assert isinstance(fit.fitted.observed, Scores)
    residual = frame["accuracy"].to_numpy(float)[:n] - expected[:, :n]
    # What lies far off by a Student-t noise does so by more than the questions.
    stretched = (items + rest)[:, :n] / _precision(draws, residual / np.sqrt(items + rest)[:, :n])
    share = items[:, :n] / np.maximum(stretched, items[:, :n])
    # Luck with the questions, given what was measured, in standard deviations; new runs have luck of their own.
    luck = residual * share / np.sqrt(items[:, :n]) + np.sqrt(1 - share) * draws.normal(n)
    luck = np.tile(luck, own // n)
    rest = np.sqrt(rest) * draws.noise(len(frame))
    if fresh:
        luck = np.concatenate([luck, draws.normal(fresh)], axis=1)
    return np.clip(expected + np.sqrt(items) * luck + rest, 0.0, 1.0), expected


def _going_on(points: Points, own: int) -> Points:
    """Points of which the first are of one run: by its budget a finished one would be another, with luck of its own."""
    if points.rows.trajectory[0] >= 0:
        return points
    first = np.arange(len(points)) < own
    rows = replace(points.rows, run=np.where(first, points.rows.run[0], points.rows.run))
    return replace(points, rows=rows, new_run=np.where(first, -1, points.new_run))


def _precision(draws: Draws, standardised: Floats) -> Floats | float:
    """Draw the precision of the noise of measured scores, given how far they lie off; 1 where noise is normal."""
    if draws.law.leaves_out(DEGREES_OF_FREEDOM):
        return 1.0
    df = draws.scale(DEGREES_OF_FREEDOM)[:, None]
    return draws.rng.gamma((df + 1) / 2, 2 / (df + standardised**2))


def _noise(reference: Reference, curve: Curve, draws: Draws, points: Points) -> tuple[Floats, Floats]:
    """Variance of scores by the sampling of questions, and by the rest."""
    noise = score_noise(reference, draws, points)
    total = noise.sd(curve) ** 2
    expected = curve.expected
    items = noise.scalars["dispersion"][:, None] ** 2 * expected * (1 - expected) / noise.n_items
    return np.maximum(items, 1e-12), np.maximum(total - items, 1e-12)
