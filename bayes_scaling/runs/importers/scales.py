"""Fraction, percent or neither: settled for a metric of a benchmark over all files, never value by value."""

import math
import re
from collections.abc import Iterable

from ...wording import brief
from ..metrics import is_no_share
from .measuring import Measurement
from .skipping import Skips

#: Tasks that harnesses score from 0 to 100, whatever the values.
_PERCENT_TASKS = re.compile(r"squad_?v2|scrolls_\w+", re.IGNORECASE)
#: Metrics that are a share whichever way they are scaled.
_SHARES = re.compile(
    r"((best|has_?ans|no_?ans|quasi|prefix|strict|flexible|token|macro|micro|weighted)_)*"
    r"(acc(uracy)?(_norm|_bytes|_char|_token|_mutual_info)*|exact(_match)?|em|f1|extractive_match|pass(@|_at_)\w+)",
    re.IGNORECASE,
)


def on_one_scale(found: Iterable[Measurement], skips: Skips) -> list[Measurement]:
    """Leave out what is no share of right answers, and bring percentages to fractions.

    Parameters
    ----------
    found : iterable of Measurement
        All of them, from all files and models.
    skips : Skips
        Gets metrics that are left out, by name, and a note of those read as percentages.

    Returns
    -------
    list of Measurement
        With values from 0 to 1.
    """
    every = list(found)
    by_metric: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(every):
        if (why := _refusal(one)) is None:
            by_metric.setdefault((one.benchmark, one.metric), []).append(place)
        else:
            skips.add(one.name, one.place, why)
    kept: dict[int, Measurement] = {}
    for places in by_metric.values():
        scaled = _scaled([every[place] for place in places], skips)
        kept.update(zip(places, scaled, strict=False))
    return [kept[place] for place in sorted(kept)]


def _refusal(one: Measurement) -> str | None:
    """Why a measurement is no score, or None."""
    if one.rises is False:
        return "lower is better"
    if is_no_share(one.metric):
        return "no share of right answers"
    if math.isnan(one.value):
        return "not a number"
    return None


def _scaled(ones: list[Measurement], skips: Skips) -> list[Measurement]:
    low, high = min(one.value for one in ones), max(one.value for one in ones)
    benchmark, metric = ones[0].benchmark, ones[0].metric
    is_percent = _PERCENT_TASKS.fullmatch(benchmark) is not None or (
        1 < high <= 100 and _SHARES.fullmatch(metric.split(":")[0]) is not None
    )
    if is_percent and low >= 0 and high <= 100:
        skips.note(f"{metric} of {benchmark} is read as a percentage ({_span(low, high)})")
        return [one.scaled(0.01) for one in ones]
    if low >= 0 and high <= 1:
        return ones
    for one in ones:
        skips.add(f"{one.name}, {_span(low, high)}", one.place, "outside 0 to 1, so no share of right answers")
    return []


def _span(low: float, high: float) -> str:
    return f"value {brief(low)}" if low == high else f"values from {brief(low)} to {brief(high)}"
