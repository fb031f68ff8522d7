import numpy as np
import pytest
from attempt_tables import counts_frame, rates_frame

import bayes_scaling as bs
from bayes_scaling.model.attempts.sets import collect_sets
from bayes_scaling.model.attempts.smooth import smooth_failure


@pytest.fixture(scope="module")
def counts():
    return bs.Runs(counts_frame((1e19, 1e20, 1e21), n_samples=64)).frame


@pytest.fixture(scope="module")
def rates(counts):
    return bs.Runs(rates_frame(counts, (1, 4, 16, 64))).frame


def test_rows_of_one_run_and_benchmark_are_one_set(rates):
    sets = collect_sets(rates)
    assert len(sets) == 6
    assert not sets.counts
    assert [len(rows) for rows in sets.members] == [4] * 6
    assert sets.frame["run"].tolist() == ["run0", "run0", "run1", "run1", "run2", "run2"]
    assert sets.items.tolist() == [30.0] * 6
    shuffled = collect_sets(rates.sample(frac=1, random_state=1).reset_index(drop=True))
    assert sorted(shuffled.log_error) == pytest.approx(sorted(sets.log_error), abs=1e-3)


def test_smooth_curves_pass_the_rates_closely(rates):
    sets = collect_sets(rates)
    assert np.abs(sets.smooth - sets.rate).max() < 0.05
    assert np.isfinite(sets.response).all()
    assert sets.frame["accuracy"].to_numpy() == pytest.approx(np.exp(-np.exp(sets.log_error)))


def test_counts_and_the_rates_that_follow_give_the_same_curve(counts, rates):
    of_counts, of_rates, turned = collect_sets(counts), collect_sets(rates), collect_sets(counts, to_rates=True)
    assert of_counts.counts
    assert not turned.counts
    assert turned.k.reshape(6, -1)[0].tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert turned.rate[turned.k == 16] == pytest.approx(of_rates.rate[of_rates.k == 16])
    assert of_counts.log_error == pytest.approx(of_rates.log_error, abs=0.1)


def test_rates_of_exactly_0_and_1_are_kept_and_finite(rates):
    edge = rates.assign(accuracy=np.where(rates["run"] == "run0", 0.0, np.where(rates["run"] == "run2", 1.0, 0.5)))
    sets = collect_sets(edge)
    assert len(sets.k) == len(rates)
    assert np.isfinite(sets.response).all()
    assert np.isfinite(sets.log_error).all()
    assert all(len(rotation.problems) >= 1 for rotation in sets.rotations)
    first, last = (sets.frame["accuracy"][sets.frame["run"] == run].mean() for run in ("run0", "run2"))
    assert first < 0.01 < 0.9 < last


def test_missing_attempts_are_taken_to_be_the_largest_k(rates):
    sets = collect_sets(rates.drop(columns="n_samples"))
    assert sets.assumed_samples
    assert (sets.n_samples == 64).all()


def test_curves_that_are_known_are_not_drawn_again(rates):
    sets = collect_sets(rates)
    again = collect_sets(rates, smooth=(sets.log_error, sets.log_bend))
    assert np.array_equal(again.response, sets.response)


def test_information_grows_with_problems(rates):
    few, many = (collect_sets(rates.assign(n_items=items)) for items in (30, 3000))
    for less, more in zip(few.information(bs.PassAtKLaw()), many.information(bs.PassAtKLaw()), strict=True):
        assert (less < more).all()


def test_smooth_failure_falls_with_k():
    failed = smooth_failure(1.0, 2.0)(np.geomspace(1, 1e4, 20))
    assert (np.diff(failed) < 0).all()
    assert failed[0] == pytest.approx(1 - np.exp(-np.exp(1.0)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(problem=f["problem"].where(f.index > 0)), "row 1 has no problem while others do"),
        (lambda f: f.drop(columns="n_correct"), "row 1 has a problem without n_correct"),
        (lambda f: f.assign(k=4.0), "row 1 counts one problem at k = 4"),
    ],
)
def test_mixed_tables_are_refused(counts, change, message):
    with pytest.raises(ValueError, match=message):
        collect_sets(change(counts))


def test_guessable_benchmarks_are_refused(rates):
    with pytest.raises(ValueError, match=r"generated answers, which guessing does not hit; chance is 0.25 in row 1"):
        bs.fit(bs.PassAtKLaw(), bs.Runs(rates.assign(chance=0.25)))
