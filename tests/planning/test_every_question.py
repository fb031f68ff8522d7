"""Every planning question has an answer with a figure, a row in the documentation, and most a command."""

import inspect
import re
from pathlib import Path

import pytest

import bayes_scaling as bs
from bayes_scaling.command.planning import plan
from bayes_scaling.planning.answers import Answer

PAGE = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")
QUESTIONS = [name for name, home in bs._HOMES.items() if home.startswith(".planning.") and name != "Cost"]
#: Asked from Python alone: of a forecast, and of runs that exist.
WITHOUT_COMMAND = {"probability_of", "next_evaluation"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_a_figure_and_stands_in_the_documentation(name):
    answer = inspect.signature(getattr(bs, name), eval_str=True).return_annotation
    assert issubclass(answer, Answer)
    assert answer in bs.plots.draw.registry
    assert f"`bs.{name}(" in PAGE


def test_there_is_a_command_for_each_question_and_the_page_lists_it():
    names = {one.name or one.callback.__name__ for one in plan.registered_commands}
    assert len(names) == len(set(QUESTIONS) - WITHOUT_COMMAND)
    listed = re.search(r"`bayes-scaling plan (.*?)`", PAGE, re.DOTALL)[1]
    assert set(listed.split(" | ")) == names
