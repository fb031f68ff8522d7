import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.planning.joint_draws import Decision, Joint

TARGET = bs.budgets(flops=1e24)


@pytest.fixture(scope="module")
def answer(cerebras_fit):
    return bs.next_run(cerebras_fit, bs.budgets(flops=[1e20, 1e21, 1e22, 1e23]), TARGET, several=2)


def normal_joint(covariance, groups, samples=40_000):
    """Draws whose first variable is the target and whose moments are exactly those of a covariance."""
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((samples, len(covariance)))
    draws -= draws.mean(axis=0)
    draws = draws @ np.linalg.inv(np.linalg.cholesky(draws.T @ draws / (samples - 1))).T
    draws = draws @ np.linalg.cholesky(covariance).T
    return Joint(draws[:, 0], draws[:, 1:], groups)


COVARIANCE = np.array([[2.0, 1.0, 0.5, 0.2], [1.0, 1.5, 0.3, 0.1], [0.5, 0.3, 1.0, 0.2], [0.2, 0.1, 0.2, 3.0]])


def test_variance_removed_is_that_of_a_normal_posterior():
    joint = normal_joint(COVARIANCE, [np.array([0]), np.array([1, 2])])
    across, own = COVARIANCE[0, 1:], COVARIANCE[1:, 1:]
    assert joint.removed(0) == pytest.approx(across[0] ** 2 / own[0, 0], rel=1e-3)
    assert joint.removed(1) == pytest.approx(across[1:] @ np.linalg.solve(own[1:, 1:], across[1:]), rel=1e-3)
    after = joint.removed(0) + joint.given(0).removed(1)
    assert after == pytest.approx(across @ np.linalg.solve(own, across), rel=1e-3)


def test_measurements_that_say_nothing_remove_nothing():
    rng = np.random.default_rng(1)
    target, noise = rng.standard_normal(500), rng.standard_normal((500, 40))
    joint = Joint(target - target.mean(), noise - noise.mean(axis=0), [np.arange(40)])
    assert joint.removed(0) < 0.03  # without the correction it would be 0.08
    again = Joint(joint.target, np.repeat(joint.measured[:, :1], 2, axis=1), [np.arange(2)])
    assert np.isfinite(again.removed(0))  # the same measurement twice


@given(st.floats(-0.2, 0.2), st.floats(1e-4, 0.3))
def test_gain_of_a_decision(ahead, sd):
    """Against the expectation of the better of going and staying, over the means that measuring may give."""
    decision = Decision(0.5 + ahead, 0.5)
    means = decision.mean + sd * np.linspace(-8, 8, 40_001)
    density = np.exp(-0.5 * np.linspace(-8, 8, 40_001) ** 2)
    brute = (np.maximum(means - 0.5, 0) * density).sum() / density.sum() - max(ahead, 0.0)
    assert decision.gain(sd**2) == pytest.approx(brute, abs=1e-6)
    assert decision.gain(sd**2) >= 0
    assert decision.gain(4 * sd**2) >= decision.gain(sd**2) - 1e-15


def test_nearer_runs_say_more_of_a_far_target(cerebras_fit):
    answer = bs.next_run(cerebras_fit, bs.budgets(flops=[1e20, 1e21, 1e22, 1e23]), TARGET)
    table = answer.table().sort_values("flops")
    assert table["variance_removed"].iloc[-1] == table["variance_removed"].max() > 0.1
    assert table["variance_removed"].between(0, 1).all()
    assert (table["sd_after"] < answer.sd).all()
    assert table["scores"].eq(7).all()


def test_several_are_chosen_one_after_the_other(cerebras_fit, answer):
    table = answer.table()
    assert table["chosen"].iloc[:2].tolist() == [1, 2]
    assert table["chosen"].iloc[2:].isna().all()
    alone = bs.next_run(cerebras_fit, bs.budgets(flops=[1e20, 1e21, 1e22, 1e23]), TARGET).table()
    second = table.iloc[1]
    first_time = alone.loc[alone["run"] == second["run"], "variance_removed"].item()
    assert second["variance_removed"] < first_time  # part of it is known from the first


def test_what_a_run_costs_decides(cerebras_fit):
    at = bs.budgets(flops=[1e22, 1e23])
    cheap = bs.next_run(cerebras_fit, at, TARGET).table()["flops"].iloc[0]
    runs = bs.Runs(
        pd.DataFrame(
            [
                {"run": f"r{flops:g}", "family": "Cerebras-GPT", "flops": flops, "benchmark": "piqa", "days": days}
                for flops, days in ((1e22, 5.0), (1e23, 5.0))
            ]
        )
    )
    dear = bs.next_run(cerebras_fit, runs, TARGET, cost="days").table()
    assert (cheap, dear["flops"].iloc[0]) == (1e22, 1e23)
    assert dear["cost"].tolist() == [5, 5]
    priced = bs.next_run(cerebras_fit, at, TARGET, cost=bs.Cost(1e15, price_per_hour=2.0)).table()
    assert priced["cost"].tolist() == pytest.approx((2 * priced["flops"] / (1e15 * 0.4 * 3600)).tolist())


def test_a_decision_that_is_clear_needs_no_run(cerebras_fit):
    at = bs.budgets(flops=[1e22, 1e23])
    open_ = bs.next_run(cerebras_fit, at, TARGET, threshold=0.66)
    clear = bs.next_run(cerebras_fit, at, TARGET, threshold=0.2)
    assert open_.table()["loss_removed"].max() > 1e-4
    assert clear.table()["loss_removed"].max() < 1e-9
    assert "is clear without it" in clear.sentence
    assert "the expected loss of deciding at 0.66 falls by" in open_.sentence


def test_runs_that_tell_too_little_are_not_chosen(cerebras_fit):
    at = bs.budgets(flops=[1e22, 1e23])
    removed = bs.next_run(cerebras_fit, at, TARGET).table().set_index("flops")["variance_removed"]
    between = float(removed.mean())
    assert removed[1e22] < between < removed[1e23]
    assert bs.next_run(cerebras_fit, at, TARGET, least=between).table()["flops"].iloc[0] == 1e23
    assert bs.next_run(cerebras_fit, at, TARGET, least=0.0).table()["flops"].iloc[0] == 1e22


def test_none_of_the_candidates_may_be_worth_it(cerebras_fit):
    at = bs.budgets(flops=[1e20, 1e21])
    none = bs.next_run(cerebras_fit, at, TARGET, least=0.9)
    assert none.table()["chosen"].isna().all()
    assert none.sentence.startswith("None of the 2 candidates is worth it: the best, 1e21 FLOPs, is expected to remove")
    assert "less than the 90% that was asked" in none.sentence
    assert none.plot().axes


def test_runs_larger_than_the_target_are_no_advice(cerebras_fit):
    beyond = bs.next_run(cerebras_fit, bs.budgets(flops=[1e23, 2e24]), TARGET, several=2, least=0.0)
    assert beyond.table().set_index("flops")["chosen"].isna().to_dict() == {1e23: False, 2e24: True}
    assert "no more than 1 candidate of the 2 asked for is worth it" in beyond.sentence
    assert any("1 candidate larger than the run that is forecast may not be chosen" in note for note in beyond.notes)
    alone = bs.next_run(cerebras_fit, bs.budgets(flops=2e24), TARGET).sentence
    assert alone.startswith("The candidate is not worth it: it is larger than the run that is forecast, of 1e24 FLOPs")


def test_the_rule_that_chose_is_said(cerebras_fit):
    at = bs.budgets(flops=[1e22, 1e23])
    assert bs.next_run(cerebras_fit, at, TARGET).notes[0] == (
        "chosen is what removes the most of the variance per FLOP, among candidates that remove at least 5% of the "
        "variance"
    )
    priced = bs.next_run(cerebras_fit, at, TARGET, cost=bs.Cost(1e15, price_per_hour=2.0))
    assert "per unit of money" in priced.notes[0]
    assert "accelerator hours" in priced.sentence
    assert {"hours", "money"} <= set(priced.table())


@pytest.mark.parametrize("name", ["two_stage_fit", "rates_fit", "ratio_fit"])
def test_of_every_law(request, name):
    fit = request.getfixturevalue(name)
    k = {"k": 4} if name == "rates_fit" else {}
    sizes = {"family": fit.reference.families[0], "ratio": 20.0} | k
    table = bs.next_run(fit, bs.budgets(flops=[1e21, 1e22], **sizes), bs.budgets(flops=1e23, **sizes)).table()
    assert table["variance_removed"].between(0, 1).all()
    assert table["variance_removed"].max() > 0


def test_benchmarks_and_checkpoints_that_were_not_scored(families_runs):
    frame = families_runs.frame
    gone = (frame["benchmark"] == "piqa") & frame["run"].isin(["OPT-13B", "OPT-125M"])
    with pytest.warns(bs.ConvergenceWarning), pytest.warns(bs.RatioWarning):
        fit = bs.fit(
            bs.DirectLaw(), bs.Runs(frame[~gone]), draws=200, tune=300, chains=2, random_seed=1, progressbar=False
        )
    target = bs.budgets(flops=1e24, family="OPT", benchmark="piqa")
    table = bs.next_evaluation(fit, target).table()
    assert table["run"].tolist() == ["OPT-13B", "OPT-125M"]  # the nearer one says more
    assert table["cost"].tolist() == [1, 1]
    assert table["benchmark"].eq("piqa").all()
    together = bs.next_evaluation(fit, target, together=["benchmark"]).table()
    assert together["benchmark"].tolist() == ["piqa"]
    assert together[["scores", "cost"]].iloc[0].tolist() == [2, 2]
    assert together["variance_removed"].item() >= table["variance_removed"].max() - 0.02


def test_what_was_scored_is_refused(cerebras_fit):
    with pytest.raises(ValueError, match="every fitted run has a score on every benchmark"):
        bs.next_evaluation(cerebras_fit, TARGET)
    with pytest.raises(ValueError, match=r"row 1: run 'Cerebras-\S+' has a score on '\S+' already"):
        bs.next_evaluation(cerebras_fit, TARGET, cerebras_fit.runs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_at": bs.budgets(flops=[1e23, 1e24])}, "target_at has the runs .*; expected one run"),
        ({"several": 3}, "several is 3; expected a whole number from 1 to 2"),
        ({"cost": "hours"}, "cost is 'hours'; expected a Cost, or a column of numbers of the candidates: .*flops"),
        ({"threshold": 7}, "threshold is 7; expected a score between 0 and 1"),
        ({"least": 1.0}, "least is 1.0; expected a share"),
        ({"candidates": bs.budgets(flops=1e22, benchmark="mmlu")}, "benchmark 'mmlu' was not fitted"),
    ],
)
def test_wrong_questions_are_refused(cerebras_fit, options, message):
    asked = {"candidates": bs.budgets(flops=[1e22, 1e23]), "target_at": TARGET} | options
    with pytest.raises(ValueError, match=message):
        bs.next_run(cerebras_fit, asked.pop("candidates"), asked.pop("target_at"), **asked)


def test_other_things_are_no_candidates(cerebras_fit):
    with pytest.raises(TypeError, match=r"candidates is a list; expected budgets\(\) or Runs"):
        bs.next_run(cerebras_fit, [1e22], TARGET)


def test_the_figure_numbers_the_chosen(answer):
    [axes] = answer.plot().axes
    said = [text.get_text() for text in axes.texts]
    assert len(said) == len(answer.table())
    assert [("choice 1" in text, "choice 2" in text) for text in said[:2]] == [(True, False), (False, True)]
    assert "cost 1e2" in said[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == answer.table()["run"].iloc[0].replace("e+", "e")


# Checkpoints ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checkpoints():
    """Six runs of four checkpoints, with luck; the last row of each benchmark is the end of the largest."""
    law = bs.DirectLaw(run_sd=0.1)
    curves = {"level": [-0.3, -0.5], "exponent": [0.15, 0.2], "ceiling": 0.0, "n_items": 4000}
    design = {"n_benchmarks": 2, "n_runs": 6, "checkpoints": 4, "flops": (1e20, 1e22)}
    return bs.simulate_runs(law, **design, **curves, random_seed=1).runs


@pytest.fixture(scope="module")
def checkpoints_fit(checkpoints):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.ConvergenceWarning)
        return bs.fit(bs.DirectLaw(), checkpoints, draws=300, tune=300, chains=2, random_seed=1, progressbar=False)


@pytest.fixture(scope="module")
def at_one_budget(checkpoints):
    """The next checkpoint of the largest run, another run of that budget, and two checkpoints of a third."""
    frame = checkpoints.frame
    last = frame[frame["flops"] == frame["flops"].max()].drop(columns=["accuracy", "stderr", "loss"], errors="ignore")
    following = last.assign(run="next checkpoint", flops=1.3e22, tokens=1.3 * last["tokens"])
    another = following.assign(run="another run", trajectory="another run")
    third = [following.assign(run=f"third at {flops}", trajectory="third", flops=flops) for flops in (1.1e22, 1.3e22)]
    return bs.Runs(pd.concat([following, another, *third], ignore_index=True))


def told(answer):
    return answer.table().set_index("run")["variance_removed"]


def test_the_next_checkpoint_of_a_run_tells_less_than_that_of_another(checkpoints_fit, at_one_budget):
    for flops in (2e22, 1e23):
        at = bs.budgets(flops=flops)
        found = told(bs.next_evaluation(checkpoints_fit, at, at_one_budget, together=["run"]))
        assert found["next checkpoint"] < 0.8 * min(found["another run"], found["third at 1.3e+22"])


def test_a_second_checkpoint_of_a_run_tells_little_once_the_first_is_chosen(checkpoints_fit, at_one_budget):
    answer = bs.next_evaluation(checkpoints_fit, bs.budgets(flops=1e23), at_one_budget, together=["run"], several=2)
    table = answer.table().set_index("run")
    first, second = (table.index[table["chosen"] == place][0] for place in (1, 2))
    assert {first, second} == {"another run", next(run for run in (first, second) if run.startswith("third"))}
    [left] = [run for run in table.index if run.startswith("third") and run not in (first, second)]
    assert table.loc[left, "variance_removed"] < 0.7 * table.loc[first, "variance_removed"]


def test_of_its_own_end_the_next_checkpoint_of_a_run_tells_most(checkpoints_fit, at_one_budget):
    frame = at_one_budget.frame
    end = frame[frame["run"] == "next checkpoint"].assign(run="its end", flops=3e22)
    answer = bs.next_evaluation(checkpoints_fit, bs.Runs(end), at_one_budget, together=["run"])
    assert told(answer).idxmax() == "next checkpoint"
    assert told(answer)["next checkpoint"] > 1.5 * told(answer)["another run"]


def test_of_a_run_to_come_its_own_first_checkpoint_tells_more(checkpoints_fit, at_one_budget):
    """It shares the luck of the run that is forecast, which another does not."""
    frame = at_one_budget.frame
    end = bs.Runs(frame[frame["run"] == "third at 1.3e+22"].assign(run="third at its end", flops=2e22))
    found = told(bs.next_evaluation(checkpoints_fit, end, at_one_budget, together=["run"]))
    assert found["third at 1.3e+22"] > 1.2 * found["another run"]


def test_a_checkpoint_that_was_scored_is_refused_and_its_successor_is_not(checkpoints_fit, checkpoints):
    frame = checkpoints.frame
    scored = bs.Runs(frame[frame["run"] == frame["run"].iloc[-1]].drop(columns="accuracy"))
    with pytest.raises(ValueError, match=r"has a score on .* already; expected what was not measured yet"):
        bs.next_evaluation(checkpoints_fit, bs.budgets(flops=1e23), scored)
    following = bs.Runs(scored.frame.assign(run="next", flops=1.5e22))
    assert len(bs.next_evaluation(checkpoints_fit, bs.budgets(flops=1e23), following).table()) == 2
