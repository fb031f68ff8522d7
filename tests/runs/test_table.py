"""Runs: what is filled, and how a table is divided, compared, shown and saved."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.runs.published import load_dataset
from bayes_scaling.runs.table import Runs, read_runs

QUICK = settings(deadline=None, max_examples=12)


def table(n: int = 4, **columns: object) -> pd.DataFrame:
    base: dict[str, object] = {
        "run": [f"m{i}" for i in range(n)],
        "params": [1e8 * (i + 1) for i in range(n)],
        "tokens": [2e9 * (i + 1) for i in range(n)],
        "benchmark": ["arc_easy"] * n,
        "accuracy": [0.3 + 0.05 * i for i in range(n)],
    }
    return pd.DataFrame(base | columns)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Tables of a few runs on a few benchmarks, with gaps in the budgets and any of the optional columns."""
    n_runs = draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    runs = pd.DataFrame({"run": [f"m{i}" for i in range(n_runs)]})
    runs["params"] = 10 ** rng.uniform(7, 11, n_runs)
    runs["tokens"] = 10 ** rng.uniform(8, 13, n_runs)
    runs["flops"] = 6 * runs["params"] * runs["tokens"] * rng.uniform(0.9, 2, n_runs)
    gaps = rng.integers(0, 4, n_runs)  # at most one of the three is empty
    for gap, column in enumerate(("params", "tokens", "flops")):
        runs.loc[gaps == gap, column] = np.nan
    if draw(st.booleans()):
        runs["family"] = rng.choice(["x", "y"], n_runs)
    if draw(st.booleans()):
        runs["loss"] = np.where(rng.random(n_runs) < 0.3, np.nan, rng.uniform(1.5, 4, n_runs))
    names = ["arc_easy", "gsm8k", "unheard of"][: draw(st.integers(1, 3))]
    frame = runs.merge(pd.DataFrame({"benchmark": names}), how="cross").sample(frac=1, random_state=0)
    frame["chance"] = frame["benchmark"].map({"unheard of": 0.2})
    for column, values in {
        "accuracy": rng.random(len(frame)),
        "shots": rng.integers(0, 6, len(frame)),
        "n_items": rng.integers(10, 1000, len(frame)),
        "stderr": np.where(rng.random(len(frame)) < 0.3, np.nan, rng.uniform(0, 0.1, len(frame))),
        "k": rng.integers(1, 5, len(frame)),
        "metric": rng.choice(np.array(["acc", None], dtype=object), len(frame)),
        "note": rng.choice(["a", "b"], len(frame)),
    }.items():
        if draw(st.booleans()):
            frame[column] = values
    return frame


def test_columns_are_canonical_and_typed() -> None:
    frame = Runs(table(note=["a", "b", "c", "d"], shots=[0, 5, None, 0], problem=[1, 2, 3, 4])).frame
    assert list(frame.columns) == [
        *(
            "run",
            "trajectory",
            "family",
            "params",
            "tokens",
            "flops",
            "flops_source",
            "loss",
            "benchmark",
            "metric",
        ),
        *("accuracy", "shots", "chance", "chance_source", "problem", "note"),
    ]
    numbers = ["params", "tokens", "flops", "loss", "accuracy", "shots", "chance"]
    assert (frame[numbers].dtypes == np.float64).all()
    assert frame["problem"].tolist() == ["1", "2", "3", "4"]
    assert isinstance(frame.index, pd.RangeIndex)


def test_missing_labels_have_defaults() -> None:
    frame = Runs(table()).frame
    assert frame["family"].unique().tolist() == ["default"]
    assert frame["trajectory"].tolist() == frame["run"].tolist()
    assert frame["metric"].isna().all()
    assert frame["loss"].isna().all()


def test_a_trajectory_may_be_partly_given() -> None:
    assert Runs(table(trajectory=["t", None, "t", ""])).frame["trajectory"].tolist() == ["t", "m1", "t", "m3"]


def test_an_empty_family_is_one_family() -> None:
    assert Runs(table(family=[None, "", " ", np.nan])).families == ("default",)


def test_flops_are_6nd_where_they_are_missing() -> None:
    frame = Runs(table(flops=[1e18, None, 1.2e19, None])).frame
    assert frame["flops"].tolist() == [1e18, 6 * 2e8 * 4e9, 1.2e19, 6 * 4e8 * 8e9]
    assert frame["flops_source"].tolist() == ["given", "6ND", "given", "6ND"]


def test_the_third_of_n_d_c_follows_row_by_row() -> None:
    gaps = table(params=[1e9, 1e9, None, None], tokens=[2e10, None, 2e10, None], flops=[None, 1e20, 1e20, 1e20])
    frame = Runs(gaps).frame
    assert frame["flops"].tolist() == [1.2e20, 1e20, 1e20, 1e20]
    assert frame["tokens"].tolist()[:3] == [2e10, 1e20 / 6e9, 2e10]
    assert frame["params"].tolist()[:3] == [1e9, 1e9, 1e20 / 1.2e11]
    assert frame[["params", "tokens"]].iloc[3].isna().all()


def test_integers_do_not_overflow() -> None:
    frame = Runs(table(params=[7_000_000_000] * 4, tokens=[15_000_000_000_000] * 4)).frame
    assert frame["flops"].tolist() == [6.3e23] * 4


def test_chance_is_given_or_known_or_zero_for_generative() -> None:
    frame = Runs(
        table(benchmark=["mine", "ARC-Easy (0-shot)", "GSM8K", "other"], metric=[None, None, None, "em"]).assign(
            chance=[0.2, None, None, None]
        )
    ).frame
    assert frame["chance"].tolist() == [0.2, 0.25, 0, 0]
    assert frame["chance_source"].tolist() == ["given", "known benchmark", "generative", "generative"]


def test_a_given_chance_wins() -> None:
    frame = Runs(table(benchmark="boolq", chance=0.62)).frame
    assert frame["chance"].tolist() == [0.62] * 4
    assert set(frame["chance_source"]) == {"given"}


@pytest.mark.parametrize("accuracy", [None, np.nan, ""])
def test_without_accuracy_the_runs_are_planned(accuracy: object) -> None:
    runs = Runs(table(accuracy=accuracy))
    assert "accuracy" not in runs.frame
    assert runs == Runs(table().drop(columns="accuracy"))
    assert runs.summary().planned


def test_scores_may_be_text_or_right_and_wrong() -> None:
    assert Runs(table(accuracy=["0.5", " .25", "1", "0"])).frame["accuracy"].tolist() == [0.5, 0.25, 1, 0]
    assert Runs(table(accuracy=[True, False, True, True])).frame["accuracy"].tolist() == [1, 0, 1, 1]


def test_other_columns_pass_untouched() -> None:
    extra = {
        "seed": [1, None, 3, 4],
        "arch": pd.Categorical(list("abab")),
        "loss_c4_val": [3.0, 2.9, 2.8, 2.7],
    }
    frame = table(**extra)
    pd.testing.assert_frame_equal(Runs(frame).frame[list(extra)], frame[list(extra)])


def test_the_frame_given_is_not_changed() -> None:
    frame = table(accuracy=["0.3"] * 4, run=[1, 2, 3, 4])
    before = frame.copy(deep=True)
    Runs(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_rows_keep_their_order_and_number() -> None:
    frame = table().iloc[[2, 0, 3, 1]]
    assert Runs(frame).frame["run"].tolist() == ["m2", "m0", "m3", "m1"]


@QUICK
@given(tables())
def test_reading_a_table_twice_changes_nothing(frame: pd.DataFrame) -> None:
    runs = Runs(frame)
    again = Runs(runs.frame)
    assert again == runs
    assert again.data_hash == runs.data_hash
    pd.testing.assert_frame_equal(again.frame, runs.frame, check_exact=True)


@QUICK
@given(tables())
def test_json_holds_the_whole_table(frame: pd.DataFrame) -> None:
    runs = Runs(frame)
    back = Runs.from_json(runs.to_json())
    pd.testing.assert_frame_equal(back.frame, runs.frame, check_exact=True)
    assert back == runs
    assert back.to_json() == runs.to_json()


@QUICK
@given(tables(), st.floats(1e15, 1e25))
def test_a_split_is_a_partition(frame: pd.DataFrame, flops: float) -> None:
    runs = Runs(frame)
    low, high = runs.split(flops=flops)
    assert len(low) + len(high) == len(runs)
    assert (low.frame["flops"] <= flops).all()
    assert (high.frame["flops"] > flops).all()
    together = pd.concat([part.frame for part in (low, high)])
    columns = list(runs.frame.columns)
    order = ["run", "benchmark"]
    expected = runs.frame.sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(together.sort_values(order, ignore_index=True)[columns], expected)


@QUICK
@given(tables())
def test_parts_are_valid_tables(frame: pd.DataFrame) -> None:
    runs = Runs(frame)
    part, rest = runs.split("benchmark == 'arc_easy'")
    assert list(part.frame.columns) == list(rest.frame.columns) == list(runs.frame.columns)
    assert Runs(part.frame) == part


def test_split_at_each_budget_and_by_query() -> None:
    runs = Runs(table())
    for condition in ({"flops": 4.8e18}, {"params": 2e8}, {"tokens": 4e9}):
        low, high = runs.split(**condition)
        assert low.frame["run"].tolist() == ["m0", "m1"]
        assert high.frame["run"].tolist() == ["m2", "m3"]
    assert runs.split("params <= 2e8") == runs.split(params=2e8)
    assert [len(part) for part in runs.split(flops=1e30)] == [4, 0]


def test_split_takes_one_condition() -> None:
    runs = Runs(table())
    with pytest.raises(ValueError, match="exactly one of query, flops, params, tokens; got none"):
        runs.split()
    with pytest.raises(ValueError, match=r"got flops=1e\+20, params=1000\.0"):
        runs.split(flops=1e20, params=1e3)


@pytest.mark.parametrize("threshold", [np.nan, np.inf, 0, -1.0, "1e20", True])
def test_split_refuses_what_is_no_budget(threshold: float) -> None:
    with pytest.raises(ValueError, match=r"flops=.*expected a (positive )?number such as 1e21"):
        Runs(table()).split(flops=threshold)


def test_split_at_a_column_with_gaps_is_refused() -> None:
    runs = Runs(table(params=[1e9, None, 1e9, 1e9], tokens=None, flops=1e20))
    with pytest.raises(ValueError, match=r"params is empty in rows 2, so they belong to neither side"):
        runs.split(params=1e9)
    with pytest.raises(ValueError, match=r"split\('params < 2e9'\): params is empty in rows 2"):
        runs.split("params < 2e9")
    assert [len(part) for part in runs.split("run != 'params'")] == [4, 0]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("params <=", "cannot be evaluated"),
        ("nothing > 1", "cannot be evaluated.*the columns are run, trajectory, family"),
        ("params + 1", "true or false for every row"),
        ("1 == 1", "true or false for every row"),
        ("", "expected text such as"),
    ],
)
def test_a_query_that_is_none_is_refused(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Runs(table()).split(query)
    with pytest.raises(ValueError, match=message):
        Runs(table()).select(query)


def test_select_by_values() -> None:
    runs = Runs(table(benchmark=["piqa", "sciq", "piqa", "gsm8k"], shots=[0, 0, 5, 5], seed=[1, 2, 3, None]))
    assert runs.select(benchmark="piqa").frame["run"].tolist() == ["m0", "m2"]
    assert runs.select(benchmark=["gsm8k", "sciq"]).frame["run"].tolist() == ["m1", "m3"]
    assert runs.select(benchmark=("piqa",), shots=0).frame["run"].tolist() == ["m0"]
    assert runs.select(shots=np.array([0, 5])) == runs
    assert runs.select("params > 1e8", shots=0).frame["run"].tolist() == ["m1"]
    assert runs.select(seed=None).frame["run"].tolist() == ["m3"]
    assert runs.select(family="default") == runs
    assert len(runs.select(benchmark="gsm8k", shots=0)) == 0
    assert runs.select() == runs


def test_select_lists_what_is_known() -> None:
    runs = Runs(table(benchmark=["piqa", "sciq", "piqa", "gsm8k"], shots=[0, 0, 5, 5]))
    with pytest.raises(
        ValueError, match=r"benchmark 'gsm8K' does not occur.*'gsm8k'.*known are 'piqa', 'sciq', 'gsm8k'"
    ):
        runs.select(benchmark=["piqa", "gsm8K"])
    with pytest.raises(ValueError, match="shots 3 does not occur; known are 0, 5"):
        runs.select(shots=3)
    with pytest.raises(ValueError, match="there is no column 'bench'; the columns are run, trajectory"):
        runs.select(bench="piqa")


def test_labels_are_in_order_of_appearance() -> None:
    runs = Runs(table(benchmark=["sciq", "piqa", "sciq", "arc_easy"], family=["z", "a", "z", "m"]))
    assert runs.benchmarks == ("sciq", "piqa", "arc_easy")
    assert runs.families == ("z", "a", "m")
    assert len(runs) == 4


def test_runs_cannot_be_changed() -> None:
    runs = Runs(table())
    frame = runs.frame
    frame.loc[0, "accuracy"] = 0.99
    frame["new"] = 1
    assert runs == Runs(table())
    with pytest.raises(AttributeError, match="immutable"):
        runs._frame = frame
    with pytest.raises(AttributeError, match="immutable"):
        del runs._frame
    with pytest.raises(AttributeError):
        runs.frame = frame  # type: ignore[misc]


def test_equality_and_hash() -> None:
    runs, same, other = Runs(table()), Runs(table()), Runs(table(accuracy=0.5))
    assert runs == same
    assert hash(runs) == hash(same)
    assert runs != other
    assert runs.data_hash != other.data_hash
    assert runs != "runs"
    assert len({runs, same, other}) == 2


def test_a_changed_frame_leaves_the_runs_as_they_were() -> None:
    runs = Runs(table())
    one, other = runs.frame, runs.frame
    assert np.shares_memory(one["flops"].to_numpy(), other["flops"].to_numpy())
    one["new"] = 1
    one.loc[0, "flops"] = 7.0
    one["run"] = "x"
    one.columns.name, one.index.name = "columns", "index"
    assert runs == Runs(table())
    assert runs.frame.columns.name is None
    assert runs.frame.index.name is None
    assert other["flops"].iloc[0] != 7.0


def test_copies_are_equal() -> None:
    runs = Runs(table())
    for again in (pickle.loads(pickle.dumps(runs)), copy.copy(runs), copy.deepcopy(runs)):
        assert again == runs
        assert again.data_hash == runs.data_hash


def test_another_process_agrees_and_loads_no_heavy_module() -> None:
    code = (
        "import sys, bayes_scaling.runs.table, bayes_scaling.runs.published as datasets;"
        "heavy = ('matplotlib', 'pymc', 'pytensor', 'arviz', 'numba', 'scipy');"
        "assert not [name for name in heavy if name in sys.modules];"
        "print(datasets.load_dataset('cerebras_gpt').data_hash)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == load_dataset("cerebras_gpt").data_hash
    assert len(result.stdout.strip()) == 64


def test_from_json_refuses_other_text() -> None:
    with pytest.raises(ValueError, match="not a saved table of runs"):
        Runs.from_json("[]")


def test_ten_thousand_rows_are_quick() -> None:
    n = 10_000
    run = np.arange(n) // 50
    frame = pd.DataFrame({"run": [f"m{i}" for i in run], "benchmark": [f"b{i % 50}" for i in range(n)], "chance": 0.25})
    frame = frame.assign(params=1e8 * (1 + run), tokens=2e9 * (1 + run), accuracy=0.5, n_items=100)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        Runs(frame)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.6  # 0.1 s on an idle machine


def test_the_representations_say_what_was_understood() -> None:
    runs = Runs(table(family=["<b>", "a", "a", "a"], note="x"))
    assert repr(runs) == str(runs.summary()) == runs.summary().text
    assert repr(runs).splitlines()[0] == "Runs: 4 scores of 4 runs on 1 benchmark"
    page = runs._repr_html_()
    assert "&lt;b&gt; (1 run)" in page
    assert "<table" in page
    assert "arc_easy" in page


def test_an_empty_part_can_be_shown_and_saved() -> None:
    _, empty = Runs(table()).split(flops=1e30)
    assert repr(empty).startswith("Runs: 0 scores of 0 runs on 0 benchmarks")
    assert empty._repr_html_()
    assert Runs.from_json(empty.to_json()) == empty
    assert empty.benchmarks == ()


def test_read_runs_and_runs_agree(tmp_path: object) -> None:
    path = f"{tmp_path}/runs.csv"
    table().to_csv(path, index=False)
    assert read_runs(path) == Runs(table())
