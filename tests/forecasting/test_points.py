import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.forecasting.budget_rows import budget_frame, flops_rule, named_by_budgets
from bayes_scaling.forecasting.checks import check_budgets, check_labels
from bayes_scaling.forecasting.notes import budget_notes
from bayes_scaling.forecasting.points import encode_points, extrapolation_decades, make_points, unseen_pairs
from bayes_scaling.model.make_reference import make_reference
from bayes_scaling.runs.columns import score_labels


@pytest.fixture(scope="module")
def families(families_runs):
    return make_reference(families_runs.frame)


@pytest.fixture(scope="module")
def two_metrics():
    """Reference of a table that scores one benchmark by two metrics."""
    frame = bs.load_dataset("cerebras_gpt").select(benchmark=["piqa", "hellaswag"]).frame
    both = pd.concat([frame, frame[frame["benchmark"] == "piqa"].assign(metric="acc_norm")])
    return make_reference(bs.Runs(both).frame)


def plan(**columns):
    base = {"run": ["new"], "family": ["Pythia"], "benchmark": ["piqa"], "flops": [1e22], "chance": [0.5]}
    return bs.Runs(pd.DataFrame(base | columns)).frame


def check_known(reference, frame):
    check_labels(reference, frame, reference.encode(frame))


@given(st.permutations(range(49)))
def test_points_follow_the_rows(order):
    runs = bs.load_dataset("cerebras_gpt")
    reference, frame = make_reference(runs.frame), runs.frame
    points = encode_points(reference, frame.iloc[list(order)])
    np.testing.assert_array_equal(points.rows.log_flops, np.log(frame["flops"].to_numpy()[list(order)]))
    np.testing.assert_array_equal(points.rows.benchmark, reference.encode(frame).benchmark[list(order)])
    for new in (points.new_benchmark, points.new_family, points.new_curve, points.new_run):
        assert (new == -1).all()


def test_new_labels_share_a_code(families):
    frame = plan(
        run=["x", "x", "y", "z"],
        family=["new", "new", "new", "other"],
        benchmark=["piqa", "sciq", "sciq", "piqa"],
        flops=[1e22, 1e22, 1e23, 1e22],
        chance=[0.5, 0.25, 0.25, 0.5],
    )
    points = encode_points(families, frame)
    assert points.new_family.tolist() == [0, 0, 0, 1]
    assert points.new_benchmark.tolist() == [-1, 0, 0, -1]
    assert points.new_curve.tolist() == [0, 1, 1, 2]
    assert points.new_run.tolist() == [0, 0, 1, 2]


def test_some_of_the_points_keep_their_codes_or_count_them_anew(families):
    frame = plan(
        run=["x", "x", "y", "z"],
        family=["new", "new", "new", "other"],
        benchmark=["piqa", "sciq", "sciq", "piqa"],
        flops=[1e22, 1e22, 1e23, 1e22],
        chance=[0.5, 0.25, 0.25, 0.5],
    )
    taken = encode_points(families, frame).take(np.array([3, 2]))
    assert taken.frame["run"].tolist() == ["z", "y"]
    assert taken.new_run.tolist() == [2, 1]
    assert taken.new_benchmark.tolist() == [-1, 0]
    anew, own = taken.recoded(), encode_points(families, frame.iloc[[3, 2]])
    for name in ("new_benchmark", "new_family", "new_curve", "new_run"):
        assert getattr(anew, name).tolist() == getattr(own, name).tolist()


def test_points_of_a_fit_are_checked(cerebras_fit, cerebras_held_out):
    frame = cerebras_held_out.frame
    assert len(make_points(cerebras_fit, frame)) == len(frame)
    with pytest.raises(ValueError, match="flops is missing for run"):
        make_points(cerebras_fit, frame.assign(flops=np.nan))
    assert np.isnan(make_points(cerebras_fit, frame.assign(flops=np.nan), needs=()).rows.log_flops).all()
    with pytest.raises(ValueError, match="k goes up to 2"):
        make_points(cerebras_fit, frame.assign(k=2.0))
    other = frame.assign(family="other")
    with pytest.raises(ValueError, match="family 'other' was not fitted"):
        make_points(cerebras_fit, other)
    assert (make_points(cerebras_fit, other, new_groups=True).new_family == 0).all()


def test_a_new_benchmark_scored_in_two_ways_is_two(families):
    frame = plan(
        run=["x", "x"], family=["Pythia"] * 2, benchmark=["sciq"] * 2, metric=["acc", "acc_norm"], flops=[1e22] * 2,
        chance=[0.25] * 2,
    )  # fmt: skip
    points = encode_points(families, frame)
    assert points.new_benchmark.tolist() == [0, 1]
    assert points.new_curve.tolist() == [0, 1]


def test_a_run_of_another_family_is_a_new_run(families, families_runs):
    frame = families_runs.frame.iloc[:1].assign(family="OPT")
    points = encode_points(families, frame)
    assert points.rows.run.tolist() == [-1]
    assert points.new_run.tolist() == [0]


def test_budgets_cross_runs_then_families_then_benchmarks(families):
    frame = budget_frame(families, bs.budgets([1e22, 1e23], benchmark=["piqa", "arc_easy"], family=["OPT", "Pythia"]))
    assert frame["flops"].tolist() == [1e22] * 4 + [1e23] * 4
    assert frame["family"].tolist() == (["OPT"] * 2 + ["Pythia"] * 2) * 2
    assert frame["benchmark"].tolist() == ["piqa", "arc_easy"] * 4
    assert frame["run"].nunique() == 4
    assert frame["run"].iloc[0] == "OPT at 1e+22 FLOPs"


def test_budgets_take_every_fitted_label_by_default(families):
    frame = budget_frame(families, bs.budgets(1e22))
    assert len(frame) == len(families.families) * len(families.labels)
    check_known(families, frame)
    assert unseen_pairs(encode_points(families, frame)) == []


def test_repeated_benchmarks_do_not_repeat_points(two_metrics):
    frame = budget_frame(two_metrics, bs.budgets(1e22, benchmark=["piqa", "piqa (acc)", "piqa", "hellaswag"]))
    assert frame[["benchmark", "metric"]].to_numpy().tolist() == [
        ["piqa", "acc"],
        ["piqa", "acc_norm"],
        ["hellaswag", "acc"],
    ]


def test_one_metric_is_asked_for_by_its_label(two_metrics):
    frame = budget_frame(two_metrics, bs.budgets(1e22, benchmark="piqa (acc_norm)"))
    assert frame["metric"].tolist() == ["acc_norm"]
    assert two_metrics.encode(frame).benchmark.tolist() == [two_metrics.labels.index("piqa (acc_norm)")]


def test_close_budgets_are_different_runs(families):
    frame = budget_frame(families, bs.budgets([1e22, 1e22 + 1e15], benchmark="piqa", family="OPT"))
    assert frame["run"].nunique() == 2


def test_pairs_follow_the_tables_own_flops_rule(families):
    frame = budget_frame(families, bs.budgets(params=7e9, tokens=1e12, benchmark="piqa", family="OPT"))
    assert frame["flops"].tolist() == [flops_rule(families) * 7e21]
    assert frame["run"].tolist() == ["7e+09 params, 1e+12 tokens"]


def test_params_and_tokens_are_unknown_without_a_ratio(families):
    frame = budget_frame(families, bs.budgets(1e22))
    assert frame[["params", "tokens"]].isna().all(axis=None)
    assert "k" not in frame


@given(st.floats(1e15, 1e30), st.floats(1e-2, 1e5))
def test_a_ratio_gives_params_and_tokens_by_the_tables_own_rule(families, flops, ratio):
    [row] = budget_frame(families, bs.budgets(flops, ratio=ratio, benchmark="piqa", family="OPT")).to_dict("records")
    assert row["flops"] == flops
    assert row["tokens"] / row["params"] == pytest.approx(ratio)
    assert flops_rule(families) * row["params"] * row["tokens"] == pytest.approx(flops)


def test_names_of_runs_tell_ratios_apart(families):
    at = bs.budgets([1e22, 1e23], ratio=[20, 100], benchmark="piqa", family=["OPT", "Pythia"])
    frame = budget_frame(families, at)
    assert frame["run"].nunique() == len(frame) == 8
    assert frame["run"].iloc[0] == "OPT at 1e+22 FLOPs, 20 tokens/param"
    assert frame["run"].iloc[-1] == "Pythia at 1e+23 FLOPs, 100 tokens/param"
    assert budget_frame(families, bs.budgets(1e22, ratio=[20, 20.0001]))["run"].nunique() == 2 * len(families.families)


@pytest.mark.parametrize(
    "budget", [{"flops": 1e22}, {"flops": 1e22, "ratio": 20}, {"params": 7e9, "tokens": 1e12}], ids=" ".join
)
def test_every_k_of_a_planned_run_shares_its_name(families, budget):
    labels = {"benchmark": ["piqa", "arc_easy"], "family": "OPT"}
    once, frame = (budget_frame(families, bs.budgets(**budget, **labels, **more)) for more in ({}, {"k": [1, 10]}))
    assert frame["k"].tolist() == [1.0, 10.0] * 2
    assert frame["k"].dtype == float
    pd.testing.assert_frame_equal(
        frame.drop(columns="k"), once.loc[once.index.repeat(2)].reset_index(drop=True), check_exact=True
    )
    assert encode_points(families, frame).new_run.tolist() == [0] * 4


def test_pairs_fall_back_to_six(families_runs):
    frame = families_runs.frame.drop(columns=["params", "tokens"])
    assert flops_rule(make_reference(bs.Runs(frame).frame)) == 6.0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"benchmark": ["sciq"]},
            r"benchmark 'sciq' was not fitted; the fit knows hellaswag, piqa, arc_easy\..*",
        ),
        ({"family": ["Llama"]}, r"family 'Llama' was not fitted; the fit knows .*Pythia.*new_groups=\"sample\""),
    ],
)
def test_unknown_labels_list_the_known_ones(families, columns, message):
    with pytest.raises(ValueError, match=message):
        check_known(families, plan(**columns))


@pytest.mark.parametrize(("column", "at"), [("benchmark", "sciq"), ("family", "Llama")])
def test_unknown_labels_of_budgets_list_the_known_ones(families, column, at):
    with pytest.raises(ValueError, match=f"{column} '{at}' was not fitted; the fit knows"):
        check_known(families, budget_frame(families, bs.budgets(1e22, **{column: at})))


def test_another_metric_is_told_from_another_benchmark(families):
    with pytest.raises(ValueError, match=r"piqa \(f1.*\) was not fitted in this way; the fit knows piqa \(acc"):
        check_known(families, plan(metric=["f1"]))


def test_an_unknown_chance_is_asked_for(families):
    frame = budget_frame(families, bs.budgets(1e22, benchmark="never_heard_of"))
    with pytest.raises(ValueError, match=r"guessing scores on 'never_heard_of' is not known.*column chance"):
        encode_points(families, frame)


def test_points_that_lack_a_budget_are_refused():
    frame = plan(run=["a"], flops=[1e22])
    check_budgets(("flops",), frame)
    with pytest.raises(
        ValueError, match=r"tokens is missing for run 'a'; this law forecasts from params, tokens\. Fill"
    ):
        check_budgets(("params", "tokens"), frame.assign(params=1e9))
    with pytest.raises(ValueError, match=r"tokens, k are missing .*Fill in tokens, k in the table of planned runs$"):
        check_budgets(("tokens", "k"), frame)
    with pytest.raises(ValueError, match="no rows"):
        check_budgets(("flops",), frame.iloc[:0])


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        (
            ("params", "tokens"),
            r"^params, tokens are missing for run '1e\+22 FLOPs'; .*"
            r"Give ratio= \(tokens per parameter\) with flops=, or params= with tokens=$",
        ),
        (("flops", "k"), "^k is missing for .*Give k=, the attempts at each problem$"),
        (("params", "tokens", "k"), "^params, tokens, k are missing for .*tokens=; and k=, the attempts"),
    ],
)
def test_budgets_that_lack_something_say_how_to_give_it(families, needs, message):
    at = {"flops": 1e22, "family": "OPT"}
    with pytest.raises(ValueError, match=message):
        check_budgets(needs, budget_frame(families, bs.budgets(**at)))
    check_budgets(needs, budget_frame(families, bs.budgets(**at, ratio=20, k=1)))


def test_a_rule_of_another_factor_than_six_is_said(families):
    other, usual = (dataclasses.replace(families, flops_per_nd=rule) for rule in (6.5, 6.0))
    with_ratio, pairs = bs.budgets(1e23, ratio=[20, 100]), bs.budgets(params=7e9, tokens=1e12)
    rule = "6.5 * params * tokens, as in the fitted runs"
    assert budget_notes(other, with_ratio) == [f"params and tokens follow from the ratio and FLOPs = {rule}"]
    assert budget_notes(other, pairs) == [f"FLOPs are {rule}"]
    assert budget_notes(other, bs.budgets(1e23)) == []
    assert budget_notes(usual, with_ratio) == budget_notes(usual, pairs) == []


@given(st.floats(-3, 3))
def test_decades_are_measured_from_the_fitted_budgets(distance):
    runs = bs.load_dataset("cerebras_gpt")
    reference, fitted = make_reference(runs.frame), runs.frame["flops"]
    edge = fitted.max() if distance > 0 else fitted.min()
    frame = budget_frame(reference, bs.budgets(edge * 10**distance, benchmark="piqa"))
    decades = extrapolation_decades(reference, encode_points(reference, frame))
    np.testing.assert_allclose(decades, [distance], atol=1e-6)


def test_decades_are_zero_between_and_of_the_own_curve(families, families_runs):
    frame = families_runs.frame
    assert (extrapolation_decades(families, encode_points(families, frame)) == 0).all()
    small = frame[frame["family"] == "Cerebras-GPT"]["flops"].max()
    planned = plan(run=["a", "b"], family=["Cerebras-GPT", "unseen"], benchmark=["piqa"] * 2, flops=[10 * small] * 2,
                   chance=[0.5] * 2)  # fmt: skip
    own, unseen = extrapolation_decades(families, encode_points(families, planned))
    assert own == pytest.approx(1.0)
    assert unseen == pytest.approx(max(np.log10(10 * small / frame["flops"].max()), 0.0), abs=1e-6)


def test_labels_name_metric_and_shots_only_where_they_differ():
    frame = pd.DataFrame(
        {"benchmark": ["a", "a", "b", "b"], "metric": ["acc", np.nan, "acc", "acc"], "shots": [0.0, 0.0, 0.0, 5.0]}
    )
    assert score_labels(frame).tolist() == ["a (acc)", "a (metric not stated)", "b (0-shot)", "b (5-shot)"]
    assert score_labels(frame[["benchmark"]]).tolist() == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    "at",
    [
        {"flops": [1e22, 1e23]},
        {"flops": [1.23456789e22, 1.23456788e22]},
        {"flops": 1e22, "ratio": [20, 33.3]},
        {"params": [7e9, 13e9], "tokens": [1e12, 2e12]},
    ],
)
def test_runs_named_by_their_budgets_are_told_from_others(families, at):
    frame = budget_frame(families, bs.budgets(**at))
    assert named_by_budgets(frame)
    assert named_by_budgets(frame.dropna(axis=1, how="all"))
    assert not named_by_budgets(frame.assign(run=frame["run"].where(frame.index > 0, "Llama 7B params")))
