"""No command replaces what it reads, or what this package did not write; every byte of the inputs stays."""

import itertools

import numpy as np
import pytest
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app

FEW = ("--draws", 20, "--tune", 20, "--no-progress")


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, " ".join(result.stderr.split())


@pytest.fixture
def folder(tmp_path, cerebras_fit, cerebras_held_out, monkeypatch):
    """Inputs of every kind, and a text of the user's."""
    monkeypatch.chdir(tmp_path)
    cerebras_fit.save("fit.nc")
    cerebras_fit.runs.frame[["run", "flops", "benchmark", "accuracy", "chance"]].to_csv("runs.csv", index=False)
    cerebras_held_out.save("held_out.csv")
    (tmp_path / "notes.md").write_text("mine")
    return tmp_path


TARGET = ("--benchmark", "piqa", "--target", "0.75")
READ = [
    ("fit", "runs.csv", "--out", "runs.csv", *FEW),
    ("fit", "runs.csv", "--out", "fit.csv", *FEW),
    ("forecast", "fit.nc", "--flops", "1e23", "--out", "fit.nc"),
    ("forecast", "fit.nc", "--at", "held_out.csv", "--out", "held_out.csv"),
    ("forecast", "fit.nc", "--flops", "1e23", "--out", "./fit.nc"),
    ("forecast", "fit.nc", "--flops", "1e23", "--out", "link.nc"),
    ("plan", "target", "fit.nc", *TARGET, "--out", "runs.csv"),
    ("plan", "target", "fit.nc", *TARGET, "--figure", "fit.nc"),
    ("plan", "target", "fit.nc", *TARGET, "--out", "a.md", "--figure", "a.md"),
    ("plan", "next-run", "fit.nc", "--at", "held_out.csv", "--target-flops", "1e24", "--out", "held_out.csv"),
    ("report", "fit.nc", "--flops", "1e23", "--out", "notes.md"),
    ("backtest", "runs.csv", "--out", "runs.csv", *FEW),
    ("backtest", "runs.csv", "--figure", "runs.csv", *FEW),
    ("import", "long", "runs.csv", "--out", "runs.csv"),
    ("import", "long", "held_out.csv", "--out", "runs.csv"),
    ("import", "wide", ".", "--out", "runs.csv"),
    ("compounding", "fit.nc", "held_out.csv", "--out", "held_out.csv"),
    ("sbc", "direct", "--simulations", 1, "--out", "runs.csv"),
    ("demo", "--out", "notes.md", "--no-progress"),
]


@pytest.mark.parametrize("words", READ, ids=lambda words: " ".join(map(str, words[:2])))
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_there_stays(folder, words, overwrite):
    (folder / "link.nc").symlink_to(folder / "fit.nc")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    named = [after for option, after in itertools.pairwise(words) if option in ("--out", "--figure")][-1]
    if overwrite and named in ("notes.md", "runs.csv") and named not in words[1:3]:
        pytest.skip("--overwrite asks for it")
    code, said = run(*words, *(["--overwrite"] if overwrite else []))
    assert code == 2, said
    assert str(named).removeprefix("./") in said
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_the_same_kind_is_replaced_and_another_only_when_told(folder):
    words = ("forecast", "fit.nc", "--flops", "1e23", "--seed", 1, "--out", "forecast.csv")
    assert run(*words)[0] == 0
    assert run(*words)[0] == 0
    (folder / "forecast.csv").write_text("mine\n")
    code, said = run(*words)
    assert code == 2
    assert "forecast.csv exists and is not a forecast that bayes_scaling wrote; --overwrite replaces it" in said
    assert (folder / "forecast.csv").read_text() == "mine\n"
    assert run(*words, "--overwrite")[0] == 0
    assert len(bs.read_forecast("forecast.csv")) == 7


def test_a_table_that_was_imported_is_replaced_by_the_next_import(folder):
    words = ("import", "long", "runs.csv", "--out", "imported.csv")
    assert run(*words)[0] == 0
    assert run(*words)[0] == 0


def test_files_beside_those_of_a_bundle_stay(folder):
    words = ("report", "fit.nc", "--flops", "1e23", "--benchmark", "piqa", "--out", "bundle")
    assert run(*words)[0] == 0
    (folder / "bundle" / "thoughts.txt").write_text("mine")
    code, said = run(*words, "--overwrite")
    assert code == 2
    assert "holds files that are not of the bundle: thoughts.txt; move them first" in said
    assert (folder / "bundle" / "thoughts.txt").read_text() == "mine"


def test_figures_beside_a_page_stay(folder):
    (folder / "page_figures").mkdir()
    (folder / "page_figures" / "curves.png").write_bytes(b"mine")
    (folder / "page_figures" / "other.png").write_bytes(b"mine")
    words = ("report", "fit.nc", "--flops", "1e23", "--out", "page.md")
    code, said = run(*words)
    assert code != 0
    assert "curves.png exists and is not a figure" in said
    assert not (folder / "page.md").exists()
    assert sorted(file.name for file in (folder / "page_figures").iterdir()) == ["curves.png", "other.png"]
    assert run(*words, "--overwrite")[0] == 0
    assert (folder / "page_figures" / "other.png").read_bytes() == b"mine"


def test_no_work_is_done_before_the_place_is_known(folder, monkeypatch):
    monkeypatch.setattr("bayes_scaling.runs.table.read_runs", lambda *_: pytest.fail("read"))
    assert run("fit", "runs.csv", "--out", "notes.md", *FEW)[0] == 2
    monkeypatch.setattr("tempfile.mkstemp", _read_only)
    code, said = run("fit", "runs.csv", "--out", "new.nc", *FEW)
    assert code == 2
    assert "new.nc cannot be written: read-only file system" in said


def _read_only(*_, **__):
    raise OSError(30, "Read-only file system")


def test_the_forecast_is_what_it_was(folder):
    """The check of a place changes nothing of what is written there."""
    assert run("forecast", "fit.nc", "--flops", "1e23", "--seed", 3, "--out", "a.nc")[0] == 0
    again = bs.forecast(bs.load_fit("fit.nc"), bs.budgets(flops=1e23), 3)
    np.testing.assert_array_equal(bs.read_forecast("a.nc").draws["score"], again.draws["score"])
