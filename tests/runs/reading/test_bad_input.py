"""Each kind of bad input: its message, its rows, and all of them in one error."""

from __future__ import annotations

import pickle
import time

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.runs.table import Problem, Runs, RunsError

N_ROWS = 6
COLUMNS: dict[str, object] = {
    "run": [f"m{i}" for i in range(N_ROWS)],
    "params": [1e8 * (i + 1) for i in range(N_ROWS)],
    "tokens": [2e9 * (i + 1) for i in range(N_ROWS)],
    "benchmark": ["arc_easy"] * N_ROWS,
    "accuracy": [0.3 + 0.05 * i for i in range(N_ROWS)],
}


def table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(COLUMNS | columns)


def problems_of(frame: pd.DataFrame) -> tuple[Problem, ...]:
    with pytest.raises(RunsError) as caught:
        Runs(frame)
    return caught.value.problems


def only_problem(frame: pd.DataFrame) -> Problem:
    (problem,) = problems_of(frame)
    assert str(problem)
    return problem


def test_the_plain_table_is_fine() -> None:
    assert len(Runs(table())) == N_ROWS


# One column at a time: column, its cells, a piece of the message, a piece of what is expected, the rows.
ONE_COLUMN: dict[str, tuple[str, list[object], str, str, tuple[int, ...]]] = {
    "percent for fractions": (
        *("accuracy", [30.0, 40.0, 50.5, 60.0, 0.9, 1.2]),
        *("looks like percent", "'accuracy (%)'", (1, 2, 3, 4, 6)),
    ),
    "a score just above 1": ("accuracy", [0.3, 0.3, 1.2, 0.3, 0.3, 0.3], "outside [0, 1]", "[0, 1]", (3,)),
    "a negative score": ("accuracy", [0.3, -0.1, 0.3, 0.3, 0.3, 0.3], "outside [0, 1]", "[0, 1]", (2,)),
    "a score far above 100": ("accuracy", [0.3, 300.0, 0.3, 0.3, 0.3, 0.3], "outside [0, 1]", "[0, 1]", (2,)),
    "an infinite score": ("accuracy", [0.3, np.inf, 0.3, 0.3, -np.inf, 0.3], "infinite", "finite", (2, 5)),
    "a centred score": ("accuracy", [0.3, -0.02, 0.3, 0.3, 0.3, 0.3], "below 0", "chance + (1 - chance) * score", (2,)),
    "text for a score": ("accuracy", [0.3, "45%", "abc", 0.3, 0.3, 0.3], "not a number", "a percentage (25.3%)", (3,)),
    "params in billions": (
        "params",
        [0.1, 0.2, 0.3, 0.4, 0.5, 70.0],
        "billions",
        "'params (B)'",
        (1, 2, 3, 4, 5, 6),
    ),
    "params with a suffix": (
        "params",
        ["1.3 parsecs", 2e8, 3e8, 4e8, 5e8, 6e8],
        "not a number",
        "K, M, B or T (7B)",
        (1,),
    ),
    "too many params": ("params", [1e18, 2e8, 3e8, 4e8, 5e8, 6e8], "unit were applied twice", "1.3e9", (1,)),
    "params of zero": ("params", [0, -1, 3e8, 4e8, 5e8, 6e8], "not positive", "above 0", (1, 2)),
    "infinite params": ("params", [np.inf, 2e8, 3e8, 4e8, 5e8, 6e8], "infinite", "finite", (1,)),
    "tokens in billions": ("tokens", [2, 4, 6, 8, 10, 15000], "billions", "'tokens (B)'", (1, 2, 3, 4, 5, 6)),
    "tokens of zero": ("tokens", [0, 4e9, 6e9, 8e9, 1e10, 1e10], "not positive", "above 0", (1,)),
    "logarithms of FLOPs": (
        "flops",
        [18, 18.5, 19, 19, 19, 20],
        "logarithm",
        "plain FLOPs",
        (1, 2, 3, 4, 5, 6),
    ),
    "FLOPs of zero": ("flops", [0, None, None, None, None, None], "not positive", "above 0", (1,)),
    "a loss of zero": ("loss", [0, -2, 3, None, 3, 3], "not positive", "above 0", (1, 2)),
    "an infinite loss": ("loss", [np.inf, 2, 3, None, 3, 3], "infinite", "finite", (1,)),
    "no whole shots": ("shots", [0, 5, -1, 0.5, None, 25], "negative or not whole", "at least 0", (3, 4)),
    "no whole k": ("k", [1, 0, -4, 2.5, None, 8], "not positive or not whole", "at least 1", (2, 3, 4)),
    "no questions": ("n_items", [0, -5, 100, None, 100, 100], "not positive", "above 0", (1, 2)),
    "no whole attempts": (
        "n_samples",
        [0, 1.5, 100, None, 1, 1],
        "not positive or not whole",
        "at least 1",
        (1, 2),
    ),
    "a negative stderr": ("stderr", [-0.01, 0, 0.02, None, 0.1, 0.1], "negative", "at least 0", (1,)),
    "a stderr in percent": (
        "stderr",
        [1.2, 0.9, 0.02, None, 0.1, 0.1],
        "looks like percent",
        "'stderr (%)'",
        (1, 2),
    ),
    "a chance of 1": ("chance", [1.0] * 6, "outside [0, 1)", "[0, 1)", (1, 2, 3, 4, 5, 6)),
    "a negative chance": ("chance", [-0.1] * 6, "outside [0, 1)", "[0, 1)", (1, 2, 3, 4, 5, 6)),
    "a chance in percent": ("chance", [25.0] * 6, "looks like percent", "'chance (%)'", (1, 2, 3, 4, 5, 6)),
    "a run without a name": ("run", ["a", "", " ", None, "e", "f"], "empty", "name of the run", (2, 3, 4)),
    "a list for a name": ("run", ["a", ["b"], "c", "d", "e", "f"], "not a label", "text", (2,)),
    "a benchmark without a name": (
        *("benchmark", ["piqa", "", "piqa", None, "piqa", "piqa"]),
        *("empty", "name of the benchmark", (2, 4)),
    ),
    "some families": ("family", ["a", None, "a", "", "b", "b"], "empty", "no family column at all", (2, 4)),
    "a source that is none": ("flops_source", ["paper"] * 6, "not a source", "'6ND'", (1, 2, 3, 4, 5, 6)),
}


@pytest.mark.parametrize("kind", ONE_COLUMN)
def test_a_column(kind: str) -> None:
    column, cells, message, expected, rows = ONE_COLUMN[kind]
    extra = {"flops": [1.2e18 * (i + 1) ** 2 for i in range(N_ROWS)]} if column == "flops_source" else {}
    problem = only_problem(table(**extra, **{column: cells}))
    assert problem.column == column
    assert message in problem.message
    assert expected in problem.expected
    assert problem.rows == rows
    given = [cells[row - 1] for row in rows]
    assert all(value == cell or pd.isna(value) for value, cell in zip(problem.values, given, strict=True))


def test_the_smallest_published_checkpoints_pass() -> None:
    frame = table(params=[1e6, 1e7, 14067712, 7e7, 1e8, 1e9], tokens=2097152)
    assert len(Runs(frame)) == N_ROWS


@pytest.mark.parametrize("missing", ["run", "benchmark"])
def test_a_missing_column(missing: str) -> None:
    problem = only_problem(table().drop(columns=missing))
    assert problem.column == missing
    assert problem.message == "there is no such column"


@pytest.mark.parametrize("missing", [["params"], ["tokens"], ["params", "tokens"]])
def test_a_missing_budget(missing: list[str]) -> None:
    problem = only_problem(table().drop(columns=missing))
    assert "the training budget is missing" in problem.message
    assert "params and tokens" in problem.expected
    assert ("only" in problem.message) == (len(missing) == 1)


def test_a_row_without_a_budget() -> None:
    problem = only_problem(table(tokens=[2e9, None, 2e9, 2e9, None, 2e9], flops=[None, None, None, None, 1e19, 1e19]))
    assert problem.rows == (2,)
    assert "the training budget is unknown" in problem.message
    assert str(problem.values[0]) == "run 'm1': flops and tokens are empty"


def test_a_row_whose_budget_is_bad_is_reported_once() -> None:
    problem = only_problem(table(params=["1.3X", -1, 3e8, 4e8, 5e8, 6e8]).drop(index=1))
    assert (problem.column, problem.rows) == ("params", (1,))


def test_flops_far_from_6nd_name_both() -> None:
    problem = only_problem(table(flops=[1.2e18, None, 1.1e21, 1.9e19, 3e19, 2e17]))
    assert "6 * params * tokens differ more than 100-fold" in problem.message
    assert problem.column == "flops, params, tokens"
    assert problem.rows == (3, 6)
    assert str(problem.values[0]) == "flops 1.1e21 is 1e+02 times 6ND 1.08e19"


def test_a_budget_that_follows_from_absurd_ones() -> None:
    problem = only_problem(table(flops=1e22).drop(columns="params").assign(tokens=1e6))
    assert "params = flops / (6 * tokens) comes to a number that no run has" in problem.message
    assert problem.rows == (1, 2, 3, 4, 5, 6)


def test_a_stale_6nd() -> None:
    stale = Runs(table()).frame.assign(params=lambda frame: 2 * frame["params"])
    problem = only_problem(stale)
    assert "says '6ND', but flops is not 6 * params * tokens" in problem.message


def test_fractions_under_a_header_of_percent() -> None:
    problem = only_problem(table().rename(columns={"accuracy": "accuracy (%)"}))
    assert "the header says percent, but no value is above 1" in problem.message
    assert problem.rows == (1, 2, 3, 4, 5, 6)
    assert problem.values[0] == 0.3


def test_percentages_outside_0_to_100() -> None:
    problem = only_problem(table(accuracy=[30, 40, 120, 50, -1, 60]).rename(columns={"accuracy": "Accuracy %"}))
    assert "outside 0 to 100 percent" in problem.message
    assert (problem.column, problem.rows, problem.values) == ("Accuracy %", (3, 5), (120, -1))


def test_rows_with_the_same_key_are_named_together() -> None:
    frame = table(run=["a", "b", "a", "c", "c", "c"], params=1e9, tokens=2e10, metric=["acc"] * 5 + ["acc_norm"])
    problem = only_problem(frame)
    assert problem.message == "rows with the same key"
    assert problem.rows == (1, 3, 4, 5)
    assert "rows 1, 3: run 'a', benchmark 'arc_easy', metric 'acc'" in str(problem)


@pytest.mark.parametrize("column", ["metric", "shots", "k", "problem"])
def test_every_part_of_the_key_tells_rows_apart(column: str) -> None:
    frame = table(run="a", params=1e9, tokens=2e10, **{column: [1, 2, 3, 4, 5, None]})
    frame["chance"] = 0.25
    assert len(Runs(frame)) == N_ROWS
    assert problems_of(frame.drop(columns=column))[0].rows == (1, 2, 3, 4, 5, 6)


def test_k_above_the_attempts() -> None:
    problem = only_problem(table(k=[1, 2, 4, 8, None, 4], n_samples=[4, 4, 4, 4, 4, None]))
    assert (problem.message, problem.rows) == ("k above n_samples", (4,))


def test_more_right_than_attempts() -> None:
    counts = {"problem": list("abcdef"), "n_correct": [0, 1, 2, 3, 4, 5], "n_samples": [4] * 6}
    problem = only_problem(table(**counts))
    assert (problem.message, problem.rows) == ("n_correct above n_samples", (6,))


def test_counts_of_no_problem() -> None:
    counts = {
        "problem": ["a", "b", None, "", "e", "f"],
        "n_correct": [0, 1, 2, None, 4, 0],
        "n_samples": [4] * 6,
    }
    problem = only_problem(table(**counts))
    assert "n_correct without problem" in problem.message
    assert problem.rows == (3,)


def test_counts_without_attempts() -> None:
    problem = only_problem(table(problem=list("abcdef"), n_correct=[0, 1, 2, 3, 4, 5]))
    assert problem.message == "n_correct without n_samples"


def test_counts_that_are_no_counts() -> None:
    problem = only_problem(table(problem=list("abcdef"), n_correct=[0, 1, -2, 0.5, 4, 4], n_samples=[4] * 6))
    assert (problem.message, problem.rows) == ("negative or not whole", (3, 4))


def test_a_run_with_two_budgets() -> None:
    frame = table(run=["a", "a", "b", "b", "b", "c"], benchmark=["piqa", "sciq"] * 3, params=[1e9, 2e9, 1, 1, 1, 1])
    frame["params"] = [1e9, 2e9, 3e9, 3e9, 3e9, 1e9]
    frame["benchmark"] = ["piqa", "sciq", "piqa", "sciq", "copa", "piqa"]
    frame["tokens"] = 2e10
    problem = only_problem(frame)
    assert problem.message == "a run with different params in its rows"
    assert problem.rows == (1, 2)
    assert "row 1: 'a' params 1e9; row 2: 'a' params 2e9" in str(problem)


def test_a_run_with_given_and_computed_flops() -> None:
    frame = table(run="a", benchmark=["piqa", "sciq", "copa", "boolq", "wic", "rte"], params=1e9, tokens=2e10)
    problem = only_problem(frame.assign(flops=[1.3e20, None, None, 1.3e20, 1.3e20, 1.3e20]))
    assert problem.message == "a run with different flops in its rows"
    assert "rows 2, 3: 'a' flops 1.2e20 (6ND)" in str(problem)


def test_a_run_in_two_families() -> None:
    frame = table(run="a", benchmark=["piqa", "sciq", "copa", "boolq", "wic", "rte"], params=1e9, tokens=2e10)
    problem = only_problem(frame.assign(family=["x", "x", "y", "x", "x", "x"]))
    assert problem.message == "a run in different families"


def test_rounded_budgets_are_one_budget() -> None:
    frame = table(run="a", benchmark=["piqa", "sciq", "copa", "boolq", "wic", "rte"], params=1e9, tokens=2e10)
    assert len(Runs(frame.assign(flops=[1.2345678e20, 1.234568e20] * 3))) == N_ROWS


def test_a_benchmark_with_two_chance_levels() -> None:
    problem = only_problem(table(chance=[0.25, 0.25, 0.2, None, 0.25, 0.25]))
    assert "different chance levels" in problem.message
    assert "row 4: 'arc_easy' chance 0.25 (known benchmark)" in str(problem)


def test_chance_may_differ_between_metrics_and_shots() -> None:
    frame = table(metric=["acc", "acc", "em", "em", "acc", "acc"], shots=[0, 0, 0, 0, 5, 5])
    assert len(Runs(frame.assign(chance=[0.25, 0.25, 0, 0, 0.3, 0.3]))) == N_ROWS


def test_every_benchmark_without_a_chance_is_named() -> None:
    problem = only_problem(table(benchmark=["foo", "bar", "piqa", "foo", "baz", "gsm8k"]))
    assert "is not known for 'foo', 'bar', 'baz'" in problem.message
    assert "1 / choices for multiple choice, 0 where the answer is written" in problem.expected
    assert problem.rows == (1, 2, 4, 5)


def test_an_empty_table() -> None:
    problem = only_problem(table().iloc[:0])
    assert problem.message == "the table has no rows"


def test_a_table_of_nothing() -> None:
    messages = [problem.message for problem in problems_of(pd.DataFrame())]
    assert messages[:3] == ["there is no such column", "there is no such column", "the table has no rows"]


def test_what_is_no_table() -> None:
    with pytest.raises(TypeError, match="pandas DataFrame, got list"):
        Runs([1, 2])  # type: ignore[arg-type]


def test_all_problems_come_in_one_error() -> None:
    frame = table(
        run=["a", "b", "b", "d", "e", ""],
        accuracy=[45.0, 0.3, 0.4, "x", np.nan, np.inf],
        params=[1.3, 1e8, 1e8, -1, 5e8, "big"],
        tokens=2e9,
        shots=[0.5, 0, 0, 0, 0, 0],
        benchmark=["foo", "piqa", "piqa", "piqa", "piqa", "piqa"],
    )
    problems = problems_of(frame)
    found = {(problem.column, problem.rows) for problem in problems}
    assert found == {
        ("accuracy", (1,)),
        ("accuracy", (4,)),
        ("accuracy", (6,)),
        ("params", (1,)),
        ("params", (4,)),
        ("params", (6,)),
        ("run", (6,)),
        ("shots", (1,)),
        ("chance", (1,)),
        ("run, benchmark, metric, shots", (2, 3)),
    }
    assert [problem.rows[0] for problem in problems] == sorted(problem.rows[0] for problem in problems)


def test_the_message_is_short_and_the_problems_are_complete() -> None:
    n = 5000
    frame = pd.DataFrame({"run": [f"m{i}" for i in range(n)], "params": 7.0, "tokens": np.arange(n) / 10})
    frame = frame.assign(benchmark="unheard of", accuracy=np.linspace(1.1, 90, n))
    start = time.perf_counter()
    with pytest.raises(RunsError) as caught:
        Runs(frame)
    assert time.perf_counter() - start < 5
    text = str(caught.value)
    assert len(text) < 2500
    assert text.startswith(
        "runs: 5 problems in a table of 5,000 rows (rows are counted from 1, the header not counted)"
    )
    assert "rows 1, 2, 3, 4, 5 and 4,995 more: 7" in text
    assert "and 4,995 more rows" in text
    assert {len(problem.rows) for problem in caught.value.problems} == {5000, 4999, 1}


def test_problems_are_values() -> None:
    problem = only_problem(table(accuracy=[45.0, 0.3, 0.3, 0.3, 0.3, 0.3]))
    with pytest.raises(AttributeError):
        problem.rows = ()  # type: ignore[misc]
    assert problem == only_problem(table(accuracy=[45.0, 0.3, 0.3, 0.3, 0.3, 0.3]))


def test_the_error_survives_pickling() -> None:
    error = RunsError([Problem("accuracy", "empty", "a score", (1,), (None,))], "runs.csv", 3)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.problems == error.problems
    assert isinstance(again, ValueError)


def test_seeds_in_a_column_are_runs_of_their_own() -> None:
    frame = pd.DataFrame({"model": ["70m", "70m"], "seed": [0, 1], "params": 7e7, "tokens": 1.4e9})
    problem = only_problem(frame.assign(benchmark="piqa", accuracy=[0.58, 0.59]))
    assert problem.message == "rows with the same key"
    assert "make it part of the name, such as 70m-seed0" in problem.expected


def test_rows_are_numbered_as_they_stood_before_empty_scores_were_left_out() -> None:
    frame = table(accuracy=[np.nan, 0.3, 0.3, 0.3, 1.2, 0.3])
    assert only_problem(frame).rows == (5,)


def test_a_wide_table_is_told() -> None:
    frame = pd.DataFrame({"run": ["a", "b"], "flops": [1e18, 1e19], "MMLU": [25.1, 30.2], "lm_eval/piqa/acc": 0.6})
    (problem,) = problems_of(frame)
    assert "this looks like a wide table, a column a benchmark (MMLU, lm_eval/piqa/acc)" in problem.expected
    assert "import wide" in problem.expected
