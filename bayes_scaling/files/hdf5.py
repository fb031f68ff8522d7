"""NetCDF by way of memory, and whether a file is HDF5 at all.

HDF5 ends the process where a disk is full, and readers of NetCDF may leave tracebacks behind where a file is none.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr


def netcdf_bytes(content: "xr.Dataset | xr.DataTree", encoding: Mapping[str, Any]) -> bytes:
    """Return what a NetCDF file of a dataset or a tree holds."""
    buffer = BytesIO()
    content.to_netcdf(buffer, engine="h5netcdf", encoding=dict(encoding))
    return buffer.getvalue()


def check_hdf5(path: Path) -> None:
    """Refuse a file that HDF5 cannot open.

    Raises
    ------
    ValueError
        Where it is of another kind, or cut off.
    """
    import h5py

    try:
        with h5py.File(path, "r") as opened:
            opened.visit(lambda _: None)
    except Exception as error:  # of damaged files HDF5 raises many kinds
        raise ValueError(f"it is no HDF5 file, or it is damaged ({type(error).__name__})") from error
