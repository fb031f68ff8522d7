"""Forecasts made of plain numbers, so that scores can be checked against arithmetic."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import bayes_scaling as bs


@pytest.fixture(scope="session")
def make_forecast():
    """Forecast of given draws, shape (samples, runs, benchmarks), of runs run0, run1... on benchmarks arc0, arc1..."""

    def make(draws, *, converged=True, notes=()):
        samples, runs, benchmarks = draws.shape
        points = pd.DataFrame(
            {
                "run": np.repeat([f"run{i}" for i in range(runs)], benchmarks),
                "family": "default",
                "benchmark": np.tile([f"task{i}" for i in range(benchmarks)], runs),
                "flops": np.repeat(np.geomspace(1e20, 1e22, runs), benchmarks),
                "decades_beyond": 1.0,
            }
        )
        flat = draws.reshape(samples, -1)
        dataset = xr.Dataset({"expected": (("sample", "point"), flat), "score": (("sample", "point"), flat)})
        return bs.Forecast(points, tuple(notes), converged, dataset)

    return make


@pytest.fixture(scope="session")
def make_runs():
    """Scored runs at the points of a forecast."""

    def make(forecast, accuracy, **columns):
        frame = forecast.points[["run", "family", "benchmark", "flops"]]
        return bs.Runs(frame.assign(accuracy=np.ravel(accuracy), chance=0.25, **columns))

    return make
