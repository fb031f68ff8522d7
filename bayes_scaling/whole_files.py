"""Files and folders that are there whole or not at all: written beside their place, then moved into it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a place to write a file to, which takes the place of `path` when all went well.

    Where writing fails, or the process is killed, an older file stays as it was.

    Parameters
    ----------
    path : Path
        Where the file will be; its folder must exist.

    Yields
    ------
    Path
        A file of the same ending in the same folder.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "a.txt"
    ...     with whole_file(target) as place:
    ...         _ = place.write_text("new")
    ...     target.read_text(), [file.name for file in Path(folder).iterdir()]
    ('new', ['a.txt'])
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    place = Path(name)
    try:
        place.chmod(_usual_mode(path))
        yield place
        with place.open("rb+") as written:
            os.fsync(written.fileno())
        place.replace(path)
    except BaseException:
        place.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder to write into, which takes the place of `path` when all went well; one that was there goes."""
    place = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", dir=path.parent))
    try:
        place.chmod(0o777 & ~_mask())
        yield place
        if path.exists():
            aside = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-old-", dir=path.parent)) / path.name
            path.replace(aside)
            try:
                place.replace(path)
            except BaseException:
                aside.replace(path)
                raise
            finally:
                shutil.rmtree(aside.parent, ignore_errors=True)
        else:
            place.replace(path)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _usual_mode(path: Path) -> int:
    """Mode of the file that is there, or that of a new one."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_mask()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
