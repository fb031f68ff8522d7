"""What the stored study of decisions found on published runs (`tests/studies/decisions_study.py`)."""

from pathlib import Path

import pandas as pd
import pytest

STUDIES = Path(__file__).parent
TOGETHER = "direct, ratio, two-stage and pass@k"


def stored(name):
    text = (STUDIES / f"{name}.csv").read_text(encoding="utf-8")
    assert text.startswith("# Made by: python tests/studies/decisions_study.py ")
    return pd.read_csv(STUDIES / f"{name}.csv", comment="#")


@pytest.mark.parametrize("law", [TOGETHER, "direct", "two-stage", "broken-power"])
def test_stated_probabilities_came_true(law):
    table = stored("reliability").query("law == @law and of == 'scores' and n >= 100 and runs >= 10")
    assert len(table) == 10  # every tenth is there
    assert (table["stated"] - table["observed"]).abs().max() <= 0.08


def test_forecasts_say_more_than_frequencies():
    assert stored("brier")["skill"].min() > 0.3


def test_forecast_rankings_are_surer_where_they_are_right():
    pairs = stored("rankings")
    measured = pairs["measured"].astype(float)
    forecast, small = (((stated - measured) ** 2).mean() for stated in (pairs["probability"], pairs["small_scale"]))
    assert forecast < small
    sure = pairs[(pairs["probability"] - 0.5).abs() > 0.3]
    assert len(sure) > 50
    assert ((sure["probability"] > 0.5) == sure["measured"]).mean() > 0.8
