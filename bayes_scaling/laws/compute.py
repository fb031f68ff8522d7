"""Laws of training FLOPs alone: what they share."""

from typing import Any

from .base import Law
from .surroundings import SHARED_CURVE_SLOTS


class ComputeLaw(Law):
    """A law of training FLOPs alone: what it reads, and how its deviation runs."""

    needs = ("flops",)
    deviates_in = ("flops",)
    curve_slots = SHARED_CURVE_SLOTS

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x``, log FLOPs less the benchmark's reference, shape (rows,)."""
        return {"x": rows.log_flops - reference.centre_of("flops", rows.benchmark)}
