"""The command ``bayes-scaling report``: a page, a Markdown file or a bundle of a saved fit's forecast."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .groups import BudgetOptions, grouped
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

EPILOG = """
\b
Examples:
  bayes-scaling report fit.nc --flops 1e23,1e24 --out report.html
  bayes-scaling report fit.nc --flops 1e23 --held-out held_out.csv --backtest backtest.parquet --out report.html
  bayes-scaling report fit.nc --flops 1e23 --target piqa=0.8 --target arc_easy=0.75 --out report.md
  bayes-scaling report fit.nc --flops 1e23,1e24 --out report-bundle
"""
_PROBABILITY = 0.9


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
    backtest: Annotated[
        Path | None, typer.Option("--backtest", metavar="FILE", help="A saved backtest (.parquet), for the audit.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="NAME=SCORE", help="A wanted score: which budget it needs; may be repeated."),
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
    read = (fit, budgets.at, held_out, backtest)
    if bundle:
        from ..report.bundle import check_bundle_place

        check_not_read(out, read)
        with refused("--out"):
            check_bundle_place(out, overwrite=overwrite, remedy="--overwrite")
    elif out.suffix.lower() not in ENDINGS:
        refuse("--out", f"{str(out)!r} ends in {out.suffix!r}; expected {', '.join(ENDINGS)} or a folder's name")
    else:
        check_out(out, "report", ENDINGS, overwrite=overwrite, inputs=read)
    points = budgets.points()
    wanted = {
        name: read_number("--target", value, "a score, such as 0.8")
        for name, value in read_pairs("--target", target or [], "piqa=0.8").items()
    }
    widths = numbers_of("--probs", probs or USUAL_PROBS, "0.5,0.9")

    from ..posterior.fit import load_fit
    from ..report.writing import write_bundle, write_report
    from ..runs.table import read_runs
    from .screen import Screen

    fitted = load_fit(fit)
    asked: dict[str, Any] = {"title": title, "question": question, "probs": widths, "random_seed": seed}
    if held_out is not None:
        asked["held_out"] = read_runs(held_out)
    if backtest is not None:
        from ..evaluation.backtest import read_backtest

        asked["backtest"] = read_backtest(backtest)
    if wanted:
        from ..planning.targets import budget_for

        families = budgets.family or []
        one = families[0] if len(families) == 1 else None
        asked["answers"] = [
            budget_for(fitted, name, score, _PROBABILITY, family=one, random_seed=seed)
            for name, score in wanted.items()
        ]
    if bundle:
        written = write_bundle(fitted, out, points, overwrite=overwrite, **asked)
    else:
        written = write_report(fitted, out, points, overwrite=overwrite, **asked)
    Screen().remark(f"wrote {written}")
    stop_where(strict and not fitted.converged)
