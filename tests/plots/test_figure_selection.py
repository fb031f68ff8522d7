import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.plots.parts.marks import spread_out
from bayes_scaling.plots.parts.selection import fitted_span, nearest, ratio_span, spread, typical_ratio, view

positive = st.lists(st.floats(1e-3, 1e25), min_size=1, max_size=20)


def test_curves_are_drawn_at_the_family_s_typical_ratio(ratio_fit, cerebras_fit):
    frame = ratio_fit.runs.frame.drop_duplicates("run").query("family == 'Pythia'")
    ratios = frame["tokens"] / frame["params"]
    family = ratio_fit.reference.families.index("Pythia")
    assert typical_ratio(ratio_fit, family) == pytest.approx(np.exp(np.log(ratios).mean()))
    assert ratio_span(ratio_fit, family) == pytest.approx((ratios.min(), ratios.max()))
    assert view(ratio_fit).ratio_of(family) == pytest.approx(typical_ratio(ratio_fit, family))
    assert view(ratio_fit, ratio=50).ratio_of(family) == 50
    assert view(cerebras_fit).ratio_of(0) is None


def test_a_law_of_attempts_is_drawn_at_k_1(rates_fit, cerebras_fit):
    assert (view(rates_fit).k, view(rates_fit).quantity, view(rates_fit).noun) == (1, "pass@1", "rate")
    assert view(rates_fit, k=7).quantity == "pass@7"
    assert (view(cerebras_fit).k, view(cerebras_fit).quantity, view(cerebras_fit).noun) == (None, "accuracy", "score")


def test_what_the_law_does_not_read_is_refused(rates_fit, cerebras_fit, ratio_fit):
    with pytest.raises(ValueError, match="ratio=20 goes with a law of params and tokens; this fit's DirectLaw"):
        view(cerebras_fit, ratio=20)
    with pytest.raises(ValueError, match="k=10 goes with a law of attempts; this fit's RatioLaw"):
        view(ratio_fit, k=10)
    with pytest.raises(ValueError, match="k holds 0; expected whole numbers"):
        view(rates_fit, k=0)
    with pytest.raises(ValueError, match=r"ratio holds -1\.0; expected positive"):
        view(ratio_fit, ratio=-1)


def test_curves_bear_the_family_where_there_are_several(ratio_fit, rates_fit):
    assert list(view(ratio_fit, "piqa", "OPT").curves.values()) == ["OPT | piqa"]
    assert list(view(rates_fit).curves.values()) == ["code", "maths"]
    assert fitted_span(rates_fit, 0, 0) == (pytest.approx(1e19), pytest.approx(1e21))


@given(positive, st.integers(2, 6))
def test_a_spread_holds_the_ends_and_few_others(values, most):
    found = spread(np.array(values), most)
    assert found[0] == min(values)
    assert found[-1] == max(values)
    assert len(found) <= most
    assert set(found) <= set(values)


@given(positive, positive)
def test_the_nearest_is_near_and_none_is_nearer(values, wanted):
    place = nearest(np.array(values), wanted, 1.5)
    for value, at in zip(values, place, strict=True):
        distances = np.abs(np.log(value / np.array(wanted)))
        if at < 0:
            assert distances.min() > np.log(1.5) - 1e-9
        else:
            assert distances[at] == distances.min() <= np.log(1.5) + 1e-9


@given(st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=6))
def test_labels_keep_their_order_apart_from_each_other(heights):
    found = spread_out(np.array(heights), 0.1)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(found[order]) > 0.09).all()
    assert found.min() >= 0
    assert found.max() <= 1
