import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.model.loss_table import (
    filled_losses,
    loss_measures,
    loss_slopes,
    loss_values,
    read_losses,
    read_losses_at,
)

LAW = bs.TwoStageLaw()


def table(**columns):
    """Three runs on two benchmarks, with a loss each unless told otherwise."""
    frame = pd.DataFrame(
        {
            "run": np.repeat(["a", "b", "c"], 2),
            "params": np.repeat([1e8, 1e9, 1e10], 2),
            "tokens": np.repeat([2e9, 2e10, 2e11], 2),
            "benchmark": ["piqa", "arc_easy"] * 3,
            "accuracy": [0.55, 0.4, 0.65, 0.5, 0.75, 0.6],
            "loss": np.repeat([3.0, 2.6, 2.2], 2),
        }
    )
    return bs.Runs(frame.assign(**columns))


def test_a_loss_of_the_run_is_one_row_a_run():
    found = read_losses(LAW, table())
    assert found.shared
    assert found.losses.frame[["run", "benchmark", "loss"]].to_numpy().tolist() == [
        ["a", "loss", 3.0],
        ["b", "loss", 2.6],
        ["c", "loss", 2.2],
    ]
    assert (found.losses.frame["chance"] == 0).all()
    assert found.scored.frame.equals(table().frame)
    assert found.unused.empty


def test_losses_of_benchmarks_have_rows_of_their_own():
    found = read_losses(bs.TwoStageLaw(loss="bpb"), table(bpb=[1.2, 1.0, 1.1, 0.9, np.nan, 0.8]))
    assert not found.shared
    assert found.losses.frame[["run", "benchmark"]].to_numpy().tolist() == [
        ["a", "piqa"],
        ["a", "arc_easy"],
        ["b", "piqa"],
        ["b", "arc_easy"],
        ["c", "arc_easy"],
    ]
    assert found.losses.frame["loss"].tolist() == [1.2, 1.0, 1.1, 0.9, 0.8]
    assert found.unused[["run", "benchmark"]].to_numpy().tolist() == [["c", "piqa"]]
    assert len(found.scored) == 5


def test_rows_of_a_run_fill_each_others_loss():
    found = read_losses(LAW, table(loss=[np.nan, 3.0, 2.6, np.nan, 2.2, 2.2]))
    assert len(found.scored) == 6
    assert found.scored.frame["loss"].tolist() == [3.0, 3.0, 2.6, 2.6, 2.2, 2.2]


def test_a_run_without_scores_informs_stage_one_alone():
    found = read_losses(LAW, table(accuracy=[0.55, 0.4, np.nan, np.nan, 0.75, 0.6]))
    assert found.losses.frame["run"].tolist() == ["a", "b", "c"]
    assert found.scored.frame["run"].unique().tolist() == ["a", "c"]


def test_a_run_without_a_loss_is_not_used():
    found = read_losses(LAW, table(loss=[np.nan, np.nan, 2.6, 2.6, 2.2, 2.2]))
    assert found.losses.frame["run"].tolist() == ["b", "c"]
    assert found.unused["run"].tolist() == ["a", "a"]


@pytest.mark.parametrize(
    ("law", "columns", "message"),
    [
        (
            bs.TwoStageLaw(loss="bpb"),
            {},
            "reads losses from the column 'bpb', which is not there; .* like losses: loss",
        ),
        (bs.TwoStageLaw(loss="c4"), {"c4": ["x"] * 6}, "column 'c4' holds 'x' in row 1, 2, 3, 4, 5 and 1 more"),
        (bs.TwoStageLaw(loss="c4"), {"c4": [1.0, 0.0, 1, 1, 1, 1]}, "column 'c4' holds 0.0 in row 2; expected losses"),
        (LAW, {"loss": [np.nan] * 6}, "'loss', which is empty in every row"),
        (LAW, {"accuracy": [np.nan] * 6}, "no row has both an accuracy and a loss"),
    ],
)
def test_tables_that_cannot_be_read_are_refused(law, columns, message):
    with pytest.raises(ValueError, match=message):
        read_losses(law, table(**columns))


def test_points_share_the_loss_of_their_run():
    frame = table().frame
    measures, code = loss_measures(LAW, True, frame)
    assert code.tolist() == [0, 0, 1, 1, 2, 2]
    assert measures["benchmark"].tolist() == ["loss"] * 3
    measures, code = loss_measures(LAW, False, frame)
    assert code.tolist() == list(range(6))
    assert measures["benchmark"].tolist() == frame["benchmark"].tolist()


def test_slopes_are_those_within_families():
    frame = table(family=["x", "x", "x", "x", "y", "y"], loss=[3.0, 3.0, 2.4, 2.4, 9.0, 9.0]).frame
    within = np.log(3.0 / 2.4) / np.log(100)
    flat = table(loss=[2.0, 2.0, 2.1, 2.1, 2.2, 2.2]).frame
    one = frame[frame["run"] == "a"]  # one budget shows no slope
    for scored, slopes in ((frame, [within] * 6), (one, [0.06] * 2), (flat, [0.01] * 6)):
        assert loss_slopes(loss_values(LAW, scored), scored) == pytest.approx(slopes)


def test_rows_at_known_losses_need_one():
    frame = table(loss=[np.nan, 3.0, np.nan, np.nan, 2.2, 2.2]).frame
    assert np.isnan(filled_losses(LAW, frame, shared=True)).tolist() == [False, False, True, True, False, False]
    with pytest.raises(ValueError, match=r"the loss \(loss\) of run 'b' is empty"):
        read_losses_at(LAW, frame, shared=True)
    with pytest.raises(ValueError, match=r"of run 'a', 'b' is empty"):
        read_losses_at(LAW, frame, shared=False)
