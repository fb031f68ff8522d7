"""What a backtest found, fold by fold; saved and read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..drawable import Drawable
from ..files.html import as_html
from ..files.json_frames import frame_from_json, frame_to_json
from ..files.tables import write_parquet
from ..forecasting.forecast import Forecast
from ..wording import counted, listed
from .coverage_interval import coverage_interval
from .folds import REST
from .recalibrating import past_misses, widened
from .record import Record, nearest_first, of_same_table, record_of
from .reliability import TARGETS, brier_table, reliability_table
from .scoring import clusters, grouped_rows, summarise_rows

PROBS = (0.5, 0.8, 0.9)
#: Levels of the quantiles that stand for a forecast's draws: the middles of 99 equally likely parts.
LEVELS = (np.arange(99) + 0.5) / 99
AVERAGE = "average"
_CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
KEYS = ("law", "cutoff", "keep_from", "left_out")
_FORMAT = "bayes_scaling backtest 1"


@dataclass(frozen=True, eq=False)
class Backtest(Drawable):
    """Scored forecasts of held-out runs from fits to smaller ones; made by `backtest` and `read_backtest`.

    Attributes
    ----------
    rows : DataFrame
        One row a law, fold and held-out score. ``law``; the fold: ``cutoff`` and ``keep_from`` (largest and lowest
        fitted budget) or ``left_out`` (a family, or "rest of each run" with the fitted share as the cutoff); the score:
        run, trajectory, family, benchmark, budgets, ``decades_beyond`` (along the run, beyond its own last fitted
        checkpoint) and ``decades``, ranges of it; ``accuracy``, ``median``, ``error``, ``pit``, ``crps``,
        ``log_score``, ``inside_50`` and so on; ``quantiles`` of the forecast at 99 evenly spaced levels; ``converged``.
        The rows with the benchmark "average" are the means of a run's benchmarks, with the draws' own mean.
    failures : DataFrame
        One row a law and fold that could not be fitted or forecast: its fold and ``error``.
    timings : DataFrame
        One row a law and fold: ``seconds`` of the fit and the forecast together, those of compiling and sampling in
        them, whether the fit ``reused`` a model that its process had compiled for a fold of the same shape, and
        ``rows`` fitted.
    """

    rows: pd.DataFrame
    failures: pd.DataFrame
    timings: pd.DataFrame

    def single(self) -> pd.DataFrame:
        """Return the rows of single benchmarks, without the averages."""
        return self.rows[self.rows["benchmark"] != AVERAGE]

    def averages(self) -> pd.DataFrame:
        """Return the rows of the averages over benchmarks."""
        return self.rows[self.rows["benchmark"] == AVERAGE]

    def table(self, by: str | Sequence[str] = "law", *, averages: bool = False) -> pd.DataFrame:
        """Coverage and scores by group.

        Parameters
        ----------
        by : str or sequence of str
            Columns of `rows`, such as "law", "benchmark", "family", "cutoff" or "decades".
        averages : bool
            Whether to take the averages over benchmarks in place of single scores.

        Returns
        -------
        DataFrame
            One row a group, in the columns of `ForecastScores.table`.

        Raises
        ------
        ValueError
            Where `by` is no column of `rows`.
        """
        rows = self.averages() if averages else self.single()
        names = [by] if isinstance(by, str) else list(by)
        groups = nearest_first(grouped_rows(rows, names), names)
        keys = pd.DataFrame([key for key, _ in groups], columns=names)
        return pd.concat([keys, pd.DataFrame([summarise_rows(part, PROBS) for _, part in groups])], axis=1)

    def calibration(
        self, by: str | Sequence[str] = "law", probs: Sequence[float] = _CURVE, *, averages: bool = False
    ) -> pd.DataFrame:
        """Nominal against measured coverage of central intervals.

        Parameters
        ----------
        by : str or sequence of str
            Columns of `rows` to group by.
        probs : sequence of float
            Nominal probabilities.
        averages : bool
            As of `table`.

        Returns
        -------
        DataFrame
            The columns of `by`, ``nominal``, ``measured``, ``low`` and ``high``, the 90% interval of the measured one
            (rows of one training run belong together, `coverage_interval`), and ``n``.
        """
        rows = self.averages() if averages else self.single()
        names = [by] if isinstance(by, str) else list(by)
        found = []
        for key, part in grouped_rows(rows, names):
            for prob in probs:
                inside = (np.abs(part["pit"] - 0.5) <= prob / 2).to_numpy()
                low, high = coverage_interval(inside, clusters(part))
                found.append((*key, prob, inside.mean(), low, high, len(inside)))
        return pd.DataFrame(found, columns=[*names, "nominal", "measured", "low", "high", "n"])

    def reliability(
        self,
        by: str | Sequence[str] = "law",
        targets: Sequence[float] = TARGETS,
        *,
        bins: int = 10,
        averages: bool = False,
    ) -> pd.DataFrame:
        """Whether stated probabilities of reaching a target came true.

        Every held-out score is asked for every target: how probable the forecast said it was to reach it
        (`probability_of`), and whether it did.

        Parameters
        ----------
        by : str or sequence of str
            Columns of `rows` to group by; an empty list for all rows together.
        targets : sequence of float
            Scores.
        bins : int
            Equally wide bins of the stated probability.
        averages : bool
            As of `table`.

        Returns
        -------
        DataFrame
            The columns of `by`, the bin (``low``, ``high``), mean ``stated`` probability, ``observed`` frequency with
            its 90% interval, ``n`` pairs of scores and targets, and ``runs``.
        """
        rows = self.averages() if averages else self.single()
        return reliability_table(rows, LEVELS, [by] if isinstance(by, str) else list(by), targets, bins)

    def brier(
        self, by: str | Sequence[str] = "law", targets: Sequence[float] = TARGETS, *, averages: bool = False
    ) -> pd.DataFrame:
        """Brier scores of stated probabilities of reaching targets, beside climatology.

        Parameters as of `reliability`.

        Returns
        -------
        DataFrame
            The columns of `by`, ``brier``, ``climatology``, the score of each target's own frequency among these very
            rows, ``skill``, 1 less their ratio, and ``n``.
        """
        rows = self.averages() if averages else self.single()
        return brier_table(rows, LEVELS, [by] if isinstance(by, str) else list(by), targets)

    def sensitivity(self, benchmark: str | None = None) -> pd.DataFrame:
        """How the forecast of each held-out run moves with what is fitted.

        Parameters
        ----------
        benchmark : str, optional
            One benchmark, or "average"; by default all single ones.

        Returns
        -------
        DataFrame
            One row a law, run and benchmark, one column a cutoff (and lowest budget, where there are several): medians
            of the forecasts; NaN where a fold does not hold the run out. ``accuracy`` is what was measured, ``range``
            the largest median less the smallest.
        """
        rows = self.single() if benchmark is None else self.rows[self.rows["benchmark"] == benchmark]
        if rows.empty:
            known = listed(dict.fromkeys(self.rows["benchmark"]), 12)
            raise ValueError(f"benchmark={benchmark!r}; expected one of {known}")
        varied = [name for name in KEYS[1:] if len(rows[name].unique()) > 1] or ["cutoff"]
        index = ["law", "run", "benchmark", "accuracy"]
        wide = rows.pivot_table(index=index, columns=varied, values="median", sort=False)
        spread = wide.max(axis=1) - wide.min(axis=1)
        wide.columns = [" from ".join(_budget(v) for v in np.atleast_1d(key)) for key in wide.columns]
        return wide.assign(range=spread).reset_index()

    def audit(self, law: str | None = None, *, decades: tuple[float, float] | None = None) -> str:
        """Say how often the 90% intervals of a law held on past extrapolations of some length.

        Parameters
        ----------
        law : str, optional
            Name of the law in the backtest; needed where there are several.
        decades : (float, float), optional
            Shortest and longest extrapolation (powers of ten beyond the fitted budgets) to look at; by default all.

        Returns
        -------
        str
            One sentence.

        Raises
        ------
        ValueError
            For a law that was not backtested.
        """
        rows = self._of(law)
        what = "past forecasts of the rest of runs" if self.along_runs else "past extrapolations"
        length = what
        if decades is not None:
            low, high = decades
            near = rows[rows["decades_beyond"].between(low, high)]
            if near.empty:
                longest = rows["decades_beyond"].max()
                return f"no past extrapolation is as long as this one; the longest went {longest:.2g} decades beyond"
            rows, length = near, f"{what} of {low:.2g} to {high:.2g} decades"
        inside = rows["inside_90"].to_numpy(bool)
        low, high = coverage_interval(inside, clusters(rows))
        runs = len(np.unique(clusters(rows)))
        return (
            f"on {length} the 90% interval covered {inside.mean():.0%} (n = {len(rows)} scores of {runs} "
            f"run{'s' * (runs > 1)}; 90% interval {low:.0%} to {high:.0%})"
        )

    def record(self, law: str | None = None, decades: float | None = None) -> Record:
        """Count how often past 90% intervals of a law held, at about some distance.

        Parameters
        ----------
        law : str, optional
            As of `audit`; a backtest of one law alone speaks for any.
        decades : float, optional
            How far the forecast in question goes (powers of ten beyond the fitted budgets); by default all are counted.

        Returns
        -------
        Record
            With ``sentence`` and whether ``too_few`` held. Where no past forecast went about as far, of the nearest.

        Raises
        ------
        ValueError
            For a law that is not one of several that were backtested.
        """
        return record_of(self._of(self._name(law)), decades)

    def recalibrated(self, forecast: Forecast, law: str | None = None) -> Forecast:
        """Widen a forecast by what past forecasts of its law missed; no interval gets narrower.

        Parameters
        ----------
        forecast : Forecast
            With draws. Points within the fitted budgets stay as they are.
        law : str, optional
            As of `record`.

        Returns
        -------
        Forecast
            The same medians with wider intervals (`bayes_scaling.evaluation.recalibrating` says how), and a note.
        """
        return widened(forecast, past_misses(self._of(self._name(law)), LEVELS))

    def belongs_to(self, law: str, fitted: pd.DataFrame) -> bool:
        """Whether the backtest is of such a law, and every held-out score of it is one of these fitted runs.

        Parameters
        ----------
        law : str
            Name of the law.
        fitted : DataFrame
            Fitted rows in the columns of `Runs.frame`.

        Returns
        -------
        bool
            Runs, benchmarks and, where both are single scores, the scores themselves are compared.
        """
        return of_same_table(self.single(), law, fitted)

    def _name(self, law: str | None) -> str | None:
        """The law itself, or the one that there is."""
        names = list(dict.fromkeys(self.rows["law"]))
        return names[0] if len(names) == 1 else law

    def _of(self, law: str | None) -> pd.DataFrame:
        """Rows of single scores of one law."""
        names = list(dict.fromkeys(self.rows["law"]))
        if (law is None and len(names) > 1) or (law is not None and law not in names):
            raise ValueError(f"law={law!r}; expected one of {', '.join(map(repr, names))}")
        rows = self.single()
        return rows if law is None else rows[rows["law"] == law]

    @property
    def along_runs(self) -> bool:
        """Whether the rest of fitted runs was forecast, and not new runs."""
        return bool((self.rows["left_out"] == REST).all())

    @property
    def distance(self) -> str:
        """What its decades are, in words."""
        return f"decades beyond the {'last fitted checkpoint' if self.along_runs else 'fitted budgets'}"

    @property
    def failed(self) -> list[str]:
        """What could not be fitted or forecast, one sentence each."""
        return [f"failed: {row.law} at {_fold_in_words(row)}: {row.error}" for row in self.failures.itertuples()]

    def to_parquet(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save rows, failures and timings as one Parquet file (.parquet); `read_backtest` gives them back.

        Raises
        ------
        ValueError
            For another ending.
        FileNotFoundError
            Where there is no such folder.
        FileExistsError
            Where something is there that is no saved backtest, unless `overwrite` allows to replace it.
        OSError
            Where the file cannot be written.
        """
        parts = {"format": _FORMAT, "failures": frame_to_json(self.failures), "timings": frame_to_json(self.timings)}
        return write_parquet(path, self.rows, "backtest", overwrite=overwrite, parts=parts)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        """What it is in words, and its table for a glance."""
        shown = self.table()[["law", "n", "runs", "coverage_50", "coverage_80", "coverage_90", "crps", "mae", "bias"]]
        folds = len(self.timings.drop_duplicates(list(KEYS[1:]))) if len(self.timings) else 0
        return f"Backtest of {counted(shown['law'].nunique(), 'law')} on {counted(folds, 'fold')}", shown

    def _repr_html_(self) -> str:
        return as_html(*self._shown(), self.failed)

    def __repr__(self) -> str:
        title, shown = self._shown()
        lines = [title]
        lines.append(shown.to_string(index=False, float_format="{:.3f}".format))
        return "\n".join([*lines, *self.failed])


def read_backtest(path: str | Path) -> Backtest:
    """Read a backtest that `Backtest.to_parquet` saved.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is of another kind.
    """
    import pyarrow.parquet as pq

    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected a backtest that was saved")
    try:
        table = pq.read_table(path)
        metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    except Exception as error:  # of a damaged file pyarrow raises many kinds
        raise ValueError(f"{path} is not a Parquet file; expected a backtest that was saved") from error
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"{path} is not a backtest; its format is {metadata.get('format')!r}, expected {_FORMAT!r}")
    try:
        return Backtest(table.to_pandas(), *(frame_from_json(metadata[name]) for name in ("failures", "timings")))
    except Exception as error:  # the same
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error


def _budget(value: str | float) -> str:
    return value if isinstance(value, str) else "all" if np.isnan(value) else f"{value:.3g}"


def _fold_in_words(row: Any) -> str:
    if row.left_out == REST:
        return f"{row.cutoff:.3g} of each run"
    return f"family {row.left_out}" if row.left_out else f"cutoff {row.cutoff:.3g}"
