"""Search the best size along a budget, draw by draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import Floats, Ints
from ..laws.base import Law
from ..model.reference import Reference
from ..model.response import expected_accuracy
from ..runs.budget_columns import SIZES

_GRID = 241  # sizes that are tried for a mean over benchmarks
_WIDEST = 3.0  # decades on either side of the size at the reference ratio


@dataclass(frozen=True)
class _Sizes:
    """Sizes as a law reads them: log budgets, and the code of the one benchmark."""

    log_flops: Floats
    log_params: Floats
    log_tokens: Floats
    benchmark: int


@dataclass(frozen=True)
class SizeCurves:
    """Draws of what a law of params and tokens says of some benchmarks.

    Attributes
    ----------
    law : Law
        The law, whose `derived` has the exponents of A / N^a + B / D^b.
    reference : Reference
        What was read off the fitted table.
    at : mapping of str to array, shape (samples, benchmarks)
        Coefficients of the law, "ceiling" and "share", as of `point_coefficients`.
    benchmark : int array, shape (benchmarks,)
        Codes.
    floor, weight : array, shape (benchmarks,)
        Floor and weight of each benchmark.
    log_rule : float
        Log FLOPs of training a parameter on a token.
    """

    law: Law
    reference: Reference
    at: Mapping[str, Floats]
    benchmark: Ints
    floor: Floats
    weight: Floats
    log_rule: float

    def __len__(self) -> int:
        """Count the draws."""
        return len(self.at["level"])

    def utility(self, log_params: Floats, log_tokens: Floats) -> Floats:
        """Weighted mean of expected accuracies at sizes of shape (samples or 1, sizes), shape (samples, sizes)."""
        total: Floats = np.zeros((len(self), log_params.shape[-1]))
        log_flops = self.log_rule + log_params + log_tokens
        for b, weight in enumerate(self.weight):
            own = {name: values[:, b, None] for name, values in self.terms.items()}
            sizes = _Sizes(log_flops, log_params, log_tokens, int(self.benchmark[b]))
            error = self.law.log_error(self.law.inputs(self.reference, sizes), own)
            total = total + weight * expected_accuracy(error, self.floor[b], own["ceiling"], own["share"])
        return total

    def closed_form(self, log_product: float) -> Floats:
        """Best log params of the one benchmark, where the log of params times tokens is given, shape (samples,).

        A factor of FLOPs alone on A / N^a + B / D^b, such as a turn, is the same for all sizes there.
        """
        of = self.law.derived(self.at)
        a, b, w = (of[name][:, 0] for name in ("params_exponent", "tokens_exponent", "params_share"))
        centre_params, centre_tokens = (self.centre(name)[0] for name in SIZES)
        room = log_product - centre_params - centre_tokens
        return centre_params + (np.log(a * w) - np.log(b * (1 - w)) + b * room) / (a + b)

    @cached_property
    def terms(self) -> dict[str, Floats]:
        """The law's terms, of the shape of the coefficients."""
        return self.law.terms(self.at)

    def centre(self, budget: str) -> Floats:
        """Reference log budget of each benchmark, shape (benchmarks,)."""
        return self.reference.centre_of(budget, self.benchmark)


@dataclass(frozen=True)
class SizeSearch:
    """The best division of one budget, draw by draw."""

    curves: SizeCurves
    flops: float
    tokens_served: float

    @property
    def rule(self) -> float:
        """FLOPs of training a parameter on a token."""
        return float(np.exp(self.curves.log_rule))

    def best(self) -> Floats:
        """Log params that are best in each draw, shape (samples,)."""
        if len(self.curves.weight) == 1 and not self.tokens_served:
            return self.curves.closed_form(float(np.log(self.flops)) - self.curves.log_rule)
        grid = self._grid()
        utility = self.curves.utility(grid[None], self.tokens(grid)[None])
        return _peaks(grid, utility)

    def utility(self, log_params: Floats) -> Floats:
        """Expected score of each draw at log params of shape (samples,) or a number, shape (samples,)."""
        at = np.broadcast_to(log_params, (len(self.curves),))[:, None]
        return self.curves.utility(at, self.tokens(at))[:, 0]

    def decided(self, most_params: float | None = None) -> float:
        """Log params with the highest expected score over all draws, under a cap if there is one."""
        grid = self._grid()
        mean = self.curves.utility(grid[None], self.tokens(grid)[None]).mean(axis=0)
        best = float(_peaks(grid, mean[None])[0])
        # The score rises up to the best size: the largest that is allowed is the best of those.
        return best if most_params is None else min(best, float(np.log(most_params)))

    def at_ratio(self, ratio: float) -> float:
        """Log params whose tokens are a multiple of them."""
        # rule N (ratio N) + 2 N served = C
        half = self.tokens_served / (self.rule * ratio)
        return float(np.log(np.sqrt(half**2 + self.flops / (self.rule * ratio)) - half))

    def _grid(self) -> Floats:
        middle, wide = (
            self.at_ratio(np.exp(self.curves.centre("tokens") - self.curves.centre("params")).mean()),
            np.log(10),
        )
        grid = middle + np.linspace(-_WIDEST * wide, _WIDEST * wide, _GRID)
        return grid[np.isfinite(self.tokens(grid))]

    def tokens(self, log_params: Floats) -> Floats:
        """Log training tokens that the budget leaves to a size; NaN where serving takes all of it."""
        left = self.flops * np.exp(-log_params) - 2 * self.tokens_served
        return np.log(np.where(left > 0, left, np.nan) / self.rule)


def _peaks(grid: Floats, utility: Floats) -> Floats:
    """Where each row of utilities on an even grid is highest, by a parabola through the best three points.

    Examples
    --------
    >>> grid = np.linspace(-2, 2, 9)
    >>> _peaks(grid, -((grid - 0.3) ** 2)[None]).round(6).tolist()
    [0.3]
    """
    top = np.clip(utility.argmax(axis=1), 1, len(grid) - 2)
    rows = np.arange(len(utility))
    left, middle, right = (utility[rows, top + by] for by in (-1, 0, 1))
    bend = left - 2 * middle + right
    step = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    return grid[top] + np.clip(step, -1, 1) * (grid[1] - grid[0])
