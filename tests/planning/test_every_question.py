"""Every planning question has an answer with a figure, a row in the documentation, and most a command."""

import inspect
import re
from pathlib import Path

import pandas as pd
import pytest
from ladder_tables import one_ratio
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.command.main import plan
from bayes_scaling.forecasting.from_fit import quiet_forecast
from bayes_scaling.planning.answers import Answer

PAGE = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")
QUESTIONS = [name for name, home in bs._HOMES.items() if home.startswith(".planning.") and name != "Cost"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_a_figure_and_stands_in_the_documentation(name):
    answer = inspect.signature(getattr(bs, name), eval_str=True).return_annotation
    assert issubclass(answer, Answer)
    assert answer in bs.plots.draw.registry
    assert f"`bs.{name}(" in PAGE


@pytest.fixture(scope="module")
def general_fit():
    return prior_fit(bs.GeneralLaw(), one_ratio().select("run != 'suite-2' or benchmark != 'piqa'"), draws=100)


@pytest.mark.parametrize("name", sorted({*QUESTIONS} - {"train_or_sample"}))
def test_a_fit_of_the_default_law_answers_questions_of_flops_alone(name, general_fit):
    at = bs.budgets(flops=[1e22, 1e23])
    asked = {
        "allocate": (1e23,),
        "budget_for": ("piqa", 0.7, 0.5),
        "continue_run": ("suite-3", 1e21),
        "next_evaluation": (bs.budgets(flops=1e24),),
        "next_run": (at, bs.budgets(flops=1e24)),
        "probability_of": ({"piqa": 0.6},),
    }
    if name == "rank_families":
        other = one_ratio("other").frame
        both = bs.Runs(pd.concat([one_ratio().frame, other], ignore_index=True))
        answer = bs.rank_families(prior_fit(bs.GeneralLaw(), both, draws=100), bs.budgets(flops=1e23))
    else:
        of = quiet_forecast(general_fit, at, 1) if name == "probability_of" else general_fit
        answer = getattr(bs, name)(of, *asked[name])
    assert answer.sentence
    assert answer.plot().axes


def test_there_is_a_command_for_each_question_and_the_page_lists_it():
    names = {one.name or one.callback.__name__ for one in plan.registered_commands}
    assert len(names) == len(set(QUESTIONS))
    listed = re.search(r"`bayes-scaling plan (.*?)`", PAGE, re.DOTALL)[1]
    assert set(listed.split(" | ")) == names
