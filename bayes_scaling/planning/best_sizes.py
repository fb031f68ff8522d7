"""Search the best size along a budget, draw by draw."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..laws.ratio import ratio_log_error
from ..model.response import expected_accuracy

_GRID = 241  # sizes that are tried for a mean over benchmarks
_WIDEST = 3.0  # decades on either side of the size at the reference ratio


@dataclass(frozen=True)
class SizeCurves:
    """Draws of what the ratio law says of some benchmarks, each of shape (samples, benchmarks).

    Attributes
    ----------
    level, params_exponent, tokens_exponent, params_share, ceiling, share : array
        As of `RatioLaw`.
    floor, weight, centre_params, centre_tokens : array, shape (benchmarks,)
        Floor and weight of each benchmark, and its reference log budgets.
    """

    level: Floats
    params_exponent: Floats
    tokens_exponent: Floats
    params_share: Floats
    ceiling: Floats
    share: Floats
    floor: Floats
    weight: Floats
    centre_params: Floats
    centre_tokens: Floats

    def utility(self, log_params: Floats, log_tokens: Floats) -> Floats:
        """Weighted mean of expected accuracies at sizes of shape (samples or 1, sizes), shape (samples, sizes)."""
        total: Floats = np.zeros((len(self.level), log_params.shape[-1]))
        for b, weight in enumerate(self.weight):
            error = ratio_log_error(
                log_params - self.centre_params[b],
                log_tokens - self.centre_tokens[b],
                self.level[:, b, None],
                self.params_exponent[:, b, None],
                self.tokens_exponent[:, b, None],
                self.params_share[:, b, None],
            )
            own = (self.ceiling[:, b, None], self.share[:, b, None])
            total = total + weight * expected_accuracy(error, self.floor[b], *own)
        return total

    def closed_form(self, log_product: float) -> Floats:
        """Best log params of the one benchmark, where the log of params times tokens is given, shape (samples,)."""
        a, b, w = (part[:, 0] for part in (self.params_exponent, self.tokens_exponent, self.params_share))
        room = log_product - self.centre_params[0] - self.centre_tokens[0]
        return self.centre_params[0] + (np.log(a * w) - np.log(b * (1 - w)) + b * room) / (a + b)


@dataclass(frozen=True)
class SizeSearch:
    """The best division of one budget, draw by draw."""

    curves: SizeCurves
    flops: float
    rule: float
    tokens_served: float

    def best(self) -> Floats:
        """Log params that are best in each draw, shape (samples,)."""
        if len(self.curves.weight) == 1 and not self.tokens_served:
            return self.curves.closed_form(float(np.log(self.flops / self.rule)))
        grid = self._grid()
        utility = self.curves.utility(grid[None], self.tokens(grid)[None])
        return _peaks(grid, utility)

    def utility(self, log_params: Floats) -> Floats:
        """Expected score of each draw at log params of shape (samples,) or a number, shape (samples,)."""
        at = np.broadcast_to(log_params, (len(self.curves.level),))[:, None]
        return self.curves.utility(at, self.tokens(at))[:, 0]

    def decided(self) -> float:
        """Log params with the highest expected score over all draws."""
        grid = self._grid()
        mean = self.curves.utility(grid[None], self.tokens(grid)[None]).mean(axis=0)
        return float(_peaks(grid, mean[None])[0])

    def at_ratio(self, ratio: float) -> float:
        """Log params whose tokens are a multiple of them."""
        # rule N (ratio N) + 2 N served = C
        half = self.tokens_served / (self.rule * ratio)
        return float(np.log(np.sqrt(half**2 + self.flops / (self.rule * ratio)) - half))

    def _grid(self) -> Floats:
        middle, wide = self.at_ratio(np.exp(self.curves.centre_tokens - self.curves.centre_params).mean()), np.log(10)
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
