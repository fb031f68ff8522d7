"""The command: what it prints, what it writes, and how it ends."""

import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.demo import story_runs
from bayes_scaling.command.main import app
from bayes_scaling.laws import LAWS
from bayes_scaling.report.cells import forecast_cells

SAMPLERS = {"pymc", "pytensor", "arviz", "nutpie", "numba"}


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def modules_after(*arguments):
    """Modules that a fresh interpreter has loaded after one command, and what the command printed."""
    code = (
        "import sys\nfrom bayes_scaling.command.main import app\n"
        f"try:\n    app({[str(argument) for argument in arguments]!r})\n"
        "except SystemExit as end:\n    print('\\nloaded', end.code or 0, *sorted(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    printed, _, loaded = done.stdout.rpartition("\nloaded ")
    assert loaded.split()[0] == "0", done.stderr
    return printed, {name.partition(".")[0] for name in loaded.split()[1:]}


@pytest.fixture(scope="session")
def fit_file(cerebras_fit, tmp_path_factory):
    return cerebras_fit.save(tmp_path_factory.mktemp("fits") / "fit.nc")


@pytest.fixture(scope="session")
def sizes_file(cerebras_train, tmp_path_factory):
    """A fit of a law that reads params and tokens."""
    return prior_fit(bs.RatioLaw(), cerebras_train, draws=100).save(tmp_path_factory.mktemp("fits") / "sizes.nc")


@pytest.fixture
def runs_file(tmp_path):
    path = tmp_path / "runs.csv"
    bs.load_dataset("cerebras_gpt").frame.to_csv(path, index=False)
    return path


def test_help_shows_commands_examples_and_exit_codes():
    result = run("--help")
    assert result.exit_code == 0
    for text in ("demo", "check", "fit", "forecast", "  bayes-scaling check runs.csv\n", "Exit codes"):
        assert text in result.stdout


@pytest.mark.parametrize("command", ["demo", "check", "fit", "forecast"])
def test_help_of_each_command_has_an_example(command):
    assert f"  bayes-scaling {command}" in run(command, "--help").stdout


def test_demo_takes_the_laws_that_it_has_data_for(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("bayes_scaling.command.demo.demonstrate", lambda *given, **more: asked.append((*given, more)))
    for law in ("general", "direct", "ratio", "pass-at-k"):
        assert run("demo", "--law", law, "--out", tmp_path, "--seed", 3, "--no-progress").exit_code == 0
        assert asked.pop() == (tmp_path, law, {"overwrite": False, "random_seed": 3, "progressbar": False})
    assert run("demo").exit_code == 0
    assert asked[0][1] == "general"
    assert run("demo", "--law", "cubic").exit_code == 2
    for law in LAWS:
        assert run("demo", "--law", law).exit_code == 0
        assert story_runs(LAWS[law].story).split(params=LAWS[law].story.largest)


def test_help_of_fit_names_the_laws_and_their_options():
    text = " ".join(run("fit", "--help").stdout.split())
    *first, last = LAWS
    assert first[:5] == ["general", "direct", "ratio", "pass-at-k", "two-stage"]
    assert f"{','.join(first)}or{last}" in text.replace(" ", "")  # names may be broken
    for example in ("--law ratio", "--law pass-at-k --form log-linear"):
        assert f"bayes-scaling fit runs.csv --out fit.nc {example}" in text


def test_recommend_says_which_law_and_why_not_the_others(tmp_path):
    """A table too small for a backtest: nothing is fitted."""
    path = tmp_path / "few.csv"
    bs.load_dataset("cerebras_gpt").select("params < 2e9").frame.to_csv(path, index=False)
    result = run("recommend", str(path))
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert (
        "Use GeneralLaw(): every run has its params and tokens; the table has too few budgets for a backtest." in said
    )
    assert "The default, --law general, will do; it would not at other tokens per parameter than the table's" in said
    assert "Fit it: bayes-scaling fit RUNS --law general --out FIT" in said
    assert "not tried: ratio: params and tokens do not vary apart" in said


@pytest.mark.parametrize("arguments", [("--help",), ("fit", "--help"), ("forecast", "--help"), ("--version",)])
def test_help_and_version_load_no_numerics(arguments):
    printed, loaded = modules_after(*arguments)
    assert printed
    assert loaded.isdisjoint(SAMPLERS | {"numpy", "pandas", "xarray", "matplotlib", "rich"})


def test_version():
    assert run("--version").stdout == f"bayes-scaling {bs.__version__}\n"


def test_no_command_is_a_usage_error():
    assert run().exit_code == 2


def test_check_says_what_was_understood(runs_file):
    result = run("check", runs_file)
    assert result.exit_code == 0
    assert "49 scores of 7 runs on 7 benchmarks" in result.stdout
    assert "10042" in result.stdout


def test_check_counts_training_runs_and_not_checkpoints(tmp_path):
    frame = bs.load_dataset("cerebras_gpt").frame
    paired = frame.assign(trajectory=frame["params"].rank(method="dense").floordiv(3).astype(str), annealed=0)
    paired.to_csv(tmp_path / "runs.csv", index=False)
    text = run("check", tmp_path / "runs.csv").stdout
    assert text.startswith("Runs: 49 scores of 3 training runs (7 checkpoints) on 7 benchmarks")
    assert "checkpoints  7, behind which 3 training runs stand (2 to 3 each)" in text
    assert "decay        learning rate still at its peak in 3 of 3 training runs" in text


def test_check_of_planned_runs(tmp_path):
    path = tmp_path / "planned.csv"
    path.write_text("run,flops,benchmark\nbig,1e23,piqa\n")
    result = run("check", path)
    assert result.exit_code == 0
    assert "1 planned score" in result.stdout


def test_check_lists_every_problem(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("run,params,tokens,benchmark,accuracy\na,1.3,2e10,piqa,0.6\nb,1e9,2e10,piqa,-0.2\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "2 problems" in result.stderr
    assert "row 1: 1.3" in result.stderr
    assert "row 2: -0.2" in result.stderr


@pytest.mark.parametrize("command", ["check", "forecast"])
def test_missing_file_is_one_message(command, tmp_path):
    more = ["--flops", "1e23"] if command == "forecast" else []
    result = run(command, tmp_path / "absent.nc", *more)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "absent.nc" in result.stderr
    assert "Traceback" not in result.stderr


def test_forecast_prints_every_benchmark_and_budget(fit_file, cerebras_fit):
    result = run("forecast", fit_file, "--flops", "1e23,1e24")
    assert result.exit_code == 0
    for benchmark in cerebras_fit.runs.benchmarks:
        assert result.stdout.count(f"\n {benchmark} ") == 2
    assert "3.0 decades" in result.stdout


def test_forecast_gives_the_numbers_of_the_package(fit_file, cerebras_fit, tmp_path):
    path = tmp_path / "a.csv"
    result = run("forecast", fit_file, "--flops", "1e23", "--seed", 2, "--probs", "0.5,0.95", "--out", path)
    assert result.exit_code == 0
    assert "a.csv" in result.stderr
    expected = bs.forecast(cerebras_fit, bs.budgets(flops=1e23), random_seed=2).table((0.5, 0.95))
    stored = bs.read_forecast(path).table((0.5, 0.95))
    pd.testing.assert_series_equal(stored["low_95"], expected["low_95"])
    assert f"{expected['median'][0]:.3f}" in result.stdout


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "nc"])
def test_forecast_writes_the_form_that_the_ending_names(fit_file, tmp_path, ending):
    path = tmp_path / f"forecast.{ending}"
    assert run("forecast", fit_file, "--flops", "1e23", "--out", path).exit_code == 0
    assert len(bs.read_forecast(path)) == 7


@pytest.mark.parametrize(("ending", "start"), [("md", "# Forecast"), ("tex", "% extrapolates")])
def test_forecast_writes_for_readers(fit_file, tmp_path, ending, start):
    path = tmp_path / f"forecast.{ending}"
    assert run("forecast", fit_file, "--flops", "1e23", "--out", path).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith(start)


def test_forecast_of_one_benchmark_by_size(sizes_file):
    result = run("forecast", sizes_file, "--params", "7e10", "--tokens", "1.4e12", "--benchmark", "piqa")
    assert result.exit_code == 0
    assert " piqa " in result.stdout
    assert "hellaswag " not in result.stdout.partition("Note")[0]


def test_forecast_of_ratios_shows_them(fit_file, tmp_path):
    path = tmp_path / "forecast.csv"
    budget = ("--flops", "1e23", "--ratio", "20,100", "--k", "1", "--benchmark", "piqa")
    result = run("forecast", fit_file, *budget, "--out", path)
    assert result.exit_code == 0
    header, _, *rows = [line.split() for line in result.stdout.partition("Note")[0].splitlines() if line.strip()]
    assert header[:6] == ["benchmark", "k", "FLOPs", "tokens/param", "decades", "beyond"]
    assert [row[:4] for row in rows] == [["piqa", "1", "1e23", "20"], ["piqa", "1", "1e23", "100"]]
    points = bs.read_forecast(path).points
    assert points["run"].tolist() == ["1e+23 FLOPs, 20 tokens/param", "1e+23 FLOPs, 100 tokens/param"]
    np.testing.assert_allclose(points["tokens"] / points["params"], [20, 100])


@pytest.mark.parametrize(
    ("budget", "ratio"), [(("--flops", "1e23"), None), (("--params", "7e10", "--tokens", "1.4e12"), "20")]
)
def test_forecast_shows_a_ratio_where_sizes_are_known(fit_file, sizes_file, budget, ratio):
    shown = run("forecast", fit_file if ratio is None else sizes_file, *budget, "--benchmark", "piqa").stdout.partition(
        "Note"
    )[0]
    assert ("tokens/param" in shown) == (ratio is not None)
    assert " k " not in shown
    assert ratio is None or f" {ratio} " in shown


def test_attempts_are_shown_in_full(cerebras_fit):
    forecast = bs.forecast(cerebras_fit, bs.budgets([1e22, 1e23], benchmark="piqa"), random_seed=1)
    several = dataclasses.replace(forecast, _points=forecast.points.assign(k=[1.0, 10240.0]))
    assert forecast_cells(several, ("k",), [0.9])["k"].tolist() == ["1", "10240"]
    some = dataclasses.replace(forecast, _points=forecast.points.assign(k=[np.nan, 8.0]))
    assert forecast_cells(some, ("run", "k"), [0.9])["k"].tolist() == ["", "8"]


def test_forecast_of_planned_runs(fit_file, tmp_path):
    path = tmp_path / "planned.csv"
    path.write_text("run,family,flops,benchmark\nbig,Cerebras-GPT,1e23,piqa\nbig,Cerebras-GPT,1e23,hellaswag\n")
    result = run("forecast", fit_file, "--at", path, "--benchmark", "piqa")
    assert result.exit_code == 0
    assert " big " in result.stdout
    assert "hellaswag" not in result.stdout.partition("Note")[0]


def test_forecast_of_decayed_learning_rates(fit_file, cerebras_train, tmp_path):
    """Of a table that knows them it moves; of one that does not a note says that nothing does."""
    assert "does not say whether learning rates were decayed: --annealed changes nothing" in (
        run("forecast", fit_file, "--flops", "1e23", "--annealed").stdout
    )
    known = bs.Runs(cerebras_train.frame.assign(annealed=0.0))
    path = prior_fit(bs.GeneralLaw(), known, draws=50).save(tmp_path / "fit.nc")
    out = tmp_path / "forecast.csv"
    usual = run("forecast", path, "--flops", "1e23")
    assert "learning rate is at its peak, as that of the largest fitted run; --annealed forecasts runs" in usual.stdout
    said = run("forecast", path, "--flops", "1e23", "--annealed", "--out", out)
    assert "Note: scores are of runs whose learning rate was decayed\n" in said.stdout
    expected = bs.forecast(bs.load_fit(path), bs.budgets(1e23, annealed=True), random_seed=0)
    assert bs.read_forecast(out).table((0.9,))["median"].tolist() == expected.table((0.9,))["median"].tolist()
    refused = run("forecast", path, "--at", tmp_path / "planned.csv", "--not-annealed")
    assert refused.exit_code == 2
    assert "expected a column annealed in the table of --at" in refused.stderr


@pytest.fixture(scope="session")
def attempts_file(rates_runs_of_five, tmp_path_factory):
    """A saved fit of pass@k, with draws of the prior."""
    fit = prior_fit(bs.PassAtKLaw(), rates_runs_of_five, draws=50)
    return fit.save(tmp_path_factory.mktemp("fits") / "attempts.nc")


def test_forecast_of_pass_at_k(attempts_file, tmp_path):
    path = tmp_path / "forecast.csv"
    result = run("forecast", attempts_file, "--flops", "1e22", "--k", "1,10", "--benchmark", "code", "--out", path)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith(" code ")]
    assert [row[:3] for row in rows] == [["code", "1", "1e22"], ["code", "10", "1e22"]]
    assert "Note: n_samples was not given; scores assume 32 attempts" in result.stdout
    assert bs.read_forecast(path).points[["k", "n_samples"]].to_numpy().tolist() == [[1, 32], [10, 32]]


def test_forecast_of_planned_runs_at_several_k(attempts_file, tmp_path):
    path = tmp_path / "planned.csv"
    path.write_text(
        "run,flops,tokens,benchmark,chance,k,n_samples,n_items\n"
        "big,1e22,2e11,code,0,1,16,30\nbig,1e22,2e11,code,0,8,16,30\n"
    )
    result = run("forecast", attempts_file, "--at", path)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith(" big ")]
    assert [row[:4] for row in rows] == [["big", "code", "1", "1e22"], ["big", "code", "8", "1e22"]]
    assert "was not given" not in result.stdout
    average = run("forecast", attempts_file, "--at", path, "--average")
    assert [line.split()[1:3] for line in average.stdout.splitlines() if line.startswith(" big ")] == [
        ["average", "1"],
        ["average", "8"],
    ]


def test_a_ratio_that_was_not_fitted_is_noted_once(fit_file):
    result = run("forecast", fit_file, "--flops", "1e22", "--ratio", "500", "--benchmark", "piqa")
    assert result.exit_code == 0
    assert result.stdout.count("tokens per parameter are far from the fitted ones: Cerebras-GPT 500") == 1
    assert "far from" not in result.stderr


def test_forecast_of_the_average(fit_file, tmp_path):
    result = run("forecast", fit_file, "--flops", "1e23,1e24", "--average", "--out", tmp_path / "average.nc")
    assert result.exit_code == 0
    assert bs.read_forecast(tmp_path / "average.nc").points["benchmark"].tolist() == ["average", "average"]


def test_forecast_of_new_groups(fit_file, tmp_path):
    path = tmp_path / "planned.csv"
    path.write_text("run,flops,benchmark,chance\nbig,1e23,new_test,0.25\n")
    refused = run("forecast", fit_file, "--at", path)
    assert refused.exit_code == 1
    assert "new_test" in refused.stderr
    assert run("forecast", fit_file, "--at", path, "--new-groups", "sample").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected one of --flops, --flops with --ratio, --params with --tokens, or --at"),
        (("--params", "1e9"), "expected one of --flops"),
        (("--flops", "1e23", "--at", "planned.csv"), "expected one of --flops"),
        (("--ratio", "20"), "expected one of --flops"),
        (("--params", "1e9", "--tokens", "2e10", "--ratio", "20"), "expected one of --flops"),
        (("--at", "planned.csv", "--ratio", "20"), "expected one of --flops"),
        (("--k", "10"), "expected one of --flops"),
        (("--at", "planned.csv", "--k", "10"), "--k may be added, but not to --at"),
        (("--flops", "1e23;1e24"), "'1e23;1e24'"),
        (("--flops", "1e23", "--ratio", "20:1"), "'20:1': expected numbers"),
        (("--flops", "1e23", "--k", "1,2.5"), "'1,2.5': expected whole numbers"),
        (("--flops", "1e23", "--k", "many"), "'many': expected numbers"),
        (("--flops", "1e23", "--k", "inf"), "'inf': expected whole numbers"),
        (("--flops", "1e23", "--probs", "ninety"), "'ninety'"),
        (("--flops", "1e23", "--out", "forecast.xlsx"), "'.xlsx'"),
        (("--flops", "1e23", "--new-groups", "guess"), "guess"),
        (("--flops", "1e23", "--out", "no/such/folder/a.csv"), "there is no folder no/such/folder"),
    ],
)
def test_wrong_usage_of_forecast(fit_file, arguments, message):
    result = run("forecast", fit_file, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--flops", "-1e23"), "-1e+23"),
        (("--flops", "1e23", "--ratio", "-20"), "ratio holds -20.0"),
        (("--flops", "1e23", "--k", "0,1"), "k holds 0"),
        (("--flops", "1e23", "--probs", "1.5"), "1.5"),
        (("--flops", "1e23", "--benchmark", "hellswag"), "'hellswag'"),
        (("--flops", "1e23", "--family", "Pythia"), "'Pythia'"),
    ],
)
def test_bad_input_of_forecast(fit_file, arguments, message):
    result = run("forecast", fit_file, *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr


def test_a_file_that_is_no_fit(runs_file):
    result = run("forecast", runs_file, "--flops", "1e23")
    assert result.exit_code == 1
    assert "is not a fit" in result.stderr


def test_forecast_loads_no_sampler(fit_file):
    printed, loaded = modules_after("forecast", fit_file, "--flops", "1e23,1e24")
    assert "hellaswag" in printed
    assert loaded.isdisjoint(SAMPLERS)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--law", "cubic"), 2, "'cubic' is no law; known are general"),
        (("--law", "direct", "--form", "tail"), 2, "'tail' goes with --law pass-at-k, not with --law direct"),
        (
            ("--law", "direct", "--inputs", "ratio"),
            2,
            "'ratio' goes with --law general, pass-at-k or two-stage, not with --law direct",
        ),
        (("--form", "bent"), 2, "bent"),
        (("--inputs", "loss"), 2, "loss"),
        (("--hold-out-above", "0"), 1, "flops=0.0"),
        (("--where", "size > 3"), 1, "size > 3"),
        (("--chains", "1"), 1, "chains is 1"),
    ],
)
def test_wrong_options_of_fit(runs_file, tmp_path, arguments, code, message):
    result = run("fit", runs_file, "--out", tmp_path / "fit.nc", *arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_options_of_the_two_stage_law_reach_it(runs_file, tmp_path):
    frame = bs.read_runs(runs_file).frame.rename(columns={"loss": "pile"})
    path = tmp_path / "runs.csv"
    frame.to_csv(path, index=False)
    short = ("--draws", 20, "--tune", 30, "--chains", 2, "--seed", 1, "--no-progress")
    options = ("--law", "two-stage", "--stage-two", "gompertz", "--loss", "pile")
    result = run("fit", path, "--out", tmp_path / "fit.nc", *options, *short)
    assert result.exit_code == 0, result.stderr
    assert bs.load_fit(tmp_path / "fit.nc").law == bs.TwoStageLaw(stage_two="gompertz", loss="pile")
    wrong = run("fit", path, "--out", tmp_path / "fit.nc", "--law", "two-stage")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "'loss', which is empty in every row" in wrong.stderr


def test_compounding_prints_and_writes_what_the_package_finds(two_stage_fit, cerebras_held_out, tmp_path):
    two_stage_fit.save(tmp_path / "fit.nc")
    cerebras_held_out.frame.to_csv(tmp_path / "held_out.csv", index=False)
    result = run("compounding", tmp_path / "fit.nc", tmp_path / "held_out.csv", "--out", tmp_path / "found")
    assert result.exit_code == 0, result.stderr
    found = bs.compounding(two_stage_fit, cerebras_held_out)
    assert found.sentence in " ".join(result.stdout.split())
    assert "stage two at the true loss" in result.stdout
    assert (tmp_path / "found" / "compounding.png").stat().st_size > 0
    strict = run("compounding", tmp_path / "fit.nc", tmp_path / "held_out.csv", "--strict")
    assert strict.exit_code == 1


def test_compounding_of_another_law(fit_file, runs_file):
    result = run("compounding", fit_file, runs_file)
    assert result.exit_code == 1
    assert "which has one stage; expected a fit of TwoStageLaw()" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ((), {}),
        (("--form", "log-linear"), {"form": "log-linear"}),
        (("--inputs", "ratio", "--form", "tail"), {"form": "tail", "inputs": "ratio"}),
    ],
)
def test_form_and_inputs_reach_the_law_where_they_are_given(runs_file, tmp_path, monkeypatch, arguments, given):
    asked = []

    class Law(bs.PassAtKLaw):
        def __init__(self, **options):
            asked.append(options)
            raise ValueError("made no law")

    monkeypatch.setitem(LAWS, "pass-at-k", Law)
    result = run("fit", runs_file, "--out", tmp_path / "fit.nc", "--law", "pass-at-k", *arguments)
    assert (result.exit_code, result.stderr) == (1, "Error: made no law\n")
    assert asked == [given]


def test_fit_needs_a_file_to_save_in(runs_file):
    result = run("fit", runs_file)
    assert result.exit_code == 2
    assert "--out" in result.stderr


@pytest.fixture(scope="module")
def short_fit(tmp_path_factory):
    """A fit too short to converge, of a table where one benchmark has a single row."""
    folder = tmp_path_factory.mktemp("short")
    frame = bs.load_dataset("cerebras_gpt").frame
    few = frame["benchmark"].isin(["piqa", "hellaswag"]) | (
        (frame["benchmark"] == "arc_easy") & (frame["params"] < 2e8)
    )
    frame[few].to_csv(folder / "runs.csv", index=False)
    command = ["fit", "runs.csv", "--out", "fit.nc", "--hold-out-above", "7e21", "--where", "params > 1e8", "--strict"]
    small = ["--draws", "20", "--tune", "60", "--chains", "2", "--seed", "1", "--no-progress"]
    code = "from bayes_scaling.command.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command, *small], cwd=folder, capture_output=True, text=True, check=False
    )
    return done, folder / "fit.nc"


def test_fit_that_has_not_converged(short_fit):
    done, path = short_fit
    assert done.returncode == 1
    assert "The fit has not converged: " in done.stdout
    assert "(a typical one)" in done.stdout
    assert "13 scores of 6 runs" in done.stderr
    assert "Warning: a single budget for arc_easy" in done.stderr
    assert "Traceback" not in done.stderr
    assert bs.load_fit(path).provenance["draws"] == 20


def test_forecast_of_a_fit_that_has_not_converged(short_fit):
    _, path = short_fit
    for arguments, code in (((), 0), (("--strict",), 1)):
        result = run("forecast", path, "--flops", "1e23", *arguments)
        assert result.exit_code == code
        assert "not converged" in result.stdout


# Backtests and comparisons --------------------------------------------------------------------------------------------


def test_backtest_prints_and_saves(tmp_path):
    path = tmp_path / "runs.csv"
    bs.load_dataset("cerebras_gpt").select(benchmark="piqa").frame.to_csv(path, index=False)
    short = ("--draws", 30, "--tune", 60, "--chains", 2, "--seed", 1, "--no-progress")
    out, figure = tmp_path / "backtest.parquet", tmp_path / "calibration.png"
    result = run("backtest", path, "--cutoff", "7e21", "--out", out, "--figure", figure, *short)
    assert result.exit_code == 0, result.stderr
    assert "Forecasts of held-out scores" in result.stdout
    assert len(bs.read_backtest(out).single()) == 1
    assert figure.stat().st_size > 0


def test_backtest_along_the_run(tmp_path):
    frame = bs.load_dataset("cerebras_gpt").select(benchmark="piqa").frame
    paired = frame.assign(trajectory=frame["params"].rank(method="dense").sub(1).floordiv(3).astype(str))
    paired.to_csv(tmp_path / "runs.csv", index=False)
    short = ("--draws", 30, "--tune", 60, "--chains", 2, "--seed", 1, "--no-progress")
    out = tmp_path / "backtest.parquet"
    result = run("backtest", tmp_path / "runs.csv", "--by", "run", "--cutoff", "0.5", "--out", out, *short)
    assert result.exit_code == 0, result.stderr
    assert "By decades beyond the last fitted checkpoint" in result.stdout
    assert bs.read_backtest(out).single()["run"].tolist() == ["Cerebras-590M", "Cerebras-6.7B"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--law", "cubic"), "'cubic' is no law"),
        (("--out", "found.csv"), "ends in '.csv'; expected .parquet"),
        (("--figure", "nowhere/found.png"), "there is no folder nowhere"),
    ],
)
def test_wrong_options_of_backtest(runs_file, arguments, message):
    result = run("backtest", runs_file, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_compare_puts_fits_side_by_side(cerebras_fit, two_stage_fit, families_fit, tmp_path):
    paths = [fit.save(tmp_path / f"{name}.nc") for name, fit in (("one", cerebras_fit), ("two", two_stage_fit))]
    result = run("compare", *paths)
    assert result.exit_code == 0, result.stderr
    table = bs.compare({"one": cerebras_fit, "two": two_stage_fit})
    assert f"{table.loc['one', 'elpd']:.1f}" in result.stdout
    assert "NO" in result.stdout
    other = run("compare", paths[0], families_fit.save(tmp_path / "families.nc"))
    assert other.exit_code == 1
    assert "has other rows than" in other.stderr
