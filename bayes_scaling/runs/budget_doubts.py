"""Budgets that can hardly be right: params, tokens, FLOPs, losses, and checkpoints that pass for runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..wording import brief_number, counted, listed
from .importers.checkpoints import checkpoint_of
from .importers.names import ModelName

_NAMED = 4
_OFF_BOTH, _OFF_ONE = 10.0, 30.0  # tokens per parameter over those of both neighbours, or of the only one
_OFF_RULE = 5.0  # FLOPs over 6ND, beside those of the other runs
_PERPLEXITY = 12.5  # nats per token: more than the log of any vocabulary


def budget_doubts(runs: pd.DataFrame) -> list[str]:
    """Say which budgets can hardly be right.

    Parameters
    ----------
    runs : DataFrame
        A row a run, in the columns of `Runs.frame`.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> budget_doubts(bs.load_dataset("cerebras_gpt").frame.drop_duplicates("run"))
    []
    """
    return [*_swapped(runs), *_off_neighbours(runs), *_off_rule(runs), *_perplexities(runs), *_checkpoints(runs)]


def _swapped(runs: pd.DataFrame) -> list[str]:
    ratio = (runs["tokens"] / runs["params"]).dropna()
    if not len(ratio) or not (ratio < 0.5).mean() > 0.5:
        return []
    first = runs.loc[ratio.index[0]]
    return [
        f"{first['run']} has {brief_number(first['params'])} params and {brief_number(first['tokens'])} tokens: fewer "
        "tokens than params, as in most runs here; are the two swapped?"
    ]


def _last_of_each(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the furthest checkpoint of each training run."""
    furthest = runs.sort_values("flops").drop_duplicates("trajectory", keep="last")
    return furthest[furthest["params"].notna() & furthest["tokens"].notna()]


def _off_neighbours(runs: pd.DataFrame) -> list[str]:
    """Runs whose tokens per parameter are far from those of the next smaller and the next larger run."""
    found = []
    for _, rows in _last_of_each(runs).groupby("family", sort=False):
        if len(rows) < 4:
            continue
        ordered = rows.sort_values("params", kind="stable")
        logs = np.log((ordered["tokens"] / ordered["params"]).to_numpy(float))
        for place, row in enumerate(ordered.itertuples()):
            around = [logs[place] - logs[other] for other in (place - 1, place + 1) if 0 <= other < len(logs)]
            least = np.log(_OFF_BOTH if len(around) == 2 else _OFF_ONE)
            if all(step > least for step in around) or all(step < -least for step in around):
                found.append(
                    f"{row.run} has {brief_number(float(np.exp(logs[place])))} tokens per parameter, "
                    f"{brief_number(float(np.exp(abs(around[0]))))} times {'more' if around[0] > 0 else 'fewer'} than "
                    "runs of its size: a slip of a unit?"
                )
    return found


def _off_rule(runs: pd.DataFrame) -> list[str]:
    """Runs whose FLOPs over 6ND are far from those of the others."""
    times = (runs["flops"] / (6 * runs["params"] * runs["tokens"])).dropna()
    if len(times) < 4:
        return []
    usual = float(times.median())
    off = times[(times > _OFF_RULE * usual) | (times < usual / _OFF_RULE)]
    return [
        f"FLOPs of {name} are {brief_number(value)} times 6 * params * tokens, those of other runs "
        f"{brief_number(usual)} times: a slip of a unit?"
        for name, value in zip(runs.loc[off.index, "run"], off, strict=True)
    ][:_NAMED]


def _perplexities(runs: pd.DataFrame) -> list[str]:
    high = runs[runs["loss"] > _PERPLEXITY]
    if high.empty:
        return []
    first = high.iloc[0]
    return [
        f"loss {brief_number(first['loss'])} of {first['run']} is a perplexity, not nats per token: the loss would be "
        f"{brief_number(float(np.log(first['loss'])))}"
    ]


def _checkpoints(runs: pd.DataFrame) -> list[str]:
    """Runs that are checkpoints of one training run by their names, and do not say so."""
    alone = runs[runs["trajectory"] == runs["run"]]
    of_run: dict[str, list[str]] = {}
    for name in alone["run"]:
        text, _, revision = str(name).partition("@")
        if checkpoint := checkpoint_of(ModelName(text, revision)):
            of_run.setdefault(checkpoint.trajectory, []).append(str(name))
    several = {run: names for run, names in of_run.items() if len(names) > 1}
    if not several:
        return []
    first, names = next(iter(several.items()))
    return [
        f"{listed(map(repr, names), 2)} look like checkpoints of {first!r} and count as training runs: a column "
        f"trajectory with the run's name tells so ({counted(len(several), 'training run')})"
    ]
