"""What is known of curves and rows stands beside the draws; fits that were saved otherwise are read as if it did."""

import arviz as az
import numpy as np
import pytest
import xarray as xr

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import quiet_forecast


def as_earlier(fit):
    """The groups of a fit as an earlier version saved them."""
    stored = fit.stored.copy()
    groups = {name: stored[name].to_dataset() for name in ("posterior", "observed_data", "constant_data")}
    posterior, observed, constant = groups.values()
    moved = [name for name in ("curve_family", "curve_benchmark") if name in constant]
    posterior = posterior.assign_coords({name: ("curve", constant[name].to_numpy()) for name in moved})
    if "set" in posterior.dims:
        sets = constant["set"]
        posterior = posterior.assign_coords({f"set_{n}": ("set", sets[n].to_numpy()) for n in ("run", "benchmark")})
    attempts = [name for name in ("k", "n_samples") if name in constant]
    observed = observed.assign({name: ("observation", constant[name].to_numpy()) for name in attempts})
    constant = constant.drop_vars([*moved, "curve", *attempts])
    for name, group in zip(groups, (posterior, observed, constant), strict=True):
        stored[name] = xr.DataTree(group)
    earlier = bs.Fit(fit.law, fit.runs, fit.fitted, stored, fit.provenance, fit.stage_one)
    return (
        earlier
        if fit.stage_one is None
        else bs.Fit(fit.law, fit.runs, fit.fitted, stored, fit.provenance, as_earlier(fit.stage_one))
    )


@pytest.mark.parametrize("name", ["families_fit", "rates_fit", "counts_fit", "two_stage_fit"])
def test_fits_of_earlier_versions_are_read_in_the_present_form(name, request, tmp_path):
    fit = request.getfixturevalue(name)
    earlier = as_earlier(fit)
    assert "curve_family" in earlier.posterior.coords
    loaded = bs.load_fit(earlier.save(tmp_path / "earlier.nc"))
    assert len(az.summary(loaded.tree)) == len(az.summary(fit.tree))
    for one, other in ((loaded, fit), (loaded.stage_one, fit.stage_one)):
        if one is not None:
            for group in ("posterior", "observed_data", "constant_data", "log_likelihood"):
                xr.testing.assert_equal(one.tree[group].to_dataset(), other.tree[group].to_dataset())
    at = bs.budgets(flops=1e23)
    assert quiet_forecast(loaded, at, 1).draws.equals(quiet_forecast(fit, at, 1).draws)


def test_curves_are_known_by_family_and_benchmark(families_fit):
    constant = families_fit.tree["constant_data"].to_dataset()
    pairs = zip(constant["curve_family"].values, constant["curve_benchmark"].values, strict=True)
    labels = [f"{family} | {benchmark}" for family, benchmark in pairs]
    assert labels == constant["curve"].values.tolist() == families_fit.posterior["curve"].values.tolist()
    exponent = families_fit.posterior["exponent"]
    of_pythia = exponent.sel(curve=constant["curve_family"] == "Pythia")
    assert of_pythia.sizes["curve"] == np.sum(constant["curve_family"] == "Pythia") == 3


def test_only_what_can_be_replicated_is_observed(rates_fit, counts_fit):
    for fit, name, beside in ((rates_fit, "accuracy", "k"), (counts_fit, "n_correct", "n_samples")):
        assert list(fit.tree["observed_data"].data_vars) == [name]
        assert fit.tree["constant_data"][beside].dims == ("observation",)
        assert fit.tree["constant_data"].sizes["observation"] == len(fit.runs)
