"""Tables whose tokens per parameter move in a known way along the runs."""

import numpy as np
import pandas as pd

import bayes_scaling as bs

SIZES = np.geomspace(1e8, 1e10, 8)


def table(params, tokens, family="suite", *, flops_per_nd=6.0):
    """Scores on two benchmarks of runs of these sizes, from A / N^a + B / D^b with a little luck."""
    params, tokens = np.broadcast_arrays(np.asarray(params, float), np.asarray(tokens, float))
    flops = np.broadcast_to(flops_per_nd, params.shape) * params * tokens
    rng = np.random.default_rng(1)
    frames = []
    for benchmark, level in (("hellaswag", 1.0), ("piqa", 0.7)):
        error = level * ((params / 1e9) ** -0.15 + (tokens / 2e10) ** -0.15) / 2
        q = np.exp(-error * np.exp(0.01 * rng.normal(size=len(params))))
        chance = {"hellaswag": 0.25, "piqa": 0.5}[benchmark]
        frames.append(pd.DataFrame({"benchmark": benchmark, "accuracy": chance + (1 - chance) * q}))
        frames[-1] = frames[-1].assign(
            run=[f"{family}-{i}" for i in range(len(params))],
            family=family,
            params=params,
            tokens=tokens,
            flops=flops,
            n_items=5000,
        )
    return pd.concat(frames, ignore_index=True)


def constant_tokens(family="suite"):
    """All runs read the same tokens: their ratio falls from 3000 to 30."""
    return bs.Runs(table(SIZES, 3e11, family))


def one_ratio(family="suite"):
    """All runs read 20 tokens for each parameter."""
    return bs.Runs(table(SIZES, 20 * SIZES, family))


def crossed(family="suite"):
    """Four sizes, each with three numbers of tokens."""
    params, tokens = np.meshgrid(np.geomspace(1e8, 1e10, 4), np.geomspace(2e9, 2e11, 3))
    return bs.Runs(table(params.ravel(), tokens.ravel(), family))


def partly_missing():
    """Constant tokens; two runs have FLOPs alone."""
    frame = constant_tokens().frame
    known = ~frame["run"].isin(["suite-1", "suite-2"])
    return bs.Runs(frame.assign(params=frame["params"].where(known), tokens=frame["tokens"].where(known)))


def other_rule():
    """One ratio; FLOPs are 1.1 to 1.8 times 6ND."""
    return bs.Runs(table(SIZES, 20 * SIZES, flops_per_nd=6 * np.linspace(1.8, 1.1, len(SIZES))))


def mixed_rules():
    """As `other_rule`; the parameters of one run are missing."""
    frame = other_rule().frame
    return bs.Runs(frame.assign(params=frame["params"].mask(frame["run"] == "suite-3")))


def with_losses():
    """Constant tokens, and the loss of every run."""
    frame = constant_tokens().frame
    return bs.Runs(frame.assign(loss=1.8 + (frame["params"] / 1e8) ** -0.3))
