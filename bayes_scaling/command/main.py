"""The bayes-scaling command: reads its options, calls the public functions, prints and writes what they return.

The commands' modules import typer alone; each command imports what it needs, so that ``--help`` answers at once and
``forecast`` needs no sampler.
"""

import warnings
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .importing import EPILOG as IMPORT_EPILOG
from .importing import import_table
from .options import (
    USUAL_PROBS,
    AttemptsList,
    Chains,
    CommandGroup,
    Draws,
    FlopsList,
    Overwrite,
    ParamsList,
    Probs,
    Progress,
    RatioList,
    RunsPath,
    Seed,
    Strict,
    TokensList,
    Tune,
    check_figure,
    check_not_read,
    check_out,
    interrupted,
    read_numbers,
    read_points,
    read_sizes,
    refuse,
    refused,
    stop_where,
)
from .planning import plan
from .reporting import EPILOG as REPORT_EPILOG
from .reporting import report

# "\b" keeps the line breaks of the paragraph that follows.
_EPILOG = """
\b
Examples:
  bayes-scaling demo
  bayes-scaling check runs.csv
  bayes-scaling fit runs.csv --out fit.nc
  bayes-scaling forecast fit.nc --flops 1e23,1e24 --out forecast.csv

\b
Exit codes:
  0  fine
  1  bad input, or with --strict a fit that has not converged
  2  usage
  130  interrupted by Ctrl-C
"""

_DEMO_EPILOG = """
\b
Examples:
  bayes-scaling demo --out my-demo
  bayes-scaling demo --law ratio
  bayes-scaling demo --law pass-at-k
  bayes-scaling demo --law two-stage
"""

_CHECK_EPILOG = """
\b
Example:
  bayes-scaling check runs.csv
"""

_FIT_EPILOG = """
\b
Examples:
  bayes-scaling fit runs.csv --out fit.nc
  bayes-scaling fit runs.csv --out fit.nc --hold-out-above 6e21 --seed 1
  bayes-scaling fit runs.csv --out fit.nc --law ratio
  bayes-scaling fit runs.csv --out fit.nc --law pass-at-k --form log-linear
  bayes-scaling fit runs.csv --out fit.nc --law two-stage --loss loss_c4
  bayes-scaling fit runs.parquet --out fit.nc --where "family == 'C4'" --strict
"""

_FORECAST_EPILOG = """
\b
Examples:
  bayes-scaling forecast fit.nc --flops 1e23,1e24
  bayes-scaling forecast fit.nc --params 70e9 --tokens 2e12 --benchmark piqa
  bayes-scaling forecast fit.nc --flops 1e23 --ratio 20,100
  bayes-scaling forecast fit.nc --flops 1e23 --k 1,10,100
  bayes-scaling forecast fit.nc --at planned.csv --average --out average.md
  bayes-scaling forecast fit.nc --flops 1e24 --probs 0.5,0.95 --out draws.nc
"""

#: Laws that take an option.
_TAKEN_BY = {
    "form": ("pass-at-k",),
    "inputs": ("pass-at-k", "two-stage"),
    "stage_two": ("two-stage",),
    "loss": ("two-stage",),
}
_COMPOUNDING_EPILOG = """
\b
Examples:
  bayes-scaling compounding fit.nc held_out.csv
  bayes-scaling compounding fit.nc held_out.csv --direct direct.nc --out compounding
"""

_BACKTEST_EPILOG = """
\b
Examples:
  bayes-scaling backtest runs.csv
  bayes-scaling backtest runs.csv --law direct --law two-stage --cutoff 1e20 --cutoff 1e21 --out backtest.parquet
  bayes-scaling backtest runs.csv --by family
"""

_RECOMMEND_EPILOG = """
\b
Examples:
  bayes-scaling recommend runs.csv
  bayes-scaling recommend runs.csv --cutoff 1e21
"""

_SBC_EPILOG = """
\b
Examples:
  bayes-scaling sbc direct --simulations 200 --out sbc_direct.csv --figure sbc_direct.png
  bayes-scaling sbc pass-at-k-counts --simulations 50
"""

_COMPARE_EPILOG = """
\b
Example:
  bayes-scaling compare direct.nc ratio.nc
"""

_COLUMNS = ("family", "benchmark", "k", "flops", "tokens/param", "decades_beyond")


class _PlainErrors(CommandGroup):
    """Commands whose errors and warnings are one message on stderr, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except (typer.Exit, typer.Abort):  # both are RuntimeErrors
                raise
            except KeyboardInterrupt:
                interrupted("nothing more was written")
            except (TypeError, ValueError, OSError, RuntimeError) as error:
                typer.echo(f"Error: {error}", err=True)
                raise typer.Exit(1) from None


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"Warning: {message}", err=True)


app = typer.Typer(
    cls=_PlainErrors,
    help="Forecast what larger language-model training runs will score, with honest intervals.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,  # help drawn by rich takes 0.3 s to import
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        typer.echo(f"bayes-scaling {__version__}")
        raise typer.Exit


app.add_typer(plan, name="plan")
app.command("import", epilog=IMPORT_EPILOG)(import_table)
app.command(epilog=REPORT_EPILOG)(report)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(epilog=_DEMO_EPILOG)
def demo(
    law: Annotated[
        Literal["direct", "ratio", "pass-at-k", "two-stage", "broken-power", "sigmoid"],
        typer.Option("--law", help="The law to show."),
    ] = "direct",
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("bayes-scaling-demo"),
    seed: Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same numbers.")] = 1,
    overwrite: Overwrite = False,
    progress: Progress = True,
) -> None:
    """Fit published runs, forecast the largest, compare."""
    from .demo import STORIES, check_demonstration, demonstrate

    with refused("--out"):
        check_demonstration(out, STORIES[law], overwrite=overwrite, remedy="--overwrite")
    demonstrate(out, law, overwrite=overwrite, random_seed=seed, progressbar=progress)


@app.command(epilog=_CHECK_EPILOG)
def check(runs: RunsPath) -> None:
    """Say what a table of runs holds, or list its problems."""
    from ..report.cells import benchmark_cells
    from ..runs.table import read_runs
    from .screen import Screen

    summary = read_runs(runs).summary()
    screen = Screen()
    screen.say(summary.text)
    screen.table(benchmark_cells(summary))


@app.command(epilog=_FIT_EPILOG)
def fit(
    runs: RunsPath,
    out: Annotated[Path, typer.Option("--out", help="File to save the fit in, such as fit.nc.")],
    law: Annotated[
        str,
        typer.Option("--law", help="The law to fit: direct, ratio, pass-at-k, two-stage, broken-power or sigmoid."),
    ] = "direct",
    form: Annotated[
        Literal["tail", "log-linear"] | None,
        typer.Option("--form", help="How scores depend on k; with --law pass-at-k only."),
    ] = None,
    inputs: Annotated[
        Literal["compute", "ratio"] | None,
        typer.Option("--inputs", help="Budgets that scores, or losses, depend on; with --law pass-at-k or two-stage."),
    ] = None,
    stage_two: Annotated[
        Literal["logistic", "linear", "gompertz"] | None,
        typer.Option("--stage-two", help="How scores follow from the loss; with --law two-stage only."),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option("--loss", metavar="COLUMN", help="Column of the loss; with --law two-stage only."),
    ] = None,
    hold_out_above: Annotated[
        float | None, typer.Option("--hold-out-above", metavar="FLOPS", help="Fit only runs of at most these FLOPs.")
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="QUERY", help="Fit only rows that meet a condition on columns.")
    ] = None,
    draws: Draws = 1000,
    tune: Tune = 1000,
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
    from ..laws import LAWS
    from ..runs.table import read_runs
    from ..sampling.fitting import fit as fit_law
    from .screen import Screen, fitting, show_fit

    if law not in LAWS:
        refuse("--law", f"{law!r} is no law; known are {', '.join(LAWS)}")
    given = {"form": form, "inputs": inputs, "stage_two": stage_two, "loss": loss}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name, value in options.items():
        if law not in _TAKEN_BY[name]:
            takers = " or ".join(_TAKEN_BY[name])
            refuse(f"--{name.replace('_', '-')}", f"{value!r} goes with --law {takers}, not with --law {law}")
    check_out(out, "fit", (".nc",), overwrite=overwrite, inputs=(runs,))
    chosen = LAWS[law](**options)
    table = read_runs(runs)
    if hold_out_above is not None:
        table = table.split(flops=hold_out_above)[0]
    if where is not None:
        table = table.select(where)
    screen = Screen()
    try:
        with fitting(screen, law, table):
            fitted = fit_law(
                chosen,
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
    screen.remark(f"wrote {fitted.save(out, overwrite=overwrite)}")
    if fitted.provenance.get("interrupted"):
        interrupted(f"{out} holds the draws that were kept, and says so")
    stop_where(strict and not fitted.converged)


@app.command(epilog=_FORECAST_EPILOG)
def forecast(
    fit: Annotated[Path, typer.Argument(metavar="FIT", help="A saved fit, such as fit.nc.")],
    flops: FlopsList = None,
    params: ParamsList = None,
    tokens: TokensList = None,
    ratio: RatioList = None,
    k: AttemptsList = None,
    at: Annotated[
        Path | None, typer.Option("--at", metavar="RUNS", help="A table of planned runs; accuracies are not needed.")
    ] = None,
    benchmark: Annotated[list[str] | None, typer.Option("--benchmark", help="Only this one; may be repeated.")] = None,
    family: Annotated[list[str] | None, typer.Option("--family", help="Only this one; may be repeated.")] = None,
    new_groups: Annotated[
        Literal["sample"] | None,
        typer.Option("--new-groups", help="Draw benchmarks and families that were not fitted from the population."),
    ] = None,
    average: Annotated[
        bool, typer.Option("--average", help="The mean over benchmarks, with its own interval, instead of each.")
    ] = False,
    probs: Probs = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; its ending says how: .csv .parquet .json .nc .md")
    ] = None,
    seed: Seed = 0,
    strict: Strict = False,
    overwrite: Overwrite = False,
) -> None:
    """Forecast scores at new budgets from a saved fit."""
    from ..forecasting.files import ENDINGS, write

    check_out(out, "forecast", tuple(ENDINGS), overwrite=overwrite, inputs=(fit, at))
    intervals = read_numbers("--probs", probs or USUAL_PROBS, "0.5,0.9")
    numbers = read_sizes(flops, params, tokens, ratio, k)
    points = read_points(at, numbers, benchmark or None, family or None)

    from ..forecasting.forecast import RatioWarning
    from ..forecasting.forecast import forecast as make_forecast
    from ..posterior.fit import load_fit
    from .screen import Screen, show_forecast

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RatioWarning)  # the notes say it
        result = make_forecast(load_fit(fit), points, seed, new_groups=new_groups)
    if average:
        result = result.average()
    screen = Screen()
    show_forecast(screen, result, (*(() if at is None else ("run",)), *_COLUMNS), intervals)
    if out is not None:
        screen.remark(f"wrote {write(result, out, intervals, overwrite=overwrite)}")
    stop_where(strict and not result.converged)


@app.command(epilog=_COMPOUNDING_EPILOG)
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
    from ..evaluation.error_compounding import check_folder
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


@app.command(epilog=_BACKTEST_EPILOG)
def backtest(
    runs: RunsPath,
    law: Annotated[
        list[str] | None, typer.Option("--law", help="A law to backtest, by default direct; may be repeated.")
    ] = None,
    cutoff: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff", metavar="BUDGET,...", help="Largest fitted budgets, with commas or repeated; by default some."
        ),
    ] = None,
    by: Annotated[Literal["flops", "params", "family"], typer.Option("--by", help="What divides the runs.")] = "flops",
    horizon: Annotated[
        float | None, typer.Option("--horizon", metavar="DECADES", help="How far above a cutoff runs are held out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to save the backtest in (.parquet).")] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="File to draw the calibration into.")] = None,
    draws: Draws = 1000,
    tune: Tune = 1000,
    chains: Chains = 4,
    seed: Seed = None,
    overwrite: Overwrite = False,
    progress: Progress = True,
) -> None:
    """Fit laws to the smaller runs and score their forecasts on the larger ones."""
    from ..laws import LAWS

    chosen = law or ["direct"]
    for name in chosen:
        if name not in LAWS:
            refuse("--law", f"{name!r} is no law; known are {', '.join(LAWS)}")
    check_out(out, "backtest", (".parquet",), overwrite=overwrite, inputs=(runs,))
    check_figure(figure, runs, out, overwrite=overwrite)
    cutoffs = read_numbers("--cutoff", cutoff, "1e21,1e22") if cutoff else None

    from ..evaluation.backtesting import backtest as run_backtest
    from ..runs.table import read_runs
    from .screen import Screen, show_backtest

    result = run_backtest(
        {name: LAWS[name]() for name in chosen},
        read_runs(runs),
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
    if figure is not None:
        from ..plots import save

        for path in save(result.plot(), figure, overwrite=overwrite):
            screen.remark(f"wrote {path}")


@app.command(epilog=_RECOMMEND_EPILOG)
def recommend(
    runs: RunsPath,
    cutoff: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff", metavar="C,...", help="Largest fitted FLOPs, with commas or repeated; by default two."
        ),
    ] = None,
    draws: Draws = 1000,
    tune: Tune = 1000,
    seed: Seed = None,
    progress: Progress = True,
) -> None:
    """Say which law to use on a table, from what it has and from a quick backtest."""
    cutoffs = read_numbers("--cutoff", cutoff, "1e21,1e22") if cutoff else None

    from ..evaluation.recommending import recommend as recommend_law
    from ..runs.table import read_runs
    from .screen import Screen, show_recommendation

    table = read_runs(runs)
    found = recommend_law(table, cutoffs=cutoffs, draws=draws, tune=tune, random_seed=seed, progressbar=progress)
    show_recommendation(Screen(), found)


@app.command(epilog=_COMPARE_EPILOG)
def compare(
    fits: Annotated[list[Path], typer.Argument(metavar="FIT...", help="Saved fits of the same table.")],
) -> None:
    """Compare saved fits of the same runs by leave-one-out cross-validation."""
    from ..evaluation.comparing import compare as compare_fits
    from ..posterior.fit import load_fit
    from ..report.cells import comparison_cells
    from .screen import Screen

    names = [path.stem if [p.stem for p in fits].count(path.stem) == 1 else str(path) for path in fits]
    table = compare_fits({name: load_fit(path) for name, path in zip(names, fits, strict=True)})
    Screen().table(comparison_cells(table))


@app.command(epilog=_SBC_EPILOG)
def sbc(
    template: Annotated[
        str,
        typer.Argument(metavar="LAW", help="direct, ratio, pass-at-k, pass-at-k-counts or two-stage."),
    ],
    simulations: Annotated[int, typer.Option("--simulations", help="How many.")] = 200,
    out: Annotated[Path | None, typer.Option("--out", help="File to save the ranks in (.csv).")] = None,
    figure: Annotated[Path | None, typer.Option("--figure", help="File to draw the ranks into (.png or .svg).")] = None,
    draws: Draws = 250,
    tune: Tune = 500,
    chains: Chains = 4,
    overwrite: Overwrite = False,
) -> None:
    """Check the inference of a law by simulation: truths must lie at any rank among the draws of their posteriors."""
    import time

    from ..evaluation.simulation.calibration import TEMPLATES, simulate_ranks
    from .screen import Screen

    if template not in TEMPLATES:
        refuse("LAW", f"{template!r} is not known; expected one of {', '.join(TEMPLATES)}")
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
    if figure is not None:
        from ..plots import save

        for path in save(result.plot(), figure, overwrite=overwrite):
            screen.remark(f"wrote {path}")


def main() -> None:
    """Run the command."""
    app()
