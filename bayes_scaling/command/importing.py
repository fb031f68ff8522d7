"""The command ``bayes-scaling import``: another tool's files in, a table of runs out."""

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import Overwrite, check_out, read_number, read_pairs, refuse

EPILOG = """
\b
Examples:
  bayes-scaling import lm-eval results/ --manifest models.csv --out runs.csv
  bayes-scaling import inspect logs/ --manifest models.yaml --chance my_task=0.25 --out runs.csv
  bayes-scaling import olmo-ladder exports/ --last 5 --out runs.csv
  bayes-scaling import released downstream.csv --loss c4 --out runs.csv
  bayes-scaling import epoch hub/ --percent --out runs.csv
  bayes-scaling import wide models.csv --benchmark piqa --benchmark sciq --column params="Size (B)" --out runs.csv
  bayes-scaling import long scores.csv --column benchmark=suite --column accuracy=result --out runs.parquet
"""
_ENDINGS = (".csv", ".tsv", ".parquet", ".json")
#: What the command calls an option that Python calls otherwise.
_FLAGS = {"benchmarks": "benchmark", "columns": "column"}


def import_table(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="lm-eval, inspect, olmo-ladder, released, epoch, wide or long.")
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder or file to read.")],
    out: Annotated[Path, typer.Option("--out", help="Table to write: .csv, .tsv, .parquet or .json.")],
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", help="Models with params, tokens, ... (CSV or YAML): lm-eval, inspect, olmo-ladder."
        ),
    ] = None,
    chance: Annotated[
        list[str] | None,
        typer.Option("--chance", metavar="NAME=VALUE", help="What guessing scores on a benchmark; may be repeated."),
    ] = None,
    metric: Annotated[list[str] | None, typer.Option("--metric", help="Only this metric; repeatable: lm-eval.")] = None,
    groups: Annotated[
        bool | None, typer.Option("--groups/--tasks", help="Whether a group stands for its tasks: lm-eval.")
    ] = None,
    samples: Annotated[
        bool | None, typer.Option("--samples/--no-samples", help="Counts of each problem, or not: lm-eval, inspect.")
    ] = None,
    scorer: Annotated[str | None, typer.Option("--scorer", help="Only this scorer: inspect.")] = None,
    last: Annotated[int | None, typer.Option("--last", help="Last checkpoints to average: olmo-ladder.")] = None,
    loss: Annotated[
        str | None, typer.Option("--loss", metavar="SET", help="Whose loss is the loss: olmo-ladder, released.")
    ] = None,
    family: Annotated[
        str | None, typer.Option("--family", metavar="COLUMN", help="What tells recipes apart: released, epoch.")
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", metavar="COLUMN", help="The column of scores; repeatable: epoch.")
    ] = None,
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", metavar="COLUMN", help="A column of scores; repeatable: wide.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=HEADER", help="What a header stands for; repeatable: wide, long."),
    ] = None,
    percent: Annotated[
        bool | None, typer.Option("--percent", help="Scores are percentages: epoch (beyond 1), wide, long.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Make a table of runs from evaluation logs, W&B exports or other tables."""
    from ..runs.importers import SOURCES, SkippedWarning, import_runs, options_of
    from .screen import Screen

    if source not in SOURCES:
        refuse("SOURCE", f"{source!r} is not known; expected one of {', '.join(SOURCES)}")
    check_out(out, "table of runs", _ENDINGS, overwrite=overwrite, inputs=(path, manifest))
    given: dict[str, Any] = {
        "manifest": manifest,
        "metric": metric,
        "groups": groups,
        "samples": samples,
        "scorer": scorer,
        "last": last,
        "loss": loss,
        "family": family,
        "score": score,
        "benchmarks": benchmark,
        "columns": read_pairs("--column", column, "params=size") if column else None,
        "percent": percent,
    }
    options = {name: value for name, value in given.items() if value not in (None, [])}
    known = options_of(source)
    for name in options:
        if name not in known:
            taken = ", ".join(f"--{_FLAGS.get(option, option)}" for option in known)
            refuse(f"--{_FLAGS.get(name, name)}", f"does not go with {source}, which takes {taken}")
    levels = {
        name: read_number("--chance", text, "a number, such as 0.25")
        for name, text in read_pairs("--chance", chance or [], "mine=0.25").items()
    }
    screen = Screen()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SkippedWarning)
        runs = import_runs(source, path, chance=levels, **options)
    screen.say(runs.summary().text)
    for warning in caught:
        screen.remark(f"note: {warning.message}")
    screen.remark(f"wrote {runs.save(out, overwrite=overwrite)}")
