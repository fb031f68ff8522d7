import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.runs.importers.inspect_files import member, read_header

FIXTURES = Path(__file__).parent / "fixtures"
LOGS = FIXTURES / "inspect"
MODELS = FIXTURES / "inspect_models.yaml"
CHANCE = {"once": 0, "often": 0}


def load(path=LOGS, chance=CHANCE, **options):
    return bs.import_runs("inspect", path, manifest=MODELS, chance=chance, **options)


def said(path, chance=None, **options):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = load(path, chance, **options)
    return runs, str(caught[0].message)


@pytest.fixture
def log(tmp_path):
    """A log as JSON that a test may change, with the changes written."""
    [name] = LOGS.glob("*_often_*.json")
    document = json.loads(name.read_text())

    def write(change=None, file="2026-01-01_log.json"):
        copy = json.loads(json.dumps(document))
        if change is not None:
            change(copy)
        (tmp_path / file).write_text(json.dumps(copy))
        return tmp_path

    return write


def test_both_forms_give_scores_and_counts():
    frame = load().frame
    assert frame["run"].unique().tolist() == ["ladder-50M", "ladder-200M", "ladder-800M"]
    often = frame[frame["benchmark"] == "often"]
    assert (often["n_samples"] == 6).all()
    assert often.groupby("run")["problem"].nunique().tolist() == [8, 8, 8]
    once = frame[frame["benchmark"] == "once"]
    assert (once["n_items"] == 25).all()
    assert once["stderr"].gt(0).all()


def test_the_mean_of_counts_is_the_logged_accuracy():
    counts = load().select(benchmark="often").frame.groupby("run")["accuracy"].mean()
    scores = load(samples=False).select(benchmark="often").frame.set_index("run")["accuracy"]
    assert counts.to_dict() == pytest.approx(scores.to_dict())


def test_samples_of_one_epoch_on_request():
    once = load(samples=True).select(benchmark="once").frame
    assert (once["n_samples"] == 1).all()
    assert len(once) == 75


def test_a_zip_that_python_reads_by_itself(tmp_path):
    packed = _packed()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(tmp_path / packed.name, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in source.infolist():
            copy.writestr(info.filename, member(source, info.filename))
    a = bs.import_runs("inspect", packed, manifest=_only(packed), chance={"often": 0}).frame
    b = bs.import_runs("inspect", tmp_path / packed.name, manifest=_only(packed), chance={"often": 0}).frame
    assert a.equals(b)


def _packed():
    """A log as a zip."""
    return sorted(LOGS.glob("*_often_*.eval"))[0]


def _only(path):
    return pd.DataFrame([{"model": read_header(path)["eval"]["model"], "params": 1e8, "tokens": 2e9}])


def test_samples_are_read_where_there_are_no_summaries(tmp_path):
    packed = _packed()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(tmp_path / "log.eval", "w") as copy:
        for info in source.infolist():
            if "summaries" not in info.filename:
                copy.writestr(info.filename, member(source, info.filename))
    a = bs.import_runs("inspect", packed, manifest=_only(packed), chance={"often": 0}).frame
    b = bs.import_runs("inspect", tmp_path / "log.eval", manifest=_only(packed), chance={"often": 0}).frame
    assert a.sort_values("problem", ignore_index=True).equals(b.sort_values("problem", ignore_index=True))


@pytest.mark.parametrize("kept", [10, 100, 0.5, 0.98])
def test_a_log_that_is_cut_off_is_named(tmp_path, kept):
    packed = _packed()
    content = packed.read_bytes()
    (tmp_path / "cut.eval").write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    for path in LOGS.glob("*_once_*.json"):
        shutil.copy(path, tmp_path)
    _, message = said(tmp_path, {"once": 0})
    assert "cut.eval" in message


def test_scores_between_right_and_wrong_give_no_counts(log):
    def partly(document):
        document["samples"][0]["scores"]["includes"]["value"] = "P"

    runs, message = said(log(partly), {"often": 0})
    assert len(runs) == 1
    assert "no samples, or scores between right and wrong: counts of includes of often" in message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.update(status="error"), "its status is 'error'"),
        (lambda d: d.update(invalidated=True), "was marked as invalid"),
        (lambda d: d["eval"].pop("model"), "is no log of Inspect"),
        (lambda d: d["results"].update(scores=[]), "has no scores"),
        (
            lambda d: d["results"]["scores"][0]["metrics"]["accuracy"].update(value=12.0),
            "outside 0 to 1, so no share of right answers",
        ),
        (lambda d: d["results"]["scores"][0]["metrics"].pop("accuracy"), "no accuracy or mean from 0 to 1"),
    ],
)
def test_logs_that_give_nothing_say_why(log, change, reason):
    folder = log(change)
    for path in LOGS.glob("*_once_*.json"):
        shutil.copy(path, folder)
    _, message = said(folder, {"once": 0}, samples=False)
    assert reason in message


def test_the_newest_log_counts(log):
    folder = log(file="2026-01-01_log.json")
    log(lambda d: d["results"]["scores"][0]["metrics"]["accuracy"].update(value=0.125), "2026-02-01_log.json")
    runs, message = said(folder, {"often": 0}, samples=False)
    assert runs.frame["accuracy"].tolist() == [0.125]
    assert "measured again in 2026-02-01_log.json" in message


def test_another_scorer(log):
    with pytest.raises(bs.RunsError, match="another scorer than was asked for"):
        load(log(), None, scorer="match")


def test_a_folder_without_logs(tmp_path):
    with pytest.raises(bs.RunsError, match=r"no \.eval or \.json"):
        load(tmp_path)
