"""Reference: what is read off the data before any model sees them.

Labels, curves, floors, chances, item counts, reference budgets and the bases of the deviations: one pure function makes
them, and the frozen result is saved with the fit. Prior draws and simulation-based calibration hold it fixed.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..runs.budget_columns import BUDGETS
from ..runs.checkpoints import training_runs, undecayed
from ..runs.columns import numbers
from .decay import UNKNOWN_DECAY, Decay
from .deviation import Basis
from .rows import Benchmark, Rows, codes_of, score_keys
from .trajectories import Trajectory, series_codes

_SAME_BUDGET = 1e-6  # difference in log FLOPs


@dataclass(frozen=True)
class Reference:
    """What the model takes from the data before it is fitted; made by `make_reference`.

    Attributes
    ----------
    families : tuple of str
        Families, in order of appearance.
    benchmarks : tuple of Benchmark
        Benchmarks, in order of appearance.
    curve_family, curve_benchmark : tuple of int
        Codes of each (family, benchmark) curve that has a score.
    runs : tuple of str
        Names of the training runs: trajectories of several checkpoints, and finished runs.
    run_family : tuple of int
        Code of each run's family.
    run_log_flops : tuple of float
        Log FLOPs of each run; of several checkpoints those of the last.
    curve_log_flops : tuple of (float, float)
        Smallest and largest log FLOPs of each curve.
    deviates_in : tuple of str
        Budgets in which the deviations run.
    bases : dict of str to tuple of Basis
        Bases of the deviations from the law, by what shares them: "benchmark"; with several benchmarks "family"; with
        several families "curve".
    flops_per_nd : float
        Median of FLOPs / (params * tokens): 6 by the usual rule; NaN where params or tokens are unknown.
    trajectories : tuple of Trajectory
        The training runs of several checkpoints.
    series : tuple of (int, int)
        Code of trajectory and benchmark of what was scored along one.
    decay : Decay
        What is known of learning rates.
    follows_runs : bool
        Whether checkpoints of one training run share their luck.
    bases_in_k : tuple of Basis
        Of attempts: bases of the deviation from the curve in k, in log k, one of each benchmark.
    """

    families: tuple[str, ...]
    benchmarks: tuple[Benchmark, ...]
    curve_family: tuple[int, ...]
    curve_benchmark: tuple[int, ...]
    runs: tuple[str, ...]
    run_family: tuple[int, ...]
    run_log_flops: tuple[float, ...]
    curve_log_flops: tuple[tuple[float, float], ...]
    deviates_in: tuple[str, ...]
    bases: dict[str, tuple[Basis, ...]]
    flops_per_nd: float
    trajectories: tuple[Trajectory, ...] = ()
    series: tuple[tuple[int, int], ...] = ()
    decay: Decay = UNKNOWN_DECAY
    follows_runs: bool = False  # as fits have it that were saved before checkpoints shared anything
    bases_in_k: tuple[Basis, ...] = ()

    @cached_property
    def trajectory_of_run(self) -> Ints:
        """Code of the trajectory of each training run, -1 of those of one checkpoint, shape (runs,)."""
        found = np.full(len(self.runs), -1, np.int64)
        found[[trajectory.run for trajectory in self.trajectories]] = np.arange(len(self.trajectories))
        return found

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the benchmarks."""
        return tuple(benchmark.label for benchmark in self.benchmarks)

    @cached_property
    def curve_labels(self) -> tuple[str, ...]:
        """Labels of the curves: the benchmark's, with the family in front where there are several."""
        if len(self.families) == 1:
            return tuple(self.labels[b] for b in self.curve_benchmark)
        pairs = zip(self.curve_family, self.curve_benchmark, strict=True)
        return tuple(f"{self.families[f]} | {self.labels[b]}" for f, b in pairs)

    @cached_property
    def series_labels(self) -> tuple[str, ...]:
        """Labels of what was scored along trajectories: the training run and the benchmark."""
        return tuple(f"{self.runs[self.trajectories[t].run]} | {self.labels[b]}" for t, b in self.series)

    @cached_property
    def series_curve(self) -> Ints:
        """Curve that each series is of, shape (series,)."""
        curves = {pair: c for c, pair in enumerate(zip(self.curve_family, self.curve_benchmark, strict=True))}
        family = [self.run_family[self.trajectories[t].run] for t, _ in self.series]
        return np.array([curves[f, b] for f, (_, b) in zip(family, self.series, strict=True)], np.int64)

    @cached_property
    def series_sums(self) -> Ints | None:
        """Curves around which the luck of runs on a benchmark sums to zero, shape (series,).

        None where there are finished runs too, about which a run of several checkpoints has its place.
        """
        return self.series_curve if len(self.trajectories) == len(self.runs) else None

    def centre_of(self, budget: str, benchmark: Ints) -> Floats:
        """Reference log budget by code of benchmark; the mean over benchmarks for one that was not fitted (-1)."""
        centre = self.centre(budget)
        return np.where(benchmark >= 0, centre[benchmark], centre.mean())

    def centre(self, budget: str) -> Floats:
        """Reference log budget of each benchmark, shape (benchmarks,)."""
        return np.array([benchmark.centre[budget] for benchmark in self.benchmarks])

    def loss_index(self, log_loss: Floats, benchmark: Ints) -> Floats:
        """Minus the log loss, in units in which it grows as log FLOPs.

        Parameters
        ----------
        log_loss : array, shape (..., rows)
            Log losses.
        benchmark : int array, shape (rows,)
            Codes; a benchmark that was not fitted (-1) has the mean slope of the others.

        Returns
        -------
        array, shape (..., rows)
            Loss indices.
        """
        slopes = self.per_benchmark("loss_slope")
        return -log_loss / np.where(benchmark >= 0, slopes[benchmark], slopes.mean())

    def per_benchmark(self, name: str) -> Floats:
        """One number of each benchmark, such as its "floor", "loss_slope" or "spread", shape (benchmarks,)."""
        return np.array([getattr(benchmark, name) for benchmark in self.benchmarks], float)

    def encode(self, frame: pd.DataFrame) -> Rows:
        """Encode the rows of a table; labels that were not fitted get -1.

        Parameters
        ----------
        frame : DataFrame
            Rows in the columns of `Runs.frame`; outcome columns are not read.

        Returns
        -------
        Rows
            One entry a row, in order.
        """
        benchmark = self._encode_benchmarks(frame)
        family = codes_of(frame["family"].astype(str), self.families)
        curves = {pair: i for i, pair in enumerate(zip(self.curve_family, self.curve_benchmark, strict=True))}
        curve = np.array([curves.get(pair, -1) for pair in zip(family, benchmark, strict=True)], np.int64)
        run = self._encode_runs(frame, family)
        trajectory = np.where(run >= 0, self.trajectory_of_run[run], -1)
        known = benchmark >= 0

        n_items, asked = numbers(frame, "n_items"), numbers(frame, "chance")
        chance = np.where(known, self.per_benchmark("chance")[benchmark], asked)
        with np.errstate(divide="ignore"):
            logs = {name: np.log(numbers(frame, name)) for name in BUDGETS}
        return Rows(
            benchmark=benchmark,
            family=family,
            curve=curve,
            run=run,
            trajectory=trajectory,
            series=series_codes(trajectory, benchmark, self.series),
            **{f"log_{name}": values for name, values in logs.items()},
            n_items=np.where(np.isnan(n_items) & known, self.per_benchmark("n_items")[benchmark], n_items),
            chance=chance,
            floor=np.where(known, self.per_benchmark("floor")[benchmark], chance),
            undecayed=self.decay.relative(undecayed(frame)),
        )

    def _encode_runs(self, frame: pd.DataFrame, family: Ints) -> Ints:
        """Codes of training runs, -1 of those that were not fitted.

        A run of the same name but another family or, where it was finished, another budget is another run: it draws an
        effect of its own.
        """
        fitted = dict(zip(self.runs, range(len(self.runs)), strict=True))
        by_run = np.array([fitted.get(name, -1) for name in frame["run"].astype(str)], np.int64)
        by_trajectory = np.array([fitted.get(name, -1) for name in training_runs(frame)], np.int64)
        going_on = (by_trajectory >= 0) & (self.trajectory_of_run[by_trajectory] >= 0)
        run = np.where(going_on, by_trajectory, by_run)
        other_family = np.array(self.run_family)[run] != family
        other_budget = np.abs(np.array(self.run_log_flops)[run] - np.log(numbers(frame, "flops"))) > _SAME_BUDGET
        return np.where(other_family | (other_budget & ~going_on), -1, run)

    def _encode_benchmarks(self, frame: pd.DataFrame) -> Ints:
        keys = score_keys(frame)
        codes = {key: self._find(*key) for key in keys.drop_duplicates().itertuples(index=False, name=None)}
        return np.array([codes[key] for key in keys.itertuples(index=False, name=None)], np.int64)

    def _find(self, name: str, metric: str, shots: str) -> int:
        """Return the code of a benchmark named by its label or by its name, metric and shots."""
        if name in self.labels:
            named = self.benchmarks[self.labels.index(name)]
            if _agree(metric, named.metric) and _agree(shots, named.shots):
                return self.labels.index(name)
        same = [i for i, b in enumerate(self.benchmarks) if b.name == name]
        matches = [
            i for i in same if _agree(metric, self.benchmarks[i].metric) and _agree(shots, self.benchmarks[i].shots)
        ]
        exact = [i for i in matches if (self.benchmarks[i].metric, self.benchmarks[i].shots) == (metric, shots)]
        if len(matches) > 1 and not exact:
            options = ", ".join(self.labels[i] for i in matches)
            raise ValueError(f"benchmark {name!r} was scored in several ways; expected one of {options}")
        return (exact or matches or [-1])[0]

    def to_json(self) -> str:
        """Return the reference as JSON; floats survive to the last bit."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["benchmarks"] = [asdict(benchmark) for benchmark in self.benchmarks]
        plain["bases"] = {sharing: [basis.to_dict() for basis in bases] for sharing, bases in self.bases.items()}
        plain["trajectories"] = [trajectory.to_dict() for trajectory in self.trajectories]
        plain["decay"] = asdict(self.decay)
        plain["bases_in_k"] = [basis.to_dict() for basis in self.bases_in_k]
        return json.dumps(plain)

    @classmethod
    def from_json(cls, text: str) -> "Reference":
        """Return the reference of its JSON form."""
        plain = {name: _as_tuple(value) for name, value in json.loads(text).items()}
        plain["benchmarks"] = tuple(Benchmark(**benchmark) for benchmark in plain["benchmarks"])
        plain["bases"] = {sharing: tuple(map(Basis.from_dict, bases)) for sharing, bases in plain["bases"].items()}
        plain["trajectories"] = tuple(map(Trajectory.from_dict, plain.get("trajectories", ())))
        plain["decay"] = Decay(**plain["decay"]) if "decay" in plain else UNKNOWN_DECAY
        plain["bases_in_k"] = tuple(map(Basis.from_dict, plain.get("bases_in_k", ())))
        return cls(**plain)


def _as_tuple(value: Any) -> Any:
    """Lists as tuples, at every depth of lists."""
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _agree(asked: str, fitted: str) -> bool:
    return not asked or not fitted or asked == fitted
