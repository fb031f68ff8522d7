r"""Which run to train, or which score to measure, so that a forecast becomes surer.

Nothing is fitted again. Draws of the forecast and of what candidates would measure say how they vary together; were
both normal, measuring :math:`y` would leave :math:`v - c^T V^{-1} c` of the forecast's variance :math:`v`, with `c` the
covariances of the forecast and the measurements, and `V` those of the measurements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..checks import check_target
from ..forecasting.from_fit import planned_points
from ..forecasting.points import Points
from ..forecasting.quantities import Quantity, check_quantity
from ..posterior.fit import Fit
from ..runs.budget_columns import OF_RUNS
from ..runs.planned import Budgets
from ..runs.table import Runs
from .answers import Answer
from .cost import Cost, with_costs
from .joint_draws import Candidates, Decision, Joint, as_candidates, candidate_costs, joint_decisions
from .selection_words import CLEAR, Facts, Rule, selection_rule, selection_sentence


@dataclass(frozen=True, eq=False, repr=False)
class Selection(Answer):
    """What to measure next; made by `next_run` and `next_evaluation`.

    Attributes
    ----------
    sd : float
        Standard deviation of the forecast at the target, before anything more is measured.
    """

    sd: float


def next_run(
    fit: Fit,
    candidates: Budgets | Runs,
    target_at: Budgets | Runs,
    *,
    cost: "str | Cost" = "flops",
    threshold: float | None = None,
    several: int = 1,
    least: float = 0.05,
    of: Quantity = "score",
    random_seed: int | None = 0,
) -> Selection:
    r"""Choose the run whose scores would tell most about a forecast.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    candidates : Budgets or Runs
        Runs that could be trained next, each with the benchmarks that it would be scored on.
    target_at : Budgets or Runs
        The run that the forecast is about. Of several benchmarks their mean is taken.
    cost : str or Cost
        What a candidate costs: "flops" (the default) or another column of numbers in the candidates' table, or a
        `Cost`, which gives money, or else hours.
    threshold : float, optional
        The score at which the target run would be worth its cost. Then candidates are chosen by how much of the
        expected loss of that decision they remove, and not by the variance.
    several : int
        How many runs to choose at most. Each is the best one per unit of cost given those before it. Runs larger than
        the one that is forecast are shown, but never chosen.
    least : float
        Share of the forecast's variance that a run must remove to be chosen: small runs are cheap, and some of them
        tell a little for nearly nothing. Where none does, none is chosen, and the sentence says so.
    of : {"score", "expected"}
        Whether the measured score of the target run is forecast (the default), or the curve.
    random_seed : int, optional
        Seed of the draws.

    Returns
    -------
    Selection
        Table: one row a candidate, the chosen ones first. ``variance_removed`` is the share of the forecast's variance
        that its scores are expected to remove, ``sd_after`` what remains (accuracy), ``loss_removed`` (with a
        threshold) the fall of the expected loss in accuracy, ``cost``, ``per_cost`` the share (or the loss) removed per
        unit of cost over that of the best candidate, and ``chosen`` the order of choice, empty where none is worth it.
        Values of a candidate that is chosen later are those given the ones before it.

    Raises
    ------
    TypeError
        Where `candidates` or `target_at` is something else.
    ValueError
        For more than one target run, labels that were not fitted, a cost that is no positive number, or more runs than
        there are candidates.

    Notes
    -----
    The variance that remains is that of linear regression on the draws, with the usual correction for the number of
    scores (Raiffa and Schlaifer, Applied Statistical Decision Theory, 1961, of preposterior analysis). The decision is
    to go where the mean is above the threshold, its loss is by how much the score then misses it, or would have passed
    it, and what is expected of measuring follows from a normal distribution of the mean to come.
    """
    frame = _points(fit, candidates, "candidates").frame.reset_index(drop=True)
    chosen = as_candidates(frame, ["run"], candidate_costs(frame, cost), add=False)
    rule = Rule("Train", several, least, "unit of cost" if isinstance(cost, str) and cost != "flops" else _per(cost))
    return _select(fit, chosen, target_at, threshold, rule, of, random_seed, cost=cost)


def next_evaluation(
    fit: Fit,
    target_at: Budgets | Runs,
    candidates: Runs | None = None,
    *,
    together: Sequence[str] = ("run", "benchmark"),
    cost: str | None = None,
    threshold: float | None = None,
    several: int = 1,
    least: float = 0.0,
    of: Quantity = "score",
    random_seed: int | None = 0,
) -> Selection:
    """Choose the evaluation of runs that exist that would tell most about a forecast.

    A further checkpoint of a run that was fitted shares its luck (``trajectory``), and so tells less of the curve than
    another run of that budget.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    target_at : Budgets or Runs
        The run that the forecast is about, as of `next_run`.
    candidates : Runs, optional
        Rows of (run, benchmark) that could be scored; by default all pairs of fitted runs and benchmarks that the table
        lacks.
    together : sequence of str
        What is chosen at once: ``("run", "benchmark")`` one row, ``["run"]`` a run or checkpoint with all its rows,
        ``["benchmark"]`` a benchmark on all runs.
    cost : str, optional
        Column of the candidates with the cost of each row; by default each costs 1.
    threshold, several, least, of, random_seed
        As of `next_run`.

    Returns
    -------
    Selection
        As of `next_run`.

    Raises
    ------
    ValueError
        Where there is nothing to score, a candidate has its score already, or as of `next_run`.
    """
    if not set(together) or not set(together) <= {"run", "benchmark"}:
        raise ValueError(f"together is {together!r}; expected a sequence of 'run', 'benchmark' or both")
    frame = _lacking(fit) if candidates is None else _unscored(fit, candidates)
    costs = pd.Series(1.0, frame.index) if cost is None else candidate_costs(frame, cost)
    chosen = as_candidates(frame, together, costs, add=True)
    rule = Rule("Score", several, least, "score" if cost is None else "unit of cost")
    return _select(fit, chosen, target_at, threshold, rule, of, random_seed)


def _points(fit: Fit, at: Budgets | Runs, name: str) -> Points:
    if not isinstance(at, Budgets | Runs):
        raise TypeError(f"{name} is a {type(at).__name__}; expected budgets() or Runs")
    return planned_points(fit, at)


def _lacking(fit: Fit) -> pd.DataFrame:
    """Pairs of fitted runs and benchmarks that have no score."""
    frame = fit.runs.frame
    keys = [name for name in ("benchmark", "metric", "shots") if name in frame]
    of_runs = frame.drop_duplicates("run").reindex(columns=[name for name in OF_RUNS if name in frame])
    of_benchmarks = frame.drop_duplicates(keys)[[*keys, "chance"]]
    pairs = of_runs.merge(of_benchmarks, how="cross")
    scored = pairs.merge(frame[["run", *keys]].drop_duplicates(), how="left", on=["run", *keys], indicator=True)
    found = pairs[(scored["_merge"] == "left_only").to_numpy()].reset_index(drop=True)
    if found.empty:
        raise ValueError("every fitted run has a score on every benchmark; give candidates, such as further runs")
    return found


def _unscored(fit: Fit, candidates: Runs) -> pd.DataFrame:
    """Rows of candidates, none of which may have a score."""
    points = _points(fit, candidates, "candidates")
    frame, rows = points.frame.reset_index(drop=True), points.rows
    scored = set(_measurements(fit.fitted.runs.frame, fit.rows.benchmark))
    for i, key in enumerate(_measurements(frame, rows.benchmark)):
        if key in scored:
            raise ValueError(
                f"row {i + 1}: run {frame['run'].iloc[i]!r} has a score on {frame['benchmark'].iloc[i]!r} already; "
                "expected what was not measured yet"
            )
    return frame


def _per(cost: "str | Cost") -> str:
    """What a candidate costs, in words."""
    if isinstance(cost, str):
        return "FLOP"
    return "hour" if cost.price_per_hour is None else "unit of money"


def _measurements(frame: pd.DataFrame, benchmark: Ints) -> list[tuple[str, str, float, int]]:
    """What each row measures: a run of a family at a budget, on a benchmark; checkpoints are different ones."""
    log_flops = np.log(frame["flops"].to_numpy(float)).round(6)
    names = [frame[name].astype(str).tolist() for name in ("family", "run")]
    return list(zip(*names, log_flops.tolist(), benchmark.tolist(), strict=True))


def _select(
    fit: Fit,
    candidates: "Candidates",
    target_at: Budgets | Runs,
    threshold: float | None,
    rule: Rule,
    of: Quantity,
    seed: int | None,
    cost: "str | Cost" = "flops",
) -> Selection:
    check_quantity(of)
    wanted = None if threshold is None else check_target("threshold", threshold)
    rule.check(len(candidates.cost))
    asked = _points(fit, target_at, "target_at").frame.reset_index(drop=True)
    joint, target, notes = joint_decisions(fit, candidates, asked, of, seed)
    variance = float(target.var(ddof=1))
    loss = None if wanted is None else Decision(float(target.mean()), wanted)
    larger = _larger(candidates.table, asked)
    order, removed, taken = _choose(joint, candidates.cost, loss, rule, variance, larger)
    found = candidates.table.assign(variance_removed=removed / variance)
    found["sd_after"] = np.sqrt(np.maximum(variance - removed, 0.0))
    if loss is not None:
        found["loss_removed"] = [loss.gain(value) for value in removed]
    worth = found["variance_removed" if loss is None else "loss_removed"] / candidates.cost
    found = found.assign(cost=candidates.cost, per_cost=worth / max(worth.max(), 1e-300), chosen=order)
    found = found.sort_values(["chosen", "per_cost"], ascending=[True, False], na_position="last", kind="stable")
    found = found.reset_index(drop=True)
    if isinstance(cost, Cost):
        found = with_costs(found, cost)
    facts = Facts(found, float(asked["flops"].iloc[0]), variance, taken, larger, loss)
    notes = (selection_rule(rule, facts), *notes)
    priced_by = cost if isinstance(cost, Cost) else None
    return Selection(found, selection_sentence(rule, facts, priced_by), notes, fit.converged, float(np.sqrt(variance)))


def _larger(table: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Which candidates are runs that cost more than the run that is forecast."""
    if "flops" not in table or "run" not in table:
        return np.zeros(len(table), bool)
    return (table["flops"] > float(asked["flops"].iloc[0]) * (1 + 1e-9)).to_numpy()


def _choose(
    joint: Joint, cost: Floats, loss: Decision | None, rule: Rule, variance: float, larger: np.ndarray
) -> tuple[Floats, Floats, float]:
    """Choose candidates one after the other, each the best per cost given those before it, as long as one is worth it.

    Returns
    -------
    order, removed : array, shape (candidates,)
        When each was chosen, from 1, NaN where it was not; the variance that it removes, given those before it.
    taken : float
        The variance that the chosen ones remove together.
    """
    removed, chosen, taken = np.zeros(len(cost)), np.full(len(cost), np.nan), 0.0
    for order in range(1, rule.several + 1):
        free = np.isnan(chosen)
        each = np.array([joint.removed(g) if free[g] else -np.inf for g in range(len(cost))])
        removed = np.where(free, each, removed)
        value = each if loss is None else np.array([loss.gain(taken + max(v, 0.0)) for v in each]) - loss.gain(taken)
        worth = free & ~larger & (each >= rule.least * variance) & (value > (0.0 if loss is None else CLEAR))
        if not worth.any():
            break
        best = int(np.argmax(np.where(worth, value / cost, -np.inf)))
        chosen[best] = order
        taken += float(removed[best])
        joint = joint.given(best) if order < rule.several else joint
    return chosen, removed, taken
