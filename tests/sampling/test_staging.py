"""Sampling in stages: what is kept follows from the draws, not from when they came."""

import threading
import time
import warnings

import numpy as np
import nutpie
import pytest
import xarray as xr

import bayes_scaling as bs
from bayes_scaling.sampling.enough import Look
from bayes_scaling.sampling.fitting import sample_specification
from bayes_scaling.sampling.sampler import Sampled, _wait_for
from bayes_scaling.sampling.staging import Chains, sample_in_stages, stage_bar

TUNE, THIN = 10, 2


class Sampler:
    """A sampler whose chains are at other draws each time they are looked at."""

    def __init__(self, chains, paces, most):
        self.chains, self.paces, self.most = chains, paces, most
        self.at = np.zeros(len(paces), int)
        self.cancelled = self.waited = False

    @property
    def is_finished(self):
        self.at = np.minimum(self.at + self.paces, TUNE + self.most)
        self.chains([type("Progress", (), {"finished_draws": int(at)}) for at in self.at])
        if (self.at == TUNE + self.most).all():
            return True
        raise TimeoutError

    def inspect(self):
        values = np.tile(np.arange(float(self.most))[:, None], (len(self.at), 1, 1))
        values[np.arange(self.most) >= (self.at - TUNE)[:, None]] = np.nan
        dims = ("chain", "draw", "hyperparameter")
        statistics = xr.Dataset({"energy": (dims[:2], values[..., 0])})
        return xr.DataTree.from_dict({"posterior": xr.Dataset({"hyper": (dims, values)}), "sample_stats": statistics})

    def wait(self):
        self.waited = True
        return self.inspect()

    def cancel(self):
        self.cancelled = True


def stages(paces, enough_at, said=None):
    chains = Chains()
    running = Sampler(chains, np.array(paces), 4000)
    seen = []

    def judge(stage):
        seen.append(stage["posterior"].sizes["draw"] // THIN)
        return Look(seen[-1], 1.0, 1e4 if seen[-1] >= enough_at else 390.0)

    report = (lambda *now: said.append(now)) if said is not None else lambda *_: None
    sampled, looks = sample_in_stages(running, chains, judge, tune=TUNE, thin=THIN, report=report)
    return running, sampled, looks, seen


@pytest.mark.parametrize("paces", [[40] * 4, [1000, 7, 90, 300], [4000] * 4])
def test_what_is_kept_does_not_depend_on_how_fast_chains_are(paces):
    running, sampled, looks, seen = stages(paces, enough_at=700)
    assert seen == stages([13] * 4, enough_at=700)[3]
    kept = sampled["posterior"]["hyper"].to_numpy()
    assert kept.shape == (4, THIN * seen[-1], 1)
    assert np.isfinite(kept).all()
    assert sampled["sample_stats"]["energy"].shape == (4, THIN * seen[-1])
    assert running.cancelled is not running.waited
    assert looks[-1].enough


def test_it_ends_at_the_most_draws():
    _, sampled, looks, seen = stages([500] * 4, enough_at=10**6)
    assert seen[-1] == 2000
    assert seen == sorted(set(seen))
    assert Sampled({}, sampled["sample_stats"].dataset, looks=looks).stopped == "limit"


def test_the_bar_says_how_far_the_verdict_is():
    said = []
    stages([25] * 4, enough_at=500, said=said)
    assert said[0] == (0, TUNE + THIN * 300, "tuning")
    assert said[-1][2] == "R-hat 1.000 (limit 1.01), ESS 390 of 800"
    assert all(done <= total for done, total, _ in said)


def test_the_bar_is_drawn_on_stderr(capsys):
    with stage_bar(True) as report:
        report(600, 1100, "R-hat 1.004 (limit 1.01), ESS 640 of 800")
    assert "ESS 640 of 800" in " ".join(capsys.readouterr().err.split())
    with stage_bar(False) as report:
        report(600, 1100, "nothing")
    assert capsys.readouterr().err == ""


def test_ctrl_c_while_the_last_draws_are_looked_at_keeps_them():
    """All chains have ended, and the sampler has given its draws away."""
    chains = Chains()
    running = Sampler(chains, np.array([5000] * 4), 4000)

    def judge(_):
        raise KeyboardInterrupt

    def draw():
        return sample_in_stages(running, chains, judge, tune=TUNE, thin=THIN, report=lambda *_: None)

    _, looks, kept = _wait_for(running, chains, draw, keep_interrupted=True)
    assert looks == ()
    assert (kept.draws, len(kept.chains)) == (2000, 4)
    with pytest.raises(KeyboardInterrupt):
        _wait_for(running, chains, draw, keep_interrupted=False)


def test_chains_end_whatever_goes_wrong():
    chains, ended = Chains(), []
    running = Sampler(chains, np.array([40] * 4), 4000)
    running.abort = lambda: ended.append(True)

    def fail():
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        _wait_for(running, chains, fail, keep_interrupted=False)
    assert ended == [True]


# Real fits ------------------------------------------------------------------------------------------------------------


def test_a_fit_stops_when_its_verdict_is_safe_and_says_so(cerebras_fit):
    how = cerebras_fit.provenance
    assert how["stopped"] == "enough"
    assert how["draws"] == cerebras_fit.posterior.sizes["draw"] < 1000
    table = cerebras_fit.diagnostics().query("decides")
    last = how["looks"][-1]
    assert last["draws"] == how["draws"]
    assert last["r_hat"] == round(table["r_hat"].max(), 4) <= 1.01
    assert last["ess"] == round(table[["ess_bulk", "ess_tail"]].to_numpy().min(), 1) >= 800
    assert not any(look["ess"] >= 800 and look["r_hat"] <= 1.01 for look in how["looks"][:-1])


def test_the_same_seed_draws_the_same_on_any_number_of_cores(monkeypatch, cerebras_train, cerebras_fit):
    """And as many draws as were enough are the first of a fixed number."""
    sample = nutpie.sample
    monkeypatch.setattr(nutpie, "sample", lambda *args, **options: sample(*args, **options | {"cores": 3}))
    again = bs.fit(bs.DirectLaw(), cerebras_train, random_seed=1, progressbar=False)
    assert again.posterior.equals(cerebras_fit.posterior)
    assert again.provenance["looks"] == cerebras_fit.provenance["looks"]
    draws = again.provenance["draws"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.ConvergenceWarning)
        options = {"draws": draws + 20, "tune": again.provenance["tune"], "random_seed": 1, "progressbar": False}
        fixed = bs.fit(bs.DirectLaw(), cerebras_train, **options)
    assert fixed.provenance["stopped"] == "fixed"
    assert "looks" not in fixed.provenance
    first = fixed.posterior.isel(draw=slice(0, draws))
    assert first.equals(again.posterior)


def test_ctrl_c_between_stages_keeps_the_draws_so_far(monkeypatch, cerebras_spec):
    def stop(*_):
        time.sleep(1.0)
        raise KeyboardInterrupt

    monkeypatch.setattr("bayes_scaling.sampling.fitting.look_at", stop)
    options = {"draws": None, "tune": 100, "chains": 3, "progressbar": False, "seed": 1, "reuse": False}
    before = threading.active_count()
    fit = sample_specification(cerebras_spec, cerebras_spec.runs, keep_interrupted=True, **options)
    draws = fit.posterior.sizes["draw"]
    assert draws >= 300
    assert fit.provenance["stopped"] == "interrupted"
    assert f"interrupted: kept {draws} draws of 3 of 3 chains" in fit.verdict
    with pytest.raises(KeyboardInterrupt):
        sample_specification(cerebras_spec, cerebras_spec.runs, keep_interrupted=False, **options)
    assert threading.active_count() <= before


def test_stages_of_unequal_length_are_judged_by_all_their_draws(cerebras_train):
    fit = bs.fit(bs.TwoStageLaw(), cerebras_train, random_seed=1, progressbar=False)
    stages = [fit, fit.stage_one]
    assert len({stage.posterior.sizes["draw"] for stage in stages}) == 1
    for stage in stages:
        table = stage.diagnostics().query("decides")
        table = table[~table.index.str.startswith("loss_")]  # which are stage one's
        last = stage.provenance["looks"][-1]
        assert last["ess"] == round(table[["ess_bulk", "ess_tail"]].to_numpy().min(), 1)
        assert last["r_hat"] == round(table["r_hat"].max(), 4)


def test_fewer_draws_are_evenly_spaced_and_bear_the_divergences_of_the_others():
    diverging = np.zeros((3, 10), bool)
    diverging[0, [0, 6]] = diverging[2, 9] = True
    statistics = xr.Dataset({"diverging": (("chain", "draw"), diverging), "e_bfmi": 0.8})
    values = np.tile(np.arange(10.0)[None, :, None], (3, 1, 1))
    fewer = Sampled({"hyper": values}, statistics).of_size(2, 5)
    assert fewer.vectors["hyper"][..., 0].tolist() == [[1, 3, 5, 7, 9]] * 2
    assert fewer.statistics["diverging"].to_numpy()[0].tolist() == [True, False, False, True, False]
    assert not fewer.statistics["diverging"].to_numpy()[1].any()
    assert fewer.of_size(2, 5) is fewer


def test_the_bar_says_how_long_it_is_to_the_next_look_in_eighty_columns(capsys):
    with stage_bar(True) as report:
        report(0, 1100, "tuning")
    assert " left" not in capsys.readouterr().err
    with stage_bar(True) as report:
        report(1050, 1100, "R-hat 1.004 (limit 1.01), ESS 1052 of 1800")
    assert "1050 of 1100 draws; R-hat 1.004 (limit 1.01), ESS 1052 of 1800 0 s left" in capsys.readouterr().err
