"""Every law passes the checks of all laws, is a public name, and stands in the documentation."""

import runpy
from pathlib import Path

import pytest
from law_checks import CHECKS, OnTable, the_command_takes_it_with_its_options

import bayes_scaling as bs
from bayes_scaling.laws import LAWS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module", params=LAWS)
def on(request):
    return OnTable(LAWS[request.param]())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_law_passes(check, on, tmp_path):
    check(on, tmp_path)


def test_the_command_takes_a_law_with_its_options(on, tmp_path, monkeypatch):
    the_command_takes_it_with_its_options(on, tmp_path, monkeypatch)


def test_a_law_is_a_public_name_that_the_documentation_explains(on):
    kind = type(on.law)
    assert getattr(bs, kind.__name__) is kind
    assert kind.__name__ in bs.__all__
    with_laws = runpy.run_path(str(DOCS / "conf.py"))["with_laws"]
    text = with_laws((DOCS / "reference.md").read_text(encoding="utf-8"))
    assert f"- `{kind.__name__}()`, `--law {on.law.name}`: {on.law.about}." in text
    assert f".. autoclass:: bayes_scaling.{kind.__name__}\n" in text


@pytest.mark.parametrize("name", ["direct", "ratio", "pass-at-k", "two-stage", "broken-power", "sigmoid"])
def test_the_page_on_which_law_has_the_laws_of_the_package(name):
    page = (DOCS / "which_law.md").read_text(encoding="utf-8")
    assert f"{LAWS[name].__name__}()" in page
    assert f"--law {name}" in page
