import numpy as np
import pytest
from drawn import count, legend, lines, texts, titles, values

import bayes_scaling as bs


@pytest.fixture(scope="module")
def figure(ratio_fit):
    return bs.plots.ratios(ratio_fit, [500, 20, 100], benchmark="piqa")


def test_one_panel_a_curve_and_one_labelled_line_a_ratio(figure, ratio_fit):
    assert titles(figure) == [f"{family} | piqa" for family in ratio_fit.reference.families]
    for axes in figure.axes:
        assert sorted(texts(axes)) == ["100", "20", "500"]
        assert len(axes.collections) == 3
    assert {"numbers: tokens per parameter", "expected score, 90%", "end of fitted budgets"} <= set(legend(figure))
    assert figure.axes[-1].get_xlabel() == "training FLOPs"


def test_every_fitted_score_is_drawn_in_colour_or_grey(figure, ratio_fit):
    for axes, family in zip(figure.axes, ratio_fit.reference.families, strict=True):
        frame = ratio_fit.runs.select(family=family, benchmark="piqa").frame
        drawn = np.sort(np.r_[values(axes, "scores"), values(axes, "others")])
        np.testing.assert_allclose(drawn, np.sort(frame["accuracy"]))
        ratio = (frame["tokens"] / frame["params"]).to_numpy()
        near = (np.abs(np.log(ratio[:, None] / [20, 100, 500])) < np.log(1.5)).any(axis=1)
        assert count(axes, "scores") == near.sum()


def test_lines_end_where_they_are_told_and_the_end_of_the_data_is_marked(ratio_fit):
    [axes] = bs.plots.ratios(ratio_fit, [20], benchmark="piqa", family="OPT", flops_to=1e25).axes
    assert max(line.get_xdata()[-1] for line in axes.get_lines()) == pytest.approx(1e25)
    [end] = lines(axes, "end of fitted budgets")
    assert end.get_xdata()[0] == pytest.approx(ratio_fit.runs.select(family="OPT").frame["flops"].max())
    with pytest.raises(ValueError, match=r"flops_to is 1e\+18; expected at least"):
        bs.plots.ratios(ratio_fit, flops_to=1e18)


def test_held_out_scores_are_stars(ratio_fit):
    larger = ratio_fit.runs.select(family="Cerebras-GPT", benchmark="piqa").frame.tail(1)
    larger = larger.assign(run="larger", params=3 * larger["params"], tokens=3 * larger["tokens"])
    held_out = bs.Runs(larger.assign(flops=9 * larger["flops"]))
    figure = bs.plots.ratios(ratio_fit, [20, 100], held_out, benchmark="piqa", family="Cerebras-GPT")
    [axes] = figure.axes
    np.testing.assert_allclose(values(axes, "held out"), larger["accuracy"])
    assert "held-out scores" in legend(figure)


def test_held_out_scores_at_other_ratios_are_grey_stars(ratio_fit):
    larger = ratio_fit.runs.select(family="Cerebras-GPT", benchmark="piqa").frame.tail(1)
    larger = larger.assign(run="larger", tokens=9 * larger["tokens"], flops=9 * larger["flops"])
    [axes] = bs.plots.ratios(
        ratio_fit, [20], bs.Runs(larger), benchmark="piqa", family="Cerebras-GPT", flops_to=1e24
    ).axes
    [star] = lines(axes, "held out")
    assert star.get_ydata().tolist() == larger["accuracy"].tolist()
    assert star.get_color() == "#AAAAAA"


def test_rates_at_a_k(sized_fit):
    figure = bs.plots.ratios(sized_fit, [10, 160], k=16)
    [axes] = figure.axes
    assert figure.get_supylabel() == "pass@16"
    assert count(axes, "scores") == 6
    assert count(axes, "others") == 3


def test_other_laws_and_ratios_are_refused(ratio_fit, cerebras_fit):
    with pytest.raises(ValueError, match=r"ratios\(\) needs a law of params and tokens.*DirectLaw\(\), which reads"):
        bs.plots.ratios(cerebras_fit)
    with pytest.raises(ValueError, match=r"ratio holds 0\.0; expected positive"):
        bs.plots.ratios(ratio_fit, [0.0])
    with pytest.raises(ValueError, match="k=4 goes with a law of attempts; this fit's RatioLaw"):
        bs.plots.ratios(ratio_fit, k=4)
