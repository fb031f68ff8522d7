import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.report.latex import booktabs
from bayes_scaling.report.tables import markdown_report

LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=12
)


@pytest.fixture(scope="module")
def awkward():
    """Two runs with labels that trip Markdown and LaTeX, of a fit that did not converge."""
    points = pd.DataFrame({"run": ["a | b", "50%"], "family": "true", "benchmark": ["a_b", "*"], "flops": [1e20, 3e23]})
    values = {name: (("sample", "point"), np.full((40, 2), 0.25)) for name in ("expected", "score")}
    notes = ("one, with a comma", 'a "quoted" one', "a | b and größer")
    return bs.Forecast(points, notes, False, xr.Dataset(values))


@pytest.fixture(scope="module")
def of_attempts(rates_runs_of_five):
    """Pass rates at several k and ratios of tokens to parameters, from draws of the prior."""
    fit = prior_fit(bs.PassAtKLaw(), rates_runs_of_five, draws=50)
    return bs.forecast(fit, bs.budgets([1e21, 3e22], ratio=[20, 33.3333], k=[1, 10, 1000]), random_seed=1)


@given(label=LABELS.map(lambda text: text.strip()).filter(bool), converged=st.booleans())
def test_markdown_keeps_labels(label, converged):
    table = pd.DataFrame({"run": pd.Series([label, "b"], dtype="str"), "mean": [0.5, np.nan]})
    text = markdown_report({"score": table, "expected": table}, [], converged)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    run, mean = (re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", rows[2])[1:-1])
    assert (run, mean) == (label, "0.5000")
    assert ("did not converge" in text) != converged


@pytest.mark.parametrize("ending", ["md", "markdown", "MD"])
def test_markdown_reads_as_a_report(awkward, tmp_path, ending):
    lines = bs.write_table(awkward, tmp_path / f"forecast.{ending}").read_text("utf-8").splitlines()
    assert lines[0] == "# Forecast"
    assert "**The fit behind it did not converge: do not rely on these intervals.**" in lines
    assert [line for line in lines if line.startswith("## ")] == ["## Notes", "## Scores", "## Expected scores"]
    assert '- a "quoted" one' in lines
    assert sum(line.startswith("|") for line in lines) == 2 * (len(awkward) + 2)


def test_markdown_shows_tokens_per_parameter_where_it_tells_points_apart(of_attempts, awkward, tmp_path):
    path = bs.write_table(of_attempts, tmp_path / "forecast.md")
    rows = [line.split("|") for line in path.read_text("utf-8").splitlines() if line.startswith("|")]
    column = [cell.strip() for cell in rows[0]].index("tokens/param")
    assert {row[column].strip() for row in rows[2:26]} == {"20", "33.3"}
    one_ratio = of_attempts.points.assign(tokens=20 * of_attempts.points["params"])
    for points in (awkward.points, one_ratio):
        table = points.assign(mean=0.5)
        assert "| tokens/param " not in markdown_report({"score": table, "expected": table}, [], True)


def test_latex_has_one_row_a_point_and_the_notes_as_comments(awkward, tmp_path):
    lines = bs.write_table(awkward, tmp_path / "forecast.tex", [0.9]).read_text("utf-8").splitlines()
    assert lines[0] == "% NOT CONVERGED: do not rely on these intervals"
    assert lines[1:4] == [f"% {note}" for note in awkward.notes]
    assert sum(line.startswith(r"a\_b & ") or line.startswith("* & ") for line in lines) == 2


def test_latex_prints_every_cell_as_it_is():
    cells = pd.DataFrame(
        {"a_b": ["50% of \\ {x}~^", "<b> |\n $y$ & #1"], "FLOPs": ["1e23", "2.5e-3"], "n": ["0.1–0.2", ""]}
    )
    head, *rows = [line for line in booktabs(cells).splitlines() if "&" in line]
    assert head == r"a\_b & FLOPs & n \\"
    assert rows == [
        r"50\% of \textbackslash \space \{x\}\textasciitilde \textasciicircum & $10^{23}$ & 0.1--0.2 \\",
        r"\textless{}b\textgreater{} \textbar{} \$y\$ \& \#1 & $2.5 \times 10^{-3}$ &  \\",
    ]
    assert booktabs(cells).startswith(r"\begin{tabular}{lrr}")


@pytest.mark.parametrize("ending", ["md", "markdown", "tex"])
def test_what_is_for_print_is_not_read_back(awkward, tmp_path, ending):
    path = bs.write_table(awkward, tmp_path / f"forecast.{ending}")
    with pytest.raises(ValueError, match=r"is for print, .*saved as \.nc, \.csv, \.parquet, \.json$"):
        bs.read_forecast(path)


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_machines_get_what_the_methods_write(awkward, tmp_path, ending):
    path = bs.write_table(awkward, tmp_path / f"a.{ending}", [0.5])
    assert path.read_bytes() == getattr(awkward, f"to_{ending}")(tmp_path / f"b.{ending}", [0.5]).read_bytes()


def test_no_folders_are_made_and_other_values_refused(awkward, cerebras_fit, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; make it before saving forecast\.md"):
        bs.write_table(awkward, tmp_path / "nowhere" / "forecast.md")
    with pytest.raises(TypeError, match=r"write_table\(\) got a Fit; expected a forecast or an answer"):
        bs.write_table(cerebras_fit, tmp_path / "fit.md")
    assert list(tmp_path.iterdir()) == []
