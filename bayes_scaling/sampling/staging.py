"""Sampling in stages: on in the background, looked at after so many draws, ended as soon as they are enough."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .enough import FIRST_LOOK, MOST_DRAWS, Look

if TYPE_CHECKING:
    import xarray as xr

_PAUSE = 0.02  # seconds between two questions how far the chains are
_PACE = 0.25  # share of the way to a look after which the pace so far says how long the rest takes
_LONG = 90  # seconds from which they are said in minutes


class Chains:
    """How far each chain is; nutpie tells it from a thread of its own."""

    def __init__(self) -> None:
        self.drawn: list[int] = []
        self.ended: xr.DataTree | None = None  # what the sampler gave away when all chains had ended

    def __call__(self, progress: Sequence[Any]) -> None:
        """Take note of the draws of each chain, those of tuning included."""
        self.drawn = [chain.finished_draws for chain in progress]

    @property
    def least(self) -> int:
        """Draws of the chain that has the fewest."""
        return min(self.drawn, default=0)


def sample_in_stages(
    running: Any,
    chains: Chains,
    judge: "Callable[[xr.DataTree], Look]",
    *,
    tune: int,
    thin: int,
    report: Callable[[int, int, str], None],
) -> "tuple[xr.DataTree, tuple[Look, ...]]":
    """Let a sampler run until its draws are enough or as many as there may be, and end it.

    Parameters
    ----------
    running : RawSampler
        Started with `MOST_DRAWS` draws of each chain, each of `thin`, all chains at once.
    chains : Chains
        What the sampler tells its progress.
    judge : callable
        Looks at the draws of a stage and the sampler's statistics, dims (chain, draw).
    tune : int
        Draws of tuning.
    thin : int
        Draws of which one is kept.
    report : callable
        Told the draws of the slowest chain, those after which the next look comes, and what the last one found.

    Returns
    -------
    sampled : xarray.DataTree
        The draws that the last look saw, of equally many of each chain, whatever was drawn beyond.
    looks : tuple of Look
        All that was looked at, the last one last.
    """
    looks: list[Look] = []
    wanted, said = FIRST_LOOK, "tuning"
    while True:
        sampled = chains.ended
        while sampled is None:
            report(min(chains.least, tune + thin * wanted), tune + thin * wanted, said)
            if _is_finished(running):
                sampled = chains.ended = running.wait()
            elif chains.least >= tune + thin * wanted:
                sampled = _inspect(running, thin * wanted)
            if sampled is None:
                time.sleep(_PAUSE)
        seen = first_draws(sampled, thin * wanted)
        looks.append(judge(seen))
        if looks[-1].enough or wanted >= MOST_DRAWS:
            if chains.ended is None:
                running.cancel()
            return seen, tuple(looks)
        del seen, sampled  # or their memory is held beside that of the next look
        wanted, said = looks[-1].next, str(looks[-1])


def first_draws(sampled: "xr.DataTree", draws: int) -> "xr.DataTree":
    """Return the first draws of every chain, with the sampler's statistics."""
    import xarray as xr

    groups = ("posterior", "sample_stats")
    return xr.DataTree.from_dict({name: sampled[name].dataset.isel(draw=slice(0, draws)) for name in groups})


def drawn(sampled: "xr.DataTree") -> list[int]:
    """Draws that each chain has; what it lacks is empty at its end. None where nothing was drawn."""
    if "posterior" not in sampled or "sample_stats" not in sampled or "hyper" not in sampled["posterior"]:
        return []
    there = np.isfinite(sampled["posterior"]["hyper"].to_numpy()).all(axis=-1)
    lengths: list[int] = np.cumprod(there, axis=1).sum(axis=1).tolist()
    return lengths


def _is_finished(running: Any) -> bool:
    """Whether all chains have ended; nutpie's answer to a sampler that runs on is an error."""
    try:
        return bool(running.is_finished)
    except TimeoutError:
        return False


def _inspect(running: Any, draws: int) -> "xr.DataTree | None":
    """Return what a sampler has drawn so far; None where a chain has fewer draws."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # chains without draws
        sampled: xr.DataTree = running.inspect()
    return sampled if min(drawn(sampled), default=0) >= draws else None


@contextmanager
def stage_bar(shown: bool) -> "Iterator[Callable[[int, int, str], None]]":
    """Bar on stderr of how far the verdict is, or nothing; yields what moves it."""
    if not shown:
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    # Eighty columns hold it all.
    said = TextColumn("{task.completed} of {task.total} draws; {task.description}")
    columns = (BarColumn(bar_width=6), said, TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=Console(stderr=True, force_jupyter=False)) as bar:
        task = bar.add_task("tuning", total=None, left="")
        start = time.perf_counter()

        def move(done: int, total: int, said: str) -> None:
            more = time_left(done, total, time.perf_counter() - start)
            bar.update(task, completed=done, total=total, description=said, left=more)

        yield move


def time_left(done: int, total: int, elapsed: float) -> str:
    """How long it is to the next look by the pace so far, in words; how long it has been where that is not known.

    Examples
    --------
    >>> time_left(400, 1000, 12.0), time_left(400, 1000, 120.0), time_left(0, 1000, 0.1)
    ('18 s left', '3 min left', '0 s')
    """
    known = _PACE * total <= done < total
    seconds = elapsed * (total - done) / done if known else elapsed
    return (f"{seconds:.0f} s" if seconds < _LONG else f"{seconds / 60:.0f} min") + " left" * known
