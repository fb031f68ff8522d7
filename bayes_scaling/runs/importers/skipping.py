"""What an importer leaves out, and why: collected while it reads, said once when it is done."""

import warnings
from dataclasses import dataclass, field

_SHOWN = 4  # examples that a message spells out for each reason


class SkippedWarning(UserWarning):
    """An importer left something out; the message says what and why.

    Attributes
    ----------
    skipped : tuple of Skipped
        Everything that was left out; the message shows the first few of each reason.

    Examples
    --------
    >>> print(SkippedWarning("logs", (Skipped("perplexity of wiki", "a.json", "lower is better"),)))
    logs: left out 1 thing
      lower is better: perplexity of wiki (a.json)
    """

    def __init__(self, source: str, skipped: "tuple[Skipped, ...]") -> None:
        self.source = source
        self.skipped = skipped
        super().__init__(source, skipped)

    def __str__(self) -> str:
        n = len(self.skipped)
        return "\n".join([f"{self.source}: left out {n:,} thing{'s' * (n != 1)}", *reasons(self.skipped)])


@dataclass(frozen=True)
class Skipped:
    """One thing that was left out.

    Attributes
    ----------
    what : str
        A score, a model, a file, rows.
    where : str
        The file or row it stands in, or "".
    why : str
        The reason.
    """

    what: str
    where: str
    why: str


@dataclass
class Skips:
    """What was left out so far."""

    found: list[Skipped] = field(default_factory=list)

    def add(self, what: str, where: str, why: str) -> None:
        """Add one thing; the same thing for the same reason counts once."""
        skipped = Skipped(what, where, why)
        if skipped not in self.found:
            self.found.append(skipped)

    def warn(self, source: str, stacklevel: int) -> None:
        """Warn once of all that was left out, if anything was."""
        if self.found:
            warnings.warn(SkippedWarning(source, tuple(self.found)), stacklevel=stacklevel + 1)


def reasons(skipped: "tuple[Skipped, ...] | list[Skipped]") -> list[str]:
    """One line a reason, with the first things left out for it."""
    by_reason: dict[str, list[Skipped]] = {}
    for one in skipped:
        by_reason.setdefault(one.why, []).append(one)
    return [f"  {why}: {_listed(ones)}" for why, ones in by_reason.items()]


def _listed(ones: list[Skipped]) -> str:
    """Name the first few things; one that stands in several places is named once."""
    places: dict[str, list[str]] = {}
    for one in ones:
        places.setdefault(one.what, []).append(one.where)
    shown = []
    for what, where in list(places.items())[:_SHOWN]:
        known = list(dict.fromkeys(place for place in where if place))
        beside = f" ({known[0]})" if len(known) == 1 else f" ({len(known)} places)" if known else ""
        shown.append(what + beside)
    more = f", and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    return ", ".join(shown) + more
