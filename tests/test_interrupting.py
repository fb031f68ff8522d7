"""Ctrl-C during sampling, and chains that fail."""

import os
import signal
import subprocess
import sys
import threading
import time

import nutpie
import pytest

import bayes_scaling as bs


class Interrupted:
    """A running sampler whose user presses Ctrl-C after some seconds."""

    def __init__(self, running, seconds):
        self.running, self.seconds = running, seconds

    def wait(self):
        time.sleep(self.seconds)
        raise KeyboardInterrupt

    def abort(self):
        return self.running.abort()


@pytest.fixture
def interrupt(monkeypatch):
    """Interrupt the next sampling after some seconds."""
    sample = nutpie.sample

    def after(seconds):
        monkeypatch.setattr(nutpie, "sample", lambda *args, **options: Interrupted(sample(*args, **options), seconds))

    return after


def test_the_draws_so_far_are_kept_and_marked(interrupt, cerebras_train, tmp_path):
    interrupt(6.0)
    options = {"draws": 200_000, "tune": 100, "chains": 2, "random_seed": 1, "progressbar": False}
    with pytest.warns(bs.ConvergenceWarning, match="interrupted after"):
        fit = bs.fit(bs.DirectLaw(), cerebras_train, keep_interrupted=True, **options)
    draws = fit.posterior.sizes["draw"]
    assert 50 <= draws < 200_000
    assert not fit.converged
    assert fit.provenance["interrupted"] is True
    assert f"interrupted after {draws} draws of each chain" in fit.verdict
    again = bs.load_fit(fit.save(tmp_path / "fit.nc"))
    assert "interrupted after" in again.verdict
    forecast = bs.forecast(again, bs.budgets(flops=1e23), 1)
    assert any("interrupted after" in note for note in forecast.notes)


def test_too_few_draws_are_not_kept(interrupt, cerebras_train):
    interrupt(0.0)
    with pytest.raises(KeyboardInterrupt):
        bs.fit(bs.DirectLaw(), cerebras_train, tune=100_000, keep_interrupted=True, progressbar=False)


def test_by_default_nothing_is_kept_and_threads_end(interrupt, cerebras_train):
    before = threading.active_count()
    interrupt(0.5)
    with pytest.raises(KeyboardInterrupt):
        bs.fit(bs.DirectLaw(), cerebras_train, draws=200_000, progressbar=False)
    assert threading.active_count() <= before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_real_signal_ends_the_command_cleanly(cerebras_train, tmp_path):
    table, out = cerebras_train.save(tmp_path / "runs.csv"), tmp_path / "fit.nc"
    words = ["fit", str(table), "--out", str(out), "--draws", "2000000", "--no-progress"]
    # Children of a shell's background jobs ignore Ctrl-C unless they ask for it. This one says when sampling begins:
    # how long compiling takes depends on the machine.
    code = f"""
import signal, sys
import nutpie
from bayes_scaling.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
sample = nutpie.sample
nutpie.sample = lambda *args, **options: (print("sampling", flush=True), sample(*args, **options))[1]
sys.argv = ["bayes-scaling", *{words!r}]
main()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "sampling\n"
            time.sleep(3)
            assert process.poll() is None
            os.kill(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()  # leaving the block would wait for a process that goes on
    assert process.returncode != 0
    assert "Traceback" not in said, said
    assert not out.exists()


def test_a_chain_that_fails_is_reported(monkeypatch, cerebras_train):
    class Failing:
        def wait(self):
            raise RuntimeError("All initialization points failed")

    monkeypatch.setattr(nutpie, "sample", lambda *_, **__: Failing())
    with pytest.raises(bs.SamplingError, match="a chain failed: All initialization points failed"):
        bs.fit(bs.DirectLaw(), cerebras_train, progressbar=False)
