"""How far forecasts lean on each prior: power-scaling, through ArviZ."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..forecasting.quantities import Quantity, check_quantity
from ..laws.base import Law
from ..laws.loss import LOSS_PREFIX
from ..laws.priors import Fixed, LogNormal
from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..runs.planned import Budgets, budgets
from ..runs.table import Runs
from ..wording import listed

if TYPE_CHECKING:
    import xarray as xr


#: From which a forecast is said to lean on a prior (Kallioinen et al., arXiv 2107.14054).
LEANS = 0.05
LIKELIHOOD = "(the data)"
TOGETHER = "(all priors)"
_FACTOR = 10.0  # of the largest fitted budget, where nothing is said


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """How far forecasts lean on each prior and on the data; made by `sensitivity`.

    Attributes
    ----------
    rows : DataFrame
        One row a forecast and prior: ``run``, ``family``, ``benchmark``, ``flops``, ``prior`` and ``sensitivity``, the
        rate at which the forecast's distribution moves as the prior is raised to a power. "(all priors)" are all of
        them together, "(the data)" is the likelihood.
    of : str
        Whether it is of the measured score or of the expected one.
    """

    rows: pd.DataFrame
    of: str

    def table(self) -> pd.DataFrame:
        """One row a forecast, one column a prior, the most important first, all together and the data last."""
        index = ["family", "benchmark", "flops"]
        wide = self.rows.pivot_table("sensitivity", index, "prior", sort=False, dropna=False)
        order = wide.drop(columns=[TOGETHER, LIKELIHOOD]).max().sort_values(ascending=False).index
        return wide[[*order, TOGETHER, LIKELIHOOD]].rename_axis(columns=None).reset_index()

    @property
    def leaning(self) -> pd.DataFrame:
        """Forecasts that lean on a prior, and on which, the most first."""
        priors = self.rows[(self.rows["prior"] != LIKELIHOOD) & (self.rows["sensitivity"] > LEANS)]
        return priors.sort_values("sensitivity", ascending=False, ignore_index=True)

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        found = self.leaning
        keys = ["family", "benchmark", "flops"]
        n = len(self.rows.drop_duplicates(keys))
        if found.empty:
            return f"none of {n} forecasts leans on a prior (power-scaling sensitivity at most {LEANS:g})"
        worst = found.groupby("prior", sort=False)["sensitivity"].max()
        counts = found.groupby("prior", sort=False).size()
        named = listed([f"{name} ({counts[name]}, up to {worst[name]:.2f})" for name in worst.index], 4)
        leaning = len(found.drop_duplicates(keys))
        return f"{leaning} of {n} forecasts lean on a prior (power-scaling sensitivity above {LEANS:g}): {named}"

    def __repr__(self) -> str:
        return f"{self.sentence}\n{self.table().round(3).to_string(index=False)}"


def sensitivity(
    fit: Fit, at: "Runs | Budgets | None" = None, *, of: Quantity = "score", random_seed: int | None = 0
) -> Sensitivity:
    """Say how far forecasts lean on each prior, by power-scaling.

    Each prior of `Law.priors` is raised to a power near 1, on the scale that is sampled (the log of a positive
    parameter), and so are all of them together and the likelihood; how much the draws of a forecast, reweighted by
    Pareto-smoothed importance sampling, move is its sensitivity (Kallioinen et al., arXiv 2107.14054). Above 0.05 a
    forecast leans on the prior.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    at : Runs or Budgets, optional
        What to forecast; by default every benchmark of every family at ten times the largest fitted FLOPs.
    of : {"score", "expected"}
        A new run's measured score, or the curve alone.
    random_seed : int, optional
        Seed of what a forecast draws anew.

    Returns
    -------
    Sensitivity
        By forecast and prior.

    Raises
    ------
    ValueError
        As of `forecast`.
    """
    check_quantity(of)
    points = at if at is not None else budgets(flops=_FACTOR * float(fit.runs.frame["flops"].max()))
    found = quiet_forecast(fit, points, random_seed)
    log_prior = {**log_priors(fit.law, fit.posterior, ""), **_of_stage_one(fit)}
    tree = _tree(fit, found, of, log_prior)
    moved = {name: _psense(tree, of, "prior", [name]) for name in log_prior}
    moved[TOGETHER] = _psense(tree, of, "prior", None)
    moved[LIKELIHOOD] = _psense(tree, of, "likelihood", None)
    described = found.points.assign(benchmark=score_labels(found.points))[["run", "family", "benchmark", "flops"]]
    rows = [described.assign(prior=name, sensitivity=values) for name, values in moved.items()]
    return Sensitivity(pd.concat(rows, ignore_index=True), of)


def log_priors(law: Law, posterior: "xr.Dataset", prefix: str) -> dict[str, "xr.DataArray"]:
    """Log density of each prior at the draws, on the scale that is sampled; numbers that are fixed have none.

    Parameters
    ----------
    law : Law
        The law.
    posterior : xarray.Dataset
        Draws, dims (chain, draw, ...).
    prefix : str
        Put before each name.

    Returns
    -------
    dict of str to DataArray
        By name of the prior, dims (chain, draw).
    """
    found = {}
    for slot in law.slots():
        prior = law.prior(slot.name)
        if isinstance(prior, Fixed) or slot.parameter not in posterior or posterior[slot.parameter].ndim != 2:
            continue
        values = posterior[slot.parameter]
        if isinstance(prior, LogNormal):
            z = (np.log(values) - np.log(prior.median)) / prior.log_sd
        else:
            z = (values - prior.mean) / prior.sd
        found[f"{prefix}{slot.name}"] = -0.5 * z**2
    return found


def _of_stage_one(fit: Fit) -> dict[str, "xr.DataArray"]:
    return {} if fit.stage_one is None else log_priors(fit.stage_one.law, fit.stage_one.posterior, LOSS_PREFIX)


def _tree(fit: Fit, found: Forecast, of: Quantity, log_prior: "dict[str, xr.DataArray]") -> "xr.DataTree":
    """Give the forecast as a posterior, with the log prior and the log likelihood beside it."""
    import xarray as xr

    sizes = fit.posterior.sizes
    values = found.array(of).reshape(sizes["chain"], sizes["draw"], -1)
    likelihood = fit.tree["log_likelihood"].to_dataset()
    if fit.stage_one is not None:
        losses = fit.stage_one.tree["log_likelihood"].to_dataset()
        likelihood = xr.Dataset({str(name): array.sum(_others(array)) for name, array in likelihood.items()})
        likelihood["losses"] = next(iter(losses.values())).sum(_others(next(iter(losses.values()))))
    posterior = xr.Dataset(
        {of: (("chain", "draw", "point"), values)}, coords=dict(fit.posterior[["chain", "draw"]].coords)
    )
    groups = {"posterior": posterior, "log_prior": xr.Dataset(log_prior), "log_likelihood": likelihood}
    return xr.DataTree.from_dict(groups)


def _others(array: "xr.DataArray") -> list[str]:
    return [str(name) for name in array.dims if name not in ("chain", "draw")]


def _psense(tree: "xr.DataTree", of: Quantity, group: str, names: list[str] | None) -> Floats:
    import arviz as az

    with np.errstate(all="ignore"):  # forecasts that never move, such as scores at 1
        return np.asarray(az.psense(tree, var_names=[of], group=group, group_var_names=names)[of].to_numpy(), float)
