"""Inspect's log files: ``.json``, or ``.eval``, which is a zip of JSON.

An ``.eval`` file may be compressed with Zstandard, which Python's own zip reader knows from 3.14 on; pyarrow, which is
there for Parquet, decompresses it.
"""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .documents import form_of

_ZSTANDARD = 93  # in the field of a zip that says how a member is compressed
_HEAD = 30  # bytes of a member's local header before its name


class UnreadableError(ValueError):
    """A log that cannot be read; the message says why."""


def read_header(file: Path) -> dict[str, Any]:
    """What a log says of itself and its scores.

    Raises
    ------
    UnreadableError
        The file is damaged, or no log.
    """
    try:
        if file.suffix == ".json":
            document = json.loads(file.read_bytes())
        else:
            with zipfile.ZipFile(file) as archive:
                if "header.json" not in archive.namelist():
                    raise UnreadableError("has no header.json: the evaluation was not finished")
                document = json.loads(member(archive, "header.json"))
    except UnreadableError:
        raise
    except Exception as error:  # of a damaged zip its readers raise many kinds
        raise UnreadableError(f"cannot be read: {error}") from error
    form = form_of(document)
    if form not in ("inspect", ""):
        raise UnreadableError(f"output of another tool: import {form} reads it")
    if not isinstance(document, dict):
        raise UnreadableError("is no log of Inspect")
    return document


def read_samples(file: Path, document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Samples of a log: those of a zip from its summaries, which hold the scores in one member."""
    try:
        listed = _listed_samples(file, document)
    except Exception as error:  # of a damaged zip its readers raise many kinds
        raise UnreadableError(f"its samples cannot be read: {error}") from error
    return [sample for sample in listed if isinstance(sample, dict)] if isinstance(listed, list) else []


def _listed_samples(file: Path, document: dict[str, Any]) -> Any:
    if file.suffix == ".json":
        return document.get("samples")
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if "summaries.json" in names:
            return json.loads(member(archive, "summaries.json"))
        return [json.loads(member(archive, name)) for name in sorted(names) if name.startswith("samples/")]


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Bytes of a member of a zip, however it is compressed."""
    info = archive.getinfo(name)
    if info.compress_type != _ZSTANDARD:
        return archive.read(info)
    import pyarrow as pa

    stream = archive.fp
    if stream is None:
        raise UnreadableError("is closed")
    stream.seek(info.header_offset)
    head = stream.read(_HEAD)
    if len(head) < _HEAD:
        raise UnreadableError(f"{name} is cut off")
    stream.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    packed = stream.read(info.compress_size)
    if len(packed) < info.compress_size:
        raise UnreadableError(f"{name} is cut off")
    return bytes(pa.Codec("zstd").decompress(packed, decompressed_size=info.file_size))
