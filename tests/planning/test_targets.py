import re

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import forecast_from, planned_points
from bayes_scaling.planning.targets import without_deviation
from bayes_scaling.wording import known_flops, times_in_words


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
    known = known_flops(row["flops"], row["relative_error"])
    times = times_in_words(row["decades_beyond"])
    assert answer.sentence.startswith(
        f"A run of about {known} FLOPs, {times} the largest fitted run, scores at least 0.6 on hellaswag with 90% "
        "probability; the expected curve passes 0.6 at "
    )
    assert row["decades_beyond"] == pytest.approx(np.log10(row["flops"] / answer.fitted[1]))
    assert "how such forecasts held in the past was not looked at" in answer.sentence
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
    [note] = [note for note in found.notes if note.startswith("the ceiling lies above 0.99")]
    share = int(re.search(r"\((\d+)% of what is said of the ceiling is the prior\)", note)[1])
    assert share >= 80
    assert found.sentence.startswith("Under the assumed ceiling, of which the runs say next to nothing, no run scores")


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
    found = bs.budget_for(cerebras_fit, "hellaswag", 0.251, 0.01)
    assert found.outcome == "reached"
    assert found.flops == pytest.approx(2.6e16, rel=0.3)
    assert "a hundredth of the smallest fitted one" in found.sentence


@pytest.mark.parametrize(("target", "probability"), [(0.45, 0.8), (0.55, 0.9)])
def test_the_answer_is_not_biased_and_neither_seed_nor_end_moves_it(cerebras_fit, target, probability):
    """The probability at the answer, as the mean over eight seeds, is that which was asked."""
    found = [
        bs.budget_for(cerebras_fit, "hellaswag", target, probability, at_most, random_seed=seed)
        for seed, at_most in ((0, 1e28), (0, 1e29), (1, 1e28), (2, 1e31))
    ]
    at = bs.budgets(flops=found[0].flops, benchmark="hellaswag")
    shares = [(bs.forecast(cerebras_fit, at, seed).array("score") >= target).mean() for seed in range(8)]
    assert np.mean(shares) == pytest.approx(probability, abs=0.01)
    assert found[0].flops == found[1].flops
    assert np.array_equal(found[0].passes, found[1].passes)
    error = found[0].table()["relative_error"].item()
    logs = np.log([one.flops for one in found])
    assert np.ptp(logs) < 5 * error
    assert len({known_flops(one.flops, max(error, 0.1)) for one in found}) <= 2


def test_a_mean_has_a_budget_of_its_own(cerebras_fit):
    names = ["hellaswag", "piqa"]
    mean = bs.budget_for(cerebras_fit, names, 0.6, 0.5)
    assert "0.6 on the mean over hellaswag, piqa" in mean.sentence
    at = bs.budgets(flops=mean.flops, benchmark=names)
    shares = [(bs.forecast(cerebras_fit, at, seed).average().array("score") >= 0.6).mean() for seed in range(4)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.015)
    every = bs.budget_for(cerebras_fit, "mean", 0.5, 0.5)
    assert "on the mean over 7 benchmarks" in every.sentence


def test_a_target_that_guessing_reaches_is_refused(cerebras_fit):
    with pytest.raises(ValueError, match=r"target is 0\.4, and random guessing scores 0\.5 on piqa; expected a score"):
        bs.budget_for(cerebras_fit, "piqa", 0.4)
    with pytest.raises(ValueError, match="on the mean over 7 benchmarks"):
        bs.budget_for(cerebras_fit, "mean", 0.2)


def test_other_laws_stand_beside_it(cerebras_fit, ratio_fit):
    found = bs.budget_for(cerebras_fit, "hellaswag", 0.5, beside={"again": cerebras_fit})
    table = found.table()
    assert table["law"].tolist() == ["direct (asked)", "again"]
    assert table["flops"].iloc[0] == table["flops"].iloc[1] == found.flops
    assert "By other laws: again about " in found.sentence
    assert "a factor 1 apart" in found.sentence


def test_the_record_of_past_forecasts_is_in_the_sentence(cerebras_fit, past_forecasts):
    found = bs.budget_for(cerebras_fit, "hellaswag", 0.5, audit=past_forecasts)
    assert "past 90% intervals of this law on this table" in found.sentence
    sure, wider = (
        bs.budget_for(cerebras_fit, "hellaswag", 0.5, 0.7, audit=past_forecasts, recalibrate=wide)
        for wide in (False, True)
    )
    assert "these intervals were widened for it" in wider.sentence
    assert wider.flops > sure.flops  # a wider interval reaches less far down
    with pytest.raises(ValueError, match="recalibrate needs audit"):
        bs.budget_for(cerebras_fit, "hellaswag", 0.5, recalibrate=True)


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
    shown = len(curve.get_ydata())
    assert np.array_equal(curve.get_ydata(), answer.curve["probability"][:shown])
    assert curve.get_xdata().max() > answer.flops
    assert any("FLOPs" in text.get_text() for text in axes.texts)
    assert any(line.get_label() == "largest fitted run" for line in axes.get_lines())
