"""JSON lines: one object a line, read one by one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .skipping import Skips


def json_lines(path: Path, skips: Skips) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a file with their line numbers; other lines are said.

    Parameters
    ----------
    path : Path
        The file.
    skips : Skips
        Gets lines that are no objects.
    """
    with path.open("rb") as lines:
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                line = None
            if isinstance(line, dict):
                yield number, line
            else:
                skips.add(f"line {number}", path.name, "is not a JSON object")
