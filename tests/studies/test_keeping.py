"""Studies go on where they stopped."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import bayes_scaling as bs

STUDIES = Path(__file__).parent


@pytest.fixture(autouse=True)
def studies(monkeypatch):
    monkeypatch.syspath_prepend(str(STUDIES))
    yield
    for name in ("keeping", "next_run_study", "calibration_study", "decisions_study"):
        sys.modules.pop(name, None)


def test_rows_are_in_the_file_at_once_and_are_not_made_again(tmp_path):
    from keeping import Kept

    path = tmp_path / "rows.csv"
    first = Kept(("study", "candidate", "value"), 2, path, "# Made by: a study\n")
    first.add("a", 1, 0.25)
    first.add("a", 2, 0.123456)
    assert path.read_text() == "# Made by: a study\nstudy,candidate,value\na,1,0.25\na,2,0.1235\n"
    again = Kept(first.columns, 2, path, "# Made by: a study\n")
    assert again.has("a", 2)
    assert not again.has("a", 3)
    again.add("b", 1, 1.0)
    assert path.read_text().count("#") == 1
    assert again.table()["value"].tolist() == [0.25, 0.1235, 1.0]


def test_a_study_of_candidates_makes_only_what_is_missing(monkeypatch, tmp_path):
    import next_run_study as study

    kept = study.rows_of(tmp_path / "next_run.csv")
    monkeypatch.setattr(study, "CANDIDATES", 2)
    budgets = study.simulated_budgets(bs.simulate_runs(n_benchmarks=5, n_runs=12, random_seed=11).runs)
    for flops in budgets:
        kept.add("again", f"{flops:.2e}", flops, 20.0, 0.5, 0.5)
    monkeypatch.setattr(study, "refit", lambda *_: pytest.fail("it was fitted again"))
    study.simulated(bs.DirectLaw(), "again", 11, None, chosen=(0, 1), kept=kept)
    assert len(study.rows_of(tmp_path / "next_run.csv").table()) == 2


def test_a_backtest_is_kept_law_by_law(monkeypatch, tmp_path):
    import calibration_study as study

    asked = []

    def backtest(laws, runs, **options):
        [law] = laws.values()
        asked.append(law.name)
        if len(asked) == 2:
            raise KeyboardInterrupt
        rows = pd.DataFrame({"law": [law.name], "cutoff": [1e20], "value": [len(asked)]})
        return study.Backtest(rows, rows.head(0), rows.assign(seconds=1.0))

    monkeypatch.setattr(study.bs, "backtest", backtest)
    monkeypatch.setattr(study.Backtest, "__repr__", lambda _: "a backtest")
    table = study.Table("A table", lambda _: None, (bs.DirectLaw(), bs.SigmoidLaw()))
    with pytest.raises(KeyboardInterrupt):
        study.study(table, tmp_path, tmp_path)
    found = study.study(table, tmp_path, tmp_path)
    assert asked == ["direct", "sigmoid", "sigmoid"]
    assert found.rows["law"].tolist() == ["direct", "sigmoid"]
    study.study(table, tmp_path, tmp_path)
    assert len(asked) == 3
