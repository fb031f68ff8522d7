"""Units of headers and cells: what each multiplies by, to come to plain counts, FLOPs, fractions and nats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ..budget_columns import BUDGET_COLUMNS, BUDGETS, COUNT_UNITS, FLOP_UNITS

_POWER = re.compile(r"^[x×*]?(?:1e|10\^|10\*\*)(?P<power>\d{1,2})(?:flops?|params?|parameters|tokens)?$")

_SHARES = {
    **dict.fromkeys(("%", "percent", "percentage", "pct"), 0.01),
    **dict.fromkeys(("fraction", "proportion", "share", "01"), 1.0),
}
_LOSSES = {
    **dict.fromkeys(("nats", "nat", "natspertoken", "natstoken"), 1.0),
    **dict.fromkeys(("bits", "bit", "bitspertoken", "bitstoken"), math.log(2)),
}
UNITS: dict[str, Mapping[str, float]] = {
    **{name: column.units for name, column in BUDGET_COLUMNS.items()},
    **dict.fromkeys(("accuracy", "stderr", "chance", "lr_fraction"), _SHARES),
    "loss": _LOSSES,
}


def unit_scale(quantity: str, unit: str) -> float | None:
    """Say what a unit in brackets multiplies by, or None where it is not known."""
    known = UNITS.get(quantity)
    if known is None:
        return None
    text = re.sub(r"^in\b|\s+", "", unit.strip().lower())
    power = _POWER.match(text)
    if power and quantity in BUDGETS:
        return 10.0 ** int(power["power"])
    if known is COUNT_UNITS:
        text = re.sub(r"(of)?(params?|parameters|tokens)$", "", text) or "count"
    if known is FLOP_UNITS and re.search(r"/s$", text):
        return None  # a rate, not an amount; "PFLOP/s-days" is an amount and passes
    return known.get(re.sub(r"[^\w%]|_", "", text))
