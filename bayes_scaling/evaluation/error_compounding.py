"""How the errors of a two-stage forecast compound: variance, errors, intervals, and how they grow with the budget."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..forecasting.at_loss import forecast_at_loss, plug_in
from ..forecasting.budget_rows import budget_frame
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..forecasting.from_loss import ScoreOfLoss, loss_scatter, predict_losses, shared_loss, stage_two
from ..forecasting.luck import run_effect_moments
from ..forecasting.points import Points, encode_points
from ..forecasting.prediction import ScoreNoise, predict_curve, score_noise
from ..laws.two_stage import stages_of
from ..model.loss_table import filled_losses, loss_measures
from ..posterior.fit import Fit
from ..runs.held_out import check_held_out
from ..runs.planned import budgets
from ..runs.table import Runs
from ..wording import bound_names, percent, ranges_in_words
from .compounding import AVERAGE, PROB, PROBS, SOURCES, Compounding
from .scoring import score_forecast
from .variance_shares import VarianceShares, variance_shares

#: Factors above the largest fitted budget at which the growth is shown.
FACTORS = (2.0, 5.0, 10.0, 30.0, 100.0)


def compounding(fit: Fit, held_out: Runs, *, direct: Fit | None = None, random_seed: int | None = 0) -> Compounding:
    """Find how the errors of a two-stage forecast compound.

    Parameters
    ----------
    fit : Fit
        Of a `TwoStageLaw` that passes stage one's draws on.
    held_out : Runs
        Runs that were not fitted, with scores and the loss that the law reads. Rows without either are left out; a note
        says so.
    direct : Fit, optional
        Of a law of one stage on the same benchmarks, to stand beside it.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Compounding
        Variance shares, errors, intervals and growth.

    Raises
    ------
    ValueError
        For a fit of another law, or one whose stage one is a point; where no row has both a score and a loss; for
        labels that were not fitted; and where rows were fitted.

    Notes
    -----
    The variance of a forecast score is shared among four independent sources: the parameters of stage one with its
    deviation, the luck and scatter of a run's loss, the parameters of stage two with its deviation, and the luck and
    noise of a score. They are independent under the cut posterior, so that Sobol indices are exact but for their Monte
    Carlo error (`variance_shares`). The errors are those of `forecast` and `forecast_at_loss`.
    """
    law = stages_of(fit.law)
    if law.propagates == "point":
        raise ValueError("stage one of the fit is a point, which has no variance to share; expected the fit itself")
    check_held_out(fit.fitted.runs, held_out)
    if direct is not None:
        check_held_out(direct.fitted.runs, held_out, "the fit of one stage")
    runs, notes = _with_score_and_loss(fit, held_out)
    predicted = quiet_forecast(fit, runs, random_seed)
    at_loss = forecast_at_loss(fit, runs, random_seed)
    forecasts = {
        "two-stage": predicted,
        "plug-in": quiet_forecast(plug_in(fit), runs, random_seed),
        "stage two at the true loss": at_loss,
    }
    if direct is not None:
        forecasts[direct.law.name] = quiet_forecast(direct, runs, random_seed)
    return Compounding(
        shares=_shares(fit, runs.frame, random_seed),
        errors=_errors(fit, runs.frame, predicted, at_loss, random_seed),
        intervals=pd.concat([_of_method(name, found, runs) for name, found in forecasts.items()], ignore_index=True),
        growth=_growth(fit, random_seed),
        notes=(*notes, *predicted.notes),
    )


def _with_score_and_loss(fit: Fit, held_out: Runs) -> tuple[Runs, tuple[str, ...]]:
    law, losses, frame = stages_of(fit.law), fit.fitted.stage_one, held_out.frame
    assert losses is not None
    loss = filled_losses(law, frame, shared=shared_loss(law, losses))
    scored = frame["accuracy"].notna().to_numpy() if "accuracy" in frame else np.zeros(len(frame), bool)
    kept = scored & ~np.isnan(loss)
    if not kept.any():
        raise ValueError("no held-out row has both an accuracy and a loss; the errors of the stages cannot be told")
    notes = () if kept.all() else (f"{(~kept).sum()} of {len(kept)} held-out rows lack a score or a loss: left out",)
    return Runs(frame[kept].reset_index(drop=True)), notes


@dataclass(frozen=True)
class _Sources:
    """Draws of a two-stage forecast's sources at points, apart from each other.

    Loss curves and lucks have one column a loss measured, scores one a point.
    """

    loss_curve: Floats
    luck_mean: Floats
    luck_sd: Floats
    scatter: Floats
    loss_units: tuple[Floats, Floats]
    of_loss: Ints
    loss_run: Ints
    second: ScoreOfLoss
    effect_mean: Floats
    effect_sd: Floats
    noise: ScoreNoise
    score_units: tuple[Floats, Floats]
    run: Ints

    def scores(self, take: Sequence[Ints]) -> Floats:
        """Scores of samples of the four sources, shape (n, points)."""
        one, one_noise, two, two_noise = take
        lucky, scattered = (units[one_noise] for units in self.loss_units)
        loss = self.loss_curve[one] + self.luck_mean[one] + self.luck_sd[one] * lucky[:, self.loss_run]
        log_loss = (loss + self.scatter[one] * scattered)[:, self.of_loss]
        lucky, noisy = (units[two_noise] for units in self.score_units)
        effect = self.effect_mean[two] + self.effect_sd[two] * lucky[:, self.run]
        curve = self.second.take(two).at(log_loss).shifted(effect)
        return np.clip(curve.expected + self.noise.take(two).sd(curve) * noisy, 0.0, 1.0)


def _sources(fit: Fit, frame: pd.DataFrame, rng: np.random.Generator) -> _Sources:
    law, fitted, draws = stages_of(fit.law), fit.fitted, fit.draws(rng)
    losses = fitted.stage_one
    assert losses is not None
    assert draws.stage_one is not None
    measures, of_loss = loss_measures(law, shared_loss(law, losses), frame)
    of_runs, points = encode_points(losses.reference, measures), encode_points(fit.reference, frame)
    curve = predict_curve(losses.reference, draws.stage_one, of_runs).log_error
    luck_mean, luck_sd = run_effect_moments(losses.reference, draws.stage_one, of_runs)
    scatter = loss_scatter(losses, draws.stage_one, of_runs)
    spread = 3 * np.hypot(luck_sd, scatter)
    span = [(curve + sign * spread + luck_mean)[:, of_loss] for sign in (-1, 1)]
    effect_mean, effect_sd = run_effect_moments(fit.reference, draws, points)
    return _Sources(
        loss_curve=curve,
        luck_mean=luck_mean,
        luck_sd=luck_sd,
        scatter=scatter,
        loss_units=(draws.stage_one.noise(_n_new(of_runs)), draws.stage_one.noise(len(measures))),
        of_loss=of_loss,
        loss_run=np.maximum(of_runs.new_run, 0),
        second=stage_two(fit.reference, draws, points, span),
        effect_mean=effect_mean,
        effect_sd=effect_sd,
        noise=score_noise(fit.reference, draws, points),
        score_units=(draws.noise(_n_new(points)), draws.noise(len(frame))),
        run=np.maximum(points.new_run, 0),
    )


def _n_new(points: Points) -> int:
    """Number of runs that were not fitted; one where there are none, which no point then reads."""
    return max(int(points.new_run.max()), 0) + 1


def _shared(fit: Fit, frame: pd.DataFrame, groups: Sequence[Ints], random_seed: int | None) -> VarianceShares:
    """Shares at points, followed by those of the means over groups of points."""
    rng = np.random.default_rng(random_seed)
    sources = _sources(fit, frame, rng)
    operator = np.zeros((len(frame), len(groups)))
    for column, members in enumerate(groups):
        operator[members, column] = 1 / len(members)

    def scores(take: Sequence[Ints]) -> Floats:
        found = sources.scores(take)
        return np.concatenate([found, found @ operator], axis=1)

    return variance_shares(scores, len(SOURCES), len(sources.loss_curve), rng)


def _shares(fit: Fit, frame: pd.DataFrame, random_seed: int | None) -> pd.DataFrame:
    groups = [np.asarray(members, np.int64) for members in frame.groupby("run", sort=False).indices.values()]
    shares = _shared(fit, frame, groups, random_seed)
    labels = ["run", "family", "benchmark", "flops"]
    averages = frame.iloc[[members[0] for members in groups]].assign(benchmark=AVERAGE)
    points = pd.concat([frame[labels], averages[labels]], ignore_index=True).assign(variance=shares.variance)
    parts = [
        points.assign(
            source=source,
            first=shares.first[s],
            first_error=shares.first_error[s],
            total=shares.total[s],
            total_error=shares.total_error[s],
        )
        for s, source in enumerate(SOURCES)
    ]
    rest = points.assign(source="interaction", first=shares.interaction)
    return pd.concat([*parts, rest], ignore_index=True)


def _growth(fit: Fit, random_seed: int | None) -> pd.DataFrame:
    """Shares at budgets above the largest fitted one of each family, at its usual ratio."""
    rows, families = fit.rows, fit.reference.families
    frames = []
    for f, family in enumerate(families):
        own = rows.family == f
        largest = float(np.exp(rows.log_flops[own].max()))
        ratio = float(np.exp((rows.log_tokens - rows.log_params)[own].mean())) if fit.law.reads_sizes else None
        for factor in FACTORS:
            at = budgets(flops=factor * largest, ratio=ratio, family=family, benchmark=_labels_of(fit, f))
            frames.append(budget_frame(fit.reference, at).assign(factor=factor))
    frame = pd.concat(frames, ignore_index=True)
    found = _shared(fit, frame, [], random_seed)
    columns = {"first": found.first, "total": found.total}
    parts = [
        frame[["factor"]].assign(source=source, **{name: values[s] for name, values in columns.items()})
        for s, source in enumerate(SOURCES)
    ]
    parts.append(frame[["factor"]].assign(source="interaction", first=found.interaction, total=np.nan))
    return pd.concat(parts).groupby(["factor", "source"], sort=False).mean().reset_index()


def _labels_of(fit: Fit, family: int) -> list[str]:
    """Labels of the benchmarks on which a family was fitted."""
    pairs = zip(fit.reference.curve_family, fit.reference.curve_benchmark, strict=True)
    return [fit.reference.labels[b] for f, b in pairs if f == family]


def _errors(
    fit: Fit, frame: pd.DataFrame, predicted: Forecast, at_loss: Forecast, random_seed: int | None
) -> pd.DataFrame:
    accuracy = frame["accuracy"].to_numpy(float)
    whole, second = (np.median(found.array("score"), axis=0) for found in (predicted, at_loss))
    true, loss = (found.array("loss") for found in (at_loss, predicted))
    points = predicted.points
    ranges = _from_stages(fit, frame, np.log(true), accuracy, random_seed)
    return points[["run", "family", "benchmark", "flops", "decades_beyond"]].assign(
        factor=_factor(points["decades_beyond"]),
        accuracy=accuracy,
        error=whole - accuracy,
        from_loss=whole - second,
        from_map=second - accuracy,
        loss_error=np.median(loss, axis=0) / true[0] - 1,
        **ranges,
    )


def _from_stages(
    fit: Fit, frame: pd.DataFrame, log_loss: Floats, accuracy: Floats, random_seed: int | None
) -> dict[str, Floats]:
    """Bounds of what each stage adds to the error of a point, over the posterior of both curves."""
    draws = fit.draws(np.random.default_rng(random_seed))
    expected = predict_losses(fit.fitted, draws, frame).expected
    curves = stage_two(fit.reference, draws, encode_points(fit.reference, frame), [expected, log_loss])
    at_true = curves.at(log_loss).expected
    parts = {"from_loss": curves.at(expected).expected - at_true, "from_map": at_true - accuracy}
    tails = [(1 - PROB) / 2, (1 + PROB) / 2]
    return {
        f"{name}_{bound}": values
        for name, part in parts.items()
        for bound, values in zip(bound_names(PROB), np.quantile(part, tails, axis=0), strict=True)
    }


def _of_method(name: str, found: Forecast, runs: Runs) -> pd.DataFrame:
    rows, table = score_forecast(found, runs, PROBS).rows, found.table((PROB,))
    low, high = (table[bound] for bound in bound_names(PROB))
    inside = [f"inside_{percent(p)}" for p in PROBS]
    return rows[["run", "family", "benchmark", "flops", "accuracy", "error", "crps", *inside]].assign(
        method=name, width_90=high - low, factor=_factor(rows["decades_beyond"])
    )


def _factor(decades: pd.Series) -> pd.Series:
    """Ranges of the extrapolation factor, in words."""
    return pd.Series(ranges_in_words(10 ** decades.to_numpy(float), (1.0, *FACTORS)), decades.index, dtype="str")
