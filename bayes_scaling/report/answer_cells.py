"""Tables of planning answers for readers: words in place of names of columns, rounded, with intervals in one cell."""

import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ..wording import brief_number, times_in_words

Form = Callable[[float], str]


def _percent(value: float) -> str:
    if not 0.0005 <= value <= 0.9995:
        return "below 0.1%" if value < 0.5 else "above 99.9%"
    return f"{100 * value:.2g}%" if value < 0.0995 else f"{value:.1%}" if value > 0.995 else f"{value:.0%}"


def _times(value: float) -> str:
    return times_in_words(value) if value > 0.02 else "within"


def _grouped(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def _points(value: float) -> str:
    return f"{100 * value:.2g} points"


#: What readers see of each column, and how its numbers are written; None for what says nothing to them.
_WORDS: Mapping[str, tuple[str, Form | None]] = {
    "target": ("wanted score", None),
    "probability": ("probability", _percent),
    "flops": ("FLOPs", None),
    "params": ("parameters", None),
    "decades_beyond": ("beyond the fitted runs", _times),
    "at_most": ("most FLOPs allowed", None),
    "probability_at_most": ("probability with these", _percent),
    "passes": ("expected curve passes at", None),
    "never_passes": ("draws whose curve never passes", _percent),
    "relative_error": ("error of the FLOPs by counting draws", _percent),
    "params_decided": ("parameters to train", None),
    "tokens_decided": ("tokens to train on", None),
    "ratio": ("tokens per parameter", None),
    "lost_at_round_ratio": ("lost at the usual ratio", _points),
    "lost_under_cap": ("lost by the cap", _points),
    "variance_removed": ("variance removed", _percent),
    "sd_after": ("standard deviation left", _points),
    "loss_removed": ("expected loss removed", _points),
    "per_cost": ("worth per cost, best = 1", None),
    "chosen": ("choice", None),
    "mean_rank": ("mean rank", None),
    "best": ("is the best", _percent),
    "small_scale": ("score of its small run", None),
    "small_scale_rank": ("rank of its small run", None),
    "holds": ("keeps that order", _percent),
    "more_flops": ("FLOPs more", None),
    "score_now": ("score now", None),
    "wanted": ("wanted gain", None),
    "budget": ("FLOPs in all allowed", None),
    "inference_flops": ("FLOPs of answering", None),
    "total_flops": ("FLOPs in all", None),
    "rate": ("pass rate", None),
    "flops_best": ("best FLOPs of the draws", None),
    "k_best": ("best k of the draws", None),
    "most_probable": ("highest probability found", _percent),
    "hours": ("accelerator hours", _grouped),
    "days": ("days", _grouped),
    "money": ("money", _grouped),
}
_HIDDEN = ("standard_error",)
_OF_ONE = ("relative_error", "at_most", "probability_at_most")  # too much for a table of several rows
_SHARED = ("family", "of", "run")  # say nothing where all rows share them
_SAYS = {"score": "measured score", "expected": "expected score", True: "yes", False: "no"}


def answer_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Text of the table of an answer: medians with their intervals; a single row stands upright.

    Parameters
    ----------
    table : DataFrame
        Of an `Answer`.

    Returns
    -------
    DataFrame
        Cells of text.

    Examples
    --------
    >>> answer_cells(pd.DataFrame({"flops": [1e22], "score": [0.51], "score_low_80": [0.5], "score_high_80": [0.52]}))
                  quantity            value
    0                FLOPs             1e22
    1  score, 80% interval  0.51 (0.5–0.52)
    """
    shared = {name for name in _SHARED if name in table and len(set(table[name])) == 1}
    cells = {}
    for name in map(str, table):
        if name in _HIDDEN or (len(table) > 1 and name in _OF_ONE) or name in shared or _is_bound(name, table):
            continue
        heading, form = _WORDS.get(name, (name.replace("_", " "), None))
        text = table[name].map(lambda value, form=form: _cell(value, form))
        bounds = [column for column in table if re.fullmatch(rf"{re.escape(name)}_(low|high)_\d+", str(column))]
        if len(bounds) == 2:
            low, high = (table[column].map(lambda value, form=form: _cell(value, form)) for column in bounds)
            text = (text + " (" + low + "–" + high + ")").where(table[name].notna(), "")
            heading += f", {str(bounds[0]).rsplit('_', 1)[1]}% interval"
        cells[heading] = text
    frame = pd.DataFrame(cells, dtype=str)
    if len(frame) == 1:
        shown = frame.iloc[0][frame.iloc[0] != ""]
        return pd.DataFrame({"quantity": shown.index, "value": shown.to_numpy()})
    return frame.loc[:, (frame != "").any()]


def _is_bound(name: str, table: pd.DataFrame) -> bool:
    """Whether a column is the end of an interval of another."""
    bound = re.fullmatch(r"(.+)_(low|high)_\d+", name)
    return bound is not None and bound[1] in table


def _cell(value: object, form: Form | None) -> str:
    if isinstance(value, bool | np.bool_):
        return _SAYS[bool(value)]
    if isinstance(value, int | float | np.number):
        number = float(value)
        if np.isnan(number):
            return ""
        if np.isinf(number):
            return "beyond"
        return (form or _number)(number)
    return (
        ""
        if value is None or value is pd.NA
        else _SAYS.get(value, str(value))
        if isinstance(value, str)
        else str(value)
    )


def _number(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1e4 else brief_number(number)
