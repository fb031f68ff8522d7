"""The notebooks run, and are stored with their outputs, free of warnings and of paths of one machine."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_there_are_notebooks():
    names = [
        "01_general_law",
        "02_ratio",
        "03_pass_at_k",
        "04_two_stage",
        "05_compare_laws",
        "06_compute_planning",
        "07_report",
        "08_checkpoints",
    ]
    assert [path.stem for path in NOTEBOOKS] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_stored_with_its_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_shows_no_warning_and_no_path(path):
    for output in outputs(nbformat.read(path, as_version=4)):
        assert output.get("name") != "stderr", output
        shown = {kind: value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")}
        assert not re.search(r"(/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\)", f"{shown}{output.get('text', '')}")


#: Runs before a notebook: its fits take few draws, for the stored outputs are of all of them.
SHORT = """
import warnings
import bayes_scaling as bs

def short(sample):
    return lambda *args, **options: sample(*args, **{**options, "draws": 200, "tune": 300})

bs.fit, bs.recommend = short(bs.fit), short(bs.recommend)
warnings.simplefilter("ignore", bs.ConvergenceWarning)
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(SHORT))
    beside = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=beside).execute()
    assert not [output for output in outputs(notebook) if output.get("name") == "stderr"]
