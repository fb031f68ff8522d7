"""The commands of ``bayes-scaling plan`` about a score and what it costs: one question each, from a saved fit."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .groups import AnswerOptions, BudgetOptions, CostOptions, grouped
from .law_options import check_law
from .options import Annealed, FitPath, numbers_of, read_number, read_pairs, refuse
from .planning_options import AtMost, Attempts, Family, Flops, Of, Probability, Ratio, plan
from .trust import RecordOptions, TrustOptions

if TYPE_CHECKING:
    from ..posterior.fit import Fit

_SCORE = "a score, such as 0.8 or 80%"


@plan.command()
@grouped
def probability(
    fit: FitPath,
    target: Annotated[
        list[str],
        typer.Option(
            "--target", metavar="NAME=SCORE", help="A wanted score, or mean=SCORE; of several all must be reached."
        ),
    ],
    probability: Probability = 0.9,
    of: Of = "score",
    *,
    budgets: BudgetOptions,
    trust: TrustOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Say whether a budget is enough for one score or several, and how probable each is."""
    pairs = read_pairs("--target", target, "GSM8K=0.7")
    wanted = {name: read_number("--target", value, _SCORE) for name, value in pairs.items()}
    cost, points = costs.cost(), budgets.points()
    from ..planning.probabilities import probability_of

    into.answer(
        probability_of,
        fit,
        wanted,
        of=of,
        at=points,
        probability=probability,
        cost=cost,
        read=(budgets.at,),
        trust=trust,
    )


@plan.command()
@grouped
def target(
    fit: FitPath,
    benchmark: Annotated[
        list[str], typer.Option("--benchmark", help="The benchmark, or mean; may be repeated for the mean of several.")
    ],
    target: Annotated[str, typer.Option("--target", metavar="SCORE", help="The wanted score.")],
    probability: Probability = 0.9,
    at_most: AtMost = 1e28,
    family: Family = None,
    ratio: Ratio = None,
    k: Attempts = None,
    annealed: Annealed = None,
    of: Of = "score",
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--beside", metavar="FIT", help="A saved fit of another law, or its name to fit it now; may be repeated."
        ),
    ] = None,
    *,
    trust: TrustOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Find the training FLOPs that a wanted score needs."""
    cost, score = costs.cost(), read_number("--target", target, _SCORE)
    for name in beside or []:
        if not Path(name).exists():
            check_law(name)
    from ..planning.targets import budget_for

    asked = benchmark[0] if len(benchmark) == 1 else benchmark
    into.answer(
        budget_for,
        fit,
        asked,
        score,
        probability,
        at_most,
        of=of,
        family=family,
        ratio=ratio,
        k=k,
        annealed=annealed,
        cost=cost,
        read=tuple(Path(name) for name in beside or []),
        trust=trust,
        later={"beside": lambda fitted: _others(fitted, beside or [])},
    )


def _others(fitted: "Fit", names: Iterable[str]) -> "dict[str, Fit]":
    """Fits of other laws: read from files, or made now from the table of the fit."""
    from ..laws import LAWS
    from ..posterior.fit import load_fit
    from ..sampling.fitting import fit as fit_law
    from .screen import Screen, fitting

    found: dict[str, Fit] = {}
    for name in names:
        if Path(name).exists():
            other = load_fit(Path(name))
            found[other.law.name if other.law.name not in found else name] = other
        else:
            with fitting(Screen(), name, fitted.runs):
                found[name] = fit_law(LAWS[name](), fitted.runs, random_seed=1, progressbar=False)
    return found


@plan.command()
@grouped
def allocate(
    fit: FitPath,
    flops: Flops,
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", help="What to maximise; may be repeated for a mean.")
    ] = None,
    family: Family = None,
    round_ratio: Annotated[
        float, typer.Option("--round-ratio", help="Tokens per parameter of the recipe to compare with.")
    ] = 20.0,
    most_params: Annotated[
        str | None, typer.Option("--most-params", metavar="N", help="A cap on the parameters, whose price is told.")
    ] = None,
    tokens_served: Annotated[
        float, typer.Option("--tokens-served", help="Tokens that the model will serve in its life.")
    ] = 0.0,
    *,
    record: RecordOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Divide FLOPs into parameters and tokens (a fit of a law that reads both, --law general)."""
    cost = costs.cost()
    chosen = numbers_of("--flops", flops, "1e22,1e23")
    cap = None if most_params is None else read_number("--most-params", most_params, "a number, such as 7e9 or 7B")
    from ..planning.allocation import allocate as find_allocation

    into.answer(
        find_allocation,
        fit,
        chosen,
        benchmark or None,
        family=family,
        round_ratio=round_ratio,
        most_params=cap,
        tokens_served=tokens_served,
        cost=cost,
        record=(record, max(chosen)),
    )


@plan.command("train-or-sample")
@grouped
def train_or_sample(
    fit: FitPath,
    tokens_per_sample: Annotated[float, typer.Option("--tokens-per-sample", help="Tokens that an attempt generates.")],
    queries: Annotated[float, typer.Option("--queries", help="Problems that will be put to the model.")],
    target: Annotated[
        str | None, typer.Option("--target", metavar="RATE", help="A wanted pass rate; or give --flops.")
    ] = None,
    flops: Annotated[
        list[str] | None,
        typer.Option("--flops", metavar="C,...", help="Total budgets, with commas or repeated; or give --target."),
    ] = None,
    probability: Probability = 0.9,
    ratio: Ratio = None,
    benchmark: Annotated[str | None, typer.Option("--benchmark", help="Needed where several were fitted.")] = None,
    family: Family = None,
    most_attempts: Annotated[int | None, typer.Option("--most-attempts", help="Largest k that is tried.")] = None,
    at_most: AtMost = 1e28,
    of: Of = "score",
    *,
    record: RecordOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Choose training FLOPs and attempts k together (a fit of the pass@k law)."""
    if (target is None) == (not flops):
        refuse("--target", "expected --target or --flops, and not both")
    cost = costs.cost()
    rate = None if target is None else read_number("--target", target, "a rate, such as 0.5 or 50%")
    totals = numbers_of("--flops", flops, "1e22,1e23") if flops else None
    from ..planning.repeated_sampling import train_or_sample as find_best

    into.answer(
        find_best,
        fit,
        rate,
        flops=totals,
        tokens_per_sample=tokens_per_sample,
        queries=queries,
        probability=probability,
        ratio=ratio,
        benchmark=benchmark,
        family=family,
        most_attempts=most_attempts,
        at_most=at_most,
        of=of,
        cost=cost,
        record=(record, None),
    )
