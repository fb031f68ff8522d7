"""The two pure alternatives to the best choice of training and attempts: a single attempt, and no further training."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.from_fit import forecast_from, planned_points
from ..forecasting.quantities import Quantity
from ..posterior.fit import Fit
from ..runs.columns import score_labels
from ..runs.table import Runs
from ..wording import flops_in_words
from .answers import interval_of
from .surfaces import SEARCHED, Prices, Surface

#: Names of the alternatives in tables.
ONE_ATTEMPT, NO_TRAINING = "more training, one attempt", "no training, more attempts"
_OUTCOMES = ("accuracy", "stderr", "loss", "n_correct", "problem", "n_samples", "temperature")


@dataclass(frozen=True)
class LargestRun:
    """The largest run of a family that was scored on a benchmark, and draws of its rates at each k, (samples, ks)."""

    run: str
    flops: float
    params: float
    expected: Floats
    score: Floats

    def of(self, quantity: Quantity) -> Floats:
        """Draws of what is asked for."""
        return self.score if quantity == "score" else self.expected


def largest_run(fit: Fit, prices: Prices, k: Floats, benchmark: str, family: str) -> LargestRun:
    """Find the largest run, and forecast it at each k: it keeps its fitted luck, and its own attempts go on."""
    frame = fit.runs.frame
    own = frame[(score_labels(frame) == benchmark) & (frame["family"].astype(str) == family)]
    outcomes = [name for name in own.columns.astype(str) if name.startswith(_OUTCOMES)]
    row = own.loc[[own["flops"].idxmax()]].drop(columns=outcomes)
    at = row.loc[row.index.repeat(len(k))].assign(k=k).reset_index(drop=True)
    draws = fit.draws(np.random.default_rng(0))
    draws = draws.every(max(draws.size // SEARCHED, 1))
    found = forecast_from(draws, fit.fitted, planned_points(fit, Runs(at)), notes=())
    flops = float(row["flops"].item())
    known = "params" in row and row["params"].notna().all()
    params = float(row["params"].item()) if known else float(prices.params(np.array(flops)))
    return LargestRun(str(row["run"].item()), flops, params, found.array("expected"), found.array("score"))


def alternatives_for_target(
    surface: Surface, frontier: pd.DataFrame, largest: LargestRun, prices: Prices, asked: dict[str, Any], of: Quantity
) -> list[dict[str, Any]]:
    """What a target costs with a single attempt, and without further training, each a row; NaN where it cannot be.

    Parameters
    ----------
    surface : Surface
        Rates over training budgets and attempts.
    frontier : DataFrame
        Training budget that each k needs.
    largest : LargestRun
        Today's largest run.
    prices : Prices
        What training and inference cost.
    asked : dict
        ``target`` and ``probability``.
    of : {"score", "expected"}
        What is to reach the target.
    """
    flops = float(frontier["flops"].iloc[0])
    rates = surface.at(np.full(len(surface.k), flops))[:, 0] if np.isfinite(flops) else np.array([np.nan])
    one = _row(ONE_ATTEMPT, "", prices, flops, 1.0 if np.isfinite(flops) else np.nan, rates)
    reached = (largest.of(of) >= asked["target"]).mean(axis=0) >= asked["probability"]
    at = int(reached.argmax())
    k, rates = (float(surface.k[at]), largest.of(of)[:, at]) if reached.any() else (np.nan, np.array([np.nan]))
    return [asked | one, asked | _sampled(largest, prices, k, rates)]


def alternatives_for_total(
    surface: Surface, largest: LargestRun, prices: Prices, total: float, of: Quantity
) -> list[dict[str, Any]]:
    """What a total budget reaches with a single attempt, and without further training, each a row."""
    flops = float(prices.training(total, np.ones(1))[0])
    one = _row(ONE_ATTEMPT, "", prices, flops, 1.0, surface.at(np.full(len(surface.k), flops))[:, 0])
    affordable = prices.generated(largest.params, surface.k) <= total
    at = int(np.flatnonzero(affordable)[-1]) if affordable.any() else -1
    k, rates = (float(surface.k[at]), largest.of(of)[:, at]) if at >= 0 else (np.nan, np.array([np.nan]))
    return [{"budget": total} | one, {"budget": total} | _sampled(largest, prices, k, rates)]


def alternatives_in_words(rows: pd.DataFrame) -> str:
    """Say the alternatives to the last choice in one sentence."""
    one, sampled = (rows[rows["way"] == way].iloc[-1] for way in (ONE_ATTEMPT, NO_TRAINING))
    of_target = "target" in rows
    reached = "" if of_target else " {:.3g}"
    if np.isnan(one["flops"]):
        first = "With one attempt no training that was searched reaches it"
    elif of_target:
        first = f"With one attempt it takes {flops_in_words(one['flops'])} FLOPs of training"
    else:
        first = f"With one attempt, {flops_in_words(one['flops'])} FLOPs of training solve{reached.format(one['rate'])}"
    if np.isnan(sampled["k"]):
        second = f"without further training {sampled['run']} does not reach it with the k that were searched"
        if not of_target:
            second = f"a single attempt of {sampled['run']} costs more than that"
    else:
        second = f"without further training {sampled['run']} {{}} k = {sampled['k']:g}"
        second = second.format("takes" if of_target else f"solves{reached.format(sampled['rate'])} with")
        second += f", {flops_in_words(sampled['total_flops'])} FLOPs of inference"
    return f"{first}; {second}."


def _sampled(largest: LargestRun, prices: Prices, k: float, rates: Floats) -> dict[str, Any]:
    inference = float(prices.generated(largest.params, np.array(k)))
    row = {"way": NO_TRAINING, "run": largest.run, "flops": 0.0, "k": k, "params": largest.params}
    return row | {"inference_flops": inference, "total_flops": inference} | interval_of("rate", rates)


def _row(way: str, run: str, prices: Prices, flops: float, k: float, rates: Floats) -> dict[str, Any]:
    at = np.array(flops)
    inference = float(prices.inference(at, np.array(k)))
    row = {"way": way, "run": run, "flops": flops, "k": k, "params": float(prices.params(at))}
    return row | {"inference_flops": inference, "total_flops": flops + inference} | interval_of("rate", rates)
