"""What a fit leaves over: standardised residuals by benchmark, and the effects of runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats
from ..laws.hazards import beta_log_hazard
from ..model.attempts.likelihood import Counts, Rates, set_curves
from ..posterior.draws import flat_draws
from ..posterior.fit import Fit
from .parts import marks, style
from .parts.draws import central
from .parts.measured import measured
from .parts.selection import Names, View, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_MOST_DRAWS = 500  # more change a mean by less than its line is wide


@dataclass(frozen=True)
class Residuals:
    """Standardised residuals.

    Attributes
    ----------
    row : int array, shape (n,)
        Fitted row of each: a score, or a set of samples.
    z : array, shape (n,)
        In standard deviations.
    """

    row: NDArray[np.int64]
    z: Floats


def residuals(fit: Fit, *, benchmark: Names = None, family: Names = None) -> "Figure":
    """Draw standardised residuals against training FLOPs, one panel a benchmark, and below them the runs' effects.

    A residual is the score less its fitted expectation (what its run has of its own included), in standard deviations
    of its noise: about 95% lie within the grey band when the fit describes the scores, and no trend is left in them.
    Rates of one run at several k come from the same samples and miss their curve together; their residuals are those of
    the independent combinations that the likelihood sees. Of counts they are those of pass@1 and of the pass rate at
    the largest power of two that each problem's attempts allow.

    The last panel has the effect of each run on all its benchmarks with its 50% and 90% intervals; above 0 the run did
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

    Examples
    --------
    >>> bs.plots.residuals(fit)  # doctest: +SKIP
    """
    shown = view(fit, benchmark, family)
    found = standardised_residuals(fit)
    with_runs = "run_effect" in fit.posterior
    rows, columns = style.grid_shape(len(shown.titles))
    heights = [1.7 * rows + 0.4, 2.3] if with_runs else [1.7 * rows + 0.4]
    figure = style.new_figure(max(2.5 * columns, 6.4), sum(heights) + 0.6)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    largest = max(3.0, 1.1 * float(np.abs(found.z).max()))
    panels = style.panel_grid(parts[0], shown.titles, "standardised residual")
    for panel, b in zip(panels, shown.chosen.benchmarks, strict=True):
        _draw_residuals(panel, shown, b, found)
        panel.set_ylim(-largest, largest)
    if with_runs:
        _draw_runs(parts[1].subplots(), shown)
    return style.finish(figure, fit, _legend(shown))


def standardised_residuals(fit: Fit) -> Residuals:
    """Score less its fitted expectation, over the standard deviation of its noise.

    Parameters
    ----------
    fit : Fit
        A fitted law.

    Returns
    -------
    Residuals
        ``(value - mean expected) / sqrt(mean sd^2)``, means over the posterior: of each score, of each independent
        value of the rates of a set, or of two rates of the counts of a set.
    """
    draws = flat_draws(fit.posterior)
    step = max(1, len(next(iter(draws.values()))) // _MOST_DRAWS)
    named = {name: values[::step] for name, values in draws.items()}
    observed = fit.fitted.observed
    if isinstance(observed, Counts):
        return _residuals_of_counts(fit, observed, named)
    expected, sd = observed.moments(fit.reference, fit.rows, named)
    row = np.arange(len(fit.rows))
    if isinstance(observed, Rates):
        row = np.repeat(row, [len(rotation.problems) for rotation in observed.sets.rotations])
    return Residuals(row, _standardised(observed.values, expected, sd))


def _residuals_of_counts(fit: Fit, observed: Counts, named: dict[str, Floats]) -> Residuals:
    """Residuals of the rates at the smallest and largest k of each set, whose noise follows from the beta curve."""
    points = measured(fit)
    ends = np.diff(points.unit, prepend=-1, append=-1) != 0
    points = points.where(ends[:-1] | ends[1:])
    curves = set_curves(observed.law, fit.reference, fit.rows, named)
    log_bend = observed.law.log_bend(*curves)[:, points.unit]

    def failure(k: Floats) -> Floats:
        return np.exp(-np.exp(beta_log_hazard(curves[0][:, points.unit], log_bend, k)))

    k, n = points.k, points.n_samples
    once = failure(k)
    variance = (failure(2 * k - k**2 / n) - once**2) / observed.sets.items[points.unit]
    return Residuals(points.unit, _standardised(points.accuracy, 1 - once, np.sqrt(variance)))


def _standardised(values: Floats, expected: Floats, sd: Floats) -> Floats:
    return (values - expected.mean(axis=0)) / np.sqrt((sd**2).mean(axis=0))


def _draw_residuals(panel: "Axes", shown: View, benchmark: int, found: Residuals) -> None:
    panel.axhspan(-2, 2, color="#E8E8E8", linewidth=0, zorder=0)
    panel.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    rows = shown.fit.rows
    for f in shown.chosen.families_of(shown.fit.reference, benchmark):
        at = (rows.family[found.row] == f) & (rows.benchmark[found.row] == benchmark)
        marks.draw_values(panel, np.exp(rows.log_flops[found.row[at]]), found.z[at], style.look(f))


def _draw_runs(panel: "Axes", shown: View) -> None:
    fit = shown.fit
    effects = flat_draws(fit.posterior)["run_effect"]
    runs = np.flatnonzero(np.isin(fit.reference.run_family, shown.chosen.families))
    flops = np.array([np.exp(fit.rows.log_flops[fit.rows.run == r].mean()) for r in runs])
    flops = _side_by_side(flops, np.array(fit.reference.run_family)[runs])
    wide, narrow = central(effects[:, runs], 0.9), central(effects[:, runs], 0.5)
    style.log_axis(panel, style.FLOPS)
    panel.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    for i, r in enumerate(runs):
        look = style.look(fit.reference.run_family[r])
        panel.plot([flops[i]] * 2, wide[:, i], color=look.colour, linewidth=0.9, zorder=2)
        panel.plot([flops[i]] * 2, narrow[:, i], color=look.colour, linewidth=2.6, zorder=2)
        marks.draw_values(panel, flops[[i]], np.median(effects[:, [r]], axis=0), look)
    _name_unusual(panel, [fit.reference.runs[r] for r in runs], flops, wide)
    panel.set_title("effects of runs, shared by all their benchmarks", fontsize=9, loc="left")
    panel.set_xlabel("training FLOPs", fontsize=9)
    panel.set_ylabel("log error (above 0: worse)", fontsize=9)


def _name_unusual(panel: "Axes", names: list[str], flops: Floats, wide: Floats) -> None:
    """Name runs whose effect is surely none of chance, the surest first, as far as their names leave room."""
    figure = panel.get_figure(root=True)
    assert figure is not None
    sure = np.maximum(wide[0], -wide[1]) / (wide[1] - wide[0])
    taken: list[Any] = []
    low, high = panel.get_ylim()
    panel.set_ylim(low, high + 0.16 * (high - low))
    figure.draw_without_rendering()
    frame = panel.get_window_extent()
    for i in np.argsort(-sure):
        if sure[i] <= 0:
            break
        how: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "fontsize": 7}
        text = panel.annotate(names[i], (flops[i], wide[1, i]), (0, 3), **how, path_effects=style.halo())
        box = text.get_window_extent()
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and box.y1 <= frame.y1
        if inside and not any(box.padded(1).overlaps(other) for other in taken):
            taken.append(box)
        else:
            text.remove()


def _side_by_side(flops: Floats, family: NDArray[np.int64]) -> Floats:
    """Move families apart by 1% of the axis each, so that runs of one budget do not hide each other."""
    place = np.unique(family, return_inverse=True)[1]
    return flops * (flops.max() / flops.min()) ** (0.01 * (place - place.mean()))


def _legend(shown: View) -> list[Any]:
    from matplotlib.patches import Patch

    return [*marks.family_handles(shown), Patch(color="#E8E8E8", label="± 2 standard deviations")]
