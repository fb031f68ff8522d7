"""The commands of ``bayes-scaling plan``, from saved fits."""

import json
import re

import pandas as pd
import pytest
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app


@pytest.fixture(scope="module")
def direct_path(cerebras_fit, tmp_path_factory):
    return str(cerebras_fit.save(tmp_path_factory.mktemp("plan") / "direct.nc"))


@pytest.fixture(scope="module")
def sizes_path(cerebras_train, tmp_path_factory):
    fit = prior_fit(bs.RatioLaw(), cerebras_train, draws=100)
    return str(fit.save(tmp_path_factory.mktemp("plan") / "sizes.nc"))


@pytest.fixture(scope="module")
def families_path(families_fit, tmp_path_factory):
    return str(families_fit.save(tmp_path_factory.mktemp("plan") / "families.nc"))


@pytest.fixture(scope="module")
def ratio_path(ratio_fit, tmp_path_factory):
    return str(ratio_fit.save(tmp_path_factory.mktemp("plan") / "ratio.nc"))


@pytest.fixture(scope="module")
def rates_path(rates_fit, tmp_path_factory):
    return str(rates_fit.save(tmp_path_factory.mktemp("plan") / "rates.nc"))


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["plan", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_target_says_the_budget_and_writes_it(direct_path, tmp_path):
    out, figure = tmp_path / "answer.json", tmp_path / "answer.png"
    text = run(
        *("target", direct_path, "--benchmark", "hellaswag", "--target", "0.6", "--probability", "0.8"),
        *("--flops-per-second", "1e15", "--price-per-hour", "2", "--out", str(out), "--figure", str(figure)),
    )
    answer = json.loads(out.read_text())
    said = answer["sentence"].replace("(a backtest says it)", "(--backtest make does it)")
    assert said in text.replace("\n", " ")
    assert "accelerator hours" in answer["sentence"]
    assert answer["table"][0]["outcome"] == "reached"
    assert figure.stat().st_size > 5000
    assert "expected curve passes at, 80% interval" in text


def test_allocate_and_rank(ratio_path, families_path, tmp_path):
    out = tmp_path / "sizes.csv"
    options = ["--flops", "1e22,1e23", "--family", "Pythia", "--benchmark", "piqa", "--most-params", "7e9"]
    text = run("allocate", ratio_path, *options, "--out", str(out))
    table = pd.read_csv(out)
    assert table["flops"].tolist() == [1e22, 1e23]
    assert "lost_under_cap" in table
    assert "NOT CONVERGED" not in text  # said in the notes, and by --strict
    ranked = run("rank", families_path, "--flops", "1e22", "--benchmark", "piqa")
    assert "beats" in ranked
    assert "mean rank" in ranked


def test_train_or_sample(rates_path):
    options = ["--tokens-per-sample", "300", "--queries", "1e5", "--benchmark", "code", "--ratio", "20"]
    assert "The cheapest way to solve 0.5 of code" in run("train-or-sample", rates_path, "--target", "0.5", *options)
    assert "solve" in run("train-or-sample", rates_path, "--flops", "1e21,1e22", *options)
    both = run("train-or-sample", rates_path, "--target", "0.5", "--flops", "1e22", *options, code=2)
    assert "expected --target or --flops, and not both" in both


def test_next_run(direct_path, tmp_path):
    text = run("next-run", direct_path, "--flops", "1e22,1e23", "--target-flops", "1e24", "--several", "2")
    assert text.startswith("Train ")
    assert "variance removed" in text
    table = tmp_path / "candidates.csv"
    frame = pd.DataFrame({"run": ["a", "b"], "family": "Cerebras-GPT", "flops": [1e22, 1e23], "benchmark": "piqa"})
    frame.to_csv(table, index=False)
    at = run("next-run", direct_path, "--at", str(table), "--target-flops", "1e24", "--target-benchmark", "piqa")
    assert "on piqa" in at


def test_continue(sizes_path):
    text = run("continue", sizes_path, "Cerebras-1.3B", "--more-flops", "1e21,1e22", "--wanted", "0.01")
    assert ": with 1e22 FLOPs more, Cerebras-1.3B gains" in text
    assert "does not say whether learning rates were decayed" in text.replace("\n", " ")


def test_continue_towards_targets(sizes_path):
    text = run("continue", sizes_path, "Cerebras-1.3B", "--more-flops", "1e22", "--target", "piqa=0.7", "--ratio", "20")
    assert re.match(r"(Go on|Stop, since .*): with 1e22 FLOPs more, Cerebras-1.3B gains", text)
    assert "It scores at least 0.7 on piqa with probability" in text
    assert "20 tokens per parameter) does so with probability" in text
    assert "0.5 on the mean over benchmarks" in run(
        "continue", sizes_path, "Cerebras-1.3B", "--more-flops", "1e22", "--target", "0.5", "--not-annealed"
    )


def test_continue_of_a_law_of_flops_names_the_command_that_works(direct_path):
    text = run("continue", direct_path, "Cerebras-1.3B", "--more-flops", "1e21", code=1)
    assert text.startswith("Error: plan continue got a fit of DirectLaw, which reads FLOPs alone")
    assert text.endswith("Fit a law that reads them: bayes-scaling fit RUNS --law general --out FIT\n")


def test_plans_of_a_law_of_flops_say_that_the_ratio_drifts(families_path):
    said = "Note: tokens per parameter fall from 4280 to 25 along Pythia, from 4370 to 26.6 along OPT: DirectLaw reads "
    options = ["--benchmark", "piqa", "--family"]
    ranked = run("rank", families_path, "--flops", "1e22", "--benchmark", "piqa")
    assert said in ranked
    assert "--law general reads params and tokens" in ranked
    chosen = run(*("next-run", families_path, "--flops", "1e21,1e22", "--target-flops", "1e23"), "--family", "OPT")
    assert "Note: tokens per parameter fall from 4370 to 26.6 along OPT: DirectLaw reads FLOPs alone" in chosen
    target = ["target", families_path, "--target", "0.75", *options]
    assert said.partition(",")[0] in run(*target, "Pythia")
    assert "fall from" not in run(*target, "Cerebras-GPT")


def test_strict_stops_for_a_fit_that_has_not_converged(families_path):
    run("rank", families_path, "--flops", "1e22", "--strict", code=1)


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["target", "--benchmark", "piqa", "--target", "2"], "target is 2.0; expected a score", 1),
        (["target", "--benchmark", "mmlu", "--target", "0.5"], "benchmark 'mmlu' was not fitted", 1),
        (["target", "--benchmark", "piqa", "--target", "0.7", "--out", "a.txt"], "expected one of .csv", 2),
        (["target", "--benchmark", "piqa", "--target", "0.7", "--figure", "no/a.png"], "there is no folder no", 2),
        (["target", "--benchmark", "piqa", "--target", "0.7", "--price-per-hour", "2"], "peak of one accelerator", 2),
        (["allocate", "--flops", "1e22,x"], "expected numbers with commas between them", 2),
        (
            ["allocate", "--flops", "1e22"],
            "plan allocate got a fit of DirectLaw, which reads FLOPs alone and knows nothing of sizes. Fit a law that "
            "reads them: bayes-scaling fit RUNS --law general --out FIT",
            1,
        ),
        (["next-run", "--target-flops", "1e24"], "expected one of --flops", 2),
        (["rank", "--flops", "1e22"], "there is one family to rank", 1),
    ],
)
def test_wrong_questions_get_one_clear_message(direct_path, arguments, message, code):
    command, *rest = arguments
    text = run(command, direct_path, *rest, code=code)
    assert message in " ".join(text.replace("│", " ").split())
    assert "Traceback" not in text


def test_probability_gives_a_verdict(direct_path, tmp_path):
    options = ["--flops", "1e22", "--target", "hellaswag=50%", "--target", "mean=0.3"]
    out = tmp_path / "answer.md"
    text = run("probability", direct_path, *options, "--out", str(out))
    assert text.startswith("Not enough: a run of 1e22 FLOPs, 9.1 times the largest fitted run, reaches all targets")
    assert "0.3 on mean" in text
    assert "| all targets" in out.read_text()
    assert run("probability", direct_path, "--flops", "1e22", "--target", "piqa=0.6").startswith("Enough: ")
    assert "expected a name and a value" in run(
        "probability", direct_path, "--flops", "1e22", "--target", "0.5", code=2
    )


def test_next_evaluation_says_when_all_is_measured(direct_path):
    text = run("next-evaluation", direct_path, "--target-flops", "1e24", code=1)
    assert "every fitted run has a score on every benchmark" in text


def test_other_laws_may_stand_beside(direct_path):
    options = ["--benchmark", "hellaswag", "--target", "0.5", "--beside", direct_path]
    assert "By other laws: direct about " in run("target", direct_path, *options)
    wrong = run("target", direct_path, *options[:-1], "no-such-law", code=2)
    assert "no-such-law" in wrong


def test_a_backtest_beside_the_fit_is_found_and_widens(direct_path, past_forecasts, tmp_path):
    import shutil

    fit = tmp_path / "fit.nc"
    shutil.copy(direct_path, fit)
    options = ["probability", str(fit), "--flops", "1e22", "--target", "hellaswag=0.5"]
    assert "Past 90% intervals" not in run(*options)
    assert "expected a backtest: --backtest FILE" in run(*options, "--recalibrate", code=2)
    past_forecasts.to_parquet(tmp_path / "fit.backtest.parquet")
    assert "too narrow, or have them widened (--recalibrate)" in run(*options)
    assert "these intervals were widened for it" in run(*options, "--recalibrate")
    assert "Past 90% intervals" not in run(*options, "--backtest", "none")
    assert "Past 90% intervals" in run("next-run", str(fit), "--flops", "1e21,1e22", "--target-flops", "1e23")
    other = past_forecasts.rows.assign(run="another")
    type(past_forecasts)(other, past_forecasts.failures, past_forecasts.timings).to_parquet(
        tmp_path / "fit.backtest.parquet"
    )
    text = run(*options)
    assert "is of another law or other runs, and is not used" in text
    assert "Past 90% intervals" not in text
