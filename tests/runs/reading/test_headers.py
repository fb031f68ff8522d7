"""Headers: names, units, and which of two columns is read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.runs.reading.headers import ORDER, SOURCES, read_header
from bayes_scaling.runs.table import Runs, RunsError


def table(**columns: object) -> pd.DataFrame:
    base = {
        "run": ["a", "b"],
        "params": [1e9, 2e9],
        "tokens": [2e10, 4e10],
        "benchmark": ["piqa", "piqa"],
        "accuracy": [0.6, 0.7],
    }
    return pd.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("header", "quantity", "scale"),
    [
        ("run", "run", 1),
        ("Run Name", "run", 1),
        ("model", "run", 1),
        ("model_name", "run", 1),
        ("N", "params", 1),
        ("n_params", "params", 1),
        ("nParams", "params", 1),
        ("Parameters", "params", 1),
        ("Model Size (B)", "params", 1e9),
        ("model_size_b", "params", 1e9),
        ("params (M)", "params", 1e6),
        ("params_in_billions", "params", 1e9),
        ("N [1e9]", "params", 1e9),
        ("params (B params)", "params", 1e9),
        ("D", "tokens", 1),
        ("n_tokens", "tokens", 1),
        ("training_tokens", "tokens", 1),
        ("tokens (B)", "tokens", 1e9),
        ("Training Tokens (T)", "tokens", 1e12),
        ("tokens_b", "tokens", 1e9),
        ("D (billion tokens)", "tokens", 1e9),
        ("C", "flops", 1),
        ("FLOPs", "flops", 1),
        ("compute", "flops", 1),
        ("Training compute (FLOP)", "flops", 1),
        ("training compute (ZFLOPs)", "flops", 1e21),
        ("compute (1e21 FLOPs)", "flops", 1e21),
        ("compute (PF-days)", "flops", 8.64e19),
        ("compute (petaflop/s-days)", "flops", 8.64e19),
        ("acc", "accuracy", 1),
        ("score", "accuracy", 1),
        ("percent", "accuracy", 0.01),
        ("accuracy (%)", "accuracy", 0.01),
        ("Accuracy %", "accuracy", 0.01),
        ("acc_pct", "accuracy", 0.01),
        ("Accuracy (in %)", "accuracy", 0.01),
        ("Model size (in billions)", "params", 1e9),
        ("score (fraction)", "accuracy", 1),
        ("loss (nats)", "loss", 1),
        ("loss (bits)", "loss", np.log(2)),
        ("validation_loss", "loss", 1),
        ("task", "benchmark", 1),
        ("dataset", "benchmark", 1),
        ("num_fewshot", "shots", 1),
        ("n_questions", "n_items", 1),
        ("acc_stderr", "stderr", 1),
        ("stderr (%)", "stderr", 0.01),
        ("random_baseline", "chance", 1),
        ("model family", "family", 1),
        ("K", "k", 1),
        ("problem_id", "problem", 1),
        ("num_samples", "n_samples", 1),
    ],
)
def test_names_and_units_are_read(header: str, quantity: str, scale: float) -> None:
    read = read_header(header)
    assert read is not None
    assert (read.quantity, read.scale) == (quantity, pytest.approx(scale, rel=1e-15))


@pytest.mark.parametrize(
    "header",
    [
        *(
            "d",
            "c",
            "p",
            "",
            " ",
            "(B)",
            "loss_c4_val",
            "loss_bits",
            "train_loss",
            "soft_acc",
            "task_bpb",
        ),
        *(
            "params_no_embed",
            "non_embedding_params",
            "active_params",
            "accuracy_last5_mean",
            "accuracy_last5_sd",
        ),
        *(
            "seed",
            "arch",
            "lr",
            "wd",
            "step",
            "source",
            "instruct",
            "chinchilla_multiplier",
            "n_correct_total",
        ),
        *("n_samples_min", "tokens_per_param", "flops_per_token", "batch_tokens", "lr", "n_ckpt"),
        *("accuracy_01", "acc_norm", "task_loss", "D/N", 3, None, *SOURCES),
    ],
)
def test_other_columns_are_not_ours(header: object) -> None:
    assert read_header(header) is None


@pytest.mark.parametrize("header", ["params (furlongs)", "compute (GPU hours)", "C (TFLOP/s)", "acc (5-shot)"])
def test_an_unknown_unit_has_no_scale(header: str) -> None:
    read = read_header(header)
    assert read is not None
    assert read.scale is None


@settings(deadline=None)
@given(st.sampled_from(sorted(set(ORDER) - set(SOURCES))), st.data())
def test_case_blanks_and_separators_do_not_count(name: str, data: st.DataObject) -> None:
    words = [data.draw(st.sampled_from([word, word.upper(), word.capitalize()])) for word in name.split("_")]
    if len(name) == 1:
        return
    header = data.draw(st.sampled_from(["_", " ", "-", ".", ""])).join(words)
    read = read_header(f" {header} ")
    assert read is not None
    assert read.quantity == name


@settings(deadline=None, max_examples=10)
@given(st.floats(1e8, 1e12), st.sampled_from([("K", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)]))
def test_units_say_what_plain_numbers_say(params: float, unit: tuple[str, float]) -> None:
    letter, scale = unit
    plain = Runs(table(params=[params, 2 * params]))
    scaled = Runs(table(params=[params / scale, 2 * params / scale]).rename(columns={"params": f"params ({letter})"}))
    np.testing.assert_allclose(scaled.frame["params"], plain.frame["params"], rtol=1e-15)
    np.testing.assert_allclose(scaled.frame["flops"], plain.frame["flops"], rtol=1e-15)


def test_percent_becomes_fractions() -> None:
    runs = Runs(table(accuracy=[45.0, 70.5]).rename(columns={"accuracy": "Accuracy (%)"}))
    assert runs.frame["accuracy"].tolist() == [0.45, 0.705]


def test_two_columns_that_agree_are_one_and_the_other_is_kept() -> None:
    frame = Runs(table(**{"Model parameters (B)": [1.0, 2.0]})).frame
    assert frame["params"].tolist() == [1e9, 2e9]
    assert frame["Model parameters (B)"].tolist() == [1.0, 2.0]


def test_two_columns_that_differ_are_a_problem_that_names_both() -> None:
    with pytest.raises(RunsError, match="'params' and 'N': both headers mean params, and their values differ"):
        Runs(table(N=[1e9, 3e9]))


def test_two_columns_of_labels_that_differ_are_a_problem_that_names_both() -> None:
    with pytest.raises(RunsError, match="'run' and 'run_id': both headers mean run"):
        Runs(table(run_id=["x", "y"]))


def test_an_empty_column_gives_way_to_one_with_values() -> None:
    frame = Runs(table(accuracy=[np.nan, np.nan], acc=[0.3, 0.4])).frame
    assert frame["accuracy"].tolist() == [0.3, 0.4]


def test_vague_names_are_left_alone_beside_plain_ones() -> None:
    extra = {
        "model": ["x", "x"],
        "dataset": ["C4", "C4"],
        "task": ["qa", "qa"],
        "score": [1, 2],
        "compute": [7, 8],
    }
    frame = Runs(table(flops=[1.2e20, 4.8e20], **extra)).frame
    assert frame["run"].tolist() == ["a", "b"]
    assert frame["family"].tolist() == ["default", "default"]
    assert {name: frame[name].tolist() for name in extra} == extra


def test_a_data_set_is_the_benchmark_only_where_nothing_else_is() -> None:
    only = table().rename(columns={"benchmark": "dataset"})
    assert Runs(only).benchmarks == ("piqa",)
    beside = table(dataset=["C4", "C4"]).rename(columns={"benchmark": "task"})
    assert Runs(beside).benchmarks == ("piqa",)
    assert Runs(beside).frame["dataset"].tolist() == ["C4", "C4"]


def test_an_unknown_unit_is_a_problem_where_the_quantity_is_needed() -> None:
    message = r"compute \(GPU hours\): the unit 'GPU hours' is not known; expected no unit in brackets, or one of"
    with pytest.raises(RunsError, match=message):
        Runs(table().drop(columns=["params", "tokens"]).assign(**{"compute (GPU hours)": [5, 6]}))


def test_an_unknown_unit_passes_where_the_quantity_is_there() -> None:
    frame = Runs(table(**{"params (non-embedding)": [8e8, 1.8e9], "loss (Pile)": [2.0, 1.9]})).frame
    assert frame["params"].tolist() == [1e9, 2e9]
    assert frame["params (non-embedding)"].tolist() == [8e8, 1.8e9]
    assert frame["loss"].isna().all()


def test_a_header_that_stands_twice_is_a_problem() -> None:
    twice = pd.concat([table(), table()[["params"]]], axis=1)
    with pytest.raises(RunsError, match="params: 2 columns have this header"):
        Runs(twice)


def test_named_levels_of_an_index_are_columns() -> None:
    assert Runs(table().set_index(["run", "benchmark"])).frame["run"].tolist() == ["a", "b"]
    assert Runs(table().set_index(pd.Index([7, 3]))) == Runs(table())
