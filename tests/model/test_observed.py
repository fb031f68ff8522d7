import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

import bayes_scaling as bs
from bayes_scaling.laws.hazards import beta_shapes
from bayes_scaling.model.attempts.likelihood import Counts, Rates, set_curves
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.scores import Scores
from bayes_scaling.model.specification import specify


def one_draw(spec, seed=1):
    rng = np.random.default_rng(seed)
    return prior_vectors(spec.law, spec.layout, spec.reference, rng, 1)


def spec_of(name, request):
    match name:
        case "student-t":
            return specify(
                bs.DirectLaw(degrees_of_freedom=bs.LogNormal(4.0, 0.3)), request.getfixturevalue("families_runs")
            )
        case "ratio":
            return specify(bs.RatioLaw(), request.getfixturevalue("families_runs"))
        case "rates":
            return specify(bs.PassAtKLaw(), request.getfixturevalue("rates_runs_of_five"))
        case "linear":
            return specify(bs.PassAtKLaw(form="log-linear"), request.getfixturevalue("rates_runs_of_five"))
        case "counts":
            return specify(bs.PassAtKLaw(), request.getfixturevalue("counts_runs_of_five"))


@pytest.mark.parametrize("name", ["student-t", "ratio", "rates", "linear", "counts"])
def test_graph_and_numpy_agree(name, request):
    from bayes_scaling.sampling.graph import build_model

    spec = spec_of(name, request)
    vectors, model = one_draw(spec), build_model(spec)
    named = unpack(spec.law, spec.reference, spec.layout, vectors)
    ours = spec.observed.log_likelihood(spec.reference, spec.rows, named).sum()
    values = {model.rvs_to_values[rv].name: vectors[rv.name][0] for rv in model.free_RVs}
    values = {name: np.log(array) if name.endswith("_log__") else array for name, array in values.items()}
    if name == "counts":
        [likelihood] = model.replace_rvs_by_values(model.potentials)
    else:
        likelihood = model.logp(vars=model.observed_RVs)
    inputs = [model.rvs_to_values[rv] for rv in model.free_RVs]
    graph = model.compile_fn(likelihood, inputs=inputs, mode="FAST_COMPILE", on_unused_input="ignore")
    assert float(graph(values)) == pytest.approx(float(ours), rel=1e-8)


def test_counts_are_beta_binomial(counts_runs_of_five):
    spec = specify(bs.PassAtKLaw(), counts_runs_of_five)
    assert isinstance(spec.observed, Counts)
    named = unpack(spec.law, spec.reference, spec.layout, one_draw(spec))
    error, effect, at = set_curves(spec.law, spec.reference, spec.rows, named)
    a, b = (shape[0] for shape in beta_shapes(error, spec.law.log_bend(error, effect, at)))
    sets = spec.observed.sets
    expected = stats.betabinom.logpmf(sets.n_correct, sets.n_samples, a[sets.of_row], b[sets.of_row])
    found = spec.observed.log_likelihood(spec.reference, spec.rows, named)[0]
    assert found == pytest.approx(np.bincount(sets.of_row, expected), rel=1e-8)
    terms = spec.observed.terms(spec.reference, spec.rows, named, gammaln)
    assert terms.shape[-1] < len(counts_runs_of_five)  # equal counts are computed once


def test_rates_are_normal_after_their_rotation(rates_runs_of_five):
    spec = specify(bs.PassAtKLaw(), rates_runs_of_five)
    assert isinstance(spec.observed, Rates)
    named = unpack(spec.law, spec.reference, spec.layout, one_draw(spec))
    mean, sd = spec.observed.moments(spec.reference, spec.rows, named)
    expected = stats.norm.logpdf(spec.observed.values, mean, sd).sum()
    assert spec.observed.log_likelihood(spec.reference, spec.rows, named).sum() == pytest.approx(expected)


def test_both_forms_see_the_same_values(rates_runs_of_five):
    """So that their log likelihoods can be compared."""
    tail, linear = (specify(bs.PassAtKLaw(form=form), rates_runs_of_five).observed for form in ("tail", "log-linear"))
    assert np.array_equal(tail.values, linear.values)


def test_unknown_numbers_of_problems_rescale_the_noise(rates_runs_of_five):
    frame = rates_runs_of_five.frame.drop(columns="n_items")
    spec = specify(bs.PassAtKLaw(), bs.Runs(frame))
    named = unpack(spec.law, spec.reference, spec.layout, one_draw(spec))
    sd = spec.observed.sd(spec.rows, named)
    fewer = spec.observed.sd(spec.rows, named | {"items": named["items"] / 4})
    assert fewer == pytest.approx(2 * sd)


def test_scores_of_the_other_laws_are_what_they_were(cerebras_spec):
    assert isinstance(cerebras_spec.observed, Scores)


def test_a_loss_is_normal_about_its_curve(cerebras_train):
    spec = specify(bs.TwoStageLaw(), cerebras_train).stage_one
    drawn = prior_vectors(spec.law, spec.layout, spec.reference, np.random.default_rng(1), 3)
    named = unpack(spec.law, spec.reference, spec.layout, drawn)
    mean, sd = spec.observed.moments(spec.reference, spec.rows, named)
    found = spec.observed.log_likelihood(spec.reference, spec.rows, named)
    losses = cerebras_train.frame.drop_duplicates("run")["loss"].to_numpy()
    np.testing.assert_allclose(found, stats.norm.logpdf(np.log(losses), mean, sd))
    np.testing.assert_allclose(sd, np.sqrt(1e-6 + named["law_noise"][:, spec.rows.benchmark] ** 2))
    again = spec.observed.replicate(spec.reference, spec.rows, named, np.random.default_rng(2))
    assert again.shape == (3, 5)
    assert (np.abs(np.log(again) - mean) < 6 * sd).all()
