"""What Ctrl-C leaves of a fit: which draws of which chains are kept, and in words what was left out."""

import _thread
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..wording import counted

FEWEST_CHAINS = 2  # R-hat compares chains: of one alone nothing would tell whether it had arrived
FEWEST_DRAWS = 50  # of each chain that is kept
_AGAIN = 0.05  # seconds after which a Ctrl-C that was swallowed is pressed once more


@dataclass(frozen=True)
class Kept:
    """Draws that are kept of a fit that was interrupted: as many of each of some chains.

    Attributes
    ----------
    chains : tuple of int
        Positions of the chains, in order.
    draws : int
        Draws of each of them, from the first on.
    lengths : tuple of int
        Draws that every chain had.
    """

    chains: tuple[int, ...]
    draws: int
    lengths: tuple[int, ...]

    @property
    def left_out(self) -> str:
        """What was left out, in words; empty where nothing was."""
        shorter = [length for chain, length in enumerate(self.lengths) if chain not in self.chains and length]
        beyond = sum(self.lengths[chain] - self.draws for chain in self.chains)
        parts = [
            f"{counted(sum(shorter), 'draw')} of {counted(len(shorter), 'shorter chain')}" if shorter else "",
            f"{counted(beyond, 'draw')} that longer chains had more" if beyond else "",
            f"{counted(empty, 'chain')} without draws" if (empty := self.lengths.count(0)) else "",
        ]
        return ", ".join(part for part in parts if part)


def most_draws(lengths: Sequence[int]) -> Kept | None:
    """Choose chains and their common length so that the most draws are kept; trees are rectangular.

    Parameters
    ----------
    lengths : sequence of int
        Draws that each chain has; 0 of one that has not begun.

    Returns
    -------
    Kept or None
        The longest chains, at least two with 50 draws each, of equally many draws the more chains; None where there
        are no two such chains.

    Examples
    --------
    >>> most_draws([1000, 1000, 300, 0])
    Kept(chains=(0, 1), draws=1000, lengths=(1000, 1000, 300, 0))
    >>> most_draws([1000, 900, 950, 980]).draws
    900
    >>> most_draws([1000, 20])
    """
    order = sorted(range(len(lengths)), key=lambda chain: -lengths[chain])
    sizes = {count: lengths[order[count - 1]] for count in range(FEWEST_CHAINS, len(lengths) + 1)}
    counts = [count for count, draws in sizes.items() if draws >= FEWEST_DRAWS]
    if not counts:
        return None
    best = max(counts, key=lambda count: (count * sizes[count], count))
    return Kept(tuple(sorted(order[:best])), sizes[best], tuple(lengths))


@contextmanager
def nothing_kept(since: str) -> Iterator[None]:
    """Give a Ctrl-C that has no message one that says why nothing is kept."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(str(stop) or f"nothing is kept, since {since}") from None


@contextmanager
def heeding_ctrl_c() -> Iterator[None]:
    """End what is inside at Ctrl-C, although callbacks swallow it, as those of LLVM do while a model is compiled."""
    usual, timers = sys.unraisablehook, list[threading.Timer]()

    def again(swallowed: Any) -> None:
        if not issubclass(swallowed.exc_type, KeyboardInterrupt):
            usual(swallowed)
            return
        timers.append(threading.Timer(_AGAIN, _thread.interrupt_main))
        timers[-1].start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = usual
        for timer in timers:
            timer.cancel()
    if timers:
        raise KeyboardInterrupt
