"""Simulation-based calibration: its statistics, what it simulates, ten simulations, and the stored study."""

from pathlib import Path

import numpy as np
import pytest
from serial_executor import SerialExecutor

from bayes_scaling.evaluation.simulation.calibration import (
    RANKS,
    _draw,
    _measure,
    _specification,
    simulate_ranks,
)
from bayes_scaling.evaluation.simulation.ranks import Calibration, bands, read_ranks, uniform_p_value
from bayes_scaling.laws import templates

STUDIES = Path(__file__).parents[2] / "studies"


class TestStatistics:
    def test_uniform_ranks_seldom_look_uneven(self):
        rng = np.random.default_rng(1)
        values = [uniform_p_value(rng.integers(0, 101, 200), 100, simulations=2000) for _ in range(200)]
        assert 0.01 <= np.mean(np.array(values) < 0.05) <= 0.11

    @pytest.mark.parametrize(
        "draw", [lambda r: r.beta(2.0, 2.0, 200), lambda r: r.beta(0.6, 0.6, 200), lambda r: r.beta(1.3, 1, 200)]
    )
    def test_uneven_ranks_are_found(self, draw):
        ranks = np.floor(101 * draw(np.random.default_rng(2))).astype(int)
        assert uniform_p_value(ranks, 100, simulations=5000) < 0.01

    def test_bands_hold_uniform_ranks_together(self):
        low, high = bands(200, 100, 0.95, simulations=5000)
        rng = np.random.default_rng(3)
        share = np.array([np.cumsum(np.bincount(rng.integers(0, 101, 200), minlength=101)) / 200 for _ in range(400)])
        inside = ((share >= low) & (share <= high)).all(axis=1).mean()
        assert inside == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("template", templates())
def test_measurements_follow_the_likelihood(template):
    """Log density of simulated measurements under their own truth has the mean that its moments imply."""
    spec = _specification(template)
    rng = np.random.default_rng(5)
    truth, measured = _draw(spec, rng)
    assert measured.response.shape == spec.response.shape
    assert np.isfinite(measured.response).all()
    named = {name: values[0] for name, values in truth.values.items()}
    if template == "pass-at-k-counts":
        counts = np.array([_measure(spec, named, rng)[0].sets.n_correct for _ in range(300)])
        expected = spec.observed.expected(spec.reference, spec.rows, named)[spec.observed.sets.of_row]
        n = spec.observed.sets.n_samples
        sets = spec.observed.sets.of_row
        gap = np.bincount(sets, (counts.mean(axis=0) / n - expected)) / np.bincount(sets)
        assert np.abs(gap).max() < 0.05
        return
    mean, sd = spec.observed.moments(spec.reference, spec.rows, named)
    z = np.array([(_measure(spec, named, rng)[0].values - mean) / sd for _ in range(200)])
    assert z.mean() == pytest.approx(0.0, abs=0.05)
    assert z.std() == pytest.approx(1.0, abs=0.05)


@pytest.fixture(scope="module")
def ten():
    return simulate_ranks("direct", 10, draws=150, tune=400, executor=SerialExecutor())


def test_ten_simulations_of_the_direct_law_rank_evenly(ten):
    assert ten.ranks["simulation"].nunique() == 10
    assert ten.ranks["rank"].between(0, RANKS).all()
    assert {"level_population", "exponent of a curve", "forecast score"} <= set(ten.ranks["quantity"])
    table = ten.table()
    assert (table["p_corrected"] > 0.001).all(), table.to_string()
    assert 0.35 < table["mean"].mean() < 0.65
    assert not ten.failed


def test_ranks_are_saved_drawn_and_said(ten, tmp_path):
    path = ten.to_csv(tmp_path / "ranks.csv", "made so")
    assert path.read_text().startswith("# Made by: made so\n")
    again = read_ranks(path)
    assert again.table()["p"].tolist() == ten.table()["p"].tolist()
    assert "10 simulations of" in again.sentence
    panels = [axes for axes in again.plot().axes if axes.get_title(loc="left")]
    assert len(panels) == len(ten.table())


def test_a_wrong_model_is_found():
    ranks = read_ranks(STUDIES / "sbc_direct.csv").ranks
    shifted = ranks.assign(rank=np.minimum(ranks["rank"] + 20 * (ranks["quantity"] == "dispersion"), RANKS))
    result = Calibration(shifted)
    assert result.table().set_index("quantity").loc["dispersion", "uniform"] == np.False_
    assert "not uniform are the ranks of" in result.sentence


PATHS = {name: STUDIES / f"sbc_{name.replace('-', '_')}.csv" for name in templates()}
STORED = {name: path for name, path in PATHS.items() if path.is_file()}


def test_the_laws_that_are_no_mere_alternatives_have_a_stored_study():
    assert set(STORED) >= {"direct", "ratio", "pass-at-k", "pass-at-k-counts", "two-stage"}


@pytest.mark.parametrize("template", STORED)
def test_the_stored_study_is_uniform(template):
    path = STORED[template]
    assert path.read_text().startswith(f"# Made by: bayes-scaling sbc {template} --simulations ")
    table = read_ranks(path).table()
    fewest = 50 if template.startswith(("pass-at-k", "general")) else 200
    assert read_ranks(path).ranks["simulation"].nunique() >= fewest
    assert table["simulations"].min() >= 0.97 * fewest
    assert table["uniform"].all(), table[~table["uniform"]].to_string()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mystery", 3), "'mystery'; expected one of general"),
        (("direct", 0), "simulations is 0; expected a whole number, at least 1"),
    ],
)
def test_what_cannot_be(words, said):
    with pytest.raises(ValueError, match=said):
        simulate_ranks(*words)
