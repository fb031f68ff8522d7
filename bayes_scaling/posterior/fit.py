"""Fit: the frozen value of a fitted law, and its diagnostics. No sampler in here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..checks import check_count
from ..files.html import as_html
from ..laws import law_from_json
from ..laws.base import Law
from ..laws.loss import LOSS_PREFIX
from ..laws.two_stage import stages_of
from ..model.loss_table import read_losses
from ..model.observed import Fitted, encode_fitted, observe
from ..model.reference import Reference
from ..model.rows import Rows
from ..runs.table import Runs
from ..wording import listed
from .draws import Draws, flat_draws
from .earlier import in_present_form
from .groups import log_likelihood_dataset
from .interruption import interruption
from .prior_group import prior_dataset
from .saving import check_fit_place, parts_of, read_tree, with_parts, write_tree
from .summary import summarise

if TYPE_CHECKING:
    import xarray as xr


#: A fit has converged where R-hat, ESS and the share of divergent draws keep these limits.
HIGHEST_R_HAT = 1.01
LOWEST_ESS = 400.0
MOST_DIVERGENT = 0.001
_ALARM = "NOT CONVERGED: its intervals cannot be trusted"


class ConvergenceWarning(UserWarning):
    """A fit has not converged, and its intervals cannot be trusted."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted law: what was fitted, on which runs, and the posterior draws. Made by `fit` and `load_fit`.

    Attributes
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        The runs it was fitted on.
    fitted : Fitted
        The table as the model saw it; of a two-stage law the rows with a score and a loss.
    stored : xarray.DataTree
        The groups of `tree` that are kept; the log likelihood, which is larger than all others, follows from them.
    provenance : dict
        Seed, draws and why there are no more (``stopped``), versions of the packages, the hash of the data, and the
        seconds of compiling and sampling.
    stage_one : Fit or None
        Of a two-stage law: the fit of the losses, on one row a run and loss.
    """

    law: Law
    runs: Runs
    fitted: Fitted
    stored: "xr.DataTree"
    provenance: Mapping[str, Any]
    stage_one: "Fit | None" = None

    @cached_property
    def tree(self) -> "xr.DataTree":
        """Everything about the draws, as ArviZ reads it.

        Groups posterior, sample_stats, observed_data, constant_data, log_likelihood, diagnostics; posterior_predictive
        on request (`with_posterior_predictive`), and prior (`with_prior`). Sample dimensions are (chain, draw). The
        family and the benchmark of each curve stand in constant_data, as ``curve_family`` and ``curve_benchmark``. The
        log likelihood is computed when the tree is first asked for.
        """
        import xarray as xr

        tree = self.stored.copy()
        tree["log_likelihood"] = xr.DataTree(log_likelihood_dataset(self.fitted, self.posterior))
        return tree

    @property
    def posterior(self) -> "xr.Dataset":
        """Posterior draws, dims (chain, draw, ...)."""
        return self.stored["posterior"].dataset

    def diagnostics(self) -> pd.DataFrame:
        """Convergence diagnostics, one row a parameter, with the worst of its entries.

        Returns
        -------
        DataFrame
            Columns ``r_hat``, ``ess_bulk``, ``ess_tail``, ``worst`` (the entry with the smallest ESS) and ``decides``
            (whether `converged` looks at it); the row "sampler" has ``divergences`` (number of draws) and ``e_bfmi``
            (smallest over chains). Of a two-stage law the rows of stage one follow, behind ``loss_``.
        """
        frame = self.stored["diagnostics"].dataset.to_dataframe().astype({"decides": bool})
        if self.stage_one is None:
            return frame
        return pd.concat([frame, self.stage_one.diagnostics().rename(index=lambda name: f"{LOSS_PREFIX}{name}")])

    @cached_property
    def converged(self) -> bool:
        """Whether R-hat <= 1.01 and ESS >= 400 for what decides, and at most 0.1% of the draws diverged."""
        return not self._complaints

    @cached_property
    def _complaints(self) -> tuple[str, ...]:
        table = self.diagnostics()
        deciding = table[table["decides"]]
        found = []
        for column, words, fine in (
            ("r_hat", "R-hat up to {:.3f} (limit 1.01)", deciding["r_hat"] <= HIGHEST_R_HAT),
            ("ess_bulk", "bulk ESS down to {:.0f} (limit 400)", deciding["ess_bulk"] >= LOWEST_ESS),
            ("ess_tail", "tail ESS down to {:.0f} (limit 400)", deciding["ess_tail"] >= LOWEST_ESS),
        ):
            if not fine.all():
                values = deciding.loc[~fine, column]
                worst = values.max() if column == "r_hat" else values.min()
                found.append(words.format(worst) + f", in {listed(map(str, values.index), most=3)}")
        sizes = self.posterior.sizes
        if interrupted := interruption(self.provenance, sizes["chain"], sizes["draw"]):
            found.insert(0, interrupted)
        divergent = table["divergences"].dropna()
        for name, count in divergent.items():
            stage = self.stage_one if self.stage_one is not None and str(name).startswith(LOSS_PREFIX) else self
            if count > MOST_DIVERGENT * stage._judged:
                said = "" if stage is self else " of the losses"
                found.append(f"{count:.0f} of {stage._judged} draws{said} diverged (limit {MOST_DIVERGENT:.1%})")
        return tuple(found)

    @property
    def _judged(self) -> int:
        """Draws that the diagnostics saw: of a stage that was cut to the length of the other, those before."""
        sizes = self.posterior.sizes
        return int(self.provenance.get("draws", sizes["draw"]) * self.provenance.get("chains", sizes["chain"]))

    @property
    def verdict(self) -> str:
        """Whether the fit converged, in words, with what to do where it did not."""
        if self.converged:
            table = self.diagnostics()
            deciding = table[table["decides"]]
            r_hat, ess = deciding["r_hat"].max(), deciding[["ess_bulk", "ess_tail"]].to_numpy().min()
            divergent = table["divergences"].sum()
            return f"converged: R-hat at most {r_hat:.3f}, ESS at least {ess:.0f}, {divergent:.0f} divergent draws"
        said = f"not converged: {'; '.join(self._complaints)}. "
        if self.provenance.get("interrupted"):
            return f"{said}Fit again, and let the chains end"
        return (
            f"{said}Fit again with more draws and tuning (draws=4000, tune=3000); if that does not help, narrow the "
            "priors or select fewer benchmarks"
        )

    def summary(self, prob: float = 0.9) -> pd.DataFrame:
        """Exponents, levels and highest accuracies of every curve, and the population.

        Parameters
        ----------
        prob : float
            Probability of the equal-tailed intervals.

        Returns
        -------
        DataFrame
            One row a quantity and curve: mean, median, sd, interval bounds. ``exponent`` is the local exponent of
            compute at the reference budget; beside it stands what the law derives (`Law.derived`):
            ``exponent_before`` and ``exponent_after`` a turn, ``params_exponent`` and ``tokens_exponent``, or
            ``asymptotic_exponent``, far from the ceiling; ``bend_at_reference`` of pass@k.
        """
        table = summarise(self.law, self.reference, flat_draws(self.posterior), prob)
        if self.stage_one is None:
            return table
        of_losses = self.stage_one.summary(prob)
        return pd.concat([table, of_losses.assign(quantity=LOSS_PREFIX + of_losses["quantity"])], ignore_index=True)

    def draws(self, rng: np.random.Generator) -> Draws:
        """Posterior draws by name as flat arrays, for the pure functions of `prediction`."""
        stage_one = None if self.stage_one is None else self.stage_one.draws(rng)
        return Draws(self.law, flat_draws(self.posterior), rng, stage_one)

    @property
    def reference(self) -> Reference:
        """What was read off the runs before the fit."""
        return self.fitted.reference

    @property
    def rows(self) -> Rows:
        """The fitted rows in the reference's codes; of attempts one a set of samples."""
        return self.fitted.rows

    def with_posterior_predictive(self, random_seed: int | None = None) -> "Fit":
        """Return the same fit with replicated scores of its rows in ``tree["posterior_predictive"]``.

        Parameters
        ----------
        random_seed : int, optional
            Seed of the replications.

        Returns
        -------
        Fit
            Its tree has the group posterior_predictive, dims (chain, draw, observation).
        """
        import xarray as xr

        rng = np.random.default_rng(random_seed)
        values = {str(name): array.to_numpy() for name, array in self.posterior.items()}
        replicated = self.fitted.observed.replicate(self.reference, self.rows, values, rng)
        observed = self.stored["observed_data"].dataset
        name = self.fitted.observed.name
        dataset = xr.Dataset(
            {name: (("chain", "draw", "observation"), replicated)},
            coords={**self.posterior[["chain", "draw"]].coords, **observed.coords},
        )
        stored = self.stored.copy()
        stored["posterior_predictive"] = xr.DataTree(dataset)
        return replace(self, stored=stored)

    def with_prior(self, draws: int = 1000, random_seed: int | None = None) -> "Fit":
        """Return the same fit with draws of its parameters from the prior in ``tree["prior"]``.

        Parameters
        ----------
        draws : int
            How many, as one chain.
        random_seed : int, optional
            Seed.

        Returns
        -------
        Fit
            Its tree has the group prior, in the names, dims and labels of the posterior.
        """
        import xarray as xr

        check_count("draws", draws, least=1)
        stored = self.stored.copy()
        rng = np.random.default_rng(random_seed)
        stored["prior"] = xr.DataTree(prior_dataset(self.law, self.runs, self.posterior, draws, rng))
        return replace(self, stored=stored)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the fit as NetCDF, with its law, priors, runs, versions, seed and data hash inside.

        Parameters
        ----------
        path : str or Path
            The file, which ends in .nc. A fit that was saved there is replaced.
        overwrite : bool
            Whether another file that is there may be replaced too.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            For another ending.
        FileNotFoundError
            Where there is no such folder.
        FileExistsError
            Where something else is there.
        OSError
            Where the file cannot be written.
        """
        path = Path(path)
        check_fit_place(path, overwrite=overwrite)
        return write_tree(self._as_tree(), path, overwrite=overwrite)

    def _as_tree(self) -> "xr.DataTree":
        """Return the tree with what else the fit is made of inside."""
        texts = {
            "law": self.law.to_json(),
            "runs": self.runs.to_json(),
            "reference": self.reference.to_json(),
            "provenance": json.dumps(dict(self.provenance)),
        }
        return with_parts(self.stored, texts, None if self.stage_one is None else self.stage_one._as_tree())

    @classmethod
    def _of_tree(cls, tree: "xr.DataTree") -> "Fit":
        """Return the fit of a tree that `_as_tree` made."""
        stored, texts, of_losses = parts_of(tree)
        law, runs, reference = (
            law_from_json(texts["law"]),
            Runs.from_json(texts["runs"]),
            Reference.from_json(texts["reference"]),
        )
        stored = in_present_form(stored, law)
        stage_one = None if of_losses is None else cls._of_tree(of_losses)
        fitted = _fitted_again(law, runs, reference, stored, stage_one)
        return cls(law, runs, fitted, stored, json.loads(texts["provenance"]), stage_one)

    def _repr_html_(self) -> str:
        first, *others = repr(self).split("\n")
        summary = self.summary()
        shown = summary[summary["quantity"].isin(("exponent", "exponent_population"))].drop(columns="sd")
        return as_html(first, shown, [line.strip() for line in others], alarm="" if self.converged else _ALARM)

    def __repr__(self) -> str:
        draws = f"{self.posterior.sizes['chain']} chains of {self.posterior.sizes['draw']} draws"
        curves = len(self.reference.curve_family)
        count = self.stored["observed_data"].sizes["observation"]
        kind = "training " * bool(self.reference.trajectories)
        measured = f"{count} losses" if self.law.of_losses else f"{count} scores"
        return (
            f"Fit of {self.law!r}\n"
            f"  on {measured} of {len(self.reference.runs)} {kind}runs, {curves} curves; {draws}\n"
            f"  {self.verdict}"
        )


def _fitted_again(law: Law, runs: Runs, reference: Reference, stored: "xr.DataTree", stage_one: Fit | None) -> Fitted:
    """The table as the model of a saved fit saw it."""
    constant = stored["constant_data"].dataset
    smooth = None
    if "smooth_log_error" in constant:
        smooth = (constant["smooth_log_error"].to_numpy(), constant["smooth_log_bend"].to_numpy())
    seen = read_losses(stages_of(law), runs).scored if law.has_stages else runs
    observed = observe(law, seen.frame, smooth)
    rows = encode_fitted(reference, seen.frame, observed)
    return Fitted(seen, reference, rows, observed, None if stage_one is None else stage_one.fitted)


def load_fit(path: str | Path) -> Fit:
    """Load a fit that was saved; it forecasts the same numbers, and no sampler is loaded.

    Parameters
    ----------
    path : str or Path
        A file that `Fit.save` wrote.

    Returns
    -------
    Fit
        The fit.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is not a saved fit.
    """
    tree = read_tree(Path(path))
    try:
        return Fit._of_tree(tree)
    except Exception as error:  # parts that are missing or changed raise many kinds
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error
