"""The command ``bayes-scaling report``: a page, a Markdown file or a bundle of a saved fit's forecast."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .groups import BudgetOptions, CostOptions, grouped
from .options import (
    USUAL_PROBS,
    FitPath,
    Overwrite,
    Probs,
    Seed,
    Strict,
    check_not_read,
    check_out,
    numbers_of,
    read_number,
    read_pairs,
    refuse,
    refused,
    stop_where,
)
from .trust import MAKE, NONE, TrustOptions

EPILOG = """
\b
Examples:
  bayes-scaling report fit.nc --flops 1e23,1e24 --out report.html
  bayes-scaling report fit.nc --flops 1e23 --held-out held_out.csv --backtest backtest.parquet --out report.html
  bayes-scaling report fit.nc --flops 1e23 --target piqa=0.8 --target arc_easy=0.75 --out report.md
  bayes-scaling report fit.nc --flops 1e23 --backtest make --since last-month.html --out report.html
  bayes-scaling report fit.nc --flops 1e23,1e24 --out report-bundle
"""


@grouped
def report(
    fit: FitPath,
    out: Annotated[
        Path, typer.Option("--out", help="report.html or report.md; a name without ending becomes a bundle's folder.")
    ],
    *,
    budgets: BudgetOptions,
    held_out: Annotated[
        Path | None, typer.Option("--held-out", metavar="RUNS", help="Scored runs that were not fitted, for the audit.")
    ] = None,
    trust: TrustOptions,
    costs: CostOptions,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="NAME=SCORE",
            help="A wanted score, or mean=SCORE: is the budget enough? May be repeated.",
        ),
    ] = None,
    probability: Annotated[float, typer.Option("--probability", help="How probable all targets are to be.")] = 0.9,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="REPORT", help="An earlier page or bundle: says what moved.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title of the report.")] = None,
    question: Annotated[str | None, typer.Option("--question", help="The question that it answers.")] = None,
    probs: Probs = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    strict: Strict = False,
) -> None:
    """Write a report of a forecast: a page, Markdown, or a bundle."""
    from ..report.writing import ENDINGS

    bundle = out.suffix == ""
    given = None if trust.backtest in (None, MAKE, NONE) else Path(trust.backtest)
    read = (fit, budgets.at, held_out, given, since)
    if bundle:
        from ..report.bundle import check_bundle_place

        check_not_read(out, read)
        with refused("--out"):
            check_bundle_place(out, overwrite=overwrite, remedy="--overwrite")
    elif out.suffix.lower() not in ENDINGS:
        refuse("--out", f"{str(out)!r} ends in {out.suffix!r}; expected {', '.join(ENDINGS)} or a folder's name")
    else:
        check_out(out, "report", ENDINGS, overwrite=overwrite, inputs=read)
    points, cost = budgets.points(), costs.cost()
    wanted = {
        name: read_number("--target", value, "a score, such as 0.8 or 80%")
        for name, value in read_pairs("--target", target or [], "piqa=0.8").items()
    }
    widths = numbers_of("--probs", probs or USUAL_PROBS, "0.5,0.9")

    from ..posterior.fit import load_fit
    from ..report.writing import write_bundle, write_report
    from ..runs.table import read_runs
    from .screen import Screen

    fitted, screen = load_fit(fit), Screen()
    asked: dict[str, Any] = {"title": title, "question": question, "probs": widths, "random_seed": seed}
    asked |= {"targets": wanted, "probability": probability, "cost": cost, "since": since}
    asked |= {"backtest": trust.audit(fit, fitted), "recalibrate": trust.recalibrate}
    if held_out is not None:
        asked["held_out"] = read_runs(held_out)
    screen.remark("Drawing the report, some 5 to 30 s ...")
    if bundle:
        written = write_bundle(fitted, out, points, overwrite=overwrite, **asked)
    else:
        written = write_report(fitted, out, points, overwrite=overwrite, **asked)
    screen.remark(f"wrote {written}")
    stop_where(strict and not fitted.converged)
