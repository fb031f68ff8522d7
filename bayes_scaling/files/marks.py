"""How a file says that this package wrote it, and what it is: nothing else is replaced without being asked.

Markdown, LaTeX and HTML end in a comment, figures carry metadata, JSON, Parquet and NetCDF have a field of their own;
a CSV has no such place, but columns that no other tool writes together.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Columns by which tables of a kind are known.
_COLUMNS = {
    "table of runs": ({"run", "benchmark", "flops_source", "chance_source"},),
    "forecast": ({"of", "mean", "median", "converged", "notes"},),
    "answer": ({"converged", "sentence", "notes"},),
    "ranks": ({"quantity", "simulation", "rank", "ranks"},),
    "compounding": (
        {"source", "first", "total"},
        {"from_loss", "from_map", "loss_error"},
        {"method", "inside_90", "width_90"},
    ),
}
_COMMENTS = {".md": "<!-- {} -->", ".markdown": "<!-- {} -->", ".html": "<!-- {} -->", ".tex": "% {}"}
_HEAD = 1 << 16  # characters of a JSON file in which its format, or the names of its columns, stand


def format_name(kind: str) -> str:
    """Words that stand in a file of a kind.

    Examples
    --------
    >>> format_name("fit")
    'bayes_scaling fit'
    """
    return f"bayes_scaling {kind}"


def with_mark(text: str, ending: str, kind: str) -> str:
    """Return a text with the comment that says what it is as its last line; of other endings the text alone.

    Examples
    --------
    >>> print(with_mark("# Forecast", ".tex", "forecast").splitlines()[-1])
    % bayes_scaling forecast
    """
    comment = _COMMENTS.get(ending.lower())
    return text if comment is None else f"{text.rstrip()}\n\n{comment.format(format_name(kind))}\n"


def figure_metadata(ending: str) -> dict[str, Any]:
    """Metadata for a figure of an ending: what it is, and no date, so that the same figure gives the same file."""
    name = format_name("figure")
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": name},
        ".svg": {"Creator": name, "Date": None},
        ".pdf": {"Creator": name, "CreationDate": None},
    }
    return metadata[ending.lower()]


def is_ours(path: Path, kind: str) -> bool:
    """Whether a file is one of a kind that this package wrote.

    Parameters
    ----------
    path : Path
        A file.
    kind : str
        What it should be, such as "fit" or "table of runs".

    Returns
    -------
    bool
        False for a file that cannot be read, too.
    """
    reader = _READERS.get(path.suffix.lower())
    try:
        return reader is not None and reader(path, kind)
    except Exception:  # of a damaged or foreign file the readers raise many kinds
        return False


def _has_columns(names: list[str], kind: str) -> bool:
    return any(columns <= set(names) for columns in _COLUMNS.get(kind, ()))


def _of_separated(path: Path, kind: str) -> bool:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(
            (line for line in lines if not line.startswith("#")),
            delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
        )
        return _has_columns(next(rows), kind)


def _of_parquet(path: Path, kind: str) -> bool:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    form = (schema.metadata or {}).get(b"format", b"").decode()
    return form.startswith(format_name(kind)) or _has_columns(schema.names, kind)


def _of_json(path: Path, kind: str) -> bool:
    with path.open(encoding="utf-8") as content:
        head = content.read(_HEAD)
    columns = _COLUMNS.get(kind, ())
    return f'"format": "{format_name(kind)}' in head or any(
        all(f'"{name}":' in head for name in names) for names in columns
    )


def _of_netcdf(path: Path, kind: str) -> bool:
    import h5py

    with h5py.File(path, "r") as opened:
        form = opened.attrs.get("format", "")
        stored = opened.get("bayes_scaling/format")
        if stored is not None:
            form = stored[()].decode()
        # Fits saved before they had a format.
        return str(form).startswith(format_name(kind)) or (kind == "fit" and "bayes_scaling/law" in opened)


def _ends_in_comment(path: Path, kind: str) -> bool:
    comment = _COMMENTS[path.suffix.lower()].format(format_name(kind)).encode()
    with path.open("rb") as content:
        content.seek(-min(path.stat().st_size, len(comment) + 2), 2)
        return content.read().rstrip().endswith(comment)


def _names_format(path: Path, kind: str) -> bool:
    return format_name(kind).encode() in path.read_bytes()


_READERS: dict[str, Callable[[Path, str], bool]] = {
    **dict.fromkeys((".png", ".svg", ".pdf"), _names_format),
    ".csv": _of_separated,
    ".tsv": _of_separated,
    ".parquet": _of_parquet,
    ".json": _of_json,
    ".nc": _of_netcdf,
    **dict.fromkeys(_COMMENTS, _ends_in_comment),
}
