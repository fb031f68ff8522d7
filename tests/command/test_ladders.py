"""Tokens per parameter along a ladder, as the command speaks of them."""

import pytest
from ladder_tables import constant_tokens, crossed, one_ratio, other_rule, partly_missing
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.command.shell_words import in_shell

SHORT = ("--draws", "20", "--tune", "50", "--chains", "2", "--seed", "1", "--no-progress")
FALLS = "tokens per parameter fall from 3000 to 30 along suite: "


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def notes_of(result):
    assert result.exit_code == 0, result.output
    return [line.removeprefix("Note: ") for line in result.stdout.splitlines() if line.startswith("Note: ")]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (one_ratio, ["tokens per parameter hardly vary (20) along suite: a law of FLOPs alone will do at that ratio"]),
        (
            constant_tokens,
            [
                FALLS
                + "a law of FLOPs alone takes this for what FLOPs do, and its forecasts of larger runs tend to be "
                "too high; --law general reads params and tokens"
            ],
        ),
        (crossed, ["params and tokens vary apart from each other along suite: the table tells one from the other"]),
        (
            partly_missing,
            [
                FALLS
                + "a law of FLOPs alone takes this for what FLOPs do, and its forecasts of larger runs tend to be "
                "too high; --law general reads params and tokens once every run has them (2 of 8 lack them)",
                "params or tokens are missing for 2 of 8 runs ('suite-1', 'suite-2'): GeneralLaw reads FLOPs alone of "
                "all; params and tokens of the other 6 runs are not used",
            ],
        ),
        (
            other_rule,
            [
                "tokens per parameter hardly vary (20) along suite: a law of FLOPs alone will do at that ratio",
                "FLOPs of 8 of 8 runs are 1.1 to 1.8 times 6 * params * tokens: they are read as given",
            ],
        ),
    ],
)
def test_check_says_how_the_ratio_moves_and_what_is_read_of_which_runs(table, said, tmp_path):
    path = whole_answers(table()).save(tmp_path / "runs.csv")
    assert notes_of(run("check", path)) == said


def whole_answers(runs):
    """The same table with scores that are whole numbers of right answers, as measured ones are."""
    frame = runs.frame
    return bs.Runs(frame.assign(accuracy=(frame["accuracy"] * frame["n_items"]).round() / frame["n_items"]))


def test_fit_notes_the_drift_and_the_law_to_take(tmp_path):
    path = constant_tokens().save(tmp_path / "runs.csv")
    result = run("fit", path, "--law", "direct", "--out", tmp_path / "fit.nc", *SHORT)
    [note] = notes_of(result)
    assert note == (
        f"{FALLS}DirectLaw reads FLOPs alone and takes this for what FLOPs do, so that its forecasts of larger runs "
        "tend to be too high; --law general reads params and tokens"
    )
    assert "fall from" not in result.stderr  # said once
    assert note in notes_of(run("forecast", tmp_path / "fit.nc", "--flops", "1e21"))


def test_forecasts_of_sizes_are_refused_with_the_command_that_works(tmp_path):
    fit = prior_fit(bs.DirectLaw(), one_ratio(), draws=20).save(tmp_path / "fit.nc")
    result = run("forecast", fit, "--params", "7e9", "--tokens", "1.4e11")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: params and tokens are given, but the fit is of DirectLaw, which reads FLOPs alone: all sizes of the "
        "same FLOPs would get one forecast. Fit a law that reads them: bayes-scaling fit RUNS --law general --out FIT; "
        "or give --flops\n"
    )


def test_rows_with_flops_are_forecast_whatever_else_they_hold(tmp_path):
    small, large = constant_tokens().split(params=3e9)
    fit = prior_fit(bs.DirectLaw(), small, draws=20).save(tmp_path / "fit.nc")
    path = large.save(tmp_path / "planned.csv")
    notes = notes_of(run("forecast", fit, "--at", path))
    assert any(note.startswith("tokens per parameter fall from 3000 to 112 along suite") for note in notes)


def test_words_of_the_shell():
    changed = "bs.fit(bs.DirectLaw(ceiling=Fixed(value=0.0)), runs)"
    assert in_shell(changed) == changed
    two = "bs.fit(bs.TwoStageLaw(inputs='ratio', loss='loss_c4'), runs)"
    assert in_shell(two) == "bayes-scaling fit RUNS --law two-stage --inputs ratio --loss loss_c4 --out FIT"
    assert in_shell("MyLaw() reads params and tokens") == "MyLaw() reads params and tokens"
    assert in_shell("The default, GeneralLaw(), will do") == "The default, --law general, will do"
