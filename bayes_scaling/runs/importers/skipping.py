"""What an importer leaves out and why, and what it settles: collected while it reads, said once when it is done."""

import warnings
from dataclasses import dataclass, field

_SHOWN = 4  # examples that a message spells out for each reason
_NOTES = 20  # notes that a message spells out


class SkippedWarning(UserWarning):
    """An importer left something out, or settled something that a reader should know; the message says what and why.

    Attributes
    ----------
    skipped : tuple of Skipped
        Everything that was left out; the message shows the first few of each reason.
    notes : tuple of str
        What was settled otherwise than a reader might think, one sentence each.

    Examples
    --------
    >>> print(SkippedWarning("logs", (Skipped("perplexity of wiki", "a.json", "lower is better"),)))
    logs: left out 1 thing
      lower is better: perplexity of wiki (a.json)
    """

    def __init__(self, source: str, skipped: "tuple[Skipped, ...]", notes: tuple[str, ...] = ()) -> None:
        self.source = source
        self.skipped = skipped
        self.notes = notes
        super().__init__(source, skipped, notes)

    def __str__(self) -> str:
        n = len(self.skipped)
        left_out = [f"{self.source}: left out {n:,} thing{'s' * (n != 1)}", *reasons(self.skipped)] if n else []
        settled = ["settled:" if n else f"{self.source}: settled", *(f"  {note}" for note in noted(self.notes))]
        return "\n".join([*left_out, *(settled if self.notes else [])])


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
    """What was left out and settled so far, and what was seen.

    Attributes
    ----------
    found : list of Skipped
        What was left out.
    notes : list of str
        What was settled.
    seen : dict of str to set of str
        Metrics of every benchmark that the files hold, left out or not.
    """

    found: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)
    _known: set[Skipped] = field(default_factory=set)

    def add(self, what: str, where: str, why: str) -> None:
        """Add one thing; the same thing for the same reason counts once."""
        skipped = Skipped(what, where, why)
        if skipped not in self._known:
            self._known.add(skipped)
            self.found.append(skipped)

    def note(self, text: str) -> None:
        """Say what was settled, once."""
        if text not in self.notes:
            self.notes.append(text)

    def saw(self, benchmark: str, metric: str) -> None:
        """Remember that the files hold a benchmark by a metric."""
        self.seen.setdefault(benchmark, set()).add(metric)

    def warn(self, source: str, stacklevel: int) -> None:
        """Warn once of all that was left out or settled, if anything was."""
        if self.found or self.notes:
            warnings.warn(SkippedWarning(source, tuple(self.found), tuple(self.notes)), stacklevel=stacklevel + 1)


def reasons(skipped: "tuple[Skipped, ...] | list[Skipped]") -> list[str]:
    """One line a reason, with the first things left out for it."""
    by_reason: dict[str, list[Skipped]] = {}
    for one in skipped:
        by_reason.setdefault(one.why, []).append(one)
    return [f"  {why}: {_listed(ones)}" for why, ones in by_reason.items()]


def noted(notes: "tuple[str, ...] | list[str]") -> list[str]:
    """Notes for a message: the first of many."""
    hidden = len(notes) - _NOTES
    return [*notes[:_NOTES], *([f"and {hidden:,} more"] if hidden > 0 else [])]


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
