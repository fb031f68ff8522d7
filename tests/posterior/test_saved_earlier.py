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
