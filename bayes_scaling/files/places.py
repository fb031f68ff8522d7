"""Places that may be written: an ending that is known, a folder that takes files, and nothing there that may not go."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .marks import is_ours
from .temporary import UNFINISHED

_REMEDY = "overwrite=True"


def check_ending(path: str | Path, *endings: str, why: str = "") -> Path:
    """Return the path of a file to write, whose ending says its form.

    Parameters
    ----------
    path : str or Path
        The file.
    *endings : str
        Endings that are known, in small letters.
    why : str
        What the message says after them.

    Raises
    ------
    ValueError
        For another ending; the known ones are listed.

    Examples
    --------
    >>> check_ending("Forecast.CSV", ".csv", ".json").name
    'Forecast.CSV'
    """
    path = Path(path)
    if path.suffix.lower() not in endings:
        expected = f"one of {', '.join(endings)}" if len(endings) > 1 else endings[0]
        raise ValueError(f"{path} ends in {path.suffix!r}; expected {expected}{why}")
    return path


def check_place(path: str | Path, kind: str, *, overwrite: bool = False, remedy: str = _REMEDY) -> None:
    """Refuse a place at which a file cannot be written, or where something else is.

    Parameters
    ----------
    path : str or Path
        Where the file will be.
    kind : str
        What it will be, such as "fit" or "table of runs". A file of this kind that this package wrote may be replaced.
    overwrite : bool
        Whether any other file may be replaced too.
    remedy : str
        How the reader of the message says that.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    IsADirectoryError
        Where a folder is there.
    FileExistsError
        Where a file is there that may not be replaced.
    OSError
        Where the folder cannot be written into.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = Path(folder) / "notes.md"
    ...     _ = notes.write_text("mine")
    ...     check_place(notes, "forecast")
    Traceback (most recent call last):
    ...
    FileExistsError: ...notes.md exists and is not a forecast that bayes_scaling wrote; overwrite=True replaces it
    """
    path = Path(path)
    place = behind_links(path)
    check_writable(path)
    if place.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected the name of a file")
    if place.exists() and not place.is_file():
        raise FileExistsError(f"{path} is neither a file nor free; expected the name of a file")
    if place.exists() and not overwrite and not is_ours(place, kind):
        article = "an" if kind[0] in "aeiou" else "a"
        no = f"is not {article} {kind}" if kind != "ranks" else "does not hold ranks"
        raise FileExistsError(f"{path} exists and {no} that bayes_scaling wrote; {remedy} replaces it")


def check_folder(folder: Path, kinds: Mapping[str, str], *, overwrite: bool = False, remedy: str = _REMEDY) -> None:
    """Refuse a folder that holds other files under the names of those that will be written into it.

    Parameters
    ----------
    folder : Path
        The folder; where it does not exist, nothing is in the way.
    kinds : mapping of str to str
        What each file will be, by its name.
    overwrite, remedy : bool, str
        As of `check_place`.

    Raises
    ------
    FileExistsError
        Where a file is in the way, or in the place of the folder.
    OSError
        Where the folder cannot be written into.
    """
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; expected the name of a folder")
    if folder.exists():
        for name, kind in kinds.items():
            check_place(folder / name, kind, overwrite=overwrite, remedy=remedy)


def check_writable(path: Path) -> None:
    """Refuse a path whose folder does not exist or takes no files.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    OSError
        Where it cannot be written into.
    """
    place = behind_links(path)
    if not place.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it before saving {path.name}")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=UNFINISHED, dir=place.parent)
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {reason_of(error)}") from error
    os.close(handle)
    Path(name).unlink(missing_ok=True)


def behind_links(path: Path) -> Path:
    """The file behind a symbolic link."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def reason_of(error: OSError) -> str:
    """What went wrong, as the system calls it, without numbers and names of files beside the one that was asked for."""
    text = error.strerror or os.strerror(error.errno) if error.errno else str(error)
    line = " ".join(text.split("\n")[0].split())
    return line[:1].lower() + line[1:] if line else type(error).__name__
