"""Files are whole or not there: whatever happens while they are written, an older one stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bayes_scaling as bs
from bayes_scaling.whole_files import whole_file, whole_folder

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(place):
        place.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"), whole_file(path) as place:
        fail(place)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_the_mode_of_the_old_file_stays(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o640)
    with whole_file(path) as place:
        place.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    with whole_folder(tmp_path / "a") as place:
        (place / "one.txt").write_text("1")
    with whole_folder(tmp_path / "a") as place:
        (place / "two.txt").write_text("2")
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["two.txt"]
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(AS_ROOT, reason="root may write anywhere")
def test_a_folder_that_is_read_only(tmp_path, cerebras_train):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        cerebras_train.save(tmp_path / "runs.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_killed_process_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom bayes_scaling.whole_files import whole_file\n"
        f"with whole_file(Path({str(path)!r})) as place:\n"
        "    place.write_bytes(b'x' * 1000)\n    print('writing', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "writing\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.read_bytes() == b"old"


def savers(fit, folder):
    """Everything that writes a file, by its name."""
    forecast = bs.forecast(fit, bs.budgets(flops=1e23), 1)
    answer = bs.budget_for(fit, "piqa", 0.75)
    return {
        "fit.nc": fit.save,
        "runs.csv": fit.runs.save,
        "runs.parquet": fit.runs.save,
        "forecast.nc": forecast.to_netcdf,
        "forecast.csv": forecast.to_csv,
        "forecast.parquet": forecast.to_parquet,
        "forecast.json": forecast.to_json,
        "forecast.md": forecast.to_markdown,
        "forecast.tex": forecast.to_latex,
        "answer.csv": answer.to_csv,
        "answer.json": answer.to_json,
        "figure.png": lambda path: bs.plots.save(bs.plots.curves(fit, benchmark="piqa"), path),
        "report.html": lambda path: bs.write_report(fit, path, flops=1e23, benchmark="piqa"),
    }


def test_a_full_disk_leaves_every_kind_of_file_whole(cerebras_fit, tmp_path, monkeypatch):
    """The last step of writing fails, as it does on a full disk; the file that was there is still read."""
    for name, save in savers(cerebras_fit, tmp_path).items():
        path = tmp_path / name
        save(path)
        before = path.read_bytes()

        def full(_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                save(path)
        assert path.read_bytes() == before, name
        path.unlink()
        assert not [file for file in Path(tmp_path).iterdir() if file.name != path.name], name
