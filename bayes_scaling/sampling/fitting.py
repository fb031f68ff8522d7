"""fit() and sample_prior(): build, compile, sample; the only module that runs a sampler."""

import time
import warnings
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..forecasting.forecast import Forecast, forecast_from
from ..forecasting.prediction import Draws
from ..laws.base import Law
from ..model.pooling import prior_vectors, unpack
from ..model.specification import Specification, specify
from ..model.thin_data import thin_data
from ..posterior.fit import MOST_DIVERGENT, ConvergenceWarning, Fit
from ..runs.table import Runs
from .interrupting import FEWEST_DRAWS, Kept, heeding_ctrl_c, most_draws, nothing_kept
from .tree import make_tree

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

#: By what a law observes, or by the law's name. Bends and curvatures of pass@k form a ridge in which longer steps
#: diverge; few losses, which the deviation follows all but exactly, leave a funnel of their scatter. A break may lie
#: where no run is, and a sigmoid leaves its floor abruptly. Exponents of params and of tokens, of families that differ
#: in both, mix slowly with longer steps.
_TARGET_ACCEPT = {
    "scores": 0.87,
    "losses": 0.99,
    "attempts": 0.95,
    "ratio": 0.95,
    "broken-power": 0.95,
    "sigmoid": 0.93,
}
_SHORTER = 3  # where draws diverge, once more with a third of the rejections: steps somewhat shorter, not far slower
_THIN = 2  # one of two draws is kept: the same ESS in half the memory, and R-hat seldom above its limit by chance
_PACKAGES = ("bayes-scaling", "pymc", "nutpie", "arviz", "numpy")


class SamplingError(RuntimeError):
    """A chain of the sampler failed; the message says how."""


class ThinDataWarning(UserWarning):
    """A table leaves open what its law reads; the population, the prior or an assumption stands in, and is named."""


def fit(
    law: Law,
    runs: Runs,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int | None = None,
    progressbar: bool = True,
    reuse: bool = False,
    keep_interrupted: bool = False,
) -> Fit:
    """Fit a law to a table of runs by Hamiltonian Monte Carlo.

    Parameters
    ----------
    law : Law
        The law and its priors, such as ``DirectLaw()``.
    runs : Runs
        Scored runs.
    draws, tune : int
        Draws kept, and draws spent on tuning, by each chain.
    chains : int
        Number of chains, at least 2.
    random_seed : int, optional
        Seed; the same seed gives the same draws. Drawn and kept in ``provenance`` where left out.
    progressbar : bool
        Whether to show the sampler's progress.
    reuse : bool
        Whether to use the model that this process has compiled for another table of the same shape (rows, runs,
        benchmarks, families), and to keep it for the next. It saves the compilation, for draws that take somewhat
        longer; ``provenance["seconds"]`` has both times.
    keep_interrupted : bool
        Whether Ctrl-C, once tuning is over, ends sampling with the draws so far in place of an error: of those chains,
        at least two with 50 draws each, and as many draws of each, that are the most draws in all. Such a fit says that
        it was interrupted and what was left out, and counts as not converged.

    Returns
    -------
    Fit
        The fitted law.

    Raises
    ------
    ValueError
        Where the runs have no accuracies, or lack a budget that the law needs.
    SamplingError
        Where a chain fails.
    KeyboardInterrupt
        On Ctrl-C, after the sampler's threads have ended; it says why nothing is kept.

    Warns
    -----
    ConvergenceWarning
        Where the fit has not converged.
    ThinDataWarning
        Where benchmarks were scored at a single budget; where the law reads params and tokens, and these hardly vary
        apart from each other; where a law of attempts lacks n_samples or n_items; where a two-stage law lacks the loss
        of scored runs.
    """
    for name, value, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 2)):
        _check_count(name, value, least)
    spec = specify(law, runs)
    for sentence in thin_data(spec):
        warnings.warn(sentence, ThinDataWarning, stacklevel=2)
    seed = int(np.random.default_rng().integers(2**32)) if random_seed is None else random_seed
    options: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains, "progressbar": progressbar}
    options["keep_interrupted"] = keep_interrupted
    try:
        result = sample_specification(spec, runs, reuse=reuse, seed=seed, **options)
    except KeyboardInterrupt:
        if keep_interrupted:
            raise
        raise KeyboardInterrupt(
            "nothing is kept; keep_interrupted=True keeps the draws of chains that are tuned"
        ) from None
    if not result.converged:
        warnings.warn(f"the fit has {result.verdict}", ConvergenceWarning, stacklevel=2)
    return result


def sample_specification(
    spec: Specification, runs: Runs, *, seed: int, reuse: bool, retry: bool = True, **options: Any
) -> Fit:
    """Sample the model of a specification; of a two-stage law both, whose posteriors are independent.

    Takes ``draws``, ``tune``, ``chains``, ``progressbar`` and ``keep_interrupted`` as `fit` does, and neither warns nor
    refuses. Where draws diverge, it samples once more with shorter steps, unless `retry` is false.
    """
    losses = None
    if spec.stage_one is not None:
        # Of a seed of its own: two samplers with one seed walk alike.
        other_seed = int(np.random.default_rng(seed).integers(2**32))
        with nothing_kept("stage one, the fit of the losses, had not ended, and a forecast needs both stages"):
            losses = _sample(spec.stage_one, other_seed, reuse, retry, **(options | {"keep_interrupted": False}))
    scores = _sample(spec, seed, reuse, retry, **options)
    with nothing_kept("the draws were still being diagnosed"):
        if losses is None or spec.stage_one is None:
            return _fit_of(spec, runs, scores, options)
        if scores.found.interrupted:  # a forecast takes a draw of each stage
            sizes = scores.found.statistics.sizes
            losses = replace(losses, found=losses.found.first(sizes["chain"], sizes["draw"]))
        stage_one = _fit_of(spec.stage_one, spec.stage_one.runs, losses, options)
        return _fit_of(spec, runs, scores, options, stage_one)


@dataclass(frozen=True, eq=False)
class _Sampling:
    """What a sampler found of a specification, and how."""

    found: "Sampled"
    how: dict[str, Any]


def _sample(spec: Specification, seed: int, reuse: bool, retry: bool, **options: Any) -> _Sampling:
    """Compile the model of one stage and sample it."""
    from .compiling import compile_model

    accept = _TARGET_ACCEPT.get(spec.law.name, _TARGET_ACCEPT[spec.law.observes])
    start = time.perf_counter()
    with nothing_kept("the model was still being compiled"), heeding_ctrl_c():
        compiled, reused = compile_model(spec, reuse=reuse)
    ready = time.perf_counter()
    found = run_sampler(compiled, seed=seed, target_accept=accept, **options)
    if retry and found.divergent > MOST_DIVERGENT and not found.interrupted:
        # Once more with shorter steps, which few tables need and which cost others time.
        shorter = round(1 - (1 - accept) / _SHORTER, 4)
        try:
            found = run_sampler(compiled, seed=seed, target_accept=shorter, **options)
            accept = shorter
        except KeyboardInterrupt:
            if not options.get("keep_interrupted"):
                raise
            found = replace(found, interrupted=True, left_out="a second sampling with shorter steps")
    seconds = {"compile": round(ready - start, 2), "sample": round(time.perf_counter() - ready, 2)}
    return _Sampling(found, {"random_seed": seed, "target_accept": accept, "seconds": seconds, "reused_model": reused})


def _fit_of(
    spec: Specification, runs: Runs, sampling: _Sampling, options: dict[str, Any], stage_one: Fit | None = None
) -> Fit:
    found, how = sampling.found, sampling.how
    asked = {name: options[name] for name in ("draws", "tune", "chains")}
    provenance: dict[str, Any] = {"random_seed": how["random_seed"], **asked} | how
    if found.interrupted:
        kept = {name: found.statistics.sizes[name[:-1]] for name in ("chains", "draws")}
        provenance |= {"interrupted": True, **kept, "asked": {name: asked[name] for name in kept}}
        provenance["left_out"] = found.left_out
    provenance |= {"versions": {name: version(name) for name in _PACKAGES}, "data_hash": runs.data_hash}
    return Fit(spec.law, runs, spec.reference, make_tree(spec, found.vectors, found.statistics), provenance, stage_one)


def sample_prior(law: Law, runs: Runs, *, draws: int = 1000, random_seed: int | None = None) -> Forecast:
    """Draw what a law expects of runs before it sees their scores, given the Reference of the table.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        Scored runs; the scores are used for the Reference (floors, reference budgets) and for nothing else.
    draws : int
        Number of draws.
    random_seed : int, optional
        Seed.

    Returns
    -------
    Forecast
        Prior forecast at the rows of `runs`, in their order.
    """
    _check_count("draws", draws, 1)
    spec = specify(law, runs)
    drawn = _prior_draws(spec, np.random.default_rng(random_seed), draws)
    return forecast_from(drawn, spec.fitted, runs.frame, notes=("drawn from the prior",), condition=False)


def _prior_draws(spec: Specification, rng: np.random.Generator, size: int) -> Draws:
    vectors = prior_vectors(spec.law, spec.layout, spec.reference, rng, size)
    stage_one = None if spec.stage_one is None else _prior_draws(spec.stage_one, rng, size)
    return Draws(spec.law, unpack(spec.law, spec.reference, spec.layout, vectors), rng, stage_one)


def _check_count(name: str, value: int, least: int) -> None:
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value}; expected a whole number, at least {least}")


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
    target_accept: float = _TARGET_ACCEPT["scores"],
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
    import arviz as az
    import nutpie

    few = f"fewer than two chains had {FEWEST_DRAWS} draws (each is tuned first)"
    with nothing_kept(few):
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
    kept = None
    try:
        sampled = running.wait()
    except KeyboardInterrupt:
        sampled = _abort(running)
        kept = None if sampled is None or not keep_interrupted else _kept(sampled)
        if kept is None:
            raise KeyboardInterrupt(f"nothing is kept, since {few}" if keep_interrupted else "") from None
    except RuntimeError as error:
        raise SamplingError(f"a chain failed: {' '.join(str(error).split())}") from error
    assert sampled is not None
    posterior, every = (sampled[name].dataset for name in ("posterior", "sample_stats"))
    if kept is not None:
        rectangle = {"chain": list(kept.chains), "draw": slice(0, _THIN * kept.draws)}
        posterior, every = posterior.isel(rectangle), every.isel(rectangle)
    # E-BFMI compares successive energies, so it must see every draw.
    e_bfmi = float(np.min(az.bfmi(every)["energy"]))
    vectors, statistics = _thin(posterior), _thin(every).assign(e_bfmi=e_bfmi)
    arrays = {str(name): array.to_numpy() for name, array in vectors.items()}
    if kept is None or (kept.draws == draws and len(kept.chains) == chains):
        return Sampled(arrays, statistics)
    return Sampled(arrays, statistics, interrupted=True, left_out=kept.left_out)


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


def _thin(dataset: "xr.Dataset") -> "xr.Dataset":
    """Keep one of `_THIN` draws; a kept draw bears the divergences of those it stands for."""
    kept = dataset.isel(draw=slice(_THIN - 1, None, _THIN))
    if "diverging" in dataset:
        pairs = dataset["diverging"].to_numpy().reshape(dataset.sizes["chain"], -1, _THIN)
        kept = kept.assign(diverging=(("chain", "draw"), pairs.any(axis=-1)))
    return kept.assign_coords({name: np.arange(kept.sizes[name]) for name in ("chain", "draw")})
