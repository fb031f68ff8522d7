"""Files and folders that are there whole or not at all: written beside their place, then moved into it.

Nothing is replaced but what this package wrote, of the same kind, unless it is asked for; where writing fails, one
sentence says so and everything is as it was.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .marks import is_ours, with_mark

try:
    import fcntl
except ImportError:  # on Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

_UNFINISHED = ".unfinished"
_REPLACED = ".replaced"
_REMEDY = "overwrite=True"
_UNCHANGED = "; nothing else was changed"


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
    place = _target(path)
    check_writable(path)
    if place.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected the name of a file")
    if place.exists() and not place.is_file():
        raise FileExistsError(f"{path} is neither a file nor free; expected the name of a file")
    if place.exists() and not overwrite and not is_ours(place, kind):
        article = "an" if kind[0] in "aeiou" else "a"
        no = f"is not {article} {kind}" if kind != "ranks" else "does not hold ranks"
        raise FileExistsError(f"{path} exists and {no} that bayes_scaling wrote; {remedy} replaces it")


def check_writable(path: Path) -> None:
    """Refuse a path whose folder does not exist or takes no files.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    OSError
        Where it cannot be written into.
    """
    place = _target(path)
    if not place.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it before saving {path.name}")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=_UNFINISHED, dir=place.parent)
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {_reason(error)}") from error
    os.close(handle)
    Path(name).unlink(missing_ok=True)


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
    target = _target(path)
    _clear(target)
    with _said(path), _claimed(target, target.suffix) as place:
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
    _clear(path)
    with _said(path):
        place = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", suffix=_UNFINISHED, dir=path.parent))
        try:
            place.chmod(0o777 & ~_mask())
            with _locked(place):
                yield place
                _move_folder(place, path)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise


def _move_folder(place: Path, path: Path) -> None:
    if not path.exists():
        place.replace(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", suffix=_REPLACED, dir=path.parent)) / path.name
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
        raise type(error)(f"{path} was not written: {_reason(error)}{_UNCHANGED}") from error


def _reason(error: OSError) -> str:
    """What went wrong, as the system calls it, without numbers and names of files beside the one that was asked for."""
    text = error.strerror or os.strerror(error.errno) if error.errno else str(error)
    line = " ".join(text.split("\n")[0].split())
    return line[:1].lower() + line[1:] if line else type(error).__name__


@contextmanager
def _claimed(target: Path, ending: str) -> Iterator[Path]:
    """A new file beside a target, held as long as it is written; it goes where anything fails."""
    while True:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem[:40]}-", suffix=f"{_UNFINISHED}{ending}", dir=target.parent
        )
        place = Path(name)
        _lock(handle)
        # Between its making and its lock another process may have taken it for a file that was left behind.
        if place.exists():
            break
        os.close(handle)
    try:
        yield place
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if fcntl is not None:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _clear(target: Path) -> None:
    """Remove what processes that were killed left beside a target; what a living one writes is locked and stays."""
    left = f".{target.stem[:40] if target.suffix else target.name[:40]}-"
    try:
        beside = [place for place in target.parent.iterdir() if place.name.startswith(left)]
    except OSError:
        return
    for place in beside:
        if not _is_temporary(place.name[len(left) :], target.suffix) or not _abandoned(place):
            continue
        kept = place / target.name
        if place.name.endswith(_REPLACED) and not target.exists() and kept.exists():
            kept.replace(target)  # killed between the two moves: this is the only copy
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                place.unlink()


def _is_temporary(rest: str, ending: str) -> bool:
    """Whether the rest of a name is what `tempfile` and the endings above make."""
    marks = (f"{_UNFINISHED}{ending}", _UNFINISHED, _REPLACED)
    return any(rest.endswith(mark) and len(rest) == len(mark) + 8 and "." not in rest[:8] for mark in marks)


def _abandoned(place: Path) -> bool:
    """Whether no process holds a lock on a file or a folder."""
    if fcntl is None:
        return place.is_file()
    try:
        handle = os.open(place, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _target(path: Path) -> Path:
    """The file behind a symbolic link."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _usual_mode(path: Path) -> int:
    """Mode of the file that is there, or that of a new one."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_mask()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
