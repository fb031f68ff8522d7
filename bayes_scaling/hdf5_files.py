"""Whether a file is HDF5 at all, asked before readers of NetCDF see it: else they may leave tracebacks behind."""

from pathlib import Path


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
