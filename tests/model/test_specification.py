import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.model.specification import specify


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


def test_counts_without_counts_and_counts_at_k_are_refused():
    single = {"problem": ["p", "p", "p"], "n_samples": 4, "accuracy": [0.25, 0.5, 0.75]}
    with pytest.raises(ValueError, match="row 1 has a problem without n_correct; expected n_samples and n_correct"):
        specify(bs.PassAtKLaw(), runs(**single))
    with pytest.raises(ValueError, match=r"row 1 counts one problem at k = 2; expected counts without k"):
        specify(bs.PassAtKLaw(), runs(**single, n_correct=[1, 2, 3], k=2))
    with pytest.raises(ValueError, match="row 2 has no problem while others do"):
        specify(bs.PassAtKLaw(), runs(**single | {"problem": ["p", None, "p"]}, n_correct=[1, None, 3]))


@pytest.mark.parametrize("law", [bs.DirectLaw(), bs.PassAtKLaw()], ids=repr)
def test_a_run_whose_loss_alone_is_known_is_refused(law):
    lossy = runs(accuracy=[0.3, None, 0.5], loss=[3.0, 2.5, 2.0])
    with pytest.raises(ValueError, match=r"needs an accuracy in every row; empty in row 2: try runs.select\("):
        specify(law, lossy)
    assert len(specify(law, lossy.select("accuracy.notna()")).rows) == 2


def test_a_two_stage_law_is_specified_in_both_stages():
    spec = specify(bs.TwoStageLaw(), runs(accuracy=[0.3, None, 0.5], loss=[3.0, 2.5, 2.0]))
    assert len(spec.rows) == 2
    assert len(spec.stage_one.rows) == 3
    slope = spec.reference.benchmarks[0].loss_slope
    assert slope == pytest.approx(np.log(3 / 2) / np.log(100))
    assert spec.rows.log_proxy == pytest.approx(-np.log([3.0, 2.0]) / slope)
    assert spec.reference.deviates_in == ("proxy",)
    assert spec.stage_one.reference.labels == ("loss",)


def test_stage_one_has_an_effect_of_runs_where_these_have_several_losses():
    one = specify(bs.TwoStageLaw(), runs(loss=[3.0, 2.5, 2.0])).stage_one
    assert one.law.leaves_out("run_sd")
    frame = pd.concat([runs(bpb=[1.2, 1.1, 1.0]).frame, runs(bpb=[0.9, 0.8, 0.7], benchmark="y").frame])
    own = specify(bs.TwoStageLaw(loss="bpb"), bs.Runs(frame)).stage_one
    assert own.reference.labels == ("x", "y")
    assert not own.law.leaves_out("run_sd")


def test_guesses_are_no_attempts():
    with pytest.raises(ValueError, match=r"PassAtKLaw describes generated answers.*chance is 0.25 in row 1, 2, 3"):
        specify(bs.PassAtKLaw(), runs(k=[1, 2, 4], chance=0.25))


@pytest.mark.parametrize("law", [bs.RatioLaw(), bs.PassAtKLaw(inputs="ratio")], ids=repr)
def test_laws_of_two_budgets_need_both(law):
    with pytest.raises(ValueError, match=f"{type(law).__name__} needs params in every row; empty in row 1, 2, 3"):
        specify(law, runs())


def test_wrong_kinds_are_refused():
    with pytest.raises(TypeError, match=r"expected a law, such as GeneralLaw\(\)"):
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
