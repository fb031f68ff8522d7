"""What a fit leaves over: standardised residuals by benchmark, and the effects of runs."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..posterior import Fit, flat_draws
from ..prediction import fitted_moments
from . import _style
from ._selection import Names, Selection, central, member, select

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

_MOST_DRAWS = 500  # more change a mean by less than its line is wide


def residuals(fit: Fit, *, benchmark: Names = None, family: Names = None) -> "Figure":
    """Draw standardised residuals against training FLOPs, one panel a benchmark, and below them the runs' effects.

    A residual is the score less its fitted expectation (the run's effect included), in standard deviations of its
    noise: about 95% lie within the grey band when the fit describes the scores, and no trend is left in them. The
    last panel has the effect of each run on all its benchmarks with its 50% and 90% intervals; above 0 the run did
    worse than its budget says. Runs whose 90% interval leaves out 0 are named.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.

    Returns
    -------
    Figure
        One panel a benchmark, and one for the runs where the law has effects of runs.

    Raises
    ------
    ValueError
        For labels that were not fitted.
    """
    chosen = select(fit.reference, benchmark, family)
    z = standardised_residuals(fit)
    with_runs = "run_effect" in fit.posterior
    rows, columns = _style.grid_shape(len(chosen.benchmarks))
    heights = [1.7 * rows + 0.4, 2.3] if with_runs else [1.7 * rows + 0.4]
    figure = _style.new_figure(max(2.5 * columns, 6.4), sum(heights) + 0.6)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    largest = max(3.0, 1.1 * float(np.abs(z).max()))
    titles = [fit.reference.labels[b] for b in chosen.benchmarks]
    for panel, b in zip(_style.panel_grid(parts[0], titles, "standardised residual"), chosen.benchmarks, strict=True):
        _draw_residuals(panel, fit, chosen, b, z)
        panel.set_ylim(-largest, largest)
    if with_runs:
        _draw_runs(parts[1].subplots(), fit, chosen)
    _style.add_legend(figure, _legend(fit, chosen))
    _style.mark_convergence(figure, fit)
    return figure


def standardised_residuals(fit: Fit) -> Floats:
    """Score less its fitted expectation, over the standard deviation of its noise.

    Parameters
    ----------
    fit : Fit
        A fitted law.

    Returns
    -------
    array, shape (rows,)
        ``(accuracy - mean expected) / sqrt(mean sd^2)``, means over the posterior.
    """
    draws = flat_draws(fit.posterior)
    step = max(1, len(next(iter(draws.values()))) // _MOST_DRAWS)
    expected, sd = fitted_moments(fit.law, fit.reference, fit.rows, {name: v[::step] for name, v in draws.items()})
    accuracy = fit.runs.frame["accuracy"].to_numpy(float)
    return (accuracy - expected.mean(axis=0)) / np.sqrt((sd**2).mean(axis=0))


def _draw_residuals(panel: "Axes", fit: Fit, chosen: Selection, benchmark: int, z: Floats) -> None:
    panel.axhspan(-2, 2, color="#E8E8E8", linewidth=0, zorder=0)
    panel.axhline(0, color=_style.GREY, linewidth=0.8, zorder=1)
    for f in chosen.families_of(fit.reference, benchmark):
        at = member(fit, f, benchmark)
        _style.draw_scores(panel, np.exp(fit.rows.log_flops[at]), z[at], _style.look(f))


def _draw_runs(panel: "Axes", fit: Fit, chosen: Selection) -> None:
    effects = flat_draws(fit.posterior)["run_effect"]
    shown = np.flatnonzero(np.isin(fit.reference.run_family, chosen.families))
    flops = np.array([np.exp(fit.rows.log_flops[fit.rows.run == r].mean()) for r in shown])
    flops = _side_by_side(flops, np.array(fit.reference.run_family)[shown])
    wide, narrow = central(effects[:, shown], 0.9), central(effects[:, shown], 0.5)
    _style.flops_axis(panel)
    panel.axhline(0, color=_style.GREY, linewidth=0.8, zorder=1)
    for i, r in enumerate(shown):
        look = _style.look(fit.reference.run_family[r])
        panel.plot([flops[i]] * 2, wide[:, i], color=look.colour, linewidth=0.9, zorder=2)
        panel.plot([flops[i]] * 2, narrow[:, i], color=look.colour, linewidth=2.6, zorder=2)
        _style.draw_scores(panel, flops[[i]], np.median(effects[:, [r]], axis=0), look)
        if wide[0, i] > 0 or wide[1, i] < 0:
            panel.annotate(
                fit.reference.runs[r],
                (flops[i], wide[1, i]),
                (0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=7,
            )
    panel.set_title("effects of runs, shared by all their benchmarks", fontsize=9, loc="left")
    panel.set_xlabel("training FLOPs", fontsize=9)
    panel.set_ylabel("log error (above 0: worse)", fontsize=9)


def _side_by_side(flops: Floats, family: NDArray[np.int64]) -> Floats:
    """Move families apart by 1% of the axis each, so that runs of one budget do not hide each other."""
    place = np.unique(family, return_inverse=True)[1]
    return flops * (flops.max() / flops.min()) ** (0.01 * (place - place.mean()))


def _legend(fit: Fit, chosen: Selection) -> list[Any]:
    from matplotlib.patches import Patch

    return [*_style.family_handles(fit, chosen.families), Patch(color="#E8E8E8", label="± 2 standard deviations")]
