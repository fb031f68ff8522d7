"""Files and folders while they are written, beside their place and locked; and those that killed processes left."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

UNFINISHED = ".unfinished"
REPLACED = ".replaced"


@contextmanager
def claimed(target: Path, ending: str) -> Iterator[Path]:
    """A new file beside a target, held as long as it is written; it goes where anything fails."""
    while True:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem[:40]}-", suffix=f"{UNFINISHED}{ending}", dir=target.parent
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
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder as long as it is written."""
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


def clear(target: Path) -> None:
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
        if place.name.endswith(REPLACED) and not target.exists() and kept.exists():
            kept.replace(target)  # killed between the two moves: this is the only copy
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                place.unlink()


def _is_temporary(rest: str, ending: str) -> bool:
    """Whether the rest of a name is what `tempfile` and the endings above make."""
    marks = (f"{UNFINISHED}{ending}", UNFINISHED, REPLACED)
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
