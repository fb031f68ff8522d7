"""Forest of exponents with the population they were drawn from."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..posterior import Fit, flat_draws
from . import _style
from ._selection import Names, Selection, central, select

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


def exponents(fit: Fit, *, benchmark: Names = None, family: Names = None, random_seed: int | None = 0) -> "Figure":
    """Draw the exponent of every benchmark (and family) with its 50% and 90% intervals, and the population behind.

    Exponents are local: the slope of -log(-log Q) in log C at the benchmark's reference budget. The darker band is the
    90% interval of a typical benchmark's exponent, the paler one that of a benchmark yet to be measured.

    Parameters
    ----------
    fit : Fit
        A fitted law with an exponent.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    random_seed : int, optional
        Seed of the benchmark yet to be measured.

    Returns
    -------
    Figure
        One row a benchmark, the largest exponent at the top, families in colours.

    Raises
    ------
    ValueError
        For labels that were not fitted.
    """
    chosen = select(fit.reference, benchmark, family)
    draws = flat_draws(fit.posterior)
    pairs = list(zip(fit.reference.curve_family, fit.reference.curve_benchmark, strict=True))
    order = sorted(chosen.benchmarks, key=lambda b: float(np.median(draws["exponent_benchmark"][:, b])))
    several = len(chosen.families) > 1
    row = max(0.28, 0.13 * len(chosen.families) + 0.1)
    figure = _style.new_figure(6.4, row * len(order) + 1.5)
    panel = figure.subplots()
    _style.plain(panel)
    _draw_population(panel, draws, np.random.default_rng(random_seed))
    for height, b in enumerate(order):
        families = chosen.families_of(fit.reference, b)
        offsets = np.linspace(0.3, -0.3, len(families)) if len(families) > 1 else [0.0]
        for offset, f in zip(offsets, families, strict=True):
            _draw_interval(panel, draws["exponent"][:, pairs.index((f, b))], height + float(offset), _style.look(f))
    panel.set_yticks(range(len(order)), [fit.reference.labels[b] for b in order])
    panel.set_ylim(-0.6, len(order) - 0.4)
    panel.set_xlim(left=0)
    panel.grid(visible=False, axis="y")
    panel.set_xlabel("exponent at the reference budget", fontsize=9)
    _style.add_legend(figure, _legend(fit, chosen, several=several))
    _style.mark_convergence(figure, fit)
    return figure


def new_benchmark(draws: dict[str, Floats], rng: np.random.Generator) -> Floats:
    """Draws of the exponent of a benchmark yet to be measured, shape (samples,).

    Parameters
    ----------
    draws : dict of str to array
        ``exponent_population`` and, unless left out, ``exponent_benchmark_sd``, each of shape (samples,).
    rng : Generator
        Source of the draws.

    Returns
    -------
    array, shape (samples,)
        Log-normal about the population.

    Examples
    --------
    >>> draws = {"exponent_population": np.full(3, 0.2)}
    >>> new_benchmark(draws, np.random.default_rng(0)).tolist()
    [0.2, 0.2, 0.2]
    """
    population = draws["exponent_population"]
    spread = draws.get("exponent_benchmark_sd", np.zeros_like(population))
    return population * np.exp(spread * rng.standard_normal(len(population)))


def _draw_population(panel: "Axes", draws: dict[str, Floats], rng: np.random.Generator) -> None:
    for values, shade in ((new_benchmark(draws, rng), "#F0F0F0"), (draws["exponent_population"], "#D9D9D9")):
        low, high = central(values, 0.9)
        panel.axvspan(low, high, color=shade, linewidth=0, zorder=0)
    panel.axvline(float(np.median(draws["exponent_population"])), color=_style.GREY, linewidth=0.9, zorder=1)


def _draw_interval(panel: "Axes", values: Floats, height: float, look: _style.Look) -> None:
    panel.plot(central(values, 0.9), [height] * 2, color=look.colour, linewidth=0.9, zorder=2)
    panel.plot(central(values, 0.5), [height] * 2, color=look.colour, linewidth=2.8, zorder=2)
    _style.draw_scores(panel, np.array([np.median(values)]), np.array([height]), look)


def _legend(fit: Fit, chosen: Selection, *, several: bool) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    colour = _style.GREY if several else _style.look(chosen.families[0]).colour
    named = _style.family_handles(fit, chosen.families) if several else []
    return [
        *named,
        Line2D([], [], color=colour, marker="o", linewidth=2.8, markeredgecolor="white", label="median, 50% and 90%"),
        Patch(color="#D9D9D9", label="typical benchmark, 90%"),
        Patch(color="#F0F0F0", label="benchmark yet to be measured, 90%"),
    ]
