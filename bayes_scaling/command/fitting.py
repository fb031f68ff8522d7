"""`bayes-scaling check`, `fit` and `forecast`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .groups import BudgetOptions, CostOptions, grouped
from .law_options import ChosenLaw, ReadsLaws, laws_epilog
from .options import (
    USUAL_PROBS,
    Chains,
    EnoughDraws,
    EnoughTuning,
    FitPath,
    Overwrite,
    Probs,
    Progress,
    RunsPath,
    Seed,
    Strict,
    check_out,
    interrupted,
    numbers_of,
    said_of_table,
    stop_where,
)
from .trust import TrustOptions

CHECK_EPILOG = """
\b
Examples:
  bayes-scaling check runs.csv
  bayes-scaling check models.csv --wide
"""
FIT_EPILOG = f"""{laws_epilog()}
\b
Examples:
  bayes-scaling fit runs.csv --out fit.nc
  bayes-scaling fit runs.csv --out fit.nc --hold-out-above 6e21 --seed 1
  bayes-scaling fit runs.csv --out fit.nc --law ratio
  bayes-scaling fit runs.csv --out fit.nc --law pass-at-k --form log-linear
  bayes-scaling fit runs.csv --out fit.nc --law two-stage --loss loss_c4
  bayes-scaling fit runs.parquet --out fit.nc --where "family == 'C4'" --strict
"""
FORECAST_EPILOG = """
\b
Examples:
  bayes-scaling forecast fit.nc --flops 1e23,1e24
  bayes-scaling forecast fit.nc --params 70e9 --tokens 2e12 --benchmark piqa
  bayes-scaling forecast fit.nc --flops 1e23 --ratio 20,100
  bayes-scaling forecast fit.nc --flops 1e23 --k 1,10,100
  bayes-scaling forecast checkpoints.nc --flops 1e22 --annealed
  bayes-scaling forecast fit.nc --at planned.csv --average --out average.md
  bayes-scaling forecast fit.nc --flops 1e24 --backtest make --recalibrate
  bayes-scaling forecast fit.nc --flops 1e24 --probs 0.5,0.95 --out draws.nc
"""
_COLUMNS = ("family", "benchmark", "k", "flops", "tokens/param", "decades_beyond")


def check(
    runs: RunsPath,
    wide: Annotated[
        bool, typer.Option("--wide", help="Read a table with a column a benchmark, as bayes-scaling import wide does.")
    ] = False,
) -> None:
    """Say what a table of runs holds and what can hardly be right in it, or list its problems."""
    from ..laws import DEFAULT, LAWS
    from ..model.ladder_notes import ladder_lines, reading_notes
    from ..model.taking import check_taken
    from ..report.cells import benchmark_cells
    from ..runs.importers.importing import import_runs
    from ..runs.plausibility import doubts, remarks
    from ..runs.table import read_runs
    from .screen import Screen

    with said_of_table() as said:
        table = import_runs("wide", runs) if wide else read_runs(runs)
    summary = table.summary()
    screen = Screen()
    screen.say(summary.text)
    screen.table(benchmark_cells(summary))
    taken = () if summary.planned else check_taken(table)
    ladder = [*ladder_lines(table.frame), *reading_notes(LAWS[DEFAULT](), table.frame)]
    screen.notes([*said, *doubts(table.frame), *remarks(table.frame), *taken, *ladder])


@ReadsLaws
def fit(
    runs: RunsPath,
    out: Annotated[Path, typer.Option("--out", help="File to save the fit in, such as fit.nc.")],
    law: ChosenLaw,
    hold_out_above: Annotated[
        float | None, typer.Option("--hold-out-above", metavar="FLOPS", help="Fit only runs of at most these FLOPs.")
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="QUERY", help="Fit only rows that meet a condition on columns.")
    ] = None,
    draws: EnoughDraws = None,
    tune: EnoughTuning = None,
    chains: Chains = 4,
    keep_interrupted: Annotated[
        bool, typer.Option("--keep-interrupted", help="On Ctrl-C save the draws that chains have; the fit says so.")
    ] = False,
    seed: Seed = None,
    strict: Strict = False,
    overwrite: Overwrite = False,
    progress: Progress = True,
) -> None:
    """Fit a law to a table of runs and save the fit."""
    from ..model.ladder_notes import fit_notes
    from ..runs.table import read_runs
    from ..sampling.fitting import fit as fit_law
    from .screen import Screen, fitting, show_fit

    check_out(out, "fit", (".nc",), overwrite=overwrite, inputs=(runs,))
    table = read_runs(runs)
    if hold_out_above is not None:
        table = table.split(flops=hold_out_above)[0]
    if where is not None:
        table = table.select(where)
    screen = Screen()
    try:
        with fitting(screen, law.name, table):
            fitted = fit_law(
                law,
                table,
                draws=draws,
                tune=tune,
                chains=chains,
                random_seed=seed,
                progressbar=progress,
                keep_interrupted=keep_interrupted,
            )
    except KeyboardInterrupt as stop:
        if not keep_interrupted:
            interrupted("nothing was written; --keep-interrupted saves the draws of chains that are tuned")
        interrupted(str(stop) or "nothing was written")
    show_fit(screen, fitted)
    screen.notes(fit_notes(law, table.frame))
    screen.remark(f"wrote {fitted.save(out, overwrite=overwrite)}")
    if fitted.provenance.get("interrupted"):
        interrupted(f"{out} holds the draws that were kept, and says so")
    stop_where(strict and not fitted.converged)


@grouped
def forecast(
    fit: FitPath,
    *,
    budgets: BudgetOptions,
    new_groups: Annotated[
        Literal["sample"] | None,
        typer.Option("--new-groups", help="Draw benchmarks and families that were not fitted from the population."),
    ] = None,
    average: Annotated[
        bool, typer.Option("--average", help="The mean over benchmarks, with its own interval, instead of each.")
    ] = False,
    probs: Probs = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; its ending says how: .csv .parquet .json .nc .md .tex")
    ] = None,
    seed: Seed = 0,
    strict: Strict = False,
    overwrite: Overwrite = False,
    trust: TrustOptions,
    costs: CostOptions,
) -> None:
    """Forecast scores at new budgets from a saved fit."""
    from ..report.tables import FORECAST_ENDINGS, write_table

    check_out(out, "forecast", FORECAST_ENDINGS, overwrite=overwrite, inputs=(fit, budgets.at))
    intervals = numbers_of("--probs", probs or USUAL_PROBS, "0.5,0.9")
    points, cost = budgets.points(), costs.cost()

    from ..forecasting.from_fit import quiet_forecast, with_record
    from ..planning.cost import with_cost_notes
    from ..posterior.fit import load_fit
    from .screen import Screen, show_forecast

    fitted = load_fit(fit)
    result = quiet_forecast(fitted, points, seed, new_groups=new_groups)
    if average:
        result = result.average()
    audit = trust.audit(fit, fitted)
    result = with_cost_notes(with_record(fitted, result, audit, recalibrate=trust.recalibrate), cost)
    screen = Screen()
    show_forecast(screen, result, (*(() if budgets.at is None else ("run",)), *_COLUMNS), intervals)
    if audit is None:
        screen.remark("How such forecasts held in the past was not looked at; --backtest make does it.")
    if out is not None:
        screen.remark(f"wrote {write_table(result, out, intervals, overwrite=overwrite)}")
    stop_where(strict and not result.converged)
