"""Where to forecast: planned runs and budgets as encoded points, with codes for labels that were not fitted."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .budget_grid import Budgets
from .prediction import Points
from .reference import Benchmark, Reference

Floats = NDArray[np.float64]

_USUAL_FLOPS_PER_ND = 6.0


def make_points(reference: Reference, frame: pd.DataFrame) -> Points:
    """Encode the rows of a frame; points that share a label that was not fitted share its code.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Returns
    -------
    Points
        The points, in the rows' order.
    """
    rows = reference.encode(frame)
    benchmark = np.where(rows.benchmark < 0, frame["benchmark"].astype(str), "")
    family = np.where(rows.family < 0, frame["family"].astype(str), "")
    pair = frame["family"].astype(str) + "\0" + frame["benchmark"].astype(str)
    run = frame["family"].astype(str) + "\0" + frame["run"].astype(str)
    return Points(
        rows,
        new_benchmark=_codes(benchmark, rows.benchmark < 0),
        new_family=_codes(family, rows.family < 0),
        new_curve=_codes(pair.to_numpy(), rows.curve < 0),
        new_run=_codes(run.to_numpy(), rows.run < 0),
    )


def budget_frame(reference: Reference, at: Budgets) -> pd.DataFrame:
    """Rows of every benchmark and family at every budget: runs outermost, then families, then benchmarks.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    at : Budgets
        The budgets.

    Returns
    -------
    DataFrame
        In the columns of `Runs.frame`; one run a budget and family.

    Raises
    ------
    ValueError
        For labels that were not fitted.
    """
    benchmarks = _chosen_benchmarks(reference, at.benchmark)
    families = reference.families if at.family is None else at.family
    for family in families:
        if family not in reference.families:
            raise ValueError(f"family {family!r} was not fitted; the fit knows {', '.join(reference.families)}")
    rule = reference.flops_per_nd if np.isfinite(reference.flops_per_nd) else _USUAL_FLOPS_PER_ND
    rows = []
    for flops, params, tokens in zip(at.flops, at.params, at.tokens, strict=True):
        total = flops if np.isfinite(flops) else rule * params * tokens
        for family in families:
            run = f"{family} at {total:.4g} FLOPs" if len(families) > 1 else f"{total:.4g} FLOPs"
            for benchmark in benchmarks:
                rows.append((run, family, params, tokens, total, benchmark.name, benchmark.metric, benchmark.shots))
    columns = ["run", "family", "params", "tokens", "flops", "benchmark", "metric", "shots"]
    frame = pd.DataFrame(rows, columns=columns)
    shots = pd.to_numeric(frame["shots"].replace("", np.nan))
    return frame.assign(shots=shots, metric=frame["metric"].replace("", None))


def check_labels(reference: Reference, frame: pd.DataFrame) -> None:
    """Refuse benchmarks and families that were not fitted, listing the known ones.

    Parameters
    ----------
    reference : Reference
        What was read off the fitted table.
    frame : DataFrame
        Rows in the columns of `Runs.frame`.

    Raises
    ------
    ValueError
        Where a label was not fitted.
    """
    rows = reference.encode(frame)
    for column, codes, known in (
        ("benchmark", rows.benchmark, reference.labels),
        ("family", rows.family, reference.families),
    ):
        if (codes < 0).any():
            unknown = ", ".join(map(repr, dict.fromkeys(frame[column].astype(str)[codes < 0])))
            raise ValueError(
                f"{column} {unknown} was not fitted; the fit knows {', '.join(known)}. "
                'new_groups="sample" draws it from the population'
            )


def unseen_pairs(reference: Reference, frame: pd.DataFrame) -> list[str]:
    """Names of the (family, benchmark) curves of a frame that were not fitted."""
    rows = reference.encode(frame)
    pairs = frame["family"].astype(str) + " | " + frame["benchmark"].astype(str)
    return list(dict.fromkeys(pairs[rows.curve < 0]))


def extrapolation_decades(reference: Reference, points: Points) -> Floats:
    """Powers of ten between each point's FLOPs and the fitted budgets of its curve; 0 between them, negative below.

    A point of a family that was not fitted is measured from its benchmark's budgets, one of a new benchmark from all.
    """
    bases = reference.bases["benchmark"]
    of_benchmark = [(b.centre + b.points.min(), b.centre + b.points.max()) for b in bases]
    everything = (min(low for low, _ in of_benchmark), max(high for _, high in of_benchmark))
    curves = reference.bases.get("curve")
    of_curve = (
        of_benchmark if curves is None else [(b.centre + b.points.min(), b.centre + b.points.max()) for b in curves]
    )
    rows = points.rows
    decades = np.zeros(len(rows))
    for i, (curve, benchmark) in enumerate(zip(rows.curve, rows.benchmark, strict=True)):
        known = of_benchmark[benchmark] if benchmark >= 0 else everything
        low, high = of_curve[curve] if curve >= 0 else known
        distance = max(rows.log_flops[i] - high, 0.0) + min(rows.log_flops[i] - low, 0.0)
        decades[i] = 0.0 if abs(distance) < 1e-6 else distance / np.log(10)
    return decades


def _chosen_benchmarks(reference: Reference, names: tuple[str, ...] | None) -> list[Benchmark]:
    if names is None:
        return list(reference.benchmarks)
    chosen = []
    for name in names:
        found = [b for b in reference.benchmarks if name == b.label] or [
            b for b in reference.benchmarks if name == b.name
        ]
        if not found:
            raise ValueError(f"benchmark {name!r} was not fitted; the fit knows {', '.join(reference.labels)}")
        chosen += found
    return chosen


def _codes(labels: NDArray[np.object_], new: NDArray[np.bool_]) -> NDArray[np.int64]:
    codes = np.full(len(labels), -1, np.int64)
    codes[new] = pd.factorize(pd.Series(labels[new], dtype=object))[0]
    return codes
