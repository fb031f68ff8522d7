"""Files that a source is made of: one that is named, or those of a folder."""

from collections.abc import Sequence
from pathlib import Path

from ..reading.problems import one_problem


def find_files(path: Path, patterns: Sequence[str], what: str, expected: str) -> list[Path]:
    """Return the file that a path names, or the files below a folder, in the order of their paths.

    Parameters
    ----------
    path : Path
        A file, or a folder.
    patterns : sequence of str
        Patterns of the names of a folder's files.
    what : str
        What a single file is called.
    expected : str
        What the folder should be.

    Returns
    -------
    list of Path
        At least one.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    RunsError
        The folder has no such files.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: there is no such folder or {what}")
    files = sorted(file for pattern in patterns for file in path.rglob(pattern))
    if not files:
        named = " or ".join(pattern.removeprefix("*") for pattern in patterns)
        raise one_problem(path, "", f"no {named} in it", expected)
    return files
