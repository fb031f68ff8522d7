import numpy as np
import xarray as xr

from bayes_scaling.sampling.diagnosing import diagnose


def dataset(**values):
    dims = ("chain", "draw", "entry")
    return xr.Dataset({name: (dims[: value.ndim], value) for name, value in values.items()})


def statistics(divergent=0):
    diverging = np.zeros((4, 200), bool)
    diverging.flat[:divergent] = True
    return xr.Dataset({"diverging": (("chain", "draw"), diverging), "e_bfmi": 0.9})


def test_worst_entry_is_named_and_judged():
    values = np.random.default_rng(2).normal(size=(4, 200, 3))
    values[:, :, 1] += np.arange(4)[:, None]  # chains that disagree
    posterior = dataset(x=values, y=values[:, :, 0]).assign_coords(entry=["a", "b", "c"])
    table = diagnose(posterior, statistics(divergent=3), deciding={"x"}).to_dataframe()
    assert table.loc["x", "worst"] == "b"
    assert table.loc["x", "r_hat"] > 1.5
    assert table.loc["y", "r_hat"] < 1.05
    assert table["decides"].tolist() == [1, 0, 0]
    assert table.loc["sampler", "divergences"] == 3
    assert table.loc["sampler", "e_bfmi"] == 0.9


def test_constant_parameters_and_entries_do_no_harm():
    values = np.random.default_rng(2).normal(size=(4, 200, 2))
    values[:, :, 1] = 0.25  # a score at its floor in every draw
    table = diagnose(dataset(x=values, fixed=np.full((4, 200), 0.3)), statistics(), deciding={"x"}).to_dataframe()
    assert "fixed" not in table.index
    assert 0.9 < table.loc["x", "r_hat"] < 1.05
    assert table.loc["x", "ess_bulk"] > 100
