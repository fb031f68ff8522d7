import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.from_fit import quiet_forecast

BENCHMARKS = ["hellaswag", "piqa"]


@pytest.fixture(scope="module")
def answer(families_fit):
    return bs.rank_families(families_fit, bs.budgets(flops=1e22, benchmark=BENCHMARKS))


def test_it_counts_draws_of_the_mean_score(families_fit, answer):
    found = quiet_forecast(families_fit, bs.budgets(flops=1e22, benchmark=BENCHMARKS), random_seed=0)
    draws = found.draws["expected"].to_numpy()
    means = {
        f: draws[:, (found.points["family"] == f).to_numpy()].mean(axis=1) for f in families_fit.reference.families
    }
    table = answer.table().set_index("family")
    best = np.max(list(means.values()), axis=0)
    for family, values in means.items():
        assert table.loc[family, "best"] == pytest.approx((values == best).mean())
        assert table.loc[family, "score"] == pytest.approx(np.median(values))
        for other, against in means.items():
            if other != family:
                assert answer.beats.loc[family, other] == (values > against).mean()
    assert table["best"].sum() == pytest.approx(1.0)
    assert table["mean_rank"].sum() == pytest.approx(6.0)
    assert table["score"].is_monotonic_decreasing


def test_small_runs_have_a_ranking_that_may_not_hold(families_fit, families_runs, answer):
    table = answer.table().set_index("family")
    frame = families_runs.frame.query("benchmark in @BENCHMARKS")
    common = np.log(frame.groupby("family")["flops"].max().min())
    for family, rows in frame.groupby("family"):
        near = rows.iloc[(np.log(rows["flops"]) - common).abs().argmin()]["run"]
        own = rows.loc[rows["run"] == near, "accuracy"].mean()
        assert table.loc[family, "small_scale"] == pytest.approx(own)
    assert sorted(table["small_scale_rank"]) == [1, 2, 3]
    first, second, third = table["small_scale"].sort_values(ascending=False).index
    expected = (answer.beats.loc[first, second] + answer.beats.loc[first, third]) / 2
    assert table.loc[first, "holds"] == pytest.approx(expected)


def test_a_measured_run_is_less_sure_than_a_curve(families_fit, answer):
    at = bs.budgets(flops=1e22, benchmark=BENCHMARKS)
    measured = bs.rank_families(families_fit, at, "score")
    width = {
        name: (t["score_high_80"] - t["score_low_80"]).mean()
        for name, t in (("curve", answer.table()), ("run", measured.table()))
    }
    assert width["run"] > width["curve"]
    assert "families are ranked by one measured run of each" in measured.notes


def test_the_answer_is_said_in_words(answer):
    first, second = answer.table()["family"].iloc[:2]
    said = (
        f"At 1e22 FLOPs {first} beats {second} with probability {answer.beats.loc[first, second]:.0%}, and is the best"
    )
    assert answer.sentence.startswith(said)


def test_wrong_questions_are_named(families_fit, cerebras_fit):
    with pytest.raises(ValueError, match="there is one family to rank, 'Cerebras-GPT'; expected several"):
        bs.rank_families(cerebras_fit, bs.budgets(flops=1e22))
    with pytest.raises(ValueError, match="family 'Cerebras-GPT' is forecast at several budgets; expected one"):
        bs.rank_families(families_fit, bs.budgets(flops=[1e22, 1e23]))


def test_the_figure_is_a_matrix(answer):
    axes = answer.plot().axes[0]
    assert len(axes.texts) == 6
    assert [label.get_text() for label in axes.get_yticklabels()] == answer.table()["family"].tolist()
