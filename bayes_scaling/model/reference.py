"""Reference: what is read off the data before any model sees them.

Labels, curves, floors, chances, item counts, reference budgets and the bases of the deviations: one pure function makes
them, and the frozen result is saved with the fit. Prior draws and simulation-based calibration hold it fixed.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .deviation import Basis, fit_basis
from .information import ASSUMED_ITEMS, data_floor, information, item_counts, numbers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BUDGETS = ("flops", "params", "tokens")
_SAME_BUDGET = 1e-6  # difference in log FLOPs


@dataclass(frozen=True)
class Benchmark:
    """One benchmark as it was scored: with one metric and one number of shots.

    Attributes
    ----------
    label : str
        Name in tables and coordinates: the benchmark's own, with metric or shots added where they differ in the table.
    name : str
        The benchmark.
    metric, shots : str
        How it was scored; empty where the table does not say.
    chance, floor : float
        Nominal accuracy of guessing, and accuracy of a model that has learned nothing.
    n_items : float
        Typical number of questions; NaN where the table has neither n_items nor stderr.
    centre : dict of str to float
        Reference log budgets by name ("flops", "params", "tokens"); NaN where a table lacks them. Of a two-stage law
        also that of the "proxy", the loss index.
    loss_slope : float
        Fall of log loss per unit of log FLOPs, which the loss index is in units of; NaN where a law reads no loss.
    """

    label: str
    name: str
    metric: str
    shots: str
    chance: float
    floor: float
    n_items: float
    centre: dict[str, float]
    loss_slope: float = np.nan


@dataclass(frozen=True)
class Rows:
    """Rows of a table in the codes of a Reference; -1 is a label that was not fitted.

    Attributes
    ----------
    benchmark, family, curve, run : int array, shape (rows,)
        Codes.
    log_flops, log_params, log_tokens : array, shape (rows,)
        Natural logarithms of the budgets; NaN where unknown.
    n_items : array, shape (rows,)
        Number of questions; NaN where unknown.
    chance, floor : array, shape (rows,)
        As in `Benchmark`.
    log_proxy : array, shape (rows,) or (samples, rows), or None
        Loss index (`Reference.loss_index`); None where no loss is known.
    """

    benchmark: Ints
    family: Ints
    curve: Ints
    run: Ints
    log_flops: Floats
    log_params: Floats
    log_tokens: Floats
    n_items: Floats
    chance: Floats
    floor: Floats
    log_proxy: Floats | None = None

    def __len__(self) -> int:
        return len(self.benchmark)

    def take(self, chosen: Ints) -> "Rows":
        """Return some of the rows, in the order asked for."""
        values: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            values[name] = None if value is None else value[..., chosen]
        return Rows(**values)

    def log_budgets(self, names: Sequence[str]) -> Floats:
        """Log budgets by name, shape (rows, names)."""
        return np.stack([getattr(self, f"log_{name}") for name in names], axis=-1)


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
        Names of the runs.
    run_family : tuple of int
        Code of each run's family.
    run_log_flops : tuple of float
        Log FLOPs of each run.
    curve_log_flops : tuple of (float, float)
        Smallest and largest log FLOPs of each curve.
    deviates_in : tuple of str
        Budgets in which the deviations run.
    bases : dict of str to tuple of Basis
        Bases of the deviations from the law, by what shares them: "benchmark"; with several benchmarks "family"; with
        several families "curve".
    flops_per_nd : float
        Median of FLOPs / (params * tokens): 6 by the usual rule; NaN where params or tokens are unknown.
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
        """One number of each benchmark ("chance", "floor", "n_items" or "loss_slope"), shape (benchmarks,)."""
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
        family = _codes(frame["family"].astype(str), self.families)
        curves = {pair: i for i, pair in enumerate(zip(self.curve_family, self.curve_benchmark, strict=True))}
        curve = np.array([curves.get(pair, -1) for pair in zip(family, benchmark, strict=True)], np.int64)
        fitted = dict(zip(self.runs, range(len(self.runs)), strict=True))
        run = np.array([fitted.get(name, -1) for name in frame["run"].astype(str)], np.int64)
        known = benchmark >= 0

        n_items, asked = numbers(frame, "n_items"), numbers(frame, "chance")
        chance = np.where(known, self.per_benchmark("chance")[benchmark], asked)
        with np.errstate(divide="ignore"):
            logs = {name: np.log(numbers(frame, name)) for name in _BUDGETS}
        # A run of the same name but another family or budget is another run: it draws an effect of its own.
        other_family = np.array(self.run_family)[run] != family
        other_budget = np.abs(np.array(self.run_log_flops)[run] - logs["flops"]) > _SAME_BUDGET
        run[other_family | other_budget] = -1
        return Rows(
            benchmark=benchmark,
            family=family,
            curve=curve,
            run=run,
            log_flops=logs["flops"],
            log_params=logs["params"],
            log_tokens=logs["tokens"],
            n_items=np.where(np.isnan(n_items) & known, self.per_benchmark("n_items")[benchmark], n_items),
            chance=chance,
            floor=np.where(known, self.per_benchmark("floor")[benchmark], chance),
        )

    def _encode_benchmarks(self, frame: pd.DataFrame) -> Ints:
        keys = _score_keys(frame)
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
        if len(matches) > 1:
            options = ", ".join(self.labels[i] for i in matches)
            raise ValueError(f"benchmark {name!r} was scored in several ways; expected one of {options}")
        return matches[0] if matches else -1

    def to_json(self) -> str:
        """Return the reference as JSON; floats survive to the last bit."""
        plain = {
            "families": self.families,
            "benchmarks": [asdict(benchmark) for benchmark in self.benchmarks],
            "curve_family": self.curve_family,
            "curve_benchmark": self.curve_benchmark,
            "runs": self.runs,
            "run_family": self.run_family,
            "run_log_flops": self.run_log_flops,
            "curve_log_flops": self.curve_log_flops,
            "deviates_in": self.deviates_in,
            "bases": {sharing: [basis.to_dict() for basis in bases] for sharing, bases in self.bases.items()},
            "flops_per_nd": self.flops_per_nd,
        }
        return json.dumps(plain)

    @classmethod
    def from_json(cls, text: str) -> "Reference":
        """Return the reference of its JSON form."""
        plain = json.loads(text)
        return cls(
            families=tuple(plain["families"]),
            benchmarks=tuple(Benchmark(**b) for b in plain["benchmarks"]),
            curve_family=tuple(plain["curve_family"]),
            curve_benchmark=tuple(plain["curve_benchmark"]),
            runs=tuple(plain["runs"]),
            run_family=tuple(plain["run_family"]),
            run_log_flops=tuple(plain["run_log_flops"]),
            curve_log_flops=tuple((low, high) for low, high in plain["curve_log_flops"]),
            deviates_in=tuple(plain["deviates_in"]),
            bases={sharing: tuple(map(Basis.from_dict, bases)) for sharing, bases in plain["bases"].items()},
            flops_per_nd=plain["flops_per_nd"],
        )


def make_reference(
    frame: pd.DataFrame,
    deviates_in: tuple[str, ...] = ("flops",),
    deviates_by: tuple[str, ...] = (),
    weights: Floats | None = None,
) -> Reference:
    """Read floors, reference budgets and bases off a table of runs.

    Parameters
    ----------
    frame : DataFrame
        Scored rows in the columns of `Runs.frame`.
    deviates_in : tuple of str
        Budgets in which deviations run (`Law.deviates_in`).
    deviates_by : tuple of str
        Groups of rows that share one (`Law.deviates_by`). Bases of benchmarks and curves are made in any case: they
        also say what a trend of a curve is.
    weights : array, shape (rows,), optional
        Information of each row about its log error; by default that of a single score (`information`). With them the
        table may lack accuracies, as one of losses does.

    Returns
    -------
    Reference
        The frozen reference.

    Raises
    ------
    ValueError
        Where the table has no accuracies.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> make_reference(bs.load_dataset("cerebras_gpt").frame).families
    ('Cerebras-GPT',)
    """
    if weights is None and "accuracy" not in frame:
        raise ValueError("the table has no accuracy column, so there is nothing to fit; expected scored runs")
    keys = _score_keys(frame)
    code, unique_keys = pd.factorize(pd.MultiIndex.from_frame(keys))
    labels = _labels(list(unique_keys))
    items = item_counts(frame, code)
    accuracy = numbers(frame, "accuracy")
    floors = [_floor(frame[code == i], items[code == i]) for i in range(len(labels))]
    if weights is None:
        weights = np.empty(len(frame))
        for i, floor in enumerate(floors):
            weights[code == i] = information(accuracy[code == i], floor, items[code == i])
    benchmarks = tuple(
        _benchmark(label, key, frame[code == i], items[code == i], floors[i], weights[code == i], deviates_in)
        for i, (label, key) in enumerate(zip(labels, unique_keys, strict=True))
    )
    families = tuple(dict.fromkeys(frame["family"].astype(str)))
    family = _codes(frame["family"].astype(str), families)
    pairs = sorted(set(zip(family.tolist(), code.tolist(), strict=True)), key=lambda pair: (pair[1], pair[0]))
    log_flops = np.log(frame["flops"].to_numpy())
    log_budgets = np.log(np.stack([numbers(frame, name) for name in deviates_in], axis=-1))
    curve = np.array([pairs.index(pair) for pair in zip(family.tolist(), code.tolist(), strict=True)])
    groups = {"benchmark": code, "family": family, "curve": curve}
    # Those of a single benchmark are the families', and those of a single family the benchmarks'.
    alike = {"family": len(benchmarks) == 1, "curve": len(families) == 1}
    bases = {
        name: tuple(
            fit_basis(log_budgets[groups[name] == g], weights[groups[name] == g]) for g in range(groups[name].max() + 1)
        )
        for name in ("benchmark", "family", "curve")
        if not alike.get(name, False) and (name != "family" or name in deviates_by)
    }
    run_family = dict(zip(frame["run"].astype(str), family.tolist(), strict=True))
    rule = frame["flops"] / (numbers(frame, "params") * numbers(frame, "tokens"))
    return Reference(
        families=families,
        benchmarks=benchmarks,
        curve_family=tuple(f for f, _ in pairs),
        curve_benchmark=tuple(b for _, b in pairs),
        runs=tuple(run_family),
        run_family=tuple(run_family.values()),
        run_log_flops=tuple(dict(zip(frame["run"].astype(str), log_flops.tolist(), strict=True)).values()),
        curve_log_flops=tuple(
            (float(log_flops[curve == c].min()), float(log_flops[curve == c].max())) for c in range(len(pairs))
        ),
        deviates_in=deviates_in,
        bases=bases,
        flops_per_nd=float(rule.median()),
    )


def fitted_rows(reference: Reference, frame: pd.DataFrame) -> Rows:
    """Encode the rows of a fitted table, each with its own number of items where its standard error implies one."""
    rows = reference.encode(frame)
    return replace(rows, n_items=item_counts(frame, rows.benchmark))


def row_information(reference: Reference, rows: Rows, accuracy: Floats) -> Floats:
    """Information of fitted scores about their log errors (`information`), shape (rows,)."""
    weights = np.empty(len(rows))
    for i, benchmark in enumerate(reference.benchmarks):
        at = rows.benchmark == i
        weights[at] = information(accuracy[at], benchmark.floor, rows.n_items[at])
    return weights


def _floor(frame: pd.DataFrame, items: Floats) -> float:
    chance = float(frame["chance"].iloc[0])
    return data_floor(numbers(frame, "accuracy"), chance, _typical(items, ASSUMED_ITEMS))


def _benchmark(
    label: str,
    key: tuple[str, str, str],
    frame: pd.DataFrame,
    items: Floats,
    floor: float,
    weights: Floats,
    deviates_in: tuple[str, ...],
) -> Benchmark:
    budgets = dict.fromkeys((*_BUDGETS, *deviates_in))
    centre = {name: float(np.average(np.log(numbers(frame, name)), weights=weights)) for name in budgets}
    chance, slope = float(frame["chance"].iloc[0]), float(numbers(frame, "loss_slope")[0])
    n_items = _typical(items, np.nan)
    return Benchmark(label, *key, chance=chance, floor=floor, n_items=n_items, centre=centre, loss_slope=slope)


def _typical(items: Floats, unknown: float) -> float:
    return unknown if np.isnan(items).all() else float(np.nanmedian(items))


def _codes(values: pd.Series, labels: tuple[str, ...]) -> Ints:
    return pd.Index(labels).get_indexer(pd.Index(values)).astype(np.int64)


def _score_keys(frame: pd.DataFrame) -> pd.DataFrame:
    def text(name: str) -> pd.Series:
        if name not in frame:
            return pd.Series("", index=frame.index)
        column = frame[name]
        return column.map(lambda v: "" if pd.isna(v) else f"{v:g}" if isinstance(v, int | float) else str(v))

    return pd.DataFrame({name: text(name) for name in ("benchmark", "metric", "shots")})


def _labels(keys: list[tuple[str, str, str]]) -> list[str]:
    labels = []
    for name, metric, shots in keys:
        same = [key for key in keys if key[0] == name]
        parts = [metric or "metric not stated"] if len({key[1] for key in same}) > 1 else []
        parts += [f"{shots}-shot" if shots else "shots not stated"] if len({key[2] for key in same}) > 1 else []
        labels.append(f"{name} ({', '.join(parts)})" if parts else name)
    return labels


def _agree(asked: str, fitted: str) -> bool:
    return not asked or not fitted or asked == fitted
