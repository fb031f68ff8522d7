"""Groups of tasks: a group and its members never both count, and members may be put together as their mean."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ..reading.problems import one_problem
from .manifest import ModelName
from .measuring import Measurement
from .skipping import Skips

Groups = dict[str, list[str]]
Identity = Callable[[ModelName], object]
_PREFIX = re.compile(r"([^_:-]+)[_:-]")
_MANY = 8  # tasks of one first word that are offered as one benchmark
_UNLIKE = frozenset({"bigbench"})  # first words of tasks that have nothing but the name in common


def members_of(group: str, groups: Mapping[str, list[str]]) -> list[str]:
    """Everything below a group, however deep.

    Examples
    --------
    >>> members_of("mmlu", {"mmlu": ["stem"], "stem": ["physics", "mmlu"]})
    ['stem', 'physics']
    """
    members: dict[str, None] = {}
    open_groups = [group]
    while open_groups:
        for member in groups.get(open_groups.pop(), []):
            if member not in members and member != group:
                members[member] = None
                open_groups.append(member)
    return list(members)


def without_groups(
    found: Sequence[Measurement], groups: Groups, identity: Identity, *, whole: bool, skips: Skips
) -> list[Measurement]:
    """Keep a group or its members, of each model.

    Parameters
    ----------
    found : sequence of Measurement
        Scores of groups and tasks.
    groups : dict of str to list of str
        Members of each group.
    identity : callable
        What makes two names one model.
    whole : bool
        Whether a group that has a score stands for its members; else the members stand and the group is left out.
    skips : Skips
        Gets what is left out.
    """
    scored: dict[object, set[str]] = {}
    for one in found:
        scored.setdefault(identity(one.model), set()).add(one.benchmark)
    below = {name: members_of(name, groups) for name in {one.benchmark for one in found} & set(groups)}
    above: dict[str, list[str]] = {}
    for group, members in below.items():
        for member in members:
            above.setdefault(member, []).append(group)
    kept = []
    for one in found:
        there = scored[identity(one.model)]
        if whole and (inside := [group for group in above.get(one.benchmark, ()) if group in there]):
            top = max(inside, key=lambda group: len(below[group]))
            skips.add(f"{one.benchmark} ({top})", one.place, "part of a group that is counted")
        elif not whole and there.intersection(below.get(one.benchmark, ())):
            skips.add(one.benchmark, one.place, "a group whose tasks are counted")
        else:
            kept.append(one)
    return kept


def with_means(
    found: Sequence[Measurement], groups: Groups, means: Sequence[str], identity: Identity, source: str, skips: Skips
) -> list[Measurement]:
    """Put the members of some groups together: the mean over their questions, in their stead.

    Parameters
    ----------
    found : sequence of Measurement
        Scores of tasks.
    groups : dict of str to list of str
        Members of each group; of a name that is no group the tasks that begin with it.
    means : sequence of str
        Names of groups to put together.
    identity : callable
        What makes two names one model.
    source : str
        The files, for the message where there are no such tasks.
    skips : Skips
        Gets the members, models that lack some of them, and the offer to put others together.

    Raises
    ------
    RunsError
        Where there are no tasks of a group that was named.
    """
    kept = list(found)
    for name in means:
        inside = _tasks_of(name, groups, kept)
        if not inside:
            first = ", ".join(dict.fromkeys(one.benchmark for one in found))
            raise one_problem(source, "means", f"{name!r} has no tasks", f"a group, or how names begin of {first}")
        rest = [one for one in kept if one.benchmark not in inside]
        kept = rest + _means(name, [one for one in kept if one.benchmark in inside], identity, skips)
    _offer(kept, groups, identity, skips)
    return kept


def _tasks_of(name: str, groups: Groups, found: Iterable[Measurement]) -> set[str]:
    """Tasks of a group that were scored and are no groups themselves, other than the group itself."""
    scored = {one.benchmark for one in found}
    inside = set(members_of(name, groups))
    if name not in groups:
        inside = {task for task in scored if re.match(rf"{re.escape(name)}[_:-]", task)}
    return {task for task in inside & scored if not scored.intersection(groups.get(task, ()))}


def _means(name: str, parts: Sequence[Measurement], identity: Identity, skips: Skips) -> list[Measurement]:
    sets: dict[tuple[object, ...], dict[str, Measurement]] = {}
    for one in parts:
        key = (identity(one.model), *one.key[1:])
        sets.setdefault(key, {})[one.benchmark] = one
    wanted: dict[tuple[object, ...], set[str]] = {}
    for key, ones in sets.items():
        wanted.setdefault(key[1:], set()).update(ones)
    made = []
    for key, ones in sets.items():
        first = next(iter(ones.values()))
        if lacking := wanted[key[1:]] - set(ones):
            why = f"lacks {len(lacking)} of {len(wanted[key[1:]])} tasks that others have"
            skips.add(f"mean {first.metric} of {name} by {first.model.label}", first.place, why)
            continue
        made.append(_mean(name, list(ones.values())))
        for one in ones.values():
            skips.add(f"{one.benchmark} ({name})", one.place, "part of a mean that is counted")
    return made


def _mean(name: str, ones: Sequence[Measurement]) -> Measurement:
    """Weight tasks by their questions, or equally where some number of questions is unknown."""
    total = math.fsum(one.n_items for one in ones)
    weights = [1 / len(ones) if math.isnan(total) else one.n_items / total for one in ones]
    pairs = list(zip(weights, ones, strict=True))
    return replace(
        ones[0],
        benchmark=name,
        value=min(math.fsum(weight * one.value for weight, one in pairs), 1.0),
        stderr=math.sqrt(math.fsum((weight * one.stderr) ** 2 for weight, one in pairs)),
        n_items=total,
        size=math.fsum(one.size for one in ones),
        limited=any(one.limited for one in ones),
        counts=None,
    )


def _offer(found: Iterable[Measurement], groups: Groups, identity: Identity, skips: Skips) -> None:
    """Say which tasks count one by one where they might be one benchmark."""
    of_model: dict[object, dict[str, set[str]]] = {}
    parents = {member: group for group, members in groups.items() for member in members}
    for one in found:
        match = _PREFIX.match(one.benchmark)
        name = parents.get(one.benchmark) or (match[1] if match else "")
        if name and name not in _UNLIKE:
            of_model.setdefault(identity(one.model), {}).setdefault(name, set()).add(one.benchmark)
    most: dict[str, int] = {}
    for families in of_model.values():
        for name, tasks in families.items():
            most[name] = max(most.get(name, 0), len(tasks))
    for name, count in most.items():
        if count >= (2 if name in groups else _MANY):
            skips.note(
                f"{count} tasks of {name} count one by one, since it has no score of its own; means=[{name!r}] "
                f"(--mean {name}) takes their mean"
            )
