"""Comparing fits of the same rows by leave-one-out cross-validation: single rows, and whole training runs."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..arrays import Floats, Ints
from ..posterior.fit import Fit
from ..runs.checkpoints import training_runs

if TYPE_CHECKING:
    import xarray as xr


_UNRELIABLE = 0.7  # Pareto k above which a left-out unit is badly approximated


def compare(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Compare fits of the same rows by PSIS leave-one-out cross-validation.

    Parameters
    ----------
    fits : mapping of str to Fit
        Fits of the same measured values, by name.

    Returns
    -------
    DataFrame
        One row a fit, the best first. ``elpd``: expected log predictive density of left-out rows (nats, of accuracies;
        of pass@k of sets of rates or counts); ``se``; ``difference`` to the best and its ``difference_se``; ``p``, the
        effective number of parameters; ``bad_k``, rows with a Pareto k above 0.7, whose term is not to be trusted. The
        columns that end in ``_run`` leave out whole training runs, with all their benchmarks; there more terms are bad,
        for a run's own effect is seldom known without it. ``converged``.

    Raises
    ------
    ValueError
        For fewer than two fits, or fits of other rows than the first. A two-stage fit sees the losses of its runs, and
        so knows more than another law.

    Notes
    -----
    Vehtari, Gelman and Gabry (2017), through ArviZ. Both ask how well a law fits between its runs, not how it
    extrapolates: `backtest` does.
    """
    if len(fits) < 2:
        raise ValueError(f"compare() got {len(fits)} fits; expected two or more by name")
    (first, reference), *others = fits.items()
    for name, fit in others:
        _check_same(first, reference, name, fit)
    rows: dict[str, dict[str, float | int | bool]] = {}
    pointwise: dict[str, dict[str, Floats]] = {"": {}, "_run": {}}
    for name, fit in fits.items():
        rows[name] = {"converged": fit.converged}
        for suffix, values in (("", _log_likelihood(fit)), ("_run", _by_run(fit))):
            found = _loo(values, fit.posterior)
            pointwise[suffix][name] = found.terms
            rows[name] |= {
                f"elpd{suffix}": float(found.terms.sum()),
                f"se{suffix}": _sum_error(found.terms),
                f"p{suffix}": found.parameters,
                f"bad_k{suffix}": int((found.pareto_k > _UNRELIABLE).sum()),
            }
    table = pd.DataFrame.from_dict(rows, orient="index").sort_values("elpd", ascending=False)
    for suffix, terms in pointwise.items():
        best = terms[str(table[f"elpd{suffix}"].idxmax())]
        table[f"difference{suffix}"] = [float((terms[str(name)] - best).sum()) for name in table.index]
        table[f"difference_se{suffix}"] = [_sum_error(terms[str(name)] - best) for name in table.index]
    names = ("elpd", "se", "difference", "difference_se", "p", "bad_k")
    order = [f"{name}{suffix}" for suffix in ("", "_run") for name in names]
    return table[[*order, "converged"]].rename_axis("fit")


def _check_same(first: str, reference: Fit, name: str, fit: Fit) -> None:
    own, other = (f.fitted.observed for f in (reference, fit))
    same = own.name == other.name and own.unit == other.unit and own.measured.keys() == other.measured.keys()
    if same:
        pairs = zip(own.measured.values(), other.measured.values(), strict=True)
        same = all(np.array_equal(a, b) for a, b in pairs) and _runs(reference) == _runs(fit)
    if not same:
        raise ValueError(
            f"fit {name!r} has other rows than {first!r}: {len(fit.rows)} of {len(fit.reference.runs)} runs beside "
            f"{len(reference.rows)} of {len(reference.reference.runs)}; expected fits of the same table"
        )


def _runs(fit: Fit) -> list[tuple[str, str]]:
    """Run and benchmark of each fitted unit."""
    reference, rows = fit.reference, fit.rows
    return [(reference.runs[r], reference.labels[b]) for r, b in zip(rows.run, rows.benchmark, strict=True)]


def _log_likelihood(fit: Fit) -> "xr.DataArray":
    [array] = fit.tree["log_likelihood"].dataset.data_vars.values()
    return array.drop_vars([name for name in array.coords if name not in ("chain", "draw")])


def _by_run(fit: Fit) -> "xr.DataArray":
    values = _log_likelihood(fit)
    dim = str(values.dims[-1])
    return values.assign_coords(run=(dim, _training_runs(fit))).groupby("run").sum()


def _training_runs(fit: Fit) -> Ints:
    """Code of the training run of each unit, whether or not the law lets its checkpoints share anything."""
    frame = fit.runs.frame
    names = dict(zip(frame["run"].astype(str), training_runs(frame), strict=True))
    reference = fit.reference
    # Where checkpoints share their luck, runs of the reference are training runs already.
    of_runs = [names.get(run, run) for run in reference.runs]
    code, _ = pd.factorize(pd.MultiIndex.from_arrays([list(reference.run_family), of_runs]))
    return np.asarray(code, np.int64)[fit.rows.run]


@dataclass(frozen=True)
class _Loo:
    """Terms of left-out units, their Pareto k, and the effective number of parameters."""

    terms: Floats
    pareto_k: Floats
    parameters: float


def _loo(values: "xr.DataArray", posterior: "xr.Dataset") -> _Loo:
    import arviz as az
    import xarray as xr

    tree = xr.DataTree.from_dict({"posterior": posterior, "log_likelihood": xr.Dataset({"values": values})})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ warns of bad Pareto k, which the table counts
        found = az.loo(tree, var_name="values", pointwise=True)
    return _Loo(np.asarray(found.elpd_i, float).ravel(), np.asarray(found.pareto_k, float).ravel(), float(found.p))


def _sum_error(terms: Floats) -> float:
    return float(np.sqrt(len(terms) * terms.var(ddof=1))) if len(terms) > 1 else float("nan")
