"""Whether to go on with a run that was trained already, or to stop: what its continuation would gain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..checks import check_positive
from ..forecasting.notes import convergence_notes, ratio_notes
from ..forecasting.quantities import Quantity, check_quantity
from ..model.ladder_notes import fit_that_sees
from ..posterior.fit import Fit
from ..runs.budget_columns import BUDGETS
from ..runs.columns import score_labels
from ..wording import flops_in_words
from .answers import Answer, interval_of
from .continued import draw_scores, last_scores, new_run, trained_on, usual_ratio
from .cost import Cost, priced, with_costs
from .rates_ahead import rate_notes
from .verdict import Verdict, all_reached, new_run_in_words, targets_of


@dataclass(frozen=True, eq=False, repr=False)
class Continuation(Answer):
    """What continuing a run gains, and whether to; made by `continue_run`.

    Attributes
    ----------
    gains : array, shape (samples, rows)
        Draws of the gain of each row of the table.
    verdicts : tuple of Verdict
        Of each amount of compute: whether to go on (``go_on``), and the probabilities that decide it.
    new_runs : DataFrame
        One row an amount of compute: ``flops``, ``params`` and ``tokens`` of the new run that stands beside it.
    """

    gains: Floats
    verdicts: tuple[Verdict, ...]
    new_runs: pd.DataFrame

    #: Name of the rows of the mean.
    of_mean: ClassVar[str] = "mean over benchmarks"

    def shown(self) -> pd.DataFrame:
        """The table without the sizes, which the sentence and `new_runs` say, and by targets where there are some."""
        table = self.table()
        without = {"of", *BUDGETS} | ({"wanted", "probability", "new_better"} if "target" in table else set())
        return table.drop(columns=[name for name in table if name in without])


def continue_run(
    fit: Fit,
    run: str,
    more_flops: float | Sequence[float],
    *,
    wanted: float = 0.0,
    target: float | Mapping[str, float] | None = None,
    benchmark: str | Sequence[str] | None = None,
    ratio: float | None = None,
    annealed: bool | None = None,
    of: Quantity = "score",
    cost: Cost | None = None,
    random_seed: int | None = 0,
) -> Continuation:
    r"""Say what a run gains when it is continued, beside a new run of the same FLOPs: go on, or stop.

    The run's luck and the questions are the same now and then. What its scores so far say of both is used: a run that
    lies above the curve stays above it, and does so on the questions that it was lucky with. Of a run of several
    checkpoints a part of the luck fades as it is trained on. A new run draws its luck.

    Parameters
    ----------
    fit : Fit
        A fitted law of single scores that reads params and tokens.
    run : str
        A fitted run, or the ``trajectory`` of several checkpoints, of which the last one is continued.
    more_flops : float or sequence of float
        Training FLOPs that are added, such as the rest of a run's budget. Parameters stay; tokens grow at the run's own
        FLOPs a token.
    wanted : float
        The gain in accuracy that would be worth it.
    target : float or mapping of str to float, optional
        The score in [0, 1] that would be worth it, on each benchmark and on their mean; or one for each of some, which
        then count together.
    benchmark : str or sequence of str, optional
        By default all that the run was scored on, and their mean.
    ratio : float, optional
        Tokens per parameter of the new run; by default the median of the training runs of the family, or of all where
        the family has one size.
    annealed : bool, optional
        Whether the learning rate is decayed at the end, as of `budgets`; of the continued and of the new run.
    of : {"score", "expected"}
        The gain of the measured score over that measured so far (the default), or of what is expected of the run.
    cost : Cost, optional
        Adds hours, days and money of the added FLOPs.
    random_seed : int, optional
        Seed of the draws.

    Returns
    -------
    Continuation
        Table: one row an amount of compute and benchmark, and one of their mean where there are several: ``score_now``
        as measured, ``score`` and ``gain`` (median and 80% interval) and ``probability``, that of a gain of at least
        `wanted`; of the new run ``new_score`` and ``new_better``, the probability that it scores more; with targets
        ``target`` and the probabilities of reaching it, ``target_probability`` and ``new_target_probability``.

    Raises
    ------
    TypeError
        Where the fit is of a law of attempts or losses, or of two stages, or of one that reads FLOPs alone.
    ValueError
        For a run or a benchmark that was not fitted, or numbers out of range.

    Notes
    -----
    Of the noise of a score, the part that samples the questions is fully shared between now and then, scaled to the new
    score; scatter about the law is new each time. The new run costs the added FLOPs and no more: what the old one cost
    is spent either way. When to go on, `Verdict.go_on` says.
    """
    check_quantity(of)
    _check_law(fit)
    if isinstance(wanted, bool) or not -1 <= wanted <= 1:
        raise ValueError(f"wanted is {wanted!r}; expected a gain in accuracy, such as 0.01")
    amounts = [check_positive("more_flops", value) for value in np.atleast_1d(np.asarray(more_flops, object)).tolist()]
    now = last_scores(fit, run, benchmark)
    labels = score_labels(now).tolist()
    targets = targets_of(target, labels + [Continuation.of_mean] * (len(labels) > 1))
    # One wish for all is decided by the mean.
    deciding = targets if isinstance(target, Mapping) else dict(list(targets.items())[-1:])
    end = None if np.isnan(fit.reference.decay.held) else annealed
    usual = usual_ratio(fit.runs.frame, str(now["family"].iloc[0])) if ratio is None else check_positive("ratio", ratio)
    later = [trained_on(fit, now, amount, end) for amount in amounts]
    instead = [new_run(fit, now, amount, usual, end) for amount in amounts]
    rows, gains, verdicts = [], [], []
    for amount, part, each in zip(amounts, later, _compared(fit, now, later, instead, of, random_seed), strict=True):
        for one in each:
            rows.append({"benchmark": one.label, "more_flops": amount, **_sizes(part), **one.row(wanted, of, targets)})
            gains.append(one.gain)
        verdicts.append(_verdict(each, wanted, deciding))
    table = with_costs(pd.DataFrame(rows), cost, "more_flops")
    new_runs = pd.DataFrame([_sizes(frame) for frame in instead])
    notes = _notes(fit, now, pd.concat([*later, *instead], ignore_index=True), annealed)
    sentence = _sentence(table, str(now["run"].iloc[0]), verdicts[-1], new_runs.iloc[-1], target, cost)
    return Continuation(table, sentence, notes, fit.converged, np.stack(gains, axis=1), tuple(verdicts), new_runs)


def _check_law(fit: Fit) -> None:
    if not fit.law.of_scores:
        raise TypeError(f"continue_run() got a fit of {type(fit.law).__name__}; expected one of a law of single scores")
    if not fit.law.reads_sizes:
        raise TypeError(
            f"continue_run() got a fit of {type(fit.law).__name__}, which reads FLOPs alone and promises too much: "
            "a run that is continued keeps its params. Fit a law that reads them: "
            f"{fit_that_sees(fit.law, fit.runs.frame)}"
        )


@dataclass(frozen=True)
class _Compared:
    """A score now and later, of one benchmark or of the mean: as measured, and draws of shape (samples,).

    The new run's score and, drawn together with it, the continued run's stand beside each other.
    """

    label: str
    measured: float
    before: Floats
    later: Floats
    new: Floats
    beside: Floats

    @property
    def gain(self) -> Floats:
        return self.later - self.before

    @property
    def new_better(self) -> float:
        return float((self.new > self.beside).mean())

    def row(self, wanted: float, of: Quantity, targets: Mapping[str, float]) -> dict[str, Any]:
        """The numbers of the table."""
        row: dict[str, Any] = {"score_now": self.measured}
        row |= interval_of("score", self.later) | interval_of("gain", self.gain)
        row |= {"wanted": wanted, "probability": float((self.gain >= wanted).mean()), "of": of}
        row |= {**interval_of("new_score", self.new), "new_better": self.new_better}
        if targets:
            wish = targets.get(self.label, np.nan)
            for name, draws in (("target_probability", self.later), ("new_target_probability", self.new)):
                row |= {"target": wish, name: float((draws >= wish).mean()) if self.label in targets else np.nan}
        return row


def _compared(
    fit: Fit,
    now: pd.DataFrame,
    later: Sequence[pd.DataFrame],
    instead: Sequence[pd.DataFrame],
    of: Quantity,
    seed: int | None,
) -> list[list[_Compared]]:
    """Of each amount of compute each benchmark, and the mean of several."""
    n, labels = len(now), score_labels(now).tolist()
    draws = fit.draws(np.random.default_rng(seed))
    score, expected = draw_scores(fit, draws, pd.concat([now, *later], ignore_index=True), n)
    # The new runs and the continued one are drawn together, since they share the curve and what it misses.
    every, together = pd.concat([now, *later, *instead], ignore_index=True), fit.draws(np.random.default_rng(seed))
    both = draw_scores(fit, together, every, n, fresh=n * len(instead))[of == "expected"]
    measured = now["accuracy"].to_numpy(float)
    before, values = (
        (np.broadcast_to(measured, (len(score), n)), score) if of == "score" else (expected[:, :n], expected)
    )
    found = []
    for i in range(1, len(later) + 1):
        of_amount, of_new = slice(n * i, n * (i + 1)), slice(n * (i + len(later)), n * (i + 1 + len(later)))
        parts = [measured[None], before, values[:, of_amount], both[:, of_new], both[:, of_amount]]
        each = [_Compared(name, measured[j], *(part[:, j] for part in parts[1:])) for j, name in enumerate(labels)]
        if n > 1:
            each.append(_Compared(Continuation.of_mean, measured.mean(), *(part.mean(axis=1) for part in parts[1:])))
        found.append(each)
    return found


def _verdict(each: Sequence[_Compared], wanted: float, targets: Mapping[str, float]) -> Verdict:
    """Whether to go on: by the targets together, or by the last, which is the mean of several."""
    gains, new_better = float((each[-1].gain >= wanted).mean()), each[-1].new_better
    if not targets:
        return Verdict(gains, new_better, None, None, reached=False)
    later, new = ({one.label: draws(one) for one in each} for draws in (lambda one: one.later, lambda one: one.new))
    reaches, new_reaches = (float(all_reached(scores, targets).mean()) for scores in (later, new))
    reached = all(one.measured >= targets[one.label] for one in each if one.label in targets)
    return Verdict(gains, new_better, reaches, new_reaches, reached)


def _sizes(frame: pd.DataFrame) -> dict[str, float]:
    """Budgets of a run, those that are known."""
    return {name: frame[name].iloc[0] for name in BUDGETS if frame[name].notna().all()}


def _notes(fit: Fit, now: pd.DataFrame, later: pd.DataFrame, annealed: bool | None) -> tuple[str, ...]:
    notes = [
        f"continues run {now['run'].iloc[0]!r} of {flops_in_words(now['flops'].iloc[0])} FLOPs, with its luck and its "
        "questions",
        *rate_notes(fit, now, annealed),
    ]
    trajectory = now["trajectory"].iloc[0]
    checkpoints = fit.runs.frame.loc[fit.runs.frame["trajectory"] == trajectory, "run"].nunique()
    if checkpoints > 1 and fit.reference.trajectories:
        notes.append(f"trajectory {trajectory!r} has {checkpoints} checkpoints; its luck goes on from them, and fades")
    elif checkpoints > 1:
        notes.append(f"trajectory {trajectory!r} has {checkpoints} checkpoints; the luck is that of the last one")
    notes.append("the new run costs the added FLOPs alone; what the run cost so far is spent either way")
    notes += ratio_notes(fit.law, fit.runs.frame, later)
    return (*notes, *convergence_notes(fit))


def _sentence(
    table: pd.DataFrame,
    run: str,
    verdict: Verdict,
    new: pd.Series,
    target: float | Mapping[str, float] | None,
    cost: Cost | None,
) -> str:
    """The verdict, what the run gains and reaches, and what a new one would."""
    row = table.iloc[-1]
    of = "the " * (row["benchmark"] == Continuation.of_mean) + row["benchmark"]
    verb = "gains" if row["of"] == "score" else "is expected to gain"
    low, high = (100 * row[f"gain_{side}_80"] for side in ("low", "high"))
    more = f"{flops_in_words(row['more_flops'])} FLOPs more{priced(cost, row['more_flops'])}"
    gained = f"{100 * row['gain']:.2g} points on {of} (80% interval {low:.2g} to {high:.2g})"
    why = verdict.why(row["wanted"])
    decided = "Go on" if verdict.go_on else f"Stop, since {why}"
    said = f"{decided}: with {more}, {run} {verb} {gained}"
    said += f"; a gain of at least {row['wanted']:g} has probability {row['probability']:.0%}."
    beside = new_run_in_words(new, row["params"])
    scores_more = f"scores more on {of} with probability {verdict.new_better:.0%}"
    if verdict.reaches is None:
        return f"{said} {beside} {scores_more}."
    pairs = target.items() if isinstance(target, Mapping) else [(of, target)]
    wish = " and ".join(f"{value:g} on {name}" for name, value in pairs)
    said += f" It scores at least {wish} with probability {verdict.reaches:.0%}."
    return f"{said} {beside} does so with probability {verdict.new_reaches:.0%}, and {scores_more}."
