import dataclasses
from io import BytesIO

import numpy as np
import pytest
from attempt_tables import rates_runs
from drawn import count, legend, lines, titles, values
from matplotlib.figure import Figure
from matplotlib.text import Text

import bayes_scaling as bs
from bayes_scaling.model.observed import Fitted, encode_fitted, observe


@pytest.fixture(scope="module")
def figure(cerebras_fit, cerebras_held_out):
    return bs.plots.curves(cerebras_fit, cerebras_held_out)


def test_one_labelled_panel_a_benchmark(figure, cerebras_fit):
    assert isinstance(figure, Figure)
    assert titles(figure) == list(cerebras_fit.reference.labels)
    assert {axes.get_xscale() for axes in figure.axes} == {"log"}
    assert figure.axes[-1].get_xlabel() == "training FLOPs"
    assert figure.get_supylabel() == "accuracy"


def test_every_score_is_drawn_fitted_ones_as_dots_held_out_ones_as_stars(figure, cerebras_fit, cerebras_held_out):
    assert sum(count(axes, "scores") for axes in figure.axes) == len(cerebras_fit.runs)
    assert sum(count(axes, "held out") for axes in figure.axes) == len(cerebras_held_out)
    assert {line.get_marker() for axes in figure.axes for line in lines(axes, "held out")} == {"*"}
    first = cerebras_held_out.frame.query("benchmark == @figure.axes[0].get_title(loc='left')")
    np.testing.assert_allclose(lines(figure.axes[0], "held out")[0].get_ydata(), first["accuracy"])


def test_all_scores_lie_within_their_panels(figure):
    for axes in figure.axes:
        low, high = axes.get_ylim()
        drawn = np.concatenate([line.get_ydata() for line in lines(axes, "scores") + lines(axes, "held out")])
        assert low < drawn.min()
        assert drawn.max() < high


def test_chance_ceiling_and_the_end_of_the_data_are_marked(figure, cerebras_fit):
    for axes, benchmark in zip(figure.axes, cerebras_fit.reference.benchmarks, strict=True):
        assert lines(axes, "chance")[0].get_ydata()[0] == benchmark.chance
        assert lines(axes, "end of fitted budgets")[0].get_xdata()[0] == pytest.approx(
            cerebras_fit.runs.frame["flops"].max()
        )
        found, assumed = lines(axes, "highest accuracy"), lines(axes, "assumed ceiling")
        assert len(found) + len(assumed) == 1
        said = [text.get_text() for text in axes.texts]
        if assumed:  # the prior decides, and the panel says so
            assert any(text.startswith("ceiling assumed (0.") for text in said)
            assert assumed[0].get_color() == "#AAAAAA"
        else:
            beyond = found[0].get_ydata()[0] > axes.get_ylim()[1]
            assert any("highest accuracy" in text for text in said) == beyond


def test_the_legend_names_what_is_drawn(figure):
    assert {"fitted scores", "held-out scores", "expected score, 50%", "score of a new run, 90%"} <= set(legend(figure))


def test_a_compact_figure_is_one_panel_without_a_legend(families_fit):
    figure = bs.plots.curves(families_fit, benchmark="piqa", compact=True)
    [axes] = figure.axes
    assert axes.get_ylabel() == "accuracy"
    assert not figure.legends
    assert not figure.get_supylabel()
    assert tuple(figure.get_size_inches()) < tuple(bs.plots.curves(families_fit, benchmark="piqa").get_size_inches())
    figure.savefig(BytesIO())  # sets titles in their places
    texts = {text.get_text().split(":")[0]: text for text in figure.findobj(Text)}
    assert texts["not converged"].get_window_extent().y0 > texts["piqa"].get_window_extent().y1
    with pytest.raises(ValueError, match="compact=True draws one panel, and there are 2: "):
        bs.plots.curves(families_fit, benchmark=["piqa", "hellaswag"], compact=True)


def test_families_share_a_panel(families_fit):
    figure = bs.plots.curves(families_fit, benchmark="piqa")
    [axes] = figure.axes
    colours = {line.get_color() for line in lines(axes, "scores")}
    assert len(colours) == 3
    assert set(families_fit.reference.families) <= set(legend(figure))
    assert count(axes, "scores") == (families_fit.runs.frame["benchmark"] == "piqa").sum()
    assert "held-out scores" not in legend(figure)


def test_one_family_can_be_chosen(families_fit):
    figure = bs.plots.curves(families_fit, family="OPT", probs=(0.8,))
    assert sum(count(axes, "scores") for axes in figure.axes) == (families_fit.runs.frame["family"] == "OPT").sum()
    assert "expected score, 80%" in legend(figure)


def test_the_curves_end_where_they_are_told(cerebras_fit):
    [axes] = bs.plots.curves(cerebras_fit, benchmark=["piqa"], flops_to=1e25).axes
    assert max(max(line.get_xdata()) for line in axes.get_lines()[:2]) == pytest.approx(1e25)
    assert axes.get_xlim()[1] < 1e26
    with pytest.raises(ValueError, match=r"flops_to is 1e\+18; expected at least"):
        bs.plots.curves(cerebras_fit, flops_to=1e18)


def test_a_fit_that_has_not_converged_says_so(figure, families_fit):
    assert figure.get_suptitle() == ""
    assert not families_fit.converged
    for draw in (bs.plots.curves, bs.plots.linearised, bs.plots.residuals, bs.plots.exponents):
        assert draw(families_fit, benchmark="piqa").get_suptitle().startswith("not converged"), draw.__name__


def test_unknown_labels_and_unscored_runs_are_refused(cerebras_fit, cerebras_held_out):
    for draw in (bs.plots.curves, bs.plots.linearised, bs.plots.residuals, bs.plots.exponents):
        with pytest.raises(ValueError, match="benchmark 'gsm8k' was not fitted; the fit knows hellaswag"):
            draw(cerebras_fit, benchmark="gsm8k")
        with pytest.raises(ValueError, match="family 'OPT' was not fitted; the fit knows Cerebras-GPT"):
            draw(cerebras_fit, family="OPT")
    with pytest.raises(ValueError, match="no accuracy column"):
        bs.plots.curves(cerebras_fit, bs.Runs(cerebras_held_out.frame.drop(columns="accuracy")))
    with pytest.raises(ValueError, match="'OPT' was not fitted"):
        bs.plots.curves(cerebras_fit, bs.Runs(cerebras_held_out.frame.assign(family="OPT")))
    with pytest.raises(ValueError, match="probs holds 90"):
        bs.plots.curves(cerebras_fit, probs=(90,))
    with pytest.raises(ValueError, match="probs is empty"):
        bs.plots.curves(cerebras_fit, probs=())


def test_a_curve_that_was_not_fitted_shows_its_held_out_scores_only(families_fit):
    reference = families_fit.reference
    opt, piqa = reference.families.index("OPT"), reference.labels.index("piqa")
    pairs = list(zip(reference.curve_family, reference.curve_benchmark, strict=True))
    position = pairs.index((opt, piqa))
    others = [i for i in range(len(pairs)) if i != position]
    fewer = dataclasses.replace(
        reference,
        curve_family=tuple(reference.curve_family[i] for i in others),
        curve_benchmark=tuple(reference.curve_benchmark[i] for i in others),
        curve_log_flops=tuple(reference.curve_log_flops[i] for i in others),
        bases={**reference.bases, "curve": tuple(reference.bases["curve"][i] for i in others)},
    )
    fitted = bs.Runs(families_fit.runs.frame.query("not (family == 'OPT' and benchmark == 'piqa')"))
    held_out = families_fit.runs.select(family="OPT", benchmark="piqa")
    tree = families_fit.tree.copy()
    tree["posterior"] = tree["posterior"].to_dataset().isel(curve=others)
    observed = observe(families_fit.law, fitted.frame)
    table = Fitted(fitted, fewer, encode_fitted(fewer, fitted.frame, observed), observed)
    fit = dataclasses.replace(families_fit, fitted=table, stored=tree)
    [axes] = bs.plots.curves(fit, held_out, benchmark="piqa").axes
    assert count(axes, "held out") == len(held_out)
    assert len(lines(axes, "highest accuracy") + lines(axes, "assumed ceiling")) == 2
    with pytest.raises(ValueError, match="no curve of 'OPT' on 'piqa' was fitted"):
        bs.plots.curves(fit, benchmark="piqa", family="OPT")


def test_each_curve_ends_a_decade_beyond_its_own_budgets(families_fit):
    [axes] = bs.plots.curves(families_fit, benchmark="piqa").axes
    for look, family in enumerate(families_fit.reference.families):
        colour = lines(axes, "scores")[look].get_color()
        own = [line.get_xdata() for line in axes.get_lines() if line.get_color() == colour]
        drawn = [x[-1] for x in own if len(x) > 20]
        assert max(drawn) == pytest.approx(10 * families_fit.runs.select(family=family).frame["flops"].max())


def test_the_longest_curve_is_shown_whichever_panel_it_is_in(families_fit):
    figure = bs.plots.curves(families_fit)
    largest = families_fit.runs.frame["flops"].max()
    assert all(axes.get_xlim()[1] > 10 * largest for axes in figure.axes)


def test_a_law_of_sizes_is_drawn_at_the_typical_ratios_of_its_families(ratio_fit):
    figure = bs.plots.curves(ratio_fit, benchmark="piqa")
    [axes] = figure.axes
    assert count(axes, "scores") == (ratio_fit.runs.frame["benchmark"] == "piqa").sum()
    assert "Cerebras-GPT at 20 tokens/param." in legend(figure)
    assert "hollow: tokens/param. over 2x off" in legend(figure)
    assert "expected score at 30 tokens/param." in legend(bs.plots.curves(ratio_fit, benchmark="piqa", ratio=30))


def test_the_ratio_moves_the_curve(ratio_fit):
    def top(ratio):
        [axes] = bs.plots.curves(ratio_fit, benchmark="piqa", family="Pythia", ratio=ratio).axes
        return axes.get_lines()[0].get_ydata()[0]

    assert top(20) > top(5000)


def test_rates_are_drawn_at_k_1_or_at_the_k_asked_for(rates_fit):
    figure = bs.plots.curves(rates_fit)
    assert figure.get_supylabel() == "pass@1"
    assert {"fitted rates", "rate of a new run, 90%"} <= set(legend(figure))
    assert any(label.startswith("highest pass@1, median") for label in legend(figure))
    assert not lines(figure.axes[0], "chance")
    four = bs.plots.curves(rates_fit, rates_runs(flops=(1e22,), prefix="larger"), k=4)
    for axes, benchmark in zip(four.axes, rates_fit.reference.labels, strict=True):
        frame = rates_fit.runs.select(benchmark=benchmark).frame.query("k == 4")
        np.testing.assert_allclose(values(axes, "scores"), np.sort(frame["accuracy"]))
        assert count(axes, "held out") == 1
        assert not lines(axes, "highest accuracy")
    assert four.get_supylabel() == "pass@4"


def test_counts_are_drawn_as_rates(counts_fit):
    [axes] = bs.plots.curves(counts_fit, benchmark="code", k=8).axes
    assert count(axes, "scores") == 5
