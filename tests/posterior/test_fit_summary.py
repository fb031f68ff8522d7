import numpy as np
import pytest
from prior_fits import prior_fit

from bayes_scaling import DirectLaw, Normal, PassAtKLaw, RatioLaw
from bayes_scaling.laws.priors import Fixed, LogNormal
from bayes_scaling.posterior.ceilings import ceiling_prior, highest_accuracies, prior_share, quantiles


def rows(table, quantity):
    return table[table["quantity"] == quantity]


def test_each_curve_has_each_quantity(cerebras_fit):
    table = cerebras_fit.summary()
    for quantity in ("exponent", "asymptotic_exponent", "level", "highest_accuracy", "ceiling"):
        assert rows(table, quantity)["benchmark"].tolist() == list(cerebras_fit.reference.labels), quantity
    assert not table.duplicated(["quantity", "family", "benchmark"]).any()
    assert "exponent_family" not in set(table["quantity"])


def test_families_have_curves_effects_and_spreads(families_fit):
    table = families_fit.summary()
    assert len(rows(table, "exponent")) == 9
    assert rows(table, "exponent_family")["family"].tolist() == list(families_fit.reference.families)
    assert len(rows(table, "exponent_family_sd")) == len(rows(table, "exponent_interaction_sd")) == 1
    np.testing.assert_allclose(rows(table, "exponent_family")["mean"].sum(), 0, atol=1e-8)


def test_numbers_are_those_of_the_draws(cerebras_fit):
    table = cerebras_fit.summary(prob=0.5)
    draws = cerebras_fit.posterior["exponent"].sel(curve="piqa").to_numpy().ravel()
    [row] = rows(table, "exponent").query("benchmark == 'piqa'").to_dict("records")
    np.testing.assert_allclose([row["mean"], row["median"], row["sd"]], [draws.mean(), np.median(draws), draws.std()])
    np.testing.assert_allclose([row["low_50"], row["high_50"]], np.quantile(draws, [0.25, 0.75]))


def test_the_asymptotic_exponent_exceeds_the_local_one_and_the_highest_accuracy_the_scores(cerebras_fit):
    table = cerebras_fit.summary()
    assert (rows(table, "asymptotic_exponent")["mean"].to_numpy() > rows(table, "exponent")["mean"].to_numpy()).all()
    best = cerebras_fit.runs.frame.groupby("benchmark")["accuracy"].max()
    highest = rows(table, "highest_accuracy").set_index("benchmark")
    assert (highest["median"] > best[highest.index]).all()
    assert (highest[["low_90", "high_90"]] <= 1).all(axis=None)


def test_benchmarks_carry_their_reference_budget_chance_and_floor(cerebras_fit):
    table = cerebras_fit.summary().query("benchmark == 'arc_challenge'")
    [known] = [b for b in cerebras_fit.reference.benchmarks if b.label == "arc_challenge"]
    np.testing.assert_allclose(table["reference_flops"], np.exp(known.centre["flops"]))
    np.testing.assert_allclose(table["chance"], 0.25)
    np.testing.assert_allclose(table["floor"], known.floor)


def test_ceilings_of_few_small_runs_are_mostly_the_prior(cerebras_fit):
    table = cerebras_fit.summary()
    assert (rows(table, "ceiling")["prior_share"] > 0.8).all()
    assert rows(table, "exponent")["prior_share"].isna().all()
    population = rows(table, "exponent_population")
    assert (population["prior_share"] < 0.7).all()
    np.testing.assert_allclose(population["prior_median"], DirectLaw().prior("exponent").median)


@pytest.mark.parametrize("prob", [0.0, 1.0, 90])
def test_a_prob_that_is_none_is_refused(cerebras_fit, prob):
    with pytest.raises(ValueError, match=f"prob is {prob}"):
        cerebras_fit.summary(prob)


def test_without_ceiling_every_curve_may_reach_1(cerebras_fit):
    draws = {"level": np.zeros((5, len(cerebras_fit.reference.curve_benchmark)))}
    assert (highest_accuracies(cerebras_fit.reference, draws) == 1).all()


@pytest.mark.parametrize("prior", [Normal(0.3, 1.0), LogNormal(0.2, 0.5)])
def test_quantiles_stand_for_the_prior(prior):
    values = quantiles(prior)
    assert (np.diff(values) > 0).all()
    np.testing.assert_allclose(np.quantile(values, [0.05, 0.95]), prior.interval(0.9), rtol=0.03)
    np.testing.assert_allclose(np.median(values), prior.median, rtol=0.01)


def test_the_prior_of_a_ceiling_is_a_half_normal_over_its_scale():
    drawn = LogNormal(0.1, 0.5).sample(rng := np.random.default_rng(1), 200_000) * np.abs(rng.standard_normal(200_000))
    probabilities = [0.1, 0.5, 0.9]
    expected = np.quantile(drawn, probabilities)
    np.testing.assert_allclose(np.quantile(ceiling_prior(LogNormal(0.1, 0.5)), probabilities), expected, rtol=0.02)


def test_prior_share_is_1_for_the_prior_a_tenth_far_away_and_the_same_on_every_scale():
    prior, rng = LogNormal(0.1, 0.5), np.random.default_rng(1)
    values = quantiles(prior)
    assert prior_share(prior.sample(rng, 20_000), values) > 0.98
    assert prior_share(np.full(1000, 50.0), values) == pytest.approx(0.1)
    draws = LogNormal(0.15, 0.2).sample(rng, 1000)
    assert prior_share(np.log(draws), np.log(values)) == pytest.approx(prior_share(draws, values), abs=0.01)


def test_a_fixed_population_is_all_prior(cerebras_fit):
    values = ceiling_prior(Fixed(0.1))
    assert values.min() > 0
    np.testing.assert_allclose(np.median(values), 0.0674, rtol=0.01)


AT_ONE = {"level", "exponent", "exponent_after", "highest_accuracy", "ceiling"}


@pytest.mark.parametrize(
    ("law", "name", "quantities"),
    [
        (
            RatioLaw(),
            "families_runs",
            {"split", "tilt", "params_exponent", "tokens_exponent", "params_share"} | (AT_ONE - {"exponent_after"}),
        ),
        (PassAtKLaw(), "rates_runs_of_five", {"bend", "bend_slope", "curvature", "bend_at_reference"} | AT_ONE),
        (PassAtKLaw(form="log-linear"), "rates_runs_of_five", {"gain", "interaction"} | AT_ONE),
        (PassAtKLaw(), "counts_runs_of_five", {"bend", "bend_at_reference"} | AT_ONE),
        (PassAtKLaw(inputs="ratio"), "rates_runs_of_five", {"split", "params_exponent", "bend_at_reference"}),
    ],
    ids=["ratio", "tail", "log-linear", "counts", "tail of ratio"],
)
def test_every_law_has_its_quantities_for_each_curve(law, name, quantities, request):
    fit = prior_fit(law, request.getfixturevalue(name), draws=100)
    table = fit.summary()
    assert quantities <= set(table["quantity"])
    assert not table.duplicated(["quantity", "family", "benchmark"]).any()
    of_curves = table[table["quantity"].isin(quantities - {"ceiling"})].groupby("quantity").size()
    assert (of_curves == len(fit.reference.curve_labels)).all()
    numbers = table[["mean", "median", "sd", "low_90", "high_90"]]
    assert np.isfinite(numbers).all(axis=None)
    assert (table["low_90"] <= table["high_90"]).all()


def test_reference_budgets_are_those_that_the_law_reads(families_runs, cerebras_fit):
    of_ratio = prior_fit(RatioLaw(), families_runs, draws=50)
    table = of_ratio.summary().query("quantity == 'level'").set_index("benchmark")
    for name in ("flops", "params", "tokens"):
        expected = [np.exp(b.centre[name]) for b in of_ratio.reference.benchmarks for _ in range(3)]
        np.testing.assert_allclose(table[f"reference_{name}"], expected)
    assert not {"reference_params", "reference_tokens"} & set(cerebras_fit.summary())
