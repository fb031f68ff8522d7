"""What the command shows: tables on stdout, stages and notes on stderr; plain lines where there is no terminal."""

import re
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ._table.problems import brief
from .token_ratios import RATIO, tokens_per_param
from .wording import bound_names, percent

if TYPE_CHECKING:
    from .evaluate.backtesting import Backtest
    from .evaluate.error_compounding import Compounding
    from .evaluate.recommending import Recommendation
    from .forecasting import Forecast
    from .planning.answers import Answer
    from .posterior import Fit
    from .runs import Runs, RunsSummary

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
        self.results.print(text, style=style, soft_wrap=True)

    def heading(self, text: str) -> None:
        """Print a heading of the results."""
        self.results.print(f"\n{text}", style="bold", soft_wrap=True)

    def remark(self, text: str) -> None:
        """Print a line beside the results: what is done, what was written."""
        self.remarks.print(text, style="dim", soft_wrap=True)

    def notes(self, notes: Iterable[str]) -> None:
        """Print the notes of a forecast among the results."""
        for note in notes:
            self.results.print(f"Note: {note}", style="yellow", soft_wrap=True)

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
        """Print a table whose cells are text; columns named in capitals or holding numbers stand to the right."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in cells:
            numeric = cells[name].str.match(r"[-+\d.–e ()]*$").all()
            table.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
        for row in cells.itertuples(index=False):
            table.add_row(*row)
        self.results.print(table)


def forecast_cells(
    forecast: "Forecast", columns: Sequence[str] = ("benchmark", "flops"), probs: Sequence[float] = (0.5, 0.8, 0.9)
) -> pd.DataFrame:
    """Text of a forecast's table of scores: what each point is, the median, and the intervals.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    columns : sequence of str
        Coordinates to show, among those of `Forecast.points` and "tokens/param", which follows from them; absent ones
        are left out, and so is a family that all points share.
    probs : sequence of float
        Probabilities of the intervals.

    Returns
    -------
    DataFrame
        Cells of text, one row a point.
    """
    table = forecast.table(probs)
    if (ratio := tokens_per_param(table)).notna().any():
        table[RATIO] = ratio
    shared = {"family"} if len(set(table.get("family", ()))) < 2 else set()
    shown = [name for name in columns if name in table and name not in shared]
    cells = {_TITLES.get(name, name): table[name].map(_FORMATS.get(name, str)) for name in shown}
    cells["median"] = table["median"].map("{:.3f}".format)
    for prob in probs:
        pairs = zip(*(table[name] for name in bound_names(prob)), strict=True)
        cells[f"{percent(prob)}% interval"] = pd.Series([f"{a:.3f}–{b:.3f}" for a, b in pairs], index=table.index)
    return pd.DataFrame(cells, dtype=str)


def show_forecast(
    screen: Screen, forecast: "Forecast", columns: Sequence[str], probs: Sequence[float] = (0.5, 0.8, 0.9)
) -> None:
    """Print a forecast of scores with its notes."""
    screen.table(forecast_cells(forecast, columns, probs))
    screen.notes(forecast.notes)


def show_fit(screen: Screen, fit: "Fit") -> None:
    """Print whether a fit converged, and the exponents of its curves."""
    screen.say(f"The fit has {fit.verdict}", style="" if fit.converged else "bold red")
    screen.table(exponent_cells(fit))


def show_compounding(screen: Screen, result: "Compounding") -> None:
    """Print what was found of a two-stage forecast's errors: the sentence, and the methods side by side."""
    screen.say(result.sentence)
    methods = result.table()
    forms = dict.fromkeys(("coverage_50", "coverage_80", "coverage_90"), "{:.0%}")
    forms |= {"n": "{}", "width_90": "{:.3f}", "crps": "{:.4f}", "mae": "{:.4f}", "bias": "{:+.4f}"}
    screen.table(methods.assign(**{name: methods[name].map(form.format) for name, form in forms.items()}))
    screen.heading("Mean error of the held-out forecasts, and what each stage adds (accuracy)")
    errors = result.error_table()
    parts = {name: errors[name].map("{:+.3f}".format) for name in ("error", "from_loss", "from_map")}
    screen.table(pd.DataFrame({"benchmark": errors["benchmark"], "n": errors["n"].map(str), **parts}))
    screen.notes(result.notes)


def show_backtest(screen: Screen, result: "Backtest") -> None:
    """Print how forecasts of a backtest did: by law, by law and distance, averages, and what failed."""
    for words, by, averages in (
        ("Forecasts of held-out scores", ["law"], False),
        ("By decades beyond the fitted budgets", ["law", "decades"], False),
        ("Averages over benchmarks", ["law"], True),
    ):
        if averages and result.averages().empty:
            continue
        screen.heading(words)
        screen.table(_score_cells(result.table(by, averages=averages), by))
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
        screen.table(_recommendation_cells(tried))
    screen.notes([f"not tried: {name}: {reason}" for name, reason in found.table["reason"].items() if reason])


def _recommendation_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of the table of a recommendation."""
    cells = {"law": pd.Series(table.index.astype(str), table.index), "n": table["n"].map("{:.0f}".format)}
    cells |= {"90% held": table["coverage_90"].map("{:.0%}".format), "crps": table["crps"].map("{:.4f}".format)}
    cells["worse by"] = table["worse_by"].map("{:.4f}".format) + table["standard_error"].map(" ± {:.4f}".format)
    cells |= {"bias": table["bias"].map("{:+.4f}".format), "converged": table["converged"].map("{:.0%}".format)}
    return pd.DataFrame(cells)


def _score_cells(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Cells of a table of scores."""
    cells = {name: table[name].astype(str) for name in [*by, "n", "runs"]}
    cells |= {f"{p}% held": table[f"coverage_{p}"].map("{:.0%}".format) for p in (50, 80, 90)}
    cells |= {name: table[name].map("{:.4f}".format) for name in ("crps", "mae")}
    return pd.DataFrame(cells | {"bias": table["bias"].map("{:+.4f}".format)})


def comparison_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of a comparison of fits: left-out rows, then left-out runs."""
    cells = {"fit": table.index.to_series().astype(str)}
    for suffix, words in (("", ""), ("_run", ", runs")):
        cells[f"elpd{words}"] = table[f"elpd{suffix}"].map("{:.1f}".format)
        pairs = zip(table[f"difference{suffix}"], table[f"difference_se{suffix}"], strict=True)
        cells[f"difference{words}"] = pd.Series([f"{d:.1f} ({se:.1f})" for d, se in pairs], table.index)
        cells[f"bad k{words}"] = table[f"bad_k{suffix}"].map(str)
    return pd.DataFrame(cells).assign(converged=table["converged"].map({True: "yes", False: "NO"}))


def show_answer(screen: Screen, answer: "Answer") -> None:
    """Print the answer to a planning question: the sentence, the table, and the notes."""
    screen.say(answer.sentence, style="bold" if answer.converged else "bold red")
    screen.table(answer_cells(answer.table()))
    screen.notes(answer.notes)


def answer_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Text of the table of an answer: medians with their intervals; a single row stands upright.

    Examples
    --------
    >>> answer_cells(pd.DataFrame({"flops": [1e22], "score": [0.51], "score_low_80": [0.5], "score_high_80": [0.52]}))
          quantity            value
    0        flops             1e22
    1  score [80%]  0.51 (0.5–0.52)
    """
    cells = {}
    for name in table:
        if (bound := re.fullmatch(r"(.+)_(low|high)_\d+", str(name))) and bound[1] in table:
            continue
        text = table[name].map(_cell)
        bounds = [column for column in table if re.fullmatch(rf"{re.escape(str(name))}_(low|high)_\d+", str(column))]
        if len(bounds) == 2:
            low, high = (table[column].map(_cell) for column in bounds)
            text = text + " (" + low + "–" + high + ")"
            cells[f"{name} [{str(bounds[0]).rsplit('_', 1)[1]}%]"] = text.where(table[name].notna(), "")
        else:
            cells[str(name)] = text
    frame = pd.DataFrame(cells, dtype=str)
    if len(frame) == 1:
        return pd.DataFrame({"quantity": frame.columns, "value": frame.iloc[0].to_numpy()})
    return frame.loc[:, (frame != "").any()]


def _cell(value: object) -> str:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        number = float(value)
        return "" if np.isnan(number) else f"{number:.3g}" if abs(number) < 1e4 else brief_number(number)
    return "" if value is None else str(value)


def exponent_cells(fit: "Fit", prob: float = 0.9) -> pd.DataFrame:
    """Text of what a fit says of its curves: the exponents of each, of a typical benchmark, and where they bend in k.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    prob : float
        Probability of the equal-tailed intervals.

    Returns
    -------
    DataFrame
        Cells of text, one row a curve and one for the population. Of the ratio law with the exponents of params and
        tokens, of a law of pass@k with the attempts at which curves bend, or the gain with log k.
    """
    summary = fit.summary(prob)
    rows = summary[summary["quantity"].isin(["exponent", "exponent_population"])]
    benchmark = rows["benchmark"].where(rows["quantity"] == "exponent", "(a typical one)")
    cells = {"family": rows["family"], "benchmark": benchmark, "exponent": rows["median"].map("{:.3f}".format)}
    cells[f"{percent(prob)}% interval"] = _intervals(rows, prob, "{:.3f}")
    frame = pd.DataFrame(cells, dtype=str)
    for quantity, heading in _BESIDE_EXPONENTS.items():
        # The population's parameter is a typical benchmark's; what is derived has none.
        own = summary[summary["quantity"].isin([quantity, f"{quantity}_population"])]
        if len(own):
            text = own["median"].map("{:.3g}".format) + " (" + _intervals(own, prob, "{:.3g}") + ")"
            frame[heading] = text.tolist() + [""] * (len(frame) - len(own))
    return frame if len(fit.reference.families) > 1 else frame.drop(columns="family")


def _intervals(rows: pd.DataFrame, prob: float, form: str) -> pd.Series:
    low, high = (rows[name].map(form.format) for name in bound_names(prob))
    return low + "–" + high


def benchmark_cells(summary: "RunsSummary") -> pd.DataFrame:
    """Text of what a table of runs holds, benchmark by benchmark.

    Parameters
    ----------
    summary : RunsSummary
        What was understood of the table.

    Returns
    -------
    DataFrame
        Cells of text, one row a benchmark, metric and number of shots.
    """
    table = summary.table()
    cells = {name: table[name].map(_FORMATS.get(name, str)) for name in ("benchmark", "metric", "shots", "runs")}
    if not summary.planned:
        bounds = zip(table["accuracy_low"], table["accuracy_high"], strict=True)
        cells["accuracy"] = pd.Series([f"{low:.3f}–{high:.3f}" for low, high in bounds])
    cells |= {name: table[name].map(_FORMATS.get(name, str)) for name in ("chance", "chance_source", "n_items")}
    frame = pd.DataFrame(cells, dtype=str)
    return frame.loc[:, (frame != "").any()]


@contextmanager
def fitting(screen: Screen, law: str, runs: "Runs") -> Iterator[None]:
    """Say what is fitted, leave the terminal to the sampler's own bar, and say how long it took.

    A fit that has not converged warns; the verdict, which is printed, says the same, so that the warning is dropped.
    """
    from .posterior import ConvergenceWarning

    summary = runs.summary()
    screen.remark(
        f"Fitting the {law} law to {summary.rows} scores of {summary.runs} runs on {len(runs.benchmarks)} benchmarks; "
        "the model is compiled first, which takes 10 to 30 s ..."
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
    if screen.live:
        screen.remark("")  # the sampler's bar leaves the cursor behind its last line
    screen.remark(f"fitted in {time.perf_counter() - start:.0f} s")


def brief_number(value: float) -> str:
    """Write a budget in few digits.

    Examples
    --------
    >>> brief_number(2.3e22), brief_number(float("nan"))
    ('2.3e22', '')
    """
    return "" if pd.isna(value) else brief(float(f"{value:.3g}"))


def _decades(value: float) -> str:
    return f"{value:+.1f}" if value else "0"


def _whole(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.0f}"


_BESIDE_EXPONENTS = {
    "params_exponent": "of params",
    "tokens_exponent": "of tokens",
    "bend_at_reference": "bends at k",
    "gain": "gain per log k",
}
_TITLES = {"flops": "FLOPs", "decades_beyond": "decades beyond"}
_FORMATS = {
    "k": _whole,
    RATIO: brief_number,
    "flops": brief_number,
    "params": brief_number,
    "tokens": brief_number,
    "shots": brief_number,
    "chance": brief_number,
    "n_items": _whole,
    "decades_beyond": _decades,
}
