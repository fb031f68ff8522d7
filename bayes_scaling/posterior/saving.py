"""Fits in files: NetCDF with all that a fit is made of inside, as texts beside the groups of its draws."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.hdf5 import check_hdf5, netcdf_bytes
from ..files.places import check_ending, check_place
from ..files.whole_files import write_whole

if TYPE_CHECKING:
    import xarray as xr

_FORMAT = "bayes_scaling fit 1"
_PARTS = "bayes_scaling"  # group of a saved fit that holds what else it is made of
_STAGE_ONE = "stage_one"


def with_parts(stored: "xr.DataTree", texts: Mapping[str, str], stage_one: "xr.DataTree | None") -> "xr.DataTree":
    """Return a tree of draws with the texts inside, and the tree of a first stage where there is one."""
    import xarray as xr

    tree = stored.copy()
    parts = {"format": _FORMAT, **texts}
    parts["digest"] = _digest(parts)
    tree[_PARTS] = xr.DataTree(xr.Dataset({name: ((), text) for name, text in parts.items()}))
    if stage_one is not None:
        tree[_STAGE_ONE] = stage_one
    return tree


def parts_of(tree: "xr.DataTree") -> "tuple[xr.DataTree, dict[str, str], xr.DataTree | None]":
    """Take a tree of `with_parts` apart again.

    Raises
    ------
    ValueError
        Where a text was changed.
    """
    texts = {str(name): str(value.item()) for name, value in tree[_PARTS].dataset.items()}
    if "digest" in texts and texts["digest"] != _digest(texts):
        raise ValueError("its law, runs or reference were changed")
    stored = tree.filter(lambda group: not {_PARTS, _STAGE_ONE} & set(group.path.split("/")))
    return stored, texts, tree[_STAGE_ONE].copy() if _STAGE_ONE in tree else None  # type: ignore[return-value]


def check_fit_place(path: Path, *, overwrite: bool) -> None:
    """Refuse a place at which a fit cannot be saved, as `Fit.save` says."""
    check_place(check_ending(path, ".nc", why=", in which a fit is saved"), "fit", overwrite=overwrite)


def write_tree(tree: "xr.DataTree", path: Path, *, overwrite: bool) -> Path:
    """Write a tree of `with_parts`, with sums by which damage is seen."""
    encoding = {
        group.path: {
            str(name): {"zlib": True, "complevel": 1, "fletcher32": True}
            for name, v in group.data_vars.items()
            if v.dtype.kind == "f" and v.ndim
        }
        for group in tree.subtree
    }
    return write_whole(path, netcdf_bytes(tree, encoding), "fit", overwrite=overwrite)


def read_tree(path: Path) -> "xr.DataTree":
    """Read a tree that `write_tree` wrote.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is not a saved fit, or one of another format.
    """
    import xarray as xr

    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected a fit that was saved with fit.save()")
    try:
        check_hdf5(path)
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            tree = opened.load()
        form = str(tree[_PARTS]["format"].item()) if "format" in tree[_PARTS] else _FORMAT
    except Exception as error:  # of a damaged or foreign file the readers of HDF5 raise many kinds
        raise ValueError(f"{path} is not a fit that was saved with fit.save(), or it is damaged") from error
    if form != _FORMAT:
        raise ValueError(f"{path}: its format is {form!r}; this version reads {_FORMAT!r}, a newer one may read it")
    return tree


def _digest(parts: Mapping[str, str]) -> str:
    """SHA-256 of what a fit is made of beside its draws, which have sums of their own."""
    text = json.dumps({name: text for name, text in parts.items() if name != "digest"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
