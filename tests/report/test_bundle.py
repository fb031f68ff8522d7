import json
import re
import shutil
import subprocess
import sys

import duckdb
import jsonschema
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.report.bundle import MANIFEST, schema_text, sha256

COLUMNS = {"run", "family", "benchmark", "flops", "of", "mean", "median", "low_90", "high_90", "converged"}


@pytest.fixture
def copy(bundle, tmp_path):
    """A bundle that a test may change."""
    return shutil.copytree(bundle, tmp_path / "copy")


def test_it_holds_every_form_and_their_sums(bundle):
    manifest = json.loads((bundle / MANIFEST).read_text())
    assert set(manifest["files"]) >= {
        *("forecast.parquet", "forecast.csv", "forecast.json", "forecast.tex", "forecast.schema.json", "draws.nc"),
        *("report.html", "report.md", "figures/curves.png", "figures/curves.svg", "figures/forecast.png"),
    }
    assert all(entry["sha256"] == sha256(bundle / name) for name, entry in manifest["files"].items())
    assert manifest["provenance"]["law"] == "DirectLaw()"


def test_it_is_read_back(bundle, cerebras_fit):
    found = bs.read_bundle(bundle)
    again = bs.forecast(cerebras_fit, bs.budgets(flops=[1e23, 1e24]), 0)
    pd.testing.assert_frame_equal(found.forecast.table(), again.table())
    assert found.forecast.notes == again.notes
    assert "With 1e23 FLOPs, 91 times the largest fitted run: " in repr(found)


def test_reading_loads_no_sampler(bundle):
    code = (
        f"import sys, bayes_scaling as bs\nbs.read_bundle({str(bundle)!r})\n"
        "print([name for name in ('pymc', 'pytensor', 'nutpie', 'arviz', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_parquet_by_pandas_and_by_duckdb(bundle):
    frame = pd.read_parquet(bundle / "forecast.parquet")
    assert set(frame) >= COLUMNS
    query = f"select * from '{bundle / 'forecast.parquet'}'"
    pd.testing.assert_frame_equal(duckdb.sql(query).df(), frame, check_dtype=False)


def test_json_by_pandas_and_by_duckdb(bundle):
    document = json.loads((bundle / "forecast.json").read_text())
    frame = pd.DataFrame(document["table"])
    assert set(frame) >= COLUMNS
    query = f"select unnest(\"table\", recursive := true) from read_json('{bundle / 'forecast.json'}')"
    found = duckdb.sql(query).df()
    assert set(found) >= COLUMNS
    assert found["median"].tolist() == frame["median"].tolist()


def test_the_schema_holds_the_file_and_refuses_others(bundle):
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads((bundle / "forecast.json").read_text())
    jsonschema.validate(document, schema)
    for change in ({"format": "bayes_scaling forecast 2"}, {"table": []}, {"converged": "yes"}, {"probs": [1.5]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | change, schema)


def test_cells_that_begin_as_formulas(hostile_fit, tmp_path):
    forecast = bs.forecast(hostile_fit, bs.budgets(flops=1e23), 1)
    path = forecast.to_csv(tmp_path / "f.csv")
    raw = pd.read_csv(path)
    assert not raw.map(lambda cell: isinstance(cell, str) and cell[:1] in "=+@").any().any()
    assert bs.read_forecast(path).points["benchmark"].tolist() == forecast.points["benchmark"].tolist()


@pytest.mark.parametrize("name", ["forecast.csv", "draws.nc", "report.html", "figures/curves.png"])
def test_an_altered_file_is_named(copy, name):
    with (copy / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(bs.BundleError, match=re.escape(f"altered: {name}")):
        bs.read_bundle(copy)


def test_missing_and_added_files_are_named(copy):
    (copy / "report.md").unlink()
    (copy / "more.txt").write_text("x")
    with pytest.raises(bs.BundleError, match=r"missing: report\.md; not of the bundle: more\.txt"):
        bs.read_bundle(copy)


def change_manifest(folder, change):
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "figures/../../outside.txt", "a\\..\\b"])
def test_paths_do_not_leave_the_folder(copy, name):
    (copy.parent / "outside.txt").write_text("x")
    change_manifest(copy, lambda manifest: manifest["files"].update({name: {"sha256": "0"}}))
    with pytest.raises(bs.BundleError, match="leads out of the bundle"):
        bs.read_bundle(copy)


def test_links_do_not_leave_the_folder(copy):
    (copy.parent / "outside.txt").write_text("x")
    (copy / "link.txt").symlink_to(copy.parent / "outside.txt")
    change_manifest(copy, lambda manifest: manifest["files"].update({"link.txt": {"sha256": "0"}}))
    with pytest.raises(bs.BundleError, match=r"'link\.txt' leads out of the bundle"):
        bs.read_bundle(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(format="bayes_scaling bundle 2"), "this version reads 'bayes_scaling bundle 1'"),
        (lambda m: m.update(files=[]), "its list of files is not one"),
        (lambda m: m.update(files={"x": 3}), "its list of files is not one"),
        (lambda m: m.pop("files"), "its list of files is not one"),
    ],
)
def test_manifests_of_another_kind(copy, change, said):
    change_manifest(copy, change)
    with pytest.raises(bs.BundleError, match=said):
        bs.read_bundle(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null"])
def test_manifests_that_are_none(copy, text):
    (copy / MANIFEST).write_text(text)
    with pytest.raises(bs.BundleError, match=MANIFEST):
        bs.read_bundle(copy)


def test_folders_that_are_none(tmp_path):
    with pytest.raises(bs.BundleError, match=f"no {MANIFEST} in it"):
        bs.read_bundle(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        bs.read_bundle(tmp_path / "nowhere")


class TestOverwriting:
    def write(self, fit, folder, **options):
        return bs.write_bundle(fit, folder, flops=1e23, benchmark="piqa", **options)

    def test_a_bundle_goes_only_when_told(self, cerebras_fit, copy):
        with pytest.raises(FileExistsError, match="overwrite=True replaces it"):
            self.write(cerebras_fit, copy)
        self.write(cerebras_fit, copy, overwrite=True)
        assert len(bs.read_bundle(copy).forecast) == 1
        assert [path.name for path in copy.parent.iterdir()] == ["copy"]

    def test_something_else_never_goes(self, cerebras_fit, tmp_path):
        (tmp_path / "thesis").mkdir()
        (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
        with pytest.raises(FileExistsError, match="exists and is no bundle"):
            self.write(cerebras_fit, tmp_path / "thesis", overwrite=True)
        assert (tmp_path / "thesis" / "thesis.tex").exists()

    def test_a_failure_leaves_the_old_one_whole(self, cerebras_fit, copy, monkeypatch):
        def fail(_):
            raise OSError("disk full")

        monkeypatch.setattr("bayes_scaling.report.bundle.html_page", fail)
        with pytest.raises(OSError, match="disk full"):
            self.write(cerebras_fit, copy, overwrite=True)
        assert len(bs.read_bundle(copy).forecast) == 14
        assert [path.name for path in copy.parent.iterdir()] == ["copy"]
