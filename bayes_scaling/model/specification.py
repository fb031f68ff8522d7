"""Specification: a law on a table of runs, with everything that is fixed before the model is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..laws.attempts import attempts_of
from ..laws.base import Law, Observes, is_law
from ..laws.two_stage import TwoStageLaw, stages_of
from ..runs.columns import counts_problems
from ..runs.counts import added_up, counts_attempts
from ..runs.table import Runs
from ..wording import listed, rows_in_words
from .attempts.informing import information_in_k
from .attempts.off_curve import bases_in_k
from .effects import Layout
from .information import information
from .layout import make_layout
from .loss_table import LossTable, read_losses, with_loss_index
from .make_reference import make_reference
from .observed import Fitted, Observed, encode_fitted, observe, of_attempts
from .reference import Reference
from .rough_fit import coefficient_information
from .rows import Rows
from .scores import LOSS_ERROR, Losses

_MOST_NAMED = 8


@dataclass(frozen=True)
class Specification:
    """A law on a table of runs, ready to be built; made by `specify`.

    Attributes
    ----------
    law : Law
        The law and its priors, as it reads the table (`Law.resolve`).
    fitted : Fitted
        The table as a fit sees it: what was read off it, its rows, and what was measured.
    response, weights : array, shape (rows,)
        What the law's curve is to follow, and the information of each row about it: of scores the log error, clipped
        away from floor and ceiling, of attempts that at k = 1 on the smooth curve of each set; of losses their log.
    layout : Layout
        Where each parameter stands in the model's vectors.
    stage_one : Specification or None
        Of a two-stage law: that of the losses.
    unused : tuple of str
        What of the table no stage reads, in words.
    """

    law: Law
    fitted: Fitted
    response: Floats
    weights: Floats
    layout: Layout
    stage_one: "Specification | None" = None
    unused: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[object, ...]:
        """Sizes of the parts of its model; tables of the same sizes can share a compiled model (`fit(reuse=True)`)."""
        layout, reference = self.layout, self.reference
        effects = tuple((effect.name, effect.free) for effect in layout.effects)
        hypers = tuple(hyper.name for hyper in layout.hypers)
        sizes = (len(self.rows), len(reference.runs), len(reference.families), len(reference.curve_labels))
        stage_one = None if self.stage_one is None else self.stage_one.shape
        return (self.law.name, hypers, effects, tuple(layout.curve_effects), sizes, stage_one)

    @property
    def runs(self) -> Runs:
        """The table."""
        return self.fitted.runs

    @property
    def reference(self) -> Reference:
        """What was read off the table."""
        return self.fitted.reference

    @property
    def rows(self) -> Rows:
        """The table's rows in the reference's codes; of attempts one a set of samples."""
        return self.fitted.rows

    @property
    def observed(self) -> Observed:
        """What was measured."""
        return self.fitted.observed


def specify(law: Law, runs: Runs) -> Specification:
    """Put a law on a table of runs.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        Scored runs.

    Returns
    -------
    Specification
        The frozen specification.

    Raises
    ------
    TypeError
        Where `law` is no law, or `runs` no Runs.
    ValueError
        Where there are no rows or no accuracies, a budget or the loss that the law needs is lacking, or rows hold what
        the law does not describe.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> specify(bs.DirectLaw(), bs.load_dataset("cerebras_gpt")).rows.log_flops.shape
    (49,)
    """
    if not is_law(law):
        raise TypeError(f"law is {law!r}; expected a law, such as GeneralLaw()")
    if not isinstance(runs, Runs):
        raise TypeError(f"runs is a {type(runs).__name__}; expected Runs: read_runs(path), or Runs(frame)")
    runs = as_read(law, runs)
    frame = runs.frame
    if not len(frame):
        raise ValueError("the table has no rows; expected scored runs to fit")
    law = law.resolve(frame)
    for column in law.needs:
        if (lacking := frame[column].isna()).any():
            empty = rows_in_words(lacking.to_numpy())
            raise ValueError(f"{type(law).__name__} needs {column} in every row; empty in {empty}")
    return _SPECIFY[law.observes](law, runs)


def _check_scored(law: Law, frame: pd.DataFrame) -> None:
    """Refuse rows whose loss alone is known."""
    if "accuracy" not in frame:
        return
    unscored = frame["accuracy"].isna().to_numpy()
    if "n_correct" in frame:
        unscored = unscored & frame["n_correct"].isna().to_numpy()
    if unscored.any():
        raise ValueError(
            f"{type(law).__name__} needs an accuracy in every row; empty in {rows_in_words(unscored)}: "
            'try runs.select("accuracy.notna()")'
        )


def _check_single_scores(law: Law, frame: pd.DataFrame) -> None:
    if counts_problems(frame):
        problems = rows_in_words(frame["problem"].notna().to_numpy())
        raise ValueError(
            f"{type(law).__name__} takes one score a run; problem is filled in {problems}, without n_samples and "
            "n_correct that could be added up"
        )
    if "k" in frame and (several := (frame["k"].fillna(1) != 1).to_numpy()).any():
        raise ValueError(
            f"{type(law).__name__} describes k = 1; k is larger in {rows_in_words(several)}: "
            "try runs.select(k=1), or PassAtKLaw()"
        )


def as_read(law: Law, runs: Runs) -> Runs:
    """Return the table as a law reads it: one of single scores gets counts of problems added up.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> runs = bs.load_dataset("cerebras_gpt")
    >>> as_read(bs.DirectLaw(), runs) is runs
    True
    """
    return runs if law.takes_attempts or not counts_attempts(runs.frame) else Runs._of(added_up(runs.frame))


def _specify_scores(law: Law, runs: Runs) -> Specification:
    _check_scored(law, runs.frame)
    _check_single_scores(law, runs.frame)
    return _specify_frame(law, runs, runs.frame)


def _specify_frame(law: Law, runs: Runs, frame: pd.DataFrame) -> Specification:
    """Put a law on a frame of scores: that of the runs, or that with the loss index beside them."""
    reference = make_reference(frame, law.deviates_in, law.deviates_by)
    observed = observe(law, frame)
    rows = encode_fitted(reference, frame, observed)
    accuracy = frame["accuracy"].to_numpy(float)
    weights = information(accuracy, rows.floor, rows.n_items)
    layout = _lay_out(law, reference, rows, weights)
    fitted = Fitted(runs, reference, rows, observed)
    return Specification(law, fitted, clipped_log_error(accuracy, rows), weights, layout)


def _specify_losses(law: Law, runs: Runs) -> Specification:
    frame = runs.frame
    _check_single_scores(law, frame)
    weights = np.full(len(frame), 1 / (law.usual_scatter**2 + LOSS_ERROR**2))
    reference = make_reference(frame, law.deviates_in, law.deviates_by, weights)
    observed = observe(law, frame)
    assert isinstance(observed, Losses)
    rows = encode_fitted(reference, frame, observed)
    layout = _lay_out(law, reference, rows, weights)
    return Specification(law, Fitted(runs, reference, rows, observed), observed.values, weights, layout)


def _specify_stages(law: Law, runs: Runs) -> Specification:
    law = stages_of(law)
    _check_single_scores(law, runs.frame)
    table = read_losses(law, runs)
    stage_two = _specify_frame(law, table.scored, with_loss_index(law, table.scored.frame))
    # A run's luck cannot be told from scatter where the run has a single loss: both together make a funnel.
    stage_one = law.stage_one.with_priors(run_sd=None) if table.shared else law.stage_one
    losses = _specify_losses(stage_one, table.losses)
    fitted = replace(stage_two.fitted, stage_one=losses.fitted)
    return replace(stage_two, fitted=fitted, stage_one=losses, unused=_unused(law, table))


def _unused(law: TwoStageLaw, table: LossTable) -> tuple[str, ...]:
    n = len(table.unused)
    if not n:
        return ()
    runs = listed(map(repr, dict.fromkeys(table.unused["run"])), _MOST_NAMED)
    every = n + len(table.scored)
    return (f"{n} of {every} scores are not used, since the loss ({law.loss}) of run {runs} is unknown",)


def clipped_log_error(accuracy: Floats, rows: Rows) -> Floats:
    """Log errors of scores, at the nearest 2% where a score lies near floor or ceiling."""
    q = np.clip((accuracy - rows.floor) / (1 - rows.floor), 0.02, 0.98)
    return np.log(-np.log(q))


def _specify_attempts(law: Law, runs: Runs) -> Specification:
    law, frame = attempts_of(law), runs.frame
    _check_scored(law, frame)
    if (guessed := (frame["chance"] > 0).to_numpy()).any():
        raise ValueError(
            f"{type(law).__name__} describes generated answers, which guessing does not hit; chance is "
            f"{frame['chance'][guessed].iloc[0]:g} in {rows_in_words(guessed)}"
        )
    observed = of_attempts(observe(law, frame))
    sets = observed.sets
    weights, in_k = sets.information(law)
    reference = make_reference(sets.frame, law.deviates_in, law.deviates_by, weights, trajectories=False)
    rows = encode_fitted(reference, frame, observed)
    in_log_k = bases_in_k(rows.benchmark[sets.of_row], sets.k, len(reference.benchmarks))
    reference = replace(reference, bases_in_k=in_log_k)
    layout = _lay_out(law, reference, rows, weights, information_in_k(law, sets, in_k))
    first = sets.frame["accuracy"].to_numpy(float)
    of_first = information(first, rows.floor, rows.n_items)
    fitted = Fitted(runs, reference, rows, observed)
    return Specification(law, fitted, clipped_log_error(first, rows), of_first, layout)


def _lay_out(
    law: Law, reference: Reference, rows: Rows, weights: Floats, in_k: Mapping[str, Floats] | None = None
) -> Layout:
    """Layout of rows with these weights; of attempts with what they say of the curves in k."""
    of_coefficients = coefficient_information(law, law.inputs(reference, rows), weights)
    return make_layout(law, reference, rows, weights, of_coefficients | dict(in_k or {}))


#: How a law is put on a table, by what it observes.
_SPECIFY: dict[Observes, Callable[[Law, Runs], Specification]] = {
    "scores": _specify_scores,
    "attempts": _specify_attempts,
    "losses": _specify_losses,
    "stages": _specify_stages,
}
