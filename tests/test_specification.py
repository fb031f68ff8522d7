import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.specification import specify


def runs(**columns):
    base = {"run": ["a", "b", "c"], "flops": [1e20, 1e21, 1e22], "benchmark": "x", "accuracy": [0.3, 0.4, 0.5]}
    return bs.Runs(pd.DataFrame({**base, "chance": 0.0, **columns}))


def test_several_attempts_are_refused():
    with pytest.raises(ValueError, match=r"describes k = 1; k is larger in row 2, 3: try runs.select\(k=1\)"):
        specify(bs.DirectLaw(), runs(k=[1, 2, 4]))
    assert len(specify(bs.DirectLaw(), runs(k=[1, 1, 1])).rows) == 3


def test_single_problems_are_refused():
    with pytest.raises(ValueError, match="problem is filled in row 1, 2, 3"):
        specify(bs.DirectLaw(), runs(problem=["p", "p", "p"]))


def test_wrong_kinds_are_refused():
    with pytest.raises(TypeError, match=r"expected a law, such as DirectLaw\(\)"):
        specify(bs.DirectLaw, runs())
    with pytest.raises(TypeError, match="runs is a DataFrame; expected Runs"):
        specify(bs.DirectLaw(), runs().frame)


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="the table has no rows"):
        specify(bs.DirectLaw(), runs().split(flops=1e19)[0])


@pytest.mark.parametrize("slot", [slot for slot in bs.DirectLaw().slots() if slot.may_vanish and slot.positive])
def test_every_part_that_may_vanish_can_be_left_out(cerebras_train, slot):
    spec = specify(bs.DirectLaw(**{slot.name: None}), cerebras_train)
    assert slot.parameter not in {h.name for h in spec.layout.hypers}
    assert slot.parameter not in {e.scale for e in spec.layout.effects}


@pytest.mark.parametrize("slot", [slot for slot in bs.DirectLaw().slots() if not slot.may_vanish])
def test_what_cannot_vanish_cannot_be_left_out(slot):
    with pytest.raises(ValueError, match=f"{slot.name} cannot be left out"):
        bs.DirectLaw(**{slot.name: None})
