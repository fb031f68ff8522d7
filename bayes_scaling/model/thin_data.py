"""What a table leaves to the population, to the prior or to an assumption, in words, before it is fitted."""

import numpy as np

from ..laws import law_reading
from ..runs.plausibility import falling
from ..runs.token_ratios import NARROW, SizeSpread, drifting, ladders_in_words, spread_of_sizes, tokens_per_param
from ..wording import listed, ratios_in_words
from .observed import of_attempts
from .specification import Specification

_MOST_NAMED = 8
_ALONG_AN_AXIS = 0.2  # power below which, or its inverse, one of the two stands still
_TOGETHER = 1.25  # power below which, or its inverse above, the ratio stands still


def thin_data(spec: Specification) -> list[str]:
    """Say what a table leaves open that a law reads.

    Parameters
    ----------
    spec : Specification
        A law on a table of runs.

    Returns
    -------
    list of str
        One sentence each, without a full stop; none where nothing needs saying.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> from bayes_scaling.model.specification import specify
    >>> thin_data(specify(bs.DirectLaw(), bs.load_dataset("cerebras_gpt")))
    []
    """
    fall = falling(spec.runs.frame) if "accuracy" in spec.runs.frame else []
    alone = [*_single_budgets(spec), *_single_runs(spec)]
    return [*spec.unused, *alone, *fall, *_one_line(spec), *_assumed_attempts(spec)]


def _single_budgets(spec: Specification) -> list[str]:
    """Which benchmarks were scored at a single budget, and so cannot show an exponent."""
    rows, labels = spec.rows, spec.reference.labels
    budgets = [len(np.unique(rows.log_flops[rows.benchmark == b])) for b in range(len(labels))]
    thin = [label for label, count in zip(labels, budgets, strict=True) if count == 1]
    if not thin:
        return []
    return [f"a single budget for {', '.join(thin)}: the exponent there is the population's, not the benchmark's own"]


def _single_runs(spec: Specification) -> list[str]:
    """Which families have checkpoints of a single training run, however many: it shows no luck but its own."""
    reference = spec.reference
    members = np.bincount(reference.run_family, minlength=len(reference.families))
    along = {reference.run_family[one.run]: len(one.log_flops) for one in reference.trajectories}
    alone = [f for f in along if members[f] == 1]
    if not alone:
        return []
    if len(reference.families) == 1:
        count = along[alone[0]]
        return [f"all {count} checkpoints are of one training run: how far another lies from it, the prior says"]
    named, each = listed((reference.families[f] for f in alone), _MOST_NAMED), " each" * (len(alone) > 1)
    return [
        f"checkpoints of {named} are of one training run{each}: how far another lies from it, the other families and "
        "the prior say"
    ]


def _one_line(spec: Specification) -> list[str]:
    """Whether params and tokens vary along one line, so that a law of both cannot tell their terms apart."""
    frame, law = spec.runs.frame, spec.law
    if not law.reads_sizes or (spread := spread_of_sizes(frame)).told_apart:
        return []
    within = " within a family" if frame["family"].nunique() > 1 else ""
    stands = f"{_still(spread)}{within}: the table does not tell what params do from what tokens do"
    if drift := drifting(frame):
        # A law of FLOPs alone would take the drift for what FLOPs do; the priors know better.
        return [
            f"{stands}, and the priors of {type(law).__name__} settle it; {ladders_in_words(drift)}, and forecasts off "
            "that line rest on these priors"
        ]
    if not type(law)().reads_sizes and type(law)().resolve(frame).reads_sizes:
        return []  # it reads what the table has, of its own choice; forecasts at other ratios say so
    seen = ratios_in_words(*tokens_per_param(frame).agg(["min", "max"]))
    return [
        f"{stands}, and forecasts are right only along its runs (tokens per parameter {seen}); "
        f"{law_reading('compute', law)!r} reads FLOPs alone"
    ]


def _still(spread: SizeSpread) -> str:
    """Say what does not vary."""
    power = abs(spread.power)
    if spread.most < NARROW:
        return "params and tokens hardly vary"
    if power < _ALONG_AN_AXIS:
        return "tokens hardly vary"
    if power > 1 / _ALONG_AN_AXIS:
        return "params hardly vary"
    if 1 / _TOGETHER < spread.power < _TOGETHER:
        return "tokens per parameter hardly vary"
    return f"tokens follow from params (like their power {spread.power:.2g})"


def _assumed_attempts(spec: Specification) -> list[str]:
    """What is taken for missing numbers of attempts and of problems."""
    if not spec.law.takes_attempts:
        return []
    sets, found, frame = of_attempts(spec.observed).sets, [], spec.runs.frame
    if not sets.counts and (missing := frame["k"].isna().sum() if "k" in frame else len(frame)):
        found.append(f"k is missing in {missing} of {len(frame)} rows: these rates are taken as those of k = 1")
    if sets.assumed_samples:
        missing = frame["n_samples"].isna().sum() if "n_samples" in frame else len(frame)
        found.append(
            f"n_samples is missing in {missing} of {len(frame)} rows: the largest k of each run and benchmark stands in"
        )
    if (unknown := np.isnan(spec.rows.n_items)).any():
        labels = dict.fromkeys(np.array(spec.reference.labels)[spec.rows.benchmark[unknown]].tolist())
        found.append(
            f"n_items is missing for {listed(labels, _MOST_NAMED)}: the number of problems is learned from the scatter "
            "of the rates, and intervals are wider"
        )
    return found
