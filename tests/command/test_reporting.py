import pytest
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app


@pytest.fixture(scope="module")
def saved(cerebras_fit, cerebras_held_out, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    cerebras_fit.save(folder / "fit.nc")
    cerebras_held_out.save(folder / "held_out.csv")
    return folder


def run(*words):
    result = CliRunner().invoke(app, ["report", *map(str, words)])
    return result.exit_code, " ".join(result.output.split())


def test_a_page_with_an_audit_and_a_target(saved, tmp_path):
    out = tmp_path / "report.html"
    words = ("--flops", "1e23,1e24", "--held-out", saved / "held_out.csv", "--target", "piqa=0.75", "--out", out)
    code, text = run(saved / "fit.nc", *words)
    assert code == 0, text
    assert f"wrote {out}" in text
    page = out.read_text()
    assert "Of 14 held-out scores" in page
    assert "scores at least 0.75 on piqa" in page


def test_a_name_without_ending_is_a_bundle(saved, tmp_path):
    words = (saved / "fit.nc", "--flops", "1e23", "--benchmark", "piqa", "--out", tmp_path / "bundle")
    assert run(*words)[0] == 0
    assert len(bs.read_bundle(tmp_path / "bundle").forecast) == 1
    code, text = run(*words)
    assert (code, "exists and is a bundle; --overwrite replaces it" in text) == (2, True), text
    assert run(*words, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--flops", "1e23", "--out", "r.docx"), 2, "ends in '.docx'; expected .html, .md or a folder's name"),
        (("--flops", "1e23", "--out", "none/r.html"), 2, "there is no folder none"),
        (("--out", "r.html"), 2, "expected one of --flops"),
        (
            ("--flops", "1e23", "--target", "piqa", "--out", "r.html"),
            2,
            "expected a name and a value, such as piqa=0.8",
        ),
        (("--flops", "1e23", "--target", "piqa=high", "--out", "r.html"), 2, "'high': expected a score"),
        (("--flops", "1e23", "--target", "mmlu=0.5", "--out", "r.html"), 1, "mmlu"),
    ],
)
def test_wrong_words(saved, tmp_path, monkeypatch, words, code, said):
    monkeypatch.chdir(tmp_path)
    got, text = run(saved / "fit.nc", *words)
    assert (got, said in text) == (code, True), text
    assert not list(tmp_path.iterdir())
