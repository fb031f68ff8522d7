"""Tables written to files: where they may go, and plain values for what cannot hold others."""

from pathlib import Path

import numpy as np


def check_target_file(path: str | Path, ending: str) -> Path:
    """Path of a table to write, with the ending that is meant."""
    path = Path(path)
    if path.suffix.lower() != ending:
        raise ValueError(f"{path} ends in {path.suffix!r}; expected {ending}")
    return path


def plain_value(cell: object) -> object:
    """A cell as JSON holds it: infinities as text, NaN as null."""
    if isinstance(cell, float | np.floating):
        return None if np.isnan(cell) else float(cell) if np.isfinite(cell) else str(float(cell))
    return cell.item() if isinstance(cell, np.generic) else cell
