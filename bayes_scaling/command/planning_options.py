"""The group ``bayes-scaling plan``, and options that several of its questions share."""

from typing import Annotated, Literal

import typer

from .options import CommandGroup

_EPILOG = """
\b
Examples:
  bayes-scaling plan probability fit.nc --flops 3e23 --target GSM8K=0.7 --target MMLU=0.6
  bayes-scaling plan target fit.nc --benchmark piqa --target 0.8 --backtest make
  bayes-scaling plan allocate ratio.nc --flops 1e22,1e23 --tokens-served 1e13
  bayes-scaling plan train-or-sample pass.nc --target 0.5 --tokens-per-sample 300 --queries 1e6
  bayes-scaling plan next-run fit.nc --flops 1e21,1e22 --target-flops 1e24
  bayes-scaling plan next-evaluation fit.nc --target-flops 1e24
  bayes-scaling plan continue fit.nc Pythia-1.4B --more-flops 1e21,1e22 --wanted 0.01
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
AtMost = Annotated[float, typer.Option("--at-most", help="Largest training FLOPs that may be spent.")]
Ratio = Annotated[float | None, typer.Option("--ratio", help="Training tokens per parameter.")]
Probability = Annotated[float, typer.Option("--probability", help="How probable it is to be.")]
