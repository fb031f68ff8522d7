"""Shared fixtures: few real fits, made once a session, and designs without a fit."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attempt_tables import counts_runs, rates_runs
from filelock import FileLock
from hypothesis import settings

import bayes_scaling as bs
from bayes_scaling.evaluation.backtest import KEYS, LEVELS, PROBS, Backtest
from bayes_scaling.evaluation.scoring import score_draws, score_forecast
from bayes_scaling.model.specification import specify

settings.register_profile("package", deadline=None, max_examples=50)
settings.load_profile("package")

#: What takes long: left out by ``-m "not slow"``.
SLOW = (
    "browser",
    "evaluation/simulation",
    "evaluation/test_backtesting.py",
    "evaluation/test_distributed.py",
    "evaluation/test_executing.py",
    "evaluation/test_prior_sensitivity.py",
    "evaluation/test_recommending.py",
    "evaluation/test_stacking.py",
    "laws/test_a_new_law.py",
    "laws/test_every_law.py",
    "plots/test_readable.py",
    "sampling",
    "studies",
    "test_damaged_files.py",
    "test_degenerate_tables.py",
    "test_fuzzing.py",
    "test_notebooks.py",
    "test_real_tables.py",
)


def pytest_collection_modifyitems(items):
    """Mark what takes long."""
    here = Path(__file__).parent
    for item in items:
        place = Path(item.path)
        if place.is_relative_to(here) and place.relative_to(here).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def made_once(request, tmp_path_factory):
    """Make a fit, or read the one that another worker of this session has made."""

    def once(name, make):
        if not hasattr(request.config, "workerinput"):
            return make()
        path = tmp_path_factory.getbasetemp().parent / f"{name}.nc"
        with FileLock(f"{path}.lock"):
            if path.is_file():
                return bs.load_fit(path)
            made = make()
            made.save(path)
        return made

    return once


@pytest.fixture(scope="session")
def cerebras_train():
    return bs.load_dataset("cerebras_gpt").split(params=3e9)[0]


@pytest.fixture(scope="session")
def cerebras_held_out():
    return bs.load_dataset("cerebras_gpt").split(params=3e9)[1]


@pytest.fixture(scope="session")
def families_runs():
    """Three families on three benchmarks."""
    return bs.load_dataset("pile_suite").select(
        family=["Cerebras-GPT", "Pythia", "OPT"], benchmark=["hellaswag", "piqa", "arc_easy"]
    )


@pytest.fixture(scope="session")
def cerebras_spec(cerebras_train):
    return specify(bs.DirectLaw(), cerebras_train)


@pytest.fixture(scope="session")
def families_spec(families_runs):
    return specify(bs.DirectLaw(), families_runs)


@pytest.fixture(scope="session")
def cerebras_fit(cerebras_train, made_once):
    return made_once("cerebras_fit", lambda: bs.fit(bs.DirectLaw(), cerebras_train, random_seed=1, progressbar=False))


@pytest.fixture(scope="session")
def past_forecasts(cerebras_fit):
    """A backtest whose 90% intervals held half of the time: forecasts of the fit itself, three times too narrow."""
    runs = cerebras_fit.runs
    found = bs.forecast(cerebras_fit, runs, random_seed=3)
    scores = score_forecast(found, runs, PROBS).rows
    rng = np.random.default_rng(5)
    missed = rng.normal(0, 3, len(scores))  # in standard deviations of the forecast
    spread = found.array("score").std(axis=0)
    draws = scores["accuracy"].to_numpy() + (rng.normal(size=(2000, 1)) - missed) * spread
    rows = scores.drop(columns=list(score_draws(draws, scores["accuracy"].to_numpy(), PROBS)))
    rows = rows.assign(**score_draws(draws, scores["accuracy"].to_numpy(), PROBS), converged=True)
    rows = rows.assign(quantiles=list(np.quantile(draws, LEVELS, axis=0).T))
    rows = rows.assign(law="direct", cutoff=1e20, keep_from=np.nan, left_out="", decades="0.3 to 0.7")
    rows["decades_beyond"] = np.resize([0.2, 0.5, 0.9, 1.2], len(rows))
    empty = pd.DataFrame(columns=[*KEYS, "error"])
    return Backtest(rows, empty, pd.DataFrame({name: [0] for name in (*KEYS, "seconds", "reused")}))


@pytest.fixture(scope="session")
def families_fit(families_runs, made_once):
    """A fit with few draws: shapes and labels, not statistics."""
    return made_once("families_fit", lambda: _short_fit(bs.DirectLaw(), families_runs, draws=50, tune=200))


def _short_fit(law, runs, draws=200, tune=300):
    """A fit with few draws: enough to condition on data, not to converge, whatever the law misses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.ConvergenceWarning)
        warnings.simplefilter("ignore", bs.RatioWarning)
        return bs.fit(law, runs, draws=draws, tune=tune, chains=2, random_seed=1, progressbar=False)


@pytest.fixture(scope="session")
def ratio_fit(families_runs, made_once):
    return made_once("ratio_fit", lambda: _short_fit(bs.RatioLaw(), families_runs))


@pytest.fixture(scope="session")
def two_stage_fit(cerebras_train, made_once):
    return made_once("two_stage_fit", lambda: _short_fit(bs.TwoStageLaw(), cerebras_train))


@pytest.fixture(scope="session")
def rates_runs_of_five():
    """Rates of five runs on two benchmarks at k = 1, 4, 16."""
    return rates_runs()


@pytest.fixture(scope="session")
def counts_runs_of_five():
    """Counts of five runs at 30 problems of two benchmarks, 32 attempts each."""
    return counts_runs()


@pytest.fixture(scope="session")
def rates_fit(rates_runs_of_five, made_once):
    return made_once("rates_fit", lambda: _short_fit(bs.PassAtKLaw(inputs="compute"), rates_runs_of_five))


@pytest.fixture(scope="session")
def counts_fit(counts_runs_of_five, made_once):
    return made_once("counts_fit", lambda: _short_fit(bs.PassAtKLaw(inputs="compute"), counts_runs_of_five))


@pytest.fixture(scope="session")
def linear_fit(rates_runs_of_five, made_once):
    return made_once("linear_fit", lambda: _short_fit(bs.PassAtKLaw("log-linear", "compute"), rates_runs_of_five))
