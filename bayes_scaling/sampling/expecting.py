"""How long a fit will take, from how long its gradient takes."""

from typing import Any

import numpy as np

from ..machine import usable_cores

#: Gradients a draw takes: between 15 and 63 on the tables of `tests/benchmarks`, most often so many.
_GRADIENTS = 31
_TRIES = 30


def usual_seconds(compiled: Any, draws: int, chains: int) -> float:
    """Seconds that chains usually take for their draws, those of tuning included; NaN where a gradient has no time.

    Parameters
    ----------
    compiled : nutpie.CompiledModel
        The model.
    draws : int
        Draws of each chain.
    chains : int
        Chains, which share the cores of this machine.
    """
    point = np.asarray(compiled.initial_point_func(0), float)
    try:
        seconds = float(np.nanmin(compiled.benchmark_logp(point, _TRIES, 1).to_numpy()))
    except (RuntimeError, ValueError):  # a start that the model refuses, of which the sampler draws another
        return np.nan
    return seconds * _GRADIENTS * draws * chains / min(chains, usable_cores())
