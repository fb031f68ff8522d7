"""Counts of problems, added up to scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.model.specification import specify
from bayes_scaling.model.taking import check_taken
from bayes_scaling.runs.counts import added_up, counts_attempts


def counts(chance=0.0, problems=6, attempts=4):
    rng = np.random.default_rng(1)
    rows = [
        (f"r{i}", 10.0 ** (18 + i), f"p{j}", attempts, int(rng.binomial(attempts, 0.3 + 0.1 * i)))
        for i in range(4)
        for j in range(problems)
    ]
    frame = pd.DataFrame(rows, columns=["run", "flops", "problem", "n_samples", "n_correct"])
    share = frame["n_correct"] / frame["n_samples"]
    return frame.assign(benchmark="mine", chance=chance, accuracy=share)


@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0, 1)), min_size=1, max_size=30))
def test_the_share_of_right_attempts(pairs):
    n = np.array([tried for tried, _ in pairs], float)
    right = np.floor(n * [share for _, share in pairs])
    frame = pd.DataFrame({"run": "a", "benchmark": "x", "problem": [str(i) for i in range(len(n))]})
    [row] = added_up(frame.assign(n_samples=n, n_correct=right)).to_dict("records")
    assert row["accuracy"] == pytest.approx(right.sum() / n.sum())
    assert row["n_items"] == len(n)
    assert row["stderr"] > 0


def test_rows_that_count_nothing_stay_where_they_are():
    table = pd.concat(
        [
            counts().assign(n_items=np.nan),
            pd.DataFrame(
                [{"run": "r0", "flops": 1e18, "benchmark": "piqa", "chance": 0.5, "accuracy": 0.6, "n_items": 1838.0}]
            ),
        ]
    )
    frame = added_up(table.reset_index(drop=True))
    assert frame["benchmark"].tolist() == ["mine"] * 4 + ["piqa"]
    assert frame["n_items"].tolist() == [6, 6, 6, 6, 1838]
    assert not {"problem", "n_samples", "n_correct"} & set(frame)


def test_problems_without_counts_are_no_counts():
    assert not counts_attempts(counts().drop(columns=["n_correct"]))


@pytest.mark.parametrize("law", [bs.DirectLaw(), bs.GeneralLaw(), bs.SigmoidLaw()])
def test_laws_of_scores_take_them_added_up(law):
    spec = specify(law, bs.Runs(counts()))
    assert len(spec.rows) == 4
    assert spec.runs.frame["n_items"].tolist() == [6] * 4


def test_the_check_says_how_they_are_read():
    assert "adds the counts of problems up" in check_taken(bs.Runs(counts()))[0]


def test_what_no_law_takes_fails_the_check():
    rates = pd.DataFrame(
        {"run": list("abc"), "flops": [1e18, 1e19, 1e20], "benchmark": "piqa", "accuracy": [0.6, 0.7, 0.8], "k": 4.0}
    )
    with pytest.raises(ValueError, match="describes k = 1"):
        check_taken(bs.Runs(rates))


def test_a_benchmark_with_shots_in_one_family_and_without_in_another_passes_both():
    table = pd.DataFrame(
        {"run": list("abcdefgh"), "family": ["x"] * 4 + ["y"] * 4, "flops": [1e18, 1e19, 1e20, 1e21] * 2}
    )
    runs = bs.Runs(table.assign(benchmark="piqa", accuracy=[0.55, 0.6, 0.65, 0.7] * 2, shots=[0] * 4 + [None] * 4))
    assert check_taken(runs) == []
    assert len(specify(bs.GeneralLaw(), runs).reference.labels) == 2


def test_a_backtest_of_a_law_of_scores_scores_single_attempts():
    from bayes_scaling.evaluation.backtesting import _task
    from bayes_scaling.evaluation.folds import make_folds

    [fold] = make_folds(bs.Runs(counts()), "flops", [1e19])
    task = _task("direct", bs.DirectLaw(), fold, 1, {})
    train, held_out = bs.Runs.from_json(task.train), bs.Runs.from_json(task.held_out)
    assert len(train) == 2
    assert len(held_out) == 2
    assert "k" not in held_out.frame


def test_a_fit_keeps_the_table_that_its_law_read():
    from bayes_scaling.model.specification import as_read

    runs = bs.Runs(counts())
    assert len(as_read(bs.GeneralLaw(), runs)) == 4
    assert as_read(bs.PassAtKLaw(), runs) is runs
