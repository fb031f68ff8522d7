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


WIDE = """Model,Params,Tokens,MMLU (5-shot),PIQA
a,200M,300B,25.3%,61.2%
b,700M,300B,26.1%,66.0%
c,3B,300B,,71%
d,13B,1T,45.2%,76%
"""


def check(*words):
    result = CliRunner().invoke(app, ["check", *map(str, words)])
    return result.exit_code, " ".join(result.output.split())


def test_check_tells_a_wide_table_and_reads_it_on_request(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text(WIDE)
    code, text = check(path)
    assert code == 1
    assert "this looks like a wide table, a column a benchmark (MMLU (5-shot), PIQA): bayes-scaling import wide" in text
    code, text = check(path, "--wide")
    assert code == 0
    assert "7 scores of 4 runs on 2 benchmarks" in text
    assert "no score in the cell: MMLU (5-shot) (row 3)" in text


def test_check_says_what_was_left_out_and_what_can_hardly_be_right(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("run,flops,benchmark,accuracy\na,1e18,piqa,0.004\nb,1e19,piqa,\nc,1e20,piqa,0.7\n")
    code, text = check(path)
    assert code == 0
    assert "Note:" in text
    assert "1 score left out, the cell is empty: row 2 (piqa of b)" in text
    assert "a scores 0.004 on piqa, far below its chance 0.5" in text


def test_what_no_law_takes_check_does_not_pass(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("run,flops,benchmark,accuracy,k\na,1e18,piqa,0.6,4\nb,1e19,piqa,0.7,4\n")
    code, text = check(path)
    assert code == 1
    assert "describes k = 1" in text


def test_runs_without_a_budget_are_left_out_on_request(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text(WIDE.replace("13B,1T", ",1T"))
    code, text = run("wide", path, "--out", tmp_path / "runs.csv")
    assert code == 1
    assert "--budgets-only" in text
    code, text = run("wide", path, "--budgets-only", "--out", tmp_path / "runs.csv")
    assert code == 0
    assert "no training budget: d" in text


def test_the_chance_of_a_benchmark_with_arguments_in_its_name():
    from bayes_scaling.command.options import read_pairs

    assert read_pairs("--chance", ["exam [part=law]=0.2"], "mine=0.25", at_last=True) == {"exam [part=law]": "0.2"}


def test_the_chance_of_one_metric(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "m.json").write_text('{"results": {"mrpc": {"acc": 0.62, "f1": 0.79}}}')
    (tmp_path / "m.csv").write_text("model,params,tokens\nm,1e8,2e9\n")
    words = ("lm-eval", folder, "--manifest", tmp_path / "m.csv", "--metric", "all", "--out", tmp_path / "runs.csv")
    assert "'mrpc' (f1)" in run(*words)[1]
    code, _ = run(*words, "--chance", "mrpc:f1=0.68")
    assert code == 0
    chance = bs.read_runs(tmp_path / "runs.csv").frame.set_index("metric")["chance"]
    assert chance.to_dict() == {"acc": 0.5, "f1": 0.68}


@pytest.mark.parametrize(
    ("texts", "numbers"), [(["7B,13B"], [7e9, 1.3e10]), (["1e9"], [1e9]), (["125M", "2T"], [1.25e8, 2e12])]
)
def test_sizes_in_options_may_have_units(texts, numbers):
    from bayes_scaling.command.options import numbers_of

    assert numbers_of("--params", texts, "7e9") == numbers
