"""Sample sets: the attempts of one run at the problems of one benchmark, as rates at several k or counts of problems.

The rows of a set come from the same samples. A law at k = 1 sees one row a set; what the set says beyond that, its
curve in k, is read off here: roughly, as a smooth curve with which the covariance of its points is made.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...arrays import Floats, Ints
from ...laws.attempts import AttemptsLaw
from ...runs.columns import SET_KEY, counts_problems, numbers
from ...runs.pass_rates import rates_of_counts
from ..information import ASSUMED_ITEMS
from .noise import (
    NUGGET,
    Failure,
    Rotation,
    attempt_covariance,
    hazard_slope,
    problem_covariance,
    rotate,
    working_response,
)
from .smooth import smooth_curve, smooth_failure
from .ways import Way, ways_beside_the_first, ways_of

_PROBLEMS_FACTOR = 0.4  # of the covariance over problems, in rough information: the same problems serve every run
_STEP = 1e-4


@dataclass(frozen=True)
class SampleSets:
    """Sets of samples in the rows of a table; made by `collect_sets`.

    Attributes
    ----------
    frame : DataFrame
        One row a set, in the columns of `Runs.frame`, at k = 1; its accuracy is the smooth curve's.
    of_row : int array, shape (rows,)
        Set of each row.
    k, rate : array, shape (rows,)
        Attempts, and the share of problems that were solved; for counts k is 1 and the rate that of one problem.
    n_samples, n_correct : array, shape (rows,)
        Attempts drawn at each problem, and right ones among them (NaN for rates).
    counts : bool
        Whether each row counts one problem.
    log_error, log_bend : array, shape (sets,)
        Smooth curve of each set: log error at k = 1, and log of the attempts at which it bends.
    assumed_samples : bool
        Whether `n_samples` was missing somewhere, and the set's largest k stands in.
    ways : tuple of (str, float)
        How each row was sampled (`ways_of`).
    """

    frame: pd.DataFrame
    of_row: Ints
    k: Floats
    rate: Floats
    n_samples: Floats
    n_correct: Floats
    counts: bool
    log_error: Floats
    log_bend: Floats
    assumed_samples: bool
    ways: tuple[Way, ...]

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def members(self) -> tuple[Ints, ...]:
        """Rows of each set."""
        order = np.argsort(self.of_row, kind="stable")
        return tuple(np.split(order, np.cumsum(np.bincount(self.of_row, minlength=len(self)))[:-1]))

    @cached_property
    def sampled(self) -> tuple[Ints, list[tuple[int, Way]]]:
        """Rates that were sampled in another way than the first of their set (`ways_beside_the_first`)."""
        if self.counts:
            return np.full(len(self.k), -1, np.int64), []
        return ways_beside_the_first(list(self.ways), self.of_row, self.k)

    @property
    def mixed(self) -> bool:
        """Whether some set is no single sampling curve."""
        return bool(self.sampled[1])

    @cached_property
    def items(self) -> Floats:
        """Number of problems of each set, shape (sets,); where unknown, what is assumed for a rough number."""
        return _items(self.frame)

    def failure(self, s: int) -> Failure:
        """Share of problems that k attempts leave unsolved, on the smooth curve of a set."""
        return smooth_failure(self.log_error[s], self.log_bend[s])

    @cached_property
    def smooth(self) -> Floats:
        """Rates of the smooth curves at the rows, shape (rows,)."""
        found = np.empty(len(self.k))
        for s, rows in enumerate(self.members):
            found[rows] = 1 - self.failure(s)(self.k[rows])
        return found

    @cached_property
    def response(self) -> Floats:
        """``log(-log(1 - rate))`` of the rows, finite for rates of 0 and 1 (`working_response`)."""
        return working_response(self.rate, self.smooth)

    def covariances(self, s: int) -> tuple[Floats, Floats]:
        """Covariances of a set's points, of log(-log(1 - rate)): from the sampling of attempts, and of problems."""
        rows = self.members[s]
        attempts, problems = point_covariances(self.failure(s), self.k[rows], self.n_samples[rows], self.items[s])
        way = self.sampled[0][rows]
        return attempts * (way[:, None] == way), problems  # what was sampled apart has attempts of its own

    @cached_property
    def rotations(self) -> tuple[Rotation, ...]:
        """Rotation of each set's points into independent ones."""
        return tuple(rotate(*self.covariances(s)) for s in range(len(self)))

    def information(self, law: AttemptsLaw) -> tuple[Floats, Floats]:
        """Information of each set about its log error at k = 1, and about what it has of its own in k.

        Parameters
        ----------
        law : AttemptsLaw
            The law, which says what that is: its log bend, or its log gain.

        Returns
        -------
        log_error, effect : array, shape (sets,)
            Each with the other held.
        """
        found = np.array([self._information(law, s) for s in range(len(self))])
        return found[:, 0], found[:, 1]

    def _information(self, law: AttemptsLaw, s: int) -> Floats:
        k, covariance = self._rough_points(s)
        known = {c.name: law.prior(c.name).median for c in law.attempt_coefficients}
        level = self.log_error[s]
        own = law.rough_coefficients(level, self.log_bend[s])
        known |= {name: np.exp(value) for name, value in own.items()} | {"level": level}

        def hazard(at: Floats) -> Floats:
            return law.log_hazard(0.0, k, np.exp(at[0]), at[1], known)

        at = np.array([self.log_error[s], 0.0])
        jacobian = np.array([(hazard(at + step) - hazard(at - step)) / (2 * _STEP) for step in _STEP * np.eye(2)])
        return np.einsum("pk,pk->p", jacobian, np.linalg.solve(covariance, jacobian.T).T)

    def _rough_points(self, s: int) -> tuple[Floats, Floats]:
        """Attempts and rough covariance of a set's points; counts stand as rates at a few k."""
        if not self.counts:
            attempts, problems = self.covariances(s)
            return self.k[self.members[s]], attempts + _PROBLEMS_FACTOR**2 * problems
        n = self.n_samples[self.members[s]]
        k = np.unique(np.minimum([1.0, 4.0, 16.0, 64.0], n.min()))
        attempts, problems = point_covariances(self.failure(s), k, np.full(len(k), np.median(n)), self.items[s])
        return k, attempts + problems


def collect_sets(
    frame: pd.DataFrame, *, to_rates: bool = False, smooth: tuple[Floats, Floats] | None = None
) -> SampleSets:
    """Collect the rows of a table into sets of samples, and draw a smooth curve through each.

    Parameters
    ----------
    frame : DataFrame
        Rows of `Runs.frame`: rates (accuracy at k), or counts (n_correct of n_samples at each problem).
    to_rates : bool
        Whether to turn counts into rates at powers of two up to the fewest attempts of a set.
    smooth : (array, array), optional
        Log errors and log bends of the smooth curves, shape (sets,), where they are known.

    Returns
    -------
    SampleSets
        The sets, in order of appearance.

    Raises
    ------
    ValueError
        Where some rows have a problem and others none, a problem has no count, a count stands at k above 1, or the
        table has no accuracies.
    """
    counts = _holds_counts(frame)
    if counts and to_rates:
        frame, counts = rates_of_counts(frame), False
    if not counts and "accuracy" not in frame:
        raise ValueError("the table has no accuracy column, so there is nothing to fit; expected scored runs")
    keys = [name for name in SET_KEY if name in frame]
    of_row: Ints = frame.groupby(keys, sort=False, dropna=False).ngroup().to_numpy().astype(np.int64)
    k = np.where(np.isnan(numbers(frame, "k")), 1.0, numbers(frame, "k"))
    largest = pd.Series(k).groupby(of_row).transform("max").to_numpy()
    given = numbers(frame, "n_samples")
    n_samples = np.maximum(np.where(np.isnan(given), largest, given), k)
    n_correct = numbers(frame, "n_correct") if counts else np.full(len(frame), np.nan)
    rate = n_correct / n_samples if counts else frame["accuracy"].to_numpy(float)

    first = frame.groupby(of_row, sort=False).head(1).reset_index(drop=True)
    if counts:
        first = first.assign(n_items=np.bincount(of_row).astype(float))
    if smooth is None:
        items = _items(first)
        members = pd.Series(of_row).groupby(of_row).indices.values()
        curves = [smooth_curve(k[at], rate[at], n_samples[at], items[s], counts) for s, at in enumerate(members)]
        smooth = (np.array([curve[0] for curve in curves]), np.array([curve[1] for curve in curves]))
    first = first.drop(columns=["k", "problem", "n_correct", "stderr"], errors="ignore")
    return SampleSets(
        frame=first.assign(accuracy=np.exp(-np.exp(smooth[0]))),
        of_row=of_row,
        k=k,
        rate=rate,
        n_samples=n_samples,
        n_correct=n_correct,
        counts=counts,
        log_error=smooth[0],
        log_bend=smooth[1],
        assumed_samples=bool(np.isnan(given).any()),
        ways=tuple(ways_of(frame)),
    )


def point_covariances(failure: Failure, k: Floats, n_samples: Floats, items: float) -> tuple[Floats, Floats]:
    """Covariances of log(-log(1 - rate)) over k: from the sampling of attempts, and from that of problems.

    Parameters
    ----------
    failure : callable
        Share of problems that k attempts leave unsolved.
    k, n_samples : array, shape (points,)
        Attempts that count as one, and attempts drawn.
    items : float
        Number of problems.

    Returns
    -------
    attempts, problems : array, shape (points, points)
        The first with the nugget.

    Examples
    --------
    >>> attempts, _ = point_covariances(smooth_failure(1.5, 4.0), np.array([1.0]), np.array([100.0]), 128.0)
    >>> float(attempts[0, 0].round(3))  # about one over the number of right attempts
    0.007
    """
    slope = hazard_slope(1 - failure(k))
    scale = np.outer(slope, slope) / items
    attempts = attempt_covariance(failure, k, k, n_samples, n_samples) * scale + NUGGET * np.eye(len(k))
    return attempts, problem_covariance(failure, k, k) * scale


def _items(frame: pd.DataFrame) -> Floats:
    given = numbers(frame, "n_items")
    return np.where(np.isnan(given), ASSUMED_ITEMS, given)


def _holds_counts(frame: pd.DataFrame) -> bool:
    if not counts_problems(frame):
        return False
    if (lacking := frame["problem"].isna().to_numpy()).any():
        raise ValueError(
            f"row {int(np.argmax(lacking)) + 1} has no problem while others do; "
            "expected rates at k, or counts of each problem, in one table"
        )
    missing = np.isnan(numbers(frame, "n_correct"))
    if missing.any():
        raise ValueError(
            f"row {int(np.argmax(missing)) + 1} has a problem without n_correct; "
            "expected n_samples and n_correct of each problem"
        )
    above = np.nan_to_num(numbers(frame, "k"), nan=1.0) != 1
    if above.any():
        raise ValueError(
            f"row {int(np.argmax(above)) + 1} counts one problem at k = {numbers(frame, 'k')[above][0]:g}; "
            "expected counts without k: rates at every k follow from them"
        )
    return True
