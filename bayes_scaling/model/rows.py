"""Rows of a table in the numbers that a model reads, and the benchmarks that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints


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
    spread : float
        Standard deviation of the log FLOPs of the fitted rows about the reference, by what each says; 0 in a fit of
        earlier versions.
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
    spread: float = 0.0


@dataclass(frozen=True)
class Rows:
    """Rows of a table in the codes of a Reference; -1 is a label that was not fitted.

    Attributes
    ----------
    benchmark, family, curve, run : int array, shape (rows,)
        Codes; those of runs are of training runs, which checkpoints share.
    trajectory, series : int array, shape (rows,)
        Codes of training runs of several checkpoints, and of these on one benchmark; -1 for all others.
    log_flops, log_params, log_tokens : array, shape (rows,)
        Natural logarithms of the budgets; NaN where unknown.
    n_items : array, shape (rows,)
        Number of questions; NaN where unknown.
    chance, floor : array, shape (rows,)
        As in `Benchmark`.
    undecayed : array, shape (rows,)
        How much of its learning rate a checkpoint still had (`runs.checkpoints.undecayed`), less what the fitted curves
        hold it at; 0 where nothing is known.
    log_proxy : array, shape (rows,) or (samples, rows), or None
        Loss index (`Reference.loss_index`); None where no loss is known.
    """

    benchmark: Ints
    family: Ints
    curve: Ints
    run: Ints
    trajectory: Ints
    series: Ints
    log_flops: Floats
    log_params: Floats
    log_tokens: Floats
    n_items: Floats
    chance: Floats
    floor: Floats
    undecayed: Floats
    log_proxy: Floats | None = None

    def __len__(self) -> int:
        return len(self.benchmark)

    @property
    def table(self) -> Ints:
        """Code of the table that the rows are of: the fitted one."""
        return np.zeros(len(self), np.int64)

    @property
    def log_ratio(self) -> Floats:
        """As `half_log_ratio` has it, shape (rows,)."""
        return half_log_ratio(self.log_params, self.log_tokens)

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


def half_log_ratio(log_params: Floats, log_tokens: Floats) -> Floats:
    """Half the log of tokens per parameter: by how much log tokens grow, and log params fall, along it at given FLOPs.

    Examples
    --------
    >>> half_log_ratio(np.array([0.0]), np.array([3.0])).tolist()
    [1.5]
    """
    return (log_tokens - log_params) / 2


def codes_of(values: pd.Series, labels: tuple[str, ...]) -> Ints:
    """Codes of values by their place among the labels, -1 where there is none."""
    return pd.Index(labels).get_indexer(pd.Index(values)).astype(np.int64)


def score_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Metric and shots of each row as text, empty where a table does not say."""

    def text(name: str) -> pd.Series:
        if name not in frame:
            return pd.Series("", index=frame.index)
        column = frame[name]
        return column.map(lambda v: "" if pd.isna(v) else f"{v:g}" if isinstance(v, int | float) else str(v))

    return pd.DataFrame({name: text(name) for name in ("benchmark", "metric", "shots")})
