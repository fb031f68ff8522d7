"""`next_run` ranks candidates as refits do: what the stored study found, and two of its candidates again."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import bayes_scaling as bs

STUDIES = Path(__file__).parent


@pytest.fixture(scope="module")
def study():
    return pd.read_csv(STUDIES / "next_run.csv", comment="#")


@pytest.mark.parametrize("name", ["simulated, direct law", "simulated, ratio law"])
def test_predicted_reductions_rank_as_refits_do(study, name):
    rows = study[study["study"] == name]
    assert len(rows) >= 12
    assert rows["expected"].corr(rows["refitted"], method="spearman") >= 0.8
    assert (rows["expected"] - rows["refitted"]).abs().max() < 0.12


def test_of_published_runs_the_best_are_found(study):
    rows = study[study["study"] == "Gadre et al."]
    best = set(rows.nlargest(2, "expected")["candidate"])
    assert best == set(rows.nlargest(2, "refitted")["candidate"])
    assert (rows["expected"] - rows["refitted"]).abs().median() < 0.05


@pytest.mark.filterwarnings("ignore::bayes_scaling.ConvergenceWarning")
def test_two_candidates_again(monkeypatch):
    monkeypatch.syspath_prepend(str(STUDIES))
    import next_run_study

    monkeypatch.setattr(next_run_study, "FITTING", {"draws": 300, "tune": 300, "chains": 2, "progressbar": False})
    found = next_run_study.simulated(bs.DirectLaw(), "again", 11, None, chosen=(2, 12), outcomes=1)
    near, far = found["expected"], found["refitted"]
    assert near.iloc[1] > near.iloc[0] + 0.3
    assert far.iloc[1] > far.iloc[0] + 0.2
    assert near.iloc[1] == pytest.approx(far.iloc[1], abs=0.25)
    sys.modules.pop("next_run_study")
