import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.specification import specify


def prior_named(spec, size=4000, seed=1):
    rng = np.random.default_rng(seed)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, size)
    return unpack(spec.law, spec.reference, spec.layout, vectors)


def test_population_and_scales_follow_their_priors(families_spec):
    named = prior_named(families_spec)
    for parameter in ("level_population", "exponent_population", "run_sd", "curve_amplitude", "law_noise_spread"):
        prior = families_spec.law.prior_of(parameter)
        low, high = prior.interval(0.9)
        assert np.mean((named[parameter] > low) & (named[parameter] < high)) == pytest.approx(0.9, abs=0.02)


def test_curves_spread_as_the_scales_say_whatever_the_centredness(families_spec):
    """Centred and non-centred effects have one and the same prior."""
    law = families_spec.law.with_priors(
        level=0.2, level_benchmark_sd=0.5, level_family_sd=0.1, level_interaction_sd=0.08
    )
    spec = specify(law, families_spec.runs)
    level = prior_named(spec)["level"]
    variance = 0.5**2 + 0.1**2 * (1 - 1 / 3) + 0.08**2
    assert level.mean(axis=0) == pytest.approx(0.2, abs=0.05)
    assert level.var(axis=0) == pytest.approx(variance, rel=0.1)
    same_benchmark = np.array(spec.reference.curve_benchmark) == spec.reference.curve_benchmark[0]
    a, b = np.flatnonzero(same_benchmark)[:2]
    covariance = np.cov(level[:, a], level[:, b])[0, 1]
    assert covariance == pytest.approx(0.5**2 - 0.1**2 / 3, rel=0.1)


def test_exponents_are_positive_and_families_sum_to_zero(families_spec):
    named = prior_named(families_spec)
    assert named["exponent"].min() > 0
    assert named["exponent_family"].sum(axis=1) == pytest.approx(0, abs=1e-9)
    members = np.array(families_spec.reference.run_family)
    for family in range(3):
        assert named["run_effect"][:, members == family].sum(axis=1) == pytest.approx(0, abs=1e-9)


def test_ceilings_may_vanish(families_spec):
    ceiling = prior_named(families_spec)["ceiling"]
    assert 0.05 < np.mean(ceiling < 0.01) < 0.2
    assert np.mean(ceiling > 0.5) < 0.01


def test_leading_axes_do_not_matter(families_spec):
    rng = np.random.default_rng(3)
    vectors = prior_vectors(families_spec.law, families_spec.layout, families_spec.reference, rng, 6)
    flat = unpack(families_spec.law, families_spec.reference, families_spec.layout, vectors)
    split = {name: value.reshape(2, 3, -1) for name, value in vectors.items()}
    nested = unpack(families_spec.law, families_spec.reference, families_spec.layout, split)
    for name, value in flat.items():
        assert np.array_equal(nested[name].reshape(value.shape), value)


def test_without_a_spread_all_benchmarks_are_the_population(cerebras_train):
    law = bs.DirectLaw(exponent_benchmark_sd=None)
    named = prior_named(specify(law, cerebras_train), size=5)
    assert np.allclose(named["exponent"], named["exponent_population"][:, None])


def test_the_scatter_at_chance_is_a_benchmarks_own_unless_they_are_to_share_it(cerebras_train):
    named = prior_named(specify(bs.DirectLaw(), cerebras_train), size=50)
    assert named["chance_jitter"].shape == (50, len(cerebras_train.frame["benchmark"].unique()))
    assert (named["chance_jitter"].std(axis=1) > 0).all()
    alike = prior_named(specify(bs.DirectLaw(chance_jitter_spread=None), cerebras_train), size=50)
    assert (alike["chance_jitter"] == alike["chance_jitter_population"][:, None]).all()


def test_what_a_whole_table_misses_is_one_deviation_for_all_its_families_and_benchmarks(families_spec, cerebras_train):
    named = prior_named(families_spec, size=50)
    assert named["table_deviation"].shape[1] == families_spec.reference.bases["table"][0].size > 0
    assert "table" not in specify(bs.DirectLaw(), cerebras_train).reference.bases  # one family: that is the family's
    without = families_spec.law.with_priors(table_amplitude=None)
    assert "table" not in specify(without, families_spec.runs).reference.bases
