"""Figure of the gain of continuing a run."""

from typing import TYPE_CHECKING

from ..planning.continuing import Continuation
from ._draw import draw
from .parts import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def continuation(answer: Continuation) -> "Figure":
    """Draw the gain of continuing a run against the FLOPs that are added.

    Parameters
    ----------
    answer : Continuation
        Of `continue_run`.

    Returns
    -------
    Figure
        Left: medians and 80% intervals of the gain, and the wanted one. Right: the probability of that; with targets,
        that of reaching them, dashed that of a new run of the same FLOPs.

    Examples
    --------
    >>> bs.continue_run(ratio_fit, "Cerebras-1.3B", [1e21, 1e22], wanted=0.01).plot()  # doctest: +SKIP
    """
    figure = style.new_figure(9.0, 3.8)
    left, right = figure.subplots(1, 2)
    table = answer.table()
    targets = "target" in table
    lines = {"target_probability": "-", "new_target_probability": "--"} if targets else {"probability": "-"}
    for number, (name, rows) in enumerate(table.groupby("benchmark", sort=False)):
        look, ordered = style.look(number), rows.sort_values("more_flops")
        # Side by side: intervals at one amount would cover each other.
        place = ordered["more_flops"] * 10 ** (0.012 * (number - table["benchmark"].nunique() / 2))
        middle, low, high = (100 * ordered[column] for column in ("gain", "gain_low_80", "gain_high_80"))
        left.vlines(place, low, high, color=look.colour, alpha=0.5, linewidth=1.4)
        wide = 2.4 if name == answer.of_mean else 0.9
        left.plot(place, middle, color=look.colour, marker=look.marker, ms=4, linewidth=wide, label=name)
        for column, dashes in lines.items():
            drawn = ordered[ordered[column].notna()]
            shape = {"marker": look.marker, "ms": 4, "linewidth": wide, "linestyle": dashes}
            right.plot(drawn["more_flops"], drawn[column], color=look.colour, **shape)
    wanted = table["wanted"].iloc[0]
    left.axhline(100 * wanted, color=style.GREY, linewidth=0.9, linestyle="--")
    left.set_title("gain (points), with 80% intervals", fontsize=9, loc="left")
    said = (
        "probability of the target; dashed: in a new run"
        if targets
        else f"probability of at least {100 * wanted:g} points"
    )
    right.set_title(said, fontsize=9, loc="left")
    right.set_ylim(-0.02, 1.02)
    for axes in (left, right):
        style.plain(axes)
        if table["more_flops"].max() > table["more_flops"].min():
            axes.set_xscale("log")
        axes.set_xlabel("training FLOPs that are added", fontsize=9)
    return style.finish_answer(figure, left, answer.converged, columns=4)


draw.register(Continuation, continuation)
