"""A few hundred cases of the fuzzer; the stored study has ten thousand."""

import warnings
from pathlib import Path

import pandas as pd
import pytest
from fuzzing.fuzz import KINDS, Ground, run, run_case

STUDY = Path(__file__).parent / "studies" / "fuzz.csv"


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Ground(tmp_path_factory.mktemp("ground"))


def test_only_documented_errors_come_out(ground):
    counts, faults = run(300, 500_000, ground)
    assert not faults, "\n".join(faults)
    assert counts.total() == 300


@pytest.mark.parametrize(
    "case",
    [
        "forecast:214",  # an integer beyond 1e308
        "forecast:337",  # an error that overflows far out
        "forecast:3137",  # a ratio that gives no sizes
        "log:69",  # samples that are not UTF-8
        "file:17300",  # a damaged Parquet file, of which pyarrow raises a kind of its own
    ],
)
def test_cases_that_were_found(ground, case):
    kind, _, seed = case.partition(":")
    assert run_case(kind, int(seed), ground)[1] == ""


def test_the_stored_study_found_nothing():
    stored = pd.read_csv(STUDY, comment="#")
    assert stored["cases"].sum() >= 10_000
    assert set(stored["kind"]) == set(KINDS)
    undocumented = {
        "hang",
        "AssertionError",
        "KeyError",
        "IndexError",
        "AttributeError",
        "RuntimeWarning",
        "OverflowError",
    }
    assert undocumented.isdisjoint(stored["outcome"])
