"""Forest of exponents with the population they were drawn from."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..model.curve import curve_coefficients
from ..posterior.draws import flat_draws
from ..posterior.fit import Fit
from .parts import marks, style
from .parts.draws import central
from .parts.selection import Names, View, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def exponents(fit: Fit, *, benchmark: Names = None, family: Names = None, random_seed: int | None = 0) -> "Figure":
    """Draw the exponent of every benchmark (and family) with its 50% and 90% intervals, and the population behind.

    Exponents are local: the slope of -log(-log Q) in log C at the benchmark's reference budget, of a law of attempts at
    k = 1; of a two-stage law at the reference loss, of a logistic its steepness. The darker band is the 90% interval of
    a typical benchmark's exponent, the paler one that of a benchmark yet to be measured. Where a law of one stage
    reads parameters and tokens, that is the exponent at a fixed ratio of the two. Further exponents of a law have
    columns of their own, far from the ceiling: of parameters and of tokens, or that after a turn.

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

    Examples
    --------
    >>> bs.plots.exponents(fit)  # doctest: +SKIP
    """
    shown = view(fit, benchmark, family)
    draws = flat_draws(fit.posterior)
    further = _further_exponents(fit, draws)
    order = sorted(shown.chosen.benchmarks, key=lambda b: float(np.median(draws["exponent_benchmark"][:, b])))
    row = max(0.28, 0.13 * len(shown.chosen.families) + 0.1)
    figure = style.new_figure(6.4 + 1.2 * len(further), row * len(order) + 1.5)
    panels = figure.subplots(1, 1 + len(further), sharey=True, squeeze=False)[0]
    _draw_population(panels[0], draws, np.random.default_rng(random_seed))
    for panel, values in zip(panels, (draws["exponent"], *further.values()), strict=True):
        style.plain(panel)
        _draw_forest(panel, values, shown, order)
    where = "exponent at the reference budget" if fit.stage_one is None else "exponent of stage two"
    first = "exponent of compute" if any(label.startswith("exponent of ") for label in further) else where
    for panel, label in zip(panels, (first, *further), strict=True):
        panel.set_xlim(left=0)
        panel.set_xlabel(label, fontsize=9)
    panels[0].set_yticks(range(len(order)), [fit.reference.labels[b] for b in order])
    panels[0].set_ylim(-0.6, len(order) - 0.4)
    return style.finish(figure, fit, _legend(shown))


def _further_exponents(fit: Fit, draws: dict[str, Floats]) -> dict[str, Floats]:
    """Draws of the exponents that the law derives for its headline, by label, each of shape (samples, curves)."""
    derived = fit.law.derived(curve_coefficients(fit.law, fit.reference, draws))
    exponents = {name: heading for name, heading in fit.law.headline.items() if "exponent" in name.split("_")}
    return {f"exponent {heading}": derived[name] for name, heading in exponents.items() if name in derived}


def _draw_forest(panel: "Axes", values: Floats, shown: View, order: list[int]) -> None:
    reference = shown.fit.reference
    pairs = list(zip(reference.curve_family, reference.curve_benchmark, strict=True))
    for height, b in enumerate(order):
        families = shown.chosen.families_of(reference, b)
        offsets = np.linspace(1, -1, len(families)) * min(0.3, 0.12 * (len(families) - 1))
        for offset, f in zip(offsets, families, strict=True):
            _draw_interval(panel, values[:, pairs.index((f, b))], height + float(offset), style.look(f))
    panel.grid(visible=False, axis="y")


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
    panel.axvline(float(np.median(draws["exponent_population"])), color=style.GREY, linewidth=0.9, zorder=1)


def _draw_interval(panel: "Axes", values: Floats, height: float, look: style.Look) -> None:
    panel.plot(central(values, 0.9), [height] * 2, color=look.colour, linewidth=0.9, zorder=2)
    panel.plot(central(values, 0.5), [height] * 2, color=look.colour, linewidth=2.8, zorder=2)
    marks.draw_values(panel, np.array([np.median(values)]), np.array([height]), look)


def _legend(shown: View) -> list[Any]:
    from matplotlib.patches import Patch

    several = len(shown.chosen.families) > 1
    colour = style.GREY if several else style.look(shown.chosen.families[0]).colour
    interval = {"color": colour, "marker": "o", "linewidth": 2.8, "markeredgecolor": "white"}
    return [
        *(marks.family_handles(shown) if several else []),
        marks.line_handle("median, 50% and 90%", **interval),
        Patch(color="#D9D9D9", label="typical benchmark, 90%"),
        Patch(color="#F0F0F0", label="benchmark yet to be measured, 90%"),
    ]
