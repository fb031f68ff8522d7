"""The expected pass rate over training FLOPs and k."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..posterior.fit import Fit
from ._curves import ends_of_curves
from ._pass_at_k import attempts_grid
from .parts import marks, style
from .parts.contours import label_contours
from .parts.draws import expected_grid
from .parts.measured import NOTHING, measured
from .parts.selection import Names, fitted_span, require, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_BUDGETS, _KS = 17, 17  # of the plane, which is smooth between them
_FINE = 120
_MOST_DRAWS = 400  # enough for a median
_COLOURS: dict[str, Any] = {"cmap": "YlGnBu", "vmin": 0.0, "vmax": 1.6}  # up to where black is read on them
_END: dict[str, Any] = {"label": "end of what was fitted", "color": style.GREY, "linewidth": 1.0, "linestyle": "--"}
_LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def pass_contours(
    fit: Fit,
    *,
    benchmark: Names = None,
    family: Names = None,
    ratio: float | None = None,
    flops_to: float | None = None,
    k_to: int | None = None,
    levels: Sequence[float] = _LEVELS,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw the expected pass rate over training FLOPs and k, with the measured rates.

    One panel a benchmark (and family). Lines of equal rate are medians of the expected pass@k: along one of them, fewer
    FLOPs are made up for by more attempts. Colours are the same rates; a measured rate that the fit meets has the
    colour of what lies around it. Beyond the dashed lines nothing was fitted.

    Parameters
    ----------
    fit : Fit
        Of a law of attempts.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    ratio : float, optional
        Training tokens per parameter of the budgets, for a law of both; by default each family's geometric mean over
        its fitted runs.
    flops_to, k_to : float, int, optional
        Where the axes end; by default a decade beyond what was fitted.
    levels : sequence of float
        Rates at which lines are drawn.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Figure
        One panel a curve.

    Raises
    ------
    ValueError
        Where the law describes single scores, for labels that were not fitted, and for levels outside (0, 1).

    Examples
    --------
    >>> bs.plots.pass_contours(pass_fit)  # doctest: +SKIP
    """
    require(fit, "pass_contours", attempts=True)
    if not len(levels) or not all(0 < level < 1 for level in levels):
        raise ValueError(f"levels is {tuple(levels)!r}; expected rates between 0 and 1")
    shown = view(fit, benchmark, family, ratio=ratio, random_seed=random_seed)
    points = measured(fit)
    ends = ends_of_curves(shown, NOTHING, flops_to)
    ks = attempts_grid(max(points.of(*pair).k.max() for pair in shown.curves), k_to, _KS)
    titles = marks.curve_titles(shown)
    figure, axes = style.panels(
        titles, style.ATTEMPTS.label, share_x=len(shown.chosen.families) == 1, extra=1.0 + 0.4 * (len(titles) == 1)
    )
    for panel, (f, b) in zip(axes, shown.curves, strict=True):
        own = points.of(f, b)
        flops = np.geomspace(fitted_span(fit, f, b)[0] / 1.5, ends[f, b], _BUDGETS)
        draws = expected_grid(shown, f, b, flops=flops.tolist(), k=ks.tolist(), most=_MOST_DRAWS)
        lines = _draw_plane(panel, *_refined(flops, ks.astype(float), np.median(draws[:, :, 0, :], axis=0)), levels)
        panel.scatter(own.flops, own.k, c=own.accuracy, s=22, edgecolors="black", linewidths=0.6, zorder=3, **_COLOURS)
        panel.axvline(fitted_span(fit, f, b)[1], **_END)
        panel.axhline(own.k.max(), **_END)
        panel.set_ylim(0.8, float(ks[-1]))
        label_contours(panel, lines, color="black", across=[own.k.max()], up=[fitted_span(fit, f, b)[1]])
    return style.finish(figure, fit, _legend(marks.ratio_remarks(shown)[1]))


def _refined(flops: Floats, ks: Floats, rate: Floats) -> tuple[Floats, Floats, Floats]:
    """Interpolate rates, shape (flops, ks), so that their lines are smooth; on the scale of ``log(-log(1 - rate))``."""
    from scipy.interpolate import RectBivariateSpline

    x, y = np.log(flops), np.log(ks)
    hazard = np.log(-np.log1p(-np.clip(rate, 1e-12, 1 - 1e-12)))
    spline = RectBivariateSpline(x, y, hazard, ky=min(3, len(ks) - 1))
    fine_x, fine_y = (np.linspace(axis[0], axis[-1], _FINE) for axis in (x, y))
    return np.exp(fine_x), np.exp(fine_y), -np.expm1(-np.exp(spline(fine_x, fine_y)))


def _draw_plane(panel: "Axes", flops: Floats, ks: Floats, rate: Floats, levels: Sequence[float]) -> Any:
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter("{x:g}")
    panel.pcolormesh(flops, ks, rate.T, shading="gouraud", rasterized=True, **_COLOURS)
    return panel.contour(flops, ks, rate.T, levels=sorted(set(levels)), colors="black", linewidths=0.7)


def _legend(remark: str) -> list[Any]:
    import matplotlib as mpl

    dots = {"marker": "o", "markersize": 5, "markeredgecolor": "black", "linestyle": "none"}
    return [
        marks.line_handle(f"expected rate{remark or ', median'}", color="black", linewidth=0.7),
        marks.line_handle("fitted rates, in the same colours", color=mpl.colormaps[_COLOURS["cmap"]](0.5), **dots),
        marks.line_handle(**_END),
    ]
