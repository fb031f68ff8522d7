import numpy as np
import pytest

from bayes_scaling.evaluation.variance_shares import variance_shares

SIZE = 8000


def shares(model, sds, seed):
    rng = np.random.default_rng(seed)
    draws = [sd * rng.standard_normal((SIZE, 1)) for sd in sds]
    return variance_shares(lambda take: model(*(d[at] for d, at in zip(draws, take, strict=True))), len(sds), SIZE, rng)


def pipeline(loss, loss_noise, slope, score_noise):
    """Linear stages with Gaussian parameters: the slope of stage two multiplies the loss."""
    return (2.0 + slope) * (loss + loss_noise) + score_noise


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shares_of_linear_gaussian_stages_are_those_in_closed_form(seed):
    sds = (0.5, 0.3, 0.4, 0.8)
    found = shares(pipeline, sds, seed)
    loss, noise, slope, score = np.square(sds)
    parts = np.array([4 * loss, 4 * noise, 0.0, score])
    together = np.array([slope * loss, slope * noise])
    variance = parts.sum() + together.sum()
    total = (parts + np.array([together[0], together[1], together.sum(), 0.0])) / variance
    assert found.variance[0] == pytest.approx(variance, rel=0.05)
    assert (np.abs(found.first[:, 0] - parts / variance) < 4 * found.first_error[:, 0] + 1e-12).all()
    assert (np.abs(found.total[:, 0] - total) < 4 * found.total_error[:, 0] + 1e-12).all()
    assert (found.first_error < 0.03).all()
    assert found.first.sum() + found.interaction[0] == pytest.approx(1.0)


def test_a_stage_without_noise_has_no_share():
    found = shares(pipeline, (0.5, 0.0, 0.4, 0.8), 1)
    assert found.total[1, 0] == 0.0
    assert found.first[1, 0] == 0.0
    assert found.total[0, 0] > 0.3


def test_errors_are_those_of_repetition():
    found = [shares(pipeline, (0.5, 0.3, 0.4, 0.8), seed) for seed in range(40)]
    spread = np.std([f.first[:, 0] for f in found], axis=0)
    stated = np.mean([f.first_error[:, 0] for f in found], axis=0)
    assert stated == pytest.approx(spread, rel=0.5)


def test_what_does_not_vary_has_no_shares():
    found = variance_shares(lambda take: np.ones((len(take[0]), 2)), 2, 100, np.random.default_rng(1))
    assert np.isnan(found.first).all()
    with pytest.raises(ValueError, match="size is 10; expected at least 40"):
        variance_shares(lambda take: np.ones((len(take[0]), 1)), 2, 10, np.random.default_rng(1))
