"""How the errors of a two-stage forecast compound: variance, errors, intervals, and how they grow with the budget."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..files.csv_cells import guard
from ..files.whole_files import check_place, check_writable, whole_file
from ..forecasting.at_loss import forecast_at_loss, plug_in, two_stage_law
from ..forecasting.forecast import Forecast, forecast
from ..forecasting.from_loss import StageTwo, loss_scatter, predict_losses, shared_loss, stage_two
from ..forecasting.points import budget_frame, make_points
from ..forecasting.prediction import Points, ScoreNoise, predict_curve, run_effect_moments, score_noise
from ..model.loss_table import filled_losses, loss_measures
from ..posterior.fit import Fit
from ..runs.held_out import check_held_out
from ..runs.planned import budgets
from ..runs.table import Runs
from ..wording import bound_names, percent, ranges_in_words
from .scoring import score_forecast
from .variance_shares import VarianceShares, variance_shares

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The independent sources of a two-stage forecast's variance.
SOURCES = ("loss curve", "loss noise", "accuracy curve", "accuracy noise")
#: Factors above the largest fitted budget at which the growth is shown.
FACTORS = (2.0, 5.0, 10.0, 30.0, 100.0)
AVERAGE = "average"
#: Tables of a `Compounding`, saved under these names.
TABLES = ("shares", "errors", "intervals", "growth")

_PROBS = (0.5, 0.8, 0.9)
_PROB = 0.9


@dataclass(frozen=True, eq=False)
class Compounding:
    """How the errors of a two-stage forecast compound; made by `compounding`.

    Attributes
    ----------
    shares : DataFrame
        One row a held-out point (and run's average over its benchmarks) and source: ``first``, ``total`` and their
        Monte Carlo errors ``first_error`` and ``total_error``; the rows "interaction" have the rest, with which the
        first-order shares sum to one. ``variance`` is that of the forecast score.
    errors : DataFrame
        One row a held-out point: ``error`` = forecast - accuracy, ``from_loss`` = f2(L forecast) - f2(L true),
        ``from_map`` = f2(L true) - accuracy, which sum to it; ``loss_error``, the relative error of the forecast loss.
        Forecasts are medians.
    intervals : DataFrame
        One row a method and held-out point: whether its intervals hold the accuracy, their widths, the CRPS.
    growth : DataFrame
        One row an extrapolation factor and source: shares of the variance, means over the curves, at `FACTORS` times
        the largest fitted budget.
    notes : tuple of str
        What a reader must know.
    """

    shares: pd.DataFrame
    errors: pd.DataFrame
    intervals: pd.DataFrame
    growth: pd.DataFrame
    notes: tuple[str, ...]

    def table(self, by: Sequence[str] = ("method",)) -> pd.DataFrame:
        """Coverage, width and CRPS of the methods.

        Parameters
        ----------
        by : sequence of str
            Columns of `intervals` to group by: "method", "benchmark", "family", "run", or "factor", ranges of the
            extrapolation factor.

        Returns
        -------
        DataFrame
            One row a group: ``n``, ``coverage_50`` and so on, ``width_90`` (accuracy), ``crps``, ``mae``, ``bias``.

        Raises
        ------
        ValueError
            For a column that is not there.
        """
        groups = _grouped(self.intervals.assign(absolute=self.intervals["error"].abs()), by)
        columns = {f"coverage_{percent(p)}": (f"inside_{percent(p)}", "mean") for p in _PROBS}
        columns |= {name: (name, "mean") for name in ("width_90", "crps")}
        columns |= {"mae": ("absolute", "mean"), "bias": ("error", "mean")}
        return groups.agg(n=("crps", "size"), **columns).reset_index()

    def error_table(self, by: Sequence[str] = ("benchmark",)) -> pd.DataFrame:
        """Errors of held-out forecasts by group, in accuracy, split into what each stage adds.

        Parameters
        ----------
        by : sequence of str
            Columns of `errors` to group by: "benchmark", "family", "run", or "factor"; none for all together.

        Returns
        -------
        DataFrame
            One row a group: ``n``; means of ``error``, ``from_loss`` and ``from_map``, the latter two with the bounds
            of 90% intervals over the posterior of what they add; and the mean square error with its parts,
            ``mse = loss_square + map_square + cross``.

        Raises
        ------
        ValueError
            For a column that is not there.
        """
        rows = self.errors.assign(
            mse=self.errors["error"] ** 2,
            loss_square=self.errors["from_loss"] ** 2,
            map_square=self.errors["from_map"] ** 2,
            cross=2 * self.errors["from_loss"] * self.errors["from_map"],
        )
        bounds = [f"{part}_{bound}" for part in ("from_loss", "from_map") for bound in bound_names(_PROB)]
        means = ["error", "from_loss", "from_map", *bounds, "mse", "loss_square", "map_square", "cross"]
        found = _grouped(rows, by).agg(n=("error", "size"), **{name: (name, "mean") for name in means})
        return found.reset_index(drop=not by)

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        of_all = self.shares[self.shares["benchmark"] != AVERAGE].groupby("source", sort=False)["total"].mean()
        parts = ", ".join(f"the {source} {of_all[source]:.0%}" for source in SOURCES)
        error = self.error_table(()).iloc[0]
        crps = self.table().set_index("method")["crps"]
        others = ", ".join(f"{crps[name]:.4f} {name}" for name in crps.index if name != "two-stage")
        return (
            f"Of the variance of a held-out score {parts} (total shares). Of a mean square error of {error['mse']:.2g} "
            f"the forecast loss makes {error['loss_square']:.2g}, the map to accuracy {error['map_square']:.2g}, both "
            f"together {error['cross']:+.2g}. CRPS: {crps['two-stage']:.4f} two-stage, {others}."
        )

    def save(self, folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Save the four tables as CSV and the figure as PNG and SVG: all of them or none.

        Parameters
        ----------
        folder : str or Path
            Folder to write into; made where it does not exist.
        overwrite : bool
            Whether files may be replaced that `save` did not write.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        FileExistsError
            Where a file is there that may not be replaced.
        OSError
            Where a file cannot be written.
        """
        from ..files.figures import save_together

        folder = Path(folder)
        check_folder(folder, overwrite=overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"{name}.csv" for name in TABLES]
        with ExitStack() as together:
            for file in files:
                place = together.enter_context(whole_file(file, "compounding", overwrite=overwrite))
                guard(getattr(self, file.stem)).to_csv(place, index=False)
            figures = save_together(together, self.plot(), folder / "compounding", overwrite=overwrite)
        return (*files, *figures)

    def plot(self) -> "Figure":
        """Draw `plots.compounding`."""
        from .. import plots

        return plots.compounding(self)

    def __repr__(self) -> str:
        shown = self.table()[["method", "n", *(f"coverage_{percent(p)}" for p in _PROBS), "width_90", "crps"]]
        table = shown.to_string(index=False, float_format="{:.3f}".format)
        return "\n".join([self.sentence, table, *(f"note: {note}" for note in self.notes)])


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
    law = two_stage_law(fit)
    if law.propagates == "point":
        raise ValueError("stage one of the fit is a point, which has no variance to share; expected the fit itself")
    check_held_out(fit.fitted.runs, held_out)
    if direct is not None:
        check_held_out(direct.fitted.runs, held_out, "the fit of one stage")
    runs, notes = _with_score_and_loss(fit, held_out)
    predicted = forecast(fit, runs, random_seed)
    at_loss = forecast_at_loss(fit, runs, random_seed)
    forecasts = {
        "two-stage": predicted,
        "plug-in": forecast(plug_in(fit), runs, random_seed),
        "stage two at the true loss": at_loss,
    }
    if direct is not None:
        forecasts[direct.law.name] = forecast(direct, runs, random_seed)
    return Compounding(
        shares=_shares(fit, runs.frame, random_seed),
        errors=_errors(fit, runs.frame, predicted, at_loss, random_seed),
        intervals=pd.concat([_of_method(name, found, runs) for name, found in forecasts.items()], ignore_index=True),
        growth=_growth(fit, random_seed),
        notes=(*notes, *predicted.notes),
    )


def _with_score_and_loss(fit: Fit, held_out: Runs) -> tuple[Runs, tuple[str, ...]]:
    law, losses, frame = two_stage_law(fit), fit.fitted.stage_one, held_out.frame
    assert losses is not None
    loss = filled_losses(law, frame, shared=shared_loss(law, losses))
    scored = frame["accuracy"].notna().to_numpy() if "accuracy" in frame else np.zeros(len(frame), bool)
    kept = scored & ~np.isnan(loss)
    if not kept.any():
        raise ValueError("no held-out row has both an accuracy and a loss; the errors of the stages cannot be told")
    notes = () if kept.all() else (f"{(~kept).sum()} of {len(kept)} held-out rows lack a score or a loss: left out",)
    return Runs(frame[kept].reset_index(drop=True)), notes


def check_folder(folder: Path, *, overwrite: bool = False, remedy: str = "overwrite=True") -> None:
    """Refuse a folder that cannot be written into, or that holds other files under the names of a `Compounding`'s.

    Raises
    ------
    FileExistsError
        Where a file is in the way.
    OSError
        Where the folder cannot be written into.
    """
    if not folder.exists():
        check_writable(folder)
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; expected the name of a folder")
    for name in TABLES:
        check_place(folder / f"{name}.csv", "compounding", overwrite=overwrite, remedy=remedy)
    for ending in (".png", ".svg"):
        check_place(folder / f"compounding{ending}", "figure", overwrite=overwrite, remedy=remedy)


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
    second: StageTwo
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
    law, fitted, draws = two_stage_law(fit), fit.fitted, fit.draws(rng)
    losses = fitted.stage_one
    assert losses is not None
    assert draws.stage_one is not None
    measures, of_loss = loss_measures(law, shared_loss(law, losses), frame)
    of_runs, points = make_points(losses.reference, measures), make_points(fit.reference, frame)
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
        noise=score_noise(draws, points),
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
        ratio = float(np.exp((rows.log_tokens - rows.log_params)[own].mean())) if "params" in fit.law.needs else None
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
    whole, second = (np.median(found.draws["score"].to_numpy(), axis=0) for found in (predicted, at_loss))
    true, loss = (found.draws["loss"].to_numpy() for found in (at_loss, predicted))
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
    curves = stage_two(fit.reference, draws, make_points(fit.reference, frame), [expected, log_loss])
    at_true = curves.at(log_loss).expected
    parts = {"from_loss": curves.at(expected).expected - at_true, "from_map": at_true - accuracy}
    tails = [(1 - _PROB) / 2, (1 + _PROB) / 2]
    return {
        f"{name}_{bound}": values
        for name, part in parts.items()
        for bound, values in zip(bound_names(_PROB), np.quantile(part, tails, axis=0), strict=True)
    }


def _of_method(name: str, found: Forecast, runs: Runs) -> pd.DataFrame:
    rows, table = score_forecast(found, runs, _PROBS).rows, found.table((_PROB,))
    low, high = (table[bound] for bound in bound_names(_PROB))
    inside = [f"inside_{percent(p)}" for p in _PROBS]
    return rows[["run", "family", "benchmark", "flops", "accuracy", "error", "crps", *inside]].assign(
        method=name, width_90=high - low, factor=_factor(rows["decades_beyond"])
    )


def _factor(decades: pd.Series) -> pd.Series:
    """Ranges of the extrapolation factor, in words."""
    return pd.Series(ranges_in_words(10 ** decades.to_numpy(float), (1.0, *FACTORS)), decades.index, dtype="str")


def _grouped(rows: pd.DataFrame, by: Sequence[str]) -> "pd.api.typing.DataFrameGroupBy":
    if unknown := [name for name in by if name not in rows]:
        raise ValueError(
            f"by names {', '.join(map(repr, unknown))}; expected columns out of {', '.join(map(str, rows))}"
        )
    return rows.groupby(list(by) or np.zeros(len(rows), int), sort=False)
