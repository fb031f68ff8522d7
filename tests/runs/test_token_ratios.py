import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.runs.token_ratios import (
    drifting,
    ladders,
    ladders_in_words,
    spread_of_sizes,
    stray_ratios,
    tell_apart,
    tokens_per_param,
)
from bayes_scaling.wording import ratios_in_words

PILE = bs.load_dataset("pile_suite")


def rows(params, ratio, family="a"):
    params = np.asarray(params, float)
    tokens = np.asarray(ratio) * params
    names = [f"run{i}" for i in range(len(params))]
    return pd.DataFrame(
        {"run": names, "family": family, "params": params, "tokens": tokens, "flops": 6 * params * tokens}
    )


SIZES = np.geomspace(1e8, 1e10, 5)
AT_20 = rows(SIZES, 20.0)


def test_a_ratio_is_known_where_both_are():
    frame = pd.DataFrame({"params": [1e9, np.nan], "tokens": [2e10, 2e10]})
    assert tokens_per_param(frame).tolist()[0] == 20
    assert tokens_per_param(frame).isna().tolist() == [False, True]
    assert tokens_per_param(frame.drop(columns="tokens")).isna().all()


def test_ratios_tell_points_apart_where_they_differ():
    assert not tell_apart(pd.Series([np.nan, np.nan]))
    assert not tell_apart(tokens_per_param(bs.load_dataset("cerebras_gpt").frame))
    assert tell_apart(tokens_per_param(PILE.frame))


@given(st.floats(0.01, 1e5))
def test_a_factor_of_two_is_allowed(ratio):
    strays = stray_ratios(AT_20, rows([1e9], ratio), follow_path=True)
    assert bool(strays) == (not 10 <= ratio <= 40)
    if strays:
        assert (strays[0].low, strays[0].high) == pytest.approx((20, 20))
        assert strays[0].asked == pytest.approx(ratio)


def test_each_family_is_held_against_its_own_runs():
    fitted = pd.concat([AT_20, rows(SIZES, 500.0, "b")])
    asked = pd.concat([rows([1e9], 500.0, "a"), rows([1e9], 500.0, "b"), rows([1e9], 100.0, "new")])
    assert [stray.family for stray in stray_ratios(fitted, asked, follow_path=False)] == ["a"]
    far = rows([1e9], 5000.0, "new")
    [stray] = stray_ratios(fitted, far, follow_path=False)
    assert (stray.low, stray.high) == pytest.approx((20, 500))


def test_the_farthest_ratio_is_named():
    [stray] = stray_ratios(AT_20, rows([1e9, 1e9, 1e9], [50.0, 2.0, 30.0]), follow_path=False)
    assert str(stray) == "a 2 (fitted at 20)"


def test_larger_models_on_the_same_tokens_go_on_as_the_family_did():
    small, large = PILE.select(family="Pythia").split(params=3e9)
    assert stray_ratios(small.frame, large.frame, follow_path=True) == []
    assert [stray.family for stray in stray_ratios(small.frame, large.frame, follow_path=False)] == ["Pythia"]


def test_a_path_that_the_runs_do_not_follow_excuses_nothing():
    rng = np.random.default_rng(1)
    scattered = rows(np.geomspace(1e8, 1e10, 30), 10 ** rng.uniform(1, 2, 30))
    assert stray_ratios(scattered, rows([1e11], 1000.0), follow_path=True)


def test_runs_without_sizes_say_nothing():
    nothing = AT_20.assign(params=np.nan)
    assert stray_ratios(nothing, rows([1e9], 100.0), follow_path=True) == []
    assert stray_ratios(AT_20, rows([1e9], 100.0).assign(tokens=np.nan), follow_path=True) == []


@given(st.floats(-1, 1), st.floats(0.1, 3), st.floats(0, 2 * np.pi))
def test_spread_is_that_of_the_principal_axes(least, most, angle):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    least = abs(least) * most
    square = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * [most, least] @ turn.T
    params, tokens = np.exp(np.add(square, [20, 23])).T
    spread = spread_of_sizes(rows(params, tokens / params))
    freedom = np.sqrt(4 / 3)
    assert (spread.least, spread.most) == pytest.approx((freedom * least, freedom * most), abs=1e-6)


def test_families_that_differ_do_not_count():
    fitted = pd.concat([AT_20, rows(SIZES, 500.0, "b")])
    assert spread_of_sizes(fitted).least < 1e-9
    crossed = pd.concat([AT_20, rows(SIZES, 500.0).assign(run=[f"other{i}" for i in range(5)])])
    assert spread_of_sizes(crossed).least > 0.5


def test_runs_count_once_whatever_their_benchmarks():
    twice = pd.concat([AT_20, AT_20.head(1), AT_20.head(1)])
    assert spread_of_sizes(twice) == spread_of_sizes(AT_20)
    assert spread_of_sizes(AT_20.head(1)).most == 0


def kind(frame):
    [one] = ladders(frame)
    return one.kind, one.verb, *np.round([one.first, one.last], 6).tolist(), one.drifts


def test_a_ladder_is_at_one_ratio_on_a_line_or_free():
    assert kind(AT_20) == ("one ratio", "hardly vary", 20, 20, False)
    assert kind(rows(SIZES, 3e11 / SIZES)) == ("drift", "fall", 3000, 30, True)
    assert kind(rows(SIZES, SIZES / 1e7)) == ("drift", "rise", 10, 1000, True)
    assert kind(rows(np.full(4, 1e9), [10, 40, 160, 640])) == (
        "drift",
        "rise",
        10,
        640,
        True,
    )  # checkpoints of one size
    sizes, tokens = map(np.ravel, np.meshgrid(SIZES, [1e10, 1e11, 1e12]))
    assert kind(rows(sizes, tokens / sizes)) == ("free", "vary", 1, 10000, False)
    same_flops = rows(SIZES, 1e20 / SIZES**2)
    assert kind(same_flops)[:2] == ("drift", "vary")


@given(st.floats(1.0, 10.0), st.booleans())
def test_less_than_a_factor_of_two_is_one_ratio(factor, falling):
    ratios = np.geomspace(20, 20 * factor, 5)
    one = ladders(rows(SIZES, ratios[::-1] if falling else ratios))[0]
    assert one.drifts == (one.kind == "drift") == (factor > 2 * (1 + 1e-9))
    if one.drifts:
        assert one.verb == ("fall" if falling else "rise")


def test_a_ratio_that_follows_flops_drifts_though_params_and_tokens_vary_apart():
    """Two numbers of tokens, sizes over two decades."""
    sizes, tokens = map(np.ravel, np.meshgrid(SIZES, [1e11, 3e11]))
    assert kind(rows(sizes, tokens / sizes)) == ("free", "fall", 3000, 10, True)


def test_each_family_has_its_ladder_and_runs_without_sizes_none():
    falling = rows(SIZES, 3e11 / SIZES, "b")
    unsized = AT_20.assign(family="c", params=np.nan)
    every = pd.concat([AT_20, falling, unsized], ignore_index=True)
    assert [(one.family, one.kind, one.runs) for one in ladders(every)] == [("a", "one ratio", 5), ("b", "drift", 5)]
    assert [one.family for one in drifting(every)] == ["b"]
    assert drifting(every, ["a"]) == []
    assert [one.family for one in drifting(every, ["new"])] == ["b"]  # drawn from all
    assert ladders(unsized) == []


def test_ladders_in_words():
    every = pd.concat([AT_20, rows(SIZES, 3e11 / SIZES, "b"), rows(SIZES, SIZES / 1e7, "c")], ignore_index=True)
    assert ladders_in_words(ladders(every)) == (
        "tokens per parameter hardly vary (20) along a; fall from 3000 to 30 along b; rise from 10 to 1000 along c"
    )
    pile = ladders_in_words(drifting(PILE.frame))
    assert pile.startswith("tokens per parameter fall from 4280 to 25 along Pythia, from 4280 to 25 along Pythia-")


def test_ranges_in_words():
    assert ratios_in_words(19.63, 20.23) == "19.6 to 20.2"
    assert ratios_in_words(0.5, 4.3e6) == "0.5 to 4.3e6"
