"""Ctrl-C during sampling, and chains that fail."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import combinations

import numpy as np
import nutpie
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.main import app
from bayes_scaling.model.pooling import prior_vectors
from bayes_scaling.posterior.interruption import interruption
from bayes_scaling.sampling.fitting import sample_specification
from bayes_scaling.sampling.interrupting import heeding_ctrl_c, most_draws
from bayes_scaling.sampling.sampler import Sampled


class Interrupted:
    """A running sampler whose user presses Ctrl-C after some seconds."""

    def __init__(self, running, seconds):
        self.running, self.seconds = running, seconds

    def wait(self):
        time.sleep(self.seconds)
        raise KeyboardInterrupt

    @property
    def is_finished(self):
        return self.wait()

    def abort(self):
        return self.running.abort()


@pytest.fixture(autouse=True)
def heard():
    """Ctrl-C is heard, also where the tests run in the background of a shell, which lets its jobs ignore it."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.fixture
def interrupt(monkeypatch):
    """Interrupt the next sampling after some seconds."""
    sample = nutpie.sample

    def after(seconds, first=1, **more):
        """The first sampling that is interrupted, counted from 1, and options of the sampler."""
        count = [0]

        def sample_some(*args, **options):
            running, count[0] = sample(*args, **options, **more), count[0] + 1
            return Interrupted(running, seconds) if count[0] >= first else running

        monkeypatch.setattr(nutpie, "sample", sample_some)

    return after


def test_the_draws_so_far_are_kept_and_marked(interrupt, cerebras_train, tmp_path):
    interrupt(6.0)
    options = {"draws": 200_000, "tune": 100, "chains": 2, "random_seed": 1, "progressbar": False}
    with pytest.warns(bs.ConvergenceWarning, match="interrupted: kept"):
        fit = bs.fit(bs.DirectLaw(), cerebras_train, keep_interrupted=True, **options)
    draws = fit.posterior.sizes["draw"]
    assert 50 <= draws < 200_000
    assert not fit.converged
    assert fit.provenance["interrupted"] is True
    said = f"interrupted: kept {draws} of 200000 draws of 2 of 2 chains"
    assert said in fit.verdict
    again = bs.load_fit(fit.save(tmp_path / "fit.nc"))
    assert said in again.verdict
    forecast = bs.forecast(again, bs.budgets(flops=1e23), 1)
    assert any(said in note for note in forecast.notes)


def test_chains_that_have_not_begun_cost_no_draws_of_the_others(monkeypatch, interrupt, cerebras_train):
    interrupt(6.0, cores=2)
    options = {"draws": 200_000, "tune": 100, "chains": 4, "random_seed": 1, "progressbar": False}
    with pytest.warns(bs.ConvergenceWarning, match="interrupted: kept"):
        fit = bs.fit(bs.DirectLaw(), cerebras_train, keep_interrupted=True, **options)
    sizes = fit.posterior.sizes
    assert sizes["chain"] == 2
    assert sizes["draw"] >= 50
    assert f"kept {sizes['draw']} of 200000 draws of 2 of 4 chains" in fit.verdict
    assert "2 chains without draws" in fit.verdict
    assert (fit.provenance["chains"], fit.provenance["draws"]) == (2, sizes["draw"])
    assert fit.provenance["asked"] == {"chains": 4, "draws": 200_000}
    assert np.isfinite(fit.diagnostics()["r_hat"].drop("sampler")).all()
    for group in ("posterior", "sample_stats"):
        dataset = fit.tree[group].to_dataset()
        assert dict(dataset.sizes)["chain"] == 2
        assert all(np.isfinite(array).all() for array in dataset.data_vars.values())


def test_an_interrupted_stage_two_keeps_as_much_of_stage_one(interrupt, cerebras_train, tmp_path):
    interrupt(6.0, cores=2, first=2)
    options = {"draws": 20_000, "tune": 100, "chains": 3, "random_seed": 1, "progressbar": False}
    with pytest.warns(bs.ConvergenceWarning, match="interrupted: kept"):
        fit = bs.fit(bs.TwoStageLaw(), cerebras_train, keep_interrupted=True, **options)
    assert fit.stage_one.provenance["chains"] == 3  # as it was sampled
    for name in ("chain", "draw"):
        assert fit.stage_one.posterior.sizes[name] == fit.posterior.sizes[name]
    loaded = bs.load_fit(fit.save(tmp_path / "fit.nc"))
    assert len(bs.forecast(loaded, bs.budgets(1e23), 1)) == 7


def test_stage_one_alone_is_not_kept(interrupt, cerebras_train):
    interrupt(3.0)
    options = {"draws": 200_000, "tune": 100, "chains": 2, "progressbar": False, "keep_interrupted": True}
    with pytest.raises(KeyboardInterrupt, match="nothing is kept, since stage one, the fit of the losses, had not"):
        bs.fit(bs.TwoStageLaw(), cerebras_train, **options)


def test_an_interrupted_compilation_says_so(monkeypatch, cerebras_train):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", stop)
    with pytest.raises(KeyboardInterrupt, match="nothing is kept, since the model was still being compiled"):
        bs.fit(bs.DirectLaw(), cerebras_train, keep_interrupted=True)
    with pytest.raises(KeyboardInterrupt, match="nothing is kept; keep_interrupted=True keeps"):
        bs.fit(bs.DirectLaw(), cerebras_train)


def test_a_second_sampling_that_is_interrupted_leaves_the_first(monkeypatch, cerebras_spec):
    tries = []

    def first_diverges(compiled, *, seed, **options):
        tries.append(seed)
        if len(tries) > 1:
            raise KeyboardInterrupt("nothing is kept")
        spec = cerebras_spec
        vectors = prior_vectors(spec.law, spec.layout, spec.reference, np.random.default_rng(seed), 200)
        statistics = xr.Dataset({"diverging": (("chain", "draw"), np.ones((2, 100), bool)), "e_bfmi": 1.0})
        return Sampled({name: values.reshape(2, 100, -1) for name, values in vectors.items()}, statistics)

    monkeypatch.setattr("bayes_scaling.sampling.fitting.run_sampler", first_diverges)
    monkeypatch.setattr("bayes_scaling.sampling.compiling.compile_model", lambda *_, **__: (None, False))
    options = {"draws": 100, "tune": 10, "chains": 2, "progressbar": False, "seed": 1, "reuse": False}
    fit = sample_specification(cerebras_spec, cerebras_spec.runs, keep_interrupted=True, **options)
    assert "kept 100 of 100 draws of 2 of 2 chains (left out: a second sampling with shorter steps)" in fit.verdict
    assert "200 of 200 draws diverged" in fit.verdict
    tries.clear()
    with pytest.raises(KeyboardInterrupt):
        sample_specification(cerebras_spec, cerebras_spec.runs, keep_interrupted=False, **options)


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_ctrl_c_that_a_callback_swallows_is_heeded(seconds, capfd):
    """Callbacks of LLVM do so while a model is compiled."""

    def stop():
        raise KeyboardInterrupt

    @heeding_ctrl_c()
    def compile_slowly():
        ctypes.CFUNCTYPE(None)(stop)()
        for _ in range(100 * seconds):
            time.sleep(0.01)

    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        compile_slowly()
    assert time.perf_counter() - start < 10
    assert capfd.readouterr().err == ""
    time.sleep(0.2)  # no other one follows


# Which draws are kept -------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 300), min_size=2, max_size=6))
def test_no_other_chains_have_more_draws(lengths):
    possible = [
        len(chosen) * min(lengths[chain] for chain in chosen)
        for size in range(2, len(lengths) + 1)
        for chosen in combinations(range(len(lengths)), size)
        if min(lengths[chain] for chain in chosen) >= 50
    ]
    kept = most_draws(lengths)
    if not possible:
        assert kept is None
        return
    assert len(kept.chains) * kept.draws == max(possible)
    assert kept.draws == min(lengths[chain] for chain in kept.chains)
    assert list(kept.chains) == sorted(set(kept.chains))


@pytest.mark.parametrize(
    ("lengths", "chains", "draws", "left_out"),
    [
        ([1000, 1000, 0, 0], (0, 1), 1000, "2 chains without draws"),
        ([1000, 0, 400, 1000], (0, 3), 1000, "400 draws of 1 shorter chain, 1 chain without draws"),
        ([1000, 1000, 700, 690], (0, 1, 2, 3), 690, "630 draws that longer chains had more"),
        ([80, 100, 40, 60], (0, 1, 3), 60, "40 draws of 1 shorter chain, 60 draws that longer chains had more"),
        ([100, 100, 50, 50], (0, 1, 2, 3), 50, "100 draws that longer chains had more"),  # as many of more chains
        ([1000, 1000], (0, 1), 1000, ""),
    ],
)
def test_what_is_kept_and_what_is_left_out(lengths, chains, draws, left_out):
    kept = most_draws(lengths)
    assert (kept.chains, kept.draws, kept.left_out) == (chains, draws, left_out)


@pytest.mark.parametrize("lengths", [[5000, 49, 0, 0], [49, 49, 49], [5000], []])
def test_one_chain_is_not_enough(lengths):
    assert most_draws(lengths) is None


def test_a_fit_that_an_earlier_version_kept_says_so():
    assert interruption({"interrupted": True, "draws": 300}, 4, 300) == "interrupted: kept 300 draws of 4 chains"


# What is said ---------------------------------------------------------------------------------------------------------


def test_too_few_draws_are_not_kept(interrupt, cerebras_train):
    interrupt(0.0)
    with pytest.raises(KeyboardInterrupt, match="nothing is kept, since fewer than two chains had 50 draws"):
        bs.fit(bs.DirectLaw(), cerebras_train, tune=100_000, keep_interrupted=True, progressbar=False)


def test_by_default_nothing_is_kept_and_threads_end(interrupt, cerebras_train):
    before = threading.active_count()
    interrupt(0.5)
    with pytest.raises(KeyboardInterrupt, match="nothing is kept; keep_interrupted=True keeps the draws"):
        bs.fit(bs.DirectLaw(), cerebras_train, draws=200_000, progressbar=False)
    assert threading.active_count() <= before


def ctrl_c(words, seconds, ready="nutpie.sample", **more):
    """Run a command, press Ctrl-C some seconds after a function was called, and return its exit code and its words.

    How long compiling takes depends on the machine. All processes of the command get the signal, as in a terminal, and
    all must have ended when it has.
    """
    module, _, name = ready.rpartition(".")
    # Children of a shell's background jobs ignore Ctrl-C unless they ask for it.
    code = f"""
import signal, sys
import {module} as module
from bayes_scaling.command.main import main

signal.signal(signal.SIGINT, signal.default_int_handler)
function = module.{name}
module.{name} = lambda *args, **options: (print("ready", flush=True), function(*args, **options, **{more!r}))[1]
sys.argv = ["bayes-scaling", *{[str(word) for word in words]!r}]
main()
"""
    streams = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True, **streams) as process:
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            time.sleep(seconds)
            assert process.poll() is None
            os.killpg(process.pid, signal.SIGINT)
            printed, said = process.communicate(timeout=60)
            for _ in range(50):
                try:
                    os.killpg(process.pid, 0)
                except ProcessLookupError:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("a process was left behind")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # leaving the block would wait for a process that goes on
    assert "Traceback" not in printed + said, said
    return process.returncode, printed, said.splitlines()


of_unix = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@of_unix
def test_ctrl_c_saves_what_two_of_four_chains_have_on_two_cores(cerebras_train, tmp_path):
    table, out = cerebras_train.save(tmp_path / "runs.csv"), tmp_path / "fit.nc"
    words = ["fit", table, "--out", out, "--draws", "200000", "--tune", "100", "--no-progress", "--keep-interrupted"]
    code, printed, said = ctrl_c(words, 6, cores=2)
    assert code == 130
    fit = bs.load_fit(out)
    sizes = fit.posterior.sizes
    assert sizes["chain"] == 2
    assert f"interrupted: kept {sizes['draw']} of 200000 draws of 2 of 4 chains" in printed
    assert "2 chains without draws" in printed
    assert said[-2:] == [f"wrote {out}", f"Interrupted: {out} holds the draws that were kept, and says so."]


@of_unix
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--draws", "200000"],
            "Interrupted: nothing was written; --keep-interrupted saves the draws of chains that are tuned.",
        ),
        (
            ["--tune", "2000000", "--keep-interrupted"],
            "Interrupted: nothing is kept, since fewer than two chains had 50 draws (each is tuned first).",
        ),
    ],
)
def test_ctrl_c_says_why_nothing_is_kept(options, sentence, cerebras_train, tmp_path):
    table, out = cerebras_train.save(tmp_path / "runs.csv"), tmp_path / "fit.nc"
    code, _, said = ctrl_c(["fit", table, "--out", out, "--no-progress", *options], 2)
    assert (code, said[-1]) == (130, sentence)
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


@of_unix
@pytest.mark.parametrize("seconds", [0.05, 15])
def test_ctrl_c_ends_commands_of_many_processes(seconds, cerebras_train, tmp_path):
    """While processes are starting, and while they fit."""
    words = ["sbc", "direct", "--simulations", "8", "--draws", "20000", "--out", tmp_path / "ranks.csv"]
    code, _, said = ctrl_c(words, seconds, ready="bayes_scaling.evaluation.simulation.calibration.run_tasks")
    assert (code, said) == (130, ["Interrupted: nothing more was written."])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["check", "runs.csv"], "runs.table.read_runs"),
        (["import", "long", "runs.csv", "--out", "other.csv"], "runs.importers.importing.import_runs"),
        (["forecast", "fit.nc", "--flops", "1e23"], "posterior.fit.load_fit"),
        (["compare", "fit.nc", "fit.nc"], "posterior.fit.load_fit"),
        (["compounding", "fit.nc", "runs.csv"], "posterior.fit.load_fit"),
        (["report", "fit.nc", "--flops", "1e23", "--out", "report.html"], "posterior.fit.load_fit"),
        (["plan", "rank", "fit.nc", "--flops", "1e23"], "posterior.fit.load_fit"),
        (["backtest", "runs.csv"], "evaluation.backtesting.backtest"),
        (["recommend", "runs.csv"], "evaluation.recommending.recommend"),
        (["demo"], "command.demo.demonstrate"),
    ],
)
def test_every_command_ends_in_one_sentence(words, where, monkeypatch, cerebras_train, tmp_path):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    cerebras_train.save("runs.csv")
    monkeypatch.setattr(f"bayes_scaling.{where}", stop)
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stderr) == (130, "Interrupted: nothing more was written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


def test_a_chain_that_fails_is_reported(monkeypatch, cerebras_train):
    class Failing:
        def wait(self):
            raise RuntimeError("All initialization points failed")

        @property
        def is_finished(self):
            return self.wait()

        def abort(self):
            raise ValueError("Sampler has no results to take")

    monkeypatch.setattr(nutpie, "sample", lambda *_, **__: Failing())
    for draws in (None, 100):
        with pytest.raises(bs.SamplingError, match="a chain failed: All initialization points failed"):
            bs.fit(bs.DirectLaw(), cerebras_train, draws=draws, progressbar=False)
