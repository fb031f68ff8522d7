"""JSON documents of a folder: those that a source reads, and in words those that it does not."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .finding import find_files
from .skipping import Skips

_PASS_AT = re.compile(r"pass@\d+")


def _is_pass_at_k(one: dict[str, Any]) -> bool:
    """Whether a document holds rates at k, by themselves or by task, or attempts of evalplus."""
    if isinstance(one.get("eval"), dict):
        return not {"task", "model"} & set(one["eval"])
    parts = [one, *(part for part in one.values() if isinstance(part, dict))]
    return any(_PASS_AT.fullmatch(str(key)) for part in parts for key in part)


def _has_tasks(results: object) -> bool:
    return isinstance(results, dict) and (not results or any(isinstance(entry, dict) for entry in results.values()))


#: Other forms of evaluation output: how they are told, and who reads them.
_FORMS: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("lighteval", lambda one: "config_general" in one and isinstance(one.get("results"), dict)),
    ("inspect", lambda one: isinstance(one.get("eval"), dict) and bool({"task", "model"} & set(one["eval"]))),
    ("dclm", lambda one: isinstance(one.get("eval_metrics"), dict)),
    ("lm-eval", lambda one: _has_tasks(one.get("results"))),
    ("pass-at-k", _is_pass_at_k),
)
_READ_BESIDE = (".json", ".jsonl", ".eval")


def form_of(document: object) -> str:
    """Source that reads a document, or "".

    Examples
    --------
    >>> form_of({"results": {"piqa": {"acc": 0.6}}}), form_of({"config_general": {}, "results": {}}), form_of([])
    ('lm-eval', 'lighteval', '')
    """
    if not isinstance(document, dict):
        return ""
    return next((name for name, is_it in _FORMS if is_it(document)), "")


def documents(path: Path, source: str, what: str, expected: str, skips: Skips) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Read every JSON file of a folder that a source reads, whatever its name.

    Parameters
    ----------
    path : Path
        A file, or a folder.
    source : str
        The source, as ``SOURCES`` names it.
    what, expected : str
        What a file is called, and what the folder should be.
    skips : Skips
        Gets the files that are not read, with the reason.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    RunsError
        The folder has no JSON file.
    """
    for file in find_files(path, ["*.json"], what, expected):
        document = read_json(file, skips)
        if document is None:
            continue
        form = form_of(document)
        if form == source:
            yield file, document
        elif form:
            skips.add(file.name, str(file.parent), f"output of another tool: import {form} reads it")
        else:
            skips.add(file.name, str(file.parent), f"no {what}")
    say_others(path, skips)


def read_json(file: Path, skips: Skips) -> Any:
    """Read a document; None, and a line in what was skipped, where it is none."""
    try:
        return json.loads(file.read_bytes())
    except (ValueError, OSError, RecursionError) as error:
        skips.add(file.name, str(file.parent), f"not JSON: {error}")
        return None


def say_others(path: Path, skips: Skips, read: tuple[str, ...] = _READ_BESIDE) -> None:
    """Say how many files of other kinds than those that are read lie in a folder."""
    counts: dict[str, int] = {}
    for file in path.rglob("*") if path.is_dir() else ():
        if file.is_file() and file.suffix.lower() not in read:
            counts[file.suffix.lower() or "no ending"] = counts.get(file.suffix.lower() or "no ending", 0) + 1
    for ending, count in sorted(counts.items()):
        skips.add(f"{count:,} of {ending}", "", "files of other kinds")
