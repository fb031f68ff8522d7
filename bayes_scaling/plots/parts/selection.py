"""What a figure shows of a fit: which curves, and at which ratio of tokens to parameters and which k."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats
from ...model.ladder_notes import seeing_sizes
from ...model.reference import Reference
from ...posterior.fit import Fit
from ...runs.planned import budgets

Names = str | Sequence[str] | None


@dataclass(frozen=True)
class Shown:
    """Codes of the benchmarks and families that a figure shows, in the order asked for."""

    benchmarks: tuple[int, ...]
    families: tuple[int, ...]

    def families_of(self, reference: Reference, benchmark: int) -> list[int]:
        """Return the chosen families that were fitted on a benchmark."""
        fitted = set(zip(reference.curve_family, reference.curve_benchmark, strict=True))
        return [f for f in self.families if (f, benchmark) in fitted]


def select(reference: Reference, benchmark: Names = None, family: Names = None) -> Shown:
    """Find the benchmarks and families by name; None takes all.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    benchmark, family : str or sequence of str, optional
        Labels or names of benchmarks; families.

    Returns
    -------
    Selection
        Benchmarks without a curve of the chosen families are left out.

    Raises
    ------
    ValueError
        For a label that was not fitted.
    """
    families = tuple(range(len(reference.families)))
    if family is not None:
        families = tuple(_find("family", name, reference.families) for name in _listed(family))
    benchmarks: list[int] = []
    for name in reference.labels if benchmark is None else _listed(benchmark):
        same = [i for i, b in enumerate(reference.benchmarks) if b.name == name]
        benchmarks += same if same and name not in reference.labels else [_find("benchmark", name, reference.labels)]
    chosen = Shown(tuple(dict.fromkeys(benchmarks)), families)
    kept = tuple(b for b in chosen.benchmarks if chosen.families_of(reference, b))
    if not kept:
        known = ", ".join(reference.curve_labels)
        raise ValueError(f"no curve of {family!r} on {benchmark!r} was fitted; the fit knows {known}")
    return Shown(kept, families)


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _find(kind: str, name: str, known: tuple[str, ...]) -> int:
    if name not in known:
        raise ValueError(f"{kind} {name!r} was not fitted; the fit knows {', '.join(known)}")
    return known.index(name)


@dataclass(frozen=True)
class View:
    """What a figure shows of a fit; made by `view`.

    Attributes
    ----------
    fit : Fit
        The fitted law.
    chosen : Selection
        Its curves.
    ratio : float or None
        Tokens per parameter that were asked for.
    k : int or None
        Attempts that count as one; None for a law of single scores.
    random_seed : int or None
        Seed of what is drawn anew.
    """

    fit: Fit
    chosen: Shown
    ratio: float | None
    k: int | None
    random_seed: int | None

    @property
    def titles(self) -> list[str]:
        """Labels of the benchmarks, one a panel."""
        return [self.fit.reference.labels[b] for b in self.chosen.benchmarks]

    @property
    def curves(self) -> dict[tuple[int, int], str]:
        """Label of each chosen curve by its family and benchmark; the benchmark's where there is one family."""
        reference = self.fit.reference
        pairs = zip(reference.curve_family, reference.curve_benchmark, strict=True)
        named = dict(zip(pairs, reference.curve_labels, strict=True))
        order = [(f, b) for b in self.chosen.benchmarks for f in self.chosen.families]
        return {pair: named[pair] for pair in order if pair in named}

    @property
    def ks(self) -> list[int] | None:
        """The attempts that count as one, as a list; None for a law of single scores."""
        return None if self.k is None else [self.k]

    @property
    def noun(self) -> str:
        """What a point is."""
        return "score" if self.k is None else "rate"

    @property
    def quantity(self) -> str:
        """What the y axis has."""
        return "accuracy" if self.k is None else f"pass@{self.k}"

    def ratio_of(self, family: int) -> float | None:
        """Tokens per parameter at which a family's curves are drawn; None for a law that reads FLOPs alone."""
        if not self.fit.law.reads_sizes:
            return None
        return typical_ratio(self.fit, family) if self.ratio is None else self.ratio


def view(
    fit: Fit,
    benchmark: Names = None,
    family: Names = None,
    *,
    ratio: float | None = None,
    k: int | None = None,
    random_seed: int | None = 0,
) -> View:
    """Find what a figure is to show, and check that the fit has it.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    benchmark, family, ratio, k, random_seed
        As the figures take them.

    Returns
    -------
    View
        With k = 1 for a law of attempts where none is given.

    Raises
    ------
    ValueError
        For a label that was not fitted, and for a ratio or k that the law does not read.
    """
    chosen = select(fit.reference, benchmark, family)
    law = type(fit.law).__name__
    if ratio is not None and not fit.law.reads_sizes:
        raise ValueError(f"ratio={ratio!r} goes with a law of params and tokens; this fit's {law} reads flops alone")
    if k is not None and not fit.law.takes_attempts:
        raise ValueError(f"k={k!r} goes with a law of attempts; this fit's {law} describes single scores")
    at = budgets(flops=1e20, ratio=ratio, k=k)  # refuses what is no ratio or k
    attempts = (at.k[0] if at.k else 1) if fit.law.takes_attempts else None
    return View(fit, chosen, None if ratio is None else at.ratio[0], attempts, random_seed)


def require(fit: Fit, figure: str, *, sizes: bool = False, attempts: bool = False) -> None:
    """Refuse a fit whose law lacks what a figure shows.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    figure : str
        Name of the figure.
    sizes, attempts : bool
        Whether the law must read params and tokens, or describe rates at several k.

    Raises
    ------
    ValueError
        Where it does not.
    """
    if sizes and not fit.law.reads_sizes:
        raise ValueError(
            f"{figure}() needs a law of params and tokens, {seeing_sizes(fit.law)!r}; "
            f"this fit is of {fit.law!r}, which reads flops alone"
        )
    if attempts and not fit.law.takes_attempts:
        raise ValueError(
            f"{figure}() needs a law of attempts, PassAtKLaw(); this fit is of {fit.law!r}, which describes k = 1"
        )


def typical_ratio(fit: Fit, family: int) -> float:
    """Geometric mean of the training tokens per parameter over the fitted runs of a family."""
    return float(np.exp(_log_ratios(fit, family).mean()))


def ratio_span(fit: Fit, family: int) -> tuple[float, float]:
    """Smallest and largest training tokens per parameter of the fitted runs of a family."""
    ratios = np.exp(_log_ratios(fit, family))
    return float(ratios.min()), float(ratios.max())


def _log_ratios(fit: Fit, family: int) -> Floats:
    """Log tokens per parameter, one entry a run."""
    first = np.unique(fit.rows.run, return_index=True)[1]
    of_family = first[fit.rows.family[first] == family]
    return (fit.rows.log_tokens - fit.rows.log_params)[of_family]


def member(fit: Fit, family: int, benchmark: int) -> NDArray[np.bool_]:
    """Whether each fitted row belongs to a curve, shape (rows,)."""
    return (fit.rows.family == family) & (fit.rows.benchmark == benchmark)


def fitted_span(fit: Fit, family: int, benchmark: int) -> tuple[float, float]:
    """Smallest and largest fitted training FLOPs of a curve."""
    flops = np.exp(fit.rows.log_flops[member(fit, family, benchmark)])
    return float(flops.min()), float(flops.max())


def spread(values: Floats, most: int) -> list[float]:
    """Choose some of many positive numbers, evenly on the log scale, the smallest and the largest among them.

    Examples
    --------
    >>> spread(np.array([1.0, 2.0, 9.0, 100.0, 100.0]), 3)
    [1.0, 9.0, 100.0]
    """
    every = np.unique(values)
    if len(every) <= most:
        return every.tolist()
    wanted = np.linspace(np.log(every[0]), np.log(every[-1]), most)
    nearest = np.abs(np.log(every)[None, :] - wanted[:, None]).argmin(axis=1)
    return every[np.unique([0, *nearest[1:-1], len(every) - 1])].tolist()  # the ends, whatever the logs round to


def nearest(values: Floats, wanted: Sequence[float], factor: float) -> NDArray[np.int64]:
    """Position of the nearest of some positive numbers; -1 where none is within a factor.

    Parameters
    ----------
    values : array, shape (n,)
        Positive numbers, or NaN.
    wanted : sequence of float
        Positive numbers.
    factor : float
        How far the nearest may be.

    Returns
    -------
    array, shape (n,)
        Positions in `wanted`.

    Examples
    --------
    >>> nearest(np.array([19.0, 50.0, 90.0, np.nan]), [20.0, 100.0], 1.5).tolist()
    [0, -1, 1, -1]
    """
    distance = np.abs(np.log(values)[:, None] - np.log(np.asarray(wanted, float))[None, :])
    distance = np.where(np.isnan(distance), np.inf, distance)
    place = distance.argmin(axis=1)
    return np.where(distance.min(axis=1) <= np.log(factor), place, -1).astype(np.int64)
