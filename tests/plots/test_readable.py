"""Every figure on four tables, and its words by the renderer's own boxes."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from attempt_tables import counts_frame, rates_frame
from matplotlib.figure import Figure
from prior_fits import prior_fit
from readable import faults

import bayes_scaling as bs
from bayes_scaling.evaluation.simulation.ranks import read_ranks

#: Families, runs of each, and benchmarks.
TABLES = {
    "7 x 7": (7, 7, 7),
    "one run a family": (6, 1, 5),
    "50 benchmarks": (1, 6, 50),
    "one benchmark": (1, 6, 1),
}


def table(families, runs, benchmarks):
    """Runs with parameters, tokens, losses and scores that rise."""
    rng = np.random.default_rng(2)
    rows = []
    for f in range(families):
        for i in range(runs):
            step = f if runs == 1 else i
            params = 7e7 * 3.3 ** (step + 0.05 * f)
            tokens = params * (20 if runs == 1 else 20 * (1 + f))
            for b in range(benchmarks):
                score = 0.3 + 0.06 * step + 0.02 * (b % 7) + rng.normal(0, 0.008)
                rows.append(
                    {
                        "run": f"family-{f} {params / 1e9:.2g}B",
                        "family": f"family-{f}",
                        "params": params,
                        "tokens": tokens,
                        "loss": 4.0 - 0.25 * step + rng.normal(0, 0.01),
                        "benchmark": f"benchmark number {b}",
                        "accuracy": float(np.clip(score, 0.2, 0.95)),
                        "n_items": 1000,
                        "chance": 0.25,
                    }
                )
    return bs.Runs(pd.DataFrame(rows))


def settled(fit):
    """The same with draws near to one another, as after a fit: what is drawn has the sizes of real figures."""
    posterior = fit.stored["posterior"].dataset
    middle = posterior.median(("chain", "draw"))
    stored = fit.stored.copy()
    stored["posterior"] = xr.DataTree((middle + 0.15 * (posterior - middle)).transpose("chain", "draw", ...))
    return replace(fit, stored=stored)


@pytest.fixture(scope="module", params=TABLES)
def fitted(request):
    runs = table(*TABLES[request.param])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return settled(prior_fit(bs.RatioLaw(), runs, draws=60))


@pytest.fixture(scope="module")
def forecast(fitted):
    return bs.forecast(fitted, bs.budgets(flops=[3e22, 3e23], ratio=20), random_seed=1)


def first(fit):
    return fit.reference.labels[0]


def reached(fit, target=0.5, probability=0.2):
    return bs.budget_for(fit, first(fit), target, probability, ratio=20, family=fit.reference.families[0])


def next_run(fit):
    family = fit.reference.families[0]
    candidates = bs.budgets(flops=[1e21, 3e21, 1e22, 3e22], ratio=20, family=family)
    return bs.next_run(fit, candidates, bs.budgets(flops=1e23, ratio=20, family=family), least=0.0)


FIGURES = {
    "curves": lambda fit, forecast: bs.plots.curves(fit, planned=forecast),
    "linearised": lambda fit, _: bs.plots.linearised(fit),
    "residuals": lambda fit, _: bs.plots.residuals(fit),
    "exponents": lambda fit, _: bs.plots.exponents(fit),
    "isoflop": lambda fit, _: bs.plots.isoflop(fit, [1e20, 1e21]),
    "ratios": lambda fit, _: bs.plots.ratios(fit),
    "forecast_intervals": lambda _, forecast: bs.plots.forecast_intervals(forecast),
    "forecast_intervals, narrow": lambda _, forecast: bs.plots.forecast_intervals(forecast, width=5.2),
    "target_budget": lambda fit, _: reached(fit).plot(),
    "target_budget, out of reach": lambda fit, _: reached(fit, 0.99, 0.99).plot(),
    "target_probability": lambda fit, forecast: bs.probability_of(
        forecast, dict.fromkeys(fit.reference.labels[:3], 0.6)
    ).plot(),
    "selection": lambda fit, _: next_run(fit).plot(),
    "allocation": lambda fit, _: bs.allocate(
        fit, [1e21, 1e22, 1e23], first(fit), family=fit.reference.families[0]
    ).plot(),
    "allocation, one budget": lambda fit, _: bs.allocate(
        fit, 1e23, first(fit), family=fit.reference.families[0]
    ).plot(),
    "continuation": lambda fit, _: bs.continue_run(fit, fit.reference.runs[0], [1e21, 1e22], wanted=0.01).plot(),
    "family_ranking": lambda fit, _: bs.rank_families(fit, bs.budgets(flops=1e23, ratio=20)).plot(),
}
#: What a table has nothing to draw of.
NEEDS_FAMILIES = {"family_ranking"}


def check(figure):
    assert isinstance(figure, Figure)
    assert figure.axes
    assert faults(figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_words_can_be_read(fitted, forecast, name):
    if name in NEEDS_FAMILIES and len(fitted.reference.families) < 2:
        pytest.skip("one family cannot be ranked")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.RatioWarning)
        check(FIGURES[name](fitted, forecast))


@pytest.mark.parametrize("benchmarks", [("code",), ("code", "maths", "logic", "proofs")])
@pytest.mark.parametrize(
    "name", ["pass_at_k", "pass_rates", "pass_contours", "train_or_sample", "train_or_sample, budgets"]
)
def test_words_of_attempts_can_be_read(benchmarks, name):
    runs = bs.Runs(rates_frame(counts_frame(np.geomspace(1e19, 1e21, 6), benchmarks=benchmarks)))
    fit = settled(prior_fit(bs.PassAtKLaw(), runs, draws=60))
    asked = {"tokens_per_sample": 300, "queries": 1e6, "benchmark": "code", "ratio": 20}
    drawn = {
        "train_or_sample": lambda: bs.train_or_sample(fit, 0.5, probability=0.3, **asked).plot(),
        "train_or_sample, budgets": lambda: bs.train_or_sample(fit, flops=[1e21, 1e22], **asked).plot(),
    }
    check(drawn[name]() if name in drawn else getattr(bs.plots, name)(fit))


def test_words_of_evaluations_can_be_read(past_forecasts):
    check(past_forecasts.plot())
    check(read_ranks("tests/studies/sbc_direct.csv").plot())
    runs = table(*TABLES["7 x 7"])
    check(bs.plots.prior_predictive(bs.sample_prior(bs.DirectLaw(), runs, draws=50, random_seed=1), runs))


def test_words_of_two_stages_can_be_read():
    train, held_out = table(1, 8, 9).split(flops=1e21)
    fit = prior_fit(bs.TwoStageLaw(), train, draws=60)
    check(bs.compounding(fit, held_out, random_seed=1).plot())
