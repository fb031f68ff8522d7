"""What continuing a run that was trained already would gain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_positive
from ..forecasting.budget_rows import flops_rule
from ..forecasting.luck import run_effects
from ..forecasting.notes import convergence_notes, ratio_notes
from ..forecasting.points import Points, encode_points
from ..forecasting.prediction import predict_curve, score_noise
from ..forecasting.quantities import Quantity, check_quantity
from ..laws.surroundings import DEGREES_OF_FREEDOM
from ..model.curve import Curve
from ..model.ladder_notes import fit_that_sees
from ..model.reference import Reference
from ..model.scores import Scores
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.budget_columns import BUDGETS
from ..runs.columns import score_labels
from ..wording import flops_in_words, listed
from .answers import Answer, interval_of
from .cost import Cost, priced, with_costs


@dataclass(frozen=True, eq=False, repr=False)
class Continuation(Answer):
    """What continuing a run gains; made by `continue_run`.

    Attributes
    ----------
    gains : array, shape (samples, rows)
        Draws of the gain of each row of the table.
    """

    gains: Floats

    #: Name of the rows of the mean.
    of_mean: ClassVar[str] = "mean over benchmarks"


def continue_run(
    fit: Fit,
    run: str,
    more_flops: float | Sequence[float],
    *,
    wanted: float = 0.0,
    benchmark: str | Sequence[str] | None = None,
    of: Quantity = "score",
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> Continuation:
    r"""Say what a run gains when it is continued: keep it alive, or stop.

    The run's luck and the questions are the same now and then. What its scores so far say of both is used: a run that
    lies above the curve stays above it, and does so on the questions that it was lucky with.

    Parameters
    ----------
    fit : Fit
        A fitted law of single scores that reads params and tokens.
    run : str
        A fitted run, or the ``trajectory`` of several checkpoints, of which the last one is continued.
    more_flops : float or sequence of float
        Training FLOPs that are added. Parameters stay; tokens grow at the run's own FLOPs a token.
    wanted : float
        The gain in accuracy that would be worth it.
    benchmark : str or sequence of str, optional
        By default all that the run was scored on, and their mean.
    of : {"score", "expected"}
        The gain of the measured score over that measured so far (the default), or of what is expected of the run.
    cost : Cost, optional
        Adds hours, days and money of the added FLOPs.
    random_seed : int, optional
        Seed of the draws.

    Returns
    -------
    Continuation
        Table: one row an amount of compute and benchmark, and one of their mean where there are several: ``score_now``
        as measured, ``score`` and ``gain`` (median and 80% interval) and ``probability``, that of a gain of at least
        `wanted`.

    Raises
    ------
    TypeError
        Where the fit is of a law of attempts or losses, or of two stages, or of one that reads FLOPs alone.
    ValueError
        For a run or a benchmark that was not fitted, or numbers out of range.

    Notes
    -----
    Of the noise of a score, the part that samples the questions is fully shared between now and then, scaled to the new
    score; scatter about the law is new each time. A checkpoint whose learning rate was not annealed scores lower than
    its budget allows; the law does not know of that, and would take the later rise for a gain.
    """
    check_quantity(of)
    if not fit.law.of_scores:
        raise TypeError(f"continue_run() got a fit of {type(fit.law).__name__}; expected one of a law of single scores")
    if not fit.law.reads_sizes:
        raise TypeError(
            f"continue_run() got a fit of {type(fit.law).__name__}, which reads FLOPs alone and promises too much: "
            "a run that is continued keeps its params. Fit a law that reads them: "
            f"{fit_that_sees(fit.law, fit.runs.frame)}"
        )
    if isinstance(wanted, bool) or not -1 <= wanted <= 1:
        raise ValueError(f"wanted is {wanted!r}; expected a gain in accuracy, such as 0.01")
    amounts = [check_positive("more_flops", value) for value in np.atleast_1d(np.asarray(more_flops, object)).tolist()]
    now = _scores_of(fit, run, benchmark)
    later = [_continued(fit, now, amount) for amount in amounts]
    frame, n = pd.concat([now, *later], ignore_index=True), len(now)
    score, expected = _draw(fit, fit.draws(np.random.default_rng(random_seed)), frame, n)
    measured = np.broadcast_to(now["accuracy"].to_numpy(float), (len(score), n))
    before, values = (measured, score) if of == "score" else (expected[:, :n], expected)
    rows, gains = [], []
    for i, (amount, part) in enumerate(zip(amounts, later, strict=True), start=1):
        for one in _compared(now, before, values[:, n * i : n * (i + 1)]):
            row = {"benchmark": one.label, "more_flops": amount, **_sizes(part), "score_now": one.measured}
            row |= interval_of("score", one.later) | interval_of("gain", one.gain)
            rows.append(row | {"wanted": wanted, "probability": float((one.gain >= wanted).mean()), "of": of})
            gains.append(one.gain)
    table = with_costs(pd.DataFrame(rows), cost, "more_flops")
    notes = _notes(fit, now, pd.concat(later, ignore_index=True))
    sentence = _sentence(table, str(now["run"].iloc[0]), cost)
    return Continuation(table, sentence, notes, fit.converged, np.stack(gains, axis=1))


@dataclass(frozen=True)
class _Compared:
    """A score now and later, of one benchmark or of the mean: as measured, and draws of shape (samples,)."""

    label: str
    measured: float
    before: Floats
    later: Floats

    @property
    def gain(self) -> Floats:
        return self.later - self.before


def _compared(now: pd.DataFrame, before: Floats, later: Floats) -> list[_Compared]:
    """Each benchmark, and the mean of several; draws are of shape (samples, benchmarks)."""
    measured = now["accuracy"].to_numpy(float)
    found = [_Compared(name, measured[j], before[:, j], later[:, j]) for j, name in enumerate(score_labels(now))]
    if len(found) > 1:
        found.append(_Compared(Continuation.of_mean, measured.mean(), before.mean(axis=1), later.mean(axis=1)))
    return found


def _sizes(frame: pd.DataFrame) -> dict[str, float]:
    """Budgets of the continued run, those that are known."""
    return {name: frame[name].iloc[0] for name in BUDGETS if frame[name].notna().all()}


def _scores_of(fit: Fit, run: str, benchmark: str | Sequence[str] | None) -> pd.DataFrame:
    """Fitted rows of a run, or of the last checkpoint of a trajectory."""
    frame = fit.runs.frame
    own = frame[frame["run"].astype(str) == run]
    if own.empty:
        checkpoints = frame[frame["trajectory"].astype(str) == run]
        if checkpoints.empty:
            known = listed(dict.fromkeys(frame["run"].astype(str)), 8)
            raise ValueError(f"run {run!r} was not fitted; the fit knows {known}")
        own = checkpoints[checkpoints["flops"] == checkpoints["flops"].max()]
    if benchmark is not None:
        asked = [benchmark] if isinstance(benchmark, str) else list(benchmark)
        labels = np.array(fit.reference.labels)[fit.rows.benchmark[own.index]]
        chosen = (own["benchmark"].astype(str).isin(asked) | pd.Series(labels, own.index).isin(asked)).to_numpy()
        found = {*own["benchmark"].astype(str)[chosen], *labels[chosen]}
        if lacking := [name for name in asked if name not in found]:
            raise ValueError(f"run {run!r} has no score on {listed(lacking, 8)}; it has {listed(labels, 8)}")
        own = own[chosen]
    return own.reset_index(drop=True)


def _continued(fit: Fit, now: pd.DataFrame, more: float) -> pd.DataFrame:
    """The rows of a run once it was trained on."""
    first = now.iloc[0]
    rule = first["flops"] / (first["params"] * first["tokens"])
    rule = rule if np.isfinite(rule) else flops_rule(fit.reference)
    return now.assign(flops=now["flops"] + more, tokens=now["tokens"] + more / (rule * now["params"]))


def _draw(fit: Fit, draws: Draws, frame: pd.DataFrame, n: int) -> tuple[Floats, Floats]:
    """Draws of measured and expected scores of the run, now (the first n rows) and later, shape (samples, rows)."""
    reference = fit.reference
    points = encode_points(reference, frame)
    if points.rows.trajectory[0] < 0:  # by its budget the continued run would be another one, with luck of its own
        run = np.full(len(frame), points.rows.run[0])
        points = replace(points, rows=replace(points.rows, run=run), new_run=np.full(len(frame), -1))
    curve = predict_curve(reference, draws, points)
    curve = curve.shifted(run_effects(reference, draws, points))
    expected = curve.expected
    items, rest = _noise(reference, curve, draws, points)
    of_rows = fit.fitted.observed
    assert isinstance(of_rows, Scores)
    residual = frame["accuracy"].to_numpy(float)[:n] - expected[:, :n]
    # What lies far off by a Student-t noise does so by more than the questions.
    stretched = (items + rest)[:, :n] / _precision(draws, residual / np.sqrt(items + rest)[:, :n])
    share = items[:, :n] / np.maximum(stretched, items[:, :n])
    # Luck with the questions, given what was measured, in standard deviations.
    luck = residual * share / np.sqrt(items[:, :n]) + np.sqrt(1 - share) * draws.normal(n)
    times = len(frame) // n
    score = expected + np.sqrt(items) * np.tile(luck, times) + np.sqrt(rest) * draws.noise(len(frame))
    return np.clip(score, 0.0, 1.0), expected


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


def _notes(fit: Fit, now: pd.DataFrame, later: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        f"continues run {now['run'].iloc[0]!r} of {flops_in_words(now['flops'].iloc[0])} FLOPs, with its luck and its "
        "questions",
        "the law knows nothing of learning rates: of a checkpoint that was not annealed, part of the gain is annealing",
    ]
    trajectory = now["trajectory"].iloc[0]
    checkpoints = fit.runs.frame.loc[fit.runs.frame["trajectory"] == trajectory, "run"].nunique()
    if checkpoints > 1:
        notes.append(f"trajectory {trajectory!r} has {checkpoints} checkpoints; the luck is that of the last one")
    notes += ratio_notes(fit.law, fit.runs.frame, later)
    return (*notes, *convergence_notes(fit))


def _sentence(table: pd.DataFrame, run: str, cost: Cost | None) -> str:
    row = table.iloc[-1]
    of = "the " * (row["benchmark"] == Continuation.of_mean) + row["benchmark"]
    verb = "gains" if row["of"] == "score" else "is expected to gain"
    low, high = (100 * row[f"gain_{side}_80"] for side in ("low", "high"))
    more = f"{flops_in_words(row['more_flops'])} FLOPs more{priced(cost, row['more_flops'])}"
    gained = f"{100 * row['gain']:.2g} points on {of} (80% interval {low:.2g} to {high:.2g})"
    said = f"With {more}, {run} {verb} {gained}"
    return f"{said}; a gain of at least {row['wanted']:g} has probability {row['probability']:.0%}."
