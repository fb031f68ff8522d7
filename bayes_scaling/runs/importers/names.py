"""How evaluation logs name models."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ModelName:
    """A model as an evaluation log names it.

    Attributes
    ----------
    name : str
        The name in full.
    revision : str
        The checkpoint, or "" for the main one.
    folder, file : str
        The folder that holds the log, and the log's own name without its ending, or "".
    params, tokens : float
        What the log knows of its size and training; NaN where it does not say.
    """

    name: str
    revision: str = ""
    folder: str = ""
    file: str = ""
    params: float = field(default=math.nan, compare=False)
    tokens: float = field(default=math.nan, compare=False)

    @property
    def label(self) -> str:
        """How a message writes it, and how a run without a manifest row is called."""
        return f"{self.name}@{self.revision}" if self.revision else self.name

    def candidates(self) -> tuple[str, ...]:
        """Names under which a manifest may hold it, the most exact first."""
        names = named(self.name)
        if self.revision:
            return tuple(f"{name}@{self.revision}" for name in names)
        return (*names, *filter(None, (self.file, self.folder)))


def named(name: str) -> tuple[str, ...]:
    """Spellings of a name: in full, as folders are named after it, and its last part.

    Examples
    --------
    >>> named("lab/toy-1b")
    ('lab/toy-1b', 'lab__toy-1b', 'toy-1b')
    """
    sanitised = "".join("_" if letter in '"<>:/|\\?*[]' else letter for letter in name.replace("/", "__"))
    return tuple(dict.fromkeys((name, sanitised, name.rsplit("/", 1)[-1])))
