"""Intervals of forecast scores side by side: one row a benchmark, one colour a budget."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..runs.columns import score_labels
from ..wording import brief, percent
from .parts import hover, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..forecasting.forecast import Forecast

_MOST_SERIES = 6
_MOST_PANELS = 4
_WIDTHS = (1.0, 2.4, 4.6)  # line widths, of the widest interval first
_TELLING = {"family": "{}", "flops": "{} FLOPs", "ratio": "{} tokens/param.", "k": "k = {}"}


def forecast_intervals(result: "Forecast", probs: tuple[float, ...] = (0.5, 0.9), *, width: float = 7.0) -> "Figure":
    """Draw the intervals of forecast scores, one row a benchmark, one colour a budget.

    Of several families a panel shows each budget, with one colour a family.

    Parameters
    ----------
    result : Forecast
        Of `forecast`; a stored table gives the intervals it holds.
    probs : tuple of float
        Probabilities of the intervals, at most three; thicker bars hold the smaller ones.
    width : float
        Of the figure (inches).

    Returns
    -------
    Figure
        Dots are medians.

    Examples
    --------
    >>> bs.plots.forecast_intervals(forecast)  # doctest: +SKIP
    """
    widths = tuple(sorted(probs, reverse=True))
    if not 0 < len(widths) <= len(_WIDTHS):
        raise ValueError(f"probs={probs!r}; expected one to {len(_WIDTHS)} probabilities")
    table = result.table(probs)
    if _by_family(table):
        return _family_panels(result, table, widths, width)
    table = _placed(table)
    names, order = list(dict.fromkeys(table["series"])), list(dict.fromkeys(table["row"]))
    figure = style.new_figure(width, 0.9 + len(order) * (0.14 + 0.13 * len(names)))
    axes = figure.subplots()
    for number, (name, look) in enumerate(zip(names, style.ordered(len(names)), strict=True)):
        part = table[table["series"] == name]
        place = np.array([order.index(row) for row in part["row"]], float)
        place += (number - (len(names) - 1) / 2) * 0.75 / len(names)
        _draw_part(axes, part, place, look, widths)
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.5, -0.5)
    style.plain(axes)
    axes.set_xlabel(_what(widths), fontsize=9)
    if names != [""]:
        style.legend_below(figure, axes)
    return style.marked(figure, result.converged)


def _by_family(table: pd.DataFrame) -> bool:
    """Whether there are several families, each forecast on a benchmark once at each of a few budgets."""
    if "family" not in table or table["family"].nunique() < 2:
        return False
    budgets = _budgets(table)
    rows = table["family"].astype(str) + "\n" + score_labels(table) + "\n" + budgets
    return budgets.nunique() <= _MOST_PANELS and not rows.duplicated().any()


def _budgets(table: pd.DataFrame) -> pd.Series:
    """What each point's budget is, in words, without its family."""
    words = _series(table.assign(family=""))
    return words.where(words != "", "")


def _family_panels(result: "Forecast", table: pd.DataFrame, widths: tuple[float, ...], width: float) -> "Figure":
    """A panel a budget, a row a benchmark, families in their colours."""
    table = table.assign(panel=_budgets(table), row=score_labels(table), series=table["family"].astype(str))
    names, order = list(dict.fromkeys(table["series"])), list(dict.fromkeys(table["row"]))
    panels = list(dict.fromkeys(table["panel"]))
    figure = style.new_figure(max(width, 2.6 * len(panels) + 1.4), 1.3 + len(order) * (0.14 + 0.11 * len(names)))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, title in zip(grid, panels, strict=True):
        for number, name in enumerate(names):
            part = table[(table["panel"] == title) & (table["series"] == name)]
            place = np.array([order.index(row) for row in part["row"]], float)
            place += (number - (len(names) - 1) / 2) * 0.8 / len(names)
            _draw_part(axes, part, place, style.look(number), widths)
        for edge in range(1, len(order)):
            axes.axhline(edge - 0.5, color="#DDDDDD", linewidth=0.6, zorder=0)
        style.plain(axes)
        axes.grid(visible=False, axis="y")
        axes.set_title(title, fontsize=9, loc="left")
        axes.set_xlabel("score", fontsize=9)
    grid[0].set_yticks(range(len(order)), order)
    grid[0].set_ylim(len(order) - 0.5, -0.5)
    style.legend_below(figure, grid[0], columns=4, title=_what(widths))
    return style.marked(figure, result.converged)


def _what(widths: tuple[float, ...]) -> str:
    return f"score: median, {' and '.join(f'{percent(p)}%' for p in sorted(widths))} intervals"


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """Say of each point in which row it stands, and what tells it from the others there."""
    series, rows = _series(table), score_labels(table)
    if series.nunique() > _MOST_SERIES or pd.Series(rows + "\n" + series).duplicated().any():
        rows = rows + ", " + series
        rows = rows + pd.Series([f" ({n + 1})" if n else "" for n in rows.groupby(rows).cumcount()], rows.index)
        series = pd.Series("", table.index)
    return table.assign(series=series, row=rows)


def _draw_part(axes: "Axes", part: pd.DataFrame, place: Floats, look: style.Look, widths: tuple[float, ...]) -> None:
    for prob, thickness in zip(widths, _WIDTHS, strict=False):
        low, high = part[f"low_{percent(prob)}"], part[f"high_{percent(prob)}"]
        axes.hlines(place, low, high, color=look.colour, linewidth=thickness, alpha=0.45)
    if part.empty:
        return
    [dots] = axes.plot(
        part["median"],
        place,
        color=look.colour,
        marker=look.marker,
        ms=5,
        ls="none",
        mec="white",
        mew=0.5,
        label=part["series"].iloc[0],
    )
    hover.say_of_points(dots, [_said(row, widths) for _, row in part.iterrows()])


def _series(table: pd.DataFrame) -> pd.Series:
    """What tells the points of one benchmark apart, in words."""
    telling = table.assign(ratio=table["tokens"] / table["params"]) if {"tokens", "params"} <= set(table) else table
    parts = {}
    for name, form in _TELLING.items():
        if name in telling and len(telling[name].unique()) > 1:
            rounded = [brief(float(f"{v:.3g}")) if isinstance(v, float) else str(v) for v in telling[name]]
            parts[name] = pd.Series([form.format(value) for value in rounded], table.index)
    if not parts:
        text = [f"{brief(float(f'{value:.3g}'))} FLOPs" for value in table["flops"]]
        return pd.Series(text, table.index)
    if (
        "flops" in parts
        and "ratio" in parts
        and not telling.drop_duplicates(["flops", "ratio"])["flops"].duplicated().any()
    ):
        del parts["ratio"]  # the FLOPs tell it
    return pd.DataFrame(parts).agg(", ".join, axis=1)


def _said(row: pd.Series, widths: tuple[float, ...]) -> str:
    intervals = [
        f"{percent(p)}%: {row[f'low_{percent(p)}']:.3f}–{row[f'high_{percent(p)}']:.3f}" for p in sorted(widths)
    ]
    where = f"{row['row']}, {row['series']}" if row["series"] else row["row"]
    return f"{where}: median {row['median']:.3f}; {', '.join(intervals)}"
