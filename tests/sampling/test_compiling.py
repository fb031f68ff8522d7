import os
import subprocess
import sys

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.compiling import compile_model

SHORT = {"draws": 50, "tune": 200, "chains": 2, "random_seed": 1, "progressbar": False}


@pytest.fixture(scope="module")
def tables(cerebras_train):
    """A table, and one with the same runs and benchmarks and other scores and budgets."""
    frame = cerebras_train.select(benchmark=["hellaswag", "piqa", "lambada_openai"]).frame
    noise = np.random.default_rng(0).normal(0, 0.02, len(frame))
    return bs.Runs(frame), bs.Runs(frame.assign(accuracy=frame["accuracy"] + noise, flops=frame["flops"] * 1.5))


def fit_again(runs):
    with pytest.warns(bs.ConvergenceWarning):
        return bs.fit(bs.DirectLaw(), runs, reuse=True, **SHORT)


def log_density(compiled, point):
    """Log density of a compiled model and its gradient, at a point on the sampler's scale."""
    keys = [compiled.shared_var_keys[variable] for variable in compiled.logp_func.get_shared()]
    return compiled.logp_func.vm.jit_fn(point, *(compiled.shared_data[key] for key in keys))


def test_a_reused_model_is_that_of_its_own_table(tables):
    """The density and its gradient agree with those of a model with the table in it."""
    first, reused_first = compile_model(specify(bs.DirectLaw(), tables[0]), reuse=True)
    spec = specify(bs.DirectLaw(), tables[1])
    opened, reused = compile_model(spec, reuse=True)
    plain, never = compile_model(spec)
    assert (reused_first, reused, never) == (False, True, False)
    rng = np.random.default_rng(2)
    for _ in range(3):
        point = opened.initial_point_func(1) + rng.normal(0, 0.2, opened.n_dim)
        ours, truth = log_density(opened, point), log_density(plain, point)
        assert ours[0] == pytest.approx(truth[0], rel=1e-9)
        assert ours[1] == pytest.approx(truth[1], rel=1e-7, abs=1e-9)
        assert ours[0] != pytest.approx(log_density(first, point)[0], rel=1e-3)


def test_chains_start_at_their_own_table(tables):
    first, second = (compile_model(specify(bs.DirectLaw(), runs), reuse=True)[0] for runs in tables)
    assert not np.allclose(first.initial_point_func(1), second.initial_point_func(1))
    assert np.array_equal(first.initial_point_func(1), first.initial_point_func(1))
    assert not np.array_equal(first.initial_point_func(1), first.initial_point_func(2))


def test_fits_do_not_depend_on_what_was_compiled_before(tables):
    """Nor do they touch each other: the table of the first fit is still its own after the second."""
    before, other, after = (fit_again(tables[which]) for which in (0, 1, 0))
    assert after.posterior.equals(before.posterior)
    assert not other.posterior.equals(before.posterior)
    assert other.provenance["reused_model"]


def test_another_shape_is_compiled_anew(tables, cerebras_train):
    assert specify(bs.DirectLaw(), tables[0]).shape == specify(bs.DirectLaw(), tables[1]).shape
    fewer = cerebras_train.select(benchmark=["hellaswag", "piqa"])
    spec = specify(bs.DirectLaw(), fewer)
    assert spec.shape != specify(bs.DirectLaw(), tables[0]).shape
    assert spec.shape != specify(bs.DirectLaw(ceiling=None), fewer).shape


FIT_AND_SUM = f"""
import hashlib, warnings
import bayes_scaling as bs
warnings.simplefilter("ignore", bs.ConvergenceWarning)
fit = bs.fit(bs.DirectLaw(), bs.load_dataset("cerebras_gpt").select(benchmark="piqa"), **{SHORT!r})
print(hashlib.sha256(fit.posterior["exponent"].to_numpy().tobytes()).hexdigest())
"""


def test_a_seed_gives_the_same_draws_whether_or_not_its_parts_were_compiled_before(tmp_path):
    """The first process compiles every part of the model, the second finds them on disk."""
    flags = {**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={tmp_path}"}
    first, second = (
        subprocess.run(
            [sys.executable, "-c", FIT_AND_SUM], env=flags, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )
    assert any(tmp_path.rglob("*.nbi"))
    assert len(first.strip()) == 64
    assert first == second
