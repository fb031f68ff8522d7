"""Designs of simulated tables: which runs, of which sizes, with which checkpoints, before they are scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...arrays import Floats, Ints
from ...checks import check_count
from ...laws.base import Law
from .truth import PerBenchmark

_TOKENS_PER_PARAMETER = 20.0
_RATIOS = (10.0, 80.0, 20.0, 160.0)  # of laws of params and tokens; neighbours in compute differ much


@dataclass(frozen=True)
class Sizes:
    """How params and tokens follow from FLOPs: by tokens per parameter, or by tokens, that runs take in turn."""

    in_turn: Floats
    are_tokens: bool = False

    def of(self, flops: Floats, turn: Ints) -> tuple[Floats, Floats]:
        """Params and tokens of runs."""
        values = self.in_turn[turn % len(self.in_turn)]
        if self.are_tokens:
            return flops / (6 * values), values
        params = np.sqrt(flops / (6 * values))
        return params, values * params


def sizes_of(law: Law, ratio: PerBenchmark | None, tokens: PerBenchmark | None) -> Sizes:
    """Sizes that are asked for, or else the usual ones of a law.

    Raises
    ------
    ValueError
        Where both are given, or one is not positive.
    """
    if ratio is not None and tokens is not None:
        raise ValueError("simulate_runs() got ratio and tokens; expected one of them")
    if tokens is not None:
        return Sizes(_positives("tokens", tokens), are_tokens=True)
    usual = _RATIOS if law.reads_sizes else _TOKENS_PER_PARAMETER
    return Sizes(_positives("ratio", usual if ratio is None else ratio))


def usual_design(flops: tuple[float, float]) -> pd.DataFrame:
    """Two finished runs, with the columns that every simulated table has."""
    return _runs("run", np.array(flops), np.zeros(2, np.int64), Sizes(np.array([_TOKENS_PER_PARAMETER])))


@dataclass(frozen=True)
class Design:
    """Runs to simulate.

    Attributes
    ----------
    flops, family : array, shape (runs,)
        Training FLOPs and code of the family of each run.
    sizes : Sizes
        How params and tokens follow.
    larger : array
        Training FLOPs of the held-out runs of each family.
    checkpoints : array
        How many checkpoints runs have, in turn.
    further : array
        Multiples of their tokens to which runs of several checkpoints are trained on.
    annealed_ends : bool
        Whether the last checkpoint of each run is annealed and the others are not.
    """

    flops: Floats
    family: Ints
    sizes: Sizes
    larger: Floats
    checkpoints: NDArray[Any]
    further: Floats
    annealed_ends: bool

    def __post_init__(self) -> None:
        for value in self.checkpoints.tolist():
            check_count("checkpoints", value, 1)
        if not (self.further > 1).all():
            raise ValueError(f"further is {self.further.tolist()!r}; expected numbers above 1")

    def fitted(self) -> pd.DataFrame:
        """The runs, one row a checkpoint; without ``trajectory`` where all are finished and nothing is annealed."""
        runs = _runs("run", self.flops, self.family, self.sizes)
        numbers = np.resize(self.checkpoints.astype(np.int64), len(runs))
        if (numbers == 1).all() and not self.annealed_ends:
            return runs
        of_run = np.repeat(np.arange(len(runs)), numbers)
        step = np.concatenate([np.arange(1, n + 1) for n in numbers])
        share = step / numbers[of_run]
        found = runs.iloc[of_run].reset_index(drop=True)
        found["trajectory"] = found["run"]
        several = numbers[of_run] > 1
        found["run"] = np.where(several, found["run"] + [f", checkpoint {s}" for s in step], found["run"])
        for name in ("tokens", "flops"):
            found[name] *= share
        return found.assign(annealed=(share == 1).astype(float)) if self.annealed_ends else found

    def held_out(self) -> pd.DataFrame:
        """Runs of several checkpoints that are trained on, then larger runs of each family, all annealed at the end."""
        n_families = int(self.family.max()) + 1
        families = np.repeat(np.arange(n_families), len(self.larger))
        larger = _runs("held-out", np.tile(self.larger, n_families), families, self.sizes)
        found = pd.concat([*self._trained_on(), larger], ignore_index=True)
        return found.assign(annealed=1.0) if self.annealed_ends else found

    def _trained_on(self) -> list[pd.DataFrame]:
        along = self.fitted()
        if "trajectory" not in along:
            return []
        last = along[along["run"] != along["trajectory"]].groupby("trajectory", sort=False).tail(1)
        return [
            last.assign(
                run=last["trajectory"] + f", {by:g} times", tokens=last["tokens"] * by, flops=last["flops"] * by
            )
            for by in self.further
        ]


def _positives(name: str, given: PerBenchmark) -> Floats:
    found = np.atleast_1d(np.asarray(given, float))
    if not (len(found) and (found > 0).all()):
        raise ValueError(f"{name} is {given!r}; expected positive numbers")
    return found


def _runs(prefix: str, flops: Floats, family: Ints, sizes: Sizes) -> pd.DataFrame:
    """Finished runs, at the sizes in turn."""
    turn = np.arange(len(flops))
    if np.gcd(int(family.max()) + 1, len(sizes.in_turn)) > 1:  # or a family would meet some of the sizes alone
        turn = np.array([np.count_nonzero(family[:i] == f) for i, f in enumerate(family)])
    params, tokens = sizes.of(flops, turn)
    return pd.DataFrame(
        {
            "run": [f"{prefix}-{i + 1:02d}" for i in range(len(flops))],
            "family": [f"family-{f + 1}" for f in family],
            "params": params,
            "tokens": tokens,
            "flops": flops,
        }
    )
