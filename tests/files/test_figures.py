import subprocess
import sys

import pytest
from matplotlib.figure import Figure

import bayes_scaling as bs


@pytest.fixture(scope="module")
def figure(cerebras_fit):
    return bs.plots.exponents(cerebras_fit)


def test_a_name_is_saved_as_png_and_svg(figure, tmp_path):
    files = bs.plots.save(figure, tmp_path / "exponents-v1.2")
    assert [file.name for file in files] == ["exponents-v1.2.png", "exponents-v1.2.svg"]
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in files[1].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf"])
def test_an_ending_decides_the_format(figure, tmp_path, name):
    [file] = bs.plots.save(figure, str(tmp_path / name))
    assert file == tmp_path / name
    assert file.stat().st_size > 1000


def test_the_same_figure_gives_the_same_svg(tmp_path):
    def svg(name):
        figure = Figure()
        figure.subplots().fill_between([0, 1], [1, 2])
        return bs.plots.save(figure, tmp_path / name)[0].read_bytes()

    assert svg("a.svg") == svg("b.svg")


def test_notebooks_show_the_figure_without_pyplot(figure):
    from IPython.core.formatters import DisplayFormatter

    data, metadata = DisplayFormatter().format(figure)
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == round(80 * figure.get_figwidth())


def test_matplotlib_is_loaded_by_the_first_figure_only():
    code = "import sys, bayes_scaling as bs; bs.plots.curves; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
