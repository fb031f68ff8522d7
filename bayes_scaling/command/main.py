"""The bayes-scaling command: reads its options, calls the public functions, prints and writes what they return.

The commands' modules import typer alone; each command imports what it needs, so that ``--help`` answers at once and
``forecast`` needs no sampler.
"""

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from ..laws import DEFAULT
from . import planning, planning_runs  # noqa: F401  # their commands join the group
from .evaluating import (
    BACKTEST_EPILOG,
    COMPARE_EPILOG,
    COMPOUNDING_EPILOG,
    RECOMMEND_EPILOG,
    SBC_EPILOG,
    backtest,
    compare,
    compounding,
    recommend,
    sbc,
)
from .fitting import CHECK_EPILOG, FIT_EPILOG, FORECAST_EPILOG, check, fit, forecast
from .importing import EPILOG as IMPORT_EPILOG
from .importing import import_table
from .law_options import ReadsLaws, check_law
from .options import CommandGroup, Overwrite, Progress, interrupted, refused
from .planning_options import plan
from .reporting import EPILOG as REPORT_EPILOG
from .reporting import report
from .shell_words import in_shell

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
                typer.echo(f"Error: {in_shell(str(error))}", err=True)
                raise typer.Exit(1) from None


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"Warning: {in_shell(str(message))}", err=True)


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
        from importlib.metadata import version

        typer.echo(f"bayes-scaling {version('bayes-scaling')}")
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
@ReadsLaws
def demo(
    law: Annotated[str, typer.Option("--law", help="The law to show: {laws}.")] = DEFAULT,
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("bayes-scaling-demo"),
    seed: Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same numbers.")] = 1,
    overwrite: Overwrite = False,
    progress: Progress = True,
) -> None:
    """Fit published runs, forecast the largest, compare."""
    from .demo import check_demonstration, demonstrate

    check_law(law)
    with refused("--out"):
        check_demonstration(out, law, overwrite=overwrite, remedy="--overwrite")
    demonstrate(out, law, overwrite=overwrite, random_seed=seed, progressbar=progress)


app.command(epilog=CHECK_EPILOG)(check)
app.command(epilog=FIT_EPILOG)(fit)
app.command(epilog=FORECAST_EPILOG)(forecast)
app.command(epilog=COMPOUNDING_EPILOG)(compounding)
app.command(epilog=BACKTEST_EPILOG)(backtest)
app.command(epilog=RECOMMEND_EPILOG)(recommend)
app.command(epilog=COMPARE_EPILOG)(compare)
app.command(epilog=SBC_EPILOG)(sbc)


def main() -> None:
    """Run the command."""
    app()
