"""Training tokens per parameter: how they move along a family, how far points lie from that, and what is told apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..wording import listed, ratio_in_words, ratios_in_words
from .budget_columns import SIZES
from .columns import numbers

_APART = 1.05  # ratios that differ by less are one
NARROW = 0.15  # spread of log params and log tokens below which their terms are not told apart
#: Beyond which a ratio is another one. Less hardly changes a score: at given FLOPs N gains what D loses.
_FACTOR = 2.0
_FOLLOWS = 0.5  # share of the variance of log ratios that lies along log FLOPs from which they follow these


def tokens_per_param(frame: pd.DataFrame) -> pd.Series:
    """Training tokens per parameter of each row; NaN where unknown.

    Examples
    --------
    >>> tokens_per_param(pd.DataFrame({"params": [1e9, 1e9], "tokens": [2e10, float("nan")]})).tolist()
    [20.0, nan]
    >>> tokens_per_param(pd.DataFrame({"flops": [1e23]})).tolist()
    [nan]
    """
    return pd.Series(numbers(frame, "tokens") / numbers(frame, "params"), frame.index)


def tell_apart(ratio: pd.Series) -> bool:
    """Whether ratios differ enough to tell points apart; some known and others not do.

    Examples
    --------
    >>> tell_apart(pd.Series([19.8, 20.2])), tell_apart(pd.Series([20.0, 100.0])), tell_apart(pd.Series([20.0, None]))
    (False, True, True)
    """
    known = ratio.dropna()
    if known.empty:
        return False
    return len(known) < len(ratio) or bool(known.max() > _APART * known.min())


@dataclass(frozen=True)
class Ladder:
    """How tokens per parameter move along the runs of a family; made by `ladders`.

    Attributes
    ----------
    family : str
    runs : int
        Those whose params, tokens and FLOPs are known.
    kind : {"one ratio", "drift", "free"}
        Whether all runs lie within a factor 2 of each other; or on one line, along which the ratio moves, as it does
        where all read the same tokens; or params and tokens vary apart from each other.
    first, last : float
        The farthest ratios, from fewer FLOPs to more; from low to high where the ratio does not follow FLOPs.
    follows : bool
        Whether the ratio follows FLOPs by more than a factor 2, be it on one line or beside other differences.
    """

    family: str
    runs: int
    kind: Literal["one ratio", "drift", "free"]
    first: float
    last: float
    follows: bool

    @property
    def drifts(self) -> bool:
        """Whether a law of FLOPs alone takes what the ratio does for what FLOPs do."""
        return self.kind == "drift" or self.follows

    @property
    def verb(self) -> str:
        """What the ratio does."""
        if self.kind == "one ratio":
            return "hardly vary"
        return ("fall" if self.last < self.first else "rise") if self.follows else "vary"

    @property
    def span(self) -> str:
        """Between which ratios, and along what."""
        if self.kind == "one ratio":
            return f"({ratios_in_words(self.first, self.last)}) along {self.family}"
        return f"from {ratio_in_words(self.first)} to {ratio_in_words(self.last)} along {self.family}"


def ladders(frame: pd.DataFrame) -> list[Ladder]:
    """Say how tokens per parameter move along the runs of each family.

    Runs (rows in the columns of `Runs.frame`) without params, tokens or FLOPs are left out, and families of such.

    Examples
    --------
    >>> params = np.array([1e8, 1e9, 1e10])
    >>> runs = pd.DataFrame({"run": list("abc"), "family": "x", "params": params, "tokens": 3e11})
    >>> [ladder] = ladders(runs.assign(flops=6 * params * 3e11))
    >>> ladder.kind, ladder.verb, ladder.span
    ('drift', 'fall', 'from 3000 to 30 along x')
    >>> ladders(runs.assign(tokens=20 * params, flops=120 * params**2))[0].kind
    'one ratio'
    """
    runs = frame.drop_duplicates(["family", "run"]).dropna(subset=["flops", *SIZES])
    return [_ladder(str(family), own) for family, own in runs.groupby("family", sort=False)]


def _ladder(family: str, own: pd.DataFrame) -> Ladder:
    ratio, flops = np.log(tokens_per_param(own).to_numpy(float)), np.log(own["flops"].to_numpy(float))
    low, high = np.exp([ratio.min(), ratio.max()]).tolist()
    if high <= _FACTOR * low * (1 + 1e-9):
        return Ladder(family, len(own), "one ratio", low, high, follows=False)
    centred, ratio = flops - flops.mean(), ratio - ratio.mean()
    spread = float(centred @ centred)
    slope = float(centred @ ratio) / spread if spread > 1e-12 else 0.0
    along = slope**2 * spread >= _FOLLOWS * float(ratio @ ratio)
    follows = bool(along and abs(slope) * np.ptp(flops) > np.log(_FACTOR))
    kind: Literal["drift", "free"] = "free" if spread_of_sizes(own).told_apart else "drift"
    return Ladder(family, len(own), kind, *((high, low) if follows and slope < 0 else (low, high)), follows=follows)


def drifting(frame: pd.DataFrame, families: Iterable[object] | None = None) -> list[Ladder]:
    """Ladders along which tokens per parameter drift: of some families, or of all where one of these was not fitted."""
    known = set(frame["family"].astype(str))
    asked = known if families is None else set(map(str, families))
    return [one for one in ladders(frame) if one.drifts and (asked - known or one.family in asked)]


def ladders_in_words(found: Iterable[Ladder]) -> str:
    """How tokens per parameter move along families, the first ones.

    Examples
    --------
    >>> print(ladders_in_words([Ladder("Pythia", 8, "drift", 2400.0, 25.0, follows=True)]))
    tokens per parameter fall from 2400 to 25 along Pythia
    """
    verbs: dict[str, list[str]] = {}
    for one in found:
        verbs.setdefault(one.verb, []).append(one.span)
    return f"tokens per parameter {'; '.join(f'{verb} {listed(spans, 4)}' for verb, spans in verbs.items())}"


@dataclass(frozen=True)
class Stray:
    """A family that is asked for at a ratio of tokens to parameters far from those it was fitted at.

    Attributes
    ----------
    family : str
        The family.
    asked : float
        The ratio that lies farthest.
    low, high : float
        The fitted ratios; those of all families for one that was not fitted.
    """

    family: str
    asked: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.family} {ratio_in_words(self.asked)} (fitted at {ratios_in_words(self.low, self.high)})"


def stray_ratios(fitted: pd.DataFrame, asked: pd.DataFrame, *, follow_path: bool) -> list[Stray]:
    """Families whose points lie more than a factor 2 outside of the ratios that they were fitted at.

    Parameters
    ----------
    fitted, asked : DataFrame
        Fitted rows and points, in the columns of `Runs.frame`. Rows without params or tokens are left alone.
    follow_path : bool
        Whether a point is also fine where the ratio goes on as it did: where fitted ratios follow FLOPs by a power law,
        as they do in a family whose models all read the same tokens. A law of FLOPs alone holds along that path.

    Returns
    -------
    list of Stray
        In order of appearance, each with its farthest ratio.

    Examples
    --------
    >>> def runs(params, tokens):
    ...     return pd.DataFrame({"family": "a", "params": params, "tokens": tokens, "flops": 6 * params * tokens})
    >>> params = np.array([1e8, 1e9])
    >>> for stray in stray_ratios(runs(params, 20 * params), runs(params, 100 * params), follow_path=True):
    ...     print(stray)
    a 100 (fitted at 20)
    >>> constant_tokens = runs(params, np.array([1e11, 1e11])), runs(10 * params[1:], np.array([1e11]))
    >>> stray_ratios(*constant_tokens, follow_path=True)
    []
    >>> print(*stray_ratios(*constant_tokens, follow_path=False))
    a 10 (fitted at 100 to 1000)
    """
    known, points, found = _log_ratios(fitted), _log_ratios(asked), []
    for family, rows in points.groupby("family", sort=False):
        own = known[known["family"] == family] if (known["family"] == family).any() else known
        if own.empty:
            continue
        low, high = own["ratio"].min(), own["ratio"].max()
        away = np.maximum(rows["ratio"] - high, 0.0) + np.minimum(rows["ratio"] - low, 0.0)
        if follow_path:
            away = _nearer(away, rows["ratio"] - _path(own, rows["flops"]))
        if (away.abs() > np.log(_FACTOR)).any():
            farthest = rows["ratio"][away.abs().idxmax()]
            found.append(Stray(str(family), *np.exp([farthest, low, high]).tolist()))
    return found


def _log_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Family, log ratio and log FLOPs of the rows whose ratio is known, numbered anew."""
    table = pd.DataFrame(
        {
            "family": frame["family"].astype(str),
            "ratio": np.log(tokens_per_param(frame)),
            "flops": np.log(frame["flops"]),
        }
    )
    return table.dropna(subset="ratio").reset_index(drop=True)


def _path(own: pd.DataFrame, log_flops: pd.Series) -> pd.Series:
    """Log ratio at log FLOPs on the power law that the fitted runs follow; NaN where they follow none."""
    centred = own["flops"] - own["flops"].mean()
    if (centred.abs() < 1e-6).all():
        return pd.Series(np.nan, log_flops.index)
    slope = (centred * own["ratio"]).sum() / (centred**2).sum()
    missed = own["ratio"] - own["ratio"].mean() - slope * centred
    if missed.abs().max() > np.log(_FACTOR):
        return pd.Series(np.nan, log_flops.index)
    return own["ratio"].mean() + slope * (log_flops - own["flops"].mean())


def _nearer(from_range: pd.Series, from_path: pd.Series) -> pd.Series:
    """The smaller of two signed distances; 0 between the range and the path, and the first where there is no path."""
    path = from_path.fillna(from_range)
    smaller = from_range.where(from_range.abs() < path.abs(), path)
    return smaller.where(from_range * path > 0, 0.0)


@dataclass(frozen=True)
class SizeSpread:
    """How params and tokens vary together over the runs of a table, within families.

    Attributes
    ----------
    least, most : float
        Root mean squares of (log params, log tokens) in the direction in which they vary least, and across it.
    power : float
        Tokens grow like this power of params along the direction in which they vary most; infinite where params do not
        grow.
    """

    least: float
    most: float
    power: float

    @property
    def told_apart(self) -> bool:
        """Whether a table tells what params do from what tokens do."""
        return self.least >= NARROW


def spread_of_sizes(frame: pd.DataFrame) -> SizeSpread:
    """Spread of log params and log tokens over runs, each family centred.

    Parameters
    ----------
    frame : DataFrame
        Rows in the columns of `Runs.frame`, with params and tokens.

    Returns
    -------
    Spread
        Zero where every family has a single run.

    Examples
    --------
    >>> params = np.geomspace(1e8, 1e10, 5)
    >>> runs = pd.DataFrame({"run": list("abcde"), "family": "x", "params": params, "tokens": 20 * params})
    >>> spread = spread_of_sizes(runs)
    >>> round(spread.least, 6), round(spread.power, 6)
    (0.0, 1.0)
    >>> spread_of_sizes(runs.assign(tokens=[1e10, 1e11, 1e10, 1e11, 1e10])).least > 1
    True
    """
    runs = frame.drop_duplicates(["family", "run"])
    logs = runs[[*SIZES]].apply(np.log)
    centred = (logs - logs.groupby(runs["family"]).transform("mean")).to_numpy()
    freedom = max(len(runs) - runs["family"].nunique(), 1)
    variances, directions = np.linalg.eigh(centred.T @ centred / freedom)
    least, most = np.sqrt(np.maximum(variances, 0.0)).tolist()
    of_params, of_tokens = directions[:, 1]
    return SizeSpread(least, most, float(of_tokens / of_params) if of_params else np.inf)
