"""What NumPy predicts is what PyMC's own posterior predictive draws, in distribution, for every likelihood of single
values."""

import warnings

import numpy as np
import pymc as pm
import pytest
import xarray as xr

import bayes_scaling as bs
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.graph import build_model

DRAWS = 1500


def specification(law):
    """A law on a table that ships; of two stages stage two, whose stage one is a law of its own."""
    name = "codex_humaneval" if law.observes == "attempts" else "cerebras_gpt"
    return specify(law, bs.load_dataset(name))


CASES = {
    "direct": lambda: specification(bs.DirectLaw()),
    "student-t": lambda: specification(bs.DirectLaw(degrees_of_freedom=8)),
    "ratio": lambda: specification(bs.RatioLaw()),
    "pass@k": lambda: specification(bs.PassAtKLaw()),
    "stage one": lambda: specification(bs.TwoStageLaw()).stage_one,
    "stage two": lambda: specification(bs.TwoStageLaw()),
}


@pytest.mark.parametrize("case", CASES)
def test_moments_and_quantiles_agree(case):
    spec = CASES[case]()
    rng = np.random.default_rng(1)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, 1)
    vectors = {name: np.repeat(values, DRAWS, axis=0) for name, values in vectors.items()}
    named = unpack(spec.law, spec.reference, spec.layout, vectors)
    ours = spec.observed.draw(spec.reference, spec.rows, named, rng)
    model = build_model(spec)
    posterior = xr.Dataset({name: (("chain", "draw", f"{name}_dim"), values[None]) for name, values in vectors.items()})
    with model, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the vectors stay as they are is what is wanted
        drawn = pm.sample_posterior_predictive(
            xr.DataTree.from_dict({"posterior": posterior}),
            var_names=[spec.observed.name],
            random_seed=2,
            progressbar=False,
        )
    theirs = drawn["posterior_predictive"][spec.observed.name].to_numpy()[0]
    spread = ours.std(axis=0)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / spread).max() < 5 * np.sqrt(2 / DRAWS)
    np.testing.assert_allclose(theirs.std(axis=0), spread, rtol=0.12)
    for prob in (0.05, 0.25, 0.75, 0.95):
        gap = np.quantile(ours, prob, axis=0) - np.quantile(theirs, prob, axis=0)
        assert (np.abs(gap) / spread).max() < 0.3


@pytest.mark.parametrize("case", ["direct", "ratio", "stage one", "stage two"])
def test_replications_are_of_the_same_law(case):
    """`Fit.with_posterior_predictive` draws from the same moments, cut to what can be measured."""
    spec = CASES[case]()
    rng = np.random.default_rng(3)
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, 1)
    named = {
        name: np.repeat(v, 4000, axis=0) for name, v in unpack(spec.law, spec.reference, spec.layout, vectors).items()
    }
    drawn = spec.observed.replicate(spec.reference, spec.rows, named, rng)
    mean, sd = (part[0] for part in np.broadcast_arrays(*spec.observed.moments(spec.reference, spec.rows, named)))
    values = np.log(drawn) if spec.observed.name == "loss" else drawn
    inside = (mean - 4 * sd > 0) & (mean + 4 * sd < 1) if spec.observed.name == "accuracy" else np.ones(len(mean), bool)
    assert inside.any()
    np.testing.assert_allclose(values.mean(axis=0)[inside], mean[inside], atol=6 * sd.max() / np.sqrt(4000))
    np.testing.assert_allclose(values.std(axis=0)[inside], sd[inside], rtol=0.08)
