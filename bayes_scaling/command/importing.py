"""The command ``bayes-scaling import``: another tool's files in, a table of runs out."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..runs.importers import SOURCES, Option, options_of
from .options import Overwrite, check_out, read_number, read_pairs, refuse, said_of_table

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
#: What the shell calls the opposite of a flag, where a word says it better than "no".
_OPPOSITES = {"groups": "tasks"}
_TYPES: dict[str, Any] = {
    "flag": bool,
    "number": int,
    "path": Path,
    "texts": list[str],
    "pairs": list[str],
    "text": str,
}


def _takes_options_of_readers(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the keyword arguments of all readers as options."""
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    takers: dict[str, list[str]] = {}
    options: dict[str, Option] = {}
    for source in SOURCES:
        for name, option in options_of(source).items():
            options.setdefault(name, option)
            takers.setdefault(name, []).append(source)
    read = [_parameter(option, takers[name]) for name, option in options.items()]
    command.__signature__ = signature.replace(parameters=[*own, *read])  # type: ignore[attr-defined]
    return command


def _parameter(option: Option, takers: Sequence[str]) -> inspect.Parameter:
    repeatable = "; repeatable" if _TYPES[option.kind] == list[str] else ""
    info = typer.Option(
        f"{_flag(option)}/--{_OPPOSITES.get(option.name, f'no-{option.name}')}"
        if option.kind == "flag"
        else _flag(option),
        help=f"{option.about}{repeatable}: {', '.join(takers)}.",
        metavar="NAME=HEADER" if option.kind == "pairs" else None,
    )
    value: Any = _TYPES[option.kind]
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(option.name, kind, default=None, annotation=Annotated[value | None, info])


def _flag(option: Option) -> str:
    """What the command calls an option; one that may be repeated is named in the singular."""
    return f"--{option.name.removesuffix('s') if _TYPES[option.kind] == list[str] else option.name}"


@_takes_options_of_readers
def import_table(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of {', '.join(SOURCES)}.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder or file to read.")],
    out: Annotated[Path, typer.Option("--out", help="Table to write: .csv, .tsv, .parquet or .json.")],
    chance: Annotated[
        list[str] | None,
        typer.Option(
            "--chance",
            metavar="NAME=VALUE",
            help="What guessing scores on a benchmark, on NAME:METRIC, or by a pattern such as mmlu_pro_*; repeatable.",
        ),
    ] = None,
    budgets_only: Annotated[
        bool, typer.Option("--budgets-only", help="Leave out runs whose training budget is not known, and list them.")
    ] = False,
    overwrite: Overwrite = False,
    **given: Any,
) -> None:
    """Make a table of runs from evaluation logs, W&B exports or other tables."""
    from ..runs.importers.importing import import_runs
    from ..runs.plausibility import doubts, remarks
    from .screen import Screen

    if source not in SOURCES:
        refuse("SOURCE", f"{source!r} is not known; expected one of {', '.join(SOURCES)}")
    check_out(out, "table of runs", _ENDINGS, overwrite=overwrite, inputs=(path, given["manifest"]))
    levels = {
        name: read_number("--chance", text, "a number, such as 0.25")
        for name, text in read_pairs("--chance", chance or [], "mine=0.25", at_last=True).items()
    }
    options = _options(source, {name: value for name, value in given.items() if value not in (None, [])})
    screen = Screen()
    with said_of_table() as said:
        runs = import_runs(source, path, chance=levels, budgets_only=budgets_only, **options)
    screen.say(runs.summary().text)
    for note in (*said, *doubts(runs.frame), *remarks(runs.frame)):
        screen.remark(f"note: {note}")
    screen.remark(f"wrote {runs.save(out, overwrite=overwrite)}")


def _options(source: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was given as the source takes it, or refuse what it does not take."""
    known = options_of(source)
    for name in given:
        if name not in known:
            every = {one.name: one for each in SOURCES for one in options_of(each).values()}
            taken = ", ".join(map(_flag, known.values()))
            refuse(_flag(every[name]), f"does not go with {source}, which takes {taken}")
    pairs = [name for name in given if known[name].kind == "pairs"]
    return given | {name: read_pairs(_flag(known[name]), given[name], "params=size") for name in pairs}
