"""Options that belong together are one argument of a command."""

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from bayes_scaling.command.groups import grouped


@dataclass(frozen=True)
class Place:
    street: Annotated[str, typer.Option("--street", help="Where.")] = "High Street"
    number: Annotated[int, typer.Option("--number")] = 1


def test_a_command_takes_the_options_of_a_group_as_one_value():
    app, got = typer.Typer(), []

    @app.command()
    @grouped
    def visit(name: str, *, place: Place, late: bool = False) -> None:
        """Visit somebody."""
        got.append((name, place, late))

    words = ["Ann", "--number", "7", "--late"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert got == [("Ann", Place("High Street", 7), True)]
    page = CliRunner().invoke(app, ["--help"]).output
    assert [page.index(word) for word in ("Visit somebody", "--street", "--number", "--late")] == sorted(
        page.index(word) for word in ("Visit somebody", "--street", "--number", "--late")
    )
    assert "--place" not in page
