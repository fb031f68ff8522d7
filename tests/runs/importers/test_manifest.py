import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.importers.manifest import Block, ModelName, read_manifest
from bayes_scaling.runs.importers.skipping import Skips

SCORES = pd.DataFrame([{"benchmark": "piqa", "accuracy": 0.5}])


def manifest(*records):
    return read_manifest(pd.DataFrame(records), [], "here")


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("org/m", ModelName("org/m")),
        ("m", ModelName("org/m")),
        ("org__m", ModelName("org/m")),
        ("folder", ModelName("org/m", folder="folder")),
        ("org/m@step1", ModelName("org/m", "step1")),
        ("m@step1", ModelName("org/m", "step1")),
    ],
)
def test_names_that_are_found(written, model):
    assert manifest({"model": written, "params": 1e8}).row_of(model) == 0


@pytest.mark.parametrize("written", ["m", "org/m", "org/m@step2", "folder"])
def test_a_checkpoint_is_not_found_under_another_name(written):
    assert manifest({"model": written, "params": 1e8}).row_of(ModelName("org/m", "step1", "folder")) is None


def test_a_column_of_revisions():
    table = manifest({"model": "m", "revision": "step1", "params": 1}, {"model": "m", "revision": "main", "params": 2})
    assert table.row_of(ModelName("org/m", "step1")) == 0
    assert table.row_of(ModelName("org/m")) == 1
    assert table.frame["run"].tolist() == ["m@step1", "m"]


def test_run_is_the_name_that_the_run_gets():
    joined = manifest({"model": "org/m", "run": "mine", "params": 1e8}).join(
        [Block(ModelName("org/m"), SCORES)], Skips()
    )
    assert joined.to_dict("records") == [{"run": "mine", "params": 1e8, "benchmark": "piqa", "accuracy": 0.5}]


def test_yaml_by_name_and_as_a_list(tmp_path):
    by_name, listed = tmp_path / "a.yaml", tmp_path / "b.yml"
    by_name.write_text("m: {params: 1e8, tokens: 2e9}\n")
    listed.write_text("- {model: m, params: 1e8, tokens: 2e9}\n")
    frames = [read_manifest(path, [], "").frame for path in (by_name, listed)]
    pd.testing.assert_frame_equal(*frames)
    assert frames[0]["run"].tolist() == ["m"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not YAML"), ("3", "not a list of models"), ("[]", "not a list"), ("- 3", "not a list of models")],
)
def test_yaml_that_is_none(tmp_path, text, said):
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(bs.RunsError, match=said):
        read_manifest(path, [], "")


def test_yaml_makes_no_objects(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("!!python/object/apply:os.getcwd []\n")
    with pytest.raises(bs.RunsError, match="not YAML"):
        read_manifest(path, [], "")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"m\.yaml"):
        read_manifest(tmp_path / "m.yaml", [], "")


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"params": 1}], "model: there is no such column"),
        ([{"model": "m"}, {"model": "m"}], "twice; expected each model once; also in row 1"),
        ([{"model": " "}], "empty"),
    ],
)
def test_faults(records, said):
    with pytest.raises(bs.RunsError, match=said):
        manifest(*records)


def test_no_model_of_the_logs():
    with pytest.raises(bs.RunsError, match="no row for any of the models 'org/m'; expected their names; it has x"):
        manifest({"model": "x", "params": 1}).join([Block(ModelName("org/m"), SCORES)], Skips())


def test_scores_in_a_manifest():
    with pytest.raises(bs.RunsError, match="accuracy: also a column of the scores"):
        manifest({"model": "m", "accuracy": 1}).join([Block(ModelName("m"), SCORES)], Skips())


def test_a_log_that_names_no_organisation_finds_the_one_model_of_that_name():
    one = manifest({"model": "org/m", "params": 1}, {"model": "org/n", "params": 2})
    assert one.row_of(ModelName("m")) == 0
    assert one.row_of(ModelName("other/m")) is None
    assert manifest({"model": "org/m", "params": 1}, {"model": "other/m", "params": 2}).row_of(ModelName("m")) is None
