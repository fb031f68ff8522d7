import numpy as np
import pytest
from drawn import legend

import bayes_scaling as bs
from bayes_scaling.plots._linearised import _set_limits


@pytest.fixture(scope="module")
def result(two_stage_fit, cerebras_held_out):
    return bs.compounding(two_stage_fit, cerebras_held_out, random_seed=1)


def test_shares_fill_the_panel_and_errors_have_a_row_a_benchmark(result):
    figure = bs.plots.compounding(result)
    shares, errors = figure.axes
    assert shares.get_legend_handles_labels()[1] == [
        *("loss curve", "loss noise", "accuracy curve", "accuracy noise", "interaction")
    ]
    top = max(path.vertices[:, 1].max() for area in shares.collections for path in area.get_paths())
    assert top == pytest.approx(1.0)
    assert [label.get_text() for label in errors.get_yticklabels()] == result.error_table()["benchmark"].tolist()
    diamonds = next(line for line in errors.get_lines() if line.get_marker() == "D")
    np.testing.assert_allclose(diamonds.get_xdata(), result.error_table()["error"])
    bars = [np.array([bar.get_width() for bar in group]) for group in errors.containers]
    np.testing.assert_allclose(sum(bars), diamonds.get_xdata(), atol=1e-12)


def test_figures_of_a_fit_take_both_stages(two_stage_fit, cerebras_held_out):
    figure = bs.plots.curves(two_stage_fit, held_out=cerebras_held_out)
    assert any("held-out" in label for label in legend(figure))
    exponents = bs.plots.exponents(two_stage_fit)
    assert exponents.axes[0].get_xlabel() == "exponent of stage two"
    assert bs.plots.residuals(two_stage_fit).axes


def test_draws_at_the_floor_do_not_break_the_axis(result):
    panel = bs.plots.compounding(result).axes[0]
    _set_limits(panel, np.array([np.inf, 0.0, 1.0, -np.inf]))
    assert panel.get_ylim() == pytest.approx((-0.12, 1.12))
