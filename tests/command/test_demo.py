"""The demonstration: one short run of it, and the other laws' with draws of their priors."""

import contextlib
import io

import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.command.demo import demonstrate, story_runs
from bayes_scaling.command.shell_words import in_shell
from bayes_scaling.laws import LAWS

CEREBRAS = bs.load_dataset("cerebras_gpt")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a short demonstration returned and printed."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = demonstrate(folder, "direct", draws=50, tune=150, chains=2, random_seed=1, progressbar=False)
    return result, printed.getvalue(), folder


def test_the_two_largest_runs_are_held_out(shown):
    result, _, _ = shown
    assert set(result.held_out.points["run"]) == {"Cerebras-6.7B", "Cerebras-13B"}
    assert set(result.fit.runs.frame["run"]).isdisjoint(result.held_out.points["run"])
    assert len(result.fit.runs) + len(result.held_out) == len(CEREBRAS)


def test_the_verdict_and_exponents_are_printed(shown):
    result, printed, _ = shown
    assert in_shell(result.fit.verdict) in printed
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


# The other laws -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["general", "ratio", "pass-at-k", "two-stage"])
def other(request, tmp_path_factory):
    """Name of a law, and what its demonstration returned and printed, with draws of the prior for a fit."""
    asked = {}

    def fit(law, runs, **options):
        asked.update(options)
        return prior_fit(law, runs, draws=50)

    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr("bayes_scaling.sampling.fitting.fit", fit)
        folder = tmp_path_factory.mktemp(request.param)
        result = demonstrate(folder, request.param, random_seed=1, progressbar=False)
    assert asked["draws"] is None  # as many as are enough
    return request.param, result, printed.getvalue()


def test_each_law_is_shown_on_runs_that_ship(other):
    law, result, printed = other
    story = LAWS[law].story
    assert isinstance(result.fit.law, LAWS[law])
    assert result.fit.runs.frame["params"].max() <= story.largest < result.held_out.points["params"].min()
    assert set(result.held_out.points["family"]) == set(result.fit.reference.families)
    assert len(result.fit.runs) + len(result.held_out) == len(story_runs(story))
    assert story.title in printed
    assert f"90% intervals hold {result.scores.rows['inside_90'].sum()} of {len(result.held_out)} scores" in printed


def test_each_law_looks_a_decade_ahead(other):
    law, result, printed = other
    story, points = LAWS[law].story, result.ahead.points
    own = story_runs(story).select(family=story.beyond.get("family", list(story_runs(story).families))).frame
    largest = own.loc[own["flops"].idxmax()]
    assert points["flops"].tolist() == pytest.approx([10 * largest["flops"]] * len(points))
    assert f"One decade above {largest['run']} (" in printed
    if law in ("general", "ratio"):
        assert sorted(set((points["tokens"] / points["params"]).round(6))) == [20, 200]
        assert "--ratio 20,200" in printed
    elif law == "pass-at-k":
        assert sorted(set(points["k"])) == [1, 10, 100]
        assert "--k 1,10,100" in printed


def test_what_tells_points_apart_stands_beside_the_truth(other):
    law, result, printed = other
    [header, *_] = [line.split() for line in printed.splitlines() if "measured" in line and "median" in line]
    told = {"general": "tokens/param", "ratio": "tokens/param", "pass-at-k": "tokens/param", "two-stage": "median"}
    assert header[:3] == ["run", "benchmark", told[law]]
    runs = dict.fromkeys(result.held_out.points["run"])
    assert all(printed.count(f"\n {run} ") == len(result.held_out) / len(runs) for run in runs)


def test_each_law_has_a_figure_of_its_own(other):
    law, result, printed = other
    names = [path.name for path in result.files]
    assert {f"{LAWS[law].story.figure}.png", "curves.png", "fit.nc", "forecast.csv", "forecast.md"} <= set(names)
    for path in result.files:
        assert path.stat().st_size > 0
        assert f"  {path.name} " in printed


def test_another_law_has_no_demonstration(tmp_path):
    with pytest.raises(ValueError, match="law='cubic' has no demonstration; expected one of 'general', 'direct', "):
        demonstrate(tmp_path, "cubic")
