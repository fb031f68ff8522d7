from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recovery import (
    SCENARIOS,
    Replication,
    Scenario,
    append,
    covered,
    main,
    read_replications,
    replicate,
    summarise,
    summarise_fits,
)

import bayes_scaling as bs
from bayes_scaling.laws import LAWS

STUDIES = Path(__file__).parent
STORED = {
    "general": STUDIES / "recovery_general.csv",
    "direct": STUDIES / "recovery.csv",
    "checkpoints": STUDIES / "recovery_checkpoints.csv",
    "ratio": STUDIES / "recovery_ratio.csv",
    "pass-at-k": STUDIES / "recovery_pass_at_k.csv",
    "two-stage": STUDIES / "recovery_two_stage.csv",
    "broken-power": STUDIES / "recovery_broken_power.csv",
    "sigmoid": STUDIES / "recovery_sigmoid.csv",
}
LAW_OF = {name: name for name in STORED} | {"checkpoints": "direct"}
#: Of a coverage, by law; the fewer benchmarks a table has, the more its coverage varies.
LARGEST_ERROR = dict.fromkeys(STORED, 0.06) | {"pass-at-k": 0.09}
#: Their truths hold something that the prior does not expect: no ceiling, large luck, a turn of every benchmark.
FOREIGN = {s.name for s in SCENARIOS if s.truth is not None or "ceiling" in s.table}
PRIOR_MEDIAN_CEILING = bs.DirectLaw().prior("ceiling").median * 0.6745  # a half-normal's, at the median of its scale

SOME = Replication(
    scenario="six-runs",
    replication=0,
    exponent_50=0.5,
    exponent_90=1.0,
    level_50=0.25,
    level_90=0.75,
    expected_50=0.5,
    expected_90=0.9,
    ceiling=0.04,
    converged=True,
    r_hat=1.002,
    ess=512.0,
    divergences=0,
    seconds=3.0,
)


def test_covered_counts_central_intervals():
    draws = np.random.default_rng(1).normal(size=(4000, 3))
    assert covered(draws, np.array([0.0, 1.0, 2.0]), 0.5) == pytest.approx(1 / 3)
    assert covered(draws, np.array([0.0, 1.0, 2.0]), 0.9) == pytest.approx(2 / 3)
    assert covered(draws, np.array([0.0, 1.0, -2.0]), 0.99) == 1.0


def test_the_replication_is_the_unit_of_the_error():
    frame = pd.DataFrame([replace(SOME, replication=i, level_90=share) for i, share in enumerate((0.8, 0.9, 1.0))])
    level = summarise(frame).query("quantity == 'level' and nominal == 0.9").iloc[0]
    assert level["coverage"] == pytest.approx(0.9)
    assert level["standard_error"] == pytest.approx(0.1 / np.sqrt(3))
    assert level["z"] == pytest.approx(0.0)
    assert level["replications"] == 3


def test_a_stored_result_is_read_in_order_and_counts_what_did_not_converge(tmp_path):
    path = tmp_path / "recovery.csv"
    for number in (2, 0):
        append(path, replace(SOME, replication=number, converged=number == 0))
    append(path, replace(SOME, scenario="twelve-by-forty", replication=5))
    stored = read_replications(path)
    assert stored["scenario"].tolist() == ["twelve-by-forty", "six-runs", "six-runs"]
    assert stored["replication"].tolist() == [5, 0, 2]
    assert summarise_fits(stored)["not_converged"].tolist() == [0, 1]
    assert read_replications(tmp_path / "none.csv").empty


def test_a_quantity_that_a_law_does_not_have_is_left_out():
    of_ratio = replace(SOME, scenario="one-ratio", split_50=0.25, split_90=1.0)
    table = summarise(pd.DataFrame([SOME, of_ratio]))
    counted = table.groupby("scenario")["quantity"].unique().map(set)
    assert counted["six-runs"] == {"exponent", "level", "expected"}
    assert counted["one-ratio"] == {"exponent", "level", "expected", "split"}


def test_a_file_without_the_later_columns_is_read_but_not_continued(tmp_path):
    path = tmp_path / "old.csv"
    old = pd.DataFrame([SOME]).drop(columns=["split_50", "split_90", "bend_50", "bend_90"])
    path.write_text("# Made by hand\n" + old.to_csv(index=False))
    stored = read_replications(path)
    assert stored["level_90"].tolist() == [0.75]
    assert len(summarise(stored)) == 6
    with pytest.raises(ValueError, match="another version of the study"):
        append(path, replace(SOME, replication=1))


def test_every_law_that_was_studied_has_scenarios_of_its_own():
    studied = {"general", "direct", "ratio", "pass-at-k", "two-stage", "broken-power", "sigmoid"}
    assert set(LAW_OF.values()) <= {scenario.law.name for scenario in SCENARIOS} <= set(LAWS)
    assert studied <= set(STORED)
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    starts = sorted(scenario.first_seed for scenario in SCENARIOS)
    assert min(np.diff(starts)) >= 1000


def test_three_replications_of_the_study_cover(tmp_path, capsys):
    path = tmp_path / "recovery.csv"
    arguments = ["--out", str(path), "--scenario", "six-runs", "--draws", "300", "--tune", "400", "--chains", "2"]
    main([*arguments, "--replications", "3"])
    found = read_replications(path)
    assert found["replication"].tolist() == [0, 1, 2]
    assert found[["exponent_90", "level_90", "expected_90"]].mean().min() >= 0.7
    assert found[["exponent_50", "level_50", "expected_50"]].mean().max() <= 0.85
    assert (found["r_hat"] < 1.1).all()
    written = path.read_text()
    assert written.startswith("# Made by: python tests/studies/recovery.py --law direct --draws 300")
    capsys.readouterr()
    main([*arguments, "--replications", "3"])
    assert path.read_text() == written
    assert "six-runs 1/3" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scenario", "own"),
    [
        (Scenario("few", 1, bs.RatioLaw(), {"n_benchmarks": 3, "n_runs": 12}), "split"),
        (Scenario("few", 1, bs.PassAtKLaw(), {"n_benchmarks": 2, "n_runs": 8}), "bend"),
    ],
    ids=["ratio", "pass-at-k"],
)
def test_three_replications_of_other_laws_cover(scenario, own):
    found = pd.DataFrame([replicate(scenario, number, draws=200, tune=300, chains=2) for number in range(3)])
    quantities = ("exponent", "level", "expected", own)
    assert found[[f"{name}_90" for name in quantities]].mean().min() >= 0.6
    assert found[[f"{name}_50" for name in quantities]].mean().max() <= 0.9
    assert (found["r_hat"] < 1.15).all()
    lacking = ["rest", *(["bend"] if own == "split" else ["new"])]
    assert found[[f"{name}_{prob}" for name in lacking for prob in (50, 90)]].isna().all(axis=None)


@pytest.mark.parametrize("name", STORED)
def test_the_stored_study_covers_within_its_error(name):
    stored = read_replications(STORED[name])
    counts = stored.groupby("scenario")["replication"].nunique()
    assert set(counts.index) <= {scenario.name for scenario in SCENARIOS if scenario.law.name == LAW_OF[name]}
    assert counts.min() >= 40
    assert len(stored) == counts.sum()
    result = summarise(stored)
    foreign = result["scenario"].isin(FOREIGN)
    off = result[~foreign & ~(result["z"].abs() <= 3)]
    assert off.empty, off.to_string()
    # At one ratio nothing tells the splits: those of all benchmarks are covered together or not at all.
    together = (result["scenario"] == "one-ratio") & (result["quantity"] == "split")
    assert (result.loc[~together, "standard_error"] < LARGEST_ERROR[name]).all()
    assert STORED[name].read_text().startswith("# Made by: python tests/studies/recovery.py ")


@pytest.mark.parametrize("name", STORED)
def test_truths_that_the_prior_does_not_expect_are_nearly_covered(name):
    """They are no draws of the prior, under which a fit is calibrated.

    Level and exponent least: a turn that no other table would have is taken for a smooth deviation, which leaves what
    is expected of a run where it is.
    """
    result = summarise(read_replications(STORED[name]))
    foreign = result[result["scenario"].isin(FOREIGN)]
    off = foreign["coverage"].sub(foreign["nominal"]).abs()
    of_scores = foreign["quantity"].isin(["expected", "new", "rest"])
    assert foreign.empty or off[of_scores].max() < 0.15
    assert foreign.empty or off.max() < 0.21


def test_the_stored_study_finds_lower_ceilings_where_there_are_none():
    """Curves far from their ceiling say little of it: E shrinks from its prior, but not to 0."""
    fits = summarise_fits(read_replications(STORED["direct"])).set_index("scenario")["ceiling"]
    assert fits["no-ceiling"] < 0.8 * PRIOR_MEDIAN_CEILING
    assert fits["no-ceiling"] < 0.8 * fits["twelve-by-forty"]
