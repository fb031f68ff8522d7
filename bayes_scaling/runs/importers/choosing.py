"""One series a benchmark: which metric counts, which tasks are left out."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ..reading.problems import one_problem
from .manifest import ModelName
from .measuring import Measurement
from .skipping import Skips

ALL = "all"
#: Metrics of the same questions, the one that is taken by default first.
_METRICS = ("acc_norm", "acc", "accuracy", "exact_match", "em", "exact", "extractive_match")
_LAST_METRICS = ("f1", "acc_bytes", "acc_mutual_info", "acc_char", "acc_token")
_WAYS = ("flexible-extract", "flexible_extract", "", "none", "mean")
_STRICT = re.compile(r"strict|first")
#: Ways in which several attempts make one answer: no attempts by themselves.
_JOINED = re.compile(r"(maj|majority|mode|median|max|best|at_least|self.?consistency)", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """Which tasks and metrics were asked for.

    Attributes
    ----------
    everywhere : tuple of str
        Metrics that were asked for of every task without a rule of its own; empty for the default.
    of_tasks : dict of str to list of str
        Metrics by pattern of tasks.
    exclude : tuple of str
        Patterns of tasks that are left out.
    """

    everywhere: tuple[str, ...] = ()
    of_tasks: Mapping[str, list[str]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()


def read_choice(metric: str | Sequence[str] | None, exclude: str | Sequence[str] | None) -> Choice:
    """Read the options ``metric`` and ``exclude``.

    Parameters
    ----------
    metric : str or sequence of str, optional
        ``METRIC``, ``TASK=METRIC`` or ``all``.
    exclude : str or sequence of str, optional
        Patterns of tasks.

    Examples
    --------
    >>> read_choice(["acc", "gsm8k=exact_match,strict-match"], "mmlu_*")
    Choice(everywhere=('acc',), of_tasks={'gsm8k': ['exact_match,strict-match']}, exclude=('mmlu_*',))
    """
    of_tasks: dict[str, list[str]] = {}
    everywhere = []
    for text in _texts(metric):
        task, sign, name = text.partition("=")
        if sign:
            of_tasks.setdefault(task.strip(), []).append(name.strip())
        else:
            everywhere.append(text.strip())
    return Choice(tuple(everywhere), of_tasks, tuple(_texts(exclude)))


def _texts(value: str | Sequence[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def without_excluded(found: Iterable[Measurement], exclude: Sequence[str], skips: Skips) -> list[Measurement]:
    """Leave out tasks by pattern."""
    kept, used = [], set()
    for one in found:
        pattern = next((text for text in exclude if fnmatchcase(one.benchmark, text)), None)
        if pattern is None:
            kept.append(one)
        else:
            used.add(pattern)
            skips.add(one.benchmark, one.place, f"left out by exclude={pattern!r} (--exclude {pattern})")
    for pattern in exclude:
        if pattern not in used:
            skips.note(f"exclude={pattern!r} (--exclude {pattern}) matches no task")
    return kept


def labels_of(found: Iterable[Measurement]) -> dict[int, str]:
    """Metric of each measurement (by its `id`) as the table has it: with the way where a benchmark has several."""
    every = list(found)
    ways: dict[str, set[str]] = {}
    for one in every:
        ways.setdefault(one.label, set()).add("" if one.way == "none" else one.way)
    return {
        id(one): f"{one.metric},{one.way}" if len(ways[one.label]) > 1 and one.way not in ("", "none") else one.metric
        for one in every
    }


def one_metric(
    found: Sequence[Measurement],
    choice: Choice,
    identity: Callable[[ModelName], object],
    source: str,
    skips: Skips,
) -> list[tuple[Measurement, str]]:
    """Keep one metric of each benchmark and number of shots, or what was asked for.

    Parameters
    ----------
    found : sequence of Measurement
        All that could count.
    choice : Choice
        What was asked for.
    identity : callable
        What makes two names one model.
    source : str
        The files, for messages.
    skips : Skips
        Gets the metrics that do not count, and which does in their stead.

    Returns
    -------
    list of (Measurement, str)
        Those that count, with the metric as the table has it.

    Raises
    ------
    RunsError
        A task or metric was asked for that the files do not have.
    """
    labels = labels_of(found)
    _check_rules(found, choice, labels, source)
    groups: dict[tuple[object, ...], list[Measurement]] = {}
    for one in found:
        shots = None if one.shots != one.shots else one.shots
        groups.setdefault((one.benchmark, one.detail, shots), []).append(one)
    counted: set[int] = set()
    for ones in groups.values():
        counted.update(_counted(ones, choice, labels, identity, skips))
    return [(one, labels[id(one)]) for one in found if id(one) in counted]


def _counted(
    ones: list[Measurement],
    choice: Choice,
    labels: Mapping[int, str],
    identity: Callable[[ModelName], object],
    skips: Skips,
) -> set[int]:
    """Which measurements of one benchmark and number of shots count, by their `id`."""
    rules = _rules(ones[0].benchmark, choice)
    if ALL in rules:
        return {id(one) for one in ones}
    wanted: list[str | None] = [*rules] or [None]
    of_model: dict[object, set[str]] = {}
    asked = {id(one): [rule for rule in wanted if rule is None or _matches(one, rule, labels)] for one in ones}
    for rule in wanted:
        left = [one for one in ones if rule in asked[id(one)]]
        while left:  # models that lack the metric of most of them have another, a series of its own
            best = _best(left, labels, identity)
            having = {identity(one.model) for one in left if labels[id(one)] == best}
            for model in having:
                of_model.setdefault(model, set()).add(best)
            left = [one for one in left if identity(one.model) not in having]
    counted = {id(one) for one in ones if labels[id(one)] in of_model.get(identity(one.model), ())}
    for one in ones:
        if id(one) in counted:
            continue
        if asked[id(one)]:
            chosen = " and ".join(sorted(of_model[identity(one.model)]))
            why = f"{chosen} counts for the same questions; metric='all' (--metric all) keeps both"
        else:
            why = "another metric than was asked for"
        skips.add(one.name, one.place, why)
    _say_others(ones[0].label, of_model, skips)
    return counted


def _say_others(benchmark: str, of_model: Mapping[object, set[str]], skips: Skips) -> None:
    """Say where models have no metric in common, so that a benchmark counts as several."""
    series = {label for labels in of_model.values() for label in labels}
    if len({frozenset(labels) for labels in of_model.values()}) > 1:
        skips.note(
            f"no metric of {benchmark} is there for every model: {', '.join(sorted(series))} count as its own each"
        )


def _rules(benchmark: str, choice: Choice) -> list[str]:
    own = [name for task, names in choice.of_tasks.items() if fnmatchcase(benchmark, task) for name in names]
    return own or list(choice.everywhere)


def _matches(one: Measurement, rule: str, labels: Mapping[int, str]) -> bool:
    return rule in (one.metric, labels[id(one)], f"{one.metric},{one.way}", one.way)


def _best(ones: list[Measurement], labels: Mapping[int, str], identity: Callable[[ModelName], object]) -> str:
    """Metric that most models have; of several the usual one."""
    models: dict[str, set[object]] = {}
    for one in ones:
        models.setdefault(labels[id(one)], set()).add(identity(one.model))
    first = {labels[id(one)]: one for one in reversed(ones)}
    return min(models, key=lambda label: (-len(models[label]), *rank(first[label].metric, first[label].way)))


def rank(metric: str, way: str = "") -> tuple[int, int]:
    """Place of a metric and a way among those of the same questions, the usual one first.

    Examples
    --------
    >>> sorted(["f1", "acc", "acc_norm", "exact_match"], key=rank)
    ['acc_norm', 'acc', 'exact_match', 'f1']
    """
    metric, way = metric.lower(), way.lower()
    by_metric = _METRICS.index(metric) if metric in _METRICS else len(_METRICS)
    if metric in _LAST_METRICS:
        by_metric = len(_METRICS) + 1 + _LAST_METRICS.index(metric)
    by_way = _WAYS.index(way) if way in _WAYS else len(_WAYS)
    if _STRICT.search(way):
        by_way = len(_WAYS) + 1
    return (by_metric, len(_WAYS) + 2 if joins_attempts(way) else by_way)


def joins_attempts(way: str) -> bool:
    """Whether a way makes one answer of several attempts: a majority vote, the best of them.

    Examples
    --------
    >>> joins_attempts("maj@8"), joins_attempts("mode"), joins_attempts("flexible-extract")
    (True, True, False)
    """
    return _JOINED.match(way) is not None


def _check_rules(found: Sequence[Measurement], choice: Choice, labels: Mapping[int, str], source: str) -> None:
    """Refuse a rule for a task or metric that is not there."""
    for task, names in choice.of_tasks.items():
        ones = [one for one in found if fnmatchcase(one.benchmark, task)]
        if not ones:
            tasks = ", ".join(dict.fromkeys(one.benchmark for one in found))
            raise one_problem(source, "metric", f"asked for of {task!r}, which has no scores", f"one of {tasks}")
        for name in names:
            if name != ALL and not any(_matches(one, name, labels) for one in ones):
                known = ", ".join(dict.fromkeys(labels[id(one)] for one in ones))
                raise one_problem(source, "metric", f"{task} has no {name!r}", f"one of {known}")
