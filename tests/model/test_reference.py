import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.model.make_reference import make_reference
from bayes_scaling.model.observed import encode_fitted, observe
from bayes_scaling.model.reference import Reference


def table(**columns):
    base = {"run": ["a", "b", "c"], "flops": [1e20, 1e21, 1e22], "benchmark": "x", "accuracy": [0.3, 0.4, 0.5]}
    return bs.Runs(pd.DataFrame({**base, "chance": 0.25, **columns}))


def test_labels_name_what_differs():
    runs = bs.Runs(
        pd.DataFrame(
            {
                "run": ["a", "a", "a", "b"],
                "flops": [1e20, 1e20, 1e20, 1e21],
                "benchmark": ["x", "x", "y", "x"],
                "shots": [0, 5, 0, 0],
                "metric": ["acc", "acc", "acc", "acc"],
                "accuracy": [0.3, 0.4, 0.5, 0.6],
                "chance": 0.25,
            }
        )
    )
    reference = make_reference(runs.frame)
    assert reference.labels == ("x (0-shot)", "x (5-shot)", "y")
    assert reference.encode(runs.frame).benchmark.tolist() == [0, 1, 2, 0]
    planned = pd.DataFrame({"run": ["n", "n"], "family": "default", "flops": 1e23, "benchmark": ["x (5-shot)", "y"]})
    assert reference.encode(planned).benchmark.tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"scored in several ways; expected one of x \(0-shot\), x \(5-shot\)"):
        reference.encode(planned.assign(benchmark=["x", "y"]))
    assert reference.encode(planned.assign(benchmark="y", shots=5)).benchmark.tolist() == [-1, -1]


def test_unknown_labels_get_minus_one():
    runs = table()
    frame = runs.frame.assign(benchmark=["x", "z", "x"], family=["default", "default", "other"])
    rows = make_reference(runs.frame).encode(frame)
    assert rows.benchmark.tolist() == [0, -1, 0]
    assert rows.family.tolist() == [0, 0, -1]
    assert rows.curve.tolist() == [0, -1, -1]
    assert rows.run.tolist() == [0, 1, -1]


def test_reference_budget_lies_where_the_information_is():
    reference = make_reference(table(accuracy=[0.25, 0.26, 0.6]).frame)
    centre = reference.centre("flops")[0]
    assert np.log(3e21) < centre < np.log(1e22)


def test_json_survives_to_the_last_bit():
    reference = make_reference(bs.load_dataset("pile_suite").frame)
    again = Reference.from_json(reference.to_json())
    assert again.to_json() == reference.to_json()
    assert again.labels == reference.labels
    assert np.array_equal(again.centre("flops"), reference.centre("flops"))
    frame = bs.load_dataset("pile_suite").frame
    assert np.array_equal(again.encode(frame).curve, reference.encode(frame).curve)


def test_flops_rule_is_the_tables_own():
    assert (
        make_reference(table(params=1e9, tokens=[1e10, 1e11, 1e12], flops=[7e19, 7e20, 7e21]).frame).flops_per_nd == 7
    )
    assert np.isnan(make_reference(table().frame).flops_per_nd)


def test_encoding_does_not_read_outcomes():
    runs = bs.load_dataset("cerebras_gpt")
    reference = make_reference(runs.frame)
    bare = runs.frame.drop(columns=["accuracy", "loss"])
    for name in ("benchmark", "curve", "run", "log_flops", "n_items", "floor"):
        assert np.array_equal(getattr(reference.encode(bare), name), getattr(reference.encode(runs.frame), name))


def test_planned_runs_cannot_be_fitted():
    with pytest.raises(ValueError, match="no accuracy column"):
        make_reference(bs.Runs(table().frame.drop(columns="accuracy")).frame)


def test_a_run_of_the_same_name_at_another_budget_is_another_run():
    runs = table()
    reference = make_reference(runs.frame)
    frame = runs.frame.assign(flops=[1e20, 1e25, 1e22])
    assert reference.encode(frame).run.tolist() == [0, -1, 2]


def test_reference_budget_of_a_new_benchmark_does_not_depend_on_the_order_of_rows():
    frame = bs.load_dataset("cerebras_gpt").frame
    ahead, reversed_ = (make_reference(bs.Runs(f).frame) for f in (frame, frame.iloc[::-1]))
    new = np.array([-1])
    assert ahead.centre_of("flops", new) == pytest.approx(reversed_.centre_of("flops", new))
    assert ahead.centre_of("flops", np.array([0])) == ahead.centre("flops")[0]


def test_each_row_keeps_what_its_standard_error_says():
    stderr = [0.005, 0.005, 0.05]
    runs = table(stderr=stderr)
    reference = make_reference(runs.frame)
    accuracy = runs.frame["accuracy"].to_numpy()
    expected = accuracy * (1 - accuracy) / np.array(stderr) ** 2
    assert encode_fitted(reference, runs.frame, observe(bs.DirectLaw(), runs.frame)).n_items == pytest.approx(expected)
    assert reference.encode(runs.frame).n_items == pytest.approx(np.median(expected))


def test_a_deviation_that_benchmarks_share_is_made_where_a_law_has_it():
    runs = bs.load_dataset("pile_suite")
    assert set(make_reference(runs.frame).bases) == {"benchmark", "curve"}
    found = make_reference(runs.frame, deviates_by=bs.DirectLaw().deviates_by)
    assert len(found.bases["family"]) == len(found.families)
    assert len(found.bases["table"]) == 1
    assert set(make_reference(runs.frame, deviates_by=bs.TwoStageLaw().deviates_by).bases) == {"benchmark", "curve"}
    single = runs.select(benchmark="piqa")  # what its benchmarks share is what its one curve has
    assert set(make_reference(single.frame, deviates_by=bs.DirectLaw().deviates_by).bases) == {"benchmark", "curve"}
