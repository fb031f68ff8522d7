"""Forecast: posterior draws at new budgets, as a frozen value with tables and exports. No sampler in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import forecast_files
from .budget_grid import Budgets
from .points import budget_frame, check_labels, extrapolation_decades, make_points, unseen_pairs
from .posterior import Fit
from .prediction import Draws, predict_curve, predict_scores
from .reference import Reference
from .runs import Runs

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Quantity = Literal["score", "expected"]

_COORDINATES = (
    "run",
    "family",
    "benchmark",
    "metric",
    "shots",
    "params",
    "tokens",
    "flops",
    "k",
    "n_items",
    "decades_beyond",
)
_FAR = 1.0  # decades beyond the fitted budgets from which a forecast says so


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast: draws of the expected and the measured score at points. Made by `forecast` and `read_forecast`.

    Attributes
    ----------
    points : DataFrame
        What each point is: run, family, benchmark, budgets, the number of items assumed, and ``decades_beyond``, how many
        powers of ten its FLOPs lie above (or, negative, below) the fitted budgets; 0 between them.
    notes : tuple of str
        What a reader must know: how far it extrapolates, what was drawn from the population, whether the fit converged.
    converged : bool
        Whether the fit behind it converged.
    """

    points: pd.DataFrame
    notes: tuple[str, ...]
    converged: bool
    _draws: "xr.Dataset | None"
    _stored: pd.DataFrame | None = None

    @property
    def draws(self) -> "xr.Dataset":
        """Draws with dims (sample, point): ``score``, a new run's measured score, and ``expected``, the curve alone.

        Raises
        ------
        ValueError
            Where the forecast was read from a file that holds its table only.
        """
        if self._draws is None:
            raise ValueError("this forecast was read from a table, which holds no draws; save it as .nc to keep them")
        return self._draws

    def table(self, probs: Sequence[float] = (0.5, 0.8, 0.9), of: Quantity = "score") -> pd.DataFrame:
        """Tidy table: what each point is, then mean, median and the bounds of central intervals.

        Parameters
        ----------
        probs : sequence of float
            Probabilities of the intervals; 0.9 gives the columns ``low_90`` and ``high_90``.
        of : {"score", "expected"}
            The measured score of a run, or the expected score of the curve.

        Returns
        -------
        DataFrame
            One row a point, in order, with a RangeIndex. Accuracies in [0, 1].

        Raises
        ------
        ValueError
            For a probability outside (0, 1), an unknown quantity, or an interval that a stored table lacks.
        """
        for prob in probs:
            if not 0 < prob < 1:
                raise ValueError(f"probs holds {prob!r}; expected probabilities between 0 and 1")
        if of not in ("score", "expected"):
            raise ValueError(f"of={of!r}; expected 'score' or 'expected'")
        if self._draws is None:
            return forecast_files.from_stored(self._stored, probs, of)
        values = self._draws[of].transpose("sample", "point").to_numpy()
        found: dict[str, Any] = {"of": of, "mean": values.mean(axis=0), "median": np.median(values, axis=0)}
        for prob in probs:
            low, high = np.quantile(values, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
            found |= {f"low_{_percent(prob)}": low, f"high_{_percent(prob)}": high}
        return self.points.assign(**found, converged=self.converged)

    def average(self, weights: Mapping[str, float] | None = None) -> "Forecast":
        """Average over benchmarks, run by run, with its own interval.

        The draws of one run's benchmarks are joint (they share the run's effect), so the interval is that of the average.

        Parameters
        ----------
        weights : mapping of str to float, optional
            Weight of each benchmark, by name; by default all weigh the same. They are normalised.

        Returns
        -------
        Forecast
            One point a run, with the benchmark "average".

        Raises
        ------
        ValueError
            Where runs have different benchmarks, or `weights` names other benchmarks.
        """
        import xarray as xr

        benchmarks = list(dict.fromkeys(self.points["benchmark"]))
        weight = _weights(weights, benchmarks)
        groups = self.points.groupby(["family", "run"], sort=False, dropna=False).indices
        for key, members in groups.items():
            if sorted(self.points["benchmark"].iloc[members]) != sorted(benchmarks):
                raise ValueError(f"run {key[1]!r} does not have each of the benchmarks {', '.join(benchmarks)} once")
        operator = np.zeros((len(self.points), len(groups)))
        for column, members in enumerate(groups.values()):
            operator[members, column] = [weight[name] for name in self.points["benchmark"].iloc[members]]
        first = [members[0] for members in groups.values()]
        points = self.points.iloc[first].reset_index(drop=True).assign(benchmark="average", n_items=np.nan)
        points = points.drop(columns=[name for name in ("metric", "shots") if name in points])
        values = {name: (("sample", "point"), array.to_numpy() @ operator) for name, array in self.draws.items()}
        return Forecast(points, self.notes, self.converged, _with_coords(xr.Dataset(values), points))

    def to_netcdf(self, path: str | Path) -> Path:
        """Save draws, points and notes as NetCDF; `read_forecast` gives the same forecast back."""
        return forecast_files.write_netcdf(self, Path(path))

    def to_csv(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9)) -> Path:
        """Save the tables of both quantities as CSV."""
        return forecast_files.write_csv(self, Path(path), probs)

    def to_parquet(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9)) -> Path:
        """Save the tables of both quantities as Parquet."""
        return forecast_files.write_parquet(self, Path(path), probs)

    def to_json(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9)) -> Path:
        """Save the tables of both quantities and the notes as JSON."""
        return forecast_files.write_json(self, Path(path), probs)

    def to_markdown(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9)) -> Path:
        """Save the tables of both quantities and the notes as Markdown."""
        return forecast_files.write_markdown(self, Path(path), probs)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        table = self.table(probs=(0.9,))
        shown = [name for name in ("run", "family", "benchmark", "flops") if name in table]
        text = table[[*shown, "median", "low_90", "high_90"]].to_string(max_rows=20, float_format="{:.4g}".format)
        return "\n".join([f"Forecast at {len(self)} points (scores)", text, *(f"note: {note}" for note in self.notes)])


def forecast(
    fit: Fit,
    at: "Runs | Budgets",
    random_seed: int | None = None,
    *,
    new_groups: Literal["sample"] | None = None,
) -> Forecast:
    """Forecast expected and measured scores at new budgets.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    at : Runs or Budgets
        Planned runs, one point a row in the rows' order, or `budgets`, crossed with benchmarks and families. Accuracies,
        standard errors, counts of correct answers and losses of `at` are never read.
    random_seed : int, optional
        Seed of what is drawn anew: run effects, noise and what lies between the fitted budgets.
    new_groups : {"sample"}, optional
        What to do with a benchmark or family that was not fitted: by default an error; "sample" draws it from the
        population.

    Returns
    -------
    Forecast
        Draws, one for each posterior draw.

    Raises
    ------
    ValueError
        For labels that were not fitted (the known ones are listed), and for points that lack a budget.
    """
    if new_groups not in (None, "sample"):
        raise ValueError(f"new_groups={new_groups!r}; expected 'sample' or None")
    frame = budget_frame(fit.reference, at) if isinstance(at, Budgets) else at.frame
    if new_groups is None:
        check_labels(fit.reference, frame)
    draws = fit.draws(np.random.default_rng(random_seed))
    notes = () if fit.converged else (f"the fit has {fit.verdict}",)
    return forecast_from(draws, fit.reference, frame, fit.runs, notes=notes, converged=fit.converged)


def forecast_from(
    draws: Draws,
    reference: Reference,
    frame: pd.DataFrame,
    fitted: Runs,
    *,
    notes: tuple[str, ...],
    converged: bool = True,
) -> Forecast:
    """Forecast from posterior or prior draws at the rows of a frame; the notes come first among the forecast's own."""
    import xarray as xr

    points = make_points(reference, frame)
    curve = predict_curve(reference, draws, points)
    scores = predict_scores(curve, reference, draws, points)
    decades = extrapolation_decades(reference, points)
    described = _describe(frame, points.rows.n_items, decades)
    dims = ("sample", "point")
    dataset = xr.Dataset({"expected": (dims, curve.expected), "score": (dims, scores)})
    notes = (*notes, *_notes(reference, frame, decades, fitted))
    return Forecast(described, notes, converged, _with_coords(dataset, described))


def read_forecast(path: str | Path) -> Forecast:
    """Read a forecast that was saved: draws from .nc, its tables from .csv, .parquet, .json and .md.

    Parameters
    ----------
    path : str or Path
        A file that a `Forecast` wrote.

    Returns
    -------
    Forecast
        From a table, its ``table()`` gives the stored intervals and its ``draws`` say that there are none.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is of another kind.
    """
    return Forecast(*forecast_files.read(Path(path)))


def _describe(frame: pd.DataFrame, n_items: Floats, decades: Floats) -> pd.DataFrame:
    described = frame.assign(n_items=n_items, decades_beyond=decades).reset_index(drop=True)
    kept = [name for name in _COORDINATES if name in described and not described[name].isna().all()]
    return described[kept]


def _with_coords(dataset: "xr.Dataset", points: pd.DataFrame) -> "xr.Dataset":
    coords = {name: ("point", points[name].to_numpy()) for name in points}
    return dataset.assign_coords(sample=np.arange(dataset.sizes["sample"]), **coords)


def _notes(reference: Reference, frame: pd.DataFrame, decades: Floats, fitted: Runs) -> list[str]:
    notes = []
    top = f"{fitted.frame['flops'].max():.2g}"
    if (far := decades.max(initial=0.0)) >= _FAR:
        notes.append(f"extrapolates up to {far:.1f} decades above the fitted budgets (largest {top} FLOPs)")
    if (below := decades.min(initial=0.0)) <= -_FAR:
        notes.append(f"extrapolates up to {-below:.1f} decades below the fitted budgets")
    if unseen := unseen_pairs(reference, frame):
        notes.append(f"drawn from the population, for want of fitted scores: {', '.join(unseen)}")
    return notes


def _percent(prob: float) -> str:
    return f"{100 * prob:g}"


def _weights(weights: Mapping[str, float] | None, benchmarks: list[str]) -> dict[str, float]:
    given = dict.fromkeys(benchmarks, 1.0) if weights is None else dict(weights)
    if set(given) != set(benchmarks):
        raise ValueError(f"weights name {', '.join(given)}; expected each of {', '.join(benchmarks)}")
    total = sum(given.values())
    if min(given.values()) < 0 or not total > 0:
        raise ValueError(f"weights are {given}; expected non-negative numbers with a positive sum")
    return {name: value / total for name, value in given.items()}
