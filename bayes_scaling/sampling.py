"""fit() and sample_prior(): build, compile, sample; the only module that runs a sampler."""

import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .forecasting import Forecast, forecast_from
from .hierarchy import Layout, make_layout, prior_vectors, unpack
from .laws.base import Law
from .posterior import ConvergenceWarning, Fit
from .prediction import Draws, fitted_moments
from .reference import Reference, Rows, make_reference, row_information
from .runs import Runs

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

_TARGET_ACCEPT = 0.9
_PACKAGES = ("bayes-scaling", "pymc", "nutpie", "arviz", "numpy")
_REPORTED_ONLY = {"ceiling", "law_noise", "items", "run_effect"}


class ThinDataWarning(UserWarning):
    """A benchmark has too few rows to show its own exponent; the population stands in."""


def fit(
    law: Law,
    runs: Runs,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int | None = None,
    progressbar: bool = True,
) -> Fit:
    """Fit a law to a table of runs by Hamiltonian Monte Carlo.

    Parameters
    ----------
    law : Law
        The law and its priors, such as ``DirectLaw()``.
    runs : Runs
        Scored runs.
    draws, tune : int
        Draws kept, and draws spent on tuning, by each chain.
    chains : int
        Number of chains, at least 2.
    random_seed : int, optional
        Seed; the same seed gives the same draws. Drawn and kept in ``provenance`` where left out.
    progressbar : bool
        Whether to show the sampler's progress.

    Returns
    -------
    Fit
        The fitted law.

    Raises
    ------
    ValueError
        Where the runs have no accuracies, or lack a budget that the law needs.

    Warns
    -----
    ConvergenceWarning
        Where the fit has not converged.
    ThinDataWarning
        Where benchmarks have a single row.
    """
    frame = runs.frame
    for name, value, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 2)):
        if value < least:
            raise ValueError(f"{name} is {value}; expected at least {least}")
    _check_needs(law, runs)
    reference = make_reference(runs)
    _warn_of_thin_data(reference, runs)
    rows = reference.encode(frame)
    accuracy = frame["accuracy"].to_numpy(float)
    layout = make_layout(law, reference, rows, row_information(reference, rows, accuracy))
    seed = int(np.random.SeedSequence().entropy % 2**32) if random_seed is None else random_seed
    sampled = _sample(law, reference, rows, layout, accuracy, draws, tune, chains, seed, progressbar)
    tree = _complete_tree(law, reference, rows, layout, accuracy, sampled)
    provenance: dict[str, Any] = {"random_seed": seed, "draws": draws, "tune": tune, "chains": chains}
    provenance |= {"versions": {name: version(name) for name in _PACKAGES}, "data_hash": runs.data_hash}
    result = Fit(law, runs, reference, tree, provenance)
    if not result.converged:
        warnings.warn(f"the fit has {result.verdict}", ConvergenceWarning, stacklevel=2)
    return result


def sample_prior(law: Law, runs: Runs, *, draws: int = 1000, random_seed: int | None = None) -> Forecast:
    """Draw what a law expects of runs before it sees their scores, given the Reference of the table.

    Parameters
    ----------
    law : Law
        The law and its priors.
    runs : Runs
        Scored runs; the scores are used for the Reference (floors, reference budgets) and for nothing else.
    draws : int
        Number of draws.
    random_seed : int, optional
        Seed.

    Returns
    -------
    Forecast
        Prior forecast at the rows of `runs`, in their order.
    """
    _check_needs(law, runs)
    reference = make_reference(runs)
    rows = reference.encode(runs.frame)
    weights = row_information(reference, rows, runs.frame["accuracy"].to_numpy(float))
    layout = make_layout(law, reference, rows, weights)
    rng = np.random.default_rng(random_seed)
    named = unpack(law, reference, layout, prior_vectors(law, layout, reference, rng, draws))
    return forecast_from(Draws(law, named, rng), reference, runs.frame, runs, notes=("drawn from the prior",))


def _check_needs(law: Law, runs: Runs) -> None:
    frame = runs.frame
    for column in law.needs:
        lacking = np.flatnonzero(frame[column].isna())
        if len(lacking):
            shown = ", ".join(str(row + 1) for row in lacking[:5]) + ("..." if len(lacking) > 5 else "")
            raise ValueError(f"{type(law).__name__} needs {column} in every row; empty in row {shown}")


def _warn_of_thin_data(reference: Reference, runs: Runs) -> None:
    counts = np.bincount(reference.encode(runs.frame).benchmark, minlength=len(reference.benchmarks))
    thin = [label for label, count in zip(reference.labels, counts, strict=True) if count == 1]
    if thin:
        warnings.warn(
            f"one row only for {', '.join(thin)}: its exponent is the population's, not its own",
            ThinDataWarning,
            stacklevel=3,
        )


def _sample(
    law: Law,
    reference: Reference,
    rows: Rows,
    layout: Layout,
    accuracy: Floats,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    progressbar: bool,
) -> "xr.DataTree":
    import nutpie

    from .model import build_model

    model = build_model(law, reference, rows, layout, accuracy)
    compiled = nutpie.compile_pymc_model(model, freeze_model=False)
    return nutpie.sample(
        compiled,
        draws=draws,
        tune=tune,
        chains=chains,
        seed=seed,
        target_accept=_TARGET_ACCEPT,
        progress_bar=progressbar,
        save_warmup=False,
    )


def _complete_tree(
    law: Law, reference: Reference, rows: Rows, layout: Layout, accuracy: Floats, sampled: "xr.DataTree"
) -> "xr.DataTree":
    import xarray as xr

    vectors = {str(name): array.to_numpy() for name, array in sampled["posterior"].dataset.items()}
    named = unpack(law, reference, layout, vectors)
    expected, sd = fitted_moments(law, reference, rows, named)
    samples = ("chain", "draw")
    sample_coords = {name: np.arange(size) for name, size in zip(samples, expected.shape[:2], strict=True)}
    coords = _coords(reference)
    dims = parameter_dims(reference, named)
    posterior = xr.Dataset({name: ((*samples, *dims[name]), value) for name, value in named.items()})
    used = {dim for names in dims.values() for dim in names}
    posterior = posterior.assign_coords(
        {
            **sample_coords,
            **{name: value for name, value in coords.items() if name in used or value[0] in used},
        }
    )
    observation = {
        "observation": np.arange(len(rows)),
        "benchmark": ("observation", np.array(reference.labels)[rows.benchmark]),
        "family": ("observation", np.array(reference.families)[rows.family]),
        "run": ("observation", np.array(reference.runs)[rows.run]),
    }
    likelihood = -0.5 * ((accuracy - expected) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
    constant = {name: ("observation", getattr(rows, name)) for name in ("log_flops", "n_items", "chance", "floor")}
    of_rows = (*samples, "observation")
    posterior.attrs = {"creation_library": "bayes_scaling", "sample_dims": list(samples)}
    statistics = sampled["sample_stats"].dataset
    keep = [
        "diverging",
        "energy",
        "tree_depth",
        "depth",
        "n_steps",
        "step_size",
        "acceptance_rate",
        "mean_tree_accept",
        "logp",
        "lp",
    ]
    return xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "sample_stats": statistics[[name for name in keep if name in statistics]],
            "observed_data": xr.Dataset({"accuracy": ("observation", accuracy)}, coords=observation),
            "constant_data": xr.Dataset(constant, coords=observation),
            "log_likelihood": xr.Dataset({"accuracy": (of_rows, likelihood)}, coords={**sample_coords, **observation}),
            "diagnostics": _diagnose(posterior, expected, statistics),
        }
    )


def _coords(reference: Reference) -> dict[str, Any]:
    return {
        "benchmark": ("benchmark", np.array(reference.labels)),
        "family": ("family", np.array(reference.families)),
        "run": ("run", np.array(reference.runs)),
        "curve": ("curve", np.array(reference.curve_labels)),
        "curve_family": ("curve", np.array(reference.families)[list(reference.curve_family)]),
        "curve_benchmark": ("curve", np.array(reference.labels)[list(reference.curve_benchmark)]),
    }


def parameter_dims(reference: Reference, named: dict[str, Floats]) -> dict[str, tuple[str, ...]]:
    """Dimensions of each named parameter beside the samples'."""
    of_benchmark = {"ceiling", "law_noise", "items"}
    found: dict[str, tuple[str, ...]] = {}
    for name, value in named.items():
        if value.ndim == 2:
            found[name] = ()
        elif name == "run_effect":
            found[name] = ("run",)
        elif name.endswith("_deviation"):
            found[name] = (f"{name}_coefficient",)
        elif name in of_benchmark or name.endswith("_benchmark"):
            found[name] = ("benchmark",)
        elif name.endswith("_family"):
            found[name] = ("family",)
        else:
            found[name] = ("curve",)
    return found


def _diagnose(posterior: "xr.Dataset", expected: Floats, statistics: "xr.Dataset") -> "xr.Dataset":
    import arviz as az
    import pandas as pd

    checked = posterior.assign(expected=(("chain", "draw", "observation"), expected))
    constant = [name for name, array in checked.items() if float(array.std()) == 0]
    checked = checked.drop_vars(constant)
    r_hat, bulk, tail = az.rhat(checked), az.ess(checked, method="bulk"), az.ess(checked, method="tail")
    rows = []
    for name in checked:
        worst = bulk[name]
        label = str(name)
        if worst.ndim:
            at = int(worst.argmin())
            label = str(worst[worst.dims[0]].values[at]) if worst.dims[0] in worst.coords else str(at)
        rows.append(
            {
                "parameter": str(name),
                "r_hat": float(r_hat[name].max()),
                "ess_bulk": float(bulk[name].min()),
                "ess_tail": float(tail[name].min()),
                "worst": label,
                "decides": name not in _REPORTED_ONLY and not str(name).endswith("_deviation"),
            }
        )
    sampler = {
        "parameter": "sampler",
        "worst": "",
        "decides": False,
        "divergences": float(statistics["diverging"].sum()),
        "e_bfmi": float(np.min(az.bfmi(statistics)["energy"])),
    }
    frame = pd.DataFrame([*rows, sampler]).set_index("parameter")
    return frame.astype({"decides": np.int8}).to_xarray()
