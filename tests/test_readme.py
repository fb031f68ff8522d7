"""The README's tour: its table, its Python and its commands run as they stand."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.cli import app

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def output_after(block):
    """The block of output that follows a block of code."""
    return re.match(r"```\s+```text\n(.*?)^```$", TEXT.partition(block)[2], flags=re.MULTILINE | re.DOTALL)[1]


def commands():
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    return [line for line in lines if line.startswith("bayes-scaling ")]


def tidy(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """The folder after the table was saved and the Python blocks were run, and what they printed."""
    folder = tmp_path_factory.mktemp("tour")
    [table] = blocks("csv")
    (folder / "runs.csv").write_text(table)
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        names = {}
        for block in blocks("python"):
            exec(compile(block, "README.md", "exec"), names)
    return folder, printed.getvalue()


def test_python_writes_what_it_says(tour):
    folder, printed = tour
    for name in ("forecast.csv", "curves.png", "curves.svg", "fit.nc"):
        assert (folder / name).stat().st_size > 0
    assert printed.startswith("converged: ")
    assert len(bs.read_forecast(folder / "forecast.csv")) == 6


def test_python_prints_the_shown_lines(tour):
    """Numbers may differ a little between machines; rows and columns may not."""
    _, printed = tour
    shown = "\n".join(output_after(block) for block in blocks("python"))
    words = [re.sub(r"[-\d.e+]+", "#", line).split() for line in tidy(shown)]
    assert [re.sub(r"[-\d.e+]+", "#", line).split() for line in tidy(printed)] == words


def test_check_prints_the_shown_lines(tour, monkeypatch):
    monkeypatch.chdir(tour[0])
    [command] = [line for line in commands() if " check " in line]
    assert tidy(CliRunner().invoke(app, shlex.split(command)[1:]).stdout) == tidy(output_after(command + "\n"))


def test_commands_run_on_the_saved_fits(tour, monkeypatch):
    """The other laws' fits hold draws of the prior; what a fit of them takes is tested elsewhere."""
    monkeypatch.chdir(tour[0])
    prior_fit(bs.RatioLaw(), bs.load_dataset("cerebras_gpt")).save("ratio.nc")
    prior_fit(bs.PassAtKLaw(), bs.load_dataset("codex_humaneval")).save("attempts.nc")
    ready = [line for line in commands() if " fit " not in line]
    assert len(ready) == 4
    for command in ready:
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert result.exit_code == 0, result.output


def test_commands_of_fits_are_understood(tour, monkeypatch):
    """The tables of the other laws are the reader's, and so missing: everything before them is right."""
    monkeypatch.chdir(tour[0])
    fits = [line for line in commands() if " fit " in line and " runs.csv " not in line]
    assert len(fits) == 2
    for command in fits:
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert result.exit_code == 1, result.output
        assert "there is no such file" in result.output, result.output


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
