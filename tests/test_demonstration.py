"""The demonstration: one short run of it, shared by every test."""

import contextlib
import io

import pytest

import bayes_scaling as bs
from bayes_scaling.demonstration import demonstrate

CEREBRAS = bs.load_dataset("cerebras_gpt")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a short demonstration returned and printed."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = demonstrate(folder, draws=50, tune=150, chains=2, random_seed=1, progressbar=False)
    return result, printed.getvalue(), folder


def test_the_two_largest_runs_are_held_out(shown):
    result, _, _ = shown
    assert set(result.held_out.points["run"]) == {"Cerebras-6.7B", "Cerebras-13B"}
    assert set(result.fit.runs.frame["run"]).isdisjoint(result.held_out.points["run"])
    assert len(result.fit.runs) + len(result.held_out) == len(CEREBRAS)


def test_the_verdict_and_exponents_are_printed(shown):
    result, printed, _ = shown
    assert result.fit.verdict in printed
    assert printed.count("\n lambada_openai ") == 1 + 2  # an exponent, and two budgets ahead


def test_the_forecast_stands_beside_the_truth(shown):
    result, printed, _ = shown
    lines = [line.split() for line in printed.splitlines() if line.startswith((" Cerebras-6.7B", " Cerebras-13B"))]
    measured = [f"{accuracy:.3f}" for accuracy in CEREBRAS.frame["accuracy"][CEREBRAS.frame["params"] > 3e9]]
    assert [line[-2] for line in lines] == measured
    inside = [line[-1] == "yes" for line in lines]
    assert inside == result.scores.rows["inside_90"].tolist()


def test_the_measured_coverage_is_printed(shown):
    result, printed, _ = shown
    held = int(result.scores.rows["inside_90"].sum())
    assert f"90% intervals hold {held} of 14 scores: {held / 14:.0%} (" in printed
    assert "what 2 runs can say" in printed


def test_it_looks_one_and_two_decades_ahead(shown):
    result, printed, _ = shown
    largest = CEREBRAS.frame["flops"].max()
    assert sorted(set(result.ahead.points["flops"])) == pytest.approx([10 * largest, 100 * largest])
    assert "2.3e23" in printed
    assert "2.3e24" in printed


def test_the_files_are_those_it_names(shown):
    result, printed, folder = shown
    assert {path.name for path in result.files} == {path.name for path in folder.iterdir()}
    for path in result.files:
        assert path.stat().st_size > 0
        assert path.name in printed
    assert str(folder) in printed


def test_the_files_hold_the_results(shown):
    result, _, folder = shown
    again = bs.forecast(bs.load_fit(folder / "fit.nc"), CEREBRAS, random_seed=3).table()
    assert again.equals(bs.forecast(result.fit, CEREBRAS, random_seed=3).table())
    assert len(bs.read_forecast(folder / "forecast.csv")) == len(result.ahead)
