"""Rows of a study that are kept as they come, so that it goes on where it stopped."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass
class Kept:
    """Rows so far, in a file or, without one, in memory.

    Attributes
    ----------
    columns : tuple of str
        Columns; the first `keys` of them name a row.
    keys : int
        How many columns name a row.
    path : Path, optional
        The file; rows that it holds are not made again.
    head : str
        First line of a new file.
    """

    columns: tuple[str, ...]
    keys: int
    path: Path | None = None
    head: str = ""
    _rows: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            names = dict.fromkeys(self.columns[: self.keys], str)  # a name such as 1.00e+20 stays as it was written
            self._rows = list(pd.read_csv(self.path, comment="#", dtype=names).itertuples(index=False, name=None))

    def has(self, *key: object) -> bool:
        """Whether a row of these names is there."""
        return tuple(map(str, key)) in {tuple(map(str, row[: self.keys])) for row in self._rows}

    def add(self, *row: object) -> None:
        """Keep a row, at once."""
        if self.path is not None:
            new = not self.path.exists()
            line = pd.DataFrame([row], columns=list(self.columns)).to_csv(index=False, header=new, float_format="%.4g")
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{self.head}{line}" if new else line)
        self._rows.append(row)

    def table(self) -> pd.DataFrame:
        """All rows."""
        return pd.DataFrame(self._rows, columns=list(self.columns))
