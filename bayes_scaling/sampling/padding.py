"""Models of one size for tables of several: rows, runs and deviations that count for nothing fill a table up.

The folds of a backtest hold more and more runs, and a compiled model is of one size. A row that fills up has no
likelihood; a run that fills up has no rows and sums to zero with others of its kind; a coefficient of a deviation that
fills up moves no curve. So what is sampled of the table itself is the posterior it would have alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Floats, Ints
from ..model.deviation import Basis
from ..model.effects import Effect
from ..model.scores import ScoredRows
from ..model.specification import Specification

_FEWEST_RUNS = 2  # that fill up, so that they have a free entry


@dataclass(frozen=True)
class Size:
    """Of how many rows, runs and coefficients of each basis a model is, by what shares the bases.

    Attributes
    ----------
    rows, runs : int
        Rows, and runs, of which at least two fill up.
    bases : tuple of (str, tuple of int)
        Coefficients of the deviation of each benchmark, family or curve.
    """

    rows: int
    runs: int
    bases: tuple[tuple[str, tuple[int, ...]], ...]


def common_size(specs: Iterable[Specification]) -> Size | None:
    """The smallest size that all tables fit in; None where more than their runs tells them apart.

    Parameters
    ----------
    specs : iterable of Specification
        One law on several tables.

    Returns
    -------
    Size or None
        The size.
    """
    every = list(specs)
    if not all(_can_be_padded(spec) for spec in every) or len({kind_of(spec) for spec in every}) > 1:
        return None
    sharing = [name for name, _ in every[0].reference.bases.items()]
    bases = [
        (name, tuple(max(sizes) for sizes in zip(*(_basis_sizes(spec, name) for spec in every), strict=True)))
        for name in sharing
    ]
    runs = max(len(spec.reference.runs) for spec in every)
    return Size(max(len(spec.rows) for spec in every), runs + _FEWEST_RUNS, tuple(bases))


def kind_of(spec: Specification) -> tuple[object, ...]:
    """What tables have to share to be filled up to one size."""
    layout, reference = spec.layout, spec.reference
    of_runs = {"run_effect", *(f"{name}_deviation" for name in reference.bases)}
    effects = tuple((effect.name, 0 if effect.name in of_runs else effect.free) for effect in layout.effects)
    curves = (reference.families, reference.labels, reference.curve_labels)
    hypers = tuple(hyper.name for hyper in layout.hypers)
    return (hypers, effects, tuple(layout.curve_effects), curves, tuple(reference.bases))


@dataclass(frozen=True, eq=False)
class Padded:
    """A specification that is filled up.

    Attributes
    ----------
    spec : Specification
        What a model is built of.
    counts : array, shape (rows,)
        1 for rows of the table, 0 for those that fill up.
    raw : int array
        Entries of the longer raw vector that are the table's.
    runs : int
        Runs of the table.
    """

    spec: Specification
    counts: Floats
    raw: Ints
    runs: int

    def fill(self, raw: Floats) -> Floats:
        """The longer raw vector of one of the table, such as to start at."""
        longer = 0.02 * np.random.default_rng(1).standard_normal(self.spec.layout.size)
        longer[self.raw] = raw
        return longer

    def of_table(self, vectors: Mapping[str, Floats]) -> dict[str, Floats]:
        """The table's part of draws, each of shape (chain, draw, ...)."""
        own = {"raw": self.raw, "run_precision": np.arange(self.runs)}
        return {name: values[..., own[name]] if name in own else values for name, values in vectors.items()}


def pad(spec: Specification, size: Size) -> Padded:
    """Fill a specification up.

    Parameters
    ----------
    spec : Specification
        Of scores or losses.
    size : Size
        At least as large as it, as `common_size` says.

    Returns
    -------
    Padded
        The longer specification, and where the table's own entries stand in it.
    """
    observed = spec.observed
    assert isinstance(observed, ScoredRows)
    n, runs = len(spec.rows), len(spec.reference.runs)
    taken = np.concatenate([np.arange(n), np.zeros(size.rows - n, np.int64)])
    extra = size.runs - runs
    bases = {
        name: tuple(_wider(basis, q) for basis, q in zip(spec.reference.bases[name], sizes, strict=True))
        for name, sizes in size.bases
    }
    reference = replace(
        spec.reference,
        bases=bases,
        runs=(*spec.reference.runs, *(f"filling {number}" for number in range(extra))),
        run_family=(*spec.reference.run_family, *[0] * extra),
        run_log_flops=(*spec.reference.run_log_flops, *[0.0] * extra),
    )
    effects, raw = _longer(spec.layout.effects, spec, dict(size.bases), extra)
    fitted = replace(
        spec.fitted,
        reference=reference,
        rows=spec.rows.take(taken),
        observed=replace(observed, values=observed.values[taken]),
    )
    layout = replace(spec.layout, effects=effects)
    longer = replace(
        spec, fitted=fitted, layout=layout, response=spec.response[taken], weights=spec.weights[taken], stage_one=None
    )
    return Padded(longer, (np.arange(size.rows) < n).astype(float), raw, runs)


def _longer(
    effects: Sequence[Effect], spec: Specification, bases: Mapping[str, tuple[int, ...]], extra: int
) -> tuple[tuple[Effect, ...], Ints]:
    """Effects with entries that fill up, and where the table's own entries stand."""
    found, places, start = [], [], 0
    for effect in effects:
        sharing = effect.name.removesuffix("_deviation")
        if effect.name == "run_effect":
            assert effect.groups is not None
            groups = np.concatenate([effect.groups, np.full(extra, effect.groups.max() + 1)])
            # Not centred: no data pin down what fills up. A layout reads the first entries, one for each free one.
            centredness = np.zeros(len(groups))
            centredness[: effect.free] = effect.centredness[: effect.free]
            longer = replace(effect, centredness=centredness, groups=groups)
            own = np.arange(effect.free)  # of a group of their own, those that fill up stand last
        elif effect.dim.endswith("_deviation_coefficient"):
            sizes = bases[sharing]
            longer = replace(effect, centredness=np.zeros(sum(sizes)))
            begins = np.cumsum([0, *sizes[:-1]])
            parts = [begin + np.arange(q) for begin, q in zip(begins, _basis_sizes(spec, sharing), strict=True)]
            own = np.concatenate(parts)
        else:
            longer, own = effect, np.arange(effect.free)
        found.append(longer)
        places.append(start + own)
        start += longer.free
    return tuple(found), np.concatenate(places).astype(np.int64)


def _wider(basis: Basis, size: int) -> Basis:
    empty = np.zeros((len(basis.vectors), size - basis.size))
    return replace(basis, vectors=np.ascontiguousarray(np.hstack([basis.vectors, empty])))


def _basis_sizes(spec: Specification, sharing: str) -> tuple[int, ...]:
    return tuple(basis.size for basis in spec.reference.bases[sharing])


def _can_be_padded(spec: Specification) -> bool:
    names = {effect.name for effect in spec.layout.effects}
    deviates = {f"{name}_deviation" for name in spec.reference.bases if any(_basis_sizes(spec, name))}
    one_stage = isinstance(spec.observed, ScoredRows) and spec.stage_one is None
    finished = not spec.reference.trajectories
    return one_stage and finished and "run_effect" in names and deviates <= names
