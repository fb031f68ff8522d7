import numpy as np
import pandas as pd
import pytest
from attempt_tables import rates_runs
from ladder_tables import constant_tokens, crossed, mixed_rules, one_ratio, other_rule, partly_missing

import bayes_scaling as bs
from bayes_scaling.laws import DEFAULT, LAWS
from bayes_scaling.model.ladder_notes import (
    drift_notes,
    fit_notes,
    fit_that_sees,
    ladder_lines,
    reading_notes,
    seeing_sizes,
    way_out,
)

GENERAL = LAWS[DEFAULT]()
BLIND = [law() for law in LAWS.values() if not law().resolve(one_ratio().frame).reads_sizes]


@pytest.mark.parametrize("law", BLIND, ids=repr)
def test_a_law_of_flops_alone_says_the_drift_in_numbers_and_the_law_to_take(law):
    [note] = drift_notes(law, constant_tokens().frame)
    assert note.startswith(
        f"tokens per parameter fall from 3000 to 30 along suite: {type(law).__name__} reads FLOPs alone"
    )
    assert note.endswith(f"; {seeing_sizes(law)!r} reads params and tokens")
    assert seeing_sizes(law).resolve(constant_tokens().frame).reads_sizes
    assert seeing_sizes(law).observes == law.observes


def test_single_scores_are_for_the_default_law():
    assert seeing_sizes(bs.DirectLaw()) == seeing_sizes(bs.SigmoidLaw()) == seeing_sizes(GENERAL) == GENERAL
    assert seeing_sizes(bs.TwoStageLaw(loss="bpb")) == bs.TwoStageLaw("ratio", loss="bpb")


def test_nothing_drifts_at_one_ratio_or_where_both_vary_apart_or_for_a_law_that_sees_it():
    for runs in (one_ratio(), crossed()):
        assert drift_notes(bs.DirectLaw(), runs.frame) == []
    assert drift_notes(bs.RatioLaw(), constant_tokens().frame) == []
    assert drift_notes(GENERAL.resolve(constant_tokens().frame), constant_tokens().frame) == []


def test_only_families_that_matter_are_named():
    both = pd.concat([one_ratio("still").frame, constant_tokens("moving").frame])
    assert drift_notes(bs.DirectLaw(), both, ["still"]) == []
    [note] = drift_notes(bs.DirectLaw(), both, ["moving", "still"])
    assert note.startswith("tokens per parameter fall from 3000 to 30 along moving: ")
    assert drift_notes(bs.DirectLaw(), both, ["new"]) == [note]


def test_runs_without_sizes_are_said_and_what_the_law_reads_instead():
    frame = partly_missing().frame
    note, drift = fit_notes(GENERAL, frame)
    assert note == (
        "params or tokens are missing for 2 of 8 runs ('suite-1', 'suite-2'): GeneralLaw reads FLOPs alone of all; "
        "params and tokens of the other 6 runs are not used"
    )
    assert drift.endswith("GeneralLaw() reads params and tokens once every run has them (2 of 8 lack them)")
    assert reading_notes(bs.DirectLaw(), frame) == []  # which would not have read them
    assert reading_notes(GENERAL, frame.assign(params=np.nan, tokens=np.nan)) == []
    assert way_out(GENERAL, frame).endswith("(2 of 8 lack them)")
    assert fit_that_sees(bs.DirectLaw(), frame).startswith("bs.fit(bs.GeneralLaw(), runs), once every run has")


def test_flops_of_another_rule_are_said():
    for law in (GENERAL, bs.DirectLaw(), bs.RatioLaw()):
        assert reading_notes(law, other_rule().frame) == [
            "FLOPs of 8 of 8 runs are 1.1 to 1.8 times 6 * params * tokens: they are read as given"
        ]
        assert reading_notes(law, one_ratio().frame) == []
    rule, mixed = reading_notes(GENERAL, mixed_rules().frame)
    assert rule.startswith("FLOPs of 7 of 8 runs are 1.1 to 1.8 times 6 * params * tokens")
    assert mixed == (
        "FLOPs of 1 run ('suite-3') are exactly 6 * params * tokens, beside others that are not: which of the three "
        "was missing there follows from the other two, by another rule"
    )
    apart = pd.concat([other_rule().frame, one_ratio("exact").frame])  # a family may have a rule of its own
    assert len(reading_notes(GENERAL, apart)) == 1


def test_a_ladder_is_said_with_what_it_asks_of_a_law():
    [still] = ladder_lines(one_ratio().frame)
    assert still == "tokens per parameter hardly vary (20) along suite: a law of FLOPs alone will do at that ratio"
    [moving] = ladder_lines(constant_tokens().frame)
    assert moving.startswith(
        "tokens per parameter fall from 3000 to 30 along suite: a law of FLOPs alone takes this for"
    )
    assert moving.endswith("; GeneralLaw() reads params and tokens")
    [free] = ladder_lines(crossed().frame)
    assert free == "params and tokens vary apart from each other along suite: the table tells one from the other"
    assert ladder_lines(partly_missing().frame)[0].endswith("once every run has them (2 of 8 lack them)")
    assert ladder_lines(one_ratio().select(run="suite-1").frame) == []


def test_an_empty_table_says_nothing_and_attempts_have_their_own_law():
    assert fit_notes(GENERAL, one_ratio().frame.head(0)) == []
    frame = rates_runs().frame
    sizes = {"params": frame["flops"] / (6 * 1e11), "tokens": 1e11}
    [note] = drift_notes(bs.PassAtKLaw(inputs="compute"), frame.assign(**sizes))
    assert note.endswith("PassAtKLaw() reads params and tokens")
