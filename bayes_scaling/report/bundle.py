"""A bundle: a folder with a forecast in every form, its report and figures, and the sums that tell an altered file."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from ..files.places import check_writable
from ..files.whole_files import whole_folder
from ..forecasting.forecast import Forecast, read_forecast
from ..plots import save
from .contents import Contents
from .markdown import markdown_page
from .page import html_page
from .tables import write_table

MANIFEST = "MANIFEST.json"
_FORMAT = "bayes_scaling bundle 1"
_CHUNK = 1 << 20


class BundleError(ValueError):
    """A folder is no bundle, or not as it was written; the message names the files."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle that was read; made by `read_bundle`.

    Attributes
    ----------
    path : Path
        The folder.
    forecast : Forecast
        The forecast with its draws.
    manifest : dict
        The content of MANIFEST.json: provenance, question, answer, and the files with their SHA-256.
    """

    path: Path
    forecast: Forecast
    manifest: dict[str, Any]

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files inside, relative to the folder."""
        return tuple(self.manifest["files"])

    def __repr__(self) -> str:
        sentences = " ".join(self.manifest.get("answer", ()))
        return f"Bundle of {len(self.files)} files at {self.path}\n{sentences}"


def write_folder(contents: Contents, path: Path, *, overwrite: bool = False) -> Path:
    """Write a bundle.

    Parameters
    ----------
    contents : Contents
        The report.
    path : Path
        The folder to make.
    overwrite : bool
        Whether a bundle that is there may go.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        Where something is there already, and is no bundle or may not go.
    FileNotFoundError
        Where its parent folder does not exist.
    """
    check_bundle_place(path, overwrite=overwrite)
    with whole_folder(path) as place:
        _fill(contents, place)
    return path


def check_bundle_place(path: Path, *, overwrite: bool = False, remedy: str = "overwrite=True") -> None:
    """Refuse a place where a bundle cannot be written, or where something is that may not go.

    Parameters
    ----------
    path : Path
        The folder to make.
    overwrite : bool
        Whether a bundle that is there may go. Files beside those of the bundle may not.
    remedy : str
        How the reader of the message allows it.

    Raises
    ------
    FileExistsError
        Where something is there that may not go.
    FileNotFoundError
        Where its parent folder does not exist.
    OSError
        Where that folder cannot be written into.
    """
    check_writable(path)
    if path.exists():
        if not (path / MANIFEST).is_file():
            raise FileExistsError(f"{path} exists and is no bundle; expected the name of a new folder")
        if not overwrite:
            raise FileExistsError(f"{path} exists and is a bundle; {remedy} replaces it")
        if added := sorted(_names(path) - set(_manifest(path)["files"])):
            raise FileExistsError(f"{path} holds files that are not of the bundle: {', '.join(added)}; move them first")


def _names(folder: Path) -> set[str]:
    """Names of the files inside, without the manifest."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {MANIFEST}


def _fill(contents: Contents, folder: Path) -> None:
    probs, found = contents.probs, contents.forecast
    found.to_parquet(folder / "forecast.parquet", probs)
    found.to_csv(folder / "forecast.csv", probs)
    found.to_json(folder / "forecast.json", probs)
    write_table(found, folder / "forecast.tex", probs)
    (folder / "forecast.schema.json").write_text(schema_text(), encoding="utf-8")
    if found.has_draws:
        found.to_netcdf(folder / "draws.nc")
    figures = folder / "figures"
    figures.mkdir()
    for block in contents.figures:
        save(block.draw(), figures / block.name)
    (folder / "report.html").write_text(html_page(contents), encoding="utf-8")
    places = {block.name: f"figures/{block.name}.png" for block in contents.figures}
    (folder / "report.md").write_text(markdown_page(contents, places), encoding="utf-8")
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    manifest = {
        "format": _FORMAT,
        "title": contents.title,
        "question": contents.question,
        "answer": list(contents.answer),
        "record": contents.headline.record,
        "converged": contents.converged,
        "provenance": contents.provenance,
        "files": {name: {"sha256": sha256(folder / name), "bytes": (folder / name).stat().st_size} for name in names},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_bundle(path: str | Path) -> Bundle:
    """Read a bundle back, after a check of every file; no sampler is loaded.

    Parameters
    ----------
    path : str or Path
        The folder that `write_bundle` wrote.

    Returns
    -------
    Bundle
        With the forecast and its draws.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    BundleError
        Where it is no bundle or one of a newer form, or files were altered, are missing, or came later; all are named.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: there is no such folder; expected a bundle")
    manifest = _manifest(folder)
    _check(folder, manifest["files"])
    source = "draws.nc" if "draws.nc" in manifest["files"] else "forecast.json"
    try:
        found = read_forecast(folder / source)
    except (ValueError, OSError) as error:
        raise BundleError(f"{folder}: {source} cannot be read: {error}") from error
    return Bundle(folder, found, manifest)


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    if not file.is_file():
        raise BundleError(f"{folder}: no {MANIFEST} in it; expected a folder that write_bundle wrote")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file} is not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        kind = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
        raise BundleError(f"{file}: its format is {kind!r}; this version reads {_FORMAT!r}")
    listed = manifest.get("files")
    entries = listed if isinstance(listed, dict) else {}
    whole = all(isinstance(entry, dict) and isinstance(entry.get("sha256"), str) for entry in entries.values())
    if not whole or not {"draws.nc", "forecast.json"} & set(entries):
        raise BundleError(f"{file}: its list of files is not one that write_bundle wrote")
    return manifest


def _check(folder: Path, listed: dict[str, dict[str, Any]]) -> None:
    """Compare the files with the list; paths may not lead out of the folder."""
    for name in listed:
        parts = PurePosixPath(name)
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        if parts.is_absolute() or ".." in parts.parts or "\\" in name or not inside:
            raise BundleError(f"{folder / MANIFEST}: {name!r} leads out of the bundle")
    there = _names(folder)
    missing = sorted(set(listed) - there)
    altered = sorted(name for name in set(listed) & there if sha256(folder / name) != listed[name]["sha256"])
    added = sorted(there - set(listed))
    found = [("altered", altered), ("missing", missing), ("not of the bundle", added)]
    if any(names for _, names in found):
        said = "; ".join(f"{word}: {', '.join(names)}" for word, names in found if names)
        raise BundleError(f"{folder}: not as it was written: {said}")


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def schema_text() -> str:
    """JSON Schema of ``forecast.json``."""
    return files(__package__).joinpath("forecast.schema.json").read_text(encoding="utf-8")
