from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.runs.importers import SOURCES, options_of

FIXTURES = Path(__file__).parents[1] / "runs" / "importers" / "fixtures"


def run(*words):
    result = CliRunner().invoke(app, ["import", *map(str, words)])
    return result.exit_code, " ".join(result.output.split())


def test_a_table_is_written_and_what_was_left_out_is_said(tmp_path):
    code, text = run(
        *("lm-eval", FIXTURES / "lm_eval", "--manifest", FIXTURES / "models.csv", "--out", tmp_path / "runs.csv"),
        *("--metric", "acc", "--chance", "toy=0.25"),
    )
    assert code == 0
    assert "6 scores of 6 runs on 1 benchmark" in text
    assert "another metric than was asked for" in text
    assert len(bs.read_runs(tmp_path / "runs.csv")) == 6


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("harness", "x", "--out", "r.csv"), 2, "'harness' is not known; expected one of lm-eval"),
        (("wide", "x", "--out", "r.xlsx"), 2, "ends in '.xlsx'"),
        (("wide", "x", "--out", "r.csv", "--last", "3"), 2, "does not go with wide, which takes --benchmark, --column"),
        (("wide", "x", "--out", "r.csv", "--column", "params"), 2, "expected a name and a value, such as params=size"),
        (("wide", "x", "--out", "r.csv", "--chance", "piqa=half"), 2, "'half': expected a number"),
        (("lm-eval", "nowhere", "--out", "r.csv"), 1, "nowhere: there is no such folder"),
    ],
)
def test_wrong_words(tmp_path, monkeypatch, words, code, said):
    monkeypatch.chdir(tmp_path)
    got, text = run(*words)
    assert got == code
    assert said in text
    assert not list(tmp_path.iterdir())


def test_tables_of_every_kind(tmp_path):
    code, text = run(
        *("wide", FIXTURES / "tables" / "wide.csv", "--out", tmp_path / "wide.parquet", "--percent"),
        *("--benchmark", "PIQA", "--benchmark", "SciQ", "--column", "params=Size (B)"),
    )
    assert code == 0, text
    assert len(bs.read_runs(tmp_path / "wide.parquet")) == 5


def test_options_and_their_help_are_those_of_the_readers():
    code, text = run("--help")
    assert code == 0
    for source in SOURCES:
        read = import_module(f"bayes_scaling.runs.importers.{SOURCES[source]}").read
        of_signature = [one.name for one in signature(read).parameters.values() if one.kind is one.KEYWORD_ONLY]
        assert list(options_of(source)) == of_signature
        for option in options_of(source).values():
            assert f"--{option.name.removesuffix('s') if option.kind in ('texts', 'pairs') else option.name} " in text
            assert option.about
    assert "How many of the last evaluated checkpoints to average: olmo-ladder." in text


def test_a_flag_whose_opposite_has_a_word_of_its_own(tmp_path):
    assert "--groups / --tasks" in " ".join(run("--help")[1].split())
    assert run("wide", tmp_path, "--tasks", "--out", tmp_path / "r.csv")[0] == 2
