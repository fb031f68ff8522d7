"""What the command shows: tables on stdout, stages and notes on stderr; plain lines where there is no terminal."""

import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ..report.answer_cells import answer_cells
from ..report.cells import (
    compounding_cells,
    exponent_cells,
    forecast_cells,
    numeric,
    recommendation_cells,
    score_cells,
)
from ..wording import RECORD
from .shell_words import in_shell

if TYPE_CHECKING:
    from pathlib import Path

    from ..drawable import Drawable
    from ..evaluation.backtest import Backtest
    from ..evaluation.compounding import Compounding
    from ..evaluation.recommending import Recommendation
    from ..forecasting.forecast import Forecast
    from ..planning.answers import Answer
    from ..posterior.fit import Fit
    from ..runs.table import Runs

_PLAIN_WIDTH = 160  # columns where the output is a file or a pipe, so that no cell is cut


def _results() -> Console:
    return _console(stderr=False)


def _remarks() -> Console:
    return _console(stderr=True)


def _console(stderr: bool) -> Console:
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console


@dataclass(frozen=True)
class Screen:
    """Where the command writes: results on stdout, remarks on stderr.

    Attributes
    ----------
    results, remarks : rich.console.Console
        The two consoles; at most 160 columns wide where they are no terminals.
    """

    results: Console = field(default_factory=_results)
    remarks: Console = field(default_factory=_remarks)

    @property
    def live(self) -> bool:
        """Whether progress can be drawn."""
        return self.remarks.is_terminal

    def say(self, text: str, style: str = "") -> None:
        """Print a line of the results."""
        self.results.print(in_shell(text), style=style, soft_wrap=True)

    def heading(self, text: str) -> None:
        """Print a heading of the results."""
        self.results.print(f"\n{text}", style="bold", soft_wrap=True)

    def remark(self, text: str) -> None:
        """Print a line beside the results: what is done, what was written."""
        self.remarks.print(text, style="dim", soft_wrap=True)

    def notes(self, notes: Iterable[str]) -> None:
        """Print the notes of a forecast among the results."""
        for note in notes:
            self.results.print(f"Note: {in_shell(note)}", style="yellow", soft_wrap=True)

    @contextmanager
    def stage(self, text: str) -> Iterator[None]:
        """Say what takes a while: a spinner in a terminal, one line elsewhere."""
        start = time.perf_counter()
        if self.live:
            with self.remarks.status(f"{text} ..."):
                yield
            self.remark(f"{text}: {time.perf_counter() - start:.1f} s")
        else:
            self.remark(f"{text} ...")
            yield

    def table(self, cells: pd.DataFrame) -> None:
        """Print a table whose cells are text; columns of numbers stand to the right."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in cells:
            table.add_column(str(name), justify="right" if numeric(cells[name]) else "left", overflow="fold")
        for row in cells.itertuples(index=False):
            table.add_row(*row)
        self.results.print(table)


def show_forecast(
    screen: Screen, forecast: "Forecast", columns: Sequence[str], probs: Sequence[float] = (0.5, 0.8, 0.9)
) -> None:
    """Print the record of past forecasts, if the forecast has one, then the scores, and its notes."""
    record = [note for note in forecast.notes[:1] if note.startswith(RECORD)]
    for note in record:
        screen.say(f"{note[0].upper()}{note[1:]}.", style="bold")
    screen.table(forecast_cells(forecast, columns, probs))
    screen.notes(forecast.notes[len(record) :])


def show_fit(screen: Screen, fit: "Fit") -> None:
    """Print whether a fit converged, and the exponents of its curves."""
    screen.say(f"The fit has {fit.verdict}", style="" if fit.converged else "bold red")
    screen.table(exponent_cells(fit))


def show_compounding(screen: Screen, result: "Compounding") -> None:
    """Print what was found of a two-stage forecast's errors: the sentence, and the methods side by side."""
    screen.say(result.sentence)
    methods, errors = compounding_cells(result)
    screen.table(methods)
    screen.heading("Mean error of the held-out forecasts, and what each stage adds (accuracy)")
    screen.table(errors)
    screen.notes(result.notes)


def show_backtest(screen: Screen, result: "Backtest") -> None:
    """Print how forecasts of a backtest did: by law, by law and distance, averages, and what failed."""
    for words, by, averages in (
        ("Forecasts of held-out scores", ["law"], False),
        (f"By {result.distance}", ["law", "decades"], False),
        ("Averages over benchmarks", ["law"], True),
    ):
        if averages and result.averages().empty:
            continue
        screen.heading(words)
        screen.table(score_cells(result.table(by, averages=averages), by))
    for law, own in result.timings.groupby("law", sort=False):
        again = own[own["reused"]]
        reused = f"; {len(again)} of them with a compiled model, {again['seconds'].mean():.0f} s each"
        said = f"{law}: {len(own)} fits, {own['seconds'].mean():.0f} s each"
        screen.remark(said + (reused if len(again) else ""))
    screen.notes(result.failed)


def show_recommendation(screen: Screen, found: "Recommendation") -> None:
    """Print which law to use, how the laws did in the quick backtest, and which were not tried."""
    screen.say(found.sentence)
    tried = found.table[found.table["reason"] == ""]
    if found.backtest is not None:
        screen.heading("Forecasts of held-out scores, the simplest law first")
        screen.table(recommendation_cells(tried))
    screen.say(f"Fit it: bs.fit(bs.{found.law!r}, runs)")
    screen.notes([f"not tried: {name}: {reason}" for name, reason in found.table["reason"].items() if reason])


def show_answer(screen: Screen, answer: "Answer") -> None:
    """Print the answer to a planning question: the sentence, the table, and the notes."""
    screen.say(answer.sentence, style="bold" if answer.converged else "bold red")
    screen.table(answer_cells(answer.shown()))
    screen.notes(answer.notes)


def draw_into(screen: Screen, value: "Drawable", path: "Path | None", *, overwrite: bool) -> None:
    """Draw the figure of a value into a file, where one is wanted, and say what was written."""
    if path is None:
        return
    from ..plots import save

    for file in save(value.plot(), path, overwrite=overwrite):
        screen.remark(f"wrote {file}")


@contextmanager
def fitting(screen: Screen, law: str, runs: "Runs") -> Iterator[None]:
    """Say what is fitted, leave the terminal to the sampler's own bar, and say how long it took.

    The verdict says whether the fit has converged, and notes what its law reads of the table, so that the warnings of
    both are dropped.
    """
    from ..model.ladder_notes import RatioWarning
    from ..posterior.fit import ConvergenceWarning

    summary = runs.summary()
    several = summary.checkpoints is not None
    of_runs = (
        f"{summary.trajectories} training runs ({summary.runs} checkpoints)" if several else f"{summary.runs} runs"
    )
    screen.remark(
        f"Fitting the {law} law to {summary.rows} scores of {of_runs} on {len(runs.benchmarks)} benchmarks; "
        "the model is compiled first, which takes 10 to 30 s ..."
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RatioWarning)
        yield
    if screen.live:
        screen.remark("")  # the sampler's bar leaves the cursor behind its last line
    screen.remark(f"fitted in {time.perf_counter() - start:.0f} s")
