"""What a reader of a forecast must know, in words: how far it reaches, and what was assumed."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..laws.base import Law
from ..laws.two_stage import TwoStageLaw
from ..model.attempts.sets import SampleSets
from ..model.ladder_notes import drift_notes, seeing_sizes
from ..model.loss_table import loss_values
from ..model.observed import Fitted, of_attempts
from ..model.reference import Reference
from ..posterior.draws import Draws
from ..posterior.fit import Fit
from ..runs.columns import numbers, score_labels
from ..runs.planned import Budgets
from ..runs.table import Runs
from ..runs.token_ratios import stray_ratios
from ..wording import listed
from .attempts import Attempts, usual_samples
from .budget_rows import flops_rule
from .points import Points, unseen_pairs
from .prediction import curve_values

_FAR = 1.0  # decades beyond the fitted budgets from which a forecast says so
_MOST_NAMED = 12
_FALLING = 0.05  # share of draws from which a rate that falls with k is worth a note


def convergence_notes(fit: Fit) -> tuple[str, ...]:
    """What a fit that has not converged lacks; nothing of one that has."""
    return () if fit.converged else (f"the fit has {fit.verdict}",)


def forecast_notes(points: Points, decades: NDArray[np.float64], fitted: Runs) -> list[str]:
    """Say what a reader must know of the points of a forecast.

    Parameters
    ----------
    points : Points
        The points.
    decades : array, shape (points,)
        As of `extrapolation_decades`.
    fitted : Runs
        The runs that were fitted.

    Returns
    -------
    list of str
        One sentence each, without a full stop; none where nothing needs saying.
    """
    notes = []
    flops = fitted.frame["flops"]
    if (far := decades.max(initial=0.0)) >= _FAR:
        notes.append(f"extrapolates up to {far:.1f} decades above the fitted budgets (largest {flops.max():.2g} FLOPs)")
    if (below := -decades.min(initial=0.0)) >= _FAR:
        notes.append(
            f"extrapolates up to {below:.1f} decades below the fitted budgets (smallest {flops.min():.2g} FLOPs)"
        )
    if unseen := unseen_pairs(points):
        notes.append(f"drawn from the population, for want of fitted scores: {_named(unseen)}")
    return [*notes, *_item_notes(points)]


def attempt_notes(draws: Draws, points: Points, attempts: Attempts, fitted: Fitted) -> list[str]:
    """Say how far a forecast reaches in k, what its attempts are taken to be, and where rates fall with k."""
    sets, notes = of_attempts(fitted).sets, []
    largest = sets.n_samples.max() if sets.counts else sets.k.max()
    if attempts.k.max() > largest:
        notes.append(f"extrapolates in k: up to {attempts.k.max():g}, fitted up to {largest:g}")
    if sets.assumed_samples:
        notes.append("n_samples was missing in the fitted table; the largest k of a run stands in")
    notes += _mixed_notes(sets) + _assumed_notes(attempts, fitted, points.frame)
    return notes + _falling_notes(draws, points, fitted)


def _assumed_notes(attempts: Attempts, fitted: Fitted, frame: pd.DataFrame) -> list[str]:
    """Say which k and numbers of attempts were not given, and what was assumed in their place."""
    notes = []
    if (lacking := np.isnan(numbers(frame, "k"))).any():
        notes.append(f"k was not given{_in_part(lacking)}; such scores are forecast at k = 1")
    if (lacking := np.isnan(numbers(frame, "n_samples"))).any():
        usual = usual_samples(of_attempts(fitted), attempts.k[lacking])
        more = ", or k where that is more" if (attempts.k[lacking] > usual).any() else ""
        counts = " or ".join(f"{count:g}" for count in np.unique(usual))
        notes.append(
            f"n_samples was not given{_in_part(lacking)}; scores assume {counts} attempts at each problem, as is "
            f"usual in the fitted runs{more}"
        )
    return notes


def _mixed_notes(sets: SampleSets) -> list[str]:
    """Say of rates of a run at several k that they are not of the same samples."""
    if not sets.mixed:
        return []
    mixed = {s for s, _ in sets.sampled[1]}
    return [
        f"rates of {len(mixed)} of {len(sets)} fitted runs and benchmarks were sampled in several ways over k "
        "(temperature, n_samples), and are not one sampling curve: they scatter by an amount of their own (sampling_sd)"
    ]


def _in_part(lacking: NDArray[np.bool_]) -> str:
    return "" if lacking.all() else f" for {lacking.sum()} of {len(lacking)} points"


def _falling_notes(draws: Draws, points: Points, fitted: Fitted) -> list[str]:
    """Say at which budgets a law lets rates fall with k, which none can."""
    law, rows = of_attempts(fitted).law, points.rows
    if not law.may_fall:
        return []
    at = {c.name: curve_values(c, fitted.reference, draws, points) for c in law.attempt_coefficients}
    x = rows.log_flops - fitted.reference.centre_of("flops", rows.benchmark)
    falling = law.falls(x, at).mean(axis=0)
    if not (falling > _FALLING).any():
        return []
    flops = np.exp(rows.log_flops[falling > _FALLING])
    return [
        f"rates fall with k, which cannot be, in up to {falling.max():.0%} of the draws at {flops.min():.2g} to "
        f"{flops.max():.2g} FLOPs: the {law.chosen.get('form', law.name)} form does not hold there"
    ]


def ratio_notes(law: Law, fitted: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Say where a law misses, or has not seen, the tokens per parameter of points.

    Parameters
    ----------
    law : Law
        The fitted law; one that reads FLOPs alone does not see the ratio.
    fitted, frame : DataFrame
        Fitted rows and points, in the columns of `Runs.frame`.

    Returns
    -------
    list of str
        Up to two sentences: that the ratio drifts along the fitted runs of these families, which a law of FLOPs alone
        does not see; and where points have far more or fewer tokens per parameter than the fitted runs of their family.
    """
    blind = not law.reads_sizes
    drift = drift_notes(law, fitted, frame["family"])
    strays = stray_ratios(fitted, frame, follow_path=blind)
    if not strays:
        return drift
    named = _named(map(str, strays))
    if not blind:
        return [f"extrapolates in tokens per parameter: {named}"]
    lower = " (over-trained models score lower)" if any(stray.asked > stray.high for stray in strays) else ""
    return [
        *drift,
        f"tokens per parameter are far from the fitted ones: {named}; {type(law).__name__} reads FLOPs alone, and its "
        f"intervals leave out what this does to a score{lower}: {seeing_sizes(law)!r} reads params and tokens",
    ]


def loss_notes(law: TwoStageLaw, fitted: Fitted, loss: Floats) -> list[str]:
    """Say that losses were given, and where they lie beyond the fitted ones.

    Parameters
    ----------
    law : TwoStageLaw
        The fitted law.
    fitted : Fitted
        The table it was fitted on.
    loss : array, shape (points,)
        Losses of the points.

    Returns
    -------
    list of str
        One sentence or two.
    """
    known = loss_values(law, fitted.runs.frame)
    notes = [f"scores at given losses ({law.loss}): stage two alone"]
    if loss.min() < known.min():
        notes.append(f"losses down to {loss.min():.4g}, below the fitted {known.min():.4g} to {known.max():.4g}")
    return notes


def rule_notes(reference: Reference, frame: pd.DataFrame) -> list[str]:
    """Say where FLOPs of planned runs are 6ND while the fitted runs count them by another rule."""
    rule = flops_rule(reference)
    derived = "flops_source" in frame and (frame["flops_source"] == "6ND").any()
    if not derived or abs(rule / 6 - 1) < 0.05:
        return []
    return [
        f"FLOPs of planned runs are 6 * params * tokens, but those of the fitted runs {rule:.3g} * params * tokens; "
        "give flops counted as in the fitted runs"
    ]


def budget_notes(reference: Reference, at: Budgets) -> list[str]:
    """Say where FLOPs follow from params and tokens, or these from FLOPs and ratio, by another rule than 6ND."""
    rule = flops_rule(reference)
    if abs(rule / 6 - 1) < 0.005:
        return []
    as_fitted = f"{rule:.3g} * params * tokens, as in the fitted runs"
    if np.isnan(at.flops).any():
        return [f"FLOPs are {as_fitted}"]
    if not np.isnan(at.ratio).all():
        return [f"params and tokens follow from the ratio and FLOPs = {as_fitted}"]
    return []


def _item_notes(points: Points) -> list[str]:
    """Say which numbers of items were not given, and what was assumed in their place."""
    frame = points.frame
    missing = frame["n_items"].isna().to_numpy() if "n_items" in frame else np.ones(len(frame), bool)
    assumed = pd.Series(points.rows.n_items, index=score_labels(frame))[missing].groupby(level=0, sort=False).first()
    known, unknown = assumed.dropna(), assumed.index[assumed.isna()]
    notes = []
    if len(known):
        items = _named(f"{label} {count:g}" for label, count in known.items())
        notes.append(f"n_items was not given; scores assume that of the fitted runs: {items}")
    if len(unknown):
        notes.append(f"n_items is not known, and the noise of scores is what the fit inferred: {_named(unknown)}")
    return notes


def _named(names: Iterable[str]) -> str:
    return listed(names, _MOST_NAMED)
