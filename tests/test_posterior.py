import warnings

import arviz as az
import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.prediction import fitted_moments


def test_tree_is_complete_and_labelled(families_fit):
    assert set(families_fit.tree.children) == {
        "posterior", "sample_stats", "observed_data", "constant_data", "log_likelihood", "diagnostics"
    }  # fmt: skip
    posterior = families_fit.posterior
    assert posterior["exponent"].dims == ("chain", "draw", "curve")
    assert "Pythia | piqa" in posterior["curve"].values
    assert posterior["ceiling"].dims == ("chain", "draw", "benchmark")
    assert posterior["exponent_family"].dims == ("chain", "draw", "family")
    assert posterior["run_effect"].sizes["run"] == len(families_fit.reference.runs)
    assert families_fit.tree["observed_data"]["accuracy"].dims == ("observation",)


def test_log_likelihood_is_that_of_the_scores(families_fit):
    values = {str(name): array.to_numpy() for name, array in families_fit.posterior.items()}
    expected, sd = fitted_moments(families_fit.law, families_fit.reference, families_fit.rows, values)
    accuracy = families_fit.runs.frame["accuracy"].to_numpy()
    density = np.exp(-0.5 * ((accuracy - expected) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
    assert np.allclose(families_fit.tree["log_likelihood"]["accuracy"], np.log(density))


def test_diagnostics_name_what_decides(cerebras_fit):
    table = cerebras_fit.diagnostics()
    assert {"r_hat", "ess_bulk", "ess_tail", "worst", "decides", "divergences", "e_bfmi"} == set(table.columns)
    deciding = set(table.index[table["decides"]])
    assert {"level", "exponent", "expected", "exponent_population", "run_sd", "benchmark_amplitude"} <= deciding
    assert not deciding & {"ceiling", "run_effect", "benchmark_deviation", "sampler"}
    r_hat = float(az.rhat(cerebras_fit.posterior["exponent"]).max())
    assert table.loc["exponent", "r_hat"] == pytest.approx(r_hat)
    assert table.loc["sampler", "e_bfmi"] > 0.3


def test_a_short_fit_says_what_is_wrong_and_what_to_do(families_fit):
    assert not families_fit.converged
    assert "bulk ESS down to" in families_fit.verdict
    assert "Fit again with more draws" in families_fit.verdict
    assert "not converged" in repr(families_fit)


def test_save_and_load_forecast_the_same_numbers(families_fit, tmp_path):
    path = families_fit.save(tmp_path / "fit.nc")
    loaded = bs.load_fit(path)
    at = bs.budgets(flops=[1e22, 1e23])
    a, b = (bs.forecast(fit, at, random_seed=3) for fit in (families_fit, loaded))
    assert a.draws.equals(b.draws)
    assert loaded.law == families_fit.law
    assert loaded.runs == families_fit.runs
    assert loaded.provenance == families_fit.provenance
    assert loaded.converged == families_fit.converged
    assert loaded.diagnostics().equals(families_fit.diagnostics())
    assert set(loaded.tree.children) == set(families_fit.tree.children)


def test_provenance_names_versions_and_data(cerebras_fit, cerebras_train):
    assert cerebras_fit.provenance["data_hash"] == cerebras_train.data_hash
    assert {"pymc", "nutpie", "arviz", "bayes-scaling"} <= set(cerebras_fit.provenance["versions"])


def test_loading_something_else_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        bs.load_fit(tmp_path / "none.nc")
    other = tmp_path / "other.nc"
    other.write_text("not a fit")
    with pytest.raises(ValueError, match="is not a fit"):
        bs.load_fit(other)


def test_posterior_predictive_on_request(cerebras_fit):
    with_predictive = cerebras_fit.with_posterior_predictive(random_seed=1)
    scores = with_predictive.tree["posterior_predictive"]["accuracy"]
    assert scores.dims == ("chain", "draw", "observation")
    accuracy = cerebras_fit.runs.frame["accuracy"].to_numpy()
    low, high = np.quantile(scores, [0.05, 0.95], axis=(0, 1))
    assert np.mean((accuracy >= low) & (accuracy <= high)) > 0.8
    assert "posterior_predictive" not in cerebras_fit.tree.children


def test_arviz_runs_on_the_tree(cerebras_fit):
    tree = cerebras_fit.with_posterior_predictive(random_seed=1).tree
    summary = az.summary(tree, var_names=["exponent"])
    assert len(summary) == 7
    forest = az.plot_forest(tree, var_names=["exponent"], backend="none")
    assert forest is not None
    assert az.plot_ppc_pit(tree, var_names=["accuracy"], backend="none") is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run's row may be influential: ArviZ says so by a warning
        loo = az.loo(tree)
    assert np.isfinite(loo.elpd)
