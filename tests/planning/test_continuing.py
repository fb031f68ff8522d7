import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.planning.continued import draw_scores, last_scores, usual_ratio
from bayes_scaling.planning.verdict import Verdict

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
    now = last_scores(cerebras_fit, RUN, "hellaswag")
    lucky = now.assign(accuracy=now["accuracy"] + 0.02)
    more = {"flops": now["flops"] + 1e20, "tokens": now["tokens"] * (1 + 1e20 / now["flops"])}
    score, expected = draw_scores(cerebras_fit, draws, pd.concat([now, now.assign(**more)]), 1)
    other, _ = draw_scores(
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
    assert f": with 1e21 FLOPs more, {name} gains" in answer.sentence
    assert any("trajectory 'long' has 2 checkpoints; its luck goes on from them" in note for note in answer.notes)
    assert any("how far is not known, is in the gain" in note for note in answer.notes)


def test_the_figure_shows_gains_and_probabilities(answer):
    left, right = answer.plot().axes
    assert len(right.lines) == 8  # seven benchmarks and their mean
    assert left.get_title("left").startswith("gain")


def test_a_reader_sees_the_columns_that_decide(cerebras_fit, answer):
    wished = bs.continue_run(cerebras_fit, RUN, 1e21, target={"piqa": 0.74}, benchmark="piqa")
    for one, decides in ((answer, "new_better"), (wished, "new_target_probability")):
        shown = list(one.shown())
        assert {"benchmark", "score_now", "gain", "new_score", decides} <= set(shown)
        assert not {"params", "tokens", "flops"} & set(shown)
        assert set(shown) < set(one.table())
        assert "new_score" in repr(one)


def test_the_figure_of_targets_shows_their_probabilities(cerebras_fit):
    answer = bs.continue_run(cerebras_fit, RUN, [1e21, 1e22], target={"piqa": 0.74})
    _, right = answer.plot().axes
    table = answer.table().query("benchmark == 'piqa'")
    drawn = [line.get_ydata().tolist() for line in right.lines if len(line.get_ydata())]
    assert drawn == [table["target_probability"].tolist(), table["new_target_probability"].tolist()]
    assert right.get_title("left") == "probability of the target; dashed: in a new run"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"run": "GPT-5"}, "run 'GPT-5' was not fitted; the fit knows Cerebras-111M"),
        ({"more_flops": 0.0}, "more_flops is 0.0; expected a positive number"),
        ({"wanted": 2}, "wanted is 2; expected a gain in accuracy"),
        ({"benchmark": "mmlu"}, "run 'Cerebras-2.7B' has no score on mmlu"),
        ({"target": 70}, "target is 70; expected a score between 0 and 1"),
        ({"target": {}}, "target is empty"),
        ({"target": {"piqa": 7}}, "target of 'piqa' is 7; expected a score"),
        ({"target": {"mmlu": 0.7}}, "target names 'mmlu'; the run has hellaswag, piqa"),
        ({"ratio": -20}, "ratio is -20; expected a positive number"),
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
    assert f": with 1e21 FLOPs more, {RUN} gains" in answer.sentence


def test_laws_of_attempts_and_stages_are_refused(rates_fit, two_stage_fit):
    for fit in (rates_fit, two_stage_fit):
        with pytest.raises(TypeError, match="expected one of a law of single scores"):
            bs.continue_run(fit, fit.reference.runs[0], 1e21)


# Go on, or stop -------------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_continued_run_do_not_depend_on_what_stands_beside_it(cerebras_fit, answer):
    """Of finished runs they are those of before the verdict: to the last digit."""
    wished = bs.continue_run(cerebras_fit, RUN, [1e20, 3e21, 3e22], wanted=0.02, target=0.6, ratio=200)
    np.testing.assert_array_equal(wished.gains, answer.gains)


def test_probabilities_of_targets_are_counted_from_the_draws(cerebras_fit):
    targets = {"hellaswag": 0.5, "piqa": 0.74}
    answer = bs.continue_run(cerebras_fit, RUN, [1e21, 1e23], target=targets)
    table = answer.table()
    of_targets = table[table["benchmark"].isin(targets)]
    assert table.loc[~table["benchmark"].isin(targets), ["target", "target_probability"]].isna().all(axis=None)
    for _, row in of_targets.iterrows():
        assert row["target"] == targets[row["benchmark"]]
        score = answer.gains[:, row.name] + row["score_now"]
        assert row["target_probability"] == pytest.approx((score >= row["target"] - 1e-12).mean(), abs=0.002)
    least = of_targets.groupby("more_flops")["target_probability"].min()
    for verdict, single in zip(answer.verdicts, least, strict=True):
        assert verdict.reaches <= single  # both at once
    assert answer.verdicts[0].reaches < answer.verdicts[1].reaches
    assert "It scores at least 0.5 on hellaswag and 0.74 on piqa with probability" in answer.sentence


def test_one_target_is_decided_by_the_mean(cerebras_fit):
    answer = bs.continue_run(cerebras_fit, RUN, 1e21, target=0.45)
    table = answer.table().set_index("benchmark")
    assert set(table["target"]) == {0.45}
    assert answer.verdicts[0].reaches == table.loc[answer.of_mean, "target_probability"]
    assert answer.verdicts[0].new_reaches == table.loc[answer.of_mean, "new_target_probability"]


def test_the_new_run_has_the_added_flops_at_the_usual_ratio(cerebras_fit, answer):
    frame = cerebras_fit.runs.frame
    ratio = usual_ratio(frame, "Cerebras-GPT")
    assert ratio == pytest.approx((frame["tokens"] / frame["params"]).median())
    new = answer.new_runs
    assert new["flops"].tolist() == [1e20, 3e21, 3e22]
    assert (new["tokens"] / new["params"]).tolist() == pytest.approx([ratio] * 3)
    rule = (frame["flops"] / (frame["params"] * frame["tokens"]))[frame["run"] == RUN].iloc[0]
    assert new["flops"].tolist() == pytest.approx((rule * new["params"] * new["tokens"]).tolist())
    row = answer.table().query("benchmark == 'hellaswag' and more_flops == 3e22").iloc[0]
    at = bs.budgets(params=new["params"].iloc[2], tokens=new["tokens"].iloc[2], benchmark="hellaswag")
    fresh = bs.forecast(cerebras_fit, at, random_seed=1).table((0.8,)).iloc[0]
    assert row["new_score"] == pytest.approx(fresh["median"], abs=0.01)
    assert row["new_score_high_80"] - row["new_score_low_80"] == pytest.approx(
        fresh["high_80"] - fresh["low_80"], rel=0.2
    )


def test_a_larger_new_run_may_be_the_better_use_of_the_flops(cerebras_fit):
    """A run far past its best tokens gains little; ten thousand times its FLOPs want a larger one."""
    going_on, stopping = (bs.continue_run(cerebras_fit, "Cerebras-111M", more) for more in (1e17, 1e22))
    assert not stopping.verdicts[0].go_on
    assert stopping.verdicts[0].new_better > 0.9
    assert stopping.sentence.startswith("Stop, since a new run of as many FLOPs would score more: with 1e22 FLOPs more")
    assert "A new, larger run of as many FLOPs (" in stopping.sentence
    assert going_on.verdicts[0].new_better < 0.1  # it would be a hundredth of the run
    assert "A new, smaller run of as many FLOPs (" in going_on.sentence


@pytest.mark.parametrize(
    ("numbers", "go_on", "why"),
    [
        ((0.9, 0.2, None, None, False), True, ""),
        ((0.4, 0.2, None, None, False), False, "a gain of at least 0.01 is not likely"),
        ((0.9, 0.6, None, None, False), False, "a new run of as many FLOPs would score more"),
        ((0.1, 0.9, 0.7, 0.74, False), True, ""),
        ((0.9, 0.1, 0.7, 0.8, False), False, "a new run of as many FLOPs is more likely to reach that"),
        ((0.9, 0.1, 0.4, 0.1, False), False, "it is not likely to reach that"),
        ((0.9, 0.1, 0.99, 0.1, True), False, "it has measured that already"),
    ],
)
def test_when_to_go_on(numbers, go_on, why):
    *probabilities, reached = numbers
    verdict = Verdict(*probabilities, reached=reached)
    assert (verdict.go_on, verdict.why(0.01)) == (go_on, why)


# What is known of learning rates --------------------------------------------------------------------------------------


def along(annealed, law=None):
    """The largest run by three checkpoints, with what is known of each; the others as they are, decayed."""
    frame = bs.load_dataset("cerebras_gpt").frame
    last = frame["flops"] == frame["flops"].max()
    earlier = [
        frame[last].assign(
            run=f"at {share}",
            flops=frame["flops"] * share,
            tokens=frame["tokens"] * share,
            accuracy=0.9 * frame["accuracy"],
        )
        for share in (0.5, 0.25)
    ]
    both = pd.concat([frame[~last], *(one.assign(trajectory="long") for one in (*earlier, frame[last]))])
    if annealed is not None:
        both["annealed"] = np.where(both["trajectory"] == "long", annealed, 1.0)
    return prior_fit(bs.GeneralLaw() if law is None else law, bs.Runs(both.reset_index(drop=True)), draws=100)


def rates(answer):
    return [note for note in answer.notes if "learning rate" in note or "what that does" in note]


def test_the_notes_say_what_the_table_knows_of_learning_rates():
    unknown, known, fixed = along(None), along(0.0), along(0.0, bs.GeneralLaw(annealing=None))
    [note] = rates(bs.continue_run(unknown, "long", 1e22, annealed=True))
    assert note == (
        "the table does not say whether learning rates were decayed: that this run's goes down on the way, how far is "
        "not known, is in the gain and its interval; annealed= changes nothing"
    )
    [note] = rates(bs.continue_run(unknown, "Cerebras-111M", 1e22))
    assert note.endswith("of a run whose rate was not decayed, part of the gain is decaying it")
    assert rates(bs.continue_run(known, "long", 1e22)) == [
        "the learning rate of the run is at its peak; at the end, and of the new run, it is at its peak, as that of "
        "the largest fitted run"
    ]
    assert rates(bs.continue_run(known, "long", 1e22, annealed=True)) == [
        "the learning rate of the run is at its peak; at the end, and of the new run, it was decayed",
        "the gain holds what that does to a score, as the table shows it",
    ]
    [note] = rates(bs.continue_run(fixed, "long", 1e22))
    assert note.startswith("GeneralLaw knows nothing of learning rates: of a run whose rate was not decayed")


def test_decaying_the_rate_at_the_end_gains():
    fit = along(0.0)
    kept, decayed = (bs.continue_run(fit, "long", 1e22, annealed=kind) for kind in (False, True))
    assert (decayed.gains.mean(axis=0) > kept.gains.mean(axis=0)).all()
    assert bs.continue_run(fit, "long", 1e22).gains.tolist() == kept.gains.tolist()  # as the largest run, which is this


def test_a_budget_for_a_target_and_a_report_are_of_runs_at_the_peak_or_decayed(tmp_path):
    fit = along(0.0)
    name = fit.reference.labels[0]
    target = float(np.mean([fit.reference.benchmarks[0].chance, 1.0]))
    needed = {
        kind: bs.budget_for(fit, name, target, 0.5, ratio=20, annealed=kind).table().iloc[0]
        for kind in (False, True, None)
    }
    assert needed[True]["passes"] < needed[False]["passes"]
    assert needed[None]["passes"] == needed[False]["passes"]
    asked = {"flops": 1e24, "ratio": 20}
    pages = [
        bs.write_report(fit, tmp_path / f"{kind}.md", **asked, annealed=kind).read_text() for kind in (False, True)
    ]
    assert pages[0] != pages[1]


def test_a_new_run_draws_its_luck_and_the_fitted_one_keeps_it():
    fit = along(None, bs.GeneralLaw(run_sd=bs.LogNormal(0.3, 0.05)))
    row = bs.continue_run(fit, "long", 1e21).table().iloc[-1]
    assert row["new_score_high_80"] - row["new_score_low_80"] > row["score_high_80"] - row["score_low_80"]


def test_ratios_of_new_runs():
    frame = bs.load_dataset("pile_suite").frame
    one = frame[frame["run"] == frame["run"].iloc[0]]
    assert usual_ratio(one, one["family"].iloc[0]) == pytest.approx((one["tokens"] / one["params"]).iloc[0])
