"""How good a forecast was: coverage, proper scores and errors against what was measured."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..checks import checked_probs
from ..forecasting.forecast import Forecast
from ..runs.columns import numbers
from ..runs.table import Runs
from ..wording import percent
from .coverage_interval import coverage_interval
from .matching import match_rows, rates_at
from .proper_scores import crps, log_score, pit

_USUAL = (0.5, 0.8, 0.9)
_TOLERANCE = 1e-12  # a value on a bound is inside


@dataclass(frozen=True, eq=False)
class ForecastScores:
    """Scores of a forecast, row by row and in tables. Made by `score_forecast`.

    Coverage comes with a 90% interval that respects that rows of one training run hit or miss together
    (`coverage_interval`): it is wider than a binomial one, and with one to three runs it is wide, because so few say
    little. It does not know that runs on one benchmark share that benchmark's curve.

    Attributes
    ----------
    probs : tuple of float
        Probabilities of the intervals whose coverage the tables show.
    notes : tuple of str
        What a reader must know: the forecast's notes, and what was left out.
    converged : bool
        Whether the fit behind the forecast converged.
    """

    _rows: pd.DataFrame
    _draws: Floats
    probs: tuple[float, ...]
    notes: tuple[str, ...]
    converged: bool

    @property
    def rows(self) -> pd.DataFrame:
        """One row a point: its coordinates and training run (``trajectory``), then the scores.

        ``accuracy`` as measured, ``median`` of the forecast, ``error`` = median - accuracy, ``pit``, ``crps`` and
        ``log_score`` (`proper_scores`; lower is better), ``inside_50`` and so on: whether the accuracy lies in the
        central interval. A copy that may be changed.
        """
        return self._rows.copy()

    @property
    def draws(self) -> Floats:
        """Draws of the measured score that were scored, shape (samples, points); a copy."""
        return self._draws.copy()

    @property
    def pit(self) -> Floats:
        """PIT values, shape (points,): uniform on (0, 1) where the forecast is calibrated."""
        return self._rows["pit"].to_numpy(copy=True)

    @property
    def overall(self) -> pd.Series:
        """The row of `table` over all points."""
        return self.table(by=None).drop(columns="group").iloc[0].rename("all").astype(float)

    def table(self, by: str | Sequence[str] | None = "benchmark") -> pd.DataFrame:
        """Scores by group, the row "all" last.

        Parameters
        ----------
        by : str, sequence of str or None
            Columns of `rows` to group by, such as "benchmark", "run" or ["family", "benchmark"]; None for the row "all"
            alone.

        Returns
        -------
        DataFrame
            The columns of `by` ("group" where None); ``n`` points of ``runs`` training runs; ``coverage_50`` with the
            bounds ``coverage_50_low`` and ``coverage_50_high`` of its 90% interval, and so on; means of ``crps`` and
            ``log_score``; ``mae``, the mean of abs(median - accuracy); ``mre``, the mean of abs(median - accuracy) /
            accuracy over the ``mre_n`` points with a score above 0; ``bias``, the mean of median - accuracy.

        Raises
        ------
        ValueError
            Where `by` is no column of `rows`.
        """
        groups = grouped_rows(self._rows, by)
        names = [by] if isinstance(by, str) else list(by or ["group"])
        everything = ("all",) * len(names)
        keys = pd.DataFrame([*(key for key, _ in groups), everything], columns=names)
        summaries = [summarise_rows(rows, self.probs) for rows in (*(part for _, part in groups), self._rows)]
        return pd.concat([keys, pd.DataFrame(summaries)], axis=1)

    def coverage(self, probs: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)) -> pd.DataFrame:
        """Nominal against measured coverage of central intervals, over all points.

        Parameters
        ----------
        probs : sequence of float
            Nominal probabilities.

        Returns
        -------
        DataFrame
            Columns ``nominal``, ``measured``, ``low`` and ``high`` (90% interval of the measured one) and ``n``.
        """
        found = []
        for prob in checked_probs(probs):
            inside = _inside(self._draws, self._rows["accuracy"].to_numpy(), prob)
            low, high = coverage_interval(inside, clusters(self._rows))
            found.append({"nominal": prob, "measured": inside.mean(), "low": low, "high": high, "n": len(inside)})
        return pd.DataFrame(found)

    def _title(self) -> str:
        overall = self.overall
        return f"Scores of {len(self._rows)} forecasts of {overall['runs']:.0f} training runs" + (
            "" if self.converged else "; THE FIT HAS NOT CONVERGED"
        )

    def _coverage_lines(self) -> list[str]:
        overall = self.overall
        names = [(prob, f"coverage_{percent(prob)}") for prob in self.probs]
        return [
            f"{percent(prob)}% intervals cover {overall[name]:.3f} (90% interval {overall[f'{name}_low']:.3f} to "
            f"{overall[f'{name}_high']:.3f})"
            for prob, name in names
        ]

    def _shown(self) -> pd.DataFrame:
        covered = [f"coverage_{percent(prob)}" for prob in self.probs]
        return self.table()[["benchmark", "n", *covered, "crps", "log_score", "mae", "mre", "bias"]]

    def __repr__(self) -> str:
        text = self._shown().to_string(index=False, float_format="{:.3f}".format)
        notes = [f"note: {note}" for note in self.notes]
        return "\n".join([self._title(), *self._coverage_lines(), text, *notes])

    def _repr_html_(self) -> str:
        table = self._shown().to_html(index=False, float_format="{:.3f}".format, border=0)
        lines = "".join(f"<br>{html.escape(line)}" for line in self._coverage_lines())
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<p>{html.escape(self._title())}{lines}</p>\n{table}" + (f"\n<ul>{notes}</ul>" if notes else "")


def grouped_rows(rows: pd.DataFrame, by: str | Sequence[str] | None) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    """Groups of scored rows with their keys, in order of appearance; none without columns to group by.

    Raises
    ------
    ValueError
        Where `by` is no column of the rows.
    """
    names = [by] if isinstance(by, str) else list(by or ())
    for name in names:
        if name not in rows:
            raise ValueError(f"by={name!r}; expected columns of rows: {', '.join(map(str, rows.columns))}")
    return list(rows.groupby(names, sort=False, dropna=False)) if names else []


def summarise_rows(rows: pd.DataFrame, probs: Sequence[float]) -> dict[str, float | int]:
    """Coverage with its interval, and mean scores, as the columns of `ForecastScores.table` have them."""
    cluster = clusters(rows)
    found: dict[str, float | int] = {"n": len(rows), "runs": len(np.unique(cluster))}
    for prob in probs:
        name = f"coverage_{percent(prob)}"
        inside = rows[f"inside_{percent(prob)}"].to_numpy(bool)
        low, high = coverage_interval(inside, cluster)
        found |= {name: float(inside.mean()), f"{name}_low": low, f"{name}_high": high}
    error, accuracy = rows["error"], rows["accuracy"]
    relative = (error.abs() / accuracy)[accuracy > 0]
    found |= {"crps": float(rows["crps"].mean()), "log_score": float(rows["log_score"].mean())}
    return found | {
        "mae": float(error.abs().mean()),
        "mre": float(relative.mean()),
        "mre_n": len(relative),
        "bias": float(error.mean()),
    }


def score_draws(draws: Floats, accuracy: Floats, probs: Sequence[float]) -> dict[str, Floats | NDArray[np.bool_]]:
    """Scores of draws of shape (samples, rows) against what was measured, by column, each of shape (rows,)."""
    median = np.median(draws, axis=0)
    inside = {f"inside_{percent(prob)}": _inside(draws, accuracy, prob) for prob in probs}
    return {
        "accuracy": accuracy,
        "median": median,
        "error": median - accuracy,
        "pit": pit(draws, accuracy),
        "crps": crps(draws, accuracy),
        "log_score": log_score(draws, accuracy),
        **inside,
    }


def score_forecast(forecast: Forecast, runs: Runs, probs: Sequence[float] = _USUAL) -> ForecastScores:
    """Score a forecast against what was measured.

    Parameters
    ----------
    forecast : Forecast
        A forecast with its draws.
    runs : Runs
        Runs with their accuracies. Each point is matched to a row by run, benchmark, k (1 where it is not stated),
        metric and shots (the last two where both state them); rows that were not forecast are left alone. Counts of
        single problems are turned into unbiased rates at the points' k.
    probs : sequence of float
        Probabilities of the central intervals whose coverage is measured.

    Returns
    -------
    ForecastScores
        Of the measured score's draws (``score``), in the points' order.

    Raises
    ------
    ValueError
        Where points have no row or several, the runs have no accuracies, or the forecast was read from a table. A point
        whose row has a loss but no score is left out; a note says so.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> runs = bs.load_dataset("cerebras_gpt")
    >>> scores = score_forecast(bs.sample_prior(bs.DirectLaw(), runs, random_seed=1), runs)
    >>> scores.table(by="run")[["run", "n"]].tail(2)
                run   n
    6  Cerebras-13B   7
    7           all  49
    """
    chosen = checked_probs(probs)
    points = forecast.points
    frame = rates_at(runs.frame, np.nan_to_num(numbers(points, "k"), nan=1.0))
    if "accuracy" not in frame:
        raise ValueError("the runs have no column accuracy, so there is nothing to score against; expected scored runs")
    if not forecast.has_draws:
        raise ValueError("scores need draws, and this forecast was read from a table; save it as .nc to keep them")
    matched = frame.iloc[match_rows(points, frame)]
    scored = matched["accuracy"].notna().to_numpy()
    if not scored.any():
        raise ValueError("no point of the forecast has a score in the runs, so there is nothing to score against")
    matched, points = matched[scored].reset_index(drop=True), points[scored].reset_index(drop=True)
    draws = forecast.array("score")[:, scored]
    accuracy = matched["accuracy"].to_numpy(float)
    scores = {"trajectory": matched["trajectory"], **score_draws(draws, accuracy, chosen)}
    notes = forecast.notes
    if unscored := int((~scored).sum()):
        notes = (*notes, f"{unscored} of {len(scored)} points are left out: the runs have no score there")
    if zeros := int((accuracy == 0).sum()):
        notes = (*notes, f"the mean relative error leaves out {zeros} of {len(accuracy)} points with a score of 0")
    return ForecastScores(points.assign(**scores), draws, chosen, notes, forecast.converged)


def _inside(draws: Floats, accuracy: Floats, prob: float) -> NDArray[np.bool_]:
    low, high = np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
    return (accuracy >= low - _TOLERANCE) & (accuracy <= high + _TOLERANCE)


def clusters(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Codes of the training runs that rows belong to, shape (rows,)."""
    names = [name for name in ("family", "trajectory") if name in rows]
    return pd.factorize(pd.MultiIndex.from_frame(rows[names].astype(str)))[0].astype(np.int64)
