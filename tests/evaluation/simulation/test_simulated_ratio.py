from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.laws.ratio import ratio_log_error
from bayes_scaling.laws.surroundings import DEVIATES_BY
from bayes_scaling.model.information import information
from bayes_scaling.model.make_reference import make_reference

NO_EXTRAS = {f"{group}_amplitude": None for group in DEVIATES_BY} | {"run_sd": None}
BUDGETS = ("params", "tokens")


def ratio_curve(truth, benchmark, log_params, log_tokens):
    """Log error, share of the parameters in it, and the two exponents of a benchmark without ceiling."""
    own = {name: truth.parameters[name][benchmark] for name in ("level", "exponent", "split", "tilt")}
    of = truth.law.derived(own | {"share": 0.0})
    a, b, w = of["params_exponent"], of["tokens_exponent"], of["params_share"]
    x, y = (
        at - truth.reference.centre(name)[benchmark] for name, at in zip(BUDGETS, (log_params, log_tokens), strict=True)
    )
    share = w * np.exp(-a * x) / (w * np.exp(-a * x) + (1 - w) * np.exp(-b * y))
    return ratio_log_error(x, y, own["level"], a, b, w), share, a, b


def test_runs_take_the_ratios_in_turn_over_the_whole_range():
    frame = bs.simulate_runs(bs.RatioLaw(), n_benchmarks=1, n_runs=9, ratio=(5, 20, 320), random_seed=1).runs.frame
    assert (frame["tokens"] / frame["params"]).tolist() == pytest.approx([5, 20, 320] * 3)
    assert (6 * frame["params"] * frame["tokens"]).to_numpy() == pytest.approx(np.geomspace(1e18, 1e22, 9))


@pytest.mark.parametrize("law", [bs.RatioLaw(), bs.PassAtKLaw(inputs="ratio")])
def test_laws_of_params_and_tokens_see_several_ratios_and_laws_of_compute_one(law):
    def n_ratios(law):
        frame = bs.simulate_runs(law, n_benchmarks=1, n_runs=8, random_seed=1).runs.frame
        return (frame["tokens"] / frame["params"]).round(6).nunique()

    assert n_ratios(law) == 4
    assert n_ratios(bs.DirectLaw()) == 1


@pytest.mark.parametrize("n_families", [2, 3, 4])
def test_every_family_meets_every_ratio(n_families):
    simulated = bs.simulate_runs(bs.RatioLaw(), n_benchmarks=1, n_runs=36, n_families=n_families, random_seed=1)
    frame = simulated.runs.frame.assign(ratio=lambda f: (f["tokens"] / f["params"]).round(6))
    assert (frame.groupby("family")["ratio"].nunique() == 4).all()
    assert pd.crosstab(frame["family"], frame["ratio"]).to_numpy().min() >= 2
    held_out = simulated.held_out.frame.assign(ratio=lambda f: (f["tokens"] / f["params"]).round(6))
    assert (held_out.groupby("family")["ratio"].nunique() == 2).all()
    assert held_out["flops"].min() > frame["flops"].max()


@pytest.mark.parametrize("which", ["runs", "held_out"])
def test_expected_accuracies_follow_the_published_law(which):
    law = bs.RatioLaw(**NO_EXTRAS)
    simulated = bs.simulate_runs(law, n_benchmarks=2, n_runs=12, chance=0.25, ceiling=0.0, random_seed=3)
    truth, frame = simulated.truth, getattr(simulated, which).frame
    expected = truth.expected if which == "runs" else truth.held_out_expected
    for b in range(2):
        at = (frame["benchmark"] == f"benchmark-0{b + 1}").to_numpy()
        error, *_ = ratio_curve(truth, b, *np.log(frame.loc[at, list(BUDGETS)].to_numpy().T))
        assert expected[at] == pytest.approx(0.25 + 0.75 * np.exp(-np.exp(error)))


def test_level_exponent_and_split_at_another_budget_are_those_of_the_equation():
    simulated = bs.simulate_runs(bs.RatioLaw(**NO_EXTRAS), n_benchmarks=3, n_runs=12, ceiling=0.0, random_seed=3)
    truth = simulated.truth
    curves = truth.curves_at(3e23)
    for b in range(3):
        params, tokens = (truth.reference.centre(name)[b] for name in BUDGETS)
        moved = (np.log(3e23) - truth.reference.centre("flops")[b]) / 2
        level, share, a, z = ratio_curve(truth, b, params + moved, tokens + moved)
        assert curves["level"].iloc[b] == pytest.approx(level)
        assert curves["exponent"].iloc[b] == pytest.approx((a * share + z * (1 - share)) / 2, abs=1e-6)
        assert curves["split"].iloc[b] == pytest.approx(np.log(a * share / (z * (1 - share))), abs=1e-5)
    own = truth.curves
    for name in ("level", "exponent", "split"):
        assert own[name].to_numpy() == pytest.approx(truth.parameters[name], abs=1e-5)


def test_the_truth_for_a_fit_counts_the_trend_of_the_deviation_in_both_budgets():
    """Level and slopes at the fit's budgets are the law's there, plus those of what the law misses."""
    law = bs.RatioLaw(run_sd=None, benchmark_amplitude=0.1)
    simulated = bs.simulate_runs(law, n_benchmarks=3, n_runs=24, chance=0.0, level=0.3, ceiling=0.0, random_seed=2)
    truth, frame = simulated.truth, simulated.runs.frame
    reference = make_reference(frame, law.deviates_in)
    rows = reference.encode(frame)
    weights = information(frame["accuracy"].to_numpy(), rows.floor, rows.n_items)
    curves = truth.curves_for(reference)
    for b in range(3):
        at = rows.benchmark == b
        centre = [reference.centre(name)[b] for name in BUDGETS]
        budgets = rows.log_budgets(BUDGETS)[at]
        missed = np.log(-np.log(truth.expected[at])) - ratio_curve(truth, b, *budgets.T)[0]
        design = np.c_[np.ones(at.sum()), budgets - centre]
        root = np.sqrt(weights[at])
        level, of_params, of_tokens = np.linalg.lstsq(root[:, None] * design, root * missed, rcond=None)[0]
        law_level, share, a, z = ratio_curve(truth, b, *centre)
        down, along = a * share - of_params, z * (1 - share) - of_tokens
        assert curves["level"].iloc[b] == pytest.approx(law_level + level, abs=1e-7)
        assert curves["exponent"].iloc[b] == pytest.approx((down + along) / 2, abs=1e-6)
        assert curves["split"].iloc[b] == pytest.approx(np.log(down / along), abs=1e-5)
        assert abs(of_params) + abs(of_tokens) > 1e-3


@pytest.mark.parametrize("inputs", ["ratio", "compute"])
def test_the_truth_of_the_general_law_counts_the_trend_of_its_deviation_along_flops_and_ratio(inputs):
    """Level and slope at the fit's budgets are the law's, and the trend of what it misses under the fit's weights."""
    law = bs.GeneralLaw(inputs=inputs, run_sd=None, benchmark_amplitude=0.1, change=0.5, break_point=0.0)
    simulated = bs.simulate_runs(
        law, n_benchmarks=3, n_runs=24, chance=0.0, level=0.3, ceiling=0.0, ratio=(5.0, 80.0), random_seed=2
    )
    truth, frame, law = simulated.truth, simulated.runs.frame, simulated.truth.law
    reference = make_reference(frame, law.deviates_in)
    rows, own = reference.encode(frame), truth.reference.encode(frame)
    known = {c.name: truth.parameters[c.name][rows.curve] for c in law.curve_coefficients}
    missed = np.log(-np.log(truth.expected)) - law.log_error(
        law.inputs(truth.reference, own), law.terms(known | {"share": 0.0})
    )
    weights = information(frame["accuracy"].to_numpy(), rows.floor, rows.n_items)
    plain = replace(truth, parameters={name: v for name, v in truth.parameters.items() if "deviation" not in name})
    own_level, own_exponent = (plain.curves_for(reference)[name] for name in ("level", "exponent"))
    curves = truth.curves_for(reference)
    for b in range(3):
        at = rows.benchmark == b
        centre = [reference.centre(name)[b] for name in law.deviates_in]
        design = np.c_[np.ones(at.sum()), rows.log_budgets(law.deviates_in)[at] - centre]
        root = np.sqrt(weights[at])
        level, along_flops, *_ = np.linalg.lstsq(root[:, None] * design, root * missed[at], rcond=None)[0]
        assert curves["level"].iloc[b] == pytest.approx(own_level.iloc[b] + level, abs=1e-7)
        assert curves["exponent"].iloc[b] == pytest.approx(own_exponent.iloc[b] - along_flops, abs=1e-6)
        assert abs(level) + abs(along_flops) > 1e-3


@pytest.mark.parametrize("ratio", [0.0, (20.0, -1.0), ()])
def test_ratios_are_positive(ratio):
    with pytest.raises(ValueError, match=r"ratio is .*; expected positive numbers"):
        bs.simulate_runs(bs.RatioLaw(), ratio=ratio)
