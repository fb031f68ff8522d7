"""Files that are damaged, foreign or of a newer version are named as such; nothing of a dependency comes out."""

import re

import numpy as np
import pytest

import bayes_scaling as bs


@pytest.fixture(scope="module")
def saved(cerebras_fit, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    forecast = bs.forecast(cerebras_fit, bs.budgets(flops=[1e22, 1e23]), 1)
    forecast.to_netcdf(folder / "forecast.nc")
    forecast.to_json(folder / "forecast.json")
    forecast.to_parquet(folder / "forecast.parquet")
    forecast.to_csv(folder / "forecast.csv")
    cerebras_fit.save(folder / "fit.nc")
    cerebras_fit.runs.save(folder / "runs.parquet")
    cerebras_fit.runs.save(folder / "runs.csv")
    return folder


READERS = {
    "fit.nc": bs.load_fit,
    "forecast.nc": bs.read_forecast,
    "forecast.json": bs.read_forecast,
    "forecast.parquet": bs.read_forecast,
    "forecast.csv": bs.read_forecast,
    "runs.parquet": bs.read_runs,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_files_that_were_cut_off(saved, tmp_path, name, share):
    content = (saved / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(share * len(content))])
    if name == "forecast.csv" and share > 0:
        return  # whole lines are a table still, unless the last is cut in a number
    with pytest.raises(ValueError, match=re.escape(name)):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + b"\x00" * 50, b"{}", "µ".encode("latin-1")]
)
def test_files_of_another_kind(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(name)):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize(
    ("name", "other"), [("fit.nc", "forecast.nc"), ("forecast.nc", "fit.nc"), ("forecast.parquet", "runs.parquet")]
)
def test_files_of_each_other(saved, tmp_path, name, other):
    (tmp_path / name).write_bytes((saved / other).read_bytes())
    with pytest.raises(ValueError, match=re.escape(name)):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", ["fit.nc", "forecast.nc"])
def test_a_changed_byte_is_found_or_changes_nothing(saved, tmp_path, name):
    """Draws and what a fit is made of have sums; bytes between them, which nothing reads, have none."""
    content = np.frombuffer((saved / name).read_bytes(), np.uint8)
    rng, whole, found = np.random.default_rng(1), READERS[name](saved / name), 0
    for place in rng.integers(0, len(content), 24):
        changed = content.copy()
        changed[place] ^= 1 << rng.integers(8)
        (tmp_path / name).write_bytes(changed.tobytes())
        try:
            again = READERS[name](tmp_path / name)
        except ValueError:
            found += 1
            continue
        if name == "fit.nc":
            assert again.law == whole.law
            assert again.runs == whole.runs
            for variable in whole.posterior:
                np.testing.assert_array_equal(again.posterior[variable], whole.posterior[variable])
        else:
            np.testing.assert_array_equal(again.draws["score"], whole.draws["score"])
    assert found > 10


def test_a_newer_version_is_said_to_be(saved, tmp_path):
    import h5py

    path = tmp_path / "fit.nc"
    path.write_bytes((saved / "fit.nc").read_bytes())
    with h5py.File(path, "r+") as file:
        del file["bayes_scaling/format"]
        file["bayes_scaling"].create_dataset("format", data="bayes_scaling fit 9", dtype=h5py.string_dtype())
    with pytest.raises(
        ValueError, match="its format is 'bayes_scaling fit 9'; this version reads 'bayes_scaling fit 1'"
    ):
        bs.load_fit(path)


def test_nothing_is_unpickled(tmp_path):
    """No reader knows pickles: a file of one is a file of another kind."""
    import pickle

    for name, read in READERS.items():
        (tmp_path / name).write_bytes(pickle.dumps({"run": ["a"]}))
        with pytest.raises(ValueError, match=re.escape(name)):
            read(tmp_path / name)
