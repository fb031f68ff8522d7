"""What the command shows, as text."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.command.screen import Screen
from bayes_scaling.forecasting.from_fit import quiet_forecast
from bayes_scaling.report.cells import benchmark_cells, exponent_cells, forecast_cells
from bayes_scaling.wording import brief_number


def test_forecast_cells_hold_the_table(cerebras_fit):
    forecast = bs.forecast(cerebras_fit, bs.budgets(flops=1e23, benchmark="piqa"), random_seed=1)
    [row] = forecast.table((0.9,)).to_dict("records")
    [cells] = forecast_cells(forecast, ("family", "benchmark", "flops", "k"), (0.9,)).to_dict("records")
    assert cells == {
        "benchmark": "piqa",
        "FLOPs": "1e23",
        "median": f"{row['median']:.3f}",
        "90% interval": f"{row['low_90']:.3f}–{row['high_90']:.3f}",
    }


def test_families_are_shown_where_there_are_several(families_fit, cerebras_fit):
    several = quiet_forecast(families_fit, bs.budgets(flops=1e23), random_seed=1)
    assert set(forecast_cells(several, ("family", "benchmark"))["family"]) == set(families_fit.reference.families)
    assert "family" in exponent_cells(families_fit)
    assert "family" not in exponent_cells(cerebras_fit)


def test_k_and_tokens_per_parameter_are_shown_where_they_are_known(cerebras_fit):
    columns = ("benchmark", "k", "flops", "tokens/param")
    one = bs.forecast(cerebras_fit, bs.budgets([1e22, 1e23], benchmark="piqa"), random_seed=1)
    assert list(forecast_cells(one, columns, ())) == ["benchmark", "FLOPs", "median"]
    sized = one.points.assign(params=[1e9, np.nan], tokens=2.05e10, k=[np.nan, 10240.0])
    cells = forecast_cells(dataclasses.replace(one, _points=sized), columns, ())
    assert list(cells) == ["benchmark", "k", "FLOPs", "tokens/param", "median"]
    assert cells["k"].tolist() == ["", "10240"]
    assert cells["tokens/param"].tolist() == ["20.5", ""]


@pytest.mark.parametrize(
    ("law", "name", "beside"),
    [
        (bs.RatioLaw(), "families_runs", ["of params", "of tokens"]),
        (bs.PassAtKLaw(), "rates_runs_of_five", ["bends at k"]),
        (bs.PassAtKLaw(form="log-linear"), "rates_runs_of_five", ["gain per log k"]),
    ],
    ids=repr,
)
def test_exponent_cells_hold_what_else_a_law_has(law, name, beside, request):
    fit = prior_fit(law, request.getfixturevalue(name), draws=50)
    cells = exponent_cells(fit)
    assert list(cells)[-len(beside) :] == beside
    assert cells["benchmark"].iloc[-1] == "(a typical one)"
    assert len(cells) == len(fit.reference.curve_labels) + 1
    quantity = {"of params": "params_exponent", "bends at k": "bend_at_reference", "gain per log k": "gain"}[beside[0]]
    summary = fit.summary().query(f"quantity == '{quantity}'")
    expected = [f"{row.median:.3g} ({row.low_90:.3g}–{row.high_90:.3g})" for row in summary.itertuples()]
    assert cells[beside[0]].tolist()[:-1] == expected


def test_exponent_cells_end_with_a_typical_benchmark(cerebras_fit):
    cells = exponent_cells(cerebras_fit)
    assert cells["benchmark"].tolist() == [*cerebras_fit.reference.labels, "(a typical one)"]
    assert cells["exponent"].astype(float).between(0.01, 1).all()


def test_benchmark_cells_leave_out_what_is_unknown():
    cells = benchmark_cells(bs.load_dataset("cerebras_gpt").summary())
    assert cells.loc[0, "accuracy"] == "0.268–0.513"
    assert cells.loc[0, "n_items"] == "10042"
    planned = pd.DataFrame({"run": ["a"], "flops": [1e23], "benchmark": ["piqa"]})
    assert "accuracy" not in benchmark_cells(bs.Runs(planned).summary())
    assert "n_items" not in benchmark_cells(bs.Runs(planned).summary())


def test_results_and_remarks_go_to_their_own_streams(capsys):
    screen = Screen()
    screen.say("a result [bold]as it stands[/bold] :smile:")
    screen.notes(["take care"])
    with screen.stage("thinking"):
        screen.remark("halfway")
    captured = capsys.readouterr()
    assert captured.out == "a result [bold]as it stands[/bold] :smile:\nNote: take care\n"
    assert captured.err == "thinking ...\nhalfway\n"


def test_a_table_is_not_cut_where_there_is_no_terminal(capsys):
    name = "a benchmark with a long name " * 4
    Screen().table(pd.DataFrame({"benchmark": [name.strip()], "median": ["0.512"]}))
    assert name.strip() in capsys.readouterr().out


def test_numbers_and_shares_stand_to_the_right(capsys):
    Screen().table(pd.DataFrame({"law": ["a", "bcd"], "90% held": ["7%", "100%"], "n": ["5", "1,024"]}))
    *_, first, second = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert first.split() == ["a", "7%", "5"]
    assert len(first.rstrip()) == len(second.rstrip())
    assert first.index("7%") == second.index("100%") + 2


@pytest.mark.parametrize(
    ("number", "text"), [(1e23, "1e23"), (2.345e22, "2.35e22"), (0.25, "0.25"), (float("nan"), "")]
)
def test_brief_number(number, text):
    assert brief_number(number) == text
