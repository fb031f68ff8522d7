import numpy as np
import pytest
from drawn import count, legend, lines, texts, titles

import bayes_scaling as bs
from bayes_scaling.forecasting.budget_rows import flops_rule
from bayes_scaling.plots._isoflop import best_size
from bayes_scaling.plots.parts.selection import ratio_span

SIZES = np.geomspace(1e8, 1e10, 41)


@pytest.fixture(scope="module")
def figure(ratio_fit):
    return bs.plots.isoflop(ratio_fit, [1e22, 1e21, 1e22], benchmark="piqa")


def test_one_panel_a_curve_and_one_line_a_budget(figure, ratio_fit):
    assert titles(figure) == [f"{family} | piqa" for family in ratio_fit.reference.families]
    assert {axes.get_xscale() for axes in figure.axes} == {"log"}
    assert figure.get_supylabel() == "accuracy"
    assert figure.axes[-1].get_xlabel() == "parameters"
    assert {"1e21 FLOPs", "1e22 FLOPs", "best size, 80%", "expected score, 80%"} <= set(legend(figure))
    assert legend(figure).index("1e21 FLOPs") < legend(figure).index("1e22 FLOPs")
    for axes in figure.axes:
        assert len(axes.collections) == 2
        assert len(lines(axes, "interval of best size")) == 2


def test_sizes_reach_a_factor_4_beyond_the_fitted_ratios(figure, ratio_fit):
    family = ratio_fit.reference.families.index("Pythia")
    low, high = ratio_span(ratio_fit, family)
    drawn = np.concatenate([line.get_xdata() for line in figure.axes[family].get_lines()[:4]])
    ratio = (
        1e21 / (flops_rule(ratio_fit.reference) * drawn.min() ** 2),
        1e22 / (flops_rule(ratio_fit.reference) * drawn.max() ** 2),
    )
    np.testing.assert_allclose(ratio, [4 * high, low / 4])


def test_runs_near_a_budget_are_drawn(figure, ratio_fit):
    frame = ratio_fit.runs.select(family="OPT", benchmark="piqa").frame
    near = np.min([np.abs(np.log(frame["flops"] / budget)) for budget in (1e21, 1e22)], axis=0) < np.log(1.3)
    assert count(figure.axes[ratio_fit.reference.families.index("OPT")], "scores") == near.sum() > 0


def test_the_best_size_may_lie_beyond_what_is_drawn(ratio_fit):
    where = {"benchmark": "lambada_openai" if "lambada_openai" in ratio_fit.reference.labels else "piqa"}
    figure = bs.plots.isoflop(ratio_fit, [1e21], family="Pythia", ratio_from=2e4, ratio_to=4e4, **where)
    [axes] = figure.axes
    assert lines(axes, "beyond")
    assert any(text == "undetermined" or text[0] in "<>" for text in texts(axes))


def test_the_median_of_the_best_size_is_written_beside_it(ratio_fit):
    figure = bs.plots.isoflop(ratio_fit, [1e21], family="Pythia", benchmark="piqa", ratio_from=1e-3, ratio_to=1e7)
    [axes] = figure.axes
    [marker] = lines(axes, "best size")
    [word] = texts(axes)
    assert float(word[:-1]) * {"M": 1e6, "B": 1e9}[word[-1]] == pytest.approx(marker.get_xdata()[0], rel=0.05)


def test_the_best_size_lies_between_the_sizes_of_the_grid():
    peaks = np.log([[3e8], [1.05e9], [2e9]])
    best = best_size(SIZES, -((np.log(SIZES) - peaks) ** 2), 0.8)
    np.testing.assert_allclose([best.low, best.median, best.high], [3e8, 1.05e9, 2e9])


def test_a_best_size_at_an_end_is_beyond_it():
    rising, falling = np.log(SIZES), -np.log(SIZES)
    assert best_size(SIZES, np.stack([rising] * 3), 0.8).median == np.inf
    assert best_size(SIZES, np.stack([falling] * 3), 0.8).median == 0
    mixed = best_size(SIZES, np.stack([rising, falling]), 0.8)
    assert (mixed.low, mixed.high) == (0, np.inf)


def test_rates_at_a_k(sized_fit):
    figure = bs.plots.isoflop(sized_fit, [1e20], k=4)
    assert figure.get_supylabel() == "pass@4"
    assert titles(figure) == ["code"]


def test_other_laws_and_empty_ranges_are_refused(ratio_fit, cerebras_fit, rates_fit):
    for fit, law in ((cerebras_fit, r"GeneralLaw\(\)"), (rates_fit, r"PassAtKLaw\(\)")):
        with pytest.raises(ValueError, match=rf"isoflop\(\) needs a law of params and tokens, {law}; this fit"):
            bs.plots.isoflop(fit, [1e21])
    with pytest.raises(ValueError, match="ratios go from 100 to 10; expected ratio_from above 0 and below"):
        bs.plots.isoflop(ratio_fit, [1e21], ratio_from=100, ratio_to=10)
    with pytest.raises(ValueError, match="prob is 80"):
        bs.plots.isoflop(ratio_fit, [1e21], prob=80)
    with pytest.raises(ValueError, match="flops holds -1"):
        bs.plots.isoflop(ratio_fit, [-1.0])
