"""R-hat and ESS of many entries at once, beside ArviZ's of one at a time."""

import arviz as az
import numpy as np
import pytest
import xarray as xr

from bayes_scaling.sampling.mixing import mixing


def by_arviz(draws):
    dataset = xr.Dataset({"x": (("chain", "draw", "entry"), draws)})
    with np.errstate(divide="ignore", invalid="ignore"):
        found = az.rhat(dataset), az.ess(dataset, method="bulk"), az.ess(dataset, method="tail")
    return [part["x"].to_numpy() for part in found]


def walks(length, entries=12, chains=4, seed=0):
    """Chains that remember more and more from entry to entry."""
    draws = np.random.default_rng(seed).normal(size=(chains, length, entries))
    for t in range(1, length):
        draws[:, t] += np.linspace(-0.9, 0.95, entries) * draws[:, t - 1]
    return draws


@pytest.mark.parametrize("length", [4, 5, 6, 7, 8, 9, 50, 251, 1000])
def test_walks_of_every_length_agree_with_arviz(length):
    draws = walks(length)
    for own, theirs in zip(mixing(draws), by_arviz(draws), strict=True):
        assert own == pytest.approx(theirs, rel=1e-10)


@pytest.mark.parametrize("chains", [2, 3, 7])
def test_any_number_of_chains_agrees_with_arviz(chains):
    draws = walks(101, chains=chains)
    for own, theirs in zip(mixing(draws), by_arviz(draws), strict=True):
        assert own == pytest.approx(theirs, rel=1e-10)


def test_ties_constants_and_gaps_agree_with_arviz():
    draws = walks(60, 6)
    draws[..., 0] = 0.25
    draws[..., 1] = np.round(draws[..., 1])
    draws[..., 2] = np.repeat(draws[:, :20, 2], 3, axis=1)  # chains that stood still
    draws[0, 0, 3] = np.nan
    draws[..., 4] += np.arange(4)[:, None]
    draws[..., 5] = draws[..., 5] > 1
    for own, theirs in zip(mixing(draws), by_arviz(draws), strict=True):
        assert own == pytest.approx(theirs, rel=1e-10, nan_ok=True)
    assert np.isnan(mixing(draws).r_hat[[0, 3]]).all()


def test_draws_of_a_real_fit_agree_with_arviz(cerebras_fit):
    for array in cerebras_fit.posterior.data_vars.values():
        draws = array.to_numpy().reshape(*array.shape[:2], -1)
        if np.ptp(draws) < 1e-12:
            continue
        for own, theirs in zip(mixing(draws), by_arviz(draws), strict=True):
            assert own == pytest.approx(theirs, rel=1e-10, nan_ok=True)


def test_blocks_of_entries_change_nothing(monkeypatch):
    draws = walks(50, 9)
    whole = mixing(draws)
    monkeypatch.setattr("bayes_scaling.sampling.mixing._MOST_VALUES", 4 * 50 * 2)
    assert all(np.array_equal(part, other) for part, other in zip(whole, mixing(draws), strict=True))


def test_too_few_draws_say_nothing():
    assert all(np.isnan(part).all() for part in mixing(np.ones((4, 3, 2))))
    assert all(len(part) == 0 for part in mixing(np.ones((4, 30, 0))))
