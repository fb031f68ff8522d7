"""One more fit for the figures: pass@k from parameters and tokens, at three ratios of the two."""

import numpy as np
import pytest
from attempt_tables import counts_frame, rates_frame

import bayes_scaling as bs


@pytest.fixture(scope="session")
def sized_runs():
    """Rates of nine runs, at 10, 40 and 160 tokens per parameter."""
    frame = counts_frame(np.geomspace(1e19, 1e21, 9), benchmarks=("code",))
    ratio = frame["run"].str[-1].astype(int) % 3
    params = np.sqrt(frame["flops"] / (6 * 10 * 4.0**ratio))
    return bs.Runs(rates_frame(frame.assign(params=params, tokens=frame["flops"] / (6 * params))))


@pytest.fixture(scope="session")
def sized_fit(sized_runs):
    with pytest.warns(bs.ConvergenceWarning):
        return bs.fit(
            bs.PassAtKLaw(inputs="ratio"), sized_runs, draws=100, tune=300, chains=2, random_seed=1, progressbar=False
        )
