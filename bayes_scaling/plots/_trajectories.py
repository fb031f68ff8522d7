"""Training runs along their checkpoints: the law, where each run stands to it, and the forecast of its rest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..checks import check_probability
from ..posterior.fit import Fit
from .parts import marks, style
from .parts.along import Along, chosen_runs, draw_along
from .parts.draws import central, local_quadratic
from .parts.selection import Names, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOTTED = (0, (1, 1.5))


def trajectories(
    fit: Fit,
    run: Names = None,
    *,
    benchmark: Names = None,
    flops_to: float | None = None,
    annealed: bool | None = None,
    prob: float = 0.9,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw training runs along their checkpoints, one panel a benchmark, and below them where the runs stand.

    Dots are the checkpoints. The dotted line is the law alone at the run's size: what a run without luck is expected to
    score. The line and its band are of the run itself, whose luck is known up to its last checkpoint and fades from
    there: solid along the fitted checkpoints, dashed for the rest. The band holds what the run measures.

    The panel below has the same of the mean over the run's benchmarks, less the law: how far the run stands above or
    below it.

    Parameters
    ----------
    fit : Fit
        A fitted law of single scores or of two stages, on a table with checkpoints (``trajectory``).
    run : str or sequence of str, optional
        The training runs; by default all that have several checkpoints.
    benchmark : str or sequence of str, optional
        What to show; by default all that was fitted.
    flops_to : float, optional
        Where forecasts end (training FLOPs); by default at four times each run's last checkpoint.
    annealed : bool, optional
        Whether the learning rate is decayed beyond the last checkpoint, as of `budgets`.
    prob : float
        Probability of the bands.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Figure
        One panel a benchmark, and one for where the runs stand; runs in colours.

    Raises
    ------
    ValueError
        For a run without checkpoints, a benchmark that was not fitted, or a `flops_to` that a run has passed.

    Examples
    --------
    >>> bs.plots.trajectories(checkpoints_fit)  # doctest: +SKIP
    """
    width = check_probability("prob", prob)
    asked = chosen_runs(fit, run)
    shown = view(fit, benchmark, None, random_seed=random_seed)
    options: dict[str, Any] = {"flops_to": flops_to, "annealed": annealed, "random_seed": random_seed}
    every = [draw_along(fit, one, shown.chosen.benchmarks, **options) for one in asked]
    scored = [b for b in shown.chosen.benchmarks if any(b in one.expected for one in every)]
    titles = [fit.reference.labels[b] for b in scored]
    rows, columns = style.grid_shape(len(titles))
    heights = [2.0 * rows + 0.4, 2.2]
    figure = style.new_figure(max(2.5 * columns, 6.4), sum(heights) + 0.7)
    parts = figure.subfigures(2, 1, height_ratios=heights, squeeze=False)[:, 0]
    for panel, b in zip(style.panel_grid(parts[0], titles, "accuracy"), scored, strict=True):
        looks = {i: style.look(i) for i, one in enumerate(every) if b in one.expected}
        seen = [_draw(panel, every[i], b, look, width) for i, look in looks.items()]
        style.set_limits(panel, np.concatenate(seen))
    _draw_standing(parts[1].subplots(), every, width)
    return style.finish(figure, fit, _legend(every, width))


def _draw(panel: "Axes", one: Along, benchmark: int, look: style.Look, prob: float) -> Floats:
    """Draw a run on a benchmark, and return the heights that it takes."""
    dots = one.dots[benchmark]
    band = _draw_run(panel, one, one.score[benchmark], look, prob, bounds=(0.0, 1.0))
    law = np.median(one.expected[benchmark], axis=0)
    panel.plot(one.flops, law, color=look.colour, linewidth=1.0, linestyle=_DOTTED, label="law", zorder=2)
    marks.draw_dots(panel, dots, look)
    return np.concatenate([band.ravel(), law, dots.y])


def _draw_run(
    panel: "Axes", one: Along, draws: Floats, look: style.Look, prob: float, bounds: tuple[float, float]
) -> Floats:
    """Draw the band and the median of what a run measures: solid along its checkpoints, dashed for its rest."""
    low, high = central(draws, prob)
    middle = np.median(draws, axis=0)
    smooth = np.stack([_by_parts(one, values) for values in (low, middle, high)])
    smooth = np.clip(smooth, *bounds)
    marks.draw_bands(panel, one.flops, [smooth[[0, 2]]], look.colour)
    marks.draw_median(panel, one.flops, smooth[1:2], look.colour, one.fitted)
    panel.plot(
        [one.last] * 2, smooth[[0, 2], one.fitted.sum() - 1], color=look.colour, linewidth=0.8, label="last checkpoint"
    )
    return smooth


def _by_parts(one: Along, values: Floats) -> Floats:
    """Smooth bounds along the checkpoints and beyond them, each by itself: at the last one what is known ends."""
    x, out = np.log(one.flops), values.copy()
    for part in (one.fitted, ~one.fitted):
        if part.sum() >= 9:
            out[part] = local_quadratic(x[part], values[part])
    return out


def _draw_standing(panel: "Axes", every: Sequence[Along], prob: float) -> None:
    """Draw how far each run stands above the law, on the mean of its benchmarks (points)."""
    style.log_axis(panel, style.FLOPS)
    panel.axhline(0, color=style.GREY, linewidth=1.0, linestyle=_DOTTED, zorder=1)
    for i, one in enumerate(every):
        above = np.mean([one.score[b] - one.expected[b] for b in one.score], axis=0)
        _draw_run(panel, one, 100 * above, style.look(i), prob, bounds=(-100.0, 100.0))
    panel.set_title("the runs above the law, mean over their benchmarks", fontsize=9, loc="left")
    panel.set_xlabel("training FLOPs", fontsize=9)
    panel.set_ylabel("points", fontsize=9)


def _legend(every: Sequence[Along], prob: float) -> list[Any]:
    from matplotlib.patches import Patch

    handles = []
    for i, one in enumerate(every):
        look = style.look(i)
        said = f"{one.name}{', learning rate decayed beyond' if one.decays else ''}"
        handles.append(marks.line_handle(said, color=look.colour, marker=look.marker, markersize=5, linestyle="none"))
    grey = {"color": style.GREY}
    handles.append(marks.line_handle("law alone", linestyle=_DOTTED, **grey))
    handles.append(marks.line_handle("the run", **grey))
    handles.append(marks.line_handle("forecast of its rest", linestyle=marks.DASHES, **grey))
    handles.append(marks.line_handle("last checkpoint", linestyle="none", marker="|", markersize=9, **grey))
    return [*handles, Patch(color=style.GREY, alpha=0.22, linewidth=0, label=f"{100 * prob:.10g}% of its scores")]
