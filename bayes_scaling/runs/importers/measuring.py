"""One score as an evaluation log tells it, before it is settled which of several count."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from .manifest import ModelName

_US_TIME = re.compile(r"(\d\d)-(\d\d)-(\d{4})-(\d\d)-(\d\d)-(\d\d)")
_TIME = re.compile(r"(\d{4})[-_](\d\d)[-_](\d\d)[T_-](\d\d)[-:_](\d\d)(?:[-:_](\d\d)(?:\.\d+)?)?")
UNKNOWN_TIME = -math.inf


@dataclass(frozen=True)
class Measurement:
    """One score.

    Attributes
    ----------
    model : ModelName
        Whose.
    benchmark, metric : str
        What was measured, and how, in the log's own words.
    value : float
        The score as it was logged.
    place : str
        The file.
    way : str
        What else tells two scores by one metric apart: the filter that reads an answer, the prompt, or how several
        attempts became one score.
    detail : str
        The task's arguments, where they change what is asked.
    shots, n_items, stderr, k, attempts : float
        As the columns of `Runs`; NaN where unknown. `attempts` is n_samples.
    size : float
        Questions of the whole benchmark.
    limited : bool
        Whether only some of its questions were asked.
    when : float
        When it was measured, in seconds of Unix time.
    rises : bool or None
        Whether higher is better, where the log says so.
    chance : float
        What guessing scores, where the log's own options say so.
    counts : callable, optional
        Reads right attempts at each problem (columns problem, n_samples, n_correct); None where that cannot be told.
    """

    model: ModelName
    benchmark: str
    metric: str
    value: float
    place: str
    way: str = ""
    detail: str = ""
    shots: float = math.nan
    n_items: float = math.nan
    stderr: float = math.nan
    k: float = math.nan
    attempts: float = math.nan
    size: float = math.nan
    limited: bool = False
    when: float = UNKNOWN_TIME
    rises: bool | None = None
    chance: float = math.nan
    counts: Callable[[], pd.DataFrame | None] | None = None

    @property
    def name(self) -> str:
        """How a message names it."""
        way = f",{self.way}" if self.way else ""
        return f"{self.metric}{way} of {self.label}"

    @property
    def label(self) -> str:
        """The benchmark, with the arguments that it was run with."""
        return f"{self.benchmark} [{self.detail}]" if self.detail else self.benchmark

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two scores of a model the same measurement."""
        numbers = (None if math.isnan(one) else one for one in (self.shots, self.k))
        return (self.benchmark, self.detail, self.metric, self.way, *numbers)

    def scaled(self, factor: float) -> "Measurement":
        """Return the same score in another unit."""
        return replace(self, value=self.value * factor, stderr=self.stderr * factor)


def time_in(text: str) -> float:
    """Find the time that a name or a field holds, in seconds of Unix time.

    Examples
    --------
    >>> time_in("results_2026-01-10T10-00-00.000000.json") - time_in("x_2026-01-10-09-59-00.json")
    60.0
    >>> time_in("results.json")
    -inf
    """
    found = _TIME.search(_US_TIME.sub(r"\3-\1-\2-\4-\5-\6", text))
    if found is None:
        return UNKNOWN_TIME
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        return UNKNOWN_TIME


def instant(text: object) -> float:
    """Read an ISO time with its zone, in seconds of Unix time.

    Examples
    --------
    >>> instant("2026-02-01T10:00:00+00:00") - instant("2026-02-01T10:00:00-05:00")
    -18000.0
    >>> instant(None)
    -inf
    """
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return UNKNOWN_TIME
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def number_of(value: object) -> float:
    """Read a number of a document; NaN where it is something else.

    Examples
    --------
    >>> number_of(3), number_of("N/A"), number_of(True), number_of(10**400)
    (3.0, nan, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
