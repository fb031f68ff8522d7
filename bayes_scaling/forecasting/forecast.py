"""Forecast: posterior draws at new budgets, as a frozen value with tables and exports. No sampler in here."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import checked_probs
from ..files.tables import with_notes, write_csv, write_json, write_parquet
from ..runs.budget_columns import BUDGETS, DECAY
from ..runs.columns import score_labels
from ..runs.token_ratios import tell_apart, tokens_per_param
from ..wording import RATIO, bound_names, ratio_in_words
from . import files
from .points import Points
from .quantities import Quantity, check_quantity

if TYPE_CHECKING:
    import xarray as xr


_LABELS = ("run", "family", "benchmark", "metric")
_COORDINATES = (*_LABELS, "shots", "k", "n_samples", *BUDGETS, *DECAY, "decades_beyond", "n_items")
_ALWAYS_SHOWN = ("run", "benchmark", "flops", "decades_beyond")
_MOST_SHOWN = 24


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast: draws of the expected and the measured score at points. Made by `forecast` and `read_forecast`.

    Attributes
    ----------
    points : DataFrame
        What each point is: run, family, benchmark, metric, shots, of pass@k ``k`` and ``n_samples``, budgets, what was
        said of the learning rate (``annealed``, ``lr_fraction``),
        ``decades_beyond``, how many powers of ten its FLOPs lie above (or, negative, below) the fitted budgets, 0
        between them, and ``n_items``, the number of questions that its measured score assumes (NaN where unknown).
        Columns that are empty everywhere are left out.
    notes : tuple of str
        What a reader must know: how far it extrapolates, what was assumed or drawn from the population, whether the fit
        converged.
    converged : bool
        Whether the fit behind it converged.
    """

    _points: pd.DataFrame
    notes: tuple[str, ...]
    converged: bool
    _draws: "xr.Dataset | None"
    _stored: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_points", self._points.copy())
        if self._draws is not None:
            object.__setattr__(self, "_draws", _frozen(self._draws, self._points))

    @property
    def points(self) -> pd.DataFrame:
        """What each point is, one row a point, as a copy that may be changed; cells are copied when that happens."""
        return self._points.copy(deep=False)

    @property
    def has_draws(self) -> bool:
        """Whether the draws are there; a forecast that was read from a table has none."""
        return self._draws is not None

    @property
    def draws(self) -> "xr.Dataset":
        """Draws with dims (sample, point): ``score``, a new run's measured score, and ``expected``, the curve alone.

        Of a two-stage law also ``loss``, the run's loss from which its score follows.
        The coordinates of the points stand along ``point``. The arrays are read-only.

        Raises
        ------
        ValueError
            Where the forecast was read from a file that holds its table only.
        """
        if self._draws is None:
            raise ValueError("this forecast was read from a table, which holds no draws; save it as .nc to keep them")
        return self._draws.copy(deep=False)

    def array(self, of: str) -> Floats:
        """Draws of one quantity as a plain array, which refuses to be changed.

        Parameters
        ----------
        of : str
            "score" or "expected"; of a two-stage law also "loss".

        Returns
        -------
        array, shape (samples, points)
            As in `draws`.

        Raises
        ------
        ValueError
            Where the forecast has no draws, or none of such a quantity.

        Examples
        --------
        >>> import bayes_scaling as bs
        >>> prior = bs.sample_prior(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), draws=10, random_seed=1)
        >>> prior.array("score").shape
        (10, 49)
        """
        if of not in self.draws:
            raise ValueError(f"of={of!r}; expected one of {', '.join(map(repr, self.draws))}")
        return self.draws[of].to_numpy()

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
            One row a point, in order, with a RangeIndex: the columns of `points`, ``of``, ``mean``, ``median``, the
            bounds, and ``converged``. Accuracies in [0, 1].

        Raises
        ------
        ValueError
            For a probability outside (0, 1), an unknown quantity, or an interval that a stored table lacks.
        """
        chosen = checked_probs(probs)
        check_quantity(of)
        if self._stored is not None:
            return files.from_stored(self._stored, chosen, of)
        values = self.array(of)
        tails = [(1 + sign * prob) / 2 for prob in chosen for sign in (-1, 1)]
        median, *bounds = np.quantile(values, [0.5, *tails], axis=0)
        names = [name for prob in chosen for name in bound_names(prob)]
        found = {"mean": values.mean(axis=0), "median": median} | dict(zip(names, bounds, strict=True))
        return self._points.assign(of=of, **found, converged=self.converged)

    def average(self, weights: Mapping[str, float] | None = None) -> "Forecast":
        """Average over benchmarks, run by run and k by k, with its own interval.

        The draws of one run's benchmarks are joint (they share the run's effect), and so the interval is the average's.

        Parameters
        ----------
        weights : mapping of str to float, optional
            Weight of each benchmark, by name; by default all weigh the same. They are normalised. A benchmark with
            several metrics or shots goes by both: "arc_easy (acc_norm)".

        Returns
        -------
        Forecast
            One point a run, at each of its k where points have one, with the benchmark "average".

        Raises
        ------
        ValueError
            Where runs have different benchmarks at some k, `weights` names other benchmarks, or the draws were not
            kept.
        """
        import xarray as xr

        draws, points, labels = self.draws, self._points, score_labels(self._points)
        weight = normalised(weights, list(dict.fromkeys(labels)))
        keys = [name for name in ("family", "run", "k") if name in points]
        groups = points.groupby(keys, sort=False, dropna=False).indices
        operator = np.zeros((len(points), len(groups)))
        for column, members in enumerate(groups.values()):
            if sorted(labels.iloc[members]) != sorted(weight):
                which = _which(points.iloc[members[0]])
                raise ValueError(f"{which} does not have each of the benchmarks {', '.join(weight)} once")
            operator[members, column] = [weight[label] for label in labels.iloc[members]]
        first = [members[0] for members in groups.values()]
        farthest = [max(points["decades_beyond"].iloc[members], key=abs) for members in groups.values()]
        averaged = points.iloc[first].reset_index(drop=True).assign(benchmark="average", decades_beyond=farthest)
        averaged = averaged.drop(columns=["metric", "shots", "n_samples", "n_items"], errors="ignore")
        values = {str(name): (("sample", "point"), array.to_numpy() @ operator) for name, array in draws.items()}
        how = "with equal weights" if weights is None else "weighted"
        named = ", ".join(weight if weights is None else (f"{name} {value:.3g}" for name, value in weight.items()))
        notes = (*self.notes, f"average over {len(weight)} benchmarks {how}: {named}")
        return Forecast(averaged, notes, self.converged, xr.Dataset(values))

    def to_netcdf(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save draws, points and notes as NetCDF (.nc); `read_forecast` gives the same forecast back.

        As all of the savers it makes no folders, and expects the ending that `read_forecast` knows. A forecast that was
        saved there is replaced; any other file raises FileExistsError, unless `overwrite` allows to replace it.
        For readers `write_table` writes Markdown and LaTeX.
        """
        draws = self.draws
        return files.write_netcdf(Path(path), draws, self._points, self.notes, self.converged, overwrite=overwrite)

    def to_csv(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9), *, overwrite: bool = False) -> Path:
        """Save the tables of both quantities as CSV (.csv): long, with columns ``of``, ``converged`` and ``notes``."""
        return write_csv(path, self._long(probs), "forecast", overwrite=overwrite, why=files.WHY)

    def to_parquet(
        self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9), *, overwrite: bool = False
    ) -> Path:
        """Save the tables of both quantities as Parquet (.parquet), in the columns of `to_csv`."""
        return write_parquet(path, self._long(probs), "forecast", overwrite=overwrite, why=files.WHY)

    def to_json(self, path: str | Path, probs: Sequence[float] = (0.5, 0.8, 0.9), *, overwrite: bool = False) -> Path:
        """Save the tables of both quantities, the notes and whether the fit converged as one JSON object (.json)."""
        said = {"format": files.FORMAT, "converged": self.converged, "notes": list(self.notes)}
        document = {**said, "probs": list(checked_probs(probs))}
        return write_json(path, document, self._both(probs), "forecast", overwrite=overwrite, why=files.WHY)

    def __len__(self) -> int:
        return len(self._points)

    def _both(self, probs: Sequence[float]) -> pd.DataFrame:
        """Table of both quantities, one below the other."""
        return pd.concat([self.table(probs, "score"), self.table(probs, "expected")], ignore_index=True)

    def _long(self, probs: Sequence[float]) -> pd.DataFrame:
        """The same with the notes in every row."""
        return with_notes(self._both(probs), self.notes)

    def _title(self) -> str:
        runs, benchmarks = (self._points[name].nunique() for name in ("run", "benchmark"))
        size = f"{len(self)} scores: {runs} {'run' if runs == 1 else 'runs'}, "
        size += f"{benchmarks} {'benchmark' if benchmarks == 1 else 'benchmarks'}"
        held = "table only" if self._draws is None else f"{self._draws.sizes['sample']} draws"
        return f"Forecast of {size}; {held}" + ("" if self.converged else "; NOT CONVERGED")

    def _shown(self) -> pd.DataFrame:
        """Table for a glance: what tells the points apart, and the median with its widest usual interval."""
        stored = (0.9,) if self._stored is None else files.stored_probs(self._stored)
        probs = (0.9,) if 0.9 in stored else stored[-1:]
        table = self.table(probs)
        ratio = tokens_per_param(table)
        telling = {name for name in ("family", "metric", "shots", "k") if name in table and _several(table[name])}
        shown = [name for name in _COORDINATES if name in telling or name in _ALWAYS_SHOWN]
        if tell_apart(ratio):
            shown.insert(shown.index("flops") + 1, RATIO)
        bounds = [name for prob in probs for name in bound_names(prob)]
        table = table.assign(**{RATIO: ratio})[[*shown, "median", *bounds]]
        forms = {"shots": "{:.4g}".format, "k": "{:.10g}".format, "flops": "{:.4g}".format, RATIO: ratio_in_words}
        plain = {name: table[name].map(form, na_action="ignore") for name, form in forms.items() if name in table}
        return table.assign(**plain)

    def __repr__(self) -> str:
        text = self._shown().to_string(na_rep="", max_rows=_MOST_SHOWN, float_format="{:.3f}".format)
        return "\n".join([self._title(), text, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        table = self._shown().to_html(na_rep="", max_rows=_MOST_SHOWN, float_format="{:.3f}".format, border=0)
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<p>{html.escape(self._title())}</p>\n{table}" + (f"\n<ul>{notes}</ul>" if notes else "")


def read_forecast(path: str | Path) -> Forecast:
    """Read a forecast that was saved: draws from .nc, its tables from .csv, .parquet and .json.

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
    return Forecast(*files.read(Path(path)))


def describe_points(points: Points, decades: Floats) -> pd.DataFrame:
    """Coordinates of the points in tidy columns and dtypes; columns that are empty everywhere are left out."""
    described = points.frame.assign(n_items=points.rows.n_items, decades_beyond=decades).reset_index(drop=True)
    kept = [name for name in _COORDINATES if name in described and not described[name].isna().all()]
    return described[kept].astype({name: "str" if name in _LABELS else "float64" for name in kept})


def _several(values: pd.Series) -> bool:
    return len(values.unique()) > 1


def _which(point: pd.Series) -> str:
    at = f" at k = {point['k']:g}" if "k" in point and not pd.isna(point["k"]) else ""
    return f"run {point['run']!r}{at}"


def _frozen(dataset: "xr.Dataset", points: pd.DataFrame) -> "xr.Dataset":
    """Return the draws with the coordinates of their points, in arrays that refuse to be changed."""
    import xarray as xr

    values = {}
    for name, array in dataset.data_vars.items():
        # One memory order, so that means add up in one order whether the draws were computed or read.
        values[str(name)] = np.ascontiguousarray(array.transpose("sample", "point").to_numpy()).view()
        values[str(name)].setflags(write=False)
    coords = {str(name): ("point", points[name].to_numpy(copy=True)) for name in points}
    frozen = xr.Dataset({name: (("sample", "point"), array) for name, array in values.items()})
    return frozen.assign_coords({"sample": np.arange(dataset.sizes["sample"]), **coords})


def normalised(weights: Mapping[str, float] | None, names: Sequence[str]) -> dict[str, float]:
    """Weights of names that sum to one, in the names' order; equal where none are given.

    Raises
    ------
    ValueError
        Where the weights name others, are negative, or sum to nothing.
    """
    given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    if set(given) != set(names):
        raise ValueError(f"weights name {', '.join(given)}; expected each of {', '.join(names)}")
    total = sum(given.values())
    if not (min(given.values()) >= 0 and 0 < total < np.inf):
        raise ValueError(f"weights are {given}; expected non-negative numbers with a positive sum")
    return {name: given[name] / total for name in names}
