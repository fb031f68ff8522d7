import warnings

import arviz as az
import numpy as np
import pytest
import xarray as xr
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import quiet_forecast
from bayes_scaling.model.curve import fitted_moments
from bayes_scaling.model.scores import Scores
from bayes_scaling.sampling.tree import telling_rows


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


def test_log_likelihood_is_computed_when_asked_for(families_fit, tmp_path, monkeypatch):
    """In chunks of draws, which change nothing; a saved fit is without it."""
    assert "log_likelihood" not in families_fit.stored
    loaded = bs.load_fit(families_fit.save(tmp_path / "fit.nc"))
    assert "log_likelihood" not in loaded.stored
    monkeypatch.setattr("bayes_scaling.posterior.groups._AT_A_TIME", 7 * 2 * len(families_fit.rows))
    xr.testing.assert_allclose(loaded.tree["log_likelihood"].dataset, families_fit.tree["log_likelihood"].dataset)


def test_convergence_is_judged_at_rows_that_tell(families_fit):
    rows = families_fit.rows
    chosen = telling_rows(rows)
    assert len(chosen) < len(rows)
    assert set(rows.run[chosen]) == set(rows.run)
    for curve in np.unique(rows.curve):
        own = rows.log_flops[rows.curve == curve]
        told = rows.log_flops[chosen][rows.curve[chosen] == curve]
        assert {own.min(), own.max()} <= set(told)


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
    a, b = (quiet_forecast(fit, at, random_seed=3) for fit in (families_fit, loaded))
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


# The other laws -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["ratio_fit", "rates_fit", "linear_fit", "counts_fit", "two_stage_fit"])
def other_fit(request):
    return request.getfixturevalue(request.param)


def test_trees_of_every_law_are_complete(other_fit):
    tree, observed = other_fit.tree, other_fit.fitted.observed
    of_scores = isinstance(observed, Scores)
    assert {"posterior", "observed_data", "constant_data", "log_likelihood", "diagnostics"} <= set(tree.children)
    log_likelihood = tree["log_likelihood"][observed.name]
    assert log_likelihood.dims == ("chain", "draw", "observation" if of_scores else "set")
    assert log_likelihood.sizes[log_likelihood.dims[-1]] == len(other_fit.rows)
    assert len(tree["observed_data"]["observation"]) == len(other_fit.runs)
    posterior = other_fit.posterior
    for coefficient in other_fit.law.coefficients:
        assert posterior[coefficient.name].dims == ("chain", "draw", "curve")
    if not of_scores:
        assert posterior["set_effect"].sizes["set"] == len(other_fit.rows) == 10
        sets = tree["constant_data"]["set"]
        assert sets["run"].to_numpy().tolist() == [f"run{i}" for i in range(5) for _ in range(2)]


def test_diagnostics_of_every_law_look_at_its_coefficients(other_fit):
    table = other_fit.diagnostics()
    deciding = set(table.index[table["decides"]])
    names = {coefficient.name for coefficient in other_fit.law.coefficients} & set(table.index)
    assert {"level", "exponent", "expected"} <= names | deciding
    assert names <= deciding
    assert "not converged" in repr(other_fit)


def test_fits_of_every_law_are_loaded_as_they_were_saved(other_fit, tmp_path):
    loaded = bs.load_fit(other_fit.save(tmp_path / "fit.nc"))
    assert loaded.law == other_fit.law
    assert loaded.reference.to_json() == other_fit.reference.to_json()
    assert loaded.diagnostics().equals(other_fit.diagnostics())
    assert loaded.summary().equals(other_fit.summary())
    at = other_fit.runs if isinstance(other_fit.fitted.observed, Scores) else bs.budgets(1e22, k=[1, 50])
    one, two = (bs.forecast(fit, at, random_seed=3) for fit in (other_fit, loaded))
    assert one.draws.equals(two.draws)
    assert one.notes == two.notes


def test_arviz_runs_on_trees_of_every_law(other_fit):
    replicated = other_fit.with_posterior_predictive(random_seed=1)
    name = other_fit.fitted.observed.name
    measured = other_fit.tree["observed_data"][name].to_numpy()
    drawn = replicated.tree["posterior_predictive"][name].to_numpy().reshape(-1, len(measured))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    assert np.mean((measured >= low) & (measured <= high)) > 0.8
    assert len(az.summary(replicated.tree, var_names=["exponent"])) == len(other_fit.reference.curve_labels)
    assert az.plot_forest(replicated.tree, var_names=["exponent"], backend="none") is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few draws and influential rows: ArviZ says so by warnings
        assert az.plot_ppc_pit(replicated.tree, var_names=[name], backend="none") is not None
        assert np.isfinite(az.loo(replicated.tree, var_name=name).elpd)


@pytest.fixture(
    params=[
        *("cerebras_fit", "families_fit", "ratio_fit", "rates_fit", "linear_fit", "counts_fit"),
        *("two_stage_fit", "losses", "sigmoid", "broken power"),
    ]
)
def every_fit(request, families_runs):
    """A fit of each law, of attempts one of each kind, of the two-stage law one of each stage."""
    if request.param == "losses":
        return request.getfixturevalue("two_stage_fit").stage_one
    if request.param in ("sigmoid", "broken power"):
        law = bs.SigmoidLaw() if request.param == "sigmoid" else bs.BrokenPowerLaw()
        return prior_fit(law, families_runs, draws=50)
    return request.getfixturevalue(request.param)


def test_arviz_summarises_whole_trees(every_fit):
    tree = every_fit.tree
    entries = sum(array[0, 0].size for array in every_fit.posterior.values())
    summary = az.summary(tree)
    assert len(summary) == entries
    assert f"exponent[{every_fit.reference.curve_labels[0]}]" in summary.index
    for of_tree in (az.ess, az.rhat, az.mcse):
        assert set(of_tree(tree).data_vars) == set(every_fit.posterior)


@pytest.mark.parametrize(
    "plot", ["plot_convergence_dist", "plot_trace_dist", "plot_trace", "plot_dist", "plot_forest", "plot_parallel"]
)
def test_arviz_draws_whole_trees(every_fit, plot):
    with az.rc_context({"plot.max_subplots": 2000}):
        assert getattr(az, plot)(every_fit.tree, backend="none") is not None


@pytest.mark.parametrize("plot", ["plot_ppc_pit", "plot_ppc_interval", "plot_ppc_tstat"])
def test_arviz_compares_whole_trees_with_what_was_observed(every_fit, plot):
    """Without being told which variable was observed."""
    replicated = every_fit.with_posterior_predictive(random_seed=1)
    assert getattr(az, plot)(replicated.tree, backend="none") is not None


def test_coordinates_are_those_of_dimensions(every_fit):
    posterior = every_fit.posterior
    assert set(posterior.coords) <= set(posterior.dims)
    assert set(posterior["exponent"].coords) == {"chain", "draw", "curve"}
    [label] = posterior["exponent"].sel(curve=[every_fit.reference.curve_labels[-1]])["curve"].values
    assert label == every_fit.reference.curve_labels[-1]
