"""Fits that earlier versions saved are read, and forecast what they forecast then."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

import bayes_scaling as bs

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize("name", ["fit_before_folders"])
def test_a_fit_of_an_earlier_version_forecasts_what_it_did(name, tmp_path):
    path = tmp_path / "fit.nc"
    path.write_bytes(gzip.decompress((DATA / f"{name}.nc.gz").read_bytes()))
    fit = bs.load_fit(path)
    assert type(fit.law) is bs.DirectLaw
    assert all(map(fit.law.leaves_out, ("table_amplitude", "chance_jitter_spread")))  # it had neither
    found = bs.forecast(fit, bs.budgets(flops=[1e23, 1e24]), random_seed=1)
    stored = bs.read_forecast(DATA / f"{name}.csv")
    for of in ("score", "expected"):
        pd.testing.assert_frame_equal(found.table(of=of), stored.table(of=of), rtol=1e-12)


@pytest.mark.parametrize("name", ["sizes", "linear", "counts"])
def test_a_fit_of_pass_at_k_before_it_followed_the_general_law(name, tmp_path):
    path = tmp_path / "fit.nc"
    path.write_bytes(gzip.decompress((DATA / f"fit_pass_at_k_{name}.nc.gz").read_bytes()))
    fit = bs.load_fit(path)
    assert (fit.law.form == "log-linear") is (name == "linear")
    assert fit.law.inputs_from == ("ratio" if name == "sizes" else "compute")
    absent = ("hazard_benchmark_amplitude", "drift_benchmark_amplitude", "k_amplitude", "sampling_sd")
    assert all(map(fit.law.leaves_out, absent))
    assert not fit.law.leaves_out("benchmark_amplitude")
    asked = {"ratio": 20} if fit.law.reads_sizes else {}
    found = bs.forecast(fit, bs.budgets(flops=[1e20, 1e22], k=[1, 32], **asked), random_seed=1).table()
    stored = pd.read_csv(DATA / f"fit_pass_at_k_{name}.csv", index_col=0)
    numbers = [column for column in stored if column.startswith(("mean", "median", "low_", "high_"))]
    pd.testing.assert_frame_equal(found[numbers], stored[numbers], rtol=1e-12)
    assert bs.load_fit(fit.save(tmp_path / "again.nc")).law == fit.law
    assert len(fit.summary())
