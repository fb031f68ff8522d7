"""Pass rates against the number of attempts, at several budgets."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..checks import check_probability
from ..posterior.fit import Fit
from ..runs.planned import budgets
from ..runs.table import Runs
from .parts import marks, style
from .parts.draws import expected_grid
from .parts.lines import Line, draw_curves, line_handles, make_lines
from .parts.measured import Measured, held_out_points, measured
from .parts.selection import Names, View, nearest, require, spread, view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NEAR = 1.3  # factor of FLOPs up to which a run is drawn with a budget
_MOST_FITTED, _MOST_HELD_OUT = 5, 2  # budgets of a panel
_KS = 24


def pass_at_k(
    fit: Fit,
    flops: Sequence[float] | None = None,
    held_out: Runs | None = None,
    *,
    benchmark: Names = None,
    family: Names = None,
    ratio: float | None = None,
    k_to: int | None = None,
    prob: float = 0.9,
    random_seed: int | None = 0,
) -> "Figure":
    """Draw pass@k against k at several training budgets.

    One panel a benchmark (and family), one line a budget: the median of the expected rate, solid up to the largest
    fitted k and dashed beyond it, with its band. Measured rates are drawn in the colour of a budget that their run's
    lies within a factor 1.3 of.

    Parameters
    ----------
    fit : Fit
        Of a law of attempts.
    flops : sequence of float, optional
        Training FLOPs of the lines; by default up to five fitted budgets of each curve, and up to two held-out ones.
    held_out : Runs, optional
        Scored runs that were not fitted, drawn as stars.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    ratio : float, optional
        Training tokens per parameter of the budgets, for a law of both; by default each family's geometric mean over
        its fitted runs.
    k_to : int, optional
        Where the lines end; by default at ten times the largest measured k.
    prob : float
        Probability of the bands.
    random_seed : int, optional
        Seed of what is drawn anew.

    Returns
    -------
    Figure
        One panel a curve.

    Raises
    ------
    ValueError
        Where the law describes single scores, for labels that were not fitted, and for a `k_to` that is no whole number
        above 1.

    Examples
    --------
    >>> bs.plots.pass_at_k(pass_fit)  # doctest: +SKIP
    """
    require(fit, "pass_at_k", attempts=True)
    check_probability("prob", prob)
    asked = None if flops is None else sorted(set(budgets(flops=flops).flops))
    shown = view(fit, benchmark, family, ratio=ratio, random_seed=random_seed)
    fitted, left_out = measured(fit), held_out_points(fit, held_out)
    ks = attempts_grid(max(fitted.of(*pair).k.max() for pair in shown.curves), k_to)
    lines = {pair: _lines(shown, *pair, asked, fitted.of(*pair), left_out.of(*pair), ks) for pair in shown.curves}
    figure, axes = style.panels(marks.curve_titles(shown), "pass@k", axis=style.ATTEMPTS, extra=1.1)
    remark, stars = marks.ratio_remarks(shown)[1], held_out is not None
    handles = line_handles(
        shown, lines, prob, near=" near a budget", labels="training FLOPs", remark=remark, stars=stars
    )
    ends = {pair: fitted.of(*pair).k.max() for pair in shown.curves}
    return draw_curves(figure, axes, shown, lines, prob, handles, ends=ends, end="largest fitted k")


def attempts_grid(fitted_to: float, k_to: int | None, most: int = _KS) -> NDArray[np.int64]:
    """Numbers of attempts, evenly on the log scale as far as they are whole numbers.

    Parameters
    ----------
    fitted_to : float
        Largest fitted k, which is among them.
    k_to : int or None
        Where they end; by default ten times as far.
    most : int
        How many, but for the largest fitted one.

    Returns
    -------
    int array, shape (n,)
        From 1.

    Raises
    ------
    ValueError
        Where `k_to` is no whole number above 1.

    Examples
    --------
    >>> attempts_grid(4, 8).tolist()
    [1, 2, 3, 4, 5, 6, 7, 8]
    """
    if k_to is not None and not (float(k_to).is_integer() and k_to > 1):
        raise ValueError(f"k_to is {k_to!r}; expected a whole number above 1")
    end = 10 * int(fitted_to) if k_to is None else int(k_to)
    grid = np.append(np.geomspace(1, end, most).round(), min(fitted_to, end))
    return np.unique(grid.astype(np.int64))


def _lines(
    shown: View,
    family: int,
    benchmark: int,
    asked: list[float] | None,
    fitted: Measured,
    held_out: Measured,
    ks: NDArray[np.int64],
) -> list[Line]:
    wanted = asked or sorted({*spread(fitted.flops, _MOST_FITTED), *spread(held_out.flops, _MOST_HELD_OUT)})
    expected = expected_grid(shown, family, benchmark, flops=wanted, k=ks.tolist())[:, :, 0, :]
    ratio = shown.ratio_of(family)
    dots, stars = (
        points.split(nearest(points.flops, wanted, _NEAR), len(wanted), "k", ratio) for points in (fitted, held_out)
    )
    labels = [style.short_number(budget) for budget in wanted]
    return make_lines(labels, ks.astype(float), expected.swapaxes(1, 2), ks <= fitted.k.max(), dots, stars)
