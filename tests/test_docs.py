"""README and documentation: their Python and their commands run as they stand, their links lead somewhere."""

import contextlib
import io
import re
import runpy
import shlex
import shutil
from pathlib import Path

import pytest
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.runs.importers import SOURCES, options_of

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
TOUR = "docs/tour.md"
settings = runpy.run_path(str(ROOT / "docs" / "conf.py"))
filled, figures = settings["filled"], settings["figures"]


def text_of(page):
    return PAGES[page].read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), flags=re.MULTILINE | re.DOTALL)


def output_after(page, block):
    """The block of output that follows a block of code, or nothing."""
    found = re.match(r"```\s+```text\n(.*?)^```$", text_of(page).partition(block)[2], flags=re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def commands(page):
    lines = [line for block in blocks(page, "bash") for line in block.splitlines()]
    return [line for line in lines if line.startswith("bayes-scaling ")]


def tidy(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def without_numbers(text):
    return [re.sub(r"[-\d.e+]+", "#", line).split() for line in tidy(text)]


def run_python(page, folder):
    """Run the Python of a page in a folder, and return what it prints."""
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        names = {}
        for block in blocks(page, "python"):
            exec(compile(block, page, "exec"), names)
    return printed.getvalue()


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """The folder after the tour's table was saved and its Python was run, and what this printed."""
    folder = tmp_path_factory.mktemp("tour")
    table = next(block for block in blocks(TOUR, "text") if block.startswith("run,params"))
    (folder / "runs.csv").write_text(table)
    return folder, run_python(TOUR, folder)


@pytest.fixture
def folder(cerebras_fit, tmp_path):
    """A folder with the fit that pages load."""
    cerebras_fit.save(tmp_path / "fit.nc")
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if page != TOUR and blocks(page, "python")])
def test_python_prints_the_shown_lines(page, folder):
    """Numbers may differ a little between machines; rows and columns may not."""
    shown = "\n".join(output_after(page, block) for block in blocks(page, "python"))
    assert without_numbers(run_python(page, folder)) == without_numbers(shown)


def test_the_tour_writes_what_it_says(tour):
    folder, printed = tour
    for name in ("forecast.csv", "curves.png", "curves.svg", "fit.nc"):
        assert (folder / name).stat().st_size > 0
    assert printed.startswith("converged: ")
    assert len(bs.read_forecast(folder / "forecast.csv")) == 6


def test_the_tour_prints_the_shown_lines(tour):
    shown = "\n".join(output_after(TOUR, block) for block in blocks(TOUR, "python"))
    assert without_numbers(tour[1]) == without_numbers(shown)


def test_check_prints_the_shown_lines(tour, monkeypatch):
    monkeypatch.chdir(tour[0])
    [command] = [line for line in commands(TOUR) if " check " in line]
    assert tidy(CliRunner().invoke(app, shlex.split(command)[1:]).stdout) == tidy(output_after(TOUR, command + "\n"))


def test_commands_run_on_the_saved_fits(tour, monkeypatch):
    """The other laws' fits hold draws of the prior; what a fit of them takes is tested elsewhere."""
    monkeypatch.chdir(tour[0])
    prior_fit(bs.RatioLaw(), bs.load_dataset("cerebras_gpt")).save("ratio.nc")
    prior_fit(bs.PassAtKLaw(), bs.load_dataset("codex_humaneval")).save("attempts.nc")
    ready = [line for line in commands(TOUR) if " fit " not in line]
    assert len(ready) == 4
    for command in ready:
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert result.exit_code == 0, result.output


def test_commands_of_the_readme_run(tour, cerebras_fit, tmp_path, monkeypatch):
    """All but those that fit."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(tour[0] / "runs.csv", tmp_path)
    cerebras_fit.save(tmp_path / "fit.nc")
    ready = [line for line in commands("README.md") if line.split()[1] not in ("fit", "backtest")]
    assert len(ready) == 5
    for command in ready:
        result = CliRunner().invoke(app, shlex.split(command, comments=True)[1:])
        assert result.exit_code == 0, result.output


def test_commands_of_fits_are_understood(tour, monkeypatch):
    """The tables of the other laws are the reader's, and so missing: everything before them is right."""
    monkeypatch.chdir(tour[0])
    fits = [line for line in commands(TOUR) if " fit " in line and " runs.csv " not in line]
    assert len(fits) == 2
    for command in fits:
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert result.exit_code == 1, result.output
        assert "there is no such file" in result.output, result.output


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of(page)):
        assert (PAGES[page].parent / target).exists(), target


def test_the_reference_names_every_public_name():
    page = filled(text_of("docs/reference.md"))
    named = set(re.findall(r"auto(?:function|class|exception|module):: bayes_scaling\.(\w+)$", page, re.M))
    assert named == set(bs.__all__) - {"__version__"}


def test_every_importer_is_listed_with_its_options():
    rows = re.findall(
        r"^\| `([\w-]+)` \|.*\| (.*) \|$", text_of("docs/data.md").partition("## Every source and its options")[2], re.M
    )
    listed = {source: set(re.findall(r"`(\w+)`", options)) for source, options in rows}
    assert listed == {source: set(options_of(source)) for source in SOURCES}


def test_the_gallery_shows_every_figure():
    shown = set(re.findall(r"gallery/(\w+)\.png", text_of("docs/gallery.md")))
    assert shown == set(bs.plots.__all__) - {"draw", "save"}
    for name, call in figures().items():
        assert f"`{call}`\n\n![{name}](gallery/{name}.png)\n" in text_of("docs/gallery.md"), name
