"""Runs: the validated table of training runs, and how it is read, divided and saved.

One row is one score; its key is (run, benchmark, metric, shots, k, problem). The columns:

=============  ============================================================================================
run            a trained model or a checkpoint of one; required
trajectory     the training run that a checkpoint belongs to; default: the run itself
family         recipe, data mixture, architecture; default: all runs are one family, "default"
params         N, the number of parameters
tokens         D, the number of training tokens
flops          C, the training FLOPs; where missing 6ND. Where two of N, D, C are known, the third follows
flops_source   written: "given" or "6ND"
loss           validation loss in nats per token; NaN where unknown
benchmark      what was measured; required
metric         by which metric
accuracy       the score in [0, 1]; a table without it is one of planned runs
shots          examples in the prompt
n_items        questions in the benchmark
stderr         the standard error of the accuracy
chance         what random guessing scores, in [0, 1); known for well-known benchmarks
chance_source  written: "given", "known benchmark" or "generative"
k              attempts that count as one, for pass@k
problem        one problem of the benchmark, for scores by problem
n_samples      attempts at each problem
n_correct      right attempts among them, at that one problem
annealed       whether the learning rate of the checkpoint was decayed: 1 or 0, NaN where not known
lr_fraction    learning rate of the checkpoint over its peak, in [0, 1]
=============  ============================================================================================

Numbers are float64 (NaN where empty), labels are text. metric and loss are always there; shots, n_items,
stderr, k, problem, n_samples, n_correct, annealed and lr_fraction only where they were given. Other columns are kept
as they are, and rows keep their order. Headers are read in many spellings and units: "N", "Model Size (B)", "n_tokens",
"Training compute (FLOP)", "accuracy (%)".
"""

from __future__ import annotations

import hashlib
import html
import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from ..files.json_frames import frame_from_json, frame_to_json
from .reading.canonical import canonical_frame
from .reading.files import read_table, write_table
from .reading.problems import Problem, RunsError
from .selection import at_or_below, has_values, matches_query, sides_of_query
from .summary import BenchmarkSummary, RunsSummary, Span, summarise

__all__ = ["BenchmarkSummary", "Problem", "Runs", "RunsError", "RunsSummary", "Span", "read_runs"]


class Runs:
    """A validated, immutable table of training runs.

    Parameters
    ----------
    frame : DataFrame
        One row a score. Needs columns for run and benchmark, and for FLOPs or for both params and tokens; all
        columns are listed at the top of `bayes_scaling.runs.table`. The frame is copied.

    Raises
    ------
    RunsError
        One error (a ValueError) that lists every problem of the table: the column, the rows, the values, and
        what is expected. Nothing is dropped or guessed.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "model": ["small", "large"],
    ...         "Model Size (B)": [0.4, 1.4],
    ...         "tokens": [8e9, 28e9],
    ...         "benchmark": ["arc_easy", "arc_easy"],
    ...         "accuracy (%)": [41.2, 52.6],
    ...     }
    ... )
    >>> Runs(frame).frame[["run", "params", "flops", "flops_source", "accuracy", "chance"]]
         run        params         flops flops_source  accuracy  chance
    0  small  4.000000e+08  1.920000e+19          6ND     0.412    0.25
    1  large  1.400000e+09  2.352000e+20          6ND     0.526    0.25
    """

    __slots__ = ("_frame", "_hash")
    _frame: pd.DataFrame
    _hash: str

    def __init__(self, frame: pd.DataFrame) -> None:
        object.__setattr__(self, "_frame", canonical_frame(frame))

    @classmethod
    def _of(cls, frame: pd.DataFrame) -> Runs:
        """Wrap a frame that is canonical already, such as rows of a valid table."""
        runs = object.__new__(cls)
        object.__setattr__(runs, "_frame", frame)
        return runs

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Runs are immutable: {name!r} cannot be set; build new ones from a changed frame")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"Runs are immutable: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[object, tuple[pd.DataFrame]]:
        return Runs._of, (self._frame,)

    @property
    def frame(self) -> pd.DataFrame:
        """The table in canonical columns, as a copy that may be changed; its cells are copied when that happens."""
        return self._frame.copy(deep=False)

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The benchmarks in order of appearance."""
        return tuple(self._frame["benchmark"].unique().tolist())

    @property
    def families(self) -> tuple[str, ...]:
        """The families in order of appearance."""
        return tuple(self._frame["family"].unique().tolist())

    def split(
        self,
        query: str | None = None,
        *,
        flops: float | None = None,
        params: float | None = None,
        tokens: float | None = None,
    ) -> tuple[Runs, Runs]:
        """Divide the rows: at or below a budget and above it, or those that match a query and the others.

        Parameters
        ----------
        query : str, optional
            A condition on columns as `pandas.DataFrame.query` reads it, such as "params <= 1e9".
        flops, params, tokens : float, optional
            The largest budget of the first part. Exactly one of the four is given.

        Returns
        -------
        (Runs, Runs)
            The rows at or below, and above; or those that match, and the others. Every row is in one of them,
            in its order; either may be empty.

        Raises
        ------
        ValueError
            Not exactly one condition is given, the query cannot be read, or a column that it reads is empty
            in a row, which then belongs to neither side.

        Examples
        --------
        >>> from bayes_scaling.runs.published import load_dataset
        >>> small, large = load_dataset("cerebras_gpt").split(flops=2e21)
        >>> len(small), len(large)
        (35, 14)
        """
        given = {"query": query, "flops": flops, "params": params, "tokens": tokens}
        named = {name: value for name, value in given.items() if value is not None}
        if len(named) != 1:
            got = ", ".join(f"{name}={value!r}" for name, value in named.items()) or "none"
            raise ValueError(f"split takes exactly one of query, flops, params, tokens; got {got}")
        if query is not None:
            first = sides_of_query(self._frame, query)
        else:
            [(column, threshold)] = named.items()
            first = at_or_below(self._frame, column, threshold)  # type: ignore[arg-type]
        return self._rows(first), self._rows(~first)

    def select(self, query: str | None = None, /, **conditions: object) -> Runs:
        """Keep the rows that meet every condition.

        Parameters
        ----------
        query : str, optional
            A condition on columns as `pandas.DataFrame.query` reads it. Rows where it is not true are left
            out, also where a column is empty.
        **conditions
            A column and its value, or a list of values: ``benchmark=["piqa", "sciq"]``, ``family="C4"``,
            ``shots=0``. None stands for an empty cell.

        Returns
        -------
        Runs
            The rows in their order; none where conditions exclude each other.

        Raises
        ------
        ValueError
            The query cannot be read, or a column or value does not occur in the table; the message lists
            those that do.

        Examples
        --------
        >>> from bayes_scaling.runs.published import load_dataset
        >>> load_dataset("pile_suite").select("params >= 1e10", benchmark="piqa").frame["run"].tolist()
        ['Cerebras-13B', 'Pythia-12B', 'Pythia-deduped-12B', 'NeoX-20B', 'OPT-13B']
        """
        kept = has_values(self._frame, conditions)
        if query is not None:
            kept &= matches_query(self._frame, query)
        return self._rows(kept)

    def _rows(self, kept: np.ndarray) -> Runs:
        return Runs._of(self._frame[kept].reset_index(drop=True))

    def summary(self) -> RunsSummary:
        """Say what was understood: runs, families, benchmarks, ranges, where budgets and chance come from.

        Examples
        --------
        >>> from bayes_scaling.runs.published import load_dataset
        >>> load_dataset("cerebras_gpt").summary().flops
        Span(low=2.6e+18, high=2.3e+22, runs=7)
        """
        return summarise(self._frame)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Save the table as .csv, .tsv, .parquet or .json (records); `read_runs` reads it.

        Raises
        ------
        FileExistsError
            Something is there that `save` did not write, unless `overwrite` allows to replace it.
        FileNotFoundError
            There is no such folder.
        OSError
            The file cannot be written.
        ValueError
            The ending is not known.

        Examples
        --------
        >>> import tempfile
        >>> from bayes_scaling.runs.published import load_dataset
        >>> runs = load_dataset("cerebras_gpt")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     read_runs(runs.save(f"{folder}/runs.csv")) == runs
        True
        """
        return write_table(self._frame, path, overwrite=overwrite)

    def to_json(self) -> str:
        """Write the table as JSON text without loss; `from_json` reads it.

        Raises
        ------
        ValueError
            A column that is not one of ours holds values that JSON cannot.
        """
        return frame_to_json(self._frame)

    @classmethod
    def from_json(cls, text: str) -> Runs:
        """Read what `to_json` wrote, without checking the table again.

        Raises
        ------
        ValueError
            The text is not a saved table of runs.

        Examples
        --------
        >>> from bayes_scaling.runs.published import load_dataset
        >>> runs = load_dataset("cerebras_gpt")
        >>> Runs.from_json(runs.to_json()) == runs
        True
        """
        return cls._of(frame_from_json(text))

    @property
    def data_hash(self) -> str:
        """The SHA-256 of the table, in hexadecimal: the same for the same data, wherever it is computed."""
        if not hasattr(self, "_hash"):
            digest = hashlib.sha256(self.to_json().encode()).hexdigest()
            object.__setattr__(self, "_hash", digest)
        return self._hash

    def __len__(self) -> int:
        return len(self._frame)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Runs):
            return NotImplemented
        return self._frame.equals(other._frame)

    def __hash__(self) -> int:
        return hash(self.data_hash)

    def __repr__(self) -> str:
        return self.summary().text

    def _repr_html_(self) -> str:
        summary = self.summary()
        text = html.escape(summary.text)
        return f"<pre>{text}</pre>\n{summary.table().to_html(index=False, na_rep='', border=0)}"


def read_runs(path: str | os.PathLike[str]) -> Runs:
    r"""Read a table of training runs from a file.

    Parameters
    ----------
    path : path
        A file that ends in .csv, .tsv, .xlsx (the extra ``excel`` reads it), .parquet, .json (records, columns or
        lines), .jsonl or .ndjson, with one row a score; the columns are those of `Runs`. Text is UTF-8 or UTF-16;
        cells may be parted by semicolons, with decimal commas.

    Returns
    -------
    Runs

    Raises
    ------
    FileNotFoundError
        There is no such file.
    RunsError
        The ending is not known, the file cannot be read, or the table has problems; the message names the
        file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "runs.csv"
    ...     _ = path.write_text("run,N,D,task,acc\na,4e8,8e9,arc_easy,0.41\nb,1.4e9,2.8e10,arc_easy,0.53\n")
    ...     read_runs(path)
    Runs: 2 scores of 2 runs on 1 benchmark
      families     default (2 runs)
      benchmarks   arc_easy
      FLOPs        1.92e19 to 2.35e20; 6 * params * tokens
      params       4e8 to 1.4e9
      tokens       8e9 to 2.8e10
      tokens/param 20
      chance       1 / choices for every benchmark (well-known)
      n_items      none
      stderr       none
      loss         unknown
    """
    return Runs._of(canonical_frame(read_table(path), source=str(path)))
