"""Scores against training FLOPs, one panel a benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..points import check_labels
from ..posterior import Fit, flat_draws
from ..runs import Runs
from ..summarising import highest_accuracies
from . import _style
from ._selection import CurveDraws, Names, Selection, central, check_probs, curve_draws, member, select, smoothed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Scores:
    """Scores to draw: codes of their family and benchmark, training FLOPs and accuracies, each of shape (rows,)."""

    family: NDArray[np.int64]
    benchmark: NDArray[np.int64]
    flops: Floats
    accuracy: Floats

    def of(self, family: int, benchmark: int) -> tuple[Floats, Floats]:
        at = (self.family == family) & (self.benchmark == benchmark)
        return self.flops[at], self.accuracy[at]


def curves(
    fit: Fit,
    held_out: Runs | None = None,
    *,
    benchmark: Names = None,
    family: Names = None,
    flops_to: float | None = None,
    probs: Sequence[float] = (0.5, 0.9),
    random_seed: int | None = 0,
) -> "Figure":
    """Draw scores against training FLOPs with what the fit expects, one panel a benchmark.

    The line is the median of the expected score, solid over the fitted budgets and dashed beyond them. The darker bands
    hold the expected score (the curve alone), the palest band the measured score of a new run. The dashed grey
    line is chance, the dotted one the median of the highest accuracy that the curve approaches.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    held_out : Runs, optional
        Scored runs that were not fitted, drawn as stars; the fit does not see them.
    benchmark, family : str or sequence of str, optional
        What to show; by default everything that was fitted.
    flops_to : float, optional
        Where the curves end (training FLOPs); by default a decade beyond the fitted budgets, or further where held-out
        runs are larger.
    probs : sequence of float
        Probabilities of the bands of the expected score; the band of a new run's score has the largest.
    random_seed : int, optional
        Seed of what is drawn anew for the bands.

    Returns
    -------
    Figure
        One panel a benchmark, families in colours.

    Raises
    ------
    ValueError
        For labels that were not fitted, held-out runs without accuracies, and a `flops_to` below the fitted budgets.
    """
    widths = check_probs(probs)
    chosen = select(fit.reference, benchmark, family)
    fitted = _scores(fit, fit.runs)
    left_out = _held_out_scores(fit, held_out)
    end = _end(chosen, fitted, left_out, flops_to)
    highest = np.median(highest_accuracies(fit.reference, flat_draws(fit.posterior)), axis=0)
    figure, axes = _style.panels([fit.reference.labels[b] for b in chosen.benchmarks], "accuracy", extra=1.3)
    shown = widths if len(chosen.families) == 1 else widths[:1]  # lest the families' bands hide each other
    for panel, b in zip(axes, chosen.benchmarks, strict=True):
        seen = [np.array([fit.reference.benchmarks[b].chance])]
        for f in chosen.families:
            flops, accuracy = fitted.of(f, b)
            stars = left_out.of(f, b)
            if len(flops):
                start = min(flops.min(), stars[0].min(initial=np.inf))
                drawn = curve_draws(fit, f, b, flops_from=start, flops_to=end, random_seed=random_seed)
                scores = _score_band(drawn, widths[0])
                _draw_curve(panel, drawn, scores, _style.look(f).colour, shown)
                seen.append(scores.ravel())
            _draw_points(panel, _style.look(f), (flops, accuracy), stars)
            seen += [accuracy, stars[1]]
        _set_limits(panel, np.concatenate(seen))
        _draw_lines(panel, fit, b, chosen, highest)
    _style.add_legend(figure, _legend(fit, chosen, widths, stars=held_out is not None))
    _style.mark_convergence(figure, fit)
    return figure


def _scores(fit: Fit, runs: Runs) -> _Scores:
    frame = runs.frame
    rows = fit.reference.encode(frame)
    return _Scores(rows.family, rows.benchmark, np.exp(rows.log_flops), frame["accuracy"].to_numpy(float))


def _held_out_scores(fit: Fit, held_out: Runs | None) -> _Scores:
    if held_out is None:
        return _Scores(np.empty(0, int), np.empty(0, int), np.empty(0), np.empty(0))
    frame = held_out.frame
    if "accuracy" not in frame:
        raise ValueError("the held-out runs have no accuracy column; expected scored runs, not planned ones")
    check_labels(fit.reference, frame)
    return _scores(fit, held_out)


def _end(chosen: Selection, fitted: _Scores, held_out: _Scores, flops_to: float | None) -> float:
    def shown(scores: _Scores) -> Floats:
        return scores.flops[np.isin(scores.family, chosen.families) & np.isin(scores.benchmark, chosen.benchmarks)]

    largest = float(shown(fitted).max())
    if flops_to is None:
        return max(10 * largest, 1.3 * float(shown(held_out).max(initial=0.0)))
    if not (np.isfinite(flops_to) and flops_to >= largest):
        raise ValueError(f"flops_to is {flops_to!r}; expected at least the largest fitted FLOPs, {largest:.3g}")
    return float(flops_to)


def _score_band(drawn: CurveDraws, width: float) -> Floats:
    return np.clip(smoothed(np.log(drawn.flops), central(drawn.score, width)), 0.0, 1.0)


def _draw_curve(panel: "Axes", drawn: CurveDraws, scores: Floats, colour: str, widths: Sequence[float]) -> None:
    """Draw the bands, and the median: solid over the fitted budgets, dashed beyond."""
    panel.fill_between(drawn.flops, *scores, color=colour, alpha=0.12, linewidth=0)
    for width in widths:
        panel.fill_between(drawn.flops, *central(drawn.expected, width), color=colour, alpha=0.22, linewidth=0)
    median = np.median(drawn.expected, axis=0)
    inside = drawn.flops <= drawn.fitted_to * (1 + 1e-9)
    panel.plot(drawn.flops[inside], median[inside], color=colour, linewidth=1.4)
    last = max(int(inside.sum()) - 1, 0)
    panel.plot(drawn.flops[last:], median[last:], color=colour, linewidth=1.4, linestyle=(0, (3, 1.5)))


def _draw_points(panel: "Axes", look: _style.Look, fitted: tuple[Floats, Floats], stars: tuple[Floats, Floats]) -> None:
    _style.draw_scores(panel, *fitted, look)
    if len(stars[0]):
        panel.plot(
            *stars,
            color=look.colour,
            marker="*",
            linestyle="none",
            markersize=11,
            markeredgecolor="black",
            markeredgewidth=0.7,
            label="held out",
            zorder=4,
        )


def _set_limits(panel: "Axes", seen: Floats) -> None:
    low, high = seen.min(), seen.max()
    pad = 0.05 * (high - low)
    panel.set_ylim(max(low - pad, -0.01), min(high + pad, 1.01))


def _draw_lines(panel: "Axes", fit: Fit, benchmark: int, chosen: Selection, highest: Floats) -> None:
    """Draw chance, the end of the fitted budgets and the highest accuracies; one beyond the panel is said in words."""
    families = chosen.families_of(fit.reference, benchmark)
    chance = fit.reference.benchmarks[benchmark].chance
    panel.axhline(chance, color=_style.GREY, linewidth=0.9, linestyle="--", label="chance", zorder=1)
    ends = [np.exp(fit.rows.log_flops[member(fit, f, benchmark)].max()) for f in families]
    panel.axvline(max(ends), color=_style.GREY, linewidth=0.8, label="end of fitted budgets", zorder=1)
    left, right = panel.get_xlim()
    panel.axvspan(max(ends), 2 * right, color="#F4F4F4", linewidth=0, zorder=0)
    panel.set_xlim(left, right)
    pairs = list(zip(fit.reference.curve_family, fit.reference.curve_benchmark, strict=True))
    found = [float(highest[pairs.index((f, benchmark))]) for f in families]
    for f, accuracy in zip(families, found, strict=True):
        panel.axhline(accuracy, color=_style.look(f).colour, linewidth=1.1, linestyle=":", label="highest accuracy")
    if min(found) > panel.get_ylim()[1]:
        said = " to ".join(dict.fromkeys(f"{accuracy:.2f}" for accuracy in (min(found), max(found))))
        panel.text(
            0.03, 0.97, f"highest accuracy {said} ↑", transform=panel.transAxes, va="top", fontsize=7, color=_style.GREY
        )


def _legend(fit: Fit, chosen: Selection, widths: list[float], *, stars: bool) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    several = len(chosen.families) > 1
    colour = _style.GREY if several else _style.look(chosen.families[0]).colour
    handles = _style.family_handles(fit, chosen.families)
    if stars:
        handles.append(
            Line2D(
                [],
                [],
                color=colour,
                marker="*",
                markersize=10,
                markeredgecolor="black",
                linestyle="none",
                label="held-out scores",
            )
        )
    handles.append(Line2D([], [], color=colour, label="expected score, median"))
    shown = widths[:1] if several else widths
    handles += [
        Patch(color=colour, alpha=1 - 0.78 ** (i + 1), linewidth=0, label=f"expected score, {100 * width:g}%")
        for i, width in enumerate(shown)
    ]
    handles.append(Patch(color=colour, alpha=0.12, linewidth=0, label=f"score of a new run, {100 * widths[0]:g}%"))
    handles.append(Line2D([], [], color=_style.GREY, linestyle="--", linewidth=0.9, label="chance"))
    handles.append(Line2D([], [], color=colour, linestyle=":", label="highest accuracy, median"))
    handles.append(Line2D([], [], color=_style.GREY, linewidth=0.8, label="end of fitted budgets"))
    return handles
