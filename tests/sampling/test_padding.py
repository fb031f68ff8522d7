"""Tables of several sizes in models of one."""

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.evaluation.folds import make_folds
from bayes_scaling.model.pooling import raw_moments
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.compiling import compile_model
from bayes_scaling.sampling.fitting import sample_specification
from bayes_scaling.sampling.padding import common_size, pad


@pytest.fixture(scope="module")
def specs():
    """The folds of a backtest, on three benchmarks."""
    runs = bs.load_dataset("cerebras_gpt").select(benchmark=["hellaswag", "piqa", "lambada_openai"])
    folds = make_folds(runs, "flops", None, keep_from=(), horizon=None)
    return [specify(bs.DirectLaw(), fold.train) for fold in folds]


def log_density(compiled, point):
    keys = [compiled.shared_var_keys[variable] for variable in compiled.logp_func.get_shared()]
    return compiled.logp_func.vm.jit_fn(point, *(compiled.shared_data[key] for key in keys))


def test_the_smallest_size_that_holds_all(specs):
    size = common_size(specs)
    assert size.rows == max(len(spec.rows) for spec in specs)
    assert size.runs == max(len(spec.reference.runs) for spec in specs) + 2
    assert {pad(spec, size).spec.shape for spec in specs} == {pad(specs[0], size).spec.shape}


def test_other_curves_have_no_common_size(specs, families_spec, rates_runs_of_five):
    assert common_size([*specs, families_spec]) is None
    assert common_size([specify(bs.PassAtKLaw(), rates_runs_of_five)]) is None
    assert common_size([specify(bs.DirectLaw(run_sd=None), specs[0].runs)]) is None
    assert common_size([specify(bs.TwoStageLaw(), specs[0].runs)]) is None


def test_what_fills_up_adds_its_own_prior_and_nothing_else(specs):
    """So the posterior of the table's part is the table's own; and one compiled model serves every fold."""
    size = common_size(specs)
    for number, spec in enumerate((specs[0], specs[-1])):
        padded = pad(spec, size)
        longer, reused = compile_model(spec, reuse=True, padded=padded)
        assert reused == (number > 0)
        plain, _ = compile_model(spec)
        n_hyper, n_raw = len(spec.layout.hypers), padded.spec.layout.size
        at = np.concatenate([np.arange(n_hyper), n_hyper + padded.raw, np.arange(n_hyper + n_raw, longer.n_dim)])
        assert len(at) == plain.n_dim
        for seed in range(3):
            point = longer.initial_point_func(seed) + np.random.default_rng(seed).normal(0, 0.1, longer.n_dim)
            hyper, raw = point[:n_hyper], point[n_hyper : n_hyper + n_raw]
            mean, sd = (np.broadcast_to(part, n_raw) for part in raw_moments(padded.spec.layout, hyper))
            filling = np.setdiff1d(np.arange(n_raw), padded.raw)
            prior = -0.5 * ((raw - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
            ours, truth = log_density(longer, point), log_density(plain, point[at])
            assert ours[0] - prior[filling].sum() == pytest.approx(truth[0], rel=1e-9)
            of_effects = slice(n_hyper, None)
            assert ours[1][at][of_effects] == pytest.approx(truth[1][of_effects], rel=1e-7, abs=1e-9)


def test_a_fit_in_a_longer_model_is_a_fit_of_its_table(specs):
    spec = specs[0]
    options = {"draws": 400, "tune": 300, "chains": 4, "progressbar": False, "keep_interrupted": False}
    fits = [
        sample_specification(spec, spec.runs, seed=1, reuse=True, size=size, **options)
        for size in (common_size(specs), None)
    ]
    longer, own = (fit.posterior for fit in fits)
    assert dict(longer.sizes) == dict(own.sizes)
    for name in ("level", "exponent", "run_effect"):
        sd = own[name].std(("chain", "draw"))
        difference = longer[name].mean(("chain", "draw")) - own[name].mean(("chain", "draw"))
        assert (abs(difference) < 0.25 * sd).all(), name
        assert abs(np.log(longer[name].std(("chain", "draw")) / sd)).max() < 0.35, name
