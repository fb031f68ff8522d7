"""Whatever lists the budgets agrees with the one table of them."""

import dataclasses
import inspect
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.command.groups import BudgetOptions
from bayes_scaling.forecasting.forecast import Forecast
from bayes_scaling.model.rows import Rows
from bayes_scaling.report.writing import Asked
from bayes_scaling.runs.budget_columns import BUDGET_COLUMNS, BUDGETS, DECAY, OF_RUNS
from bayes_scaling.runs.planned import Budgets
from bayes_scaling.runs.reading.headers import read_header
from bayes_scaling.runs.summary import RunsSummary


def fields(kind):
    return [field.name for field in dataclasses.fields(kind)]


def test_a_table_of_runs_holds_them_in_order():
    frame = bs.load_dataset("cerebras_gpt").frame
    assert [name for name in frame if name in BUDGETS] == list(BUDGETS)
    always = [name for name in OF_RUNS if name not in DECAY]
    assert list(frame)[: len(always)] == always


@pytest.mark.parametrize(
    "names",
    [
        fields(Budgets),
        fields(RunsSummary),
        fields(BudgetOptions),
        list(Asked.__annotations__),
        list(inspect.signature(bs.budgets).parameters),
        list(inspect.signature(bs.Runs.split).parameters),
        [name.removeprefix("log_") for name in fields(Rows) if name.startswith("log_")],
    ],
)
def test_what_names_them_one_by_one_names_all(names):
    assert set(BUDGETS) <= set(names)


def test_the_schema_of_a_forecast_describes_them():
    schema = Path(inspect.getfile(Forecast)).parents[1] / "report" / "forecast.schema.json"
    columns = json.loads(schema.read_text())["properties"]["table"]["items"]["properties"]
    assert [name for name in columns if name in BUDGETS] == list(BUDGETS)
    for name in BUDGETS:
        assert columns[name]["exclusiveMinimum"] == 0


@pytest.mark.parametrize("column", BUDGET_COLUMNS.values(), ids=BUDGETS)
def test_every_header_and_letter_is_read(column):
    for rank, names in enumerate(column.headers):
        for name in names.split():
            assert (read_header(name).quantity, read_header(name).rank) == (column.name, rank)
    assert read_header(column.letter).quantity == column.name
    for unit in column.common_units:
        assert read_header(f"{column.name} ({unit})").scale is not None


@given(st.sampled_from(BUDGETS), st.floats(0.1, 0.9))
def test_what_lies_inside_the_limits_is_planned_and_outside_refused(name, share):
    low, high = BUDGET_COLUMNS[name].limits
    inside = low ** (1 - share) * high**share
    others = {"params": {"tokens": 1e12}, "tokens": {"params": 1e9}, "flops": {}}[name]
    assert len(bs.budgets(**{name: inside}, **others)) == 1
    with pytest.raises(ValueError, match=f"{name} holds .* no run has: .*{BUDGET_COLUMNS[name].planned}"):
        bs.budgets(**{name: low * share}, **others)
