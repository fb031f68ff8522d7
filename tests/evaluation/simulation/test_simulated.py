import subprocess
import sys

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.laws.surroundings import DEVIATES_BY
from bayes_scaling.model.information import information
from bayes_scaling.model.make_reference import make_reference

NO_EXTRAS = {f"{group}_amplitude": None for group in DEVIATES_BY} | {"run_sd": None}
NO_NOISE = {"law_noise": None, "chance_jitter": None}


def weighted_trend(x, y, weights):
    design = np.c_[np.ones(len(x)), x]
    return np.linalg.solve(design.T @ (weights[:, None] * design), design.T @ (weights * y))


def test_same_seed_gives_the_same_runs():
    one, two, other = (bs.simulate_runs(n_runs=6, random_seed=seed) for seed in (1, 1, 2))
    assert one.runs == two.runs
    assert one.held_out == two.held_out
    assert one.runs != other.runs


def test_the_table_is_what_was_planned():
    simulated = bs.simulate_runs(
        n_benchmarks=4, n_runs=7, n_families=3, flops=(1e18, 1e21), chance=(0.0, 0.5), n_items=800, random_seed=1
    )
    frame = simulated.runs.frame
    runs = frame.drop_duplicates("run")
    assert len(frame) == 28
    assert runs["family"].value_counts().to_dict() == {"family-1": 3, "family-2": 2, "family-3": 2}
    assert runs["flops"].to_numpy() == pytest.approx(np.geomspace(1e18, 1e21, 7))
    assert (frame["params"] * frame["tokens"] * 6).to_numpy() == pytest.approx(frame["flops"].to_numpy())
    assert frame.groupby("benchmark")["chance"].first().tolist() == [0.0, 0.5, 0.0, 0.5]
    assert (frame["n_items"] == 800).all()
    held_out = simulated.held_out.frame
    assert sorted(held_out["flops"].unique()) == pytest.approx([3e21, 1e22])
    assert len(held_out.drop_duplicates("run")) == 6
    assert held_out["accuracy"].between(0, 1).all()
    assert len(simulated.truth.expected) == 28
    assert len(simulated.truth.held_out_expected) == len(held_out) == 24


def test_held_out_budgets_can_be_given():
    held_out = bs.simulate_runs(n_runs=3, held_out_flops=5e23, random_seed=1).held_out
    assert held_out.frame["flops"].unique().tolist() == [5e23]


def test_given_parameters_are_the_truth():
    simulated = bs.simulate_runs(n_benchmarks=2, n_runs=5, n_families=2, level=[0.1, 0.9], exponent=0.2, ceiling=0.05)
    curves = simulated.truth.curves
    assert curves["level"].to_numpy() == pytest.approx([0.1, 0.1, 0.9, 0.9])
    assert curves["exponent"].to_numpy() == pytest.approx([0.2] * 4)
    assert curves["ceiling"].to_numpy() == pytest.approx([0.05] * 4)
    assert "exponent_population" not in simulated.truth.parameters
    assert simulated.truth.parameters["exponent_benchmark"].tolist() == [0.2, 0.2]


@pytest.mark.parametrize("which", ["runs", "held_out"])
def test_expected_accuracies_follow_the_published_law(which):
    law = bs.DirectLaw(**NO_EXTRAS)
    simulated = bs.simulate_runs(
        law, n_benchmarks=3, n_runs=5, level=[0.0, 0.5, 1.0], exponent=[0.1, 0.2, 0.3], ceiling=0.0
    )
    frame = getattr(simulated, which).frame
    expected = simulated.truth.expected if which == "runs" else simulated.truth.held_out_expected
    code = frame["benchmark"].map({f"benchmark-0{i + 1}": i for i in range(3)}).to_numpy()
    x = np.log(frame["flops"].to_numpy() / 1e20)  # the geometric mean of 1e18 to 1e22
    error = np.exp(np.array([0.0, 0.5, 1.0])[code]) * np.exp(-np.array([0.1, 0.2, 0.3])[code] * x)
    chance = frame["chance"].to_numpy()
    assert expected == pytest.approx(chance + (1 - chance) * np.exp(-error))


def test_the_ceiling_bounds_the_expected_accuracy_and_leaves_the_reference_budget_alone():
    given = {"n_benchmarks": 3, "n_runs": 5, "level": 0.2, "exponent": 0.4, "held_out_flops": 1e30}
    law = bs.DirectLaw(**NO_EXTRAS)
    low, high = (bs.simulate_runs(law, ceiling=ceiling, **given).truth for ceiling in (0.2, 0.0))
    middle = slice(6, 9)  # the third of five runs
    assert low.expected[middle] == pytest.approx(high.expected[middle])
    assert low.held_out_expected == pytest.approx(low.curves["highest_accuracy"].to_numpy(), abs=1e-3)
    assert high.held_out_expected == pytest.approx(np.ones(3), abs=1e-3)
    assert (low.curves["highest_accuracy"] < 0.95).all()


def test_scores_scatter_by_the_binomial_where_nothing_else_does():
    law = bs.DirectLaw(**NO_EXTRAS, **NO_NOISE, dispersion=1.0)
    simulated = bs.simulate_runs(law, n_runs=100, n_items=100, level=0.0, exponent=0.02, ceiling=0.0, random_seed=3)
    mean = simulated.truth.expected
    z = (simulated.runs.frame["accuracy"].to_numpy() - mean) / np.sqrt(mean * (1 - mean) / 100)
    assert abs(z.mean()) < 4 / np.sqrt(1200)
    assert z.std() == pytest.approx(1.0, abs=4 / np.sqrt(2400))


def test_run_effects_are_shared_by_benchmarks_and_sum_to_zero_within_families():
    law = bs.DirectLaw(**(NO_EXTRAS | NO_NOISE | {"run_sd": 0.3}))
    simulated = bs.simulate_runs(
        law, n_runs=9, n_families=3, n_items=1e8, chance=0.0, level=0.0, exponent=0.05, ceiling=0.0, random_seed=5
    )
    truth = simulated.truth
    for runs, expected in ((simulated.runs, truth.expected), (simulated.held_out, truth.held_out_expected)):
        frame = runs.frame
        seen = np.log(np.log(frame["accuracy"]) / np.log(expected)).groupby(frame["run"]).mean()
        assert seen.to_numpy() == pytest.approx(truth.run_effects[seen.index].to_numpy(), abs=0.03)
    families = simulated.runs.frame.drop_duplicates("run").set_index("run")["family"]
    fitted = truth.run_effects[families.index]
    assert fitted.groupby(families).sum().to_numpy() == pytest.approx(np.zeros(3), abs=1e-12)
    assert fitted.abs().min() > 1e-3
    assert truth.run_effects.index.is_unique


def test_a_table_at_chance_is_kept():
    simulated = bs.simulate_runs(n_benchmarks=3, n_runs=4, level=4.0, exponent=0.01, chance=0.25, random_seed=1)
    assert simulated.truth.expected == pytest.approx(np.full(12, 0.25), abs=1e-6)


def test_level_and_exponent_at_another_budget_are_value_and_slope_of_the_curve():
    truth = bs.simulate_runs(bs.DirectLaw(**NO_EXTRAS), n_runs=6, held_out_flops=7e22, random_seed=4).truth
    curves = truth.curves_at(7e22)
    q = (truth.held_out_expected - curves["floor"]) / (1 - curves["floor"])
    assert curves["level"].to_numpy() == pytest.approx(np.log(-np.log(q)).to_numpy(), abs=1e-6)
    step = 1e-5
    slope = (truth.curves_at(7e22 * np.exp(step))["level"] - truth.curves_at(7e22 * np.exp(-step))["level"]) / (
        2 * step
    )
    assert curves["exponent"].to_numpy() == pytest.approx(-slope.to_numpy(), rel=1e-5)
    share = curves["ceiling"] / (curves["ceiling"] + np.exp(curves["level"]))
    top = curves["floor"] + (1 - curves["floor"]) * np.exp(-curves["ceiling"] * (1 - share))
    assert top.to_numpy() == pytest.approx(curves["highest_accuracy"].to_numpy())


@pytest.mark.parametrize("n_families", [1, 3])
def test_what_the_truth_for_a_fit_leaves_of_the_curve_has_no_trend_under_the_fits_weights(n_families):
    law = bs.DirectLaw(
        run_sd=None,
        table_amplitude=None,
        family_amplitude=None,
        benchmark_amplitude=0.1 if n_families == 1 else None,
        curve_amplitude=0.1,
    )
    simulated = bs.simulate_runs(
        law, n_benchmarks=4, n_runs=18, n_families=n_families, chance=0.0, level=0.3, exponent=0.2, ceiling=0.1
    )
    truth, frame = simulated.truth, simulated.runs.frame
    reference = make_reference(simulated.runs.frame)
    rows = reference.encode(frame)
    weights = information(frame["accuracy"].to_numpy(), rows.floor, rows.n_items)
    curves = truth.curves_for(reference)
    share = (curves["ceiling"] / (curves["ceiling"] + np.exp(curves["level"]))).to_numpy()
    x = rows.log_flops - reference.centre("flops")[rows.benchmark]
    inner = np.log(-np.log(truth.expected) / (1 - share)[rows.curve] - curves["ceiling"].to_numpy()[rows.curve])
    for c in range(len(curves)):
        at = rows.curve == c
        level, slope = weighted_trend(x[at], inner[at], weights[at])
        assert level == pytest.approx(curves["level"].iloc[c], abs=1e-8)
        assert -slope * (1 - share[c]) == pytest.approx(curves["exponent"].iloc[c], abs=1e-8)
    assert (curves["exponent"] - truth.curves_at(np.exp(reference.centre("flops")))["exponent"]).abs().max() > 1e-4


def test_a_truth_says_which_curves_it_knows():
    truth = bs.simulate_runs(n_benchmarks=2, n_runs=3, random_seed=1).truth
    other = make_reference(bs.simulate_runs(n_benchmarks=3, n_runs=3, random_seed=1).runs.frame)
    with pytest.raises(ValueError, match="benchmark-03; expected those that were simulated: benchmark-01,"):
        truth.curves_for(other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_benchmarks": 0}, "n_benchmarks is 0; expected a whole number, at least 1"),
        ({"n_families": 0}, "n_families is 0; expected a whole number, at least 1"),
        ({"n_runs": 2, "n_families": 3}, "n_runs is 2; expected at least one run for each of the 3 families"),
        ({"flops": (1e22, 1e18)}, "expected a smallest and a largest positive number"),
        ({"exponent": [0.1, 0.2]}, r"exponent has shape \(2,\); expected one number, or 12"),
        ({"exponent": -0.1}, "exponent is -0.1; expected at least 1e-06"),
        ({"ceiling": -1.0}, "ceiling is -1.0; expected at least 0"),
        ({"level": np.nan}, "level is nan; expected numbers"),
        ({"chance": 1.5}, "chance"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.simulate_runs(random_seed=1, **arguments)


def test_simulating_loads_no_sampler():
    code = (
        "import sys, bayes_scaling as bs; bs.simulate_runs(n_benchmarks=1, n_runs=2); "
        "print([name for name in ('pymc', 'pytensor', 'nutpie', 'arviz', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
