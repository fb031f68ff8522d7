"""Write a figure to files."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from .marks import figure_metadata
from .whole_files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDINGS = (".png", ".svg", ".pdf")
_DPI = 200


def figure_files(path: str | Path) -> tuple[Path, ...]:
    """Files that `save` writes for a path.

    Examples
    --------
    >>> [file.name for file in figure_files("curves")]
    ['curves.png', 'curves.svg']
    """
    path = Path(path)
    return (path,) if path.suffix.lower() in _ENDINGS else tuple(Path(f"{path}{ending}") for ending in _ENDINGS[:2])


def save(figure: "Figure", path: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Save a figure: in the format of the path's ending, or as PNG and SVG where it has none.

    Parameters
    ----------
    figure : Figure
        Any matplotlib figure.
    path : str or Path
        File that ends in .png, .svg or .pdf; or a name to which .png and .svg are added. Its folder must exist.
    overwrite : bool
        Whether a file may be replaced that this package did not write.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    FileExistsError
        Where a file is there that may not be replaced.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save(Figure(), f"{folder}/empty")]
    ['empty.png', 'empty.svg']
    """
    with ExitStack() as together:
        return save_together(together, figure, path, overwrite=overwrite)


def save_together(
    together: ExitStack, figure: "Figure", path: str | Path, *, overwrite: bool = False
) -> tuple[Path, ...]:
    """Save a figure as `save` does, but so that its files take their places with others, or none of them does."""
    import matplotlib as mpl

    files = figure_files(path)
    for file in files:
        place = together.enter_context(whole_file(file, "figure", overwrite=overwrite))
        # A fixed salt and no date: the same figure gives the same file, which version control can tell.
        with mpl.rc_context({"svg.hashsalt": "bayes_scaling"}):
            figure.savefig(place, dpi=_DPI, metadata=figure_metadata(file.suffix))
    return files
