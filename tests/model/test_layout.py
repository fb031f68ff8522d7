import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayes_scaling as bs
from bayes_scaling.model.effects import Effect, _make_spread
from bayes_scaling.model.specification import specify


def effect(groups, name="e"):
    groups = np.array(groups)
    return Effect(name, "d", "", "", np.zeros(len(groups)), groups)


groupings = st.lists(st.integers(0, 3), min_size=1, max_size=12)


@given(groupings, groupings, st.integers(0, 2**32 - 1))
def test_members_of_each_group_sum_to_zero(first, second, seed):
    effects = [effect(first), Effect("free", "d", "", "", np.zeros(3)), effect(second)]
    spread = _make_spread(effects)
    free = np.random.default_rng(seed).standard_normal(sum(e.free for e in effects))
    if not len(free):
        return
    members = spread(free)
    a, b = members[: len(first)], members[-len(second) :]
    for values, groups in ((a, first), (b, second)):
        assert np.bincount(np.unique(groups, return_inverse=True)[1], values) == pytest.approx(0, abs=1e-9)
    start = effects[0].free
    assert members[len(first) : len(first) + 3] == pytest.approx(free[start : start + 3])


@given(st.integers(2, 9), st.integers(0, 1000))
def test_the_map_within_a_group_keeps_lengths(size, seed):
    spread = _make_spread([effect([0] * size)])
    free = np.random.default_rng(seed).standard_normal((5, size - 1))
    assert np.linalg.norm(spread(free), axis=1) == pytest.approx(np.linalg.norm(free, axis=1))


def test_effects_that_cannot_be_seen_are_left_out(cerebras_spec, families_spec):
    one = {e.name for e in cerebras_spec.layout.effects}
    three = {e.name for e in families_spec.layout.effects}
    assert {
        "level_benchmark",
        "exponent_benchmark",
        "run_effect",
        "benchmark_deviation",
        "family_deviation",
        "law_noise",
        "chance_jitter",
    } == one
    assert three - one == {"level_family", "exponent_family", "curve_deviation", "table_deviation"}
    assert set(families_spec.layout.curve_effects) == {"level", "exponent"}
    assert not cerebras_spec.layout.curve_effects
    assert "level_family_sd" not in {h.name for h in cerebras_spec.layout.hypers}


def test_fixed_parameters_leave_the_hyper_vector(cerebras_train):
    law = bs.DirectLaw(ceiling=None, benchmark_amplitude=None, run_sd=0.02, dispersion=1.0)
    layout = specify(law, cerebras_train).layout
    names = {h.name for h in layout.hypers}
    assert not names & {"ceiling_population", "benchmark_amplitude", "run_sd", "dispersion"}
    assert layout.constants == pytest.approx({"run_sd": 0.02, "dispersion": 1.0})
    assert {"run_effect"} <= {e.name for e in layout.effects}
    assert "benchmark_deviation" not in {e.name for e in layout.effects}


def test_informative_benchmarks_are_centred_more(cerebras_spec):
    by_name = {e.name: e.centredness for e in cerebras_spec.layout.effects}
    labels = list(cerebras_spec.reference.labels)
    levels = by_name["level_benchmark"]
    assert levels[labels.index("lambada_openai")] > levels[labels.index("winogrande")]
    assert np.all((levels > 0) & (levels < 1))


def test_unknown_item_counts_get_their_own_scale(cerebras_train):
    frame = cerebras_train.frame
    some = frame.assign(n_items=frame["n_items"].where(frame["benchmark"] != "piqa"))
    layout = specify(bs.DirectLaw(), bs.Runs(some)).layout
    assert {"items_population", "items_spread"} <= {h.name for h in layout.hypers}
    assert "items" in {e.name for e in layout.effects}
