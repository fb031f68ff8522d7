"""Every recipe of the page Data, run on files of the form that it is for."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.runs.importers import SOURCES

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "runs" / "importers"))
import logs as of_tools  # noqa: E402

FIXTURES = HERE / "runs" / "importers" / "fixtures"
PAGE = (HERE.parent / "docs" / "data.md").read_text(encoding="utf-8")
SIZES = {"160m": 0.42, "410m": 0.48, "1b": 0.54, "3b": 0.6}
COMMANDS = [
    line
    for block in re.findall(r"^```bash\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
TABLES = re.findall(r"^```text\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def shown(first):
    """A table that the page shows, by its first line."""
    return next(text for text in TABLES if text.startswith(first))


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A folder with what the recipes read."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "scores.csv").write_text(shown("run,params"))
    known = shown("model,params (B)")
    (folder / "manifest.csv").write_text(known)
    models = pd.read_csv(folder / "manifest.csv")
    (folder / "models.yaml").write_text(
        "".join(f"- {{{', '.join(f'{k}: {v}' for k, v in row.items())}}}\n" for row in models.to_dict("records"))
    )
    (folder / "training_runs.csv").write_text(shown("model,params,tokens,"))
    tables(folder, models)
    folders(folder)
    return folder


def tables(folder, models):
    """Tables with a row a score and with a column a benchmark."""
    long = pd.DataFrame(
        {
            "checkpoint_id": list("abcd"),
            "params": [1e8, 3e8, 1e9, 3e9],
            "tokens": [2e9, 6e9, 2e10, 6e10],
            "suite": "piqa",
            "result": list(SIZES.values()),
        }
    )
    long.assign(result=long["result"] + 0.2).to_csv(folder / "results.csv", index=False)
    wide = pd.DataFrame(
        {
            "Model": [f"toy-{size}" for size in SIZES],
            "MMLU": [100 * score for score in SIZES.values()],
            "MyTest": list(SIZES.values()),
        }
    )
    sized = wide.assign(**{"Size (B)": [0.16, 0.41, 1.0, 3.0], "tokens": ["3.2B", "8.2B", "20B", ""]})
    sized.to_csv(folder / "leaderboard.csv", index=False)
    known = sized.assign(tokens=["3.2B", "8.2B", "20B", "60B"])
    known.to_csv(folder / "models.csv", index=False)
    known.to_excel(folder / "models.xlsx", index=False)
    wide.drop(columns="MyTest").to_excel(folder / "scores.xlsx", index=False)
    models.assign(model=models["model"].str.removeprefix("lab/")).to_csv(folder / "models_known.csv", index=False)
    export = {
        "Name": wide["Model"],
        "State": "finished",
        "parameter_count": [1.6e8, 4.1e8, 1e9, 3e9],
        "total_tokens": [3.2e9, 8.2e9, 2e10, 6e10],
    }
    pd.DataFrame({**export, "lm_eval/piqa/acc_norm": [score + 0.2 for score in SIZES.values()]}).to_csv(
        folder / "export.csv", index=False
    )
    shutil.copy(FIXTURES / "released" / "by_size.csv", folder / "downstream.csv")
    shutil.copytree(FIXTURES / "olmo_ladder", folder / "exports")
    shutil.copytree(FIXTURES / "epoch", folder / "hub")


def folders(folder):
    """Evaluation logs of several tools."""
    for size, score in SIZES.items():
        model = f"lab/toy-{size}"
        of_tools.harness(
            folder / "results",
            {"arc_easy": {"acc,none": score, "acc_norm,none": score - 0.02}, "winogrande": {"acc,none": score + 0.05}},
            model=model,
        )
        for step in (1000, 143000) if size in ("160m", "410m") else ():
            config = {"model_args": f"pretrained={model},revision=step{step}"}
            of_tools.harness(
                folder / "checkpoints",
                {"piqa": {"acc,none": score + 0.1}},
                model=model,
                name=f"{step}.json",
                config=config,
            )
        of_tools.lighteval(
            folder / "lighteval_results", {"leaderboard|arc:challenge|25": {"acc_norm": score}}, model=model
        )
        of_tools.inspect(folder / "logs", f"2026-01-10_{size}.json", model=model, task="my_task", accuracy=score)
        of_tools.evalplus(folder / "humaneval" / f"toy-{size}" / "eval_results.json", passing=int(10 * score))
        of_tools.foundry(folder / "foundry" / f"toy-{size}.csv", model, {"piqa": score + 0.2})
        of_tools.dclm(folder / "evals" / f"evaluation_{size}.json", model, {"piqa": score + 0.2, "bigbench_x": score})


@pytest.mark.parametrize("command", COMMANDS)
def test_it_runs_as_it_stands(ground, tmp_path, monkeypatch, command):
    shutil.copytree(ground, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    words = shlex.split(command)
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, result.output
    if words[1] == "import":
        written = Path(words[words.index("--out") + 1])
        runs = bs.read_runs(written)
        assert len(runs) >= 3
        assert CliRunner().invoke(app, ["check", str(written)]).exit_code == 0


def test_there_is_one_of_every_source():
    assert {command.split()[2] for command in COMMANDS if command.split()[1] == "import"} == set(SOURCES)


def test_what_they_leave_out_is_what_the_page_says(ground, tmp_path, monkeypatch):
    shutil.copytree(ground, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    [command] = [line for line in COMMANDS if "--budgets-only" in line]
    CliRunner().invoke(app, shlex.split(command)[1:])
    frame = bs.read_runs("runs.csv").frame
    assert "toy-3b" not in set(frame["run"])
    assert set(frame["benchmark"]) == {"MMLU", "MyTest"}
