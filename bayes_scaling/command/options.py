"""Options that several commands share, and how their values are read."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from ..runs.budget_columns import BUDGET_COLUMNS

if TYPE_CHECKING:
    from ..runs.planned import Budgets
    from ..runs.table import Runs


def _option_of(name: str) -> Any:
    column = BUDGET_COLUMNS[name]
    return typer.Option(f"--{name}", metavar=column.metavar, help=column.help)


#: Options that list take commas, may be repeated, or both; the values keep their order.
FlopsList = Annotated[list[str] | None, _option_of("flops")]
ParamsList = Annotated[list[str] | None, _option_of("params")]
TokensList = Annotated[list[str] | None, _option_of("tokens")]
RatioList = Annotated[
    list[str] | None,
    typer.Option("--ratio", metavar="R,...", help="Tokens per parameter; each --flops with each of these."),
]
AttemptsList = Annotated[
    list[str] | None,
    typer.Option("--k", metavar="K,...", help="Attempts at each problem; each budget at each of these."),
]
Probs = Annotated[
    list[str] | None,
    typer.Option("--probs", metavar="P,...", help="Probabilities of the intervals, by default 0.5,0.8,0.9."),
]
_SUFFIXES = {"M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01}
USUAL_PROBS = ("0.5", "0.8", "0.9")
Benchmarks = Annotated[list[str] | None, typer.Option("--benchmark", help="Only this one; may be repeated.")]
FitPath = Annotated[Path, typer.Argument(metavar="FIT", help="A saved fit, such as fit.nc.")]
RunsPath = Annotated[
    Path, typer.Argument(metavar="RUNS", help="Table of runs: .csv, .tsv, .xlsx, .parquet, .json or .jsonl.")
]
KeptDraws = Annotated[int, typer.Option("--draws", help="Draws kept of each chain.")]
EnoughDraws = Annotated[
    int | None, typer.Option("--draws", help="Draws kept of each chain; by default enough of them.")
]
Tune = Annotated[int, typer.Option("--tune", help="Draws spent on tuning by each chain.")]
EnoughTuning = Annotated[
    int | None,
    typer.Option("--tune", help="Draws spent on tuning by each chain; by default 500, or 1000 with --draws."),
]
Chains = Annotated[int, typer.Option("--chains", help="Number of chains.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed; the same seed gives the same numbers.")]
Annealed = Annotated[
    bool | None,
    typer.Option(
        "--annealed/--not-annealed",
        help="Whether the learning rate is decayed at the end; by default as of the largest fitted runs.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with code 1 where the fit has not converged.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that bayes-scaling did not write, or of another kind.")
]
Progress = Annotated[bool, typer.Option("--progress/--no-progress", help="Whether to draw the sampler's progress.")]


def read_points(
    at: Path | None,
    sizes: Mapping[str, Sequence[float]],
    benchmark: list[str] | None,
    family: list[str] | None,
    annealed: bool | None = None,
    ways: str = "--flops, --flops with --ratio, --params with --tokens",
) -> "Runs | Budgets":
    """Return the planned runs of a file, or budgets; `ways` are those that the command takes."""
    known = ({"flops"}, {"flops", "ratio"}, {"params", "tokens"}) if at is None else (set(),)
    if sizes.keys() - ({"k"} if at is None else set()) not in known:
        refuse("the budgets", f"expected one of {ways}, or --at; --k may be added, but not to --at")
    if at is None:
        from ..runs.planned import budgets

        return budgets(**sizes, benchmark=benchmark, family=family, annealed=annealed)
    from ..runs.table import read_runs

    labels = {"benchmark": benchmark, "family": family}
    return read_runs(at).select(**{name: chosen for name, chosen in labels.items() if chosen})


def numbers_of(option: str, texts: Sequence[str], example: str) -> list[float]:
    """Return the numbers of an option that may be repeated, each time with one or several, commas between them."""
    expected = f"numbers with commas between them, such as {example}"
    return [_number(option, part, text, expected) for text in texts for part in text.split(",")]


def read_number(option: str, text: str, expected: str) -> float:
    """Return one number."""
    return _number(option, text, text, expected)


def _number(option: str, part: str, text: str, expected: str) -> float:
    """A number as people write it, such as 1e23, 70B or 25%; `text` is what stood in the option.

    Examples
    --------
    >>> [_number(option, part, part, "") for option, part in (("--params", " 70B"), ("--target", "25%"))]
    [70000000000.0, 0.25]
    """
    from ..runs.reading.cells import number_in

    part = part.strip()
    number = number_in(part, option.removeprefix("--")) if part else None
    if number is None and part[-1:] in _SUFFIXES:
        number = number_in(part[:-1])
        number = None if number is None else number * _SUFFIXES[part[-1]]
    if number is None or (number != number and part.lower() != "nan"):
        refuse(option, f"{text!r}: expected {expected}")
    return number


def read_whole_numbers(option: str, texts: Sequence[str], example: str) -> list[int]:
    """Return the whole numbers of an option, as `numbers_of` does."""
    numbers = numbers_of(option, texts, example)
    for text in texts:
        if not all(float(part).is_integer() for part in text.split(",")):
            refuse(option, f"{text!r}: expected whole numbers with commas between them, such as {example}")
    return [int(number) for number in numbers]


def read_pairs(option: str, texts: Sequence[str], example: str, *, at_last: bool = False) -> dict[str, str]:
    """Return names and values of texts such as NAME=VALUE; parted at the last sign where names may hold one."""
    pairs = {}
    for text in texts:
        name, sign, value = text.rpartition("=") if at_last else text.partition("=")
        if not (sign and name.strip() and value.strip()):
            refuse(option, f"{text!r}: expected a name and a value, such as {example}")
        pairs[name.strip()] = value.strip()
    return pairs


class CommandGroup(TyperGroup):
    """Commands that refuse an option which takes one value and was given several, rather than drop the first."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command of the words, and look at its options."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not isinstance(command, TyperGroup):
            _refuse_repeated(command, ctx, rest)
        return name, command, rest


def _refuse_repeated(command: Any, ctx: Any, args: list[str]) -> None:
    parser = command.make_parser(ctx)
    parser.allow_interspersed_args = True
    try:
        *_, given = parser.parse_args(args=list(args))
    except Exception:  # the command says itself what is wrong with its words
        return
    for option in given:
        single = option.param_type_name == "option" and not (option.multiple or option.is_flag)
        if single and (times := sum(other is option for other in given)) > 1:
            refuse(option.opts[0], f"it was given {times} times; expected one value")


def refuse(option: str, message: str) -> NoReturn:
    """Stop with exit code 2, naming the option."""
    raise typer.BadParameter(message, param_hint=option)


def check_out(
    path: Path | None,
    kind: str,
    endings: Sequence[str],
    *,
    overwrite: bool,
    inputs: Sequence[Path | None] = (),
    option: str = "--out",
) -> None:
    """Refuse, before any work, a file to write whose ending is not known, or whose place is not free to be written.

    Parameters
    ----------
    path : Path or None
        The file; None where none is wanted.
    kind : str
        What it will be, such as "fit".
    endings : sequence of str
        Endings that are known.
    overwrite : bool
        Whether a file may be replaced that this package did not write, or that is of another kind.
    inputs : sequence of Path or None
        What the command reads, or writes elsewhere: never replaced.
    option : str
        The option that named the file.
    """
    if path is None:
        return
    if path.suffix.lower() not in endings:
        expected = f"one of {', '.join(endings)}" if len(endings) > 1 else endings[0]
        refuse(option, f"{str(path)!r} ends in {path.suffix!r}; expected {expected}")
    check_not_read(path, inputs, option)
    from ..files.places import check_place

    with refused(option):
        check_place(path, kind, overwrite=overwrite, remedy="--overwrite")


def check_figure(path: Path | None, *inputs: Path | None, overwrite: bool) -> None:
    """Refuse a figure's file as `check_out` does."""
    check_out(path, "figure", (".png", ".svg", ".pdf"), overwrite=overwrite, inputs=inputs, option="--figure")


def check_not_read(path: Path, inputs: Sequence[Path | None], option: str = "--out") -> None:
    """Refuse a file to write that the same command reads, under whatever name, or that lies in a folder it reads."""
    for read in inputs:
        if read is None:
            continue
        if read.absolute() == path.absolute() or (path.exists() and read.exists() and path.samefile(read)):
            refuse(option, f"{path} is a file of this same command; expected another name, so that neither is lost")
        inside = path.exists() and read.is_dir() and path.resolve().is_relative_to(read.resolve())
        if inside and path.is_file() and not _is_table(path):
            refuse(option, f"{path} lies in {read}, which this command reads; expected another name")


def _is_table(path: Path) -> bool:
    from ..files.marks import is_ours

    return is_ours(path, "table of runs")


@contextmanager
def said_of_table() -> Iterator[list[str]]:
    """Gather what reading a table warns of, so that the command says it as notes; doubts it says by itself."""
    import warnings

    from ..runs.importers.skipping import SkippedWarning
    from ..runs.plausibility import DoubtfulRunsWarning
    from ..runs.reading.empty_scores import EmptyScoresWarning

    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore", DoubtfulRunsWarning)
        for kind in (SkippedWarning, EmptyScoresWarning):
            warnings.simplefilter("always", kind)
        yield said
    said.extend(str(warning.message) for warning in caught)


@contextmanager
def refused(option: str) -> Iterator[None]:
    """Turn what the system or a check says of a place into a refusal of the option that named it."""
    try:
        yield
    except OSError as error:
        refuse(option, str(error))


def interrupted(said: str) -> NoReturn:
    """Stop with exit code 130 on Ctrl-C, and say what is left of the work."""
    if sys.stderr.isatty():
        typer.echo(err=True)  # the terminal has printed ^C, or a progress bar
    typer.echo(f"Interrupted: {said}.", err=True)
    raise typer.Exit(130)


def stop_where(failed: bool) -> None:
    """Exit with code 1 where something failed."""
    if failed:
        raise typer.Exit(1)
