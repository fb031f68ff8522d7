"""The commands of ``bayes-scaling plan`` about runs and recipes: what to train or score next, continue, or prefer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .groups import AnswerOptions, CostOptions, grouped
from .options import (
    Annealed,
    AttemptsList,
    Benchmarks,
    FitPath,
    RatioList,
    numbers_of,
    read_number,
    read_pairs,
    read_points,
    read_whole_numbers,
)
from .planning_options import Attempts, Family, Of, Ratio, plan
from .trust import RecordOptions

if TYPE_CHECKING:
    from ..runs.planned import Budgets
    from ..runs.table import Runs

TargetFlops = Annotated[float, typer.Option("--target-flops", help="FLOPs of the run that is forecast.")]
TargetRatio = Annotated[float | None, typer.Option("--target-ratio", help="Its tokens per parameter.")]
TargetBenchmark = Annotated[
    list[str] | None, typer.Option("--target-benchmark", help="By default the mean of all; may be repeated.")
]
Threshold = Annotated[
    float | None, typer.Option("--threshold", help="Score from which the forecast run would be worth its cost.")
]
Several = Annotated[int, typer.Option("--several", help="How many to choose at most.")]
Least = Annotated[float, typer.Option("--least", help="Share of the variance that each must remove, else none is.")]


@plan.command("next-run")
@grouped
def next_run(
    fit: FitPath,
    target_flops: TargetFlops,
    target_ratio: TargetRatio = None,
    target_benchmark: TargetBenchmark = None,
    flops: Annotated[
        list[str] | None, typer.Option("--flops", metavar="C,...", help="FLOPs of candidates, with commas or repeated.")
    ] = None,
    ratio: RatioList = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="RUNS", help="A table of candidates.")] = None,
    k: AttemptsList = None,
    family: Family = None,
    threshold: Threshold = None,
    several: Several = 1,
    least: Least = 0.05,
    of: Of = "score",
    *,
    record: RecordOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Choose the run to train next: which one tells most about a forecast, if one is worth it."""
    cost = costs.cost()
    sizes = {"flops": flops, "ratio": ratio}
    numbers = {name: numbers_of(f"--{name}", texts, "1e21,1e22") for name, texts in sizes.items() if texts}
    attempts, families = _attempts(k), None if family is None else [family]
    candidates = read_points(at, numbers | attempts, None, families, ways="--flops, --flops with --ratio")
    target = _target(target_flops, target_ratio, target_benchmark, attempts, families)
    from ..planning.run_selection import next_run as find_next

    into.answer(
        find_next,
        fit,
        candidates,
        target,
        cost="flops" if cost is None else cost,
        read=(at,),
        threshold=threshold,
        several=several,
        least=least,
        of=of,
        record=(record, target_flops),
    )


@plan.command("next-evaluation")
@grouped
def next_evaluation(
    fit: FitPath,
    target_flops: TargetFlops,
    target_ratio: TargetRatio = None,
    target_benchmark: TargetBenchmark = None,
    at: Annotated[
        Path | None,
        typer.Option("--at", metavar="RUNS", help="A table of scores to measure; by default all that are missing."),
    ] = None,
    together: Annotated[
        Literal["score", "run", "benchmark"],
        typer.Option("--together", help="What is measured at once: one score, all of a run, or a benchmark on all."),
    ] = "score",
    cost: Annotated[
        str | None, typer.Option("--cost", metavar="COLUMN", help="Column of that table with what each score costs.")
    ] = None,
    k: AttemptsList = None,
    family: Family = None,
    threshold: Threshold = None,
    several: Several = 1,
    least: Least = 0.0,
    of: Of = "score",
    *,
    record: RecordOptions,
    into: AnswerOptions,
) -> None:
    """Choose the evaluation of runs that exist which tells most about a forecast."""
    families = None if family is None else [family]
    target = _target(target_flops, target_ratio, target_benchmark, _attempts(k), families)
    from ..planning.run_selection import next_evaluation as find_next
    from ..runs.table import read_runs

    into.answer(
        find_next,
        fit,
        target,
        None if at is None else read_runs(at),
        together={"score": ("run", "benchmark"), "run": ("run",), "benchmark": ("benchmark",)}[together],
        cost=cost,
        read=(at,),
        threshold=threshold,
        several=several,
        least=least,
        of=of,
        record=(record, target_flops),
    )


def _attempts(k: list[str] | None) -> dict[str, list[float]]:
    """Attempts at each problem, as `read_points` takes them."""
    return {"k": [float(value) for value in read_whole_numbers("--k", k, "1,10")]} if k else {}


def _target(
    flops: float,
    ratio: float | None,
    benchmark: list[str] | None,
    attempts: dict[str, list[float]],
    families: list[str] | None,
) -> "Runs | Budgets":
    """The run whose forecast is to be told most of."""
    sizes = {"flops": [flops]} | ({} if ratio is None else {"ratio": [ratio]}) | attempts
    return read_points(None, sizes, benchmark or None, families)


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
    annealed: Annealed = None,
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
    record: RecordOptions,
    costs: CostOptions,
    into: AnswerOptions,
) -> None:
    """Rank families by what they score at a budget."""
    cost = costs.cost()
    sizes = {"flops": [flops]} | {name: [float(v)] for name, v in (("ratio", ratio), ("k", k)) if v is not None}
    points = read_points(None, sizes, benchmark or None, None)
    from ..planning.ranking import rank_families

    into.answer(rank_families, fit, points, of=of, cost=cost, record=(record, flops))
