"""From all scores that evaluation logs hold to those that count: the same steps for every source."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from ..chance import known_chance
from ..pass_rates import binomial_stderr
from ..reading.problems import one_problem
from .choosing import joins_attempts, one_metric, read_choice, without_excluded
from .grouping import Groups, with_means, without_groups
from .manifest import Block, read_manifest
from .measuring import Measurement
from .names import ModelName
from .newest import newest
from .scales import on_one_scale
from .skipping import Skips

#: Columns of a table that are left out where no score has them.
_OPTIONAL = ("shots", "k", "n_samples", "chance")


@dataclass(frozen=True)
class Wanted:
    """What was asked for, of any source of evaluation logs.

    Attributes
    ----------
    manifest : path or DataFrame, optional
        The models.
    metric, exclude, means : str or sequence of str, optional
        Metrics, tasks to leave out, groups to put together.
    groups : bool
        Whether a group that has a score stands for its members.
    samples : bool, optional
        Whether samples give counts; by default those of tasks with several attempts that cannot be guessed.
    """

    manifest: str | Path | pd.DataFrame | None = None
    metric: str | Sequence[str] | None = None
    exclude: str | Sequence[str] | None = None
    groups: bool = True
    means: str | Sequence[str] | None = None
    samples: bool | None = None


def table_of(
    found: Sequence[Measurement], groups: Groups, wanted: Wanted, path: Path, expected: str, skips: Skips
) -> pd.DataFrame:
    """Settle which scores count, and put what is known of the models beside them.

    Parameters
    ----------
    found : sequence of Measurement
        All scores of all files.
    groups : dict of str to list of str
        Members of each group of tasks.
    wanted : Wanted
        What was asked for.
    path : Path
        Where they were found.
    expected : str
        What should have been there, for the message where nothing counts.
    skips : Skips
        Gets what is left out, and what is settled.

    Returns
    -------
    DataFrame
        One row a score.

    Raises
    ------
    RunsError
        Nothing counts, or the manifest is missing or lacks the models.
    """
    for one in found:
        skips.saw(one.benchmark, one.metric)
    choice = read_choice(wanted.metric, wanted.exclude)
    shares = on_one_scale(without_excluded(found, choice.exclude, skips), skips)
    if not shares:
        raise one_problem(path, "", "no scores", expected)
    models = list(dict.fromkeys(one.model for one in shares))
    manifest = read_manifest(wanted.manifest, models, str(path))
    identity = cache(manifest.identity)
    means = [wanted.means] if isinstance(wanted.means, str) else list(wanted.means or ())
    latest = _without_guessed_rates(newest(shares, identity, skips), skips)
    whole = without_groups(latest, groups, identity, whole=wanted.groups, skips=skips)
    put_together = with_means(whole, groups, means, identity, str(path), skips)
    chosen = one_metric(put_together, choice, identity, str(path), skips)
    if not chosen:
        raise one_problem(path, "", "no scores", expected)
    _say_chances(chosen, skips)
    _say_means(chosen, wanted.samples, skips)
    return manifest.join(_blocks(chosen, identity, wanted.samples), skips)


def _without_guessed_rates(found: Sequence[Measurement], skips: Skips) -> list[Measurement]:
    """Leave out rates at several attempts where guessing is right at times: no law describes them."""
    kept = []
    for one in found:
        known = known_chance(one.benchmark)
        if one.k > 1 and (one.chance > 0 or (known is not None and known.value > 0)):
            skips.add(f"{one.name} at k = {one.k:g}", one.place, "several attempts at answers that can be guessed")
        else:
            kept.append(one)
    return kept


def _blocks(
    chosen: Sequence[tuple[Measurement, str]], identity: Callable[[ModelName], object], samples: bool | None
) -> list[Block]:
    """Rows of each score: one of the whole, or a count of each problem, once for its rates at several k."""
    blocks = []
    counted: set[tuple[object, ...]] = set()
    for one, label in chosen:
        key = (identity(one.model), one.label, label, str(one.shots))
        if key in counted:
            continue
        counts = one.counts() if one.counts is not None and _counts_help(one, label, samples) else None
        if counts is None or counts.empty:
            blocks.append(Block(one.model, _row(one, label)))
            continue
        counted.add(key)
        share = counts["n_correct"] / counts["n_samples"]
        rows = counts.assign(accuracy=share, benchmark=one.label, metric=label)
        blocks.append(Block(one.model, rows if math.isnan(one.shots) else rows.assign(shots=one.shots)))
    return blocks


def _row(one: Measurement, label: str) -> pd.DataFrame:
    stderr = binomial_stderr(one.value, one.n_items) if one.stderr == 0 else one.stderr
    row: dict[str, Any] = {
        "benchmark": one.label,
        "metric": label,
        "accuracy": one.value,
        "n_items": one.n_items,
        "stderr": stderr,
        "shots": one.shots,
        "k": one.k,
        "n_samples": math.nan if math.isnan(one.k) else one.attempts,
        "chance": _chance(one),
    }
    empty = [name for name in _OPTIONAL if math.isnan(row[name])]
    return pd.DataFrame([{name: value for name, value in row.items() if name not in empty}])


def _counts_help(one: Measurement, label: str, samples: bool | None) -> bool:
    """Whether a score is to be read as counts: its attempts are single ones, and the benchmark cannot be guessed."""
    if joins_attempts(one.way):
        return False
    if samples is not None:
        return samples
    if not one.attempts > 1:
        return False
    known = known_chance(one.benchmark, label)
    return not (one.chance > 0) and (known is None or known.value == 0)


def _chance(one: Measurement) -> float:
    """What guessing scores by the log's own options, where the benchmark's name does not say."""
    return one.chance if known_chance(one.benchmark) is None else math.nan


def _say_chances(chosen: Sequence[tuple[Measurement, str]], skips: Skips) -> None:
    for one, label in chosen:
        if not math.isnan(chance := _chance(one)):
            skips.note(f"chance of {one.label} ({label}) is {chance:.3g}, by the answers that its own log offers")


def _say_means(chosen: Sequence[tuple[Measurement, str]], samples: bool | None, skips: Skips) -> None:
    """Say where several attempts count as their mean."""
    for one, label in chosen:
        if samples is None and one.attempts > 1 and math.isnan(one.k) and not _counts_help(one, label, samples):
            what = f"{one.way} of" if one.way and joins_attempts(one.way) else "mean over"
            skips.note(f"{one.label} ({label}) is the {what} {one.attempts:g} attempts at each problem, not a count")
