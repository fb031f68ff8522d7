"""Tables of forecasts and answers in files: as they are for machines, rounded for readers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from ..checks import checked_probs
from ..files.places import check_ending
from ..files.whole_files import write_whole
from ..forecasting.forecast import Forecast
from ..planning.answers import Answer
from .answer_cells import answer_cells
from .cells import forecast_cells
from .latex import booktabs
from .markdown_text import CONVERGED, NOT_CONVERGED, markdown_text, pipe_cells, pipe_table

_TITLES = {"score": "Scores", "expected": "Expected scores"}
_WORDS = {
    "score": "What a new run will measure: the curve, the luck of the run, and the noise of finitely many questions.",
    "expected": "The curve alone: what runs at this budget score on average.",
}
_BOUNDS = "`low_90` and `high_90` hold a central interval of 90% probability, and so on. Scores are between 0 and 1."
_IN_PRINT = ("family", "benchmark", "metric", "shots", "k", "flops", "tokens/param", "decades_beyond")
_ANSWER_NOT_CONVERGED = "**The fit behind it did not converge: do not rely on this answer.**"


def write_table(
    value: Forecast | Answer,
    path: str | Path,
    probs: Sequence[float] = (0.5, 0.8, 0.9),
    *,
    overwrite: bool = False,
) -> Path:
    """Write the table of a forecast, or of an answer to a planning question, in the form that the ending names.

    Parameters
    ----------
    value : Forecast or Answer
        A forecast, or what a planning function returned.
    path : str or Path
        For readers, with rounded numbers: .md, in Markdown with the notes, of a forecast both quantities; .tex, for
        LaTeX with the package booktabs, of a forecast the scores. For machines .csv, .parquet and .json, of a forecast
        .nc with all draws, as the methods ``to_csv`` and so on write them.
    probs : sequence of float
        Probabilities of the intervals of a forecast; an answer has its own.
    overwrite : bool
        Whether a file may be replaced that is no such table.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For another ending, or a forecast without draws as .nc.
    FileNotFoundError
        Where the folder does not exist.
    FileExistsError
        Where something is there that may not be replaced.
    OSError
        Where the file cannot be written.
    TypeError
        Where the value is neither.
    """
    if isinstance(value, Forecast):
        path = check_ending(path, *_OF_FORECASTS)
        return _OF_FORECASTS[path.suffix.lower()](value, path, probs, overwrite=overwrite)
    if isinstance(value, Answer):
        path = check_ending(path, *_OF_ANSWERS)
        return _OF_ANSWERS[path.suffix.lower()](value, path, overwrite=overwrite)
    raise TypeError(f"write_table() got a {type(value).__name__}; expected a forecast or an answer")


def markdown_report(tables: Mapping[str, pd.DataFrame], notes: Sequence[str], converged: bool) -> str:
    """Report of a forecast, with numbers rounded to what a reader can use.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Table of each quantity ("score", "expected").
    notes : sequence of str
        The notes.
    converged : bool
        Whether the fit converged.

    Returns
    -------
    str
        Markdown.
    """
    lines = ["# Forecast", "", CONVERGED if converged else NOT_CONVERGED, ""]
    if notes:
        lines += ["## Notes", "", *(f"- {markdown_text(note)}" for note in notes), ""]
    for quantity, table in tables.items():
        lines += [f"## {_TITLES[quantity]}", "", _WORDS[quantity], _BOUNDS, "", pipe_table(table), ""]
    return "\n".join(lines)


def _forecast_as_netcdf(forecast: Forecast, path: Path, _: Sequence[float], *, overwrite: bool) -> Path:
    return forecast.to_netcdf(path, overwrite=overwrite)


def _forecast_as_markdown(forecast: Forecast, path: Path, probs: Sequence[float], *, overwrite: bool) -> Path:
    """Whether the fit converged, the notes, and a pipe table of each quantity."""
    tables = {of: forecast.table(probs, of).drop(columns=["of", "converged"]) for of in ("score", "expected")}
    text = markdown_report(tables, forecast.notes, forecast.converged)
    return write_whole(path, text, "forecast", overwrite=overwrite)


def _forecast_as_latex(forecast: Forecast, path: Path, probs: Sequence[float], *, overwrite: bool) -> Path:
    """The table of measured scores, and the notes as comments."""
    cells = forecast_cells(forecast, _IN_PRINT, checked_probs(probs))
    mark = [] if forecast.converged else ["% NOT CONVERGED: do not rely on these intervals"]
    lines = [*mark, *(f"% {' '.join(note.split())}" for note in forecast.notes), booktabs(cells), ""]
    return write_whole(path, "\n".join(lines), "forecast", overwrite=overwrite)


def _answer_as_markdown(answer: Answer, path: Path, *, overwrite: bool) -> Path:
    """The sentence, whether the fit converged, the notes and the table."""
    lines = [markdown_text(answer.sentence), "", CONVERGED if answer.converged else _ANSWER_NOT_CONVERGED, ""]
    lines += [f"- {markdown_text(note)}" for note in answer.notes]
    text = "\n".join([*lines, "", pipe_cells(answer_cells(answer.table())), ""])
    return write_whole(path, text, "answer", overwrite=overwrite)


def _answer_as_latex(answer: Answer, path: Path, *, overwrite: bool) -> Path:
    """The table, and the sentence and the notes as comments."""
    mark = [] if answer.converged else ["% NOT CONVERGED: do not rely on this answer"]
    said = [f"% {' '.join(text.split())}" for text in (answer.sentence, *answer.notes)]
    text = "\n".join([*mark, *said, booktabs(answer_cells(answer.table())), ""])
    return write_whole(path, text, "answer", overwrite=overwrite)


_OF_FORECASTS: dict[str, Callable[..., Path]] = {
    ".nc": _forecast_as_netcdf,
    ".csv": Forecast.to_csv,
    ".parquet": Forecast.to_parquet,
    ".json": Forecast.to_json,
    ".md": _forecast_as_markdown,
    ".markdown": _forecast_as_markdown,
    ".tex": _forecast_as_latex,
}
_OF_ANSWERS: dict[str, Callable[..., Path]] = {
    ".csv": Answer.to_csv,
    ".parquet": Answer.to_parquet,
    ".json": Answer.to_json,
    ".md": _answer_as_markdown,
    ".tex": _answer_as_latex,
}
#: Endings of the files into which a forecast can be written.
FORECAST_ENDINGS = tuple(_OF_FORECASTS)
