"""Run the sampler on a compiled model, and keep its chains."""

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats
from ..laws.base import Law
from .interrupting import FEWEST_DRAWS, Kept, most_draws, nothing_kept

if TYPE_CHECKING:
    import xarray as xr


_FEW = f"fewer than two chains had {FEWEST_DRAWS} draws (each is tuned first)"
_THIN = 2  # one of two draws is kept: the same ESS in half the memory, and R-hat seldom above its limit by chance


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
    """

    vectors: dict[str, Floats]
    statistics: "xr.Dataset"
    interrupted: bool = False
    left_out: str = ""

    def first(self, chains: int, draws: int) -> "Sampled":
        """Return the first draws of the first chains."""
        vectors = {name: value[:chains, :draws] for name, value in self.vectors.items()}
        statistics = self.statistics.isel(chain=slice(0, chains), draw=slice(0, draws))
        return replace(self, vectors=vectors, statistics=statistics)

    @property
    def divergent(self) -> float:
        """Share of the draws that diverged."""
        return float(self.statistics["diverging"].mean())


def run_sampler(
    compiled: Any,
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    progressbar: bool,
    target_accept: float = Law.target_accept,
    keep_interrupted: bool = False,
) -> Sampled:
    """Sample a compiled model.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the sampler's threads have ended; where draws are to be kept, only if there are hardly any.
    SamplingError
        Where a chain fails.
    """
    import nutpie

    with nothing_kept(_FEW):
        running = nutpie.sample(
            compiled,
            draws=_THIN * draws,
            tune=tune,
            chains=chains,
            seed=seed,
            target_accept=target_accept,
            progress_bar=progressbar,
            save_warmup=False,
            blocking=False,
        )
    sampled, kept = _wait_for(running, keep_interrupted)
    posterior, every = (sampled[name].dataset for name in ("posterior", "sample_stats"))
    if kept is not None:
        rectangle = {"chain": list(kept.chains), "draw": slice(0, _THIN * kept.draws)}
        posterior, every = posterior.isel(rectangle), every.isel(rectangle)
    found = _thinned(posterior, every)
    if kept is None or (kept.draws == draws and len(kept.chains) == chains):
        return found
    return replace(found, interrupted=True, left_out=kept.left_out)


def _wait_for(running: Any, keep_interrupted: bool) -> "tuple[xr.DataTree, Kept | None]":
    """What a sampler draws until it ends or is stopped, and of one that was stopped what is kept of it."""
    try:
        return running.wait(), None
    except KeyboardInterrupt:
        sampled = _abort(running)
        kept = None if sampled is None or not keep_interrupted else _kept(sampled)
        if sampled is None or kept is None:
            raise KeyboardInterrupt(f"nothing is kept, since {_FEW}" if keep_interrupted else "") from None
        return sampled, kept
    except RuntimeError as error:
        raise SamplingError(f"a chain failed: {' '.join(str(error).split())}") from error


def _abort(running: Any) -> "xr.DataTree | None":
    """End a sampler's threads and return what it has drawn; None where it gave its draws away as it was stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # chains without draws
        try:
            return running.abort()
        except ValueError:
            return None


def _kept(sampled: "xr.DataTree") -> Kept | None:
    """Which of the draws of a sampler that was stopped are kept; those that a chain lacks are empty at its end."""
    if "posterior" not in sampled or "sample_stats" not in sampled:
        return None
    drawn = np.isfinite(sampled["posterior"]["hyper"].to_numpy()).all(axis=-1)
    lengths = np.cumprod(drawn, axis=1).sum(axis=1) // _THIN
    return most_draws(lengths.tolist())


def _thinned(posterior: "xr.Dataset", every: "xr.Dataset") -> Sampled:
    """The draws that are kept, and the statistics of the sampler."""
    import arviz as az

    # E-BFMI compares successive energies, so it must see every draw.
    e_bfmi = float(np.min(az.bfmi(every)["energy"]))
    vectors = {str(name): array.to_numpy() for name, array in _thin(posterior).items()}
    return Sampled(vectors, _thin(every).assign(e_bfmi=e_bfmi))


def _thin(dataset: "xr.Dataset") -> "xr.Dataset":
    """Keep one of `_THIN` draws; a kept draw bears the divergences of those it stands for."""
    kept = dataset.isel(draw=slice(_THIN - 1, None, _THIN))
    if "diverging" in dataset:
        pairs = dataset["diverging"].to_numpy().reshape(dataset.sizes["chain"], -1, _THIN)
        kept = kept.assign(diverging=(("chain", "draw"), pairs.any(axis=-1)))
    return kept.assign_coords({name: np.arange(kept.sizes[name]) for name in ("chain", "draw")})
