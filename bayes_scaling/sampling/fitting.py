"""fit(): specify a law for a table, build, compile and sample it."""

import time
import warnings
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from ..checks import check_sampling
from ..laws.base import Law
from ..model.ladder_notes import RatioWarning, drift_notes, missing_notes, mixed_notes
from ..model.specification import Specification, as_read, specify
from ..model.thin_data import thin_data
from ..posterior.fit import MOST_DIVERGENT, ConvergenceWarning, Fit
from ..runs.table import Runs
from .enough import look_at
from .interrupting import heeding_ctrl_c, nothing_kept
from .padding import Padded, Size, pad
from .sampler import Sampled, run_sampler
from .tree import deciding_parts, make_tree

_SHORTER = 3  # where draws diverge, once more with a third of the rejections: steps somewhat shorter, not far slower
_TUNING = 500  # from which on tuning longer gives no more ESS for a gradient
_TUNING_OF_FIXED = 1000
_PACKAGES = ("bayes-scaling", "pymc", "nutpie", "arviz", "numpy")


class ThinDataWarning(UserWarning):
    """A table leaves open what its law reads; the population, the prior or an assumption stands in, and is named."""


def fit(
    law: Law,
    runs: Runs,
    *,
    draws: int | None = None,
    tune: int | None = None,
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
        The law and its priors, such as ``GeneralLaw()``.
    runs : Runs
        Scored runs.
    draws : int, optional
        Draws kept of each chain. By default as many as are enough: from 300 on, until R-hat is at most 1.01 and ESS at
        least 800, twice what convergence asks for, of all that decides; from 1,000 on convergence itself is enough, and
        2,000 are the most. ``provenance["stopped"]`` says why there are no more: "enough", "limit", "fixed" or
        "interrupted".
    tune : int, optional
        Draws spent on tuning by each chain; by default 500, and 1,000 where `draws` is given.
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
    RatioWarning
        Where the law reads FLOPs alone, and tokens per parameter drift along the runs of a family; and where it does so
        for want of the params or tokens of some runs.
    ThinDataWarning
        Where benchmarks were scored at a single budget; where the law reads params and tokens, and these hardly vary
        apart from each other; where FLOPs, params or tokens of some runs follow from 6ND, and those of others do not;
        where a law of attempts lacks n_samples or n_items; where a two-stage law lacks the loss of scored runs.
    """
    check_sampling(draws, tune, chains)
    spec = specify(law, runs)
    runs = as_read(law, runs)
    for sentence in [*missing_notes(law, runs.frame), *drift_notes(spec.law, runs.frame)]:
        warnings.warn(sentence, RatioWarning, stacklevel=2)
    for sentence in [*mixed_notes(runs.frame), *thin_data(spec)]:
        warnings.warn(sentence, ThinDataWarning, stacklevel=2)
    seed = int(np.random.default_rng().integers(2**32)) if random_seed is None else random_seed
    tune = tune or usual_tuning(draws)
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


def usual_tuning(draws: int | None) -> int:
    """Draws spent on tuning where nothing else is asked for."""
    return _TUNING if draws is None else _TUNING_OF_FIXED


def sample_specification(
    spec: Specification,
    runs: Runs,
    *,
    seed: int,
    reuse: bool,
    retry: bool = True,
    size: Size | None = None,
    **options: Any,
) -> Fit:
    """Sample the model of a specification; of a two-stage law both, whose posteriors are independent.

    Takes ``draws``, ``tune``, ``chains``, ``progressbar`` and ``keep_interrupted`` as `fit` does, and neither warns nor
    refuses. Where draws diverge, it samples once more with shorter steps, unless `retry` is false. With a `size`, which
    goes with `reuse`, the model is filled up to it, so that tables of several sizes share one; of one stage only.
    """
    losses = None
    if spec.stage_one is not None:
        # Of a seed of its own: two samplers with one seed walk alike.
        other_seed = int(np.random.default_rng(seed).integers(2**32))
        with nothing_kept("stage one, the fit of the losses, had not ended, and a forecast needs both stages"):
            losses = _sample(spec.stage_one, other_seed, reuse, retry, None, **(options | {"keep_interrupted": False}))
    padded = None if size is None else pad(spec, size)
    scores = _sample(spec, seed, reuse, retry, padded, **options)
    with nothing_kept("the draws were still being diagnosed"):
        if losses is None or spec.stage_one is None:
            return _fit_of(spec, runs, scores, options)
        of_losses, of_scores = _of_one_size(losses, scores)  # a forecast takes a draw of each stage
        stage_one = _fit_of(spec.stage_one, spec.stage_one.runs, of_losses, options, judged=losses)
        return _fit_of(spec, runs, of_scores, options, stage_one, judged=scores)


@dataclass(frozen=True, eq=False)
class _Sampling:
    """What a sampler found of a specification, and how."""

    found: "Sampled"
    how: dict[str, Any]


def _of_one_size(one: _Sampling, other: _Sampling) -> tuple[_Sampling, _Sampling]:
    """Cut two samplings to the chains and the draws that both have."""
    sizes = [sampling.found.statistics.sizes for sampling in (one, other)]
    chains, draws = (min(size[name] for size in sizes) for name in ("chain", "draw"))
    first, second = (replace(sampling, found=sampling.found.of_size(chains, draws)) for sampling in (one, other))
    return first, second


def _sample(
    spec: Specification, seed: int, reuse: bool, retry: bool, padded: Padded | None, **options: Any
) -> _Sampling:
    """Compile the model of one stage and sample it."""
    from .compiling import compile_model

    accept = spec.law.target_accept
    of_table = dict if padded is None else padded.of_table
    options["judge"] = lambda vectors: look_at(deciding_parts(spec, of_table(vectors)))
    start = time.perf_counter()
    with nothing_kept("the model was still being compiled"), heeding_ctrl_c():
        compiled, reused = compile_model(spec, reuse=reuse, padded=padded)
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
    found = replace(found, vectors=of_table(found.vectors))
    seconds = {"compile": round(ready - start, 2), "sample": round(time.perf_counter() - ready, 2)}
    sizes = found.statistics.sizes
    drawn = {"random_seed": seed, "draws": sizes["draw"], "tune": options["tune"], "chains": sizes["chain"]}
    return _Sampling(found, drawn | {"target_accept": accept, "seconds": seconds, "reused_model": reused})


def _fit_of(
    spec: Specification,
    runs: Runs,
    sampling: _Sampling,
    options: dict[str, Any],
    stage_one: Fit | None = None,
    judged: _Sampling | None = None,
) -> Fit:
    """Return a fit of draws; where these were cut, it is judged by all that the sampler found."""
    found = sampling.found
    provenance: dict[str, Any] = {**sampling.how, "stopped": found.stopped}
    if found.looks:
        provenance["looks"] = [look.rounded() for look in found.looks]
    if found.interrupted:
        asked = {name: options[name] for name in ("draws", "chains")}
        provenance |= {"interrupted": True, "asked": asked, "left_out": found.left_out}
    provenance |= {"versions": {name: version(name) for name in _PACKAGES}, "data_hash": runs.data_hash}
    tree = make_tree(spec, found.vectors, found.statistics)
    if judged is not None and judged.found is not found and not found.interrupted:
        every = judged.found
        tree["diagnostics"] = make_tree(spec, every.vectors, every.statistics)["diagnostics"]
    return Fit(spec.law, runs, spec.fitted, tree, provenance, stage_one)
