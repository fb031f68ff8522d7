"""Joint draws of what is decided and of what candidates would show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.from_fit import forecast_from
from ..forecasting.notes import convergence_notes, ratio_notes
from ..forecasting.points import encode_points
from ..forecasting.quantities import Quantity
from ..posterior.fit import Fit
from ..runs.budget_columns import BUDGETS
from ..runs.checkpoints import training_runs
from ..runs.columns import score_labels
from ..wording import flops_in_words, listed
from .cost import Cost

_MOST_CELLS = 4_000_000  # draws times points that one comparison holds
_FEWEST_DRAWS = 500


def candidate_costs(frame: pd.DataFrame, cost: "str | Cost") -> pd.Series:
    """Cost of each row."""
    if isinstance(cost, Cost):
        found = cost.of(frame["flops"].to_numpy(float))
        return pd.Series(found.get("money", found["hours"]), frame.index)
    if cost not in frame or not pd.api.types.is_numeric_dtype(frame[cost]):
        names = listed(frame.select_dtypes("number").columns, 12)
        raise ValueError(f"cost is {cost!r}; expected a Cost, or a column of numbers of the candidates: {names}")
    values = frame[cost].astype(float)
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"cost {cost} holds {values[~(values > 0)].iloc[0]:g}; expected positive numbers")
    return values


@dataclass(frozen=True)
class Joint:
    """Draws of the target and of what candidates would measure, with means of 0.

    Attributes
    ----------
    target : array, shape (samples,)
        The part of the forecast that measurements can tell of.
    measured : array, shape (samples, measurements)
        Scores (and losses) of candidates.
    groups : list of array
        Columns of each candidate.
    """

    target: Floats
    measured: Floats
    groups: list[np.ndarray]

    def removed(self, group: int) -> float:
        """Variance of the target that a candidate's measurements are expected to remove."""
        columns = self.measured[:, self.groups[group]]
        n, p = columns.shape
        covariance, across = columns.T @ columns, columns.T @ self.target
        total = float(self.target @ self.target)
        # Repeated or certain measurements leave the matrix without an inverse.
        explained = float(across @ np.linalg.pinv(covariance, rcond=1e-10, hermitian=True) @ across)
        # As adjusted R-squared: p columns of noise alone would seem to explain p / n of the variance.
        left = (total - explained) * (n - 1) / max(n - p - 1, 1)
        return max(total - left, 0.0) / (n - 1)

    def given(self, group: int) -> "Joint":
        """The same once a candidate was measured: what its measurements leave of the rest."""
        columns = self.measured[:, self.groups[group]]
        inverse = np.linalg.pinv(columns.T @ columns, rcond=1e-10, hermitian=True)

        def rest(values: Floats) -> Floats:
            return values - columns @ (inverse @ (columns.T @ values))

        return replace(self, target=rest(self.target), measured=rest(self.measured))


@dataclass(frozen=True)
class Candidates:
    """Rows that could be measured, and which of them are chosen together.

    Attributes
    ----------
    frame : DataFrame
        The rows.
    code : int array, shape (rows,)
        Candidate of each row.
    table : DataFrame
        One row a candidate: what it is.
    cost : array, shape (candidates,)
        What each costs.
    """

    frame: pd.DataFrame
    code: np.ndarray
    table: pd.DataFrame
    cost: Floats


def as_candidates(frame: pd.DataFrame, together: Sequence[str], costs: "pd.Series", *, add: bool) -> Candidates:
    """Group rows; a candidate costs as much as its rows together, or as each of them."""
    code, _ = pd.factorize(frame[list(together)].astype(str).agg(" | ".join, axis=1))
    of_group = costs.groupby(code)
    cost = (of_group.sum() if add else of_group.max()).to_numpy(float)
    first = frame.groupby(code).first()
    kept = [name for name in ("run", "family", *BUDGETS) if "run" in together and name in frame]
    kept += ["benchmark"] if "benchmark" in together else []
    table = first[kept].dropna(axis=1, how="all").assign(scores=np.bincount(code))
    return Candidates(frame, np.asarray(code), table, cost)


@dataclass(frozen=True)
class Decision:
    """Whether to go on with the target run: yes where its mean score is above the threshold."""

    mean: float
    threshold: float

    def gain(self, variance: float) -> float:
        """Expected fall of the loss by measurements that remove so much of the variance."""
        from scipy.special import ndtr

        if not variance > 0:
            return 0.0
        sd, ahead = np.sqrt(variance), self.mean - self.threshold
        z = ahead / sd
        density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
        return max(float(sd * density + ahead * ndtr(z) - max(ahead, 0.0)), 0.0)  # rounding may fall below


def _told_apart(asked: pd.DataFrame, candidates: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """The target run under a name that no candidate has, unless it was fitted or a candidate is a checkpoint of it."""
    clash = asked["run"].isin(candidates["run"]) & ~asked["run"].isin(known)
    renamed = asked.assign(run=asked["run"].where(~clash, "target: " + asked["run"]))
    if "trajectory" not in asked:
        return renamed
    alone = clash & (asked["trajectory"].astype(str) == asked["run"].astype(str))
    return renamed.assign(trajectory=asked["trajectory"].where(~alone, renamed["run"]))


def joint_decisions(
    fit: Fit, candidates: Candidates, asked: pd.DataFrame, of: Quantity, seed: int | None
) -> tuple[Joint, Floats, tuple[str, ...]]:
    """Draw target and measurements together; the forecast of the target in all its parts; and notes."""
    if len(names := asked["run"].unique()) > 1:
        runs = listed(map(repr, names), 4)
        raise ValueError(f"target_at has the runs {runs}; expected one run, such as budgets(flops=1e23)")
    asked, known = _told_apart(asked, candidates.frame, set(fit.reference.runs)), set(fit.reference.runs)
    frame = pd.concat([candidates.frame, asked], ignore_index=True)
    draws = fit.draws(np.random.default_rng(seed))
    step = min(int(np.ceil(draws.size * len(frame) / _MOST_CELLS)), max(draws.size // _FEWEST_DRAWS, 1))
    points = encode_points(fit.reference, frame)
    found = forecast_from(draws.every(max(step, 1)), fit.fitted, points, notes=())
    values = {str(name): found.array(str(name)) for name in found.draws}
    at = slice(len(candidates.frame), None)
    target = values[of][:, at].mean(axis=1)
    # The luck of a run that is yet to be trained is nobody else's: without it the draws say the rest more clearly.
    shared = training_runs(asked).isin({*known, *training_runs(candidates.frame)}).any()
    told = target if shared else values["expected"][:, at].mean(axis=1)
    parts, codes = [values["score"][:, : len(candidates.frame)]], [candidates.code]
    if "loss" in values:
        parts.append(np.log(values["loss"][:, : len(candidates.frame)]))
        codes.append(candidates.code)
    measured, code = np.concatenate(parts, axis=1), np.concatenate(codes)
    groups = [np.flatnonzero(code == g) for g in range(len(candidates.cost))]
    joint = Joint(told - told.mean(), measured - measured.mean(axis=0), groups)
    labels = list(dict.fromkeys(score_labels(asked)))
    what = "measured score of a run" if of == "score" else "curve"
    notes = (
        f"the forecast is of the {what} at {flops_in_words(asked['flops'].iloc[0])} FLOPs on "
        + (labels[0] if len(labels) == 1 else f"the mean of {len(labels)} benchmarks"),
        "values are those of linear regression on draws; nothing was fitted again",
        *ratio_notes(fit.law, fit.runs.frame, frame),
        *convergence_notes(fit),
    )
    return joint, target, notes
