"""Ranks of truths among draws, and whether they are uniform: a simultaneous test, and bands of their distribution."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ...arrays import Floats, Ints
from ...drawable import Drawable
from ...files.whole_files import write_whole

_LEVEL = 0.99
_SIMULATIONS = 20_000  # of uniform ranks


def uniform_p_value(ranks: Ints, most: int, *, simulations: int = _SIMULATIONS) -> float:
    """Probability of ranks as uneven as these, were they uniform from 0 to `most`.

    The statistic is the smallest pointwise probability of the empirical distribution over all ranks; its own
    distribution is simulated (Saeilynoja et al., arXiv 2103.10522).

    Parameters
    ----------
    ranks : int array, shape (n,)
        Ranks, 0 to `most`.
    most : int
        The highest.
    simulations : int
        Of uniform ranks.

    Returns
    -------
    float
        Between 1 / (simulations + 1) and 1.

    Examples
    --------
    >>> uniform_p_value(np.arange(101), 100, simulations=500) > 0.9, uniform_p_value(np.full(50, 30), 100) < 0.001
    (True, True)
    """
    return float(
        (1 + (_null(len(ranks), most, simulations) <= _evenness(ranks[None], most)[0]).sum()) / (simulations + 1)
    )


def bands(n: int, most: int, level: float, *, simulations: int = _SIMULATIONS) -> tuple[Floats, Floats]:
    """Lowest and highest share of n uniform ranks at or below each rank, together with a probability.

    Parameters
    ----------
    n : int
        Number of ranks.
    most : int
        The highest rank.
    level : float
        Probability.
    simulations : int
        Of uniform ranks.

    Returns
    -------
    low, high : array, shape (most + 1,)
        Of each rank from 0 on.
    """
    from scipy.stats import binom

    pointwise = np.quantile(_null(n, most, simulations), 1 - level)
    shares = np.arange(1, most + 2) / (most + 1)
    low, high = binom.ppf(pointwise / 2, n, shares) / n, binom.ppf(1 - pointwise / 2, n, shares) / n
    low[-1] = high[-1] = 1.0
    return low, high


@lru_cache(maxsize=32)
def _null(n: int, most: int, simulations: int) -> Floats:
    """Evenness of uniform ranks, sorted."""
    rng = np.random.default_rng(12345)
    return np.sort(_evenness(rng.integers(0, most + 1, (simulations, n)), most))


def _evenness(ranks: Ints, most: int) -> Floats:
    """Smallest two-sided pointwise probability of each row of ranks, shape (rows,)."""
    from scipy.stats import binom

    n = ranks.shape[1]
    shares = np.arange(1, most + 1) / (most + 1)
    table = 2 * np.minimum(
        binom.cdf(np.arange(n + 1)[:, None], n, shares), binom.sf(np.arange(n + 1)[:, None] - 1, n, shares)
    )
    found = np.empty(len(ranks))
    for number, row in enumerate(ranks):
        below = np.cumsum(np.bincount(row, minlength=most + 1))[:most]
        found[number] = table[below, np.arange(most)].min()
    return np.minimum(found, 1.0)


@dataclass(frozen=True, eq=False)
class Calibration(Drawable):
    """Ranks of truths among the draws of their posteriors; made by `simulate_ranks` and `read_ranks`.

    Attributes
    ----------
    ranks : DataFrame
        One row a simulation and quantity: ``template``, ``simulation``, ``quantity``, ``rank`` of ``ranks`` draws,
        ``converged`` and ``seconds`` of the fit.
    failed : tuple of str
        Simulations that could not be run, in words.
    """

    ranks: pd.DataFrame
    failed: tuple[str, ...] = ()

    def table(self, level: float = _LEVEL) -> pd.DataFrame:
        """Whether the ranks of each quantity are uniform.

        Parameters
        ----------
        level : float
            Probability with which all quantities of a calibrated law stay inside their bands together.

        Returns
        -------
        DataFrame
            One row a quantity: ``simulations``, ``mean`` rank as a share (0.5 where calibrated), ``p`` of the
            simultaneous test, ``p_corrected`` for the number of quantities (Sidak), and ``uniform``, whether that is
            above 1 - level.
        """
        groups = self.ranks.groupby("quantity", sort=False)
        rows = [
            {
                "quantity": name,
                "simulations": len(part),
                "mean": float((part["rank"] / part["ranks"]).mean()),
                "p": uniform_p_value(part["rank"].to_numpy(), int(part["ranks"].iloc[0])),
            }
            for name, part in groups
        ]
        frame = pd.DataFrame(rows)
        corrected = -np.expm1(len(frame) * np.log1p(-np.minimum(frame["p"], 1 - 1e-12)))
        return frame.assign(p_corrected=corrected, uniform=corrected > 1 - level)

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        table = self.table()
        n, bad = int(table["simulations"].min()), table.loc[~table["uniform"], "quantity"].tolist()
        share = self.ranks.drop_duplicates("simulation")["converged"].mean()
        found = "the ranks of all are uniform" if not bad else f"not uniform are the ranks of {', '.join(bad)}"
        return (
            f"{n} simulations of {len(table)} quantities: {found} (simultaneous 99% bands, corrected for their number; "
            f"the smallest corrected p is {table['p_corrected'].min():.2g}); {share:.0%} of the fits converged"
        )

    def to_csv(self, path: str | Path, command: str = "", *, overwrite: bool = False) -> Path:
        """Save the ranks as CSV, with the command that made them in the first line; `read_ranks` reads it."""
        head = f"# Made by: {command}\n" if command else ""
        text = head + self.ranks.to_csv(index=False, float_format="%.4g")
        return write_whole(path, text, "ranks", overwrite=overwrite)


def read_ranks(path: str | Path) -> Calibration:
    """Read what `Calibration.to_csv` wrote."""
    return Calibration(pd.read_csv(path, comment="#"))
