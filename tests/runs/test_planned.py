import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs

compute = st.floats(1e11, 1e32)
sizes, amounts = st.floats(1e5, 1e14), st.floats(1e6, 1e17)
ratios = st.floats(1e-3, 1e8)


@given(st.lists(compute, min_size=1, max_size=8))
def test_flops_stay_in_order_and_count_once(flops):
    at = bs.budgets(flops=flops)
    assert at.flops == tuple(dict.fromkeys(flops))
    assert len(at) == len(set(flops))
    assert np.isnan([*at.params, *at.tokens, *at.ratio]).all()
    assert at.k is None


@given(st.lists(st.tuples(sizes, amounts), min_size=1, max_size=8))
def test_params_and_tokens_stay_in_pairs(pairs):
    at = bs.budgets(params=[n for n, _ in pairs], tokens=[d for _, d in pairs])
    assert tuple(zip(at.params, at.tokens, strict=True)) == tuple(dict.fromkeys(pairs))
    assert np.isnan([*at.flops, *at.ratio]).all()


@given(st.lists(compute, min_size=1, max_size=5), st.lists(ratios, min_size=1, max_size=5))
def test_flops_are_crossed_with_ratios(flops, ratio):
    at = bs.budgets(flops=flops, ratio=ratio)
    assert list(zip(at.flops, at.ratio, strict=True)) == list(dict.fromkeys((c, r) for c in flops for r in ratio))
    assert np.isnan([*at.params, *at.tokens]).all()


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_attempts_are_whole_and_count_once(k):
    for given_k in (k, np.array(k), [float(attempts) for attempts in k]):
        at = bs.budgets(1e23, k=given_k)
        assert at.k == tuple(dict.fromkeys(k))
        assert all(type(attempts) is int for attempts in at.k)
        assert len(at) == 1


def test_attempts_go_with_every_kind_of_budget():
    assert bs.budgets(1e23, ratio=[20, 100], k=5).k == (5,)
    assert bs.budgets(params=7e9, tokens=1e12, k=[1, 5]).k == (1, 5)


def test_a_number_is_a_list_of_one():
    assert bs.budgets(1e23) == bs.budgets(flops=[1e23])
    assert bs.budgets(params=7e9, tokens=1e12).params == (7e9,)


def test_arrays_are_read():
    assert bs.budgets(flops=np.array([10**20, 10**21])).flops == (1e20, 1e21)


def test_whether_learning_rates_are_decayed_is_kept_as_asked():
    assert bs.budgets(1e23).annealed is None
    assert [bs.budgets(1e23, annealed=kind).annealed for kind in (True, False, np.True_)] == [True, False, True]


@pytest.mark.parametrize("name", ["benchmark", "family"])
def test_labels_count_once(name):
    assert getattr(bs.budgets(1e23, **{name: ["b", "a", "b"]}), name) == ("b", "a")
    assert getattr(bs.budgets(1e23, **{name: "abc"}), name) == ("abc",)
    assert getattr(bs.budgets(1e23), name) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs flops, or params and tokens"),
        ({"params": 1e9}, "needs flops, or params and tokens"),
        ({"flops": 1e23, "params": 1e9}, "got flops with params or tokens"),
        ({"flops": 1e23, "params": 1e9, "tokens": 1e9}, "got flops with params or tokens"),
        ({"ratio": 20}, "needs flops, or params and tokens in pairs; ratio goes with flops"),
        ({"ratio": 20, "params": 1e9, "tokens": 1e9}, "got ratio with params or tokens"),
        ({"ratio": 20, "tokens": 1e9}, "got ratio with params or tokens"),
        ({"k": 10}, "needs flops, or params and tokens"),
        ({"params": [1e9, 2e9], "tokens": 1e9}, "got 2 params and 1 tokens; expected pairs"),
        ({"flops": []}, "flops is empty"),
        ({"flops": [1e23, -1.0]}, r"flops holds -1\.0; expected positive"),
        ({"flops": float("nan")}, "flops holds nan"),
        ({"flops": float("inf")}, "flops holds inf"),
        ({"params": 0.0, "tokens": 1e9}, r"params holds 0\.0"),
        ({"flops": "a lot"}, "flops is 'a lot'; expected a positive number"),
        ({"flops": 1e23, "ratio": []}, "ratio is empty"),
        ({"flops": 1e23, "ratio": [20, 0]}, r"ratio holds 0\.0; expected positive"),
        ({"flops": 1e23, "ratio": "20:1"}, "ratio is '20:1'; expected a positive number"),
        ({"flops": 1e23, "k": []}, "k is empty"),
        ({"flops": 1e23, "k": 0}, "k holds 0; expected whole numbers of at least 1"),
        ({"flops": 1e23, "k": [1, 2.5]}, r"k holds 2\.5; expected whole numbers"),
        ({"flops": 1e23, "k": float("nan")}, "k holds nan; expected whole numbers"),
        ({"flops": 1e23, "k": float("inf")}, "k holds inf; expected whole numbers"),
        ({"flops": 1e23, "k": "many"}, "k is 'many'; expected a whole number"),
        ({"flops": 1e23, "benchmark": []}, "benchmark is empty"),
        ({"flops": 1e23, "family": [3]}, "family holds 3; expected names"),
        ({"flops": 1e23, "annealed": "yes"}, "annealed is 'yes'; expected True, False, or None"),
    ],
)
def test_bad_budgets_say_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.budgets(**arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"params": 70, "tokens": 2e12},
            "params holds 70, which no run has: looks like another unit; expected",
        ),
        ({"params": 7e10, "tokens": 2}, "tokens holds 2, which no run has"),
        ({"flops": 23}, "flops holds 23, which no run has"),
        ({"flops": 1e23, "ratio": 1e308}, "ratio holds 1e+308, which no run has"),
        ({"flops": 10**400}, "flops holds an integer beyond 1e308"),
    ],
)
def test_units_that_were_not_said(arguments, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        bs.budgets(**arguments)


@pytest.mark.parametrize("label", [True, 2.5, 3])
def test_what_is_no_name_and_no_list_is_said(label):
    with pytest.raises(ValueError, match=r"benchmark is .*; expected a name, or a list of them"):
        bs.budgets(flops=1e22, benchmark=label)
