"""What each of two stages adds to the errors of a forecast."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..drawable import Drawable
from ..files import places
from ..files.figures import figure_files, save_together
from ..files.tables import put_csv
from ..files.whole_files import whole_file
from ..wording import bound_names, percent

#: The independent sources of a two-stage forecast's variance.
SOURCES = ("loss curve", "loss noise", "accuracy curve", "accuracy noise")
AVERAGE = "average"
#: Tables of a `Compounding`, saved under these names.
TABLES = ("shares", "errors", "intervals", "growth")
PROBS = (0.5, 0.8, 0.9)
PROB = 0.9


@dataclass(frozen=True, eq=False)
class Compounding(Drawable):
    """How the errors of a two-stage forecast compound; made by `compounding`.

    Attributes
    ----------
    shares : DataFrame
        One row a held-out point (and run's average over its benchmarks) and source: ``first``, ``total`` and their
        Monte Carlo errors ``first_error`` and ``total_error``; the rows "interaction" have the rest, with which the
        first-order shares sum to one. ``variance`` is that of the forecast score.
    errors : DataFrame
        One row a held-out point: ``error`` = forecast - accuracy, ``from_loss`` = f2(L forecast) - f2(L true),
        ``from_map`` = f2(L true) - accuracy, which sum to it; ``loss_error``, the relative error of the forecast loss.
        Forecasts are medians.
    intervals : DataFrame
        One row a method and held-out point: whether its intervals hold the accuracy, their widths, the CRPS.
    growth : DataFrame
        One row an extrapolation factor and source: shares of the variance, means over the curves, at `FACTORS` times
        the largest fitted budget.
    notes : tuple of str
        What a reader must know.
    """

    shares: pd.DataFrame
    errors: pd.DataFrame
    intervals: pd.DataFrame
    growth: pd.DataFrame
    notes: tuple[str, ...]

    def table(self, by: Sequence[str] = ("method",)) -> pd.DataFrame:
        """Coverage, width and CRPS of the methods.

        Parameters
        ----------
        by : sequence of str
            Columns of `intervals` to group by: "method", "benchmark", "family", "run", or "factor", ranges of the
            extrapolation factor.

        Returns
        -------
        DataFrame
            One row a group: ``n``, ``coverage_50`` and so on, ``width_90`` (accuracy), ``crps``, ``mae``, ``bias``.

        Raises
        ------
        ValueError
            For a column that is not there.
        """
        groups = _grouped(self.intervals.assign(absolute=self.intervals["error"].abs()), by)
        columns = {f"coverage_{percent(p)}": (f"inside_{percent(p)}", "mean") for p in PROBS}
        columns |= {name: (name, "mean") for name in ("width_90", "crps")}
        columns |= {"mae": ("absolute", "mean"), "bias": ("error", "mean")}
        return groups.agg(n=("crps", "size"), **columns).reset_index()

    def error_table(self, by: Sequence[str] = ("benchmark",)) -> pd.DataFrame:
        """Errors of held-out forecasts by group, in accuracy, split into what each stage adds.

        Parameters
        ----------
        by : sequence of str
            Columns of `errors` to group by: "benchmark", "family", "run", or "factor"; none for all together.

        Returns
        -------
        DataFrame
            One row a group: ``n``; means of ``error``, ``from_loss`` and ``from_map``, the latter two with the bounds
            of 90% intervals over the posterior of what they add; and the mean square error with its parts,
            ``mse = loss_square + map_square + cross``.

        Raises
        ------
        ValueError
            For a column that is not there.
        """
        rows = self.errors.assign(
            mse=self.errors["error"] ** 2,
            loss_square=self.errors["from_loss"] ** 2,
            map_square=self.errors["from_map"] ** 2,
            cross=2 * self.errors["from_loss"] * self.errors["from_map"],
        )
        bounds = [f"{part}_{bound}" for part in ("from_loss", "from_map") for bound in bound_names(PROB)]
        means = ["error", "from_loss", "from_map", *bounds, "mse", "loss_square", "map_square", "cross"]
        found = _grouped(rows, by).agg(n=("error", "size"), **{name: (name, "mean") for name in means})
        return found.reset_index(drop=not by)

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        of_all = self.shares[self.shares["benchmark"] != AVERAGE].groupby("source", sort=False)["total"].mean()
        parts = ", ".join(f"the {source} {of_all[source]:.0%}" for source in SOURCES)
        error = self.error_table(()).iloc[0]
        crps = self.table().set_index("method")["crps"]
        others = ", ".join(f"{crps[name]:.4f} {name}" for name in crps.index if name != "two-stage")
        return (
            f"Of the variance of a held-out score {parts} (total shares). Of a mean square error of {error['mse']:.2g} "
            f"the forecast loss makes {error['loss_square']:.2g}, the map to accuracy {error['map_square']:.2g}, both "
            f"together {error['cross']:+.2g}. CRPS: {crps['two-stage']:.4f} two-stage, {others}."
        )

    def save(self, folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Save the four tables as CSV and the figure as PNG and SVG: all of them or none.

        Parameters
        ----------
        folder : str or Path
            Folder to write into; made where it does not exist.
        overwrite : bool
            Whether files may be replaced that `save` did not write.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        FileExistsError
            Where a file is there that may not be replaced.
        OSError
            Where a file cannot be written.
        """
        folder = Path(folder)
        check_folder(folder, overwrite=overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"{name}.csv" for name in TABLES]
        with ExitStack() as together:
            for file in files:
                place = together.enter_context(whole_file(file, "compounding", overwrite=overwrite))
                put_csv(place, getattr(self, file.stem))
            figures = save_together(together, self.plot(), folder / "compounding", overwrite=overwrite)
        return (*files, *figures)

    def __repr__(self) -> str:
        shown = self.table()[["method", "n", *(f"coverage_{percent(p)}" for p in PROBS), "width_90", "crps"]]
        table = shown.to_string(index=False, float_format="{:.3f}".format)
        return "\n".join([self.sentence, table, *(f"note: {note}" for note in self.notes)])


def check_folder(folder: Path, *, overwrite: bool = False, remedy: str = "overwrite=True") -> None:
    """Refuse a folder that cannot be written into, or that holds other files under the names of a `Compounding`'s.

    Raises
    ------
    FileExistsError
        Where a file is in the way.
    OSError
        Where the folder cannot be written into.
    """
    if not folder.exists():
        places.check_writable(folder)
    kinds = {f"{name}.csv": "compounding" for name in TABLES}
    kinds |= {file.name: "figure" for file in figure_files("compounding")}
    places.check_folder(folder, kinds, overwrite=overwrite, remedy=remedy)


def _grouped(rows: pd.DataFrame, by: Sequence[str]) -> "pd.api.typing.DataFrameGroupBy":
    if unknown := [name for name in by if name not in rows]:
        raise ValueError(
            f"by names {', '.join(map(repr, unknown))}; expected columns out of {', '.join(map(str, rows))}"
        )
    return rows.groupby(list(by) or np.zeros(len(rows), int), sort=False)
