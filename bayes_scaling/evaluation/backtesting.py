"""Backtests: fits on the smaller runs of a table, scored on its larger ones, again and again."""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..files.json_frames import frame_from_json, frame_to_json
from ..files.whole_files import whole_file
from ..forecasting.forecast import RatioWarning, forecast
from ..laws import law_from_json
from ..laws.base import Law
from ..model.specification import specify
from ..posterior.fit import ConvergenceWarning, Fit
from ..runs.table import Runs
from ..wording import listed, ranges_in_words
from .coverage_interval import coverage_interval
from .executing import Failed, run_tasks
from .folds import Axis, Fold, make_folds
from .reliability import TARGETS, brier_table, reliability_table
from .scoring import clusters, grouped_rows, score_draws, score_forecast, summarise_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

PROBS = (0.5, 0.8, 0.9)
#: Levels of the quantiles that stand for a forecast's draws: the middles of 99 equally likely parts.
LEVELS = (np.arange(99) + 0.5) / 99
AVERAGE = "average"

_CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_EDGES = (0.0, 0.3, 0.7, 1.0, 1.5, 2.0)
_REUSED_FROM = 6  # folds of one shape: a model to be reused compiles two to three times as long
_KEYS = ("law", "cutoff", "keep_from", "left_out")
_FORMAT = "bayes_scaling backtest 1"


@dataclass(frozen=True, eq=False)
class Backtest:
    """Scored forecasts of held-out runs from fits to smaller ones; made by `backtest` and `read_backtest`.

    Attributes
    ----------
    rows : DataFrame
        One row a law, fold and held-out score. ``law``; the fold: ``cutoff`` and ``keep_from`` (largest and lowest
        fitted budget) or ``left_out`` (a family); the score: run, trajectory, family, benchmark, budgets,
        ``decades_beyond`` and ``decades``, ranges of it; ``accuracy``, ``median``, ``error``, ``pit``, ``crps``,
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
        groups = grouped_rows(rows, names)
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
        varied = [name for name in _KEYS[1:] if len(rows[name].unique()) > 1] or ["cutoff"]
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
        names = list(dict.fromkeys(self.rows["law"]))
        if (law is None and len(names) > 1) or (law is not None and law not in names):
            raise ValueError(f"law={law!r}; expected one of {', '.join(map(repr, names))}")
        rows = self.single()
        rows = rows if law is None else rows[rows["law"] == law]
        length = "past extrapolations"
        if decades is not None:
            low, high = decades
            near = rows[rows["decades_beyond"].between(low, high)]
            if near.empty:
                longest = rows["decades_beyond"].max()
                return f"no past extrapolation is as long as this one; the longest went {longest:.2g} decades beyond"
            rows, length = near, f"past extrapolations of {low:.2g} to {high:.2g} decades"
        inside = rows["inside_90"].to_numpy(bool)
        low, high = coverage_interval(inside, clusters(rows))
        runs = rows["trajectory"].nunique()
        return (
            f"on {length} the 90% interval covered {inside.mean():.0%} (n = {len(rows)} scores of {runs} "
            f"run{'s' * (runs > 1)}; 90% interval {low:.0%} to {high:.0%})"
        )

    @property
    def failed(self) -> list[str]:
        """What could not be fitted or forecast, one sentence each."""
        return [f"failed: {row.law} at {_fold_in_words(row)}: {row.error}" for row in self.failures.itertuples()]

    def plot(self) -> "Figure":
        """Draw `plots.calibration`."""
        from .. import plots

        return plots.calibration(self)

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
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = Path(path)
        if path.suffix != ".parquet":
            raise ValueError(f"{path} ends in {path.suffix!r}; expected .parquet")
        table = pa.Table.from_pandas(self.rows, preserve_index=False)
        parts = {"format": _FORMAT, "failures": frame_to_json(self.failures)}
        parts["timings"] = frame_to_json(self.timings)
        metadata = {**(table.schema.metadata or {}), **{k.encode(): v.encode() for k, v in parts.items()}}
        with whole_file(path, "backtest", overwrite=overwrite) as place:
            pq.write_table(table.replace_schema_metadata(metadata), place)
        return path

    def __repr__(self) -> str:
        shown = self.table()[["law", "n", "runs", "coverage_50", "coverage_80", "coverage_90", "crps", "mae", "bias"]]
        folds = len(self.timings.drop_duplicates(list(_KEYS[1:]))) if len(self.timings) else 0
        lines = [f"Backtest of {shown['law'].nunique()} laws on {folds} folds"]
        lines.append(shown.to_string(index=False, float_format="{:.3f}".format))
        return "\n".join([*lines, *self.failed])


@dataclass(frozen=True)
class _Task:
    """One law on one fold, in what survives the way to another process."""

    label: str
    law: str
    fold: tuple[float, float, str]
    train: str
    held_out: str
    seed: int
    options: Mapping[str, int]
    reuse: bool = False


@dataclass(frozen=True)
class _Done:
    rows: pd.DataFrame
    timing: dict[str, Any]


def backtest(
    laws: Law | Sequence[Law] | Mapping[str, Law],
    runs: Runs,
    *,
    cutoffs: Sequence[float] | None = None,
    by: Axis = "flops",
    horizon: float | None = None,
    keep_from: Sequence[float] = (),
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int | None = None,
    executor: Executor | None = None,
    progressbar: bool = True,
) -> Backtest:
    """Fit laws to the smaller runs and score their forecasts on the larger ones, at one cutoff after the other.

    Parameters
    ----------
    laws : Law, sequence of Law, or mapping of str to Law
        The laws, with names of your own in a mapping.
    runs : Runs
        Scored runs.
    cutoffs : sequence of float, optional
        Largest budgets that are fitted; by default up to five budgets of the table, evenly spaced on the log scale,
        each with enough runs below.
    by : {"flops", "params", "family"}
        What divides the runs; "family" leaves each family out in turn, whose curves are then drawn from the
        population.
    horizon : float, optional
        How far above its cutoff a run may be to be held out (decades).
    keep_from : sequence of float
        Lowest budgets that are fitted: each cutoff comes once with all below it and once with each of these.
    draws, tune, chains : int
        Of every fit.
    random_seed : int, optional
        Seed; the same seed gives the same numbers, in whatever order and process the fits run.
    executor : concurrent.futures.Executor, optional
        Where the fits run; by default a process for each core. ``dask.distributed.Client(...).get_executor()`` runs
        them on a cluster. In a script, the call then stands under ``if __name__ == "__main__":``.
    progressbar : bool
        Whether to show progress.

    Returns
    -------
    Backtest
        Every scored row. A fit that fails, or whose worker dies again and again, is a row of its `failures`. Benchmarks
        and families that a fold did not fit are not forecast.

    Raises
    ------
    ValueError
        For arguments that do not fit together, a budget that is unknown in a row, and a cutoff with nothing on one
        side.
    TypeError
        For what is no law.
    """
    named = named_laws(laws)
    folds = make_folds(runs, by, cutoffs, keep_from=keep_from, horizon=horizon)
    seeds = np.random.SeedSequence(random_seed).generate_state(len(folds))
    options = {"draws": draws, "tune": tune, "chains": chains}
    tasks = [
        _task(label, law, fold, int(seed), options)
        for fold, seed in zip(folds, seeds, strict=True)
        for label, law in named.items()
    ]
    tasks = _with_reuse(tasks)
    with _progress(len(tasks), progressbar) as done:
        results = run_tasks(_score_fold, tasks, executor, done=done)
    return _collect(tasks, results)


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


def named_laws(laws: Law | Sequence[Law] | Mapping[str, Law]) -> dict[str, Law]:
    """Laws by the names that a mapping gives them; else by their own, or in full where several have the same.

    Raises
    ------
    ValueError
        Where there are none.
    TypeError
        For what is no law.

    Examples
    --------
    >>> from bayes_scaling.laws import DirectLaw, PassAtKLaw
    >>> list(named_laws([DirectLaw(), PassAtKLaw(), PassAtKLaw(inputs="ratio")]))
    ['direct', 'PassAtKLaw()', "PassAtKLaw(inputs='ratio')"]
    """
    if isinstance(laws, Mapping):
        named = dict(laws)
    else:
        every = [laws] if isinstance(laws, Law) else list(laws)
        names = [law.name if isinstance(law, Law) else "" for law in every]
        named = {name if names.count(name) == 1 else repr(law): law for name, law in zip(names, every, strict=True)}
    if not named:
        raise ValueError("laws is empty; expected laws such as [DirectLaw()]")
    for law in named.values():
        if not isinstance(law, Law):
            raise TypeError(f"laws holds {law!r}; expected laws, such as DirectLaw()")
    return named


def _task(label: str, law: Law, fold: Fold, seed: int, options: Mapping[str, int]) -> _Task:
    where = (fold.cutoff, fold.keep_from, fold.left_out)
    return _Task(label, law.to_json(), where, fold.train.to_json(), fold.held_out.to_json(), seed, options)


def _with_reuse(tasks: Sequence[_Task]) -> list[_Task]:
    """Tell tasks to reuse compiled models where enough of them have one shape to pay for it."""
    labels = [task.label for task in tasks]
    shapes = [_shape(task) if labels.count(task.label) >= _REUSED_FROM else None for task in tasks]
    return [
        replace(task, reuse=shape is not None and shapes.count(shape) >= _REUSED_FROM)
        for task, shape in zip(tasks, shapes, strict=True)
    ]


def _shape(task: _Task) -> tuple[object, ...] | None:
    """Law and shape of a fit; None where the law cannot be put on the table, as its fit will say."""
    try:
        return (task.label, *specify(law_from_json(task.law), Runs.from_json(task.train)).shape)
    except (TypeError, ValueError):
        return None


def _score_fold(task: _Task) -> _Done:
    """Fit, forecast and score one law on one fold; runs in any process."""
    from ..sampling.fitting import ThinDataWarning, fit

    train, held_out = Runs.from_json(task.train), Runs.from_json(task.held_out)
    start = time.perf_counter()
    with warnings.catch_warnings():
        for said in (ConvergenceWarning, ThinDataWarning, RatioWarning):
            warnings.simplefilter("ignore", said)  # the rows say whether a fit converged
        options: dict[str, Any] = {**task.options, "random_seed": task.seed, "reuse": task.reuse}
        fitted = fit(law_from_json(task.law), train, progressbar=False, **options)
        known = held_out if task.fold[2] else _known(train, held_out)
        predicted = forecast(fitted, known, task.seed, new_groups="sample" if task.fold[2] else None)
    seconds = time.perf_counter() - start
    scores = score_forecast(predicted, known, PROBS)
    rows = scores.rows.assign(quantiles=list(np.quantile(scores.draws, LEVELS, axis=0).T))
    rows = pd.concat([rows, _averages(rows, scores.draws)], ignore_index=True)
    timing = {"seconds": seconds, **_parts(fitted), "rows": len(train)}
    return _Done(rows.assign(converged=fitted.converged), timing)


def _parts(fitted: Fit) -> dict[str, Any]:
    """Seconds of compiling and of sampling of a fit, its stage one included, and whether it reused its models."""
    fits = [fitted] if fitted.stage_one is None else [fitted, fitted.stage_one]
    taken = [part.provenance["seconds"] for part in fits]
    parts = {f"{name}_seconds": sum(seconds[name] for seconds in taken) for name in ("compile", "sample")}
    return parts | {"reused": all(part.provenance["reused_model"] for part in fits)}


def _known(train: Runs, held_out: Runs) -> Runs:
    """Held-out rows whose benchmark and family were fitted."""
    frame, fitted = held_out.frame, train.frame
    keys = [name for name in ("benchmark", "metric", "shots") if name in frame and name in fitted]
    pairs = pd.MultiIndex.from_frame(fitted[keys].astype(str))
    kept = frame["family"].isin(fitted["family"].unique()) & pd.MultiIndex.from_frame(frame[keys].astype(str)).isin(
        pairs
    )
    if not kept.any():
        raise ValueError("no held-out row has a benchmark and a family that were fitted")
    return Runs(frame[kept].reset_index(drop=True))


def _averages(rows: pd.DataFrame, draws: Floats) -> pd.DataFrame:
    """Means over the benchmarks of each run (at each k), with the draws' own mean, of runs with several."""
    keys = [name for name in ("family", "run", "k") if name in rows]
    groups = [m for m in rows.groupby(keys, sort=False, dropna=False).indices.values() if len(m) > 1]
    if not groups:
        return rows.head(0)
    mean = np.stack([draws[:, members].mean(axis=1) for members in groups], axis=1)
    accuracy = np.array([rows["accuracy"].to_numpy()[members].mean() for members in groups])
    farthest = [max(rows["decades_beyond"].iloc[members], key=abs) for members in groups]
    first = rows.iloc[[members[0] for members in groups]].reset_index(drop=True)
    scores = pd.DataFrame(score_draws(mean, accuracy, PROBS))
    first = first.drop(columns=list(scores)).assign(benchmark=AVERAGE, decades_beyond=farthest)
    first = pd.concat([first, scores], axis=1).assign(quantiles=list(np.quantile(mean, LEVELS, axis=0).T))
    return first.drop(columns=[name for name in ("metric", "shots", "n_items") if name in first])


def _collect(tasks: Sequence[_Task], results: Sequence[_Done | Failed]) -> Backtest:
    rows, failures, timings = [], [], []
    for task, result in zip(tasks, results, strict=True):
        where = dict(zip(_KEYS, (task.label, *task.fold), strict=True))
        if isinstance(result, Failed):
            failures.append({**where, "error": result.error})
            continue
        timings.append({**where, **result.timing})
        labels = pd.DataFrame([where] * len(result.rows))
        rows.append(pd.concat([labels, result.rows], axis=1))
    if not rows:
        reasons = listed(dict.fromkeys(str(failure["error"]) for failure in failures), 3)
        raise ValueError(f"every fit of the backtest failed: {reasons}")
    every = pd.concat(rows, ignore_index=True)
    every.insert(len(_KEYS), "decades", ranges_in_words(every["decades_beyond"].to_numpy(float), _EDGES))
    columns = [*_KEYS, "error"]
    return Backtest(every, pd.DataFrame(failures, columns=columns), pd.DataFrame(timings))


def _budget(value: str | float) -> str:
    return value if isinstance(value, str) else "all" if np.isnan(value) else f"{value:.3g}"


def _fold_in_words(row: Any) -> str:
    return f"family {row.left_out}" if row.left_out else f"cutoff {row.cutoff:.3g}"


@contextmanager
def _progress(total: int, shown: bool) -> Iterator[Callable[[], None]]:
    """Progress bar over tasks on stderr, or nothing; yields what advances it."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fitting", total=total)
        yield lambda: bar.advance(task)
