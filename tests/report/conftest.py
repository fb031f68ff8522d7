import warnings

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs

#: Names that a page, a table or a spreadsheet might take for something of its own.
HOSTILE = ("<script>alert(1)</script>", "=1+cmd|' /C calc'!A0", "a|b_c $x$ \\y & 100%", "{{ 7 * 7 }}`~#[z](w)")


@pytest.fixture(scope="session")
def hostile_fit():
    """A fit whose benchmarks, families and runs have hostile names; few draws."""
    rng = np.random.default_rng(1)
    rows = [
        {
            "run": f"{HOSTILE[i % 4]} {i}",
            "family": HOSTILE[f],
            "benchmark": name,
            "flops": 10.0 ** (19 + i / 2),
            "accuracy": min(0.9, 0.3 + 0.08 * i + 0.02 * b + rng.normal(0, 0.005)),
            "n_items": 1000,
            "chance": 0.25,
        }
        for f in range(2)
        for i in range(f, f + 5)
        for b, name in enumerate(HOSTILE)
    ]
    runs = bs.Runs(pd.DataFrame(rows).assign(run=lambda t: t["run"] + t["family"].map(lambda name: name[:3])))
    options = {"draws": 50, "tune": 200, "chains": 2, "random_seed": 1, "progressbar": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # thin data and few draws are what it is made of
        return bs.fit(bs.DirectLaw(), runs, **options)


@pytest.fixture(scope="session")
def bundle(cerebras_fit, cerebras_held_out, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles") / "bundle"
    return bs.write_bundle(cerebras_fit, folder, flops=[1e23, 1e24], held_out=cerebras_held_out)
