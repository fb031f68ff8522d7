"""Write a figure to files."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..whole_files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDINGS = (".png", ".svg", ".pdf")
_DPI = 200


def save(figure: "Figure", path: str | Path) -> tuple[Path, ...]:
    """Save a figure: in the format of the path's ending, or as PNG and SVG where it has none.

    Parameters
    ----------
    figure : Figure
        Any matplotlib figure.
    path : str or Path
        File that ends in .png, .svg or .pdf; or a name to which .png and .svg are added. Its folder must exist.

    Returns
    -------
    tuple of Path
        The files written.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save(Figure(), f"{folder}/empty")]
    ['empty.png', 'empty.svg']
    """
    import matplotlib as mpl

    path = Path(path)
    files = (path,) if path.suffix.lower() in _ENDINGS else tuple(Path(f"{path}{ending}") for ending in _ENDINGS[:2])
    for file in files:
        # A fixed salt and no date: the same figure gives the same file, which version control can tell.
        metadata = {"Date": None} if file.suffix.lower() == ".svg" else {}
        with mpl.rc_context({"svg.hashsalt": "bayes_scaling"}), whole_file(file) as place:
            figure.savefig(place, dpi=_DPI, metadata=metadata)
    return files
