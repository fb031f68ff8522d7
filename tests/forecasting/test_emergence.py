import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.forecasting.emergence import emergence_notes, emerging
from bayes_scaling.model.specification import specify


def runs(accuracy, *, chance=0.25, n_items=2000):
    flops = np.geomspace(1e19, 1e22, len(accuracy))
    frame = pd.DataFrame({"run": [f"r{i}" for i in range(len(flops))], "flops": flops, "benchmark": "mmlu"})
    return bs.Runs(frame.assign(accuracy=accuracy, chance=chance, n_items=n_items))


def found(table):
    return emerging(specify(bs.DirectLaw(), table).fitted)


def test_a_benchmark_that_has_just_left_chance_is_named():
    [one] = found(runs([0.25, 0.24, 0.26, 0.25, 0.33, 0.45]))
    assert one.above == 2
    assert one.at_chance_to == pytest.approx(10**20.8)
    assert emergence_notes([one]) == [
        "hardly above chance yet: mmlu (at chance up to 6.3e+20 FLOPs, 2 scores above it); "
        "such a forecast rests on these"
    ]


def test_a_benchmark_at_chance_throughout_is_named():
    [one] = found(runs([0.25, 0.24, 0.26, 0.25]))
    assert one.above == 0
    assert emergence_notes([one]) == [
        "at chance at every fitted budget: mmlu; such a forecast rests on the other benchmarks"
    ]


def test_a_benchmark_that_rises_is_not_named():
    assert found(runs([0.25, 0.31, 0.36, 0.45])) == []
    assert found(runs([0.0, 0.05, 0.1, 0.2], chance=0.0)) == []


def test_generated_answers_have_chance_zero():
    [one] = found(runs([0.0, 0.01, 0.0, 0.2], chance=0.0))
    assert one.above == 1


def test_a_forecast_of_it_says_so_and_is_wide():
    at_chance = runs([0.25, 0.24, 0.26, 0.25, 0.251])
    forecast = bs.sample_prior(bs.DirectLaw(), at_chance, random_seed=1)
    assert forecast.notes[-1].startswith("at chance at every fitted budget: mmlu;")


def test_forecasts_from_chance_alone_are_wide_not_confident():
    with pytest.warns(bs.ConvergenceWarning):
        fit = bs.fit(
            bs.DirectLaw(),
            runs([0.25, 0.24, 0.26, 0.25, 0.251]),
            draws=150,
            tune=300,
            chains=2,
            random_seed=1,
            progressbar=False,
        )
    near, far = bs.forecast(fit, bs.budgets(flops=[1e22, 1e25]), random_seed=1).table((0.9,)).eval("high_90 - low_90")
    assert far > 0.15
    assert far > 3 * near


def test_attempts_are_left_alone(rates_fit):
    assert emerging(rates_fit.fitted) == []
