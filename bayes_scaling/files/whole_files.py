"""Files and folders that are there whole or not at all: written beside their place, then moved into it.

Nothing is replaced but what this package wrote, of the same kind, unless it is asked for; where writing fails, one
sentence says so and everything is as it was.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .marks import with_mark
from .places import behind_links, check_place, reason_of
from .temporary import REPLACED, UNFINISHED, claimed, clear, locked

_UNCHANGED = "; nothing else was changed"


@contextmanager
def whole_file(path: str | Path, kind: str, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a place to write a file to, which takes the place of `path` when all went well.

    Where writing fails, or the process is killed, an older file stays as it was. What a killed process left beside
    `path` goes at the next call for the same path.

    Parameters
    ----------
    path : str or Path
        Where the file will be; its folder must exist. A symbolic link is followed.
    kind : str
        What it is, such as "fit".
    overwrite : bool
        Whether a file may be replaced that is not of this kind or that something else wrote.

    Yields
    ------
    Path
        A file of the same ending in the same folder.

    Raises
    ------
    OSError
        As of `check_place`; or where writing fails, with one sentence that names `path`.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "a.md"
    ...     with whole_file(target, "report") as place:
    ...         _ = place.write_text("new")
    ...     target.read_text(), [file.name for file in Path(folder).iterdir()]
    ('new', ['a.md'])
    """
    path = Path(path)
    check_place(path, kind, overwrite=overwrite)
    target = behind_links(path)
    clear(target)
    with _said(path), claimed(target, target.suffix) as place:
        yield place
        with place.open("rb+") as written:
            os.fsync(written.fileno())
        place.chmod(_usual_mode(target))
        place.replace(target)


def write_whole(path: str | Path, content: str | bytes, kind: str, *, overwrite: bool = False) -> Path:
    """Write a text or bytes whole or not at all; a text gets the comment that says what it is, where it may have one.

    Parameters
    ----------
    path : str or Path
        Where the file will be.
    content : str or bytes
        A text, written in UTF-8, or bytes.
    kind : str
        What it is, such as "forecast".
    overwrite : bool
        As of `whole_file`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        As of `whole_file`.
    """
    path = Path(path)
    if isinstance(content, str):
        content = with_mark(content, path.suffix, kind).encode()
    with whole_file(path, kind, overwrite=overwrite) as place:
        place.write_bytes(content)
    return path


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder to write into, which takes the place of `path` when all went well; one that was there goes.

    Raises
    ------
    OSError
        Where writing fails, with one sentence that names `path`.
    """
    clear(path)
    with _said(path):
        place = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", suffix=UNFINISHED, dir=path.parent))
        try:
            place.chmod(0o777 & ~_mask())
            with locked(place):
                yield place
                _move_folder(place, path)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise


def _move_folder(place: Path, path: Path) -> None:
    if not path.exists():
        place.replace(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", suffix=REPLACED, dir=path.parent)) / path.name
    path.replace(aside)
    try:
        place.replace(path)
    except BaseException:
        aside.replace(path)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """One sentence for what the system says where writing fails."""
    try:
        yield
    except OSError as error:
        if str(error).endswith(_UNCHANGED):  # of another file that is written beside this one
            raise
        raise type(error)(f"{path} was not written: {reason_of(error)}{_UNCHANGED}") from error


def _usual_mode(path: Path) -> int:
    """Mode of the file that is there, or that of a new one."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_mask()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
