"""What was understood of a table: counts, ranges, and where budgets and chance levels come from."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ..wording import brief
from .budget_columns import BUDGETS
from .checkpoints import LearningRates, checkpoints_of, learning_rates
from .metrics import falls
from .reading.budgets import DERIVED
from .reading.headers import ORDER

_LIKE_SCORES = re.compile(r"acc|score|rate|correct|match|percent|pct|%|\bem\b|f1|pass", re.IGNORECASE)
_NAMED = 6  # labels that the text spells out
_WIDTH = 40  # characters of a label there


@dataclass(frozen=True)
class Span:
    """The least and the largest of a number over the runs, and for how many runs it is known."""

    low: float
    high: float
    runs: int

    def __str__(self) -> str:
        low, high = (brief(float(f"{number:.3g}")) for number in (self.low, self.high))
        return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class BenchmarkSummary:
    """The scores on one benchmark by one metric and number of shots.

    Parameters
    ----------
    benchmark : str
    metric : str
        "" where none is given.
    shots : float or None
        None where none are given.
    runs, rows : int
    accuracy_low, accuracy_high : float or None
        None for planned runs.
    chance : float
    chance_source : str
        "given", "known benchmark" (1 / choices) or "generative" (0).
    n_items : float or None
        The number of questions; None where it is missing or differs between rows.
    n_items_rows, stderr_rows : int
        Rows that have it.
    """

    benchmark: str
    metric: str
    shots: float | None
    runs: int
    rows: int
    accuracy_low: float | None
    accuracy_high: float | None
    chance: float
    chance_source: str
    n_items: float | None
    n_items_rows: int
    stderr_rows: int


@dataclass(frozen=True)
class RunsSummary:
    """What a table of runs holds; `text` says it in words, `table` benchmark by benchmark.

    Parameters
    ----------
    rows, runs, trajectories : int
        Scores, trained models or checkpoints, and training runs they belong to.
    families : tuple of (str, int)
        Each family and its number of runs.
    benchmarks : tuple of BenchmarkSummary
    params, tokens, flops, ratio, loss : Span or None
        Over the runs, None where it is known for none; ratio is tokens / params; loss in nats per token.
    flops_given, flops_derived : int
        Runs whose FLOPs were given, and runs whose FLOPs are 6 * params * tokens.
    planned : bool
        The table has no accuracy.
    other_columns : tuple of str
        Columns that are kept and not read.
    checkpoints : Span or None
        Checkpoints of the training runs that have several, which ``runs`` of it counts; None where none has.
    learning_rates : LearningRates or None
        What the learning rates of the training runs did; None where the table says nothing of them.
    """

    rows: int
    runs: int
    trajectories: int
    families: tuple[tuple[str, int], ...]
    benchmarks: tuple[BenchmarkSummary, ...]
    params: Span | None
    tokens: Span | None
    flops: Span | None
    ratio: Span | None
    loss: Span | None
    flops_given: int
    flops_derived: int
    planned: bool
    other_columns: tuple[str, ...]
    checkpoints: Span | None = None
    learning_rates: LearningRates | None = None

    def table(self) -> pd.DataFrame:
        """Return one row for each benchmark, metric and number of shots."""
        fields = list(BenchmarkSummary.__dataclass_fields__)
        return pd.DataFrame([asdict(line) for line in self.benchmarks], columns=fields)

    @property
    def text(self) -> str:
        """The summary in a few lines."""
        return "\n".join([self.title, *(f"  {name:<13}{words}" for name, words in self.facts)])

    def __str__(self) -> str:
        return self.text

    @property
    def title(self) -> str:
        """How much the table holds, in one line."""
        rows = _count(self.rows, "planned score" if self.planned else "score")
        runs = _count(self.runs, "run")
        if self.checkpoints is not None:
            runs = f"{_count(self.trajectories, 'training run')} ({_count(self.runs, 'checkpoint')})"
        return f"Runs: {rows} of {runs} on {_count(len(self._names()), 'benchmark')}"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What `text` says line by line: the name of each fact, and the fact in words."""
        lines = [
            (
                "families",
                _listed([f"{_short(name)} ({_count(runs, 'run')})" for name, runs in self.families]),
            ),
            ("benchmarks", _listed([_short(name) for name in self._names()])),
            ("FLOPs", f"{self._span(self.flops)}; {self._flops_origin()}"),
            ("params", self._span(self.params)),
            ("tokens", self._span(self.tokens)),
            ("tokens/param", self._span(self.ratio)),
            ("chance", self._chance_origin()),
            ("n_items", self._presence("n_items_rows")),
            ("stderr", self._presence("stderr_rows")),
            ("loss", self._span(self.loss)),
        ]
        if self.learning_rates is not None:
            lines.insert(1, ("decay", f"learning rate {self.learning_rates}"))
        if self.checkpoints is not None:
            lines.insert(1, ("checkpoints", self._stand_behind(self.checkpoints)))
        if self.planned and (why := _no_scores(self.other_columns)):
            lines.append(("scores", f"no column of scores{why}"))
        if self.other_columns:
            lines.append(("also kept", _listed([_short(name) for name in self.other_columns])))
        return tuple(lines)

    def _stand_behind(self, checkpoints: Span) -> str:
        """How many training runs stand behind how many checkpoints."""
        single = self.trajectories - checkpoints.runs
        alone = checkpoints.runs == 1
        said = f"{self.runs - single}, behind which {_count(checkpoints.runs, 'training run')} stand{'s' * alone}"
        each = "" if alone else f" ({checkpoints} each)"
        return said + each + (f"; {_count(single, 'finished run')} beside them" if single else "")

    def _span(self, span: Span | None) -> str:
        if span is None:
            return "unknown"
        known = "" if span.runs == self.runs else f" (known for {span.runs} of {_count(self.runs, 'run')})"
        return f"{span}{known}"

    def _flops_origin(self) -> str:
        if self.flops_derived == 0:
            return "given"
        if self.flops_given == 0:
            return "6 * params * tokens"
        return f"given for {_count(self.flops_given, 'run')}, 6 * params * tokens for {self.flops_derived}"

    def _chance_origin(self) -> str:
        parts = []
        for source, words in _CHANCE_WORDS.items():
            lines = [line for line in self.benchmarks if source in line.chance_source.split(", ")]
            names = list(dict.fromkeys(line.benchmark for line in lines))
            if names:
                parts.append(words.format("every benchmark" if names == self._names() else _listed(names)))
        return "; ".join(parts) or "none"

    def _presence(self, field: str) -> str:
        some = {line.benchmark for line in self.benchmarks if getattr(line, field) > 0}
        gaps = {line.benchmark for line in self.benchmarks if getattr(line, field) < line.rows}
        if not some:
            return "none"
        if not gaps:
            return "every benchmark"
        names = self._names()
        missing = _listed([name for name in names if name in gaps])
        return f"{len(names) - len(gaps)} of {len(names)} benchmarks; not, or not always, for {missing}"

    def _names(self) -> list[str]:
        return list(dict.fromkeys(line.benchmark for line in self.benchmarks))


_CHANCE_WORDS = {
    "given": "given for {}",
    "known benchmark": "1 / choices for {} (well-known)",
    "generative": "0 for {} (generative)",
}


def summarise(frame: pd.DataFrame) -> RunsSummary:
    """Summarise a canonical table."""
    first = frame.drop_duplicates("run")
    by_family = first.groupby("family", sort=False)["run"].size()
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = first["tokens"] / first["params"]
    derived = int((first["flops_source"] == DERIVED).sum())
    return RunsSummary(
        rows=len(frame),
        runs=len(first),
        trajectories=frame["trajectory"].nunique(),
        families=tuple((str(name), int(runs)) for name, runs in by_family.items()),
        benchmarks=_benchmarks(frame),
        **{name: _span(first[name]) for name in BUDGETS},
        ratio=_span(ratio),
        loss=_span(first["loss"]),
        flops_given=len(first) - derived,
        flops_derived=derived,
        planned="accuracy" not in frame,
        other_columns=tuple(str(name) for name in frame.columns if name not in ORDER),
        checkpoints=_checkpoints(frame),
        learning_rates=learning_rates(frame) if len(frame) else None,
    )


def _checkpoints(frame: pd.DataFrame) -> Span | None:
    """Checkpoints of each training run of several."""
    of_runs = frame.assign(checkpoints=checkpoints_of(frame)).drop_duplicates(["family", "trajectory"])["checkpoints"]
    several = of_runs[of_runs > 1]
    return Span(float(several.min()), float(several.max()), len(several)) if len(several) else None


def _benchmarks(frame: pd.DataFrame) -> tuple[BenchmarkSummary, ...]:
    wide = frame.reindex(columns=[*frame.columns, *({"shots", "accuracy", "n_items", "stderr"} - set(frame.columns))])
    keys = ["benchmark", "metric", "shots"]
    groups = wide.groupby(keys, sort=False, dropna=False)
    return tuple(_one_benchmark(rows) for _, rows in groups)


def _one_benchmark(rows: pd.DataFrame) -> BenchmarkSummary:
    first = rows.iloc[0]
    n_items = rows["n_items"].unique()
    return BenchmarkSummary(
        benchmark=first["benchmark"],
        metric=first["metric"] if isinstance(first["metric"], str) else "",
        shots=_or_none(first["shots"]),
        runs=rows["run"].nunique(),
        rows=len(rows),
        accuracy_low=_or_none(rows["accuracy"].min()),
        accuracy_high=_or_none(rows["accuracy"].max()),
        chance=float(first["chance"]),
        chance_source=", ".join(rows["chance_source"].unique()),
        n_items=_or_none(n_items[0]) if len(n_items) == 1 else None,
        n_items_rows=int(rows["n_items"].notna().sum()),
        stderr_rows=int(rows["stderr"].notna().sum()),
    )


def _no_scores(columns: tuple[str, ...]) -> str:
    """What columns of a table without scores look like them, and why they are none; "" where none does."""
    falling = [name for name in columns if falls(name)]
    close = [name for name in columns if name not in falling and _LIKE_SCORES.search(name)]
    words = f"; {_listed(falling)}: lower is better, so no share of right answers" if falling else ""
    return words + (f"; is it {_listed(close)}? Then call it accuracy, or accuracy (%)" if close else "")


def _span(values: pd.Series) -> Span | None:
    known = values.dropna()
    return Span(float(known.min()), float(known.max()), len(known)) if len(known) else None


def _or_none(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= _NAMED + 1 else names[:_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") or "none"


def _short(name: str) -> str:
    return name if len(name) <= _WIDTH else name[: _WIDTH - 1] + "…"
