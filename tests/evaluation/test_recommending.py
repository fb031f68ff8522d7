import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs, rates_runs
from ladder_tables import constant_tokens, crossed, one_ratio, partly_missing
from serial_executor import SerialExecutor

import bayes_scaling as bs
from bayes_scaling.evaluation.default_law import of_default
from bayes_scaling.evaluation.recommending import (
    _candidates,
    _quick,
    _seen,
    _simplest,
    _standard_error,
    _that_see_the_drift,
    _why_not,
)
from bayes_scaling.laws import DEFAULT, LAWS

SHORT = {"draws": 60, "tune": 150, "random_seed": 1, "progressbar": False, "executor": SerialExecutor()}
RUNS = bs.load_dataset("cerebras_gpt").select(benchmark=["hellaswag", "piqa"])


@pytest.fixture(autouse=True)
def six_laws(monkeypatch):
    """What is recommended among these, whatever laws there will be."""
    six = ("direct", "ratio", "pass-at-k", "two-stage", "broken-power", "sigmoid")
    for module in ("recommending", "default_law"):
        monkeypatch.setattr(f"bayes_scaling.evaluation.{module}.LAWS", {name: LAWS[name] for name in six})


def reasons(runs):
    return {law.name: _why_not(law, runs) for law in _candidates(runs)}


def test_laws_that_a_table_cannot_feed_have_a_reason():
    found = reasons(RUNS)
    assert list(found) == ["direct", "ratio", "sigmoid", "broken-power", "two-stage"]
    assert [name for name, reason in found.items() if not reason] == ["direct", "sigmoid", "two-stage"]
    assert found["ratio"].startswith("params and tokens do not vary apart")
    assert found["broken-power"] == "the runs have 7 distinct budgets, too few to see a break; expected 8"
    without = bs.Runs(RUNS.frame.drop(columns=["loss", "params", "tokens"]))
    assert "reads losses from the column 'loss'" in reasons(without)["two-stage"]
    assert reasons(without)["ratio"].startswith("RatioLaw needs params in every row")
    partly = RUNS.frame.assign(loss=RUNS.frame["loss"].where(RUNS.frame["run"] != "Cerebras-111M"))
    assert "are not used, since the loss (loss) of run 'Cerebras-111M'" in reasons(bs.Runs(partly))["two-stage"]


def test_tables_that_vary_tokens_per_parameter_can_feed_the_laws_of_both():
    frame = RUNS.frame.copy()
    frame["tokens"] *= np.where(frame["params"].rank(method="dense") % 2, 1.0, 8.0)
    varied = bs.Runs(frame.drop(columns="flops"))
    assert reasons(varied)["ratio"] == ""
    assert [law.inputs_from for law in _candidates(varied) if law.name == "two-stage"] == ["ratio"]


def test_along_a_drift_the_laws_of_both_are_tried():
    assert reasons(constant_tokens())["ratio"] == ""
    assert [law.inputs_from for law in _candidates(constant_tokens()) if law.name == "two-stage"] == ["ratio"]
    assert reasons(one_ratio())["ratio"].startswith("params and tokens do not vary apart")
    assert reasons(crossed())["ratio"] == ""
    assert reasons(partly_missing())["ratio"].startswith("RatioLaw needs params in every row")


@pytest.fixture
def with_the_default(monkeypatch):
    laws = {name: LAWS[name] for name in (DEFAULT, "direct", "ratio")}
    for module in ("recommending", "default_law"):
        monkeypatch.setattr(f"bayes_scaling.evaluation.{module}.LAWS", laws)


@pytest.mark.parametrize(
    ("runs", "limit"),
    [
        (one_ratio(), "at other tokens per parameter than the table's (20): there its priors decide"),
        (
            constant_tokens(),
            "off the line of the table, along which tokens per parameter fall from 3000 to 30 along suite: there its "
            "priors decide",
        ),
        (crossed(), "for several attempts at each problem"),
        (
            partly_missing(),
            "where tokens per parameter move otherwise than in the table: it reads FLOPs alone, since 2 of 8 runs lack "
            "params or tokens",
        ),
    ],
    ids=["one ratio", "drift", "crossed", "missing"],
)
@pytest.mark.usefixtures("with_the_default")
def test_one_sentence_says_that_the_default_will_do_and_when_it_would_not(runs, limit):
    found = reasons(runs)
    assert found[DEFAULT] == ""
    assert of_default(pd.Series(found), runs) == f" The default, {LAWS[DEFAULT]()!r}, will do; it would not {limit}."


@pytest.mark.usefixtures("with_the_default")
def test_one_sentence_says_why_the_default_will_not_do():
    none = pd.Series({DEFAULT: "", "direct": ""})
    columns = ["crps", "worse_by", "standard_error", "converged"]

    def said(reasons, *default):
        best = (0.01, 0.0, 0.0, 1.0)
        found = pd.DataFrame([default, best], index=[DEFAULT, "direct"], columns=columns)
        return of_default(reasons, crossed(), found).removeprefix(f" The default, {LAWS[DEFAULT]()!r}, will ")

    assert said(none, 0.012, 0.002, 0.003, 1.0).startswith("do; it would not ")
    assert said(none, 0.012, 0.002, 0.001, 1.0) == ("not do: its CRPS is 0.0120, that of direct 0.0100, clearly less.")
    assert said(none, 0.0109, 0.0009, 0.0001, 1.0).startswith("do; it would not ")  # within a tenth
    assert said(none, 0.01, 0.0, 0.0, 0.5) == "not do: not all of its fits converged."
    assert said(pd.Series({DEFAULT: "it broke", "direct": ""}), 0.01, 0.0, 0.0, 1.0) == "not do: it broke."
    of_attempts = said(pd.Series({"pass-at-k": ""}), 0.01, 0.0, 0.0, 1.0)
    assert of_attempts == "not do: it describes single scores, and the table has attempts at each problem."


def test_a_law_of_flops_is_recommended_with_the_drift_that_it_does_not_see():
    assert _seen(bs.DirectLaw(), constant_tokens()) == (
        "every score has its FLOPs, though the law does not see that tokens per parameter fall from 3000 to 30 along "
        "suite"
    )
    assert _seen(LAWS[DEFAULT](), one_ratio()) == "every run has its params and tokens"
    assert _seen(LAWS[DEFAULT](), constant_tokens()) == "tokens per parameter vary (30 to 3000)"


@pytest.mark.usefixtures("with_the_default")
def test_a_small_table_says_it_of_the_default_too():
    found = bs.recommend(one_ratio().select("params < 1e9"), **SHORT)
    assert found.law == LAWS[DEFAULT]()
    assert f". The default, {LAWS[DEFAULT]()!r}, will do; it would not " in found.sentence


@pytest.mark.parametrize("runs", [rates_runs(), counts_runs()], ids=["rates", "counts"])
def test_attempts_have_laws_of_their_own(runs):
    assert [law.name for law in _candidates(runs)] == ["pass-at-k", "pass-at-k"]


def test_a_small_table_gets_a_law_without_a_backtest():
    few = RUNS.select("params < 2e9")
    found = bs.recommend(few, **SHORT)
    assert found.backtest is None
    assert found.law == bs.DirectLaw()
    assert found.sentence == (
        "Use DirectLaw(): every score has its FLOPs; the table has too few budgets for a backtest."
    )
    assert "not tried: ratio: params and tokens do not vary apart" in repr(found)


def test_a_table_that_no_law_can_read_says_why_of_each():
    with pytest.raises(ValueError, match=r"can be fitted to the table: direct: the table has no accuracy"):
        bs.recommend(bs.Runs(RUNS.frame.drop(columns="accuracy")), **SHORT)


def test_the_simplest_law_within_a_standard_error_is_taken():
    names = ["direct", "sigmoid", "broken-power"]

    def chosen(crps, error, converged=(1.0, 1.0, 1.0)):
        columns = {"crps": crps, "standard_error": error, "converged": converged}
        return _simplest(names, pd.DataFrame(columns, index=names))

    assert chosen([0.011, 0.012, 0.010], [0.002, 0.002, 0.0]) == "direct"
    assert chosen([0.013, 0.011, 0.010], [0.002, 0.002, 0.0]) == "sigmoid"
    assert chosen([0.013, 0.013, 0.010], [0.002, 0.002, 0.0]) == "broken-power"
    assert chosen([0.013, 0.011, 0.010], [0.001, 0.002, 0.0], (1.0, 0.5, 0.5)) == "direct"


def test_along_a_drift_a_law_that_sees_it_comes_first_unless_it_is_clearly_worse():
    names = ["direct", "ratio", "sigmoid"]
    assert _that_see_the_drift({"direct": bs.DirectLaw(), "ratio": bs.RatioLaw()}, constant_tokens()) == ["ratio"]
    assert _that_see_the_drift({"direct": bs.DirectLaw(), "ratio": bs.RatioLaw()}, crossed()) == []

    def chosen(ratio, error=0.0001, converged=(1.0, 1.0, 1.0)):
        columns = {"crps": [0.01, ratio, 0.02], "standard_error": [0.0, error, 0.001], "converged": converged}
        return _simplest(names, pd.DataFrame(columns, index=names), ["ratio"])

    assert chosen(0.0105) == "ratio"
    assert chosen(0.0115) == "direct"
    assert chosen(0.0115, error=0.002) == "ratio"
    assert chosen(0.0105, converged=(1.0, 0.5, 1.0)) == "direct"


def test_standard_error_takes_the_rows_of_a_run_together():
    rng = np.random.default_rng(0)
    of_run = np.repeat(rng.normal(size=(400, 30)), 5, axis=1)  # 400 tables of 30 runs, 5 equal rows each
    run = np.repeat(np.arange(30), 5)
    errors = [_standard_error(row, run) for row in of_run]
    assert np.mean(errors) == pytest.approx(of_run.mean(axis=1).std(), rel=0.1)
    assert _standard_error(np.ones(3), np.zeros(3, int)) == np.inf


def test_the_quick_backtest_has_two_cutoffs_inside_the_table():
    by, cutoffs = _quick(bs.load_dataset("cerebras_gpt"))
    assert by == "flops"
    flops = np.unique(RUNS.frame["flops"])
    assert len(cutoffs) == 2
    assert set(cutoffs) < set(flops[3:-1])


def test_a_recommendation_is_what_its_backtest_says():
    found = bs.recommend(RUNS, cutoffs=[1.2e21], **SHORT)
    assert found.backtest is not None
    tried = found.table[found.table["reason"] == ""]
    assert set(tried.index) == {"direct", "sigmoid", "two-stage"}
    assert (tried["n"] == 4).all()
    assert (tried["runs"] == 2).all()
    for name, row in tried.iterrows():
        own = found.backtest.single()
        own = own[own["law"] == name]
        assert row["crps"] == pytest.approx(own["crps"].mean())
        assert row["coverage_90"] == own["inside_90"].mean()
        assert row["worse_by"] == pytest.approx(row["crps"] - tried["crps"].min())
    assert found.law.name in tried.index
    assert found.sentence.startswith(f"Use {found.law!r}: ")
    assert "on 4 held-out scores of 2 runs, at 1 cutoff, it forecast " in found.sentence
    assert "not tried: broken-power" in repr(found)


def test_few_training_runs_are_backtested_along_their_checkpoints():
    frame = bs.load_dataset("cerebras_gpt").frame
    paired = frame.assign(trajectory=frame["params"].rank(method="dense").sub(1).floordiv(3).astype(str))
    assert _quick(bs.Runs(paired)) == ("run", [0.5])
    few = frame[frame["params"] > 2e9]
    assert _quick(bs.Runs(few)) == ("run", [])  # neither budgets nor checkpoints
