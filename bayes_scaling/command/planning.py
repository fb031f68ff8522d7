"""The commands of ``bayes-scaling plan``: one planning question each, answered from a saved fit."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .groups import AnswerOptions, CostOptions, grouped
from .options import (
    AttemptsList,
    Benchmarks,
    CommandGroup,
    FitPath,
    RatioList,
    numbers_of,
    read_number,
    read_pairs,
    read_points,
    read_whole_numbers,
    refuse,
)

_EPILOG = """
\b
Examples:
  bayes-scaling plan target fit.nc --benchmark piqa --target 0.8
  bayes-scaling plan allocate ratio.nc --flops 1e22,1e23 --tokens-served 1e13
  bayes-scaling plan train-or-sample pass.nc --target 0.5 --tokens-per-sample 300 --queries 1e6
  bayes-scaling plan next-run fit.nc --flops 1e21,1e22 --target-flops 1e24
  bayes-scaling plan continue fit.nc Pythia-1.4B --more-flops 1e21,1e22 --wanted 0.01
  bayes-scaling plan continue fit.nc Pythia-1.4B --more-flops 1e22 --target GSM8K=0.7
  bayes-scaling plan rank fit.nc --flops 1e23
"""

plan = typer.Typer(
    cls=CommandGroup,
    help="Answer planning questions from a saved fit.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Family = Annotated[str | None, typer.Option("--family", help="The family; needed where several were fitted.")]
Of = Annotated[
    Literal["score", "expected"],
    typer.Option("--of", help="Whether the measured score of a run is meant, or the expected one of the curve."),
]
Flops = Annotated[list[str], typer.Option("--flops", metavar="C,...", help="FLOPs, with commas or repeated.")]
Attempts = Annotated[int | None, typer.Option("--k", help="Attempts at each problem, of pass@k.")]
AtMost = Annotated[float, typer.Option("--at-most", help="Largest training FLOPs that are searched.")]
Ratio = Annotated[float | None, typer.Option("--ratio", help="Training tokens per parameter.")]


@plan.command()
@grouped
def target(
    fit: FitPath,
    benchmark: Annotated[str, typer.Option("--benchmark", help="The benchmark.")],
    target: Annotated[float, typer.Option("--target", help="The wanted score.")],
    probability: Annotated[float, typer.Option("--probability", help="How probable it is to be.")] = 0.9,
    at_most: AtMost = 1e28,
    family: Family = None,
    ratio: Ratio = None,
    k: Attempts = None,
    of: Of = "score",
    *,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Find the training FLOPs that a wanted score needs."""
    cost = costs.cost()
    from ..planning.targets import budget_for

    into.answer(
        budget_for, fit, benchmark, target, probability, at_most, of=of, family=family, ratio=ratio, k=k, cost=cost
    )


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
        float | None, typer.Option("--most-params", help="A cap on the parameters, whose price is told.")
    ] = None,
    tokens_served: Annotated[
        float, typer.Option("--tokens-served", help="Tokens that the model will serve in its life.")
    ] = 0.0,
    *,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Divide FLOPs into parameters and tokens (a fit of a law that reads both, --law general)."""
    cost = costs.cost()
    chosen = numbers_of("--flops", flops, "1e22,1e23")
    from ..planning.allocation import allocate as find_allocation

    into.answer(
        find_allocation,
        fit,
        chosen,
        benchmark or None,
        family=family,
        round_ratio=round_ratio,
        most_params=most_params,
        tokens_served=tokens_served,
        cost=cost,
    )


@plan.command("train-or-sample")
@grouped
def train_or_sample(
    fit: FitPath,
    tokens_per_sample: Annotated[float, typer.Option("--tokens-per-sample", help="Tokens that an attempt generates.")],
    queries: Annotated[float, typer.Option("--queries", help="Problems that will be put to the model.")],
    target: Annotated[float | None, typer.Option("--target", help="A wanted pass rate; or give --flops.")] = None,
    flops: Annotated[
        list[str] | None,
        typer.Option("--flops", metavar="C,...", help="Total budgets, with commas or repeated; or give --target."),
    ] = None,
    probability: Annotated[float, typer.Option("--probability", help="How probable the target is to be.")] = 0.9,
    ratio: Ratio = None,
    benchmark: Annotated[str | None, typer.Option("--benchmark", help="Needed where several were fitted.")] = None,
    family: Family = None,
    most_attempts: Annotated[int | None, typer.Option("--most-attempts", help="Largest k that is tried.")] = None,
    at_most: AtMost = 1e28,
    of: Of = "score",
    *,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Choose training FLOPs and attempts k together (a fit of the pass@k law)."""
    if (target is None) == (not flops):
        refuse("--target", "expected --target or --flops, and not both")
    cost = costs.cost()
    totals = numbers_of("--flops", flops, "1e22,1e23") if flops else None
    from ..planning.repeated_sampling import train_or_sample as find_best

    into.answer(
        find_best,
        fit,
        target,
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
    )


@plan.command("next-run")
@grouped
def next_run(
    fit: FitPath,
    target_flops: Annotated[float, typer.Option("--target-flops", help="FLOPs of the run that is forecast.")],
    target_ratio: Annotated[float | None, typer.Option("--target-ratio", help="Its tokens per parameter.")] = None,
    target_benchmark: Annotated[
        list[str] | None, typer.Option("--target-benchmark", help="By default the mean of all; may be repeated.")
    ] = None,
    flops: Annotated[
        list[str] | None, typer.Option("--flops", metavar="C,...", help="FLOPs of candidates, with commas or repeated.")
    ] = None,
    ratio: RatioList = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="RUNS", help="A table of candidates.")] = None,
    k: AttemptsList = None,
    family: Family = None,
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="Score from which the forecast run would be worth its cost.")
    ] = None,
    several: Annotated[int, typer.Option("--several", help="How many runs to choose.")] = 1,
    least: Annotated[float, typer.Option("--least", help="Share of the variance that a run must remove.")] = 0.05,
    of: Of = "score",
    *,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Choose the run to train next: which one tells most about a forecast."""
    cost = costs.cost()
    sizes = {"flops": flops, "ratio": ratio}
    numbers = {name: numbers_of(f"--{name}", texts, "1e21,1e22") for name, texts in sizes.items() if texts}
    attempts = {"k": [float(value) for value in read_whole_numbers("--k", k, "1,10")]} if k else {}
    families = None if family is None else [family]
    candidates = read_points(at, numbers | attempts, None, families)
    wanted = {"flops": [target_flops]} | ({} if target_ratio is None else {"ratio": [target_ratio]}) | attempts
    from ..planning.run_selection import next_run as find_next

    into.answer(
        find_next,
        fit,
        candidates,
        read_points(None, wanted, target_benchmark or None, families),
        cost="flops" if cost is None else cost,
        read=(at,),
        threshold=threshold,
        several=several,
        least=least,
        of=of,
    )


@plan.command("continue")
@grouped
def continue_(
    fit: FitPath,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A fitted run, or the trajectory of its checkpoints.")],
    more_flops: Annotated[
        list[str],
        typer.Option("--more-flops", metavar="C,...", help="Training FLOPs that are added, with commas or repeated."),
    ],
    wanted: Annotated[float, typer.Option("--wanted", help="The gain in accuracy that would be worth it.")] = 0.0,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="NAME=SCORE",
            help="A score that would be worth it; may be repeated. A score alone is that of the mean.",
        ),
    ] = None,
    benchmark: Benchmarks = None,
    ratio: Annotated[
        float | None,
        typer.Option("--ratio", help="Tokens per parameter of the new run beside it; by default as is usual."),
    ] = None,
    annealed: Annotated[
        bool | None,
        typer.Option(
            "--annealed/--not-annealed",
            help="Whether the learning rate is decayed at the end; by default as of the largest fitted runs.",
        ),
    ] = None,
    of: Of = "score",
    *,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Go on with a run, or stop: what continuing it would gain, and a new run (a fit of a law of params and tokens)."""
    cost = costs.cost()
    amounts = numbers_of("--more-flops", more_flops, "1e21,1e22")
    from ..planning.continuing import continue_run

    into.answer(
        continue_run,
        fit,
        run,
        amounts,
        wanted=wanted,
        target=_targets(target or []),
        benchmark=benchmark or None,
        ratio=ratio,
        annealed=annealed,
        of=of,
        cost=cost,
    )


def _targets(texts: list[str]) -> float | dict[str, float] | None:
    """Wanted scores by name, or one for all."""
    expected = "a score, such as 0.8"
    if len(texts) == 1 and "=" not in texts[0]:
        return read_number("--target", texts[0], expected)
    pairs = read_pairs("--target", texts, "GSM8K=0.7")
    return {name: read_number("--target", value, expected) for name, value in pairs.items()} or None


@plan.command()
@grouped
def rank(
    fit: FitPath,
    flops: Annotated[float, typer.Option("--flops", help="Training FLOPs at which families are ranked.")],
    ratio: Ratio = None,
    benchmark: Benchmarks = None,
    k: Attempts = None,
    of: Of = "score",
    *,
    into: AnswerOptions,
) -> None:
    """Rank families by what they score at a budget."""
    sizes = {"flops": [flops]} | {name: [float(v)] for name, v in (("ratio", ratio), ("k", k)) if v is not None}
    points = read_points(None, sizes, benchmark or None, None)
    from ..planning.ranking import rank_families

    into.answer(rank_families, fit, points, of=of)
