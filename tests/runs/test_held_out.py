"""Held-out rows that were fitted are found by their key and score, and refused wherever a fit is audited by them."""

import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs, rates_runs
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.report.contents import gather
from bayes_scaling.runs.held_out import check_held_out, fitted_rows

FITTED = pd.DataFrame(
    {
        "run": ["a", "a", "b"],
        "benchmark": ["x", "y", "x"],
        "metric": ["acc", "acc", None],
        "shots": [5.0, np.nan, 5.0],
        "accuracy": [0.51, 0.62, 0.73],
    }
)


def row(**values):
    return pd.DataFrame([{"run": "a", "benchmark": "x", "accuracy": 0.51} | values])


@pytest.mark.parametrize(
    ("held_out", "was_fitted"),
    [
        (row(), True),
        (row(metric="acc", shots=5.0), True),
        (row(metric=None, k=1.0), True),
        (row(accuracy=0.51 * (1 + 1e-12)), True),  # written to a file and read again
        (row(run="b", accuracy=0.73, metric="exact"), True),  # the fitted row does not state its metric
        (row(accuracy=0.52), False),  # scored anew
        (row(accuracy=np.nan), False),  # planned
        (row(run="c"), False),
        (row(benchmark="y"), False),
        (row(metric="acc_norm"), False),
        (row(shots=0.0), False),
        (row(k=8.0), False),
        (row().drop(columns="accuracy"), False),
    ],
)
def test_rows_are_the_same_by_run_benchmark_and_score_and_by_what_both_state(held_out, was_fitted):
    assert len(fitted_rows(FITTED, held_out)) == was_fitted


def test_rates_and_counts_of_the_same_attempts_are_the_same():
    counts, rates = counts_runs().frame, rates_runs().frame
    assert len(fitted_rows(counts, counts)) == len(counts)
    assert len(fitted_rows(rates, rates)) == len(rates)
    of_counts = counts.groupby(["run", "benchmark"])[["n_correct", "n_samples"]].sum().reset_index()
    first = of_counts.assign(k=1.0, accuracy=of_counts["n_correct"] / of_counts["n_samples"])
    first = first[["run", "benchmark", "k", "accuracy"]]
    assert len(fitted_rows(counts, first)) == len(first) == len(fitted_rows(first, counts))
    assert fitted_rows(counts, first.assign(run=first["run"] + "'")).empty
    other = counts.assign(n_correct=(counts["n_correct"] + 1) % 32)
    assert fitted_rows(counts, other).empty


def test_some_rows_are_named_and_all_are_counted(cerebras_train, cerebras_held_out):
    check_held_out(cerebras_train, cerebras_held_out)
    frame = pd.concat([cerebras_held_out.frame, cerebras_train.frame.head(4)], ignore_index=True)
    with pytest.raises(ValueError, match="were fitted") as caught:
        check_held_out(cerebras_train, bs.Runs(frame))
    assert str(caught.value) == (
        "4 of 18 held-out rows were fitted, with the same score: run 'Cerebras-111M' on 'hellaswag' (0.268), run "
        "'Cerebras-111M' on 'piqa' (0.594), run 'Cerebras-111M' on 'winogrande' (0.488) and 1 more; expected scored "
        "runs that the fit has not seen"
    )
    one = bs.Runs(pd.concat([cerebras_held_out.frame, cerebras_train.frame.head(1)], ignore_index=True))
    with pytest.raises(ValueError, match=r"^1 of 15 held-out rows was fitted"):
        check_held_out(cerebras_train, one)


def test_every_audit_refuses_them(two_stage_fit, cerebras_fit, cerebras_train, cerebras_held_out, tmp_path):
    said = "35 of 35 held-out rows were fitted"
    for fit in (cerebras_fit, two_stage_fit):
        with pytest.raises(ValueError, match=said):
            gather(fit, flops=1e23, held_out=cerebras_train)
        with pytest.raises(ValueError, match=said):
            bs.plots.curves(fit, held_out=cerebras_train)
    for name in ("report.html", "report.md"):
        with pytest.raises(ValueError, match=said):
            bs.write_report(cerebras_fit, tmp_path / name, flops=1e23, held_out=cerebras_train)
    with pytest.raises(ValueError, match=said):
        bs.write_bundle(cerebras_fit, tmp_path / "bundle", flops=1e23, held_out=cerebras_train)
    with pytest.raises(ValueError, match=said):
        bs.compounding(two_stage_fit, cerebras_train)
    whole = prior_fit(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), draws=20)
    with pytest.raises(ValueError, match=r"14 of 14 held-out rows were fitted.*that the fit of one stage has not seen"):
        bs.compounding(two_stage_fit, cerebras_held_out, direct=whole)
    assert not list(tmp_path.iterdir())


def test_figures_of_attempts_refuse_them(rates_fit, rates_runs_of_five):
    for draw in (bs.plots.pass_at_k, bs.plots.pass_rates):
        with pytest.raises(ValueError, match=r"30 of 30 held-out rows were fitted.*on 'code' k 1 "):
            draw(rates_fit, held_out=rates_runs_of_five)


@pytest.mark.parametrize(
    "command", [("report", "--flops", "1e23", "--out", "report.html", "--held-out"), ("compounding",)]
)
def test_the_commands_refuse_them(command, two_stage_fit, cerebras_train, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    two_stage_fit.save("fit.nc")
    cerebras_train.save("train.csv")
    name, *options = command
    result = CliRunner().invoke(app, [name, "fit.nc", *options, "train.csv"])
    assert result.exit_code == 1
    [error] = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert error.startswith("Error: 35 of 35 held-out rows were fitted, with the same score: run 'Cerebras-111M'")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.nc", "train.csv"]
