"""How far to trust an answer: options that name a backtest, and the record it gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import refuse

if TYPE_CHECKING:
    from ..evaluation.backtest import Backtest
    from ..posterior.fit import Fit

MAKE, NONE = "make", "none"
_HELP = (
    "A saved backtest (.parquet), whose record stands beside the answer; 'make' makes one of the fit's law and table "
    "and keeps it beside the fit. By default the one beside the fit, if there is one; 'none' looks at none."
)
BacktestOption = Annotated[str | None, typer.Option("--backtest", metavar="FILE", help=_HELP)]


@dataclass(frozen=True)
class RecordOptions:
    """Past forecasts of the law, for the record beside an answer."""

    backtest: BacktestOption = None

    def audit(self, path: Path, fit: "Fit") -> "Backtest | None":
        """Return the backtest that was asked for, or that lies beside the fit; none where there is none."""
        return find_backtest(self.backtest, path, fit)


@dataclass(frozen=True)
class TrustOptions:
    """The same, and whether to widen intervals by what it shows."""

    backtest: BacktestOption = None
    recalibrate: Annotated[
        bool, typer.Option("--recalibrate", help="Widen intervals by what the forecasts of the backtest missed.")
    ] = False

    def audit(self, path: Path, fit: "Fit") -> "Backtest | None":
        """Return the backtest that was asked for, or that lies beside the fit; none where there is none."""
        found = find_backtest(self.backtest, path, fit)
        if self.recalibrate and found is None:
            refuse("--recalibrate", f"expected a backtest: --backtest FILE, or --backtest {MAKE}")
        return found


def kept_beside(path: Path) -> Path:
    """Where the backtest of a saved fit is kept.

    Examples
    --------
    >>> kept_beside(Path("fits/general.nc")).name
    'general.backtest.parquet'
    """
    return path.with_name(f"{path.stem}.backtest.parquet")


def find_backtest(asked: str | None, path: Path, fit: "Fit") -> "Backtest | None":
    """Read, make or do without a backtest, as was asked.

    Parameters
    ----------
    asked : str or None
        A file, "make", "none", or None for what lies beside the fit.
    path : Path
        Of the fit.
    fit : Fit
        The fit.

    Returns
    -------
    Backtest or None
        The backtest.
    """
    if asked == NONE:
        return None
    from ..evaluation.backtest import read_backtest
    from .screen import Screen

    if asked not in (None, MAKE):
        return read_backtest(Path(asked))
    beside = kept_beside(path)
    if beside.exists():
        found = read_backtest(beside)
        if found.belongs_to(fit.law.name, fit.runs.frame):
            return found
        Screen().remark(f"{beside} is of another law or other runs, and is not used")
        if asked is None:
            return None
    return make_backtest(fit, beside) if asked == MAKE else None


def make_backtest(fit: "Fit", beside: Path) -> "Backtest":
    """Backtest the law of a fit on its own table, and keep it beside the fit."""
    from ..evaluation.backtesting import backtest
    from .screen import Screen

    screen = Screen()
    screen.remark(f"Backtesting the {fit.law.name} law on the fitted table: some fits, a minute or more ...")
    found = backtest({fit.law.name: fit.law}, fit.runs, random_seed=0, progressbar=screen.live)
    screen.remark(f"wrote {found.to_parquet(beside)}")
    return found
