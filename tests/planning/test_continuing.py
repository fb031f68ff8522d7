import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.planning.continuing import _draw, _scores_of

RUN = "Cerebras-2.7B"


@pytest.fixture(scope="module")
def cerebras_fit(cerebras_train):
    """A fit that sees params and tokens, which continuing a run changes apart; few draws."""
    with pytest.warns(bs.ConvergenceWarning), pytest.warns(bs.ThinDataWarning):
        return bs.fit(bs.RatioLaw(), cerebras_train, draws=200, tune=300, chains=2, random_seed=1, progressbar=False)


@pytest.fixture(scope="module")
def answer(cerebras_fit):
    return bs.continue_run(cerebras_fit, RUN, [1e20, 3e21, 3e22], wanted=0.02)


def test_the_gain_grows_with_the_compute_and_is_added_to_what_was_measured(cerebras_fit, answer):
    table = answer.table()
    mean = table[table["benchmark"] == answer.of_mean]
    assert mean["gain"].is_monotonic_increasing
    assert mean["probability"].is_monotonic_increasing
    own = cerebras_fit.runs.frame.query("run == @RUN").set_index("benchmark")
    single = table[table["benchmark"] != answer.of_mean]
    assert single["score_now"].tolist() == own.loc[single["benchmark"], "accuracy"].tolist()
    assert (single["score"] - single["score_now"]).tolist() == pytest.approx(single["gain"].tolist(), abs=0.02)
    assert mean["score_now"].iloc[0] == pytest.approx(own["accuracy"].mean())
    first = single.iloc[0]
    assert first["flops"] == own["flops"].iloc[0] + 1e20
    n, d, c = own["params"].iloc[0], own["tokens"].iloc[0], own["flops"].iloc[0]
    assert first["tokens"] == pytest.approx(d * (1 + 1e20 / c))  # parameters stay
    assert first["params"] == n


def test_probabilities_are_counted_from_the_gains(answer):
    table = answer.table()
    assert answer.gains.shape[1] == len(table)
    assert table["probability"].tolist() == (answer.gains >= 0.02).mean(axis=0).tolist()
    assert table["gain"].tolist() == np.quantile(answer.gains, 0.5, axis=0, method="inverted_cdf").tolist()


def test_luck_stays(cerebras_fit):
    """A run that scored well on the questions goes on doing so, and one that never measured regresses nothing."""
    draws = cerebras_fit.draws(np.random.default_rng(0))
    now = _scores_of(cerebras_fit, RUN, "hellaswag")
    lucky = now.assign(accuracy=now["accuracy"] + 0.02)
    more = {"flops": now["flops"] + 1e20, "tokens": now["tokens"] * (1 + 1e20 / now["flops"])}
    score, expected = _draw(cerebras_fit, draws, pd.concat([now, now.assign(**more)]), 1)
    other, _ = _draw(
        cerebras_fit,
        cerebras_fit.draws(np.random.default_rng(0)),
        pd.concat([lucky, lucky.assign(**more)], ignore_index=True),
        1,
    )
    moved = other[:, 1].mean() - score[:, 1].mean()
    assert 0.0005 < moved < 0.02  # part of it is the questions', and they stay
    assert expected[:, 1].mean() > expected[:, 0].mean()


def test_a_new_run_of_that_size_is_less_sure(cerebras_fit, answer):
    row = answer.table().query("benchmark == 'hellaswag'").iloc[0]
    fresh = bs.forecast(
        cerebras_fit, bs.budgets(params=row["params"], tokens=row["tokens"], benchmark="hellaswag"), random_seed=1
    )
    wide = np.subtract(*np.quantile(fresh.draws["score"].to_numpy(), [0.9, 0.1]))
    assert row["score_high_80"] - row["score_low_80"] < wide


def test_of_expected_compares_curve_with_curve(cerebras_fit):
    answer = bs.continue_run(cerebras_fit, RUN, 1e22, benchmark="piqa", of="expected")
    measured = bs.continue_run(cerebras_fit, RUN, 1e22, benchmark="piqa")
    assert len(answer.table()) == 1
    assert answer.gains.std() < measured.gains.std()


def test_a_trajectory_is_continued_from_its_last_checkpoint(cerebras_train):
    frame = cerebras_train.frame
    largest = frame["flops"] == frame["flops"].max()
    both = pd.concat(
        [
            frame.assign(trajectory=np.where(largest, "long", frame["run"])),
            frame[largest].assign(
                run="early", trajectory="long", tokens=frame["tokens"] / 2, flops=frame["flops"] / 2, accuracy=0.5
            ),
        ],
        ignore_index=True,
    )
    fit = prior_fit(bs.RatioLaw(), bs.Runs(both), draws=50)
    answer = bs.continue_run(fit, "long", 1e21)
    name = frame.loc[largest, "run"].iloc[0]
    assert answer.sentence.startswith(f"With 1e21 FLOPs more, {name} gains")
    assert any("trajectory 'long' has 2 checkpoints" in note for note in answer.notes)
    assert any("not annealed" in note for note in answer.notes)


def test_the_figure_shows_gains_and_probabilities(answer):
    left, right = answer.plot().axes
    assert len(right.lines) == 8  # seven benchmarks and their mean
    assert left.get_title("left").startswith("gain")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"run": "GPT-5"}, "run 'GPT-5' was not fitted; the fit knows Cerebras-111M"),
        ({"more_flops": 0.0}, "more_flops is 0.0; expected a positive number"),
        ({"wanted": 2}, "wanted is 2; expected a gain in accuracy"),
        ({"benchmark": "mmlu"}, "run 'Cerebras-2.7B' has no score on mmlu"),
    ],
)
def test_wrong_questions_are_refused(cerebras_fit, options, message):
    asked = {"run": RUN, "more_flops": 1e21} | options
    with pytest.raises(ValueError, match=message):
        bs.continue_run(cerebras_fit, asked.pop("run"), asked.pop("more_flops"), **asked)


def test_a_law_of_flops_alone_is_refused_with_the_call_that_works(cerebras_train):
    """Continuing fixes the params; such a law would promise as much as a larger model gains."""
    fit = prior_fit(bs.DirectLaw(), cerebras_train, draws=20)
    with pytest.raises(
        TypeError, match=r"of DirectLaw, which reads FLOPs alone .*: bs.fit\(bs.GeneralLaw\(\), runs\)$"
    ):
        bs.continue_run(fit, RUN, 1e21)
    some = cerebras_train.frame
    known = some["run"] != "Cerebras-111M"
    some = bs.Runs(some.assign(params=some["params"].where(known), tokens=some["tokens"].where(known)))
    fit = prior_fit(bs.GeneralLaw(), some, draws=20)
    with pytest.raises(TypeError, match=r"runs\), once every run has params and tokens \(1 of 5 lack them\)$"):
        bs.continue_run(fit, RUN, 1e21)


def test_the_general_law_continues_runs(cerebras_train):
    answer = bs.continue_run(prior_fit(bs.GeneralLaw(), cerebras_train, draws=50), RUN, 1e21)
    assert answer.sentence.startswith(f"With 1e21 FLOPs more, {RUN} gains")


def test_laws_of_attempts_and_stages_are_refused(rates_fit, two_stage_fit):
    for fit in (rates_fit, two_stage_fit):
        with pytest.raises(TypeError, match="expected one of a law of single scores"):
            bs.continue_run(fit, fit.reference.runs[0], 1e21)
