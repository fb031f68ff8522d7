import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.laws.hazards import beta_log_hazard, beta_shapes, log_hazard, tail_log_hazard
from bayes_scaling.model.attempts.noise import attempt_covariance, problem_covariance
from bayes_scaling.model.specification import specify
from bayes_scaling.runs.pass_rates import pass_at_k

#: The direct law at k = 1, and nothing around it.
NO_EXTRAS = {slot.name: None for slot in bs.PassAtKLaw().slots() if slot.name.endswith("_amplitude")}
NO_EXTRAS |= {"run_sd": None, "set_sd": None, "bend_sd": None, "inputs": "compute"}
NO_EXTRAS |= {"change": 1e-300, "change_benchmark_sd": None}
GAMMA = {"curvature": 1.0, "curvature_benchmark_sd": None}
KS = np.array([1.0, 4.0, 16.0, 64.0])


def rate(hazard):
    return -np.expm1(-np.exp(hazard))


def true_curve(truth, benchmark, flops):
    """Error at k = 1 and log bend of a benchmark without ceiling, deviation and scatter."""
    own = {name: truth.parameters[name][benchmark] for name in ("level", "exponent", "bend", "bend_slope")}
    log_error = own["level"] - own["exponent"] * (np.log(flops) - truth.reference.centre("flops")[benchmark])
    bend = np.log(own["bend"]) + 1.5 * own["level"] + own["bend_slope"] * (log_error - own["level"])
    return np.exp(log_error), bend


def test_the_table_of_rates_is_what_was_planned():
    simulated = bs.simulate_runs(
        bs.PassAtKLaw(), n_benchmarks=3, n_runs=5, k=(1, 2, 8), n_samples=(32, 8), n_items=(40, 90), random_seed=1
    )
    frame = simulated.runs.frame
    assert len(frame) == 5 * 3 * 3
    assert frame["k"].tolist() == [1, 2, 8] * 15
    assert (frame["chance"] == 0).all()
    assert frame.groupby("benchmark")["n_samples"].unique().map(list).tolist() == [[32], [8], [32]]
    assert frame.groupby("benchmark")["n_items"].unique().map(list).tolist() == [[40], [90], [40]]
    held_out = simulated.held_out.frame
    assert len(held_out) == 2 * 3 * 3
    assert held_out["accuracy"].between(0, 1).all()
    assert sorted(held_out["flops"].unique()) == pytest.approx([3e22, 1e23])
    truth = simulated.truth
    assert truth.expected.shape == (45,)
    assert truth.held_out_expected.shape == (18,)
    assert len(truth.parameters["set_effect"]) == len(truth.parameters["set_effect_in_k"]) == 15
    assert truth.run_effects.index.tolist() == frame["run"].unique().tolist()


@pytest.mark.parametrize("options", [{}, {"counts": True}])
@pytest.mark.parametrize("law", [bs.PassAtKLaw(), bs.PassAtKLaw(inputs="ratio")])
def test_same_seed_gives_the_same_runs(law, options):
    options = options | {"n_benchmarks": 2, "n_runs": 3, "n_items": 20, "n_families": 2}
    one, two, other = (bs.simulate_runs(law, **options, random_seed=seed) for seed in (1, 1, 2))
    assert one.runs == two.runs
    assert one.held_out == two.held_out
    assert one.runs != other.runs


@pytest.mark.parametrize("which", ["runs", "held_out"])
def test_expected_rates_follow_the_law(which):
    law = bs.PassAtKLaw(**NO_EXTRAS, curvature=1.2, curvature_benchmark_sd=None)
    simulated = bs.simulate_runs(law, n_benchmarks=2, n_runs=4, level=[0.4, 1.2], ceiling=0.0, random_seed=4)
    truth, frame = simulated.truth, getattr(simulated, which).frame
    expected = truth.expected if which == "runs" else truth.held_out_expected
    for b in range(2):
        at = (frame["benchmark"] == f"benchmark-0{b + 1}").to_numpy()
        error, bend = true_curve(truth, b, frame["flops"].to_numpy()[at])
        hazard = tail_log_hazard(log_hazard(error), bend, frame["k"].to_numpy()[at], 1.2)
        assert expected[at] == pytest.approx(rate(hazard), rel=1e-9)


def test_rates_scatter_over_problems_and_attempts_and_together_over_k():
    shape = {"bend": 1.5, "bend_benchmark_sd": None, "bend_slope": 1.5, "bend_slope_benchmark_sd": None}
    law = bs.PassAtKLaw(**NO_EXTRAS, **GAMMA, **shape, problems_dispersion=0.5, attempts_dispersion=1.2)
    simulated = bs.simulate_runs(
        law, n_benchmarks=1, n_runs=1000, flops=(1e20, 1e20), level=0.8, ceiling=0.0, n_samples=80, random_seed=1
    )
    expected = simulated.truth.expected.reshape(-1, 4)[0]
    rates = simulated.runs.frame["accuracy"].to_numpy().reshape(-1, 4)
    error, bend = true_curve(simulated.truth, 0, 1e20)

    def failure(k):
        return 1 - rate(tail_log_hazard(log_hazard(error), bend, k))

    n = np.full(4, 80.0)
    covariance = 1.2**2 * attempt_covariance(failure, KS, KS, n, n) + 0.5**2 * problem_covariance(failure, KS, KS)
    sd = np.sqrt(np.diag(covariance) / 164)
    assert ((rates.mean(axis=0) - expected) / sd * np.sqrt(1000)) == pytest.approx(np.zeros(4), abs=4)
    assert rates.std(axis=0) == pytest.approx(sd, rel=0.1)
    assert np.corrcoef(rates.T) == pytest.approx(covariance / 164 / np.outer(sd, sd), abs=0.1)


def test_runs_scatter_about_the_law_at_one_attempt_and_in_k():
    law = bs.PassAtKLaw(**(NO_EXTRAS | {"set_sd": 0.3, "bend_sd": 0.5}), **GAMMA)
    options = {"n_runs": 400, "flops": (1e20, 1e20), "n_items": 1e9, "level": 0.6, "ceiling": 0.0, "random_seed": 1}
    simulated = bs.simulate_runs(law, n_benchmarks=1, **options)
    truth = simulated.truth
    assert truth.parameters["set_effect"].std() == pytest.approx(0.3, rel=0.15)
    assert truth.parameters["set_effect_in_k"].std() == pytest.approx(0.5, rel=0.15)
    assert np.ptp(truth.expected.reshape(-1, 4), axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    error, bend = true_curve(truth, 0, 1e20)
    own_error = error * np.exp(truth.parameters["set_effect"])
    slope = truth.parameters["bend_slope"][0]
    own_bend = bend + slope * truth.parameters["set_effect"] + truth.parameters["set_effect_in_k"]
    hazard = tail_log_hazard(log_hazard(own_error)[:, None], own_bend[:, None], KS)
    assert simulated.runs.frame["accuracy"].to_numpy() == pytest.approx(rate(hazard).ravel(), abs=1e-3)


def test_counts_are_binomial_with_the_laws_difficulties():
    law = bs.PassAtKLaw(**NO_EXTRAS)
    simulated = bs.simulate_runs(
        law,
        n_benchmarks=2,
        n_runs=1,
        flops=(1e20, 1e20),
        n_items=30_000,
        n_samples=64,
        counts=True,
        level=[0.5, 1.5],
        ceiling=0.0,
        random_seed=1,
    )
    frame, truth = simulated.runs.frame, simulated.truth
    assert len(frame) == 60_000
    assert frame.groupby("benchmark")["problem"].nunique().tolist() == [30_000, 30_000]
    for b, (_, rows) in enumerate(frame.groupby("benchmark", sort=False)):
        error, bend = true_curve(truth, b, 1e20)
        a, z = beta_shapes(error, bend)
        assert truth.expected[rows.index] == pytest.approx(np.full(30_000, np.exp(-error)))
        right = rows["n_correct"].to_numpy()
        spread = a * z * (a + z + 64) / ((a + z) ** 2 * (a + z + 1)) / 64
        assert right.mean() / 64 == pytest.approx(np.exp(-error), abs=4 * np.sqrt(spread / 30_000))
        assert (right / 64).var() == pytest.approx(spread, rel=0.05)
        rates = [np.mean(pass_at_k(rows["n_samples"], right, k)) for k in KS]
        assert rates == pytest.approx(rate(beta_log_hazard(error, bend, KS)), rel=0.03)
    held_out = simulated.held_out.frame
    assert held_out["k"].tolist() == KS.tolist() * 4
    assert "problem" not in held_out


def test_problems_that_nobody_solves_are_kept():
    law = bs.PassAtKLaw(**NO_EXTRAS)
    options = {"n_benchmarks": 1, "n_runs": 3, "n_items": 20, "level": 4.5, "exponent": 0.5, "ceiling": 0.0}
    counts = bs.simulate_runs(law, **options, counts=True, random_seed=1)
    smallest = counts.runs.frame["run"] == "run-01"
    assert (counts.runs.frame.loc[smallest, "n_correct"] == 0).all()
    assert counts.truth.expected[smallest].max() < 1e-200
    rates = bs.simulate_runs(law, **options, random_seed=1).runs.frame
    assert (rates.loc[rates["run"] == "run-01", "accuracy"] == 0).all()


def test_the_truth_for_a_fit_states_the_bend_at_its_own_level():
    """A fit's bend is that of its level, less 1.5 times the level."""
    law = bs.PassAtKLaw(**NO_EXTRAS)
    simulated = bs.simulate_runs(law, n_benchmarks=2, n_runs=6, ceiling=0.0, random_seed=5)
    truth = simulated.truth
    assert truth.curves["bend"].to_numpy() == pytest.approx(truth.parameters["bend"])
    reference = specify(law, simulated.runs).reference
    curves = truth.curves_for(reference)
    for b in range(2):
        budget = np.exp(reference.centre("flops")[b])
        error, bend = true_curve(truth, b, budget)
        assert curves["level"].iloc[b] == pytest.approx(np.log(error))
        assert np.log(curves["bend"].iloc[b]) + 1.5 * curves["level"].iloc[b] == pytest.approx(bend)
    assert (np.log(curves["flops"]) - truth.reference.centre("flops")).abs().min() > 0.01


def test_the_log_linear_form_moves_its_gain_with_compute():
    law = bs.PassAtKLaw(form="log-linear", benchmark_amplitude=None, interaction=0.02)
    truth = bs.simulate_runs(law, n_benchmarks=2, n_runs=6, ceiling=0.0, random_seed=5).truth
    here, there = truth.curves_at(1e20)["gain"], truth.curves_at(1e21)["gain"]
    assert here.to_numpy() == pytest.approx(truth.parameters["gain"])
    assert (here - there).to_numpy() == pytest.approx(truth.parameters["interaction"] * np.log(10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": ()}, r"k is \[\]; expected different whole numbers, at least 1"),
        ({"k": (0, 1)}, "expected different whole numbers"),
        ({"k": (1, 1)}, "expected different whole numbers"),
        ({"k": (1, 2.5)}, "expected different whole numbers"),
        ({"n_samples": 0}, "n_samples is .*; expected whole numbers, at least 1"),
        ({"n_samples": (256, 8)}, "k goes up to 64 and n_samples down to 8; expected as many samples as k"),
        ({"n_items": 20.5, "counts": True}, r"n_items is \[20.5\b.*; expected whole numbers where counts=True"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.simulate_runs(bs.PassAtKLaw(), n_benchmarks=2, n_runs=3, **arguments)


def test_the_log_linear_form_has_no_counts():
    with pytest.raises(ValueError, match="of which the log-linear form says nothing"):
        bs.simulate_runs(bs.PassAtKLaw(form="log-linear"), n_runs=3, counts=True)


def test_a_single_k_may_be_a_number():
    frame = bs.simulate_runs(bs.PassAtKLaw(), n_benchmarks=1, n_runs=3, k=4, random_seed=1).runs.frame
    assert pd.unique(frame["k"]).tolist() == [4]
