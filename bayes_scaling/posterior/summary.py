"""Summary table of a fit: exponents, levels and ceilings, the population, and how much of each is the prior."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_probability
from ..laws.base import Law
from ..laws.priors import Fixed
from ..model.curve import curve_coefficients
from ..model.reference import Reference
from ..model.response import ceiling_share, highest_accuracy
from ..runs.budget_columns import BUDGETS
from ..wording import bound_names
from .ceilings import ceiling_prior, ceiling_scales, ceiling_shares, highest_accuracies, prior_share, quantiles


@dataclass(frozen=True)
class _Row:
    """Draws of one quantity, whose it is, and its prior where one is to be compared."""

    quantity: str
    family: str
    benchmark: str
    draws: Floats
    prior_median: float = np.nan
    prior_share: float = np.nan


def summarise(law: Law, reference: Reference, draws: Mapping[str, Floats], prob: float = 0.9) -> pd.DataFrame:
    """Exponents, levels and highest accuracies of every curve, ceilings of every benchmark, and the population.

    Parameters
    ----------
    law : Law
        The law.
    reference : Reference
        What was read off the runs before the fit.
    draws : mapping of str to array
        Posterior draws by name, shape (samples, ...).
    prob : float
        Probability of the equal-tailed intervals.

    Returns
    -------
    DataFrame
        One row a quantity and curve. Columns:

        quantity
            ``level``: log error at the reference budget, of pass@k at k = 1; ``exponent``: local, at the reference
            budget, of laws of params and tokens that of compute at a fixed ratio of tokens to parameters;
            ``asymptotic_exponent``: far from the ceiling, ``exponent / (1 - r)``.

            Of laws of params and tokens ``params_exponent`` and ``tokens_exponent``, far from the ceiling,
            ``params_share``, the parameters' share of the error at the reference budgets, and ``split`` and ``tilt``,
            which these follow from. Of a law with a turn ``exponent_before`` and ``exponent_after`` it, ``change``, the
            log of the one over the other, and ``break_point``, its log FLOPs less the reference. Of pass@k
            ``bend_at_reference``, the attempts at which the curve in k bends at the reference budget, ``bend``, from
            which it follows with the level, ``bend_slope``, how its log changes with the log error over runs, and
            ``curvature``; or, of the log-linear form, ``gain``, the fall of the log error per log attempt, and
            ``interaction``, its change with log compute.

            Of the two-stage law level and exponent are those of stage two at the reference loss, in units of the loss
            in which it falls as compute grows: the exponent is local, or of a logistic its steepness, with the
            ``local_exponent`` beside it. What stage one has stands behind ``loss_``: ``loss_level``, log loss at the
            reference budget, ``loss_exponent``, local, ``loss_reducible``, logit of the share of the loss that budgets
            can remove, ``loss_irreducible``, E, in units of the loss, and the exponents of the reducible part.

            ``highest_accuracy``: what the curve approaches as the budget grows without bound (at k = 1); ``ceiling``: E
            of a benchmark, the part of -log Q that no budget removes; ``*_family``: how much a family differs from the
            average family; ``*_population``: a typical benchmark's; ``*_benchmark_sd``, ``*_family_sd`` and
            ``*_interaction_sd``: how much they differ over benchmarks, families and their combinations (differences of
            what is positive: log scale); then the other scales.
        family, benchmark
            Whose it is; empty where it is everyone's.
        mean, median, sd, low_90, high_90
            Of the posterior; the bounds are named after `prob`.
        prior_median, prior_share
            Of ceilings and populations: the prior's median, and how much of the prior survives (`prior_share`):
            1 where the posterior is the prior, so that the scores say nothing; down to 0.1 where they decide. For a
            highest accuracy, what the prior's median of E gives at the fitted level, and the share of E.
        reference_flops, reference_params, reference_tokens, chance, floor
            Of a benchmark: reference budgets, the last two where the law reads them, accuracy of guessing, and the
            floor that was used.

    Raises
    ------
    ValueError
        Where `prob` is not a probability.
    """
    check_probability("prob", prob)
    rows = [
        *_curve_rows(law, reference, draws),
        *_ceiling_rows(law, reference, draws),
        *_family_rows(law, reference, draws),
        *_shared_rows(law, draws),
    ]
    return pd.DataFrame([_summarise(row, prob) for row in rows]).join(_facts(law, reference), on="benchmark")


def _curve_rows(law: Law, reference: Reference, draws: Mapping[str, Floats]) -> Iterator[_Row]:
    pairs = list(zip(reference.curve_family, reference.curve_benchmark, strict=True))
    named = {coefficient.name: draws[coefficient.name] for coefficient in law.coefficients}
    named |= law.derived(curve_coefficients(law, reference, draws))
    for name, values in named.items():
        for c, (family, benchmark) in enumerate(pairs):
            yield _Row(name, reference.families[family], reference.labels[benchmark], values[:, c])


def _ceiling_rows(law: Law, reference: Reference, draws: Mapping[str, Floats]) -> Iterator[_Row]:
    if law.of_losses:
        return
    medians = np.zeros(len(reference.labels))
    if "ceiling" in draws:
        medians = np.median(ceiling_prior(law.prior("ceiling"))) * ceiling_scales(law, draws)
    shares = ceiling_shares(reference, law, draws)
    highest = highest_accuracies(reference, draws)
    for c, (family, b) in enumerate(zip(reference.curve_family, reference.curve_benchmark, strict=True)):
        implied = ceiling_share(medians[b], np.median(draws["level"][:, c]))
        accuracy = float(highest_accuracy(reference.benchmarks[b].floor, medians[b], implied))
        whose = (reference.families[family], reference.labels[b])
        yield _Row("highest_accuracy", *whose, highest[:, c], accuracy, shares[b])
    if "ceiling" in draws:
        for b, label in enumerate(reference.labels):
            yield _Row("ceiling", "", label, draws["ceiling"][:, b], float(medians[b]), shares[b])


def _family_rows(law: Law, reference: Reference, draws: Mapping[str, Floats]) -> Iterator[_Row]:
    for coefficient in law.coefficients:
        name = f"{coefficient.name}_family"
        if name in draws:
            for f, family in enumerate(reference.families):
                yield _Row(name, family, "", draws[name][:, f])


def _shared_rows(law: Law, draws: Mapping[str, Floats]) -> Iterator[_Row]:
    for slot in law.slots():
        if slot.parameter not in draws or draws[slot.parameter].ndim > 1:
            continue
        prior = law.prior(slot.name)
        share = 1.0 if isinstance(prior, Fixed) else prior_share(draws[slot.parameter], quantiles(prior))
        yield _Row(slot.parameter, "", "", draws[slot.parameter], prior.median, share)


def _summarise(row: _Row, prob: float) -> dict[str, str | float]:
    low, median, high = np.quantile(row.draws, [(1 - prob) / 2, 0.5, (1 + prob) / 2])
    low_name, high_name = bound_names(prob)
    return {
        "quantity": row.quantity,
        "family": row.family,
        "benchmark": row.benchmark,
        "mean": row.draws.mean(),
        "median": median,
        "sd": row.draws.std(),
        low_name: low,
        high_name: high,
        "prior_median": row.prior_median,
        "prior_share": row.prior_share,
    }


def _facts(law: Law, reference: Reference) -> pd.DataFrame:
    budgets = [name for name in ("flops", *law.needs) if name in BUDGETS]
    facts = {f"reference_{name}": np.exp(reference.centre(name)) for name in budgets}
    facts |= {name: reference.per_benchmark(name) for name in ("chance", "floor")}
    return pd.DataFrame(facts, index=pd.Index(reference.labels, name="benchmark"))
