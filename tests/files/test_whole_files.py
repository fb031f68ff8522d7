"""Files are whole or not there: whatever happens while they are written, an older one stays."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import bayes_scaling as bs
from bayes_scaling.files.marks import is_ours
from bayes_scaling.files.places import check_place
from bayes_scaling.files.whole_files import whole_file, whole_folder

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(place):
        place.write_text("half")
        raise OSError(28, "No space left on device")

    said = r"a\.txt was not written: no space left on device; nothing else was changed$"
    with pytest.raises(OSError, match=said), whole_file(path, "report", overwrite=True) as place:
        fail(place)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_the_mode_of_the_old_file_stays(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o640)
    with whole_file(path, "report", overwrite=True) as place:
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
        "import sys, time\nfrom pathlib import Path\nfrom bayes_scaling.files.whole_files import whole_file\n"
        f"with whole_file(Path({str(path)!r}), 'fit', overwrite=True) as place:\n"
        "    place.write_bytes(b'x' * 1000)\n    print('writing', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "writing\n"
        time.sleep(0.05)
        left = [file for file in tmp_path.iterdir() if file != path]
        with whole_file(path, "fit", overwrite=True) as place:  # two at once: neither takes the other's
            place.write_bytes(b"old")
        assert left
        assert all(file.exists() for file in left)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.read_bytes() == b"old"
    (tmp_path / ".a-mine.bin").write_bytes(b"of the user")
    with whole_file(path, "fit", overwrite=True) as place:
        place.write_bytes(b"new")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".a-mine.bin", "a.bin"]


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
        "forecast.md": partial(bs.write_table, forecast),
        "forecast.tex": partial(bs.write_table, forecast),
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
            with pytest.raises(OSError, match=f"{name} was not written: no space left on device; nothing else"):
                save(path)
        assert path.read_bytes() == before, name
        path.unlink()
        assert not [file for file in Path(tmp_path).iterdir() if file.name != path.name], name


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 40 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("this machine mounts no disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or not AS_ROOT, reason="mounting takes root")
def test_a_disk_that_is_full(cerebras_fit, small_disk):
    """Really full, in a process of its own: HDF5 used to end it."""
    old = small_disk / "fit.nc"
    old.write_bytes(b"old")
    source = cerebras_fit.save(small_disk.parent / "fit.nc")
    code = (
        "import sys, bayes_scaling as bs\n"
        f"fit = bs.load_fit({str(source)!r})\n"
        f"forecast = bs.forecast(fit, bs.budgets(flops=[1e23, 1e24]), 1)\n"
        f"for save in (fit.save, forecast.to_netcdf):\n"
        f"    try:\n        save({str(old)!r}, overwrite=True)\n"
        "    except OSError as error:\n        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = f"{old} was not written: no space left on device; nothing else was changed"
    assert done.stdout.splitlines() == [said, said]
    assert old.read_bytes() == b"old"
    assert [file.name for file in small_disk.iterdir()] == ["fit.nc"]


def test_a_folder_that_vanishes(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()

    def write():
        with whole_file(folder / "a.nc", "fit") as place:
            place.unlink()
            folder.rmdir()
            place.write_text("new")

    with pytest.raises(FileNotFoundError, match=r"a\.nc was not written: no such file or directory"):
        write()


def test_several_files_are_changed_together_or_not_at_all(tmp_path):
    def write():
        with whole_file(tmp_path / "one.md", "report") as first, whole_file(tmp_path / "two.md", "report"):
            first.write_text("new")
            raise OSError("disk on fire")

    with pytest.raises(OSError, match=r"two\.md was not written: disk on fire; nothing else was changed$"):
        write()
    assert not list(tmp_path.iterdir())


def test_the_only_copy_of_a_folder_is_put_back(tmp_path):
    """A process that is killed between moving the old folder away and the new one into its place."""
    aside = tmp_path / ".a-abcdefgh.replaced"
    (aside / "a").mkdir(parents=True)
    (aside / "a" / "old.txt").write_text("old")
    with pytest.raises(OSError, match="a was not written"), whole_folder(tmp_path / "a"):
        raise OSError("again")
    assert (tmp_path / "a" / "old.txt").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


class TestWhatIsReplaced:
    def test_files_of_this_package_are_known_by_what_they_are(self, cerebras_fit, tmp_path):
        kinds = {"fit": "fit", "runs": "table of runs", "figure": "figure", "report": "report"}
        kinds |= {"forecast": "forecast", "answer": "answer"}
        saves = savers(cerebras_fit, tmp_path)
        answer = bs.budget_for(cerebras_fit, "piqa", 0.75)
        saves["answer.md"] = saves["answer.parquet"] = partial(bs.write_table, answer)
        saves["runs.json"] = saves["runs.tsv"] = cerebras_fit.runs.save
        saves["figure.svg"] = saves["figure.pdf"] = saves["figure.png"]
        saves["report.md"] = saves["report.html"]
        for name, save in saves.items():
            path = tmp_path / name
            save(path)
            kind = kinds[path.stem]
            assert [other for other in set(kinds.values()) if is_ours(path, other)] == [kind], name
            check_place(path, kind)
            save(path)

    @pytest.mark.parametrize("ending", [".csv", ".tsv", ".json", ".parquet", ".nc", ".md", ".tex", ".html", ".png"])
    def test_anything_else_stays(self, cerebras_fit, tmp_path, ending):
        for kind, save in {
            "fit": cerebras_fit.save,
            "table of runs": cerebras_fit.runs.save,
            "forecast": lambda path: bs.forecast(cerebras_fit, bs.budgets(flops=1e23), 1).to_csv(path),
            "report": lambda path: bs.write_report(cerebras_fit, path, flops=1e23),
        }.items():
            path = tmp_path / f"mine{ending}"
            path.write_text("run,benchmark,accuracy\n1,piqa,0.5\n")
            with pytest.raises((FileExistsError, ValueError), match="mine"):
                save(path)
            with pytest.raises(FileExistsError, match=rf"mine\{ending} exists and is not a {kind} that bayes_scaling"):
                check_place(path, kind)
            check_place(path, kind, overwrite=True)
            assert path.read_text() == "run,benchmark,accuracy\n1,piqa,0.5\n"

    def test_another_kind_of_ours_stays(self, cerebras_fit, tmp_path):
        path = cerebras_fit.save(tmp_path / "fit.nc")
        before = path.read_bytes()
        with pytest.raises(
            FileExistsError, match="is not a forecast that bayes_scaling wrote; overwrite=True replaces it"
        ):
            bs.forecast(cerebras_fit, bs.budgets(flops=1e23), 1).to_netcdf(path)
        assert path.read_bytes() == before

    def test_what_a_link_leads_to_is_replaced_and_the_link_stays(self, cerebras_fit, tmp_path):
        (tmp_path / "store").mkdir()
        real = cerebras_fit.save(tmp_path / "store" / "fit.nc")
        link = tmp_path / "fit.nc"
        link.symlink_to(real)
        cerebras_fit.save(link)
        assert link.is_symlink()
        assert len(bs.load_fit(real).runs) == len(cerebras_fit.runs)

    def test_a_place_that_is_no_file(self, tmp_path):
        with pytest.raises(IsADirectoryError, match="is a folder; expected the name of a file"):
            check_place(tmp_path, "fit")
        if Path("/dev/null").exists():
            with pytest.raises(FileExistsError, match="neither a file nor free"):
                check_place("/dev/null", "fit", overwrite=True)
