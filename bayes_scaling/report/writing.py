"""Write a report of a forecast to files."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from ..files.figures import save_together
from ..files.marks import with_mark
from ..files.places import check_ending, check_place
from ..files.whole_files import whole_file, write_whole
from ..posterior.fit import Fit
from .asked import Asked
from .bundle import check_bundle_place, write_folder
from .contents import Contents, gather
from .markdown import markdown_page
from .page import html_page

if TYPE_CHECKING:
    from ..forecasting.forecast import Forecast
    from ..runs.planned import Budgets
    from ..runs.table import Runs

ENDINGS = (".html", ".md")


def write_report(
    fit: Fit,
    path: str | Path,
    at: "Runs | Budgets | Forecast | None" = None,
    *,
    overwrite: bool = False,
    **asked: Unpack[Asked],
) -> Path:
    """Write a report of a forecast as one page of HTML, or as Markdown with its figures beside it.

    Parameters
    ----------
    fit : Fit
        The fitted law.
    path : str or Path
        The file: ``.html`` is one page with everything inside, which needs no network; ``.md`` comes with PNG files in
        a folder ``NAME_figures``.
    at : Runs, Budgets or Forecast, optional
        What to forecast, or a forecast that was made.
    overwrite : bool
        Whether files may be replaced that are no report, or no figures, of this package.
    **asked
        flops, params, tokens, ratio, k, benchmark, family, annealed
            Budgets and what to forecast at them, as `budgets` takes them; in place of `at`.
        targets : mapping of str to float
            Wanted scores, by benchmark or "mean": the report opens with whether each budget is enough for them, and
            with the budgets that they need.
        probability : float
            How probable all targets are to be reached; by default 0.9.
        cost : Cost
            Adds what budgets cost in hours, days and money.
        recalibrate : bool
            Whether to widen the forecast by what past ones of `backtest` missed.
        since : str or Path
            An earlier report, a page or a bundle: a section says what moved.
        held_out : Runs
            Scored runs that were not fitted: forecast, and shown beside what they measured.
        backtest : Backtest
            Past extrapolations of the law on these or like runs, for the audit.
        answers : sequence of answers
            Answers to planning questions, such as those of `budget_for` and `probability_of`.
        two_stage : Compounding
            How the errors of two stages compound; of a two-stage fit with held-out losses it is made.
        title, question : str
            In place of those that follow from the forecast.
        probs : sequence of float
            Probabilities of the intervals; by default 0.5, 0.8 and 0.9.
        random_seed : int or None
            Seed of what is drawn anew; by default 0.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        Where a file is there that may not be replaced.
    FileNotFoundError
        Where the folder does not exist.
    OSError
        Where a file cannot be written.
    TypeError
        For something else to ask for.
    ValueError
        Where the ending is not known, or it is not said what to forecast, or twice; where held-out rows were fitted;
        and as of `forecast`.
    """
    file = check_ending(path, *ENDINGS)
    check_place(file, "report", overwrite=overwrite)
    contents = gather(fit, at, **asked)
    if file.suffix.lower() == ".html":
        return write_whole(file, html_page(contents), "report", overwrite=overwrite)
    return _write_markdown(contents, file, overwrite=overwrite)


def _write_markdown(contents: Contents, file: Path, *, overwrite: bool) -> Path:
    """Write a page and its figures, all or none."""
    folder = file.with_name(f"{file.stem}_figures")
    places = {block.name: f"{folder.name}/{block.name}.png" for block in contents.figures}
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    try:
        with ExitStack() as together:
            for block in contents.figures:
                save_together(together, block.draw(), folder / f"{block.name}.png", overwrite=overwrite)
            page = together.enter_context(whole_file(file, "report", overwrite=overwrite))
            page.write_text(with_mark(markdown_page(contents, places), file.suffix, "report"), encoding="utf-8")
    except BaseException:
        if made:
            folder.rmdir()
        raise
    return file


def write_bundle(
    fit: Fit,
    path: str | Path,
    at: "Runs | Budgets | Forecast | None" = None,
    *,
    overwrite: bool = False,
    **asked: Unpack[Asked],
) -> Path:
    """Write a forecast, its report and its figures into a folder that tells whether a file was altered.

    Parameters
    ----------
    fit : Fit
        The fitted law.
    path : str or Path
        The folder to make.
    at : Runs, Budgets or Forecast, optional
        What to forecast, or a forecast that was made.
    overwrite : bool
        Whether a bundle that is there may go.
    **asked
        As of `write_report`.

    Returns
    -------
    Path
        The folder, with ``forecast.parquet``, ``forecast.csv``, ``forecast.json`` (described by
        ``forecast.schema.json``), ``forecast.tex``, ``draws.nc``, ``figures/``, ``report.html``, ``report.md`` and
        ``MANIFEST.json`` with the SHA-256 of each.

    Raises
    ------
    FileExistsError
        Where something is there already, and is no bundle or may not go.
    FileNotFoundError
        Where the parent folder does not exist.
    ValueError
        As of `write_report`.
    """
    check_bundle_place(Path(path), overwrite=overwrite)  # before the forecast is made
    return write_folder(gather(fit, at, **asked), Path(path), overwrite=overwrite)
