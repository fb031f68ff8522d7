import numpy as np
import pandas as pd
import pytest
from attempt_tables import rates_frame, rates_runs

import bayes_scaling as bs
from bayes_scaling.model.attempts.sets import collect_sets
from bayes_scaling.model.attempts.ways import ways_beside_the_first, ways_of
from bayes_scaling.model.specification import specify


def sets_of(frame):
    return collect_sets(bs.Runs(frame).frame)


def mixed_frame():
    """Rates at k = 1 from greedy answers, at larger k from samples."""
    frame = rates_runs().frame.copy()
    return frame.assign(temperature=np.where(frame["k"] == 1, "0", "0.8"))


def test_rates_of_one_temperature_and_number_of_attempts_are_one_curve():
    frame = rates_runs().frame
    for same in (frame, frame.assign(temperature=0.8)):
        assert not sets_of(same).mixed
        assert (sets_of(same).sampled[0] == -1).all()
    assert not sets_of(frame.drop(columns="n_samples")).mixed


def test_another_temperature_or_number_of_attempts_is_another_way():
    frame = rates_runs().frame
    greedy = frame.assign(n_samples=np.where(frame["k"] == 1, 1.0, frame["n_samples"]))
    for mixed in (mixed_frame(), greedy):
        sets = sets_of(mixed)
        of_way, found = sets.sampled
        assert len(found) == len(sets)  # one for each run and benchmark
        assert ((of_way == -1) == (sets.k == 1)).all()


def test_the_best_temperature_of_each_k_is_a_way_each():
    frame = rates_runs().frame.assign(temperature="best")
    of_way, found = sets_of(frame).sampled
    assert len(found) == 2 * len(sets_of(frame))  # of three k
    assert len(set(of_way[of_way >= 0])) == len(found)


def test_counts_of_problems_are_one_way_by_definition():
    from attempt_tables import counts_runs

    assert not collect_sets(counts_runs().frame).mixed


def test_the_first_way_is_that_of_the_smallest_k_whatever_the_order():
    ways, of_row, k = [("b", 0.0), ("a", 0.0), ("b", 0.0)], np.zeros(3, np.int64), np.array([8.0, 1.0, 4.0])
    of_way, found = ways_beside_the_first(ways, of_row, k)
    assert of_way.tolist() == [0, -1, 0]
    assert found == [(0, ("b", 0.0))]


@pytest.mark.parametrize(("given", "read"), [(0.8, "0.8"), (1, "1"), ("0.2 ", "0.2"), (None, ""), (np.nan, "")])
def test_temperatures_are_read_as_they_come(given, read):
    assert ways_of(pd.DataFrame({"k": [1.0], "temperature": [given]})) == [(read, 0.0)]


def test_what_was_sampled_apart_shares_no_attempts_and_has_a_scatter_of_its_own():
    runs = bs.Runs(mixed_frame())
    sets = sets_of(mixed_frame())
    attempts, problems = sets.covariances(0)
    assert attempts[0, 1:].tolist() == [0.0, 0.0]  # k = 1 and the others
    assert (attempts[1, 2], problems[0, 1]) > (0.0, 0.0)
    effects = {effect.name: effect for effect in specify(bs.PassAtKLaw(), runs).layout.effects}
    assert effects["sampling_effect"].free == len(sets)
    plain = specify(bs.PassAtKLaw(), rates_runs()).layout
    assert "sampling_effect" not in [effect.name for effect in plain.effects]


def test_rates_frame_of_one_way_is_a_table_of_one_curve_each():
    from attempt_tables import counts_frame

    assert not sets_of(rates_frame(counts_frame([1e20, 1e21]))).mixed
