from pathlib import Path

import pandas as pd
import pytest
from keeping import Kept
from other_way_study import COLUMNS, LEVELS, NAMES, TABLES, draw, summarise

STUDIES = Path(__file__).parent


def test_coverage_is_counted_by_table_k_and_distance():
    bounds = {f"{end}_{100 * level:g}": value for level in LEVELS for end, value in (("low", 0.2), ("high", 0.4))}
    facts = {"table": "T", "cutoff": "1e20", "run": "r", "benchmark": "b", "median": 0.3, "crps": 0.01}
    rows = pd.DataFrame(
        [
            {**facts, **bounds, "k": 64, "decades": 0.0, "accuracy": 0.3, "converged": True},
            {**facts, **bounds, "k": 64, "decades": 0.0, "accuracy": 0.5, "converged": True},
            {**facts, **bounds, "k": 128, "decades": 0.7, "accuracy": 0.4, "converged": True},
        ]
    )
    found = summarise(rows).set_index(["table", "k", "distance"])
    assert found.loc[("T", 64, NAMES[0]), ["n", "c90"]].tolist() == [2, 0.5]
    assert found.loc[("T", 128, NAMES[2]), "c90"] == 1.0
    assert found.loc[("T", 64, NAMES[0]), "bias"] == pytest.approx(-0.1)
    assert found.loc[("all", "all", "all"), "n"] == 3


def test_the_figure_is_drawn(tmp_path):
    table = pd.read_csv(STUDIES / "other_way.csv", comment="#")
    draw(table, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000


def test_the_stored_study():
    rows = Kept(COLUMNS, 2, STUDIES / "other_way_rows.csv").table()
    assert {"GSM8K", "MATH"} <= set(rows["table"]) <= {table.name for table in TABLES}
    stored = pd.read_csv(STUDIES / "other_way.csv", comment="#")
    again = summarise(rows)
    assert stored["c90"].tolist() == pytest.approx(again["c90"].tolist(), abs=1e-3)
    for file in ("other_way.csv", "other_way_rows.csv"):
        assert (STUDIES / file).read_text().startswith("# Made by: python tests/studies/other_way_study.py ")
