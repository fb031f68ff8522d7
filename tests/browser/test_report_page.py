"""A report in a real browser: sizes, themes, the slider by keyboard and touch, without scripts, in print, axe.

Skipped where Debian's chromium or the Python packages of the dependency group "browser" are absent.
"""

import argparse
import json
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.report.slider import LEVELS

CHROMIUM = Path("/usr/bin/chromium")
AXE = find_spec("axe_playwright_python")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and AXE and find_spec("playwright")), reason="needs chromium, playwright and axe"
)


def ladder(benchmarks, families=1):
    """Seven runs a family on some benchmarks."""
    rng = np.random.default_rng(4)
    rows = [
        {
            "run": f"f{f} {i}",
            "family": f"family {f}",
            "flops": 10.0 ** (19 + 0.5 * i),
            "benchmark": f"benchmark {b}",
            "accuracy": 0.3 + 0.06 * i + 0.005 * (b % 20) + rng.normal(0, 0.005),
            "n_items": 1000,
            "chance": 0.25,
        }
        for f in range(families)
        for i in range(7)
        for b in range(benchmarks)
    ]
    return bs.Runs(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def page_path(tmp_path_factory):
    fit = prior_fit(bs.DirectLaw(), ladder(12), draws=400)
    path = tmp_path_factory.mktemp("page") / "report.html"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bs.write_report(
            fit,
            path,
            flops=[1e23, 1e24],
            targets={"benchmark 3": 0.7, "benchmark 5": 0.8},
            cost=bs.Cost(1e15, price_per_hour=2.0),
        )


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, page_path):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(page_path.as_uri())
    yield opened
    context.close()


def test_twelve_benchmarks_stay_small(page_path):
    assert page_path.stat().st_size < 1_400_000


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wrong_at_any_size_in_any_theme(browser, page_path, tmp_path, width, height, theme):
    from check_report import check

    axe = Path(AXE.origin).parent / "axe.min.js"
    asked = argparse.Namespace(page=page_path, axe=axe, out=tmp_path)
    assert check(browser, asked, f"{width} {theme}", width, height, theme) == []


def data_of(page):
    return json.loads(page.locator("#budget-data").text_content())


def cells(page, row, part):
    return page.locator("#budget-table tbody tr").nth(row).locator(f'[data-part="{part}"]').inner_text()


def test_keys_move_the_budget_and_every_number_with_it(page):
    slider, data = page.locator("#budget-range"), data_of(page)
    start = int(slider.input_value())
    before = cells(page, 0, "score")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    at = int(slider.input_value())
    assert at == start + 5
    assert page.locator("#budget-said").inner_text() == data["budgets"][at]
    assert slider.get_attribute("aria-valuetext") == data["budgets"][at]
    values = data["rows"][0][at]
    assert cells(page, 0, "score") == f"{np.interp(0.5, LEVELS, values) / 100:.1f}%" != before
    target = 100 * float(page.locator("#budget-table input").first.input_value())
    chance = 100 * (1 - np.interp(target, values, LEVELS, left=0.0, right=1.0))
    shown = cells(page, 0, "probability")
    assert shown == ("below 0.5%" if chance < 0.5 else "above 99.5%" if chance > 99.5 else f"{chance:.0f}%")
    assert page.locator("#budget-beyond").is_visible()  # nothing was audited


def test_a_target_may_be_written(page):
    row = page.locator("#budget-table tbody tr").nth(6)
    assert cells(page, 6, "probability") == ""
    row.locator("input").fill("40")
    assert cells(page, 6, "probability").endswith("%")
    row.locator("input").fill("")
    assert cells(page, 6, "probability") == ""


def test_touch_moves_it_on_a_phone(browser, page_path):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(page_path.as_uri())
    slider = page.locator("#budget-range")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box["height"] >= 44
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    assert int(slider.input_value()) >= 34
    cell = page.locator("#budget-table td[data-part=score]").first
    assert cell.bounding_box()["x"] + cell.bounding_box()["width"] <= 390  # readable without scrolling sideways
    context.close()


def test_without_scripts_the_asked_budget_stands(browser, page_path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_path.as_uri())
    assert not page.locator(".track").is_visible()
    assert page.locator("#budget-said").inner_text().startswith("1e23 FLOPs")
    assert page.locator("#budget-table .still").first.inner_text().endswith("%")
    assert not page.locator("#budget-table input").first.is_visible()
    context.close()


def test_print_shows_numbers_and_no_controls(page):
    page.emulate_media(media="print")
    assert not page.locator(".track").is_visible()
    assert not page.locator("#budget-table input").first.is_visible()
    assert page.locator("#budget-table .still").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_fifty_benchmarks_of_two_families_can_be_searched(browser, tmp_path):
    fit = prior_fit(bs.DirectLaw(), ladder(50, families=2), draws=60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = bs.write_report(fit, tmp_path / "many.html", flops=1e23, targets={"benchmark 7": 0.7})
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri())
    rows = page.locator("#budget-table tbody tr")
    first = rows.first.inner_text()
    assert "benchmark 7" in first  # the one with a target
    page.locator(".budget .search input").fill("family 1 benchmark 12")
    shown = [rows.nth(i).inner_text() for i in range(rows.count()) if rows.nth(i).is_visible()]
    assert len(shown) == 1
    assert "benchmark 12" in shown[0]
    context.close()
