"""Run the sampler on a compiled model, and keep its chains."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..laws.base import Law
from .enough import MOST_DRAWS, Look
from .interrupting import FEWEST_DRAWS, Kept, most_draws, nothing_kept
from .staging import Chains, drawn, sample_in_stages, stage_bar
from .trace import RawSampler

if TYPE_CHECKING:
    import xarray as xr


_FEW = f"fewer than two chains had {FEWEST_DRAWS} draws (each is tuned first)"
_THIN = 2  # one of two draws is kept: the same ESS in half the memory, and R-hat seldom above its limit by chance
_RATE = 50  # milliseconds between two reports of the chains' progress


class SamplingError(RuntimeError):
    """A chain of the sampler failed; the message says how."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """What a sampler found.

    Attributes
    ----------
    vectors : dict of str to array
        Draws of the model's free variables, shape (chain, draw, ...).
    statistics : xarray.Dataset
        The sampler's statistics, dims (chain, draw).
    interrupted : bool
        Whether it was stopped before all draws were there.
    left_out : str
        What it had drawn and is not here, in words.
    looks : tuple of Look
        What was found after each stage; empty where the number of draws was fixed.
    """

    vectors: dict[str, Floats]
    statistics: "xr.Dataset"
    interrupted: bool = False
    left_out: str = ""
    looks: tuple[Look, ...] = ()

    @property
    def stopped(self) -> str:
        """Why there are no more draws: "fixed", "enough", "limit" or "interrupted"."""
        if self.interrupted:
            return "interrupted"
        return ("enough" if self.looks[-1].enough else "limit") if self.looks else "fixed"

    def of_size(self, chains: int, draws: int) -> "Sampled":
        """Return the first chains, and of each that many draws, evenly spaced; a kept one bears the others' flaws."""
        length = self.statistics.sizes["draw"]
        if chains == self.statistics.sizes["chain"] and draws == length:
            return self
        at = np.arange(1, draws + 1) * length // draws - 1
        vectors = {name: value[:chains, at] for name, value in self.vectors.items()}
        statistics = self.statistics.isel(chain=slice(0, chains), draw=at)
        flaws = np.cumsum(self.statistics["diverging"].to_numpy()[:chains], axis=1)[:, at]
        diverging = np.diff(flaws, axis=1, prepend=0) > 0
        return replace(self, vectors=vectors, statistics=statistics.assign(diverging=(("chain", "draw"), diverging)))

    @property
    def divergent(self) -> float:
        """Share of the draws that diverged."""
        return float(self.statistics["diverging"].mean())


def run_sampler(
    compiled: Any,
    *,
    draws: int | None,
    tune: int,
    chains: int,
    seed: int,
    progressbar: bool,
    judge: Callable[[Mapping[str, Floats]], Look] | None = None,
    target_accept: float = Law.target_accept,
    keep_interrupted: bool = False,
) -> Sampled:
    """Sample a compiled model.

    Parameters
    ----------
    compiled : nutpie.CompiledModel
        The model.
    draws : int or None
        Draws kept of each chain; None for as many as `judge` finds enough.
    tune, chains, seed, target_accept
        Of the sampler.
    progressbar : bool
        Whether to show progress.
    judge : callable, optional
        Looks at the vectors of a stage, each of shape (chain, draw, ...).
    keep_interrupted : bool
        Whether Ctrl-C leaves the draws so far.

    Returns
    -------
    Sampled
        The draws.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the sampler's threads have ended; where draws are to be kept, only if there are hardly any.
    SamplingError
        Where a chain fails.
    """
    import nutpie

    options: dict[str, Any] = {"tune": tune, "chains": chains, "seed": seed, "target_accept": target_accept}
    options |= {"save_warmup": False, "blocking": False, "progress_bar": progressbar and draws is not None}
    options["return_raw_trace"] = True
    progress = Chains()
    if draws is None:
        # All chains at once, on however many cores, so that they come to a stage together.
        options |= {"cores": chains, "progress_callback": progress, "progress_rate": _RATE}
    with nothing_kept(_FEW):
        running = RawSampler(nutpie.sample(compiled, draws=_THIN * (draws or MOST_DRAWS), **options))

    def look(seen: "xr.DataTree") -> Look:
        posterior, statistics = (_thin(seen[name].dataset) for name in ("posterior", "sample_stats"))
        assert judge is not None
        return replace(judge(_arrays(posterior)), divergent=float(statistics["diverging"].mean()))

    def draw() -> "tuple[xr.DataTree, tuple[Look, ...]]":
        if draws is not None or judge is None:
            return running.wait(), ()
        with stage_bar(progressbar) as report:
            return sample_in_stages(running, progress, look, tune=tune, thin=_THIN, report=report)

    sampled, looks, kept = _wait_for(running, progress, draw, keep_interrupted)
    found = replace(_thinned(sampled, kept), looks=looks)
    if kept is None or (kept.draws == draws and len(kept.chains) == chains):
        return found
    return replace(found, interrupted=True, left_out=kept.left_out)


def _wait_for(
    running: Any,
    progress: Chains,
    draw: "Callable[[], tuple[xr.DataTree, tuple[Look, ...]]]",
    keep_interrupted: bool,
) -> "tuple[xr.DataTree, tuple[Look, ...], Kept | None]":
    """What a sampler draws until it ends or is stopped, and of one that was stopped what is kept of it."""
    try:
        return *draw(), None
    except KeyboardInterrupt:
        sampled = _abort(running) if progress.ended is None else progress.ended
        kept = None if sampled is None or not keep_interrupted else _kept(sampled)
        if sampled is None or kept is None:
            raise KeyboardInterrupt(f"nothing is kept, since {_FEW}" if keep_interrupted else "") from None
        return sampled, (), kept
    except RuntimeError as error:
        _abort(running)
        raise SamplingError(f"a chain failed: {' '.join(str(error).split())}") from error
    except BaseException:
        _abort(running)
        raise


def _abort(running: Any) -> "xr.DataTree | None":
    """End a sampler's threads and return what it has drawn; None where it gave its draws away as it was stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # chains without draws
        try:
            return running.abort()
        except ValueError:
            return None


def _kept(sampled: "xr.DataTree") -> Kept | None:
    """Which of the draws of a sampler that was stopped are kept."""
    return most_draws([length // _THIN for length in drawn(sampled)])


def _arrays(dataset: "xr.Dataset") -> dict[str, Floats]:
    return {str(name): array.to_numpy() for name, array in dataset.items()}


def _thinned(sampled: "xr.DataTree", kept: Kept | None) -> Sampled:
    """The draws that are kept, of a sampler that was stopped those of some chains, and its statistics."""
    import arviz as az

    posterior, every = (sampled[name].dataset for name in ("posterior", "sample_stats"))
    if kept is not None:
        rectangle = {"chain": list(kept.chains), "draw": slice(0, _THIN * kept.draws)}
        posterior, every = posterior.isel(rectangle), every.isel(rectangle)
    # E-BFMI compares successive energies, so it must see every draw.
    e_bfmi = float(np.min(az.bfmi(every)["energy"]))
    return Sampled(_arrays(_thin(posterior)), _thin(every).assign(e_bfmi=e_bfmi))


def _thin(dataset: "xr.Dataset") -> "xr.Dataset":
    """Keep one of `_THIN` draws; a kept draw bears the divergences of those it stands for."""
    kept = dataset.isel(draw=slice(_THIN - 1, None, _THIN))
    if "diverging" in dataset:
        pairs = dataset["diverging"].to_numpy().reshape(dataset.sizes["chain"], -1, _THIN)
        kept = kept.assign(diverging=(("chain", "draw"), pairs.any(axis=-1)))
    return kept.assign_coords({name: np.arange(kept.sizes[name]) for name in ("chain", "draw")})
