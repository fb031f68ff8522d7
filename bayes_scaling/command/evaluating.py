"""`bayes-scaling backtest`, `recommend`, `compare`, `compounding` and `sbc`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .law_options import ReadsLaws, check_law
from .options import (
    Chains,
    EnoughDraws,
    EnoughTuning,
    KeptDraws,
    Overwrite,
    Progress,
    RunsPath,
    Seed,
    Strict,
    Tune,
    check_figure,
    check_not_read,
    check_out,
    numbers_of,
    refuse,
    refused,
    stop_where,
)
from .trust import kept_beside

if TYPE_CHECKING:
    from ..laws.base import Law
    from ..runs.table import Runs

COMPOUNDING_EPILOG = """
\b
Examples:
  bayes-scaling compounding fit.nc held_out.csv
  bayes-scaling compounding fit.nc held_out.csv --direct direct.nc --out compounding
"""
BACKTEST_EPILOG = """
\b
Examples:
  bayes-scaling backtest runs.csv
  bayes-scaling backtest runs.csv --law direct --law two-stage --cutoff 1e20 --cutoff 1e21 --out backtest.parquet
  bayes-scaling backtest runs.csv --by family
  bayes-scaling backtest checkpoints.csv --by run --cutoff 0.25,0.5
  bayes-scaling backtest fit.nc
"""
RECOMMEND_EPILOG = """
\b
Examples:
  bayes-scaling recommend runs.csv
  bayes-scaling recommend runs.csv --cutoff 1e21
"""
SBC_EPILOG = """
\b
Examples:
  bayes-scaling sbc direct --simulations 200 --out sbc_direct.csv --figure sbc_direct.png
  bayes-scaling sbc pass-at-k-counts --simulations 50
"""
COMPARE_EPILOG = """
\b
Examples:
  bayes-scaling compare direct.nc ratio.nc
  bayes-scaling compare may.html june.html
"""


def compounding(
    fit: Annotated[Path, typer.Argument(metavar="FIT", help="A saved fit of the two-stage law.")],
    held_out: Annotated[
        Path, typer.Argument(metavar="RUNS", help="A table of runs that were not fitted, with scores and losses.")
    ],
    direct: Annotated[
        Path | None,
        typer.Option("--direct", metavar="FIT", help="A saved fit of a law of one stage, to stand beside it."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write the tables (CSV) and the figure into.")
    ] = None,
    seed: Seed = 0,
    strict: Strict = False,
    overwrite: Overwrite = False,
) -> None:
    """Say how the errors of a two-stage forecast compound."""
    from ..evaluation.compounding import check_folder
    from ..evaluation.error_compounding import compounding as find_compounding
    from ..posterior.fit import load_fit
    from ..runs.table import read_runs
    from .screen import Screen, show_compounding

    if out is not None:
        check_not_read(out, (fit, held_out, direct))
        with refused("--out"):
            check_folder(out, overwrite=overwrite, remedy="--overwrite")
    fitted = load_fit(fit)
    other = None if direct is None else load_fit(direct)
    result = find_compounding(fitted, read_runs(held_out), direct=other, random_seed=seed)
    screen = Screen()
    show_compounding(screen, result)
    if out is not None:
        for path in result.save(out, overwrite=overwrite):
            screen.remark(f"wrote {path}")
    stop_where(strict and not fitted.converged)


def backtest(
    runs: Annotated[
        Path,
        typer.Argument(
            metavar="RUNS", help="Table of runs; or a saved fit (.nc): its law on its table, kept beside the fit."
        ),
    ],
    law: Annotated[
        list[str] | None,
        typer.Option("--law", help="A law to backtest, by default general, or that of the fit; may be repeated."),
    ] = None,
    cutoff: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff",
            metavar="BUDGET,...",
            help="Largest fitted budgets (by run: shares of each), with commas or repeated; by default some.",
        ),
    ] = None,
    by: Annotated[
        Literal["flops", "params", "family", "run"],
        typer.Option("--by", help="What divides the runs; run: the first part of each is fitted, the rest forecast."),
    ] = "flops",
    horizon: Annotated[
        float | None, typer.Option("--horizon", metavar="DECADES", help="How far above a cutoff runs are held out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to save the backtest in (.parquet).")] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="File to draw the calibration into.")] = None,
    draws: EnoughDraws = None,
    tune: EnoughTuning = None,
    chains: Chains = 4,
    seed: Seed = None,
    overwrite: Overwrite = False,
    progress: Progress = True,
) -> None:
    """Fit laws to the smaller runs and score their forecasts on the larger ones."""
    for name in law or []:
        check_law(name)
    of_fit = runs.suffix == ".nc"
    if of_fit and out is None:
        out = kept_beside(runs)
    check_out(out, "backtest", (".parquet",), overwrite=overwrite, inputs=(runs,))
    check_figure(figure, runs, out, overwrite=overwrite)
    cutoffs = numbers_of("--cutoff", cutoff, "1e21,1e22") if cutoff else None

    from ..evaluation.backtesting import backtest as run_backtest
    from ..laws import DEFAULT, LAWS
    from .screen import Screen, draw_into, show_backtest

    table, fitted = _table_and_law(runs, of_fit)
    laws = fitted if fitted and not law else {name: LAWS[name]() for name in law or [DEFAULT]}
    result = run_backtest(
        laws,
        table,
        cutoffs=cutoffs,
        by=by,
        horizon=horizon,
        draws=draws,
        tune=tune,
        chains=chains,
        random_seed=seed,
        progressbar=progress,
    )
    screen = Screen()
    show_backtest(screen, result)
    if out is not None:
        screen.remark(f"wrote {result.to_parquet(out, overwrite=overwrite)}")
    draw_into(screen, result, figure, overwrite=overwrite)


def _table_and_law(path: Path, of_fit: bool) -> "tuple[Runs, dict[str, Law]]":
    """The table of runs, and of a saved fit its law."""
    if not of_fit:
        from ..runs.table import read_runs

        return read_runs(path), {}
    from ..posterior.fit import load_fit

    fit = load_fit(path)
    return fit.runs, {fit.law.name: fit.law}


def recommend(
    runs: RunsPath,
    cutoff: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff", metavar="C,...", help="Largest fitted FLOPs, with commas or repeated; by default two."
        ),
    ] = None,
    draws: EnoughDraws = None,
    tune: EnoughTuning = None,
    seed: Seed = None,
    progress: Progress = True,
) -> None:
    """Say which law to use on a table, from what it has and from a quick backtest."""
    cutoffs = numbers_of("--cutoff", cutoff, "1e21,1e22") if cutoff else None

    from ..evaluation.recommending import recommend as recommend_law
    from ..runs.table import read_runs
    from .screen import Screen, show_recommendation

    table = read_runs(runs)
    found = recommend_law(table, cutoffs=cutoffs, draws=draws, tune=tune, random_seed=seed, progressbar=progress)
    show_recommendation(Screen(), found)


def compare(
    fits: Annotated[
        list[Path],
        typer.Argument(metavar="FIT...", help="Saved fits of the same table; or two reports, the earlier first."),
    ],
) -> None:
    """Compare saved fits of the same runs by leave-one-out cross-validation, or two reports: what moved."""
    if len(fits) == 2 and all(path.is_dir() or path.suffix.lower() == ".html" for path in fits):
        _show_moved(*fits)
        return
    from ..evaluation.comparing import compare as compare_fits
    from ..posterior.fit import load_fit
    from ..report.cells import comparison_cells
    from .screen import Screen

    names = [path.stem if [p.stem for p in fits].count(path.stem) == 1 else str(path) for path in fits]
    table = compare_fits({name: load_fit(path) for name, path in zip(names, fits, strict=True)})
    Screen().table(comparison_cells(table))


def _show_moved(old: Path, new: Path) -> None:
    """Print what moved from one report to another."""
    from ..report.moved import compare_reports, moved_cells
    from .screen import Screen

    moved, screen = compare_reports(old, new), Screen()
    screen.say(moved.sentence, style="bold")
    if len(table := moved.table()):
        screen.table(moved_cells(table))
    screen.notes(moved.notes)


@ReadsLaws
def sbc(
    template: Annotated[
        str,
        typer.Argument(metavar="LAW", help="{templates}."),
    ],
    simulations: Annotated[int, typer.Option("--simulations", help="How many.")] = 200,
    out: Annotated[Path | None, typer.Option("--out", help="File to save the ranks in (.csv).")] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="File to draw the ranks into (.png or .svg).")] = None,
    draws: KeptDraws = 250,
    tune: Tune = 500,
    chains: Chains = 4,
    overwrite: Overwrite = False,
) -> None:
    """Check the inference of a law by simulation: truths must lie at any rank among the draws of their posteriors."""
    import time

    from ..evaluation.simulation.calibration import simulate_ranks
    from ..laws import templates
    from .screen import Screen, draw_into

    if template not in templates():
        refuse("LAW", f"{template!r} is not known; expected one of {', '.join(templates())}")
    check_out(out, "ranks", (".csv",), overwrite=overwrite)
    check_figure(figure, out, overwrite=overwrite)
    screen, start, count = Screen(), time.perf_counter(), [0]

    def done() -> None:
        count[0] += 1
        if count[0] % 20 == 0:
            screen.remark(f"{count[0]} of {simulations} simulations, {time.perf_counter() - start:.0f} s")

    result = simulate_ranks(template, simulations, draws=draws, tune=tune, chains=chains, done=done)
    table = result.table()
    forms = {"mean": "{:.3f}", "p": "{:.3f}", "p_corrected": "{:.3f}"}
    cells = table.assign(**{name: table[name].map(form.format) for name, form in forms.items()}).astype(str)
    screen.table(cells.assign(uniform=table["uniform"].map({True: "yes", False: "NO"})))
    screen.say(result.sentence[0].upper() + result.sentence[1:])
    screen.notes(result.failed)
    if out is not None:
        command = f"bayes-scaling sbc {template} --simulations {simulations} --out {out.name}"
        screen.remark(f"wrote {result.to_csv(out, command, overwrite=overwrite)}")
    draw_into(screen, result, figure, overwrite=overwrite)
