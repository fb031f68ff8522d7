"""Of several measurements of one thing the newest counts; one of a part of the questions never replaces a full one."""

import math
from collections.abc import Callable, Iterable

from .manifest import ModelName
from .measuring import Measurement
from .skipping import Skips


def newest(found: Iterable[Measurement], identity: Callable[[ModelName], object], skips: Skips) -> list[Measurement]:
    """Keep the newest full measurement of each score, or the newest limited one where there is no full one.

    Parameters
    ----------
    found : iterable of Measurement
        All of them, from all files.
    identity : callable
        What makes two names one model.
    skips : Skips
        Gets those that are replaced, and a note of limited ones that stay.

    Returns
    -------
    list of Measurement
        In the order in which each score was first found.
    """
    places: dict[tuple[object, ...], list[Measurement]] = {}
    for one in found:
        places.setdefault((identity(one.model), *one.key), []).append(one)
    return [_best(ones, skips) for ones in places.values()]


def _best(ones: list[Measurement], skips: Skips) -> Measurement:
    best = max(ones, key=lambda one: (not one.limited, one.when, one.place))
    for one in ones:
        if one is best:
            continue
        what = f"{one.name} by {one.model.label}"
        if one.limited and not best.limited:
            skips.add(what, one.place, f"only {_part(one)}, and all were asked in {best.place}")
        else:
            skips.add(what, one.place, f"measured again in {best.place}")
    if best.limited:
        skips.note(f"{best.label} by {best.model.label} rests on {_part(best)} ({best.place})")
    return best


def _part(one: Measurement) -> str:
    asked = "some" if math.isnan(one.n_items) else f"the first {one.n_items:,.0f}"
    return f"{asked} of its questions" if math.isnan(one.size) else f"{asked} of {one.size:,.0f} questions"
