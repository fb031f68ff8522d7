import re

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import forecast_from, planned_points
from bayes_scaling.planning.targets import without_deviation


@pytest.fixture(scope="module")
def answer(cerebras_fit):
    return bs.budget_for(cerebras_fit, "hellaswag", 0.6)


def probability_at(fit, flops, target, of="score"):
    found = bs.forecast(fit, bs.budgets(flops=flops, benchmark="hellaswag"), random_seed=5)
    return bs.probability_of(found, target, of).table()["probability"].item()


@pytest.mark.parametrize("of", ["score", "expected"])
@pytest.mark.parametrize(("target", "probability"), [(0.45, 0.5), (0.6, 0.9), (0.6, 0.2)])
def test_it_inverts_probability_of(cerebras_fit, target, probability, of):
    found = bs.budget_for(cerebras_fit, "hellaswag", target, probability, of=of)
    assert found.outcome == "reached"
    assert probability_at(cerebras_fit, found.flops, target, of) == pytest.approx(probability, abs=0.03)


def test_a_higher_probability_or_target_never_needs_less(cerebras_fit):
    for_probability = [bs.budget_for(cerebras_fit, "hellaswag", 0.55, p).flops for p in (0.1, 0.5, 0.8, 0.9)]
    for_target = [bs.budget_for(cerebras_fit, "hellaswag", t, 0.8).flops for t in (0.4, 0.45, 0.5, 0.55, 0.6)]
    assert np.all(np.diff(for_probability) > 0)
    assert np.all(np.diff(for_target) > 0)


def test_curves_pass_where_a_fine_grid_says(cerebras_fit, answer):
    grid = np.geomspace(1e21, 1e26, 1001)
    found = bs.forecast(cerebras_fit, bs.budgets(flops=grid.tolist(), benchmark="hellaswag"), random_seed=9)
    above = found.draws["expected"].to_numpy() >= 0.6
    brute = np.where(above.any(axis=1), grid[above.argmax(axis=1)], np.inf)
    # Where draws hardly pass at all, few of them say where: the upper tail is less sure.
    for q, most in ((0.1, 0.15), (0.5, 0.15), (0.8, 0.35)):
        ours, theirs = (np.quantile(values, q, method="inverted_cdf") for values in (answer.passes, brute))
        assert np.log(ours) == pytest.approx(np.log(theirs), abs=most)


def test_without_what_the_law_misses_the_probability_rises_with_the_budget(cerebras_fit):
    points = planned_points(cerebras_fit, bs.budgets(flops=[1e20, 1e22, 1e24, 1e26], benchmark="hellaswag"))
    draws = without_deviation(cerebras_fit.draws(np.random.default_rng(0)))
    found = forecast_from(draws, cerebras_fit.fitted, points, notes=())
    assert (np.diff(found.draws["expected"].to_numpy(), axis=1) > 0).all()


def test_the_answer_is_said_in_words_and_numbers(answer):
    row = answer.table().iloc[0]
    assert row["flops"] == answer.flops
    assert row["passes"] == np.quantile(answer.passes, 0.5, method="inverted_cdf")
    assert row["passes_low_80"] < row["passes"] < row["passes_high_80"]
    assert answer.sentence.startswith(f"A run of {row['flops']:.3g} FLOPs".replace("e+", "e"))
    assert (
        " scores at least 0.6 on hellaswag with 90% probability; the expected curve passes 0.6 at " in answer.sentence
    )
    assert any("decades above the fitted budgets" in note for note in answer.notes)
    assert not any("below the fitted budgets" in note for note in answer.notes)  # of the search, not of the answer


def test_a_cap_bars_what_lies_above_it(cerebras_fit, answer):
    found = bs.budget_for(cerebras_fit, "hellaswag", 0.6, at_most=answer.flops / 3)
    assert found.outcome == "not within at_most"
    assert np.isnan(found.flops)
    assert found.sentence.startswith("No run of at most ")
    assert found.table()["probability_at_most"].item() < 0.9
    assert any(re.fullmatch(r"it takes \S+ FLOPs", note) for note in found.notes)
    assert any(" FLOPs the probability is " in note for note in found.notes)


def test_a_ceiling_bars_and_says_how_much_of_it_is_the_prior(cerebras_fit):
    found = bs.budget_for(cerebras_fit, "piqa", 0.99)
    assert found.outcome == "barred by the ceiling"
    assert "the ceiling of the benchmark bars it" in found.sentence
    [note] = [note for note in found.notes if note.startswith("the ceiling of the benchmark lies above 0.99")]
    assert "of what is said of the ceiling is the prior" in note


def test_too_far_is_not_called_out_of_reach(cerebras_train):
    """A law without a ceiling reaches every target in the end; how far out it may be wrong decides."""
    law = bs.DirectLaw(ceiling=None, benchmark_amplitude=0.2)
    with pytest.warns(bs.ConvergenceWarning):
        fit = bs.fit(
            law, cerebras_train.select(benchmark="piqa"), draws=100, tune=300, random_seed=1, progressbar=False
        )
    found = bs.budget_for(fit, "piqa", 0.8)
    assert found.outcome == "too far to tell"
    assert found.sentence.startswith("Too far to tell which run scores at least 0.8 on piqa with 90% probability; ")


def test_an_easy_target_is_reached_at_the_smallest_budget(cerebras_fit):
    found = bs.budget_for(cerebras_fit, "hellaswag", 0.1)
    assert found.outcome == "reached"
    assert found.flops == pytest.approx(2.6e16, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": 70}, "target is 70; expected a score between 0 and 1"),
        ({"probability": 1.0}, r"probability is 1\.0; expected a probability between 0 and 1"),
        ({"at_most": 1e10}, r"at_most is 10000000000\.0; expected FLOPs above the smallest fitted run's, 2\.6e\+18"),
        ({"benchmark": "gsm8k"}, "benchmark 'gsm8k' was not fitted; the fit knows hellaswag"),
        ({"family": "Pythia"}, "family 'Pythia' was not fitted; the fit knows Cerebras-GPT"),
        ({"k": 8}, r"DirectLaw describes k = 1"),
    ],
)
def test_wrong_questions_are_named(cerebras_fit, arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.budget_for(cerebras_fit, **{"benchmark": "hellaswag", "target": 0.6, **arguments})


def test_of_several_families_one_must_be_named(families_fit):
    with pytest.raises(ValueError, match="family is left out; the fit knows Cerebras-GPT, Pythia, OPT, expected one"):
        bs.budget_for(families_fit, "piqa", 0.7)
    found = bs.budget_for(families_fit, "piqa", 0.7, 0.5, family="Pythia")
    assert found.table()["family"].item() == "Pythia"


def test_a_ratio_moves_the_budget(ratio_fit):
    flops = [bs.budget_for(ratio_fit, "piqa", 0.76, 0.5, family="Pythia", ratio=r).flops for r in (20, 1000)]
    assert flops[1] > 1.2 * flops[0]


def test_the_figure_shows_probability_and_budget(answer):
    axes = answer.plot().axes[0]
    curve = axes.get_lines()[0]
    assert np.array_equal(curve.get_ydata(), answer.curve["probability"])
    assert any("FLOPs" in text.get_text() for text in axes.texts)
