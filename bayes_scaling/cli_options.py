"""Options that several commands share, and how their values are read."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from .budget_grid import Budgets
    from .runs import Runs

RunsPath = Annotated[Path, typer.Argument(metavar="RUNS", help="Table of runs: .csv, .tsv, .parquet, .json or .jsonl.")]
Draws = Annotated[int, typer.Option("--draws", help="Draws kept by each chain.")]
Tune = Annotated[int, typer.Option("--tune", help="Draws spent on tuning by each chain.")]
Chains = Annotated[int, typer.Option("--chains", help="Number of chains.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed; the same seed gives the same numbers.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with code 1 where the fit has not converged.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that bayes-scaling did not write, or of another kind.")
]
Progress = Annotated[bool, typer.Option("--progress/--no-progress", help="Whether to draw the sampler's progress.")]


def read_points(
    at: Path | None, sizes: Mapping[str, Sequence[float]], benchmark: list[str] | None, family: list[str] | None
) -> "Runs | Budgets":
    """Return the planned runs of a file, or budgets."""
    ways = ({"flops"}, {"flops", "ratio"}, {"params", "tokens"}) if at is None else (set(),)
    if sizes.keys() - ({"k"} if at is None else set()) not in ways:
        refuse(
            "the budgets",
            "expected one of --flops, --flops with --ratio, --params with --tokens, or --at; "
            "--k may be added, but not to --at",
        )
    if at is None:
        from .budget_grid import budgets

        return budgets(**sizes, benchmark=benchmark, family=family)
    from .runs import read_runs

    labels = {"benchmark": benchmark, "family": family}
    return read_runs(at).select(**{name: chosen for name, chosen in labels.items() if chosen})


def read_numbers(option: str, text: str, example: str) -> list[float]:
    """Return numbers with commas between them."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        refuse(option, f"{text!r}: expected numbers with commas between them, such as {example}")


def read_number(option: str, text: str, expected: str) -> float:
    """Return one number."""
    try:
        return float(text)
    except ValueError:
        refuse(option, f"{text!r}: expected {expected}")


def read_sizes(
    flops: str | None, params: str | None, tokens: str | None, ratio: str | None, k: str | None
) -> dict[str, Sequence[float]]:
    """Return the budgets that were given, by name."""
    sizes = {"flops": flops, "params": params, "tokens": tokens, "ratio": ratio}
    numbers: dict[str, Sequence[float]] = {
        name: read_numbers(f"--{name}", text, "20,100" if name == "ratio" else "1e23,1e24")
        for name, text in sizes.items()
        if text is not None
    }
    return numbers if k is None else numbers | {"k": read_whole_numbers("--k", k, "1,10,100")}


def read_whole_numbers(option: str, text: str, example: str) -> list[int]:
    """Return whole numbers with commas between them."""
    numbers = read_numbers(option, text, example)
    if not all(number.is_integer() for number in numbers):
        refuse(option, f"{text!r}: expected whole numbers with commas between them, such as {example}")
    return [int(number) for number in numbers]


def read_pairs(option: str, texts: Sequence[str], example: str) -> dict[str, str]:
    """Return names and values of texts such as NAME=VALUE."""
    pairs = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not (sign and name.strip() and value.strip()):
            refuse(option, f"{text!r}: expected a name and a value, such as {example}")
        pairs[name.strip()] = value.strip()
    return pairs


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
    from .whole_files import check_place

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
    from .file_marks import is_ours

    return is_ours(path, "table of runs")


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
