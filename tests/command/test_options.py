"""Options that several commands share: those that list take every value, those that take one are given once."""

import pytest
import typer
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.command.options import numbers_of, read_whole_numbers


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def commands():
    """Every command by its words, and its options."""
    found = {}
    for name, command in typer.main.get_command(app).commands.items():
        parts = {(name, part): one for part, one in getattr(command, "commands", {}).items()} or {(name,): command}
        found |= {words: [p for p in one.params if p.param_type_name == "option"] for words, one in parts.items()}
    return found


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with fits whose draws are the prior's, and a table."""
    folder = tmp_path_factory.mktemp("saved")
    runs = bs.load_dataset("cerebras_gpt")
    prior_fit(bs.DirectLaw(), runs, draws=50).save(folder / "direct.nc")
    prior_fit(bs.RatioLaw(), runs, draws=50).save(folder / "ratio.nc")
    prior_fit(bs.PassAtKLaw(inputs="compute"), bs.load_dataset("codex_humaneval"), draws=50).save(
        folder / "attempts.nc"
    )
    runs.save(folder / "runs.csv")
    return folder


def test_numbers_are_read_in_order_with_commas_and_repeated():
    assert numbers_of("--flops", ["1e23", "1e21,1e22"], "1e23") == [1e23, 1e21, 1e22]
    assert read_whole_numbers("--k", ["8,1", "64"], "1,8") == [8, 1, 64]
    for texts, named in ((["1", "2,x"], "'2,x'"), (["1,"], "'1,'")):
        with pytest.raises(typer.BadParameter, match=f"{named}: expected numbers with commas"):
            numbers_of("--flops", texts, "1,2")
    with pytest.raises(typer.BadParameter, match=r"'2\.5': expected whole numbers"):
        read_whole_numbers("--k", ["1", "2.5"], "1,2")


@pytest.mark.parametrize(
    ("fit", "once", "repeated"),
    [
        ("direct.nc", "--flops 1e23,1e24,1e25", "--flops 1e23 --flops 1e24,1e25"),
        ("ratio.nc", "--flops 1e23 --ratio 20,30", "--ratio 20 --flops 1e23 --ratio 30"),
        ("ratio.nc", "--params 1e9,2e9 --tokens 2e10,3e10", "--params 1e9 --tokens 2e10 --params 2e9 --tokens 3e10"),
        ("attempts.nc", "--flops 1e20 --k 1,10,100", "--flops 1e20 --k 1 --k 10 --k 100"),
        ("direct.nc", "--flops 1e23 --probs 0.5,0.9", "--flops 1e23 --probs 0.5 --probs 0.9"),
    ],
)
def test_forecasts_of_repeated_options_are_those_of_commas(saved, fit, once, repeated):
    one, other = (run("forecast", saved / fit, *words.split()) for words in (once, repeated))
    assert one.exit_code == other.exit_code == 0, other.output
    assert one.stdout == other.stdout


@pytest.mark.parametrize(
    ("function", "command", "once", "repeated"),
    [
        (
            "report.writing.write_report",
            "report direct.nc --out report.html",
            "--flops 1e23,1e24 --probs 0.5,0.9",
            "--flops 1e23 --probs 0.5 --flops 1e24 --probs 0.9",
        ),
        ("planning.allocation.allocate", "plan allocate ratio.nc", "--flops 1e22,1e23", "--flops 1e22 --flops 1e23"),
        (
            "planning.repeated_sampling.train_or_sample",
            "plan train-or-sample attempts.nc --tokens-per-sample 300 --queries 1e6",
            "--flops 1e22,1e23",
            "--flops 1e22 --flops 1e23",
        ),
        (
            "planning.run_selection.next_run",
            "plan next-run ratio.nc --target-flops 1e24 --target-ratio 20",
            "--flops 1e21,1e22 --ratio 20,40",
            "--flops 1e21 --flops 1e22 --ratio 20 --ratio 40",
        ),
        (
            "planning.run_selection.next_run",
            "plan next-run attempts.nc --target-flops 1e24",
            "--flops 1e21 --k 1,10",
            "--flops 1e21 --k 1 --k 10",
        ),
        (
            "planning.continuing.continue_run",
            "plan continue ratio.nc Cerebras-13B",
            "--more-flops 1e21,1e22",
            "--more-flops 1e21 --more-flops 1e22",
        ),
        ("evaluation.backtesting.backtest", "backtest runs.csv", "--cutoff 1e21,1e22", "--cutoff 1e21 --cutoff 1e22"),
        (
            "evaluation.recommending.recommend",
            "recommend runs.csv",
            "--cutoff 1e21,1e22",
            "--cutoff 1e21 --cutoff 1e22",
        ),
    ],
)  # fmt: skip
def test_every_command_passes_all_values_on(saved, monkeypatch, function, command, once, repeated):
    asked = []

    def enough(*given, **named):
        # The fit is read anew by each command.
        asked.append(repr([value for value in (*given, *named.items()) if not isinstance(value, bs.Fit)]))
        raise ValueError("enough")

    monkeypatch.chdir(saved)
    monkeypatch.setattr(f"bayes_scaling.{function}", enough)
    for words in (once, repeated):
        result = run(*command.split(), *words.split())
        assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, "Error: enough"), result.output
    assert asked[0] == asked[1]


def test_options_that_take_one_value_are_refused_where_they_are_repeated():
    """Of every command, whatever the option; dropping the first without a word would answer another question."""
    seen = 0
    for words, options in commands().items():
        for option in options:
            if option.is_flag or option.multiple:
                continue
            name = option.opts[0]
            result = run(*words, name, "1", "words", name, "2")
            assert result.exit_code == 2, (words, name)
            assert f"Invalid value for {name}: it was given " in result.stderr, result.stderr
            seen += 1
    assert seen > 60


def test_other_mistakes_are_said_as_ever(saved):
    assert "No such option: --flop" in run("forecast", saved / "direct.nc", "--flop", "1", "--seed", "1").stderr
    assert "requires an argument" in run("forecast", saved / "direct.nc", "--seed", "1", "--out").stderr
    assert run("forecast", saved / "direct.nc", "--flops", "1e23", "--strict", "--strict").exit_code == 1


def test_commands_that_do_not_fit_have_a_seed_of_their_own(saved):
    """The same file and the same question give the same numbers."""
    defaults = {words: o.default for words, options in commands().items() for o in options if o.name == "seed"}
    drawn = {words for words, default in defaults.items() if default is None}
    assert drawn == {("fit",), ("backtest",), ("recommend",)}
    assert defaults[("forecast",)] == 0
    words = ("forecast", saved / "direct.nc", "--flops", "1e23,1e24", "--average", "--probs", "0.5,0.9,0.99")
    first, second, zero, one = (run(*words, *more).stdout for more in ((), (), ("--seed", 0), ("--seed", 1)))
    assert first == second == zero != one
